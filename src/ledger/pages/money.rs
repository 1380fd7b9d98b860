//! Money by day, and how far ECPay's statements were read.

use chrono::{DateTime, NaiveDate, Utc};

use super::PageReader;
use crate::ledger::LedgerError;
use crate::ledger::db::{from_columns, params};
use crate::ledger::times::from_ms;

/// The movements of a day that are of one kind, at all merchants.
#[derive(Clone, Debug)]
pub struct MoneyOfDay {
    pub day: String,
    pub kind: String,
    pub amount: i64,
}

from_columns!(MoneyOfDay: day, kind, amount);

/// The statement that was read last.
#[derive(Clone, Debug)]
pub struct LastStatement {
    pub kind: String,
    pub from_day: String,
    pub to_day: String,
    read_at: i64,
}

from_columns!(LastStatement: kind, from_day, to_day, read_at);

impl LastStatement {
    pub fn read_at(&self) -> DateTime<Utc> {
        from_ms(self.read_at)
    }
}

impl PageReader {
    /// From sums that are kept by the day: as fast with a million movements as with none.
    pub fn money_days(&self, from: NaiveDate, to: NaiveDate) -> Result<Vec<MoneyOfDay>, LedgerError> {
        let what = params! { from: from.to_string(), to: to.to_string() };
        Ok(self.0.all(include_str!("../sql/page_money_days.sql"), what, |row| row.try_into())?)
    }

    pub fn last_statement(&self) -> Result<Option<LastStatement>, LedgerError> {
        let select = "SELECT kind, from_day, to_day, read_at FROM statements ORDER BY id DESC LIMIT 1";
        Ok(self.0.maybe(select, params! {}, |row| row.try_into())?)
    }
}
