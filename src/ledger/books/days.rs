//! The sums of each day, and how many refunds were open.

use chrono::NaiveDate;

use super::{Books, Range};
use crate::domain::movement::MovementKind;
use crate::domain::report::days::{DaySum, RefundsAsked, Sums};
use crate::ledger::LedgerError;
use crate::ledger::db::{self, from_columns, params};
use crate::ledger::times::ms;

/// The movements of a range that are of one kind.
#[derive(Clone, Debug)]
pub struct Counted {
    pub kind: String,
    pub amount: i64,
    pub count: i64,
}

from_columns!(Counted: kind, amount, count);

/// A line of the sums of a day.
struct KindOfDay {
    day: String,
    kind: String,
    amount: i64,
    count: i64,
}

from_columns!(KindOfDay: day, kind, amount, count);

/// Refunds of a merchant that were asked for on one day and ended on another.
struct Asked {
    merchant_id: String,
    asked_on: String,
    ended_on: Option<String>,
    count: i64,
}

from_columns!(Asked: merchant_id, asked_on, ended_on, count);

impl Books {
    /// When the first movement of a merchant was. None: it has none.
    pub fn first_day(&self, merchant: &str) -> Result<Option<NaiveDate>, LedgerError> {
        let select = "SELECT min(day) FROM day_sums WHERE merchant_id = :merchant";
        let day: Option<String> = self.0.one(select, params! { merchant }, |row| row.at(0))?;
        day.map(|day| date(&day)).transpose()
    }

    /// What a merchant had authorized and not captured when a day began.
    pub fn opening(&self, merchant: &str, from: NaiveDate) -> Result<i64, LedgerError> {
        let mut sums = Sums::default();
        let what = params! { merchant, from: from.to_string() };
        self.each(include_str!("../sql/report_opening.sql"), what, |counted: Counted| {
            sums.add(kind(&counted.kind)?, counted.amount);
            Ok::<(), LedgerError>(())
        })?;
        Ok(sums.left_authorized())
    }

    /// Of one merchant, in the order of the days.
    pub fn day_sums(&self, merchant: &str, from: NaiveDate, to: NaiveDate) -> Result<Vec<DaySum>, LedgerError> {
        let what = params! { merchant, from: from.to_string(), to: to.to_string() };
        let rows: Vec<KindOfDay> = self.0.all(include_str!("../sql/report_days.sql"), what, |row| row.try_into())?;
        let sum = |row: KindOfDay| -> Result<DaySum, LedgerError> {
            Ok(DaySum { day: date(&row.day)?, kind: kind(&row.kind)?, amount: row.amount, count: row.count })
        };
        rows.into_iter().map(sum).collect()
    }

    /// What was open at some time of a range, with its merchant.
    pub fn refunds_asked(&self, range: &Range) -> Result<Vec<(String, RefundsAsked)>, LedgerError> {
        let what = params! { begins: ms(range.begins()), ends: ms(range.ends()), merchant: range.merchant };
        let rows: Vec<Asked> =
            self.0.all(include_str!("../sql/report_refunds_asked.sql"), what, |row| row.try_into())?;
        let asked = |row: Asked| -> Result<(String, RefundsAsked), LedgerError> {
            let ended_on = row.ended_on.map(|day| date(&day)).transpose()?;
            Ok((row.merchant_id, RefundsAsked { on: date(&row.asked_on)?, ended_on, count: row.count }))
        };
        rows.into_iter().map(asked).collect()
    }

    /// By kind.
    pub fn counted(&self, range: &Range) -> Result<Vec<Counted>, LedgerError> {
        let (from, to) = range.days();
        let what = params! { from, to, merchant: range.merchant };
        Ok(self.0.all(include_str!("../sql/report_counts.sql"), what, |row| row.try_into())?)
    }
}

fn date(day: &str) -> Result<NaiveDate, LedgerError> {
    day.parse().map_err(|_| is_none("day", day))
}

fn kind(word: &str) -> Result<MovementKind, LedgerError> {
    MovementKind::parse(word).ok_or_else(|| is_none("kind", word))
}

fn is_none(column: &str, value: &str) -> LedgerError {
    db::Error::Column { column: column.to_owned(), why: format!("'{value}' is none") }.into()
}
