//! What ECPay's statements hold of some days, kept until another statement is read.

use std::cell::RefCell;

use chrono::NaiveDate;

/// Money by card that ECPay has settled, at all merchants that were asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Settled {
    /// The days that the statements are about.
    pub days: Option<(NaiveDate, NaiveDate)>,
    pub captured_rows: i64,
    pub captured: i64,
    pub refunded_rows: i64,
    pub refunded: i64,
    /// Rounded for each payout as ECPay does.
    pub fees: i64,
}

/// What was added up.
#[derive(PartialEq, Eq)]
pub struct Asked {
    pub newest_statement: i64,
    pub merchants: Vec<String>,
    pub days: (NaiveDate, NaiveDate),
}

/// The sum that was asked for last.
#[derive(Default)]
pub struct AddedUp(RefCell<Option<(Asked, Settled)>>);

impl AddedUp {
    pub fn of(&self, asked: &Asked) -> Option<Settled> {
        self.0.borrow().as_ref().filter(|(known, _)| known == asked).map(|(_, sum)| *sum)
    }

    pub fn keep(&self, asked: Asked, sum: Settled) {
        *self.0.borrow_mut() = Some((asked, sum));
    }
}

impl Settled {
    /// What ECPay pays out for it, or has.
    pub fn due(&self) -> i64 {
        self.captured - self.refunded - self.fees
    }
}
