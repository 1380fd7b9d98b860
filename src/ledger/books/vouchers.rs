//! Voucher orders: what became of what was sold.

use chrono::{DateTime, Utc};

use super::{Books, Range};
use crate::ledger::LedgerError;
use crate::ledger::db::{from_columns, params};
use crate::ledger::times::{from_ms, ms};

/// A voucher order that is not finished, or in which something happened in the range.
#[derive(Clone, Debug)]
pub struct VoucherLine {
    pub merchant_id: String,
    pub merchant_trade_no: Option<String>,
    pub free_trade_no: Option<String>,
    pub voucher_trade_no: Option<String>,
    pub state: String,
    created_at: i64,
    pub trade_amount: Option<i64>,
    pub redeemed_in_range: i64,
    pub refunded_in_range: i64,
    /// These four until now.
    pub redeemed_amount: Option<i64>,
    pub refunded_amount: Option<i64>,
    pub confirmed_amount: Option<i64>,
    pub unused_amount: Option<i64>,
    last_checked_at: Option<i64>,
}

from_columns!(
    VoucherLine:
    merchant_id, merchant_trade_no, free_trade_no, voucher_trade_no, state, created_at, trade_amount,
    redeemed_in_range, refunded_in_range, redeemed_amount, refunded_amount, confirmed_amount, unused_amount,
    last_checked_at
);

impl VoucherLine {
    pub fn registered_at(&self) -> DateTime<Utc> {
        from_ms(self.created_at)
    }

    pub fn last_checked_at(&self) -> Option<DateTime<Utc>> {
        self.last_checked_at.map(from_ms)
    }
}

impl Books {
    pub fn vouchers<E: From<LedgerError>>(
        &self,
        range: &Range,
        each: impl FnMut(VoucherLine) -> Result<(), E>,
    ) -> Result<(), E> {
        let what = params! { begins: ms(range.begins()), ends: ms(range.ends()), merchant: range.merchant };
        self.each(include_str!("../sql/report_vouchers.sql"), what, each)
    }
}
