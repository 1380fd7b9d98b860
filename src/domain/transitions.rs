//! Which state may follow which, for all that the ledger keeps a record of.
//!
//! The engine moves rows along these steps and no others; the triggers of the ledger repeat the
//! table for everybody else who writes SQL. A test holds the two against each other, pair by pair.

use super::attempt::AttemptState;
use super::order::{OrderState, words};
use super::refund::RefundState;

words! {
    /// Whether an alert is open; its row says so by the time at which it was closed.
    AlertState {
        Open = "open",
        Closed = "closed",
    }
}

/// The states of a kind of row.
pub trait Transitions: Copy + Eq + 'static {
    /// A row may be written for the first time in this state.
    fn may_begin(self) -> bool;

    /// A row in this state may go on to that one. To stay is no step.
    fn may_become(self, next: Self) -> bool;
}

impl Transitions for AttemptState {
    fn may_begin(self) -> bool {
        // In review: a question whether it was made in a part of the ledger that is lost.
        matches!(self, Self::Started | Self::Review)
    }

    fn may_become(self, next: Self) -> bool {
        use AttemptState::{Accepted, Applied, NotApplied, NotSent, Refused, Review, Started, Unknown};
        match self {
            // What the call came to; or a look, where that could not be written down.
            Started => matches!(next, Accepted | Refused | Unknown | NotSent | Applied | NotApplied | Review),
            Accepted | Unknown => matches!(next, Applied | NotApplied | Review),
            // By a person.
            Review => matches!(next, Applied | NotApplied),
            // A later look contradicts it, and a person has to tell.
            NotApplied | Refused => next == Review,
            Applied | NotSent => false,
        }
    }
}

impl Transitions for RefundState {
    fn may_begin(self) -> bool {
        self == Self::Queued
    }

    fn may_become(self, next: Self) -> bool {
        // Open ones go to and fro as their attempts do; ends are final.
        self.is_open() && next != self
    }
}

impl Transitions for OrderState {
    fn may_begin(self) -> bool {
        self == Self::Registered
    }

    /// The gateway decides, and its answers may be of any kind; only what was looked at once is no longer new.
    fn may_become(self, next: Self) -> bool {
        next != self && next != Self::Registered
    }
}

impl Transitions for AlertState {
    fn may_begin(self) -> bool {
        self == Self::Open
    }

    fn may_become(self, next: Self) -> bool {
        self == Self::Open && next == Self::Closed
    }
}
