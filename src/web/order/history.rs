//! What happened to an order: its events, and what people and the daemon did about it elsewhere.

use crate::domain::calendar::show;
use crate::ledger::pages::{AllowanceNoted, PageAlert};
use crate::ledger::views::OrderEvent;
use crate::web::ask::Ask;
use crate::web::form::{cut, money};
use crate::web::frame::Frame;
use crate::web::sentences;

pub struct Line {
    pub at: String,
    pub text: String,
}

/// What stands beside the events.
pub(super) struct Beside<'a> {
    pub merchant: &'a str,
    pub alerts: &'a [PageAlert],
    pub allowances: &'a [AllowanceNoted],
}

/// The oldest first. Before the oldest of the events nothing is told: there may be more of it than is shown.
pub(super) fn history(ask: &Ask<'_>, f: &Frame, events: &[OrderEvent], beside: &Beside<'_>) -> Vec<Line> {
    let event = |e: &OrderEvent| (e.at.clone(), sentences::history(ask.lang, &e.kind, &e.detail));
    let mut lines: Vec<(String, String)> = events.iter().rev().map(event).collect();
    let first = lines.first().map(|(at, _)| at.clone()).unwrap_or_default();
    let pauses =
        f.pauses_of(beside.merchant).map(|(pause, of)| (pause.at.clone(), sentences::pause(ask.lang, pause, of)));
    let alerts = beside.alerts.iter().flat_map(|alert| of_alert(ask, alert));
    let allowances = beside.allowances.iter().map(|noted| of_allowance(ask, noted));
    lines.extend(pauses.chain(alerts).chain(allowances).filter(|(at, _)| *at >= first));
    // Of one second, an event comes before what follows from it.
    lines.sort_by(|(one, _), (other, _)| one.cmp(other));
    lines.into_iter().map(|(at, text)| Line { at: cut(&at), text }).collect()
}

fn of_alert(ask: &Ask<'_>, alert: &PageAlert) -> Vec<(String, String)> {
    let w = ask.w();
    let (kind, loud) = (sentences::kind(ask.lang, &alert.kind), sentences::severity(ask.lang, &alert.severity));
    let seen = alert.acked_at().zip(alert.acked_by.as_deref());
    let raised = (show(alert.raised_at()), (w.alert_raised)(&loud, &kind));
    let seen = seen.map(|(at, by)| (show(at), (w.alert_seen)(by, &kind)));
    let closed = alert.closed_at().map(|at| (show(at), (w.alert_closed)(&kind)));
    [Some(raised), seen, closed].into_iter().flatten().collect()
}

fn of_allowance(ask: &Ask<'_>, noted: &AllowanceNoted) -> (String, String) {
    let w = ask.w();
    let told = if noted.canceled { w.allowance_canceled } else { w.allowance_noted };
    (show(noted.noted_at()), told(&noted.allowance_no, &money(noted.amount), noted.refund_id))
}
