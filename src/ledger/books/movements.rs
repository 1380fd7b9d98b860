//! The movements of a range.

use chrono::{DateTime, Utc};

use super::{Books, Range};
use crate::ledger::LedgerError;
use crate::ledger::db::{Text, from_columns};
use crate::ledger::times::from_ms;

/// A line of the journal, with what explains it.
#[derive(Clone, Debug)]
pub struct Moved {
    pub day: String,
    pub merchant_id: String,
    pub merchant_trade_no: String,
    pub trade_no: Option<String>,
    pub kind: String,
    pub amount: i64,
    /// Thousandths of NT$, by ECPay's statement.
    pub fee_told: Option<i64>,
    /// Of a capture, as the order query foresaw it.
    pub fee_foreseen: Option<i64>,
    pub by: String,
    pub attempt_id: Option<i64>,
    pub refund_id: Option<i64>,
    pub request_key: Option<Text>,
    pub reason: Option<Text>,
    at: i64,
    gateway_at: Option<i64>,
}

from_columns!(
    Moved:
    day, merchant_id, merchant_trade_no, trade_no, kind, amount, fee_told, fee_foreseen, by, attempt_id, refund_id,
    request_key, reason, at, gateway_at
);

impl Moved {
    /// The look that showed it.
    pub fn seen_at(&self) -> DateTime<Utc> {
        from_ms(self.at)
    }

    /// By the gateway's own dates.
    pub fn gateway_at(&self) -> Option<DateTime<Utc>> {
        self.gateway_at.map(from_ms)
    }
}

impl Books {
    /// By day, merchant, and the order of their commits.
    pub fn movements<E: From<LedgerError>>(
        &self,
        range: &Range,
        each: impl FnMut(Moved) -> Result<(), E>,
    ) -> Result<(), E> {
        self.each_of_days(include_str!("../sql/report_movements.sql"), range, each)
    }
}
