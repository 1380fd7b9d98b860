//! A ledger that was restored from an older copy: when that was noticed, what each order was
//! found to have gone through meanwhile, and whose it was.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, Transaction, TransactionBehavior, params};
use serde_json::json;

use super::sql::Sql as _;
use super::times::ms;
use super::{LedgerError, events};
use crate::domain::event::EventKind;

/// Writes down that more may have happened than the ledger knows. Until an order is taken
/// over after this, no money moves on it.
pub(super) fn notice(connection: &Connection, reason: &str, now: DateTime<Utc>) -> Result<(), LedgerError> {
    // Dropped without a commit, it is rolled back.
    let tx = Transaction::new_unchecked(connection, TransactionBehavior::Immediate)?;
    let insert = "INSERT INTO takeovers (noticed_at, reason, newest_attempt) VALUES (?, ?, ifnull((SELECT max(id) FROM attempts), 0)) RETURNING id";
    let id: i64 = tx.one(insert, params![ms(now), reason], |row| row.get(0))?;
    events::of_merchant(&tx, None, now, EventKind::OlderLedgerNoticed, json!({ "takeover": id, "reason": reason }))?;
    tx.commit()?;
    Ok(())
}
