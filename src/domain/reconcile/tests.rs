//! The rules of the comparison, as tables.

mod classes;
mod days;
mod money;

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};

use super::*;
use crate::domain::calendar::from_taipei;

pub(super) const MEDIA: StatementKind = StatementKind::QueryTradeMedia;
pub(super) const FUNDING: StatementKind = StatementKind::FundingReconDetail;
pub(super) const AIO: StatementKind = StatementKind::TradeNoAio;

/// A day of August 2026, of which the first is a Saturday; beyond it of September.
pub(super) fn day(day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 8, 1).expect("a day") + chrono::Days::new(u64::from(day) - 1)
}

pub(super) fn at(text: &str) -> DateTime<Utc> {
    from_taipei(NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").expect("a time"))
}

/// A statement of these days, read long after them.
pub(super) fn span(statement: i64, kind: StatementKind, from: u32, to: u32) -> Span {
    Span { statement, kind, from: day(from), to: day(to), read_at: at("2026-11-30 15:00") }
}

/// An order of 1,000 that was paid and captured on the day.
pub(super) fn order(paid: u32) -> Booked {
    Booked {
        order_id: 1,
        trade_no: Some("T1".to_owned()),
        state: OrderState::Captured,
        amount: Some(1000),
        authorized_on: Some(day(paid)),
        movements: vec![Moved { day: day(paid), captured: 1000, ..Moved::default() }],
    }
}

pub(super) fn refund(on: u32, amount: i64) -> Moved {
    Moved { day: day(on), refunded: amount, ..Moved::default() }
}

/// A row of the order, settled on the day after it was traded.
pub(super) fn row(kind: StatementKind, traded: u32, gross: i64) -> Listed {
    Listed {
        kind,
        statement: 1,
        line: 2,
        trade_no: (kind != FUNDING).then(|| "T1".to_owned()),
        traded_on: day(traded),
        settled_on: (kind != AIO).then(|| day(traded + 1)),
        paid_on: None,
        gross,
        fee_milli: gross * 20,
    }
}

/// What is said of each order with the number.
pub(super) fn classes(orders: Vec<Booked>, rows: Vec<Listed>, spans: &[Span]) -> Vec<Class> {
    let number = Number { merchant_trade_no: "A1".to_owned(), orders, rows };
    compare(&number, &Coverage::of(spans.iter().copied())).iter().map(|order| order.class).collect()
}
