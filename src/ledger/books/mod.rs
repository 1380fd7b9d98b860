//! What the report of a range of days reads: in one moment, on a connection of its own, row after row. No writer
//! waits for it, and a year of movements needs no more memory than a day.

mod allowances;
mod days;
mod movements;
mod open;
mod vouchers;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};

pub use self::allowances::GivenBack;
pub use self::days::Counted;
pub use self::movements::Moved;
pub use self::open::{OpenOrder, OpenRefund};
pub use self::vouchers::VoucherLine;

use super::db::{self, Db, Parameters, Row, params};
use super::sqlite::open as opening;
use super::{Ledger, LedgerError};
use crate::domain::calendar::from_taipei;

/// Days in Asia/Taipei, both of them in it, and whose.
#[derive(Clone, Debug)]
pub struct Range {
    pub from: NaiveDate,
    pub to: NaiveDate,
    /// None: of all.
    pub merchant: Option<String>,
}

impl Range {
    fn days(&self) -> (String, String) {
        (self.from.to_string(), self.to.to_string())
    }

    /// The first moment of it.
    fn begins(&self) -> DateTime<Utc> {
        from_taipei(self.from.and_time(NaiveTime::MIN))
    }

    /// The first moment after it.
    fn ends(&self) -> DateTime<Utc> {
        let after = self.to.succ_opt().unwrap_or(self.to);
        from_taipei(after.and_time(NaiveTime::MIN))
    }
}

/// The ledger as it is in one moment.
pub struct Books(Db);

impl Ledger {
    pub fn books<T, E: From<LedgerError>>(&self, read: impl FnOnce(&Books) -> Result<T, E>) -> Result<T, E> {
        let books = Books(opening::reader(&self.path)?);
        let begun = books.0.begin_reading().map_err(LedgerError::from)?;
        let answer = read(&books)?;
        begun.end().map_err(LedgerError::from)?;
        Ok(answer)
    }
}

/// What ended an answer before its last row.
struct Ended<E>(E);

impl<E: From<LedgerError>> From<db::Error> for Ended<E> {
    fn from(error: db::Error) -> Self {
        Self(LedgerError::from(error).into())
    }
}

impl Books {
    /// Day by day, so that no more than a day has to be put in order.
    fn each_of_days<T, E>(&self, sql: &str, range: &Range, mut each: impl FnMut(T) -> Result<(), E>) -> Result<(), E>
    where
        T: for<'r> TryFrom<&'r Row<'r>, Error = db::Error>,
        E: From<LedgerError>,
    {
        let (from, to) = range.days();
        let within = params! { from, to, merchant: range.merchant };
        let days: Vec<String> = self
            .0
            .all(include_str!("../sql/report_days_moved.sql"), within, |row| row.at(0))
            .map_err(LedgerError::from)?;
        for day in days {
            self.each(sql, params! { day, merchant: range.merchant }, &mut each)?;
        }
        Ok(())
    }

    /// Hands each row on as what it is.
    fn each<T, E>(&self, sql: &str, what: Parameters<'_>, mut each: impl FnMut(T) -> Result<(), E>) -> Result<(), E>
    where
        T: for<'r> TryFrom<&'r Row<'r>, Error = db::Error>,
        E: From<LedgerError>,
    {
        let read = |row: &Row<'_>| each(T::try_from(row)?).map_err(Ended);
        self.0.each(sql, what, read).map_err(|Ended(error)| error)
    }

    /// Those that the settings have ever named.
    pub fn merchants(&self) -> Result<Vec<String>, LedgerError> {
        let select = "SELECT merchant_id FROM merchants ORDER BY merchant_id";
        Ok(self.0.all(select, params! {}, |row| row.at(0))?)
    }

    pub fn has_statements(&self, merchant: &str) -> Result<bool, LedgerError> {
        let select = "SELECT EXISTS (SELECT 1 FROM statements WHERE merchant_id = :merchant)";
        Ok(self.0.one(select, params! { merchant }, |row| row.at(0))?)
    }
}
