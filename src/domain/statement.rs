//! What ECPay's statements hold of the orders: files of three kinds, their rows in one form.

use chrono::NaiveDate;
use serde::{Serialize, Serializer};

use super::order::words;

words! {
    /// `statements.kind`, as ECPay's pages name it.
    StatementKind {
        /// 特店對帳媒體檔 of the JSON products.
        QueryTradeMedia = "QueryTradeMedia",
        /// 信用卡撥款對帳: what was captured and refunded by card.
        FundingReconDetail = "FundingReconDetail",
        /// 特店對帳媒體檔 of 全方位金流: what was paid.
        TradeNoAio = "TradeNoAio",
    }
}

impl StatementKind {
    pub fn name(self) -> &'static str {
        self.word()
    }

    /// Lists a payment from the day it is made, whether or not it is captured, and not each of its refunds. The
    /// others list captures and refunds.
    pub fn lists_payments(self) -> bool {
        self == Self::TradeNoAio
    }
}

impl Serialize for StatementKind {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.word())
    }
}

/// A payment or a refund, as a row of a statement has it. Numbers are as they came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatementRow {
    /// Of the file, from 1 on.
    pub line: u64,
    pub merchant_trade_no: String,
    /// ECPay's; empty where the file has none.
    pub trade_no: String,
    /// 關帳單號; empty where the file has none.
    pub closing_no: String,
    /// 交易日期.
    pub traded_on: NaiveDate,
    /// NT$; below 0: a refund.
    pub gross: i64,
    /// 結算日期 or 請款日期. None: not settled, or the file has no such column.
    pub settled_on: Option<NaiveDate>,
    /// 撥款日期. None: not paid out, or the file has no such column.
    pub paid_on: Option<NaiveDate>,
    /// All fees together, thousandths of a dollar; below 0: given back.
    pub fee_milli: i64,
    /// What ECPay pays out, thousandths of a dollar. None: the file does not say.
    pub net_milli: Option<i64>,
    pub is_card: bool,
}

impl StatementRow {
    /// The day that the row belongs to, of those that a statement is asked for.
    pub fn day(&self) -> NaiveDate {
        self.settled_on.unwrap_or(self.traded_on)
    }
}
