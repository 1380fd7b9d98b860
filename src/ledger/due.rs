//! What is due, from an index on the time of the next step, in bounded batches.

use chrono::{DateTime, Utc};
use sqlx::Row;

use super::{Ledger, LedgerError, from_ms, ms};
use crate::domain::ids::MerchantId;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// The row of the order, or of the voucher order.
    pub id: i64,
    /// A refund or an unanswered call is waiting for it.
    pub refund: bool,
}

impl Ledger {
    /// The orders of a merchant that are due: refunds, then deadlines, then routine looks,
    /// each by time.
    pub async fn due(&self, merchant: &MerchantId, now: DateTime<Utc>, limit: usize) -> Result<Vec<Due>, LedgerError> {
        let rows = sqlx::query(
            "SELECT order_id, rank FROM (
               SELECT * FROM (SELECT order_id, rank, next_at FROM order_state WHERE merchant_id = ?1 AND rank = 0 AND next_at <= ?2 ORDER BY next_at LIMIT ?3 + 0)
               UNION ALL
               SELECT * FROM (SELECT order_id, rank, next_at FROM order_state WHERE merchant_id = ?1 AND rank = 1 AND next_at <= ?2 ORDER BY next_at LIMIT ?3 + 0)
               UNION ALL
               SELECT * FROM (SELECT order_id, rank, next_at FROM order_state WHERE merchant_id = ?1 AND rank = 2 AND next_at <= ?2 ORDER BY next_at LIMIT ?3 + 0)
             ) ORDER BY rank, next_at LIMIT ?3 + 0",
        )
        .bind(merchant.as_str())
        .bind(ms(now))
        .bind(i64::try_from(limit).unwrap_or(i64::MAX))
        .fetch_all(&mut *self.reader.lock().await)
        .await?;
        rows.iter()
            .map(|row| Ok(Due { id: row.try_get("order_id")?, refund: row.try_get::<i64, _>("rank")? == 0 }))
            .collect()
    }

    /// The time of a merchant's next step; in the past when something is due.
    pub async fn next_due(&self, merchant: &MerchantId) -> Result<Option<DateTime<Utc>>, LedgerError> {
        let next: Option<i64> = sqlx::query_scalar(
            "SELECT min(next_at) FROM (
               SELECT min(next_at) AS next_at FROM order_state WHERE merchant_id = ?1 AND rank = 0 AND next_at IS NOT NULL
               UNION ALL
               SELECT min(next_at) FROM order_state WHERE merchant_id = ?1 AND rank = 1 AND next_at IS NOT NULL
               UNION ALL
               SELECT min(next_at) FROM order_state WHERE merchant_id = ?1 AND rank = 2 AND next_at IS NOT NULL)",
        )
        .bind(merchant.as_str())
        .fetch_one(&mut *self.reader.lock().await)
        .await?;
        Ok(next.map(from_ms))
    }

    /// Uncaptured orders authorized at or before `cutoff`, in pages by order.
    pub async fn uncaptured(
        &self,
        cutoff: DateTime<Utc>,
        after_order: i64,
        limit: i64,
    ) -> Result<Vec<Due>, LedgerError> {
        let rows = sqlx::query(
            "SELECT order_id, rank FROM order_state
              WHERE state = 'authorized' AND authorized_at <= ? AND order_id > ? ORDER BY order_id LIMIT ? + 0",
        )
        .bind(ms(cutoff))
        .bind(after_order)
        .bind(limit)
        .fetch_all(&mut *self.reader.lock().await)
        .await?;
        rows.iter()
            .map(|row| Ok(Due { id: row.try_get("order_id")?, refund: row.try_get::<i64, _>("rank")? == 0 }))
            .collect()
    }
}
