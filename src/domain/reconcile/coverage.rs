//! Which days the statements cover, and from when on ECPay has to have listed something.
//!
//! ECPay's files are made on bank days at 14:00 (vendor page FundingReconDetail). Bank days are taken to be Monday to
//! Friday: holidays are not known here, so one bank day more than needed is waited.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike as _, NaiveDate, Timelike as _, Utc, Weekday};

use crate::domain::calendar;
use crate::domain::statement::StatementKind;

/// A capture is listed on the next bank day; another one for a holiday.
const BANK_DAYS: u32 = 2;

/// When ECPay's files of a bank day are there.
const LISTED_AT_HOUR: u32 = 14;

/// Whether ECPay has to have listed something, in what was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Statements cover all the days in which it is listed.
    Due,
    /// It may stand in a statement that is not there yet, or was not read.
    NotYet,
    /// It was before the first day that a statement covers.
    Before,
}

/// One statement, as far as days go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    pub statement: i64,
    pub kind: StatementKind,
    pub from: NaiveDate,
    pub to: NaiveDate,
    pub read_at: DateTime<Utc>,
}

/// For each kind and day the newest statement that has all of the day's rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage(BTreeMap<(usize, NaiveDate), i64>);

/// The last day whose rows are all in a file that is made at `at`: the one before the last bank day's 14:00.
pub fn listed_until(at: DateTime<Utc>) -> NaiveDate {
    let now = calendar::taipei(at);
    let mut day = now.date_naive();
    if now.hour() < LISTED_AT_HOUR {
        day = before(day);
    }
    while !is_bank_day(day) {
        day = before(day);
    }
    before(day)
}

impl Coverage {
    /// Of statements that hold all rows of their days.
    pub fn of(spans: impl IntoIterator<Item = Span>) -> Self {
        let mut days = BTreeMap::new();
        for span in spans {
            let end = span.to.min(listed_until(span.read_at));
            for day in span.from.iter_days().take_while(|day| *day <= end) {
                let newest = days.entry((span.kind as usize, day)).or_insert(span.statement);
                *newest = span.statement.max(*newest);
            }
        }
        Self(days)
    }

    /// Whether a newer statement has all rows of the day, and so would have a row that this one has.
    pub fn is_superseded(&self, kind: StatementKind, day: NaiveDate, statement: i64) -> bool {
        self.0.get(&(kind as usize, day)).is_some_and(|newest| *newest > statement)
    }

    /// Whether there is any statement of the kind.
    pub fn has(&self, kind: StatementKind) -> bool {
        self.0.range((kind as usize, NaiveDate::MIN)..=(kind as usize, NaiveDate::MAX)).next().is_some()
    }

    /// Of a capture or a refund of that day.
    pub fn standing(&self, kind: StatementKind, day: NaiveDate) -> Standing {
        // What was paid is listed under its own day.
        let bank_days = if kind.lists_payments() { 0 } else { BANK_DAYS };
        let mut covered = self.0.range((kind as usize, NaiveDate::MIN)..=(kind as usize, NaiveDate::MAX));
        let Some((&(_, first), _)) = covered.next() else { return Standing::NotYet };
        let last = covered.next_back().map_or(first, |(&(_, day), _)| day);
        let until = bank_day_after(day, bank_days);
        if until > last {
            return Standing::NotYet;
        }
        if day < first {
            return Standing::Before;
        }
        let is_closed = |day: NaiveDate| !kind.lists_payments() && !is_bank_day(day);
        let covers = |day: NaiveDate| is_closed(day) || self.0.contains_key(&(kind as usize, day));
        let whole = day.iter_days().take_while(|day| *day <= until).all(covers);
        if whole { Standing::Due } else { Standing::NotYet }
    }
}

fn bank_day_after(day: NaiveDate, mut count: u32) -> NaiveDate {
    let mut end = day;
    while count > 0 {
        let Some(next) = end.succ_opt() else { return end };
        end = next;
        count -= u32::from(is_bank_day(end));
    }
    end
}

fn is_bank_day(day: NaiveDate) -> bool {
    !matches!(day.weekday(), Weekday::Sat | Weekday::Sun)
}

fn before(day: NaiveDate) -> NaiveDate {
    day.pred_opt().unwrap_or(day)
}
