//! What is in no message yet.

use chrono::{DateTime, Utc};

use crate::ledger::db::{Json, Text, from_columns, params};
use crate::ledger::times::{from_ms, ms};
use crate::ledger::{Ledger, LedgerError};

/// An edge of an alert, with the alert as it is now.
#[derive(Clone, Debug)]
pub struct WaitingAlert {
    pub delivery_id: i64,
    pub edge: String,
    pub at: i64,
    pub alert_id: i64,
    pub kind: String,
    pub severity: String,
    pub merchant_id: String,
    pub merchant_trade_no: Option<String>,
    pub message: String,
    pub rule: String,
    pub reason: Option<Json>,
    pub days_left: Option<i64>,
    pub raised_at: i64,
    pub closed_at: Option<i64>,
    pub acked_by: Option<String>,
}

from_columns!(
    WaitingAlert:
    delivery_id, edge, at, alert_id, kind, severity, merchant_id, merchant_trade_no, message, rule, reason,
    days_left, raised_at, closed_at, acked_by
);

/// What has ended for an order, with its row and its refund's as they are now.
#[derive(Clone, Debug)]
pub struct WaitingEvent {
    pub delivery_id: i64,
    pub edge: String,
    pub at: i64,
    pub order_id: i64,
    pub merchant_id: String,
    pub merchant_trade_no: String,
    pub trade_no: Option<String>,
    pub state: String,
    pub amount: Option<i64>,
    pub captured_amount: i64,
    pub refunded_amount: i64,
    pub refund_id: Option<i64>,
    pub request_key: Option<Text>,
    pub refund_amount: Option<i64>,
    pub refund_method: Option<String>,
    pub detail: Option<String>,
    pub reason: Option<Json>,
}

from_columns!(
    WaitingEvent:
    delivery_id, edge, at, order_id, merchant_id, merchant_trade_no, trade_no, state, amount, captured_amount,
    refunded_amount, refund_id, request_key, refund_amount, refund_method, detail, reason
);

impl Ledger {
    /// The oldest first.
    pub async fn waiting_alerts(&self, channel: &str, limit: i64) -> Result<Vec<WaitingAlert>, LedgerError> {
        self.ask(|db| {
            let of = params! { channel, limit };
            Ok(db.all(include_str!("../sql/waiting_alerts.sql"), of, |row| row.try_into())?)
        })
        .await
    }

    /// The oldest first, and of each order the first alone: the others wait until that one's message has ended.
    pub async fn waiting_events(&self, channel: &str, limit: i64) -> Result<Vec<WaitingEvent>, LedgerError> {
        self.ask(|db| {
            let of = params! { channel, limit };
            Ok(db.all(include_str!("../sql/waiting_events.sql"), of, |row| row.try_into())?)
        })
        .await
    }

    /// Until when a channel rests whose last try has failed. What comes meanwhile waits, and goes together.
    pub async fn channel_rests_until(
        &self,
        channel: &str,
        now: DateTime<Utc>,
    ) -> Result<Option<DateTime<Utc>>, LedgerError> {
        self.ask(|db| {
            let of = params! { channel, now: ms(now) };
            let until: Option<i64> = db.one(include_str!("../sql/channel_rest.sql"), of, |row| row.at(0))?;
            Ok(until.map(from_ms))
        })
        .await
    }
}
