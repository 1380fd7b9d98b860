//! The words of a message: pure, from the rows that it tells of.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::domain::alert::{AlertKind, Severity};
use crate::domain::calendar::show;
use crate::domain::delivery::Edge;
use crate::ledger::{WaitingAlert, WaitingEvent};

/// So many alerts have a line of their own; the others are counted.
const LINES: usize = 10;

/// So many are in the JSON of a message.
const IN_BODY: usize = 100;

#[derive(Clone, Debug, PartialEq)]
pub struct Composed {
    pub severity: Severity,
    pub title: String,
    pub text: String,
    pub body: Value,
}

/// An alert with what is told of it: the last of its edges that wait.
#[derive(Clone, Debug)]
pub struct ToldAlert<'a> {
    pub alert: &'a WaitingAlert,
    pub edge: Edge,
    /// All that are told by it.
    pub deliveries: Vec<i64>,
}

pub fn at(ms: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(ms).unwrap_or_default()
}

/// What is news of what waits, an entry for each alert; and the deliveries that tell nobody anything: that an
/// alert which stands for an event was put away a month after somebody had seen it.
pub fn news(waiting: &[WaitingAlert]) -> (Vec<ToldAlert<'_>>, Vec<i64>) {
    let (mut told, mut rest): (Vec<ToldAlert<'_>>, Vec<i64>) = (Vec::new(), Vec::new());
    for delivery in waiting {
        let edge = Edge::parse(&delivery.edge);
        let is_event = AlertKind::parse(&delivery.kind).is_some_and(AlertKind::is_event);
        let Some(edge) = edge.filter(|edge| *edge != Edge::Closed || !is_event) else {
            rest.push(delivery.delivery_id);
            continue;
        };
        match told.iter_mut().find(|told| told.alert.alert_id == delivery.alert_id) {
            Some(before) => {
                before.edge = edge;
                before.deliveries.push(delivery.delivery_id);
            }
            None => told.push(ToldAlert { alert: delivery, edge, deliveries: vec![delivery.delivery_id] }),
        }
    }
    (told, rest)
}

/// The loudest first.
pub fn alerts(told: &[ToldAlert<'_>]) -> Composed {
    let mut sorted: Vec<&ToldAlert<'_>> = told.iter().collect();
    sorted.sort_by_key(|told| std::cmp::Reverse(loudness(told)));
    let severity = sorted.first().map_or(Severity::Notice, |told| loudness(told).severity());
    let title = match sorted.as_slice() {
        [one] => headline(one),
        all => format!("{}: {} alerts", severity.word(), all.len()),
    };
    let mut lines: Vec<String> = sorted.iter().take(LINES).map(|told| line(told)).collect();
    if sorted.len() > LINES {
        lines.push(format!("and {} more: ecpayd alerts lists them", sorted.len() - LINES));
    }
    let listed: Vec<Value> = sorted.iter().take(IN_BODY).map(|told| entry(told)).collect();
    let body = json!({ "type": "alerts", "count": sorted.len(), "alerts": listed });
    Composed { severity, title, text: lines.join("\n"), body }
}

/// How loud an entry is: one that has closed is good news.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Loudness {
    Notice,
    Warning,
    Critical,
}

impl Loudness {
    fn severity(self) -> Severity {
        match self {
            Self::Notice => Severity::Notice,
            Self::Warning => Severity::Warning,
            Self::Critical => Severity::Critical,
        }
    }
}

fn loudness(told: &ToldAlert<'_>) -> Loudness {
    match (told.edge, Severity::parse(&told.alert.severity)) {
        (Edge::Closed, _) | (_, Some(Severity::Notice)) => Loudness::Notice,
        (_, Some(Severity::Warning)) => Loudness::Warning,
        (_, Some(Severity::Critical) | None) => Loudness::Critical,
    }
}

fn headline(told: &ToldAlert<'_>) -> String {
    let alert = told.alert;
    let about = match (&alert.merchant_trade_no, alert.merchant_id.as_str()) {
        (Some(no), _) => format!(", order {no}"),
        (None, "") => String::new(),
        (None, merchant) => format!(", merchant {merchant}"),
    };
    let kind = alert.kind.replace('_', " ");
    match told.edge {
        Edge::Raised => format!("{}: {kind}{about}", alert.severity),
        Edge::Repeated => format!("{}: {kind}{about}, not acknowledged", alert.severity),
        Edge::Closed => format!("over: {kind}{about}"),
    }
}

fn line(told: &ToldAlert<'_>) -> String {
    let alert = told.alert;
    let since = show(at(alert.raised_at));
    match told.edge {
        Edge::Raised => format!("{}: {}", headline(told), alert.message),
        Edge::Repeated => {
            format!(
                "{} since {since}: {}; ecpayd alerts ack {} ends these",
                headline(told),
                alert.message,
                alert.alert_id
            )
        }
        Edge::Closed => format!("{}; it was open since {since}: {}", headline(told), alert.message),
    }
}

fn entry(told: &ToldAlert<'_>) -> Value {
    let alert = told.alert;
    json!({
        "id": alert.alert_id,
        "edge": told.edge.word(),
        "kind": alert.kind,
        "severity": alert.severity,
        "merchant_id": alert.merchant_id,
        "merchant_trade_no": alert.merchant_trade_no,
        "message": alert.message,
        "rule": alert.rule,
        "reason": alert.reason,
        "days_left": alert.days_left,
        "raised_at": show(at(alert.raised_at)),
        "closed_at": alert.closed_at.map(|closed| show(at(closed))),
        "acked_by": alert.acked_by,
    })
}

/// What has ended for an order, for its shop.
pub fn event(event: &WaitingEvent) -> Composed {
    let refund = event.refund_id.map(|id| {
        json!({
            "id": id,
            "request_key": event.request_key,
            "refunded_amount": event.refund_amount,
            "method": event.refund_method,
            "detail": event.detail,
            "reason": event.reason,
        })
    });
    let title = format!("{}: order {}", event.edge.replace('_', " "), event.merchant_trade_no);
    let body = json!({
        "type": event.edge,
        "at": show(at(event.at)),
        "merchant_id": event.merchant_id,
        "merchant_trade_no": event.merchant_trade_no,
        "trade_no": event.trade_no,
        "state": event.state,
        "amount": event.amount,
        "captured_amount": event.captured_amount,
        "refunded_amount": event.refunded_amount,
        "refund": refund,
    });
    Composed { severity: Severity::Notice, text: title.clone(), title, body }
}
