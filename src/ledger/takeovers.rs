//! A ledger that was restored from an older copy: when that was noticed, what each order was
//! found to have gone through meanwhile, and whose it was.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, Transaction, TransactionBehavior};
use serde_json::json;

use super::sql::{Sql as _, params};
use super::times::ms;
use super::{LedgerError, events};
use crate::domain::event::EventKind;

/// Writes down that more may have happened than the ledger knows. Until an order is taken
/// over after this, no money moves on it.
pub(super) fn notice(connection: &Connection, reason: &str, now: DateTime<Utc>) -> Result<(), LedgerError> {
    // Dropped without a commit, it is rolled back.
    let tx = Transaction::new_unchecked(connection, TransactionBehavior::Immediate)?;
    let what = params! { now: ms(now), reason };
    let id: i64 = tx.one(include_str!("sql/notice_takeover.sql"), what, |row| row.get(0))?;
    events::of_merchant(&tx, None, now, EventKind::OlderLedgerNoticed, json!({ "takeover": id, "reason": reason }))?;
    tx.commit()?;
    Ok(())
}
