//! The ledger against ECPay's statements: for each order one class, for each payout day one sum.
//!
//! An order is compared as a whole: what was captured and refunded by all that the ledger has seen, against all rows
//! of it in the statements that were read. That something is *missing* in a statement is said only of days that
//! statements cover, and no sooner than ECPay lists it ([`Coverage`]).

mod coverage;
mod matching;
mod payout;
mod verdict;
mod witness;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Serialize, Serializer};

use super::order::{OrderState, words};
use super::statement::StatementKind;

pub use coverage::{Coverage, Span, Standing, listed_until};
pub use matching::compare;
pub use payout::{Payout, Payouts, half_down};
pub use witness::refunded_by_statement;

words! {
    /// What became of an order in the comparison.
    Class {
        /// Ledger and statement say the same.
        Agrees = "agrees",
        /// ECPay need not have listed it yet, in the statements that were read.
        NotYet = "not_yet",
        /// ECPay has a card payment that nobody registered.
        MissingInLedger = "missing_in_ledger",
        /// Captured by the ledger, and in no statement of the days in which ECPay lists it.
        MissingAtEcpay = "missing_at_ecpay",
        /// Captured, and not the same amount.
        AmountDiffers = "amount_differs",
        /// ECPay has refunded more than the ledger knows of.
        RefundOnlyAtEcpay = "refund_only_at_ecpay",
        /// The ledger has refunded more than ECPay lists.
        RefundOnlyInLedger = "refund_only_in_ledger",
        /// The money agrees, and the fee is not the one that ECPay foretold.
        FeeDiffers = "fee_differs",
    }
}

impl Class {
    /// Whether somebody has to look.
    pub fn is_difference(self) -> bool {
        !matches!(self, Self::Agrees | Self::NotYet)
    }
}

impl Serialize for Class {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.word())
    }
}

/// An order of the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Booked {
    pub order_id: i64,
    /// As the shop gave it, else as the gateway said it.
    pub trade_no: Option<String>,
    pub state: OrderState,
    /// NT$, as the gateway said it. None: no look has told it.
    pub amount: Option<i64>,
    pub authorized_on: Option<NaiveDate>,
    pub movements: Vec<Moved>,
}

/// A capture or a refund of it, in the journal. What is called back or undone is below 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moved {
    pub day: NaiveDate,
    pub captured: i64,
    pub refunded: i64,
    /// Of a capture, where the order query told it.
    pub fee_milli: Option<i64>,
}

/// A row of a statement by card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    pub kind: StatementKind,
    /// The newest statement that has it.
    pub statement: i64,
    pub line: i64,
    pub trade_no: Option<String>,
    pub traded_on: NaiveDate,
    pub settled_on: Option<NaiveDate>,
    pub paid_on: Option<NaiveDate>,
    pub gross: i64,
    pub fee_milli: i64,
}

impl Listed {
    pub fn day(&self) -> NaiveDate {
        self.settled_on.unwrap_or(self.traded_on)
    }
}

/// All that is known of an order number of one merchant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Number {
    pub merchant_trade_no: String,
    pub orders: Vec<Booked>,
    pub rows: Vec<Listed>,
}

/// An order, and what the comparison says of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Compared {
    pub class: Class,
    pub merchant_trade_no: String,
    pub trade_no: Option<String>,
    /// None: the ledger does not have it.
    #[serde(skip)]
    pub order_id: Option<i64>,
    /// The first of the days that ECPay has it under, else the day of the capture in the ledger.
    pub day: NaiveDate,
    /// ECPay has settled it or paid it out, as its rows say.
    pub is_settled: bool,
    /// NT$ captured and not refunded, in the ledger.
    pub ledger: Option<i64>,
    /// The same in the statement: the sum of its rows.
    pub ecpay: Option<i64>,
    /// Thousandths of a dollar, of the capture.
    pub ledger_fee_milli: Option<i64>,
    pub ecpay_fee_milli: Option<i64>,
    /// Which file says so. None: none has the order.
    pub kind: Option<StatementKind>,
    #[serde(skip)]
    pub statement: Option<i64>,
    pub line: Option<i64>,
}

/// How many orders there are of each class.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts(BTreeMap<usize, u64>);

impl Counts {
    pub fn add(&mut self, class: Class) {
        *self.0.entry(class as usize).or_default() += 1;
    }

    pub fn of(&self, class: Class) -> u64 {
        self.0.get(&(class as usize)).copied().unwrap_or_default()
    }

    /// Of all classes, in their order.
    pub fn all(&self) -> impl Iterator<Item = (Class, u64)> {
        Class::ALL.iter().map(|class| (*class, self.of(*class)))
    }

    pub fn differences(&self) -> u64 {
        self.all().filter(|(class, _)| class.is_difference()).map(|(_, count)| count).sum()
    }
}

#[cfg(test)]
mod tests;
