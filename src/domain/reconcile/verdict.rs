//! One order of the ledger against its rows in one kind of file.

use chrono::NaiveDate;

use super::{Booked, Class, Coverage, Listed, Moved, Standing};
use crate::domain::order::OrderState;
use crate::domain::statement::StatementKind;

/// What one kind of file says of an order, and by which rows.
pub(super) struct Verdict<'a> {
    pub class: Class,
    pub kind: StatementKind,
    pub rows: Vec<&'a Listed>,
}

/// Of several kinds of file the one that tells most counts: a row that is there says more than one that is not.
const BY_WEIGHT: [Class; 7] = [
    Class::AmountDiffers,
    Class::RefundOnlyAtEcpay,
    Class::FeeDiffers,
    Class::Agrees,
    Class::RefundOnlyInLedger,
    Class::MissingAtEcpay,
    Class::NotYet,
];

impl Verdict<'_> {
    pub fn weight(&self) -> usize {
        BY_WEIGHT.iter().position(|class| *class == self.class).unwrap_or(BY_WEIGHT.len())
    }
}

/// Sums of the rows: NT$.
struct Sums {
    payments: i64,
    refunds: i64,
}

fn sums(rows: &[&Listed]) -> Sums {
    let of = |sign: i64| rows.iter().map(|row| (row.gross * sign).max(0)).sum();
    Sums { payments: of(1), refunds: of(-1) }
}

impl Booked {
    pub fn captured(&self) -> i64 {
        self.movements.iter().map(|moved| moved.captured).sum()
    }

    pub fn refunded(&self) -> i64 {
        self.movements.iter().map(|moved| moved.refunded).sum()
    }

    pub(super) fn captured_on(&self) -> Option<NaiveDate> {
        // After a capture that was called back, the one that stands.
        self.movements.iter().rev().find(|moved| moved.captured > 0).map(|moved| moved.day)
    }

    /// Of the captures. None where one of them was not told.
    pub(super) fn fee_milli(&self) -> Option<i64> {
        let captured = self.movements.iter().filter(|moved| moved.captured > 0);
        captured
            .map(|moved| moved.fee_milli)
            .try_fold(None, |sum: Option<i64>, fee| Some(Some(sum.unwrap_or(0) + fee?)))?
    }

    /// None where this kind of file says nothing of it.
    pub(super) fn class(&self, kind: StatementKind, rows: &[&Listed], coverage: &Coverage) -> Option<Class> {
        if rows.is_empty() {
            return self.class_unlisted(kind, coverage);
        }
        let told = sums(rows);
        let (captured, refunded) = (self.captured(), self.refunded());
        if captured == 0 {
            return Some(self.class_uncaptured(kind, rows, told.payments));
        }
        if told.payments - told.refunds == captured - refunded && told.payments > 0 {
            return Some(self.class_by_fee(rows));
        }
        Some(self.class_by_parts(kind, &told, coverage))
    }

    fn class_unlisted(&self, kind: StatementKind, coverage: &Coverage) -> Option<Class> {
        // Which kinds of file a merchant reads is its own affair: one is told of those that it does.
        let reads_none = StatementKind::ALL.iter().all(|kind| !coverage.has(*kind));
        if self.captured() == 0 || !coverage.has(kind) && !reads_none {
            return None;
        }
        let paid_on = self.authorized_on.filter(|_| kind.lists_payments());
        match coverage.standing(kind, paid_on.or_else(|| self.captured_on())?) {
            Standing::Due => Some(Class::MissingAtEcpay),
            Standing::NotYet => Some(Class::NotYet),
            Standing::Before => None,
        }
    }

    /// Where the ledger holds no captured money: right only in a file of payments, until ECPay pays it out.
    fn class_uncaptured(&self, kind: StatementKind, rows: &[&Listed], payments: i64) -> Class {
        let is_looked_at = self.state != OrderState::Registered && self.state != OrderState::NotFound;
        match self.amount {
            None if !is_looked_at => Class::NotYet,
            Some(amount)
                if kind.lists_payments() && amount == payments && rows.iter().all(|row| row.paid_on.is_none()) =>
            {
                Class::Agrees
            }
            _ => Class::AmountDiffers,
        }
    }

    fn class_by_parts(&self, kind: StatementKind, told: &Sums, coverage: &Coverage) -> Class {
        let (captured, refunded) = (self.captured(), self.refunded());
        let standing = |moved: &Moved| coverage.standing(kind, moved.day);
        let is_of_before =
            told.payments == 0 && self.captured_on().map(|day| coverage.standing(kind, day)) != Some(Standing::Due);
        if told.payments != captured && !is_of_before {
            return Class::AmountDiffers;
        }
        if told.refunds > refunded {
            return Class::RefundOnlyAtEcpay;
        }
        if told.refunds == refunded {
            return Class::Agrees;
        }
        // A file of payments does not have each refund.
        let due = |moved: &&Moved| !kind.lists_payments() && standing(moved) == Standing::Due;
        let due: i64 = self.movements.iter().filter(due).map(|moved| moved.refunded).sum();
        let waits = |moved: &Moved| moved.refunded != 0 && standing(moved) == Standing::NotYet;
        if told.refunds < due {
            Class::RefundOnlyInLedger
        } else if kind.lists_payments() || self.movements.iter().any(waits) {
            Class::NotYet
        } else {
            Class::Agrees
        }
    }

    fn class_by_fee(&self, rows: &[&Listed]) -> Class {
        match self.fee_milli() {
            Some(foretold) if !is_same_fee(foretold, fee_of(rows)) => Class::FeeDiffers,
            _ => Class::Agrees,
        }
    }
}

/// Of what was paid: the fee of a refund is given back by a row of its own.
pub(super) fn fee_of(rows: &[&Listed]) -> i64 {
    rows.iter().filter(|row| row.gross > 0).map(|row| row.fee_milli).sum()
}

/// To the thousandth where both have them; where one is told in whole dollars, by less than one.
fn is_same_fee(one: i64, other: i64) -> bool {
    let is_whole = one % 1000 == 0 || other % 1000 == 0;
    one == other || is_whole && (one - other).abs() < 1000
}
