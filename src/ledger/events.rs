//! The append-only history.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, params};
use serde::Serialize;

use super::sql::{Sql as _, to_json};
use super::{LedgerError, ms};

/// Adds an event to an order's history, in the transaction of what it tells.
pub(super) fn of_order(
    tx: &Connection,
    order_id: i64,
    at: DateTime<Utc>,
    kind: &'static str,
    detail: impl Serialize,
) -> Result<(), LedgerError> {
    let event = "INSERT INTO events (at, merchant_id, merchant_trade_no, order_id, kind, detail)
         SELECT ?2, merchant_id, merchant_trade_no, id, ?3, ?4 FROM orders WHERE id = ?1";
    of_row(tx, event, order_id, at, kind, detail)
}

/// The same of a voucher order.
pub(super) fn of_voucher(
    tx: &Connection,
    voucher_id: i64,
    at: DateTime<Utc>,
    kind: &'static str,
    detail: impl Serialize,
) -> Result<(), LedgerError> {
    let event = "INSERT INTO events (at, merchant_id, merchant_trade_no, voucher_id, kind, detail)
         SELECT ?2, merchant_id, merchant_trade_no, id, ?3, ?4 FROM voucher_orders WHERE id = ?1";
    of_row(tx, event, voucher_id, at, kind, detail)
}

fn of_row(
    tx: &Connection,
    event: &'static str,
    row: i64,
    at: DateTime<Utc>,
    kind: &'static str,
    detail: impl Serialize,
) -> Result<(), LedgerError> {
    tx.run(event, params![row, ms(at), kind, to_json(&detail)?])?;
    Ok(())
}

/// Adds an event that belongs to no order.
pub(super) fn of_merchant(
    tx: &Connection,
    merchant_id: Option<&str>,
    at: DateTime<Utc>,
    kind: &'static str,
    detail: impl Serialize,
) -> Result<(), LedgerError> {
    tx.run(
        "INSERT INTO events (at, merchant_id, kind, detail) VALUES (?, ?, ?, ?)",
        params![ms(at), merchant_id, kind, to_json(&detail)?],
    )?;
    Ok(())
}
