//! A ledger that was restored from an older copy: when that was noticed, what each order was
//! found to have gone through meanwhile, and whose it was.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, Transaction, TransactionBehavior, params};
use serde::Serialize;
use serde_json::json;

use super::sql::{Sql as _, from_columns};
use super::{Ledger, LedgerError, events, ms};
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

/// The newest notice that the ledger may be an older copy, and what is still to be done about it.
#[derive(Clone, Debug, Serialize)]
pub struct OlderCopy {
    pub noticed_at: String,
    pub reason: String,
    /// Unfinished orders on which no money moves yet.
    pub waiting_orders: i64,
    /// Orders with a refund or a void that nobody has claimed.
    pub unclaimed_orders: i64,
}

from_columns!(OlderCopy: noticed_at, reason, waiting_orders, unclaimed_orders);

impl Ledger {
    /// None: never noticed, or over and done with.
    pub fn older_copy(&self) -> Result<Option<OlderCopy>, LedgerError> {
        let db = self.reader();
        let select = "SELECT strftime('%Y-%m-%d %H:%M:%S', noticed_at / 1000 + 28800, 'unixepoch') AS noticed_at, reason,
                    (SELECT count(*) FROM order_state s WHERE s.next_at IS NOT NULL AND s.taken_over < t.id
                                                          AND s.authorized_at < ifnull(t.answered_at, 9e18)) AS waiting_orders,
                    (SELECT count(*) FROM order_state s WHERE s.unclaimed_amount > 0 OR s.unclaimed_void = 1) AS unclaimed_orders
               FROM takeovers t ORDER BY t.id DESC LIMIT 1";
        let newest: Option<OlderCopy> = db.maybe(select, [], |row| row.try_into())?;
        Ok(newest.filter(|n| n.waiting_orders > 0 || n.unclaimed_orders > 0))
    }
}
