//! Alerts with one cause, put together.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::domain::alert::AlertKind;
use crate::domain::deadlines::{ABANDONED_AFTER, CAPTURE_LIMIT};
use crate::domain::pause::PauseOf;
use crate::ledger::PauseRow;
use crate::ledger::pages::PageAlert;

/// An alert, and the arguments of its reason.
pub(super) type Read<'a> = (&'a PageAlert, Value);

/// What alerts with one cause have in common.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Cause<'a> {
    /// A pause of the merchant keeps the orders.
    Pause(&'a str),
    /// Of one row each: a person says something else about each.
    Alone(i64),
    Alike {
        kind: &'a str,
        severity: &'a str,
        merchant: &'a str,
    },
}

pub(super) struct Group<'a> {
    pub cause: Cause<'a>,
    /// That of the cause first.
    pub alerts: Vec<Read<'a>>,
}

/// Of equally loud ones that first whose orders are lost first.
pub(super) fn groups<'a>(alerts: &'a [PageAlert], pauses: &'a [PauseRow], now: DateTime<Utc>) -> Vec<Group<'a>> {
    let captures = pauses.iter().filter(|p| p.action == PauseOf::Capture.word());
    let paused: BTreeSet<&str> = captures.map(|p| p.merchant_id.as_str()).collect();
    let loudest = loudest(alerts);
    let mut groups: Vec<Group<'_>> = Vec::new();
    for alert in alerts {
        let args = args(alert);
        let cause = cause(alert, &args, &paused, &loudest);
        match groups.iter_mut().find(|known| known.cause == cause) {
            Some(group) => group.alerts.push((alert, args)),
            None => groups.push(Group { cause, alerts: vec![(alert, args)] }),
        }
    }
    for group in &mut groups {
        if let Cause::Alike { kind, .. } = group.cause {
            group.alerts.sort_by_key(|(alert, _)| (alert.kind != kind, lost_at(alert, now)));
        }
    }
    groups.sort_by_key(|group| (group.first().map(|(alert, _)| rank(&alert.severity)), group.lost_at(now)));
    groups
}

impl<'a> Group<'a> {
    pub fn first(&self) -> Option<&Read<'a>> {
        self.alerts.first()
    }

    /// An alert of each order.
    pub fn orders(&self) -> Vec<&'a PageAlert> {
        let mut seen = BTreeSet::new();
        let of_order = self.alerts.iter().map(|(alert, _)| *alert).filter(|alert| alert.merchant_trade_no.is_some());
        of_order.filter(|alert| seen.insert((alert.order_id, &alert.merchant_id, &alert.merchant_trade_no))).collect()
    }

    fn lost_at(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        let times = self.alerts.iter().map(|(alert, _)| lost_at(alert, now));
        times.min().unwrap_or(DateTime::<Utc>::MAX_UTC)
    }
}

/// When the next chance to get the order's money is lost; at the end of time, if none of it is at stake.
fn lost_at(alert: &PageAlert, now: DateTime<Utc>) -> DateTime<Utc> {
    let kind = AlertKind::parse(&alert.kind);
    let since = alert.authorized_at().filter(|_| kind.is_some_and(is_about_the_capture));
    let limits = since.into_iter().flat_map(|since| [since + CAPTURE_LIMIT, since + ABANDONED_AFTER]);
    limits.filter(|limit| *limit > now).min().unwrap_or(DateTime::<Utc>::MAX_UTC)
}

fn is_about_the_capture(kind: AlertKind) -> bool {
    matches!(
        kind,
        AlertKind::CaptureEnding | AlertKind::CaptureFailing | AlertKind::CaptureOverdue | AlertKind::Expiring
    )
}

/// That the capture is overdue and that the order is abandoned soon is one thing to do.
fn is_about_the_end(alert: &PageAlert) -> bool {
    matches!(AlertKind::parse(&alert.kind), Some(AlertKind::CaptureOverdue | AlertKind::Expiring))
}

/// Of each order's alerts of that kind the loudest; of equals the one that tells how long there is left.
fn loudest(alerts: &[PageAlert]) -> BTreeMap<i64, &PageAlert> {
    let mut loudest: BTreeMap<i64, &PageAlert> = BTreeMap::new();
    let place = |alert: &PageAlert| (rank(&alert.severity), alert.kind != AlertKind::Expiring.word());
    for alert in alerts.iter().filter(|alert| is_about_the_end(alert)) {
        let Some(order) = alert.order_id else { continue };
        let known = loudest.entry(order).or_insert(alert);
        if place(alert) < place(known) {
            *known = alert;
        }
    }
    loudest
}

fn cause<'a>(
    alert: &'a PageAlert,
    args: &Value,
    paused: &BTreeSet<&str>,
    loudest: &BTreeMap<i64, &'a PageAlert>,
) -> Cause<'a> {
    let would_capture = || within(args, &["capture_ahead", "capture_due"]);
    if within(args, &["paused", "due_yet_paused"]) || (paused.contains(&*alert.merchant_id) && would_capture()) {
        return Cause::Pause(&alert.merchant_id);
    }
    if args["code"] == "attempt_needs_person" || alert.order_id.is_none() {
        return Cause::Alone(alert.id);
    }
    let known = alert.order_id.and_then(|order| loudest.get(&order)).filter(|_| is_about_the_end(alert));
    let of = known.copied().unwrap_or(alert);
    Cause::Alike { kind: &of.kind, severity: &of.severity, merchant: &alert.merchant_id }
}

/// One of the codes stands somewhere in the reason.
fn within(reason: &Value, codes: &[&str]) -> bool {
    let deeper = |name: &str| reason.get(name).is_some_and(|inner| within(inner, codes));
    reason["code"].as_str().is_some_and(|code| codes.contains(&code)) || deeper("then") || deeper("why")
}

fn args(alert: &PageAlert) -> Value {
    alert.reason.as_ref().and_then(|json| serde_json::from_str(json.text()).ok()).unwrap_or_default()
}

fn rank(severity: &str) -> u8 {
    match severity {
        "critical" => 0,
        "warning" => 1,
        _ => 2,
    }
}
