//! What a plan says.

use chrono::{DateTime, Utc};

use crate::domain::action::Action;
use crate::domain::attempt::Verdict;
use crate::domain::money::Twd;
use crate::domain::reason::Reason;
use crate::domain::refund::Refund;
use crate::domain::rule::Rule;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    pub step: Step,
    /// The name of the rule that decided.
    pub rule: Rule,
    pub reason: Reason,
    pub rank: Rank,
    /// The refund that the step is about.
    pub refund: Option<i64>,
    /// The others that E or N ends with it.
    pub together: Vec<i64>,
    /// The next money step that is foreseen, and when.
    pub ahead: Option<Ahead>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// None: until a shop, a person or the settings change something.
    Wait {
        until: Option<DateTime<Utc>>,
    },
    Look,
    /// At the voucher order with this row, which limits what may go back.
    LookAtVouchers {
        voucher: i64,
    },
    Act {
        action: Action,
        amount: Twd,
    },
    Settle {
        attempt: i64,
        verdict: Verdict,
    },
    /// The refund named by [`Plan::refund`] ends here.
    Reject,
    /// The refund named by [`Plan::refund`] needs a person, or a status that can be read.
    Review,
    /// What happened in the part of the ledger that is lost is known now.
    CatchUp,
    /// Money went back that the ledger cannot explain. A person has to tell whether it was the refund named
    /// by [`Plan::refund`].
    Ask {
        action: Action,
        amount: Twd,
        /// What went back.
        moved: Twd,
    },
}

/// Who goes first when the rate is short.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rank {
    Refund = 0,
    Deadline = 1,
    Routine = 2,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ahead {
    pub action: Action,
    pub at: DateTime<Utc>,
}

impl Plan {
    /// The reason as a sentence.
    pub fn why(&self) -> String {
        self.reason.english()
    }

    /// `order_status.next_step` and `next_step_at`: the money step that is foreseen, otherwise a look at `at`.
    pub fn next_step(&self, at: Option<DateTime<Utc>>) -> Option<(&'static str, DateTime<Utc>)> {
        self.ahead.map(|a| (a.action.verb(), a.at)).or(at.map(|at| ("look", at)))
    }

    pub(super) fn for_refund(mut self, refund: &Refund) -> Self {
        self.refund = Some(refund.id);
        self
    }

    pub(super) fn foreseeing(mut self, action: Action, at: DateTime<Utc>) -> Self {
        self.ahead = Some(Ahead { action, at });
        self
    }
}
