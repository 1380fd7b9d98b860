//! The append-only history.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::SqliteConnection;

use super::{LedgerError, ms};

/// Adds an event to an order's history, in the transaction of what it tells.
pub(super) async fn of_order(
    tx: &mut SqliteConnection,
    order_id: i64,
    at: DateTime<Utc>,
    kind: &'static str,
    detail: Value,
) -> Result<(), LedgerError> {
    let event = "INSERT INTO events (at, merchant_id, merchant_trade_no, order_id, kind, detail)
         SELECT ?2, merchant_id, merchant_trade_no, id, ?3, ?4 FROM orders WHERE id = ?1";
    of_row(tx, event, order_id, at, kind, detail).await
}

/// The same of a voucher order.
pub(super) async fn of_voucher(
    tx: &mut SqliteConnection,
    voucher_id: i64,
    at: DateTime<Utc>,
    kind: &'static str,
    detail: Value,
) -> Result<(), LedgerError> {
    let event = "INSERT INTO events (at, merchant_id, merchant_trade_no, voucher_id, kind, detail)
         SELECT ?2, merchant_id, merchant_trade_no, id, ?3, ?4 FROM voucher_orders WHERE id = ?1";
    of_row(tx, event, voucher_id, at, kind, detail).await
}

async fn of_row(
    tx: &mut SqliteConnection,
    event: &'static str,
    row: i64,
    at: DateTime<Utc>,
    kind: &'static str,
    detail: Value,
) -> Result<(), LedgerError> {
    sqlx::query(event).bind(row).bind(ms(at)).bind(kind).bind(detail.to_string()).execute(tx).await?;
    Ok(())
}

/// Adds an event that belongs to no order.
pub(super) async fn of_merchant(
    tx: &mut SqliteConnection,
    merchant_id: Option<&str>,
    at: DateTime<Utc>,
    kind: &'static str,
    detail: Value,
) -> Result<(), LedgerError> {
    sqlx::query("INSERT INTO events (at, merchant_id, kind, detail) VALUES (?, ?, ?, ?)")
        .bind(ms(at))
        .bind(merchant_id)
        .bind(kind)
        .bind(detail.to_string())
        .execute(tx)
        .await?;
    Ok(())
}
