//! The movements of thirty days, as the books have them.

use chrono::{Duration, NaiveDate};

use crate::domain::calendar::taipei_date;
use crate::domain::movement::MovementKind;
use crate::domain::report::days::Sums;
use crate::ledger::LedgerError;
use crate::web::ask::Ask;

pub(super) const DAYS: usize = 30;

pub(super) struct Month {
    pub first: NaiveDate,
    /// Today.
    pub last: NaiveDate,
    /// What was authorized and not captured when the first day began.
    pub opening: i64,
    pub days: [Sums; DAYS],
    /// From the first day on; by the gateway's clock a movement may be of tomorrow.
    pub sums: Sums,
    pub counts: Sums,
}

impl Month {
    pub fn date(&self, at: usize) -> NaiveDate {
        self.first + Duration::days(i64::try_from(at).unwrap_or_default())
    }

    /// What is authorized and not captured now.
    pub fn closing(&self) -> i64 {
        self.opening + self.sums.left_authorized()
    }
}

pub(super) fn month(ask: &Ask<'_>) -> Result<Month, LedgerError> {
    let last = taipei_date(ask.now);
    let first = last - Duration::days(DAYS as i64 - 1);
    let mut before = Sums::default();
    for moved in ask.reader.money_before(first)? {
        if let Some(kind) = MovementKind::parse(&moved.kind) {
            before.add(kind, moved.amount);
        }
    }
    let mut month = Month {
        first,
        last,
        opening: before.left_authorized(),
        days: [Sums::default(); DAYS],
        sums: Sums::default(),
        counts: Sums::default(),
    };
    for moved in ask.reader.money_days(first)? {
        let Some(kind) = MovementKind::parse(&moved.kind) else { continue };
        month.sums.add(kind, moved.amount);
        month.counts.add(kind, moved.count);
        let at = moved.day.parse().ok().and_then(|day: NaiveDate| usize::try_from((day - first).num_days()).ok());
        if let Some(day) = at.and_then(|at| month.days.get_mut(at)) {
            day.add(kind, moved.amount);
        }
    }
    Ok(month)
}
