//! What had not ended when the last day of a range ended.

use chrono::{DateTime, Utc};

use super::{Books, Range};
use crate::ledger::LedgerError;
use crate::ledger::db::{Json, Text, from_columns, params};
use crate::ledger::times::{from_ms, ms};

/// An order with money authorized and not captured.
#[derive(Clone, Debug)]
pub struct OpenOrder {
    pub merchant_id: String,
    pub merchant_trade_no: String,
    pub trade_no: Option<String>,
    /// What was authorized and not captured then.
    pub amount: i64,
    /// As it is now.
    pub state: String,
    authorized_at: Option<i64>,
    capture_by: Option<i64>,
    expires_at: Option<i64>,
    pub capture: String,
    pub memo: Option<Text>,
}

from_columns!(
    OpenOrder:
    merchant_id, merchant_trade_no, trade_no, amount, state, authorized_at, capture_by, expires_at, capture, memo
);

/// A refund that had been asked for and had not ended.
#[derive(Clone, Debug)]
pub struct OpenRefund {
    pub merchant_id: String,
    pub merchant_trade_no: String,
    pub trade_no: Option<String>,
    /// None: all that is left.
    pub amount: Option<i64>,
    /// As it is now.
    pub state: String,
    pub refund_id: i64,
    pub request_key: Text,
    asked_at: i64,
    pub detail: String,
    pub reason: Option<Json>,
}

from_columns!(
    OpenRefund:
    merchant_id, merchant_trade_no, trade_no, amount, state, refund_id, request_key, asked_at, detail, reason
);

impl OpenOrder {
    pub fn authorized_at(&self) -> Option<DateTime<Utc>> {
        self.authorized_at.map(from_ms)
    }

    pub fn capture_by(&self) -> Option<DateTime<Utc>> {
        self.capture_by.map(from_ms)
    }

    pub fn expires_at(&self) -> Option<DateTime<Utc>> {
        self.expires_at.map(from_ms)
    }
}

impl OpenRefund {
    pub fn asked_at(&self) -> DateTime<Utc> {
        from_ms(self.asked_at)
    }
}

impl Books {
    /// The oldest authorizations first.
    pub fn open_orders<E: From<LedgerError>>(
        &self,
        range: &Range,
        each: impl FnMut(OpenOrder) -> Result<(), E>,
    ) -> Result<(), E> {
        let what = params! { to: range.to.to_string(), merchant: range.merchant };
        self.each(include_str!("../sql/report_open_orders.sql"), what, each)
    }

    pub fn open_refunds<E: From<LedgerError>>(
        &self,
        range: &Range,
        each: impl FnMut(OpenRefund) -> Result<(), E>,
    ) -> Result<(), E> {
        let what = params! { ends: ms(range.ends()), merchant: range.merchant };
        self.each(include_str!("../sql/report_open_refunds.sql"), what, each)
    }
}
