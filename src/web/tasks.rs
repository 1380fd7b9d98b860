//! What needs somebody: open alerts, put together by their cause.
//!
//! A pause alone would be an alert for each order that it holds up; a person has one thing to do about it.

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::ask::Ask;
use super::form::{self, minute, money};
use super::sentences;
use crate::domain::alert::AlertKind;
use crate::domain::pause::PauseOf;
use crate::ledger::PauseRow;
use crate::ledger::pages::PageAlert;

/// As many alerts as are put together; the counts tell that there are more.
pub const MOST: i64 = 500;

/// Events are acknowledged one by one; as many commands stand beside a task.
const ACKS: usize = 5;

/// As many of its orders as a task names.
const NAMED: usize = 50;

/// One thing to do, or to know.
pub struct Task {
    /// `critical`, `warning`, `notice`.
    pub severity: String,
    pub mark: &'static str,
    pub severity_word: String,
    pub title: String,
    pub kinds: String,
    /// What is the matter, and what to do about it.
    pub sentence: String,
    pub commands: Vec<Command>,
    pub orders: Vec<TaskOrder>,
    pub since: String,
    pub alerts: Vec<i64>,
    /// Where the page says who was told: a line for each channel.
    pub told: Vec<String>,
    pub seen_by: Option<String>,
    /// Somebody has to do something before it goes.
    pub needs_you: bool,
    /// Stays until it is acknowledged.
    pub is_event: bool,
}

#[derive(Clone)]
pub struct Command {
    /// When to type it, where there is a choice.
    pub when: &'static str,
    pub text: String,
}

pub struct TaskOrder {
    pub number: String,
    pub link: Option<String>,
    pub amount: String,
    pub authorized_at: String,
}

/// What alerts with one cause have in common.
#[derive(PartialEq)]
enum Cause<'a> {
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

fn cause<'a>(alert: &'a PageAlert, args: &Value, paused: &[&str]) -> Cause<'a> {
    let would_capture = || within(args, &["capture_ahead", "capture_due"]);
    if within(args, &["paused", "due_yet_paused"]) || (paused.contains(&&*alert.merchant_id) && would_capture()) {
        return Cause::Pause(&alert.merchant_id);
    }
    if args["code"] == "attempt_needs_person" || alert.order_id.is_none() {
        return Cause::Alone(alert.id);
    }
    Cause::Alike { kind: &alert.kind, severity: &alert.severity, merchant: &alert.merchant_id }
}

/// One of the codes stands somewhere in the reason.
fn within(reason: &Value, codes: &[&str]) -> bool {
    let deeper = |name: &str| reason.get(name).is_some_and(|inner| within(inner, codes));
    reason["code"].as_str().is_some_and(|code| codes.contains(&code)) || deeper("then") || deeper("why")
}

fn args(alert: &PageAlert) -> Value {
    alert.reason.as_ref().and_then(|json| serde_json::from_str(json.text()).ok()).unwrap_or_default()
}

/// In the order of the alerts, which are the loudest first.
pub fn tasks(ask: &Ask<'_>, alerts: &[PageAlert], pauses: &[PauseRow]) -> Vec<Task> {
    let captures = pauses.iter().filter(|p| p.action == PauseOf::Capture.word());
    let paused: Vec<&str> = captures.map(|p| p.merchant_id.as_str()).collect();
    let read: Vec<(&PageAlert, Value)> = alerts.iter().map(|alert| (alert, args(alert))).collect();
    let mut groups: Vec<(Cause<'_>, Vec<&(&PageAlert, Value)>)> = Vec::new();
    for one in &read {
        let cause = cause(one.0, &one.1, &paused);
        match groups.iter_mut().find(|(known, _)| *known == cause) {
            Some((_, group)) => group.push(one),
            None => groups.push((cause, vec![one])),
        }
    }
    groups.iter().filter_map(|(cause, group)| task(ask, cause, group)).collect()
}

fn task(ask: &Ask<'_>, cause: &Cause<'_>, group: &[&(&PageAlert, Value)]) -> Option<Task> {
    let (first, _) = group.first()?;
    let w = ask.w();
    let kind = AlertKind::parse(&first.kind);
    let is_event = kind.is_some_and(AlertKind::is_event);
    let needs_you = group.iter().any(|(a, _)| a.severity == "critical" && !(is_event && a.acked_by.is_some()));
    let orders = numbers(ask, group);
    let title = match cause {
        Cause::Pause(_) => (w.a_pause_keeps)(orders.len()),
        _ => title(ask, first, orders.len()),
    };
    let mut kinds: Vec<&str> = group.iter().map(|(a, _)| a.kind.as_str()).collect();
    kinds.sort_unstable();
    kinds.dedup();
    let to_do = match cause {
        Cause::Pause(_) => w.end_the_pause,
        _ => sentences::what_to_do(ask.lang, &first.kind),
    };
    let gap = if to_do.is_empty() { "" } else { w.gap };
    Some(Task {
        severity: first.severity.clone(),
        mark: mark(&first.severity),
        severity_word: sentences::severity(ask.lang, &first.severity),
        title,
        kinds: kinds.join(", "),
        sentence: format!("{}{gap}{}", sentence(ask, cause, group), form::sentence(w, to_do)),
        commands: commands(ask, cause, group),
        orders,
        since: minute(group.iter().map(|(a, _)| a.raised_at()).min().unwrap_or_else(|| first.raised_at())),
        alerts: group.iter().map(|(a, _)| a.id).collect(),
        told: Vec::new(),
        seen_by: first.acked_by.clone(),
        needs_you,
        is_event,
    })
}

/// Class of the mark before a word.
pub fn mark(severity: &str) -> &'static str {
    match severity {
        "critical" => "crit",
        "warning" => "warn",
        _ => "note",
    }
}

