//! What is due, from an index on the time of the next step, in bounded batches.

use chrono::{DateTime, Utc};
use rusqlite::params;

use super::sql::Sql as _;
use super::{Ledger, LedgerError, from_ms, ms};
use crate::domain::ids::MerchantId;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// The row of the order, or of the voucher order.
    pub id: i64,
    /// A refund or an unanswered call is waiting for it.
    pub refund: bool,
}

/// An order that is authorized and not captured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Uncaptured {
    pub authorized_at: DateTime<Utc>,
    pub order_id: i64,
    pub merchant_id: String,
}

impl Ledger {
    /// The orders of a merchant that are due: refunds, then deadlines, then routine looks,
    /// each by time.
    pub fn due(&self, merchant: &MerchantId, now: DateTime<Utc>, limit: usize) -> Result<Vec<Due>, LedgerError> {
        let db = self.reader();
        let select = "SELECT order_id, rank FROM (
               SELECT * FROM (SELECT order_id, rank, next_at FROM order_state WHERE merchant_id = ?1 AND rank = 0 AND next_at <= ?2 ORDER BY next_at LIMIT ?3 + 0)
               UNION ALL
               SELECT * FROM (SELECT order_id, rank, next_at FROM order_state WHERE merchant_id = ?1 AND rank = 1 AND next_at <= ?2 ORDER BY next_at LIMIT ?3 + 0)
               UNION ALL
               SELECT * FROM (SELECT order_id, rank, next_at FROM order_state WHERE merchant_id = ?1 AND rank = 2 AND next_at <= ?2 ORDER BY next_at LIMIT ?3 + 0)
             ) ORDER BY rank, next_at LIMIT ?3 + 0";
        let due =
            db.all(select, params![merchant.as_str(), ms(now), i64::try_from(limit).unwrap_or(i64::MAX)], |row| {
                Ok(Due { id: row.get(0)?, refund: row.get::<_, i64>(1)? == 0 })
            })?;
        Ok(due)
    }

    /// The time of a merchant's next step; in the past when something is due.
    pub fn next_due(&self, merchant: &MerchantId) -> Result<Option<DateTime<Utc>>, LedgerError> {
        let db = self.reader();
        let select = "SELECT min(next_at) FROM (
               SELECT min(next_at) AS next_at FROM order_state WHERE merchant_id = ?1 AND rank = 0 AND next_at IS NOT NULL
               UNION ALL
               SELECT min(next_at) FROM order_state WHERE merchant_id = ?1 AND rank = 1 AND next_at IS NOT NULL
               UNION ALL
               SELECT min(next_at) FROM order_state WHERE merchant_id = ?1 AND rank = 2 AND next_at IS NOT NULL)";
        let next: Option<i64> = db.one(select, params![merchant.as_str()], |row| row.get(0))?;
        Ok(next.map(from_ms))
    }

    /// Uncaptured orders authorized at or before `cutoff`, the oldest first, in pages: each goes on
    /// after the last one's place.
    pub fn uncaptured(
        &self,
        cutoff: DateTime<Utc>,
        after: (DateTime<Utc>, i64),
        limit: i64,
    ) -> Result<Vec<Uncaptured>, LedgerError> {
        let db = self.reader();
        // By its index, which SQLite, having no statistics, passes over: then each page would read
        // all that wait for their capture.
        Ok(db.all(
            "SELECT authorized_at, order_id, merchant_id FROM order_state INDEXED BY order_uncaptured
              WHERE state = 'authorized' AND authorized_at <= ?1 AND (authorized_at, order_id) > (?2, ?3)
              ORDER BY authorized_at, order_id LIMIT ?4 + 0",
            params![ms(cutoff), ms(after.0), after.1, limit],
            |row| {
                Ok(Uncaptured { authorized_at: from_ms(row.get(0)?), order_id: row.get(1)?, merchant_id: row.get(2)? })
            },
        )?)
    }
}
