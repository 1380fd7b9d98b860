//! The books: what of an order's money has moved, when, and by whom.

use chrono::{DateTime, NaiveDate, Utc};

use super::calendar::taipei_date;
use super::order::words;

words! {
    /// `movements.kind`.
    MovementKind {
        /// The bank holds the cardholder's credit line for it.
        Authorized = "authorized",
        /// The capture was asked for: the bank will be charged.
        Captured = "captured",
        /// The capture was called back before the bank's claim.
        CalledBack = "called_back",
        /// Went back to the card.
        Refunded = "refunded",
        /// The authorization was abandoned, by the shop or for it.
        Voided = "voided",
        /// The authorization was abandoned by ECPay, at day 90.
        Expired = "expired",
    }
}

words! {
    /// `movements.by`.
    Hand {
        /// A call of ours explains it.
        Ecpayd = "ecpayd",
        /// ECPay does it by itself.
        Ecpay = "ecpay",
        /// Anybody else: the cardholder, the shop's own calls, ECPay's dashboard, the bank.
        Other = "other",
    }
}

/// One line of the journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Movement {
    pub kind: MovementKind,
    /// New Taiwan dollars; below 0 where ECPay has undone it.
    pub amount: i64,
    pub by: Hand,
    /// The call of ours that explains it, and the refund that it was made for.
    pub attempt: Option<i64>,
    pub refund: Option<i64>,
    /// The look that showed it, by our clock.
    pub at: DateTime<Utc>,
    /// By the gateway's own dates, where it tells one.
    pub gateway_at: Option<DateTime<Utc>>,
    /// Of a capture: the fees that the order query foresees, in thousandths of a dollar.
    pub fee_milli: Option<i64>,
}

impl Movement {
    /// Its day in Taipei.
    pub fn day(&self) -> NaiveDate {
        taipei_date(self.gateway_at.unwrap_or(self.at))
    }
}

/// Where an order's money is: the sums of its movements, in New Taiwan dollars.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Position {
    pub authorized: i64,
    /// Without what was called back.
    pub captured: i64,
    pub refunded: i64,
    pub voided: i64,
    pub expired: i64,
}

impl Position {
    /// As it is after a movement.
    pub fn plus(mut self, kind: MovementKind, amount: i64) -> Self {
        match kind {
            MovementKind::Authorized => self.authorized += amount,
            MovementKind::Captured => self.captured += amount,
            MovementKind::CalledBack => self.captured -= amount,
            MovementKind::Refunded => self.refunded += amount,
            MovementKind::Voided => self.voided += amount,
            MovementKind::Expired => self.expired += amount,
        }
        self
    }

    /// Authorized, and neither captured nor given up.
    pub fn open(self) -> i64 {
        self.authorized - self.captured - self.voided - self.expired
    }
}

/// A movement was booked as somebody else's, and has turned out to be a call of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claim {
    pub movement: i64,
    pub attempt: i64,
    pub refund: Option<i64>,
}

/// What the journal holds of an order already.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Booked {
    pub position: Position,
    /// The attempts that explain a movement: none explains a second one.
    pub attempts: Vec<i64>,
    /// Those that no call of ours explains.
    pub unexplained: Vec<Unexplained>,
}

/// A movement of the journal that no call of ours explains.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unexplained {
    /// Its number in the journal.
    pub id: i64,
    pub kind: MovementKind,
    pub amount: i64,
    pub gateway_at: Option<DateTime<Utc>>,
}

impl Booked {
    pub fn add(&mut self, moved: Unexplained, attempt: Option<i64>) {
        self.position = self.position.plus(moved.kind, moved.amount);
        match attempt {
            Some(attempt) => self.attempts.push(attempt),
            None => self.unexplained.push(moved),
        }
    }
}