fn title(ask: &Ask<'_>, first: &PageAlert, orders: usize) -> String {
    let kind = sentences::kind(ask.lang, &first.kind);
    let about = match (&first.merchant_trade_no, first.merchant_id.as_str()) {
        (Some(number), _) if orders <= 1 => number.clone(),
        (Some(_), _) => (ask.w().n_orders)(orders),
        (None, "") => ask.w().the_ledger.to_owned(),
        (None, merchant) => format!("{} {merchant}", ask.w().merchant),
    };
    format!("{kind}{}{about}", ask.w().colon)
}

fn sentence(ask: &Ask<'_>, cause: &Cause<'_>, group: &[&(&PageAlert, Value)]) -> String {
    let known: i64 = group.iter().filter_map(|(a, _)| a.amount).sum();
    let first = || group.first().map(|(a, _)| sentences::reason(ask.lang, a.reason.as_ref(), &a.message));
    match cause {
        Cause::Pause(merchant) => (ask.w().paused_sum)(merchant, &money(known)),
        Cause::Alike { .. } if group.len() > 1 => (ask.w().alike_sum)(&money(known), &first().unwrap_or_default()),
        _ => form::sentence(ask.w(), &first().unwrap_or_default()),
    }
}

/// Each order once, whatever number of alerts it has.
fn numbers(ask: &Ask<'_>, group: &[&(&PageAlert, Value)]) -> Vec<TaskOrder> {
    let mut seen: Vec<(Option<i64>, &str)> = Vec::new();
    let mut orders = Vec::new();
    for (alert, _) in group {
        let Some(number) = &alert.merchant_trade_no else { continue };
        if seen.contains(&(alert.order_id, number)) || orders.len() >= NAMED {
            continue;
        }
        seen.push((alert.order_id, number));
        let link = |_| ask.order_link(&alert.merchant_id, number, alert.asked_trade_no.as_deref());
        orders.push(TaskOrder {
            number: number.clone(),
            link: alert.order_id.map(link),
            amount: form::money_or_dash(alert.amount),
            authorized_at: alert.authorized_at().map_or_else(|| "–".to_owned(), |at: DateTime<Utc>| minute(at)),
        });
    }
    orders
}

fn commands(ask: &Ask<'_>, cause: &Cause<'_>, group: &[&(&PageAlert, Value)]) -> Vec<Command> {
    let Some((first, args)) = group.first() else { return Vec::new() };
    let w = ask.w();
    let one = |text: String| vec![Command { when: w.type_this, text }];
    if let Cause::Pause(merchant) = cause {
        return one(format!("ecpayd resume {merchant}"));
    }
    if let Some(attempt) = args["attempt"].as_i64().filter(|_| args["code"] == "attempt_needs_person") {
        let text = |verdict: &str| format!("ecpayd resolve {attempt} --{verdict} --by {}", w.your_name);
        return vec![
            Command { when: w.it_is_there, text: text("applied") },
            Command { when: w.it_is_not, text: text("not-applied") },
        ];
    }
    let kind = AlertKind::parse(&first.kind);
    if kind.is_some_and(AlertKind::is_event) {
        let unseen = group.iter().filter(|(alert, _)| alert.acked_by.is_none()).take(ACKS);
        return unseen.flat_map(|(alert, _)| one(format!("ecpayd alerts ack {}", alert.id))).collect();
    }
    let Some(number) = first.merchant_trade_no.as_ref().filter(|_| first.order_id.is_some()) else {
        return Vec::new();
    };
    match kind {
        Some(AlertKind::CaptureEnding) => one(format!("ecpayd orders capture {number}")),
        Some(AlertKind::CaptureOverdue | AlertKind::Expiring) => one(format!("ecpayd refund {number}")),
        _ => one(format!("ecpayd explain {number}")),
    }
}
