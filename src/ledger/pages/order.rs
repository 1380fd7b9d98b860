//! One order, whole.

use super::PageReader;
use crate::domain::record::Kept;
use crate::ledger::db::params;
use crate::ledger::load::{self, MerchantTerms};
use crate::ledger::views::{AttemptRow, Count, FoundOrder, MovementRow, OrderEvent, OrderStatus, RefundStatus};
use crate::ledger::{LedgerError, VoucherStatus};

impl PageReader {
    /// All orders of a merchant with this number.
    pub fn find(&self, merchant: &str, number: &str) -> Result<Vec<FoundOrder>, LedgerError> {
        let what = params! { number, merchant: Some(merchant) };
        Ok(self.0.all(include_str!("../sql/find_orders.sql"), what, |row| row.try_into())?)
    }

    /// What the plan decides by; see [`crate::ledger::Ledger::load`].
    pub fn load(&self, order_id: i64, terms: MerchantTerms) -> Result<Kept, LedgerError> {
        load::kept(&self.0, order_id, terms)
    }

    pub fn order_status(&self, order_id: i64) -> Result<OrderStatus, LedgerError> {
        let select = "SELECT * FROM order_rows WHERE order_id = :order";
        Ok(self.0.one(select, params! { order: order_id }, |row| row.try_into())?)
    }

    pub fn refunds_of(&self, order_id: i64) -> Result<Vec<RefundStatus>, LedgerError> {
        let what = params! { order: order_id };
        Ok(self.0.all(include_str!("../sql/refunds_of.sql"), what, |row| row.try_into())?)
    }

    pub fn attempts_of(&self, order_id: i64) -> Result<Vec<AttemptRow>, LedgerError> {
        let what = params! { order: order_id };
        Ok(self.0.all(include_str!("../sql/attempts_of.sql"), what, |row| row.try_into())?)
    }

    pub fn movements_of(&self, order_id: i64) -> Result<Vec<MovementRow>, LedgerError> {
        let what = params! { order: order_id };
        Ok(self.0.all(include_str!("../sql/movements_of.sql"), what, |row| row.try_into())?)
    }

    /// The newest first.
    pub fn events_of(&self, order_id: i64, limit: i64) -> Result<Vec<OrderEvent>, LedgerError> {
        let what = params! { order: order_id, limit };
        Ok(self.0.all(include_str!("../sql/page_events_of.sql"), what, |row| row.try_into())?)
    }

    /// The voucher order that it paid for.
    pub fn voucher_of(&self, order_id: i64) -> Result<Option<VoucherStatus>, LedgerError> {
        let select = include_str!("../sql/voucher_of_order.sql");
        let Some(voucher) = self.0.maybe(select, params! { order: order_id }, |row| row.at::<i64>(0))? else {
            return Ok(None);
        };
        Ok(self.0.maybe(include_str!("../sql/voucher_status.sql"), params! { voucher }, |row| row.try_into())?)
    }

    pub fn order_counts(&self) -> Result<Vec<Count>, LedgerError> {
        Ok(self.0.all(include_str!("../sql/count_orders.sql"), &[], |row| row.try_into())?)
    }
}
