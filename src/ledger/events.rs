//! The append-only history.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, params};
use serde_json::Value;

use super::sql::Sql as _;
use super::{LedgerError, ms};

/// Adds an event to an order's history, in the transaction of what it tells.
pub(super) fn of_order(
    tx: &Connection,
    order_id: i64,
    at: DateTime<Utc>,
    kind: &'static str,
    detail: Value,
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
    detail: Value,
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
    detail: Value,
) -> Result<(), LedgerError> {
    tx.run(event, params![row, ms(at), kind, detail.to_string()])?;
    Ok(())
}

/// Adds an event that belongs to no order.
pub(super) fn of_merchant(
    tx: &Connection,
    merchant_id: Option<&str>,
    at: DateTime<Utc>,
    kind: &'static str,
    detail: Value,
) -> Result<(), LedgerError> {
    tx.run(
        "INSERT INTO events (at, merchant_id, kind, detail) VALUES (?, ?, ?, ?)",
        params![ms(at), merchant_id, kind, detail.to_string()],
    )?;
    Ok(())
}
