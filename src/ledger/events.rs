//! The append-only history.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::LedgerError;
use super::alerts::Subject;
use super::db::{Db, params, to_json};
use super::times::ms;
use crate::domain::event::{Event, EventKind};

/// Adds an event to an order's history, in the transaction of what it tells.
pub(super) fn of_order(tx: &Db, order: &Subject<'_>, at: DateTime<Utc>, event: &Event) -> Result<(), LedgerError> {
    let (merchant, about) = (order.merchant_id, order.about);
    let (kind, detail) = (event.kind().word(), to_json(event)?);
    let what = params! { at: ms(at), merchant, number: about.number(), order: about.order_id(), kind, detail };
    tx.run(include_str!("sql/order_event.sql"), what)?;
    Ok(())
}

/// The same of a voucher order.
pub(super) fn of_voucher(
    tx: &Db,
    voucher_id: i64,
    at: DateTime<Utc>,
    kind: EventKind,
    detail: impl Serialize,
) -> Result<(), LedgerError> {
    let what = params! { at: ms(at), row: voucher_id, kind: kind.word(), detail: to_json(&detail)? };
    tx.run(include_str!("sql/voucher_event.sql"), what)?;
    Ok(())
}

/// Adds an event that belongs to no order.
pub(super) fn of_merchant(
    tx: &Db,
    merchant_id: Option<&str>,
    at: DateTime<Utc>,
    kind: EventKind,
    detail: impl Serialize,
) -> Result<(), LedgerError> {
    tx.run(
        "INSERT INTO events (at, merchant_id, kind, detail) VALUES (:at, :merchant, :kind, :detail)",
        params! { at: ms(at), merchant: merchant_id, kind: kind.word(), detail: to_json(&detail)? },
    )?;
    Ok(())
}
