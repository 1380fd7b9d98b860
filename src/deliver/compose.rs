//! The words of a message: pure, from the rows that it tells of.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::domain::alert::{AlertKind, Severity};
use crate::domain::calendar::show;
use crate::domain::delivery::Edge;
use crate::domain::language::Language;
use crate::ledger::{WaitingAlert, WaitingEvent};

/// So many alerts have a line of their own; the others are counted.
const LINES: usize = 10;

/// Beside so many stands what to do.
const MENDED: usize = 3;

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
pub fn alerts(language: Language, told: &[ToldAlert<'_>]) -> Composed {
    let mut sorted: Vec<&ToldAlert<'_>> = told.iter().collect();
    sorted.sort_by_key(|told| std::cmp::Reverse(loudness(told)));
    let severity = sorted.first().map_or(Severity::Notice, |told| loudness(told).severity());
    let count = sorted.len();
    let title = match sorted.as_slice() {
        [one] => headline(language, one),
        _ => {
            let loudest = severity.named(language);
            language.pick(format!("{loudest}: {count} alerts"), format!("{loudest}：{count} 則警告"))
        }
    };
    let mut lines: Vec<String> = Vec::new();
    for told in sorted.iter().take(LINES) {
        lines.push(line(language, told));
        // What to do stands beside few; a burst is read in ecpayd alerts.
        lines.extend(todo(language, told).filter(|_| count <= MENDED));
    }
    if count > LINES {
        let more = count - LINES;
        let english = format!("and {more} more: ecpayd alerts lists them");
        lines.push(language.pick(english, format!("還有 {more} 則：請用 ecpayd alerts 查看")));
    }
    let listed: Vec<Value> = sorted.iter().take(IN_BODY).map(|told| entry(language, told)).collect();
    let body = json!({ "type": "alerts", "count": count, "alerts": listed });
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

/// What it is, and of which order or merchant.
pub(super) fn subject(language: Language, kind: &str, merchant_id: &str, number: Option<&str>) -> String {
    let named = AlertKind::parse(kind).map_or_else(|| kind.replace('_', " "), |kind| kind.named(language).to_owned());
    match (number, merchant_id) {
        (Some(no), _) => language.pick(format!("{named}, order {no}"), format!("{named}，訂單 {no}")),
        (None, "") => named,
        (None, id) => language.pick(format!("{named}, merchant {id}"), format!("{named}，特店 {id}")),
    }
}

fn headline(language: Language, told: &ToldAlert<'_>) -> String {
    let alert = told.alert;
    let subject = subject(language, &alert.kind, &alert.merchant_id, alert.merchant_trade_no.as_deref());
    let loud = Severity::parse(&alert.severity).map_or(alert.severity.as_str(), |severity| severity.named(language));
    match told.edge {
        Edge::Raised => language.pick(format!("{loud}: {subject}"), format!("{loud}：{subject}")),
        Edge::Repeated => {
            language.pick(format!("{loud}: {subject}, not acknowledged"), format!("{loud}：{subject}，尚未確認"))
        }
        Edge::Closed => language.pick(format!("over: {subject}"), format!("已解除：{subject}")),
    }
}

fn line(language: Language, told: &ToldAlert<'_>) -> String {
    let alert = told.alert;
    let (head, since, says) = (headline(language, told), show(at(alert.raised_at)), alert.sentence(language));
    match told.edge {
        Edge::Raised => language.pick(format!("{head}: {says}"), format!("{head}：{says}")),
        Edge::Repeated => {
            let id = alert.alert_id;
            let english = format!("{head} since {since}: {says}; ecpayd alerts ack {id} ends these");
            language.pick(english, format!("{head}（自 {since}）：{says}；ecpayd alerts ack {id} 之後不再重複"))
        }
        Edge::Closed => {
            language.pick(format!("{head}; it was open since {since}: {says}"), format!("{head}（自 {since}）：{says}"))
        }
    }
}

/// What mends it, beneath its line.
fn todo(language: Language, told: &ToldAlert<'_>) -> Option<String> {
    let kind = AlertKind::parse(&told.alert.kind).filter(|_| told.edge != Edge::Closed)?;
    let todo = kind.todo(language);
    let alert = told.alert;
    let id = alert.alert_id.to_string();
    let merchant = Some(alert.merchant_id.as_str()).filter(|id| !id.is_empty());
    let order = alert.merchant_trade_no.as_deref();
    let command = todo.typed(&[("ALERT", Some(&id)), ("ORDER", order), ("MERCHANT", merchant)]);
    let command = command.map(|command| language.pick(format!(" ({command})"), format!("（{command}）")));
    Some(format!("→ {}{}", todo.sentence, command.unwrap_or_default()))
}

fn entry(language: Language, told: &ToldAlert<'_>) -> Value {
    let alert = told.alert;
    json!({
        "id": alert.alert_id,
        "edge": told.edge.word(),
        "kind": alert.kind,
        "severity": alert.severity,
        "merchant_id": alert.merchant_id,
        "merchant_trade_no": alert.merchant_trade_no,
        "message": alert.message,
        "sentence": alert.sentence(language),
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
