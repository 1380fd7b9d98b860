//! What was given back in a range, and the allowances that shops have noted for it.

use chrono::{DateTime, Utc};

use super::{Books, Range};
use crate::ledger::LedgerError;
use crate::ledger::db::{Text, from_columns};
use crate::ledger::times::from_ms;

/// A refund that moved money or ended an authorization. Those that one call ended together are told one by one.
#[derive(Clone, Debug)]
pub struct GivenBack {
    pub day: String,
    pub merchant_id: String,
    pub merchant_trade_no: String,
    pub trade_no: Option<String>,
    /// None: no shop has asked for it here.
    pub refund_id: Option<i64>,
    pub request_key: Option<Text>,
    /// Below 0: ECPay undid it.
    pub amount: i64,
    pub kind: String,
    pub method: Option<String>,
    pub by: String,
    authorized_at: Option<i64>,
    pub allowance_no: Option<String>,
    pub allowance_amount: Option<i64>,
    pub reason: Option<Text>,
}

from_columns!(
    GivenBack:
    day, merchant_id, merchant_trade_no, trade_no, refund_id, request_key, amount, kind, method, by, authorized_at,
    allowance_no, allowance_amount, reason
);

impl GivenBack {
    /// When the order was paid.
    pub fn authorized_at(&self) -> Option<DateTime<Utc>> {
        self.authorized_at.map(from_ms)
    }
}

impl Books {
    pub fn given_back<E: From<LedgerError>>(
        &self,
        range: &Range,
        each: impl FnMut(GivenBack) -> Result<(), E>,
    ) -> Result<(), E> {
        self.each_of_days(include_str!("../sql/report_given_back.sql"), range, each)
    }
}
