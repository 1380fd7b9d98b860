//! The views that shops read, for the commands that print them. Field names are the views' columns.

use serde::Serialize;
use sqlx::FromRow;

use super::{Ledger, LedgerError};

#[derive(Clone, Debug, Serialize, FromRow)]
pub struct OrderStatus {
    pub merchant_id: String,
    pub merchant_trade_no: String,
    pub trade_no: Option<String>,
    pub state: String,
    pub amount: Option<i64>,
    pub captured_amount: i64,
    pub refunded_amount: i64,
    pub payment_type: Option<String>,
    pub capture: String,
    pub authorized_at: Option<String>,
    pub capture_by: Option<String>,
    pub expires_at: Option<String>,
    pub next_step: Option<String>,
    pub next_step_at: Option<String>,
    pub last_checked_at: Option<String>,
    pub last_error: Option<String>,
}

#[derive(Clone, Debug, Serialize, FromRow)]
pub struct RefundStatus {
    pub id: i64,
    pub merchant_id: String,
    pub merchant_trade_no: String,
    pub amount: Option<i64>,
    pub request_key: String,
    pub state: String,
    pub refunded_amount: i64,
    pub method: Option<String>,
    pub detail: String,
    pub created_at: String,
    pub updated_at: String,
}

#[derive(Clone, Debug, Serialize, FromRow)]
pub struct OpenAlert {
    pub id: i64,
    pub kind: String,
    pub severity: String,
    pub merchant_id: String,
    pub merchant_trade_no: Option<String>,
    pub message: String,
    pub raised_at: String,
    pub acked_by: Option<String>,
}

#[derive(Clone, Debug, Serialize, FromRow)]
pub struct OrderEvent {
    pub id: i64,
    pub at: String,
    pub merchant_id: Option<String>,
    pub merchant_trade_no: Option<String>,
    pub kind: String,
    pub detail: String,
}

/// One money call, with what the accountant wants to see of it.
#[derive(Clone, Debug, Serialize, FromRow)]
pub struct AttemptRow {
    pub id: i64,
    pub refund_id: Option<i64>,
    pub action: String,
    pub amount: i64,
    pub trade_no: String,
    pub state: String,
    pub started_at: String,
    pub finished_at: Option<String>,
    pub code: Option<i64>,
    pub text: String,
    pub resolved_by: Option<String>,
}

#[derive(Clone, Debug, Serialize, FromRow)]
pub struct Count {
    pub state: String,
    pub count: i64,
}

#[derive(Clone, Debug, Serialize, FromRow)]
pub struct MerchantRow {
    pub merchant_id: String,
    pub configured: bool,
    pub paused_by: Option<String>,
    pub silent_until: Option<String>,
}

/// An order as a command found it.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct FoundOrder {
    pub id: i64,
    pub merchant_id: String,
    pub trade_no: Option<String>,
}

impl Ledger {
    /// All orders with this MerchantTradeNo, at every merchant unless one is named.
    pub async fn find_orders(
        &self,
        merchant_trade_no: &str,
        merchant: Option<&str>,
    ) -> Result<Vec<FoundOrder>, LedgerError> {
        Ok(sqlx::query_as("SELECT id, merchant_id, trade_no FROM orders WHERE merchant_trade_no = ?1 AND (?2 IS NULL OR merchant_id = ?2) ORDER BY id")
            .bind(merchant_trade_no)
            .bind(merchant)
            .fetch_all(&self.readers)
            .await?)
    }

    /// Another row of the ledger that follows the same authorization.
    pub async fn same_authorization(
        &self,
        order_id: i64,
        merchant_id: &str,
        trade_no: &str,
    ) -> Result<Option<i64>, LedgerError> {
        Ok(sqlx::query_scalar(
            "SELECT order_id FROM order_state WHERE merchant_id = ? AND trade_no = ? AND order_id <> ?",
        )
        .bind(merchant_id)
        .bind(trade_no)
        .bind(order_id)
        .fetch_optional(&mut *self.reader.lock().await)
        .await?)
    }

    pub async fn order_status(&self, order_id: i64) -> Result<OrderStatus, LedgerError> {
        Ok(sqlx::query_as("SELECT * FROM order_rows WHERE order_id = ?")
            .bind(order_id)
            .fetch_one(&self.readers)
            .await?)
    }

