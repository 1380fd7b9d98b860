//! Money by day.

use chrono::NaiveDate;

use super::PageReader;
use crate::ledger::LedgerError;
use crate::ledger::db::{from_columns, params};

/// Behind every day of a movement.
const LAST_DAY: &str = "9999-12-31";

/// The movements of a day that are of one kind, at all merchants.
#[derive(Clone, Debug)]
pub struct MoneyOfDay {
    pub day: String,
    pub kind: String,
    pub amount: i64,
    pub count: i64,
}

from_columns!(MoneyOfDay: day, kind, amount, count);

/// Movements that are of one kind.
#[derive(Clone, Debug)]
pub struct MoneyOfKind {
    pub kind: String,
    pub amount: i64,
}

from_columns!(MoneyOfKind: kind, amount);

impl PageReader {
    /// From that day on, whatever the last day is. From sums that are kept by the day: as fast with a million
    /// movements as with none.
    pub fn money_days(&self, from: NaiveDate) -> Result<Vec<MoneyOfDay>, LedgerError> {
        let what = params! { from: from.to_string(), to: LAST_DAY };
        Ok(self.0.all(include_str!("../sql/page_money_days.sql"), what, |row| row.try_into())?)
    }

    /// Of all days before.
    pub fn money_before(&self, from: NaiveDate) -> Result<Vec<MoneyOfKind>, LedgerError> {
        let what = params! { from: from.to_string() };
        Ok(self.0.all(include_str!("../sql/page_money_before.sql"), what, |row| row.try_into())?)
    }

    /// Some of the authorized orders whose movements do not leave what they show; of the oldest so many.
    pub fn unbalanced(&self, limit: i64) -> Result<Vec<String>, LedgerError> {
        Ok(self.0.all(include_str!("../sql/page_unbalanced.sql"), params! { limit }, |row| row.at(0))?)
    }

    /// Whether any capture of the merchant is in the books.
    pub fn has_captured(&self, merchant: &str) -> Result<bool, LedgerError> {
        let select = "SELECT EXISTS (SELECT 1 FROM day_sums WHERE merchant_id = :merchant AND kind = 'captured')";
        Ok(self.0.one(select, params! { merchant }, |row| row.at(0))?)
    }
}
