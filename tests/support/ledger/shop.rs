//! What shops do, as rows that they write.

use chrono::{DateTime, Utc};

use super::{Cell, LedgerHandle, Refused};

/// The merchant of most tests.
pub const MERCHANT: &str = "3002607";

/// An order that a shop hands over. What it leaves out is for the ledger to fill in.
#[derive(Clone, Copy, Debug, Default)]
pub struct AddOrder<'a> {
    pub merchant: &'a str,
    pub no: &'a str,
    pub trade_no: Option<&'a str>,
    pub expected_amount: Option<i64>,
    pub capture: Option<&'a str>,
    pub installments: Option<i64>,
    pub at: Option<DateTime<Utc>>,
}

/// A refund that it asks for: all that is left, where it names no amount.
#[derive(Clone, Copy, Debug, Default)]
pub struct AddRefund<'a> {
    pub merchant: &'a str,
    pub no: &'a str,
    pub trade_no: Option<&'a str>,
    pub amount: Option<i64>,
    pub key: &'a str,
    pub at: Option<DateTime<Utc>>,
}

/// Vouchers that it sold, or gave away under a number of their own.
#[derive(Clone, Copy, Debug, Default)]
pub struct AddVouchers<'a> {
    pub merchant: &'a str,
    pub sold: Option<&'a str>,
    pub free: Option<&'a str>,
    pub at: Option<DateTime<Utc>>,
}

impl LedgerHandle {
    /// Of the merchant of most tests; the ledger has to take it.
    pub fn add_order(&self, no: &str) {
        self.order(&AddOrder { merchant: MERCHANT, no, ..AddOrder::default() }).expect("an order");
    }

    pub fn add_refund(&self, no: &str, amount: Option<i64>, key: &str) {
        self.refund(&AddRefund { merchant: MERCHANT, no, amount, key, ..AddRefund::default() }).expect("a refund");
    }

    pub fn order(&self, order: &AddOrder<'_>) -> Result<(), Refused> {
        self.insert(
            "orders",
            [
                ("merchant_id", order.merchant.into()),
                ("merchant_trade_no", order.no.into()),
                ("trade_no", order.trade_no.into()),
                ("expected_amount", order.expected_amount.into()),
                ("capture", order.capture.into()),
                ("installments", order.installments.into()),
                ("created_at", order.at.into()),
            ],
        )
    }

    pub fn refund(&self, refund: &AddRefund<'_>) -> Result<(), Refused> {
        self.insert(
            "refund_intents",
            [
                ("merchant_id", refund.merchant.into()),
                ("merchant_trade_no", refund.no.into()),
                ("trade_no", refund.trade_no.into()),
                ("amount", refund.amount.into()),
                ("request_key", refund.key.into()),
                ("created_at", refund.at.into()),
            ],
        )
    }

    pub fn vouchers(&self, vouchers: &AddVouchers<'_>) -> Result<(), Refused> {
        self.insert(
            "voucher_orders",
            [
                ("merchant_id", vouchers.merchant.into()),
                ("merchant_trade_no", vouchers.sold.into()),
                ("free_trade_no", vouchers.free.into()),
                ("created_at", vouchers.at.into()),
            ],
        )
    }

    /// Takes a refund back that has not begun.
    pub fn cancel(&self, key: &str) -> Result<(), Refused> {
        self.write("UPDATE refund_intents SET cancel = 1 WHERE request_key = ?", [key]).map(drop)
    }

    /// `auto`, `now` or `hold`.
    pub fn set_capture(&self, merchant: &str, no: &str, word: &str) {
        let set = "UPDATE orders SET capture = ? WHERE merchant_trade_no = ? AND merchant_id = ?";
        self.write(set, [word, no, merchant]).expect("the order");
    }

    /// Refunds go on, in spite of what is redeemed.
    pub fn unguard(&self, merchant: &str, no: &str) {
        let set = "UPDATE voucher_orders SET guard = 0 WHERE merchant_trade_no = ? AND merchant_id = ?";
        self.write(set, [no, merchant]).expect("the voucher order");
    }

    /// A row of these columns; those without a value are left out.
    fn insert<const N: usize>(&self, table: &str, row: [(&str, Cell); N]) -> Result<(), Refused> {
        let (columns, cells): (Vec<_>, Vec<_>) = row.into_iter().filter(|(_, cell)| *cell != Cell::Null).unzip();
        let places = vec!["?"; columns.len()].join(", ");
        let insert = format!("INSERT INTO {table} ({}) VALUES ({places})", columns.join(", "));
        self.write(&insert, cells).map(drop)
    }
}
