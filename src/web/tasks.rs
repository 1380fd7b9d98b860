//! What needs somebody: open alerts, put together by their cause.
//!
//! A pause alone would be an alert for each order that it holds up; a person has one thing to do about it.

mod cause;
mod commands;

pub use self::commands::Command;

use self::cause::{Cause, Group, groups};
use super::ask::Ask;
use super::form::{self, minute, money};
use super::sentences;
use crate::domain::alert::AlertKind;
use crate::ledger::PauseRow;
use crate::ledger::pages::PageAlert;

/// As many alerts as are put together; the counts tell that there are more.
pub const MOST: i64 = 500;

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
    /// The first of them.
    pub orders: Vec<TaskOrder>,
    pub order_count: usize,
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

pub struct TaskOrder {
    pub number: String,
    pub link: Option<String>,
    pub amount: String,
    pub authorized_at: String,
}

/// The loudest first; of equals what is lost first.
pub fn tasks(ask: &Ask<'_>, alerts: &[PageAlert], pauses: &[PauseRow]) -> Vec<Task> {
    groups(alerts, pauses, ask.now).iter().filter_map(|group| task(ask, group)).collect()
}

fn task(ask: &Ask<'_>, group: &Group<'_>) -> Option<Task> {
    let first = group.first()?.0;
    let w = ask.w();
    let alerts = || group.alerts.iter().map(|(alert, _)| *alert);
    let kind = AlertKind::parse(&first.kind);
    let is_event = kind.is_some_and(AlertKind::is_event);
    let needs_you = alerts().any(|a| a.severity == "critical" && !(is_event && a.acked_by.is_some()));
    let title = match group.cause {
        Cause::Pause(_) => (w.a_pause_keeps)(group.orders().len()),
        _ => title(ask, first, group.orders().len()),
    };
    let mut kinds: Vec<&str> = alerts().map(|a| a.kind.as_str()).collect();
    kinds.sort_unstable();
    kinds.dedup();
    let to_do = match group.cause {
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
        sentence: format!("{}{gap}{}", sentence(ask, group, first), form::sentence(w, to_do)),
        commands: commands::commands(ask, group),
        orders: group.orders().into_iter().take(NAMED).map(|alert| named(ask, alert)).collect(),
        order_count: group.orders().len(),
        since: minute(alerts().map(PageAlert::raised_at).min().unwrap_or_else(|| first.raised_at())),
        alerts: alerts().map(|a| a.id).collect(),
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

fn sentence(ask: &Ask<'_>, group: &Group<'_>, first: &PageAlert) -> String {
    // Each order once, whatever number of alerts it has.
    let known: i64 = group.orders().iter().filter_map(|alert| alert.amount).sum();
    let first = || sentences::reason(ask.lang, first.reason.as_ref(), &first.message);
    match group.cause {
        Cause::Pause(merchant) => (ask.w().paused_sum)(merchant, &money(known)),
        Cause::Alike { .. } if group.orders().len() > 1 => (ask.w().alike_sum)(&money(known), &first()),
        _ => form::sentence(ask.w(), &first()),
    }
}

fn named(ask: &Ask<'_>, alert: &PageAlert) -> TaskOrder {
    let number = alert.merchant_trade_no.clone().unwrap_or_default();
    let link = |_| ask.order_link(&alert.merchant_id, &number, alert.asked_trade_no.as_deref());
    TaskOrder {
        link: alert.order_id.map(link),
        amount: form::money_or_dash(alert.amount),
        authorized_at: alert.authorized_at().map_or_else(|| "–".to_owned(), minute),
        number,
    }
}
