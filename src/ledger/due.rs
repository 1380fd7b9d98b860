//! What is due, from an index on the time of the next step, in bounded batches.

use chrono::{DateTime, Utc};
use rusqlite::params;

use super::sql::Sql as _;
use super::times::{from_ms, ms};
use super::{Ledger, LedgerError};
use crate::domain::ids::MerchantId;
use crate::domain::order::OrderState;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// The row of the order, or of the voucher order.
    pub id: i64,
    /// 0: a refund or an unanswered call is waiting for it; 1: a deadline; 2: a routine look.
    pub rank: u8,
    /// Its last looks have failed.
    pub failing: bool,
}

/// Rows that are not finished, as far as their age may have to be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfinished {
    /// Authorizations of between these times that no look has shown captured or ended.
    Uncaptured { from: DateTime<Utc>, to: DateTime<Utc> },
    /// Orders with a refund that has not ended.
    Refunds,
    /// Orders in this state that are still looked at.
    InState(OrderState),
}

/// One of them, and the place of the next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    pub order_id: i64,
    pub merchant_id: String,
    pub place: (i64, i64),
}

impl Ledger {
    /// The orders of a merchant that are due, at most `limit` of each rank of the failing ones and of the
    /// others: refunds, then deadlines, then routine looks, each by time.
    pub fn due(&self, merchant: &MerchantId, now: DateTime<Utc>, limit: usize) -> Result<Vec<Due>, LedgerError> {
        let db = self.reader();
        // By their indexes, which SQLite, having no statistics, may take one for the other. Those that
        // fail are few among what is due: each rests the longer.
        let select = "SELECT order_id, rank, failing FROM (
               SELECT * FROM (SELECT order_id, rank, next_at, 0 AS failing FROM order_state INDEXED BY order_due WHERE merchant_id = ?1 AND rank = 0 AND next_at <= ?2 AND failing = 0 ORDER BY next_at LIMIT ?3 + 0)
               UNION ALL
               SELECT * FROM (SELECT order_id, rank, next_at, 0 FROM order_state INDEXED BY order_due WHERE merchant_id = ?1 AND rank = 1 AND next_at <= ?2 AND failing = 0 ORDER BY next_at LIMIT ?3 + 0)
               UNION ALL
               SELECT * FROM (SELECT order_id, rank, next_at, 0 FROM order_state INDEXED BY order_due WHERE merchant_id = ?1 AND rank = 2 AND next_at <= ?2 AND failing = 0 ORDER BY next_at LIMIT ?3 + 0)
               UNION ALL
               SELECT * FROM (SELECT order_id, rank, next_at, 1 FROM order_state INDEXED BY order_failing WHERE merchant_id = ?1 AND rank = 0 AND next_at <= ?2 AND failing = 1 ORDER BY next_at LIMIT ?3 + 0)
               UNION ALL
               SELECT * FROM (SELECT order_id, rank, next_at, 1 FROM order_state INDEXED BY order_failing WHERE merchant_id = ?1 AND rank = 1 AND next_at <= ?2 AND failing = 1 ORDER BY next_at LIMIT ?3 + 0)
               UNION ALL
               SELECT * FROM (SELECT order_id, rank, next_at, 1 FROM order_state INDEXED BY order_failing WHERE merchant_id = ?1 AND rank = 2 AND next_at <= ?2 AND failing = 1 ORDER BY next_at LIMIT ?3 + 0)
             ) ORDER BY failing, rank, next_at";
        let due =
            db.all(select, params![merchant.as_str(), ms(now), i64::try_from(limit).unwrap_or(i64::MAX)], |row| {
                Ok(Due { id: row.get(0)?, rank: row.get(1)?, failing: row.get(2)? })
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

    /// Rows that are not finished, in pages: each goes on after the last one's place, the first after `(0, 0)`.
    ///
    /// By their indexes, which SQLite, having no statistics, passes over: then each page would read all orders.
    pub fn unfinished(&self, kind: Unfinished, after: (i64, i64), limit: i64) -> Result<Vec<Candidate>, LedgerError> {
        let db = self.reader();
        let read = |row: &rusqlite::Row<'_>| {
            Ok(Candidate { order_id: row.get(1)?, merchant_id: row.get(2)?, place: (row.get(0)?, row.get(1)?) })
        };
        let rows = match kind {
            Unfinished::Uncaptured { from, to } => {
                let select = "SELECT authorized_at, order_id, merchant_id FROM order_state INDEXED BY order_uncaptured
              WHERE (state = 'authorized' OR state = 'unpaid' OR state = 'not_found' OR state = 'not_card' OR state = 'review')
                AND authorized_at IS NOT NULL AND authorized_at BETWEEN ?1 AND ?2 AND (authorized_at, order_id) > (?3, ?4)
              ORDER BY authorized_at, order_id LIMIT ?5 + 0";
                db.all(select, params![ms(from), ms(to), after.0, after.1, limit], read)
            }
            Unfinished::Refunds => {
                let select = "SELECT DISTINCT 0, r.order_id, s.merchant_id FROM refunds r INDEXED BY refunds_open JOIN order_state s ON s.order_id = r.order_id
              WHERE r.is_open = 1 AND r.order_id > ?1
              ORDER BY r.order_id LIMIT ?2 + 0";
                db.all(select, params![after.1, limit], read)
            }
            Unfinished::InState(state) => {
                let select = "SELECT 0, order_id, merchant_id FROM order_state INDEXED BY order_by_state
              WHERE state = ?1 AND order_id > ?2 AND next_at IS NOT NULL ORDER BY order_id LIMIT ?3 + 0";
                db.all(select, params![state.word(), after.1, limit], read)
            }
        };
        Ok(rows?)
    }
}