    /// A page of orders, newest first.
    pub async fn list_orders(
        &self,
        state: Option<&str>,
        merchant: Option<&str>,
        limit: i64,
    ) -> Result<Vec<OrderStatus>, LedgerError> {
        // A condition that may be absent keeps SQLite from an index: of a state that no order is in,
        // the whole ledger would be read.
        let page = if state.is_some() {
            "SELECT v.* FROM (SELECT s.order_id FROM order_state s WHERE s.state = ?1 AND (?2 IS NULL OR s.merchant_id = ?2)
                               ORDER BY s.order_id DESC LIMIT ?3 + 0) page
               JOIN order_rows v ON v.order_id = page.order_id ORDER BY page.order_id DESC"
        } else {
            "SELECT v.* FROM (SELECT s.order_id FROM order_state s WHERE ?1 IS NULL AND (?2 IS NULL OR s.merchant_id = ?2)
                               ORDER BY s.order_id DESC LIMIT ?3 + 0) page
               JOIN order_rows v ON v.order_id = page.order_id ORDER BY page.order_id DESC"
        };
        Ok(sqlx::query_as(page).bind(state).bind(merchant).bind(limit).fetch_all(&self.readers).await?)
    }

    pub async fn refunds_of(&self, order_id: i64) -> Result<Vec<RefundStatus>, LedgerError> {
        Ok(sqlx::query_as(
            "SELECT v.* FROM refunds r JOIN refund_status v ON v.id = r.intent_id WHERE r.order_id = ? ORDER BY v.id",
        )
        .bind(order_id)
        .fetch_all(&self.readers)
        .await?)
    }

    pub async fn open_refunds(&self, limit: i64) -> Result<Vec<RefundStatus>, LedgerError> {
        Ok(sqlx::query_as(
            "SELECT v.* FROM (SELECT intent_id FROM refunds WHERE state IN ('queued', 'running', 'waiting', 'review') ORDER BY intent_id LIMIT ? + 0) r
               JOIN refund_status v ON v.id = r.intent_id ORDER BY v.id",
        )
        .bind(limit)
        .fetch_all(&self.readers)
        .await?)
    }

    pub async fn attempts_of(&self, order_id: i64) -> Result<Vec<AttemptRow>, LedgerError> {
        Ok(sqlx::query_as(
            "SELECT id, refund_id, action, amount, trade_no, state,
                    strftime('%Y-%m-%d %H:%M:%S', started_at / 1000 + 28800, 'unixepoch') AS started_at,
                    strftime('%Y-%m-%d %H:%M:%S', finished_at / 1000 + 28800, 'unixepoch') AS finished_at,
                    code, text, resolved_by
               FROM attempts WHERE order_id = ? ORDER BY id",
        )
        .bind(order_id)
        .fetch_all(&self.readers)
        .await?)
    }

    pub async fn events_of(&self, order_id: i64) -> Result<Vec<OrderEvent>, LedgerError> {
        Ok(sqlx::query_as(
            "SELECT v.* FROM orders o JOIN events e ON e.merchant_trade_no = o.merchant_trade_no AND e.order_id = o.id JOIN order_events v ON v.id = e.id WHERE o.id = ? ORDER BY e.id",
        )
        .bind(order_id)
        .fetch_all(&self.readers)
        .await?)
    }

    /// Open alerts, the loudest first.
    pub async fn alerts(&self, limit: i64) -> Result<Vec<OpenAlert>, LedgerError> {
        Ok(sqlx::query_as(
            "SELECT * FROM open_alerts ORDER BY CASE severity WHEN 'critical' THEN 0 WHEN 'warning' THEN 1 ELSE 2 END, id LIMIT ? + 0",
        )
        .bind(limit)
        .fetch_all(&self.readers)
        .await?)
    }

    pub async fn counts_by_state(&self) -> Result<Vec<Count>, LedgerError> {
        Ok(sqlx::query_as("SELECT state, count(*) AS count FROM order_state GROUP BY state ORDER BY state")
            .fetch_all(&self.readers)
            .await?)
    }

    /// The next money steps that are foreseen by deadline.
    pub async fn next_deadlines(&self, limit: i64) -> Result<Vec<OrderStatus>, LedgerError> {
        // Without statistics SQLite would take the index on the state, and sort all that wait.
        Ok(sqlx::query_as(
            "SELECT v.* FROM (SELECT order_id FROM order_state INDEXED BY order_uncaptured WHERE state = 'authorized' ORDER BY authorized_at LIMIT ? + 0) page
               JOIN order_rows v ON v.order_id = page.order_id ORDER BY v.authorized_at",
        )
        .bind(limit)
        .fetch_all(&self.readers)
        .await?)
    }

    pub async fn merchants(&self) -> Result<Vec<MerchantRow>, LedgerError> {
        Ok(sqlx::query_as(
            "SELECT merchant_id, configured, paused_by,
                    strftime('%Y-%m-%d %H:%M:%S', silent_until / 1000 + 28800, 'unixepoch') AS silent_until
               FROM merchants ORDER BY merchant_id",
        )
        .fetch_all(&self.readers)
        .await?)
    }

    /// When the next step of any merchant in the settings is due.
    pub async fn next_step_at(&self) -> Result<Option<chrono::DateTime<chrono::Utc>>, LedgerError> {
        let next: Option<i64> = sqlx::query_scalar(
            "SELECT min(next_at) FROM (SELECT min(
                      ifnull((SELECT min(next_at) FROM order_state WHERE merchant_id = m.merchant_id AND rank = 0 AND next_at IS NOT NULL), 9e18),
                      ifnull((SELECT min(next_at) FROM order_state WHERE merchant_id = m.merchant_id AND rank = 1 AND next_at IS NOT NULL), 9e18),
                      ifnull((SELECT min(next_at) FROM order_state WHERE merchant_id = m.merchant_id AND rank = 2 AND next_at IS NOT NULL), 9e18),
                      ifnull((SELECT min(next_at) FROM voucher_state WHERE merchant_id = m.merchant_id AND m.vouchers = 1 AND next_at IS NOT NULL), 9e18)
                    ) AS next_at FROM merchants m WHERE m.configured = 1) WHERE next_at < 9e18",
        )
        .fetch_one(&self.readers)
        .await?;
        Ok(next.map(super::from_ms))
    }
}
