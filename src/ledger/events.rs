//! The append-only history.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, params};
use serde::Serialize;

use super::LedgerError;
use super::sql::{Sql as _, to_json};
use super::times::ms;
use crate::domain::event::{Event, EventKind};

/// Adds an event to an order's history, in the transaction of what it tells.
pub(super) fn of_order(tx: &Connection, order_id: i64, at: DateTime<Utc>, event: &Event) -> Result<(), LedgerError> {
    let insert = "INSERT INTO events (at, merchant_id, merchant_trade_no, order_id, kind, detail)
         VALUES (?2, (SELECT merchant_id FROM orders WHERE id = ?1), (SELECT merchant_trade_no FROM orders WHERE id = ?1), ?1, ?3, ?4)";
    of_row(tx, insert, order_id, at, event.kind(), event)
}

/// The same of a voucher order.
pub(super) fn of_voucher(
    tx: &Connection,
    voucher_id: i64,
    at: DateTime<Utc>,
    kind: EventKind,
    detail: impl Serialize,
) -> Result<(), LedgerError> {
    let event = "INSERT INTO events (at, merchant_id, merchant_trade_no, voucher_id, kind, detail)
         VALUES (?2, (SELECT merchant_id FROM voucher_orders WHERE id = ?1), (SELECT merchant_trade_no FROM voucher_orders WHERE id = ?1), ?1, ?3, ?4)";
    of_row(tx, event, voucher_id, at, kind, detail)
}

fn of_row(
    tx: &Connection,
    event: &'static str,
    row: i64,
    at: DateTime<Utc>,
    kind: EventKind,
    detail: impl Serialize,
) -> Result<(), LedgerError> {
    tx.run(event, params![row, ms(at), kind.word(), to_json(&detail)?])?;
    Ok(())
}

/// Adds an event that belongs to no order.
pub(super) fn of_merchant(
    tx: &Connection,
    merchant_id: Option<&str>,
    at: DateTime<Utc>,
    kind: EventKind,
    detail: impl Serialize,
) -> Result<(), LedgerError> {
    tx.run(
        "INSERT INTO events (at, merchant_id, kind, detail) VALUES (?, ?, ?, ?)",
        params![ms(at), merchant_id, kind.word(), to_json(&detail)?],
    )?;
    Ok(())
}
