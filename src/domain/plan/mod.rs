//! The one decision: what to do next about an order, and why.
//!
//! [`plan`] reads what the ledger knows, what the gateway last said, the policy and the
//! time, and answers with exactly one step. It has no clock, no socket and no row.
//! The guards stand in a column; the first that has something to say decides.

mod capture;
mod confirm;
mod guards;
mod money;
mod refund;
mod restored;
mod retry;
mod slot;
#[cfg(test)]
pub(in crate::domain) mod tests;
mod unanswered;
mod unexplained;
mod vouchers;

use chrono::{DateTime, Utc};

use super::action::Action;
use super::attempt::Verdict;
use super::calendar;
use super::facts::{CardFacts, Observation, Seen};
use super::money::Twd;
use super::policy::Policy;
use super::refund::{Refund, RefundState};
pub use super::situation::{MerchantState, Situation};

use super::rule::Rule;
pub use capture::{
    ABANDONED_AFTER, CAPTURE_LIMIT, capture_by, captures_at, nominal_capture, overdue_words, wants_capture,
};
pub(in crate::domain) use money::SKEWED;
pub use retry::{Provoked, Rest, Urgency};
pub use slot::{SlotRequest, slot};
pub(in crate::domain) use vouchers::{differs, is_of_another};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    pub step: Step,
    /// The name of the rule that decided.
    pub rule: Rule,
    pub why: String,
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
    TakeOver,
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

/// Decides the next step for one order.
pub fn plan(situation: &Situation, policy: &Policy, now: DateTime<Utc>) -> Plan {
    let ctx = Ctx { s: situation, policy, now };
    let planned = guards::missing(&ctx)
        .or_else(|| guards::silence(&ctx))
        .or_else(|| guards::dated_ahead(&ctx))
        .or_else(|| restored::restored(&ctx))
        .or_else(|| unanswered::settle(&ctx))
        .or_else(|| guards::never_looked(&ctx))
        .or_else(|| guards::looked_before_the_last_attempt(&ctx))
        .or_else(|| guards::looked_before_the_shop_wrote(&ctx))
        .or_else(|| guards::twin(&ctx))
        .or_else(|| guards::unclear(&ctx))
        .or_else(|| guards::contradicts_the_ledger(&ctx))
        .or_else(|| guards::not_by_card(&ctx))
        .or_else(|| guards::not_paid(&ctx))
        .or_else(|| refund::refund(&ctx))
        .unwrap_or_else(|| capture::capture(&ctx));
    confirm::look_again(&ctx, planned)
}

/// What the guards look at.
pub(super) struct Ctx<'a> {
    pub s: &'a Situation,
    pub policy: &'a Policy,
    pub now: DateTime<Utc>,
}

impl Ctx<'_> {
    fn seen(&self) -> Option<&Seen> {
        self.s.observation.as_ref().map(|o| &o.seen)
    }

    fn card(&self) -> Option<&CardFacts> {
        self.s.card()
    }

    fn first_refund(&self) -> Option<&Refund> {
        self.s.refunds.first()
    }

    /// Our clock and the gateway's agree, as far as the last look tells.
    fn believes_the_clock(&self) -> bool {
        self.s.observation.as_ref().is_some_and(|o| o.skew_within(self.policy.max_skew).is_some())
    }

    /// A pause that ends then is not over. One that would last longer than it may was begun under a
    /// clock that ran ahead.
    fn is_ahead(&self, end: DateTime<Utc>, pause: chrono::Duration) -> bool {
        end > self.now && end <= self.now + pause + money::FRESH
    }

    /// No more looks, unless the clock that says so is not believed.
    fn finish(&self, rule: Rule, why: impl Into<String>) -> Plan {
        if self.believes_the_clock() {
            self.wait(None, rule, why)
        } else {
            self.look_every(money::SKEWED, Rule::ClockSkew, why)
        }
    }

    /// Whether the last look may speak for a shop's row: nothing is rejected from
    /// what was seen before the row was written. A slow look is current all the same.
    fn is_current(&self) -> bool {
        let limit = money::FRESH.max(self.policy.timeout * 4);
        let current = |o: &Observation| self.now - o.at <= limit && o.after_revision >= self.s.order.revision;
        self.s.observation.as_ref().is_some_and(current)
    }

    /// Refunds before deadlines before routine.
    fn rank(&self) -> Rank {
        if !self.s.refunds.is_empty() || self.s.open_attempt().is_some() {
            return Rank::Refund;
        }
        let due_soon = |card: &CardFacts| {
            card.status.is_open() && self.now >= nominal_capture(card, self.policy) - self.policy.spread
        };
        if self.card().is_some_and(due_soon) { Rank::Deadline } else { Rank::Routine }
    }

    fn say(&self, step: Step, rule: Rule, why: impl Into<String>) -> Plan {
        Plan { step, rule, why: why.into(), rank: self.rank(), refund: None, together: Vec::new(), ahead: None }
    }

    fn wait(&self, until: Option<DateTime<Utc>>, rule: Rule, why: impl Into<String>) -> Plan {
        self.say(Step::Wait { until }, rule, why)
    }

    /// Puts the first refund before a person, and goes on looking.
    fn review(&self, rule: Rule, why: String) -> Plan {
        match self.first_refund() {
            Some(refund) if refund.state != RefundState::Review || refund.detail != why => {
                let plan = if self.is_current() { self.say(Step::Review, rule, why) } else { self.look(rule, why) };
                plan.for_refund(refund)
            }
            _ => self.look_every(self.policy.poll_settling, rule, why),
        }
    }

    /// Ends a refund, once a look confirms why.
    fn reject(&self, rule: Rule, why: impl Into<String>) -> Plan {
        if self.is_current() { self.say(Step::Reject, rule, why) } else { self.look(rule, why) }
    }

    /// A look, as soon as the last failed one allows.
    fn look(&self, rule: Rule, why: impl Into<String>) -> Plan {
        match self.s.retry_at {
            Some(at) if at > self.now => {
                let why = format!("{}; the last look failed, again at {}", why.into(), calendar::show(at));
                self.wait(Some(at), rule, why)
            }
            _ => self.say(Step::Look, rule, why),
        }
    }

    /// A look at `at`, until then nothing.
    fn look_at(&self, at: DateTime<Utc>, rule: Rule, why: impl Into<String>) -> Plan {
        if at <= self.now { self.look(rule, why) } else { self.wait(Some(at), rule, why) }
    }

    /// A look so long after the last one.
    fn look_every(&self, cadence: chrono::Duration, rule: Rule, why: impl Into<String>) -> Plan {
        let seen_at = self.s.observation.as_ref().map_or(self.now, |o| o.at);
        self.look_at(seen_at + cadence, rule, why)
    }
}

impl Plan {
    /// `order_status.next_step` and `next_step_at`: the money step that is foreseen, otherwise a look at `at`.
    pub fn next_step(&self, at: Option<DateTime<Utc>>) -> Option<(&'static str, DateTime<Utc>)> {
        self.ahead.map(|a| (a.action.verb(), a.at)).or(at.map(|at| ("look", at)))
    }

    fn for_refund(mut self, refund: &Refund) -> Self {
        self.refund = Some(refund.id);
        self
    }

    fn foreseeing(mut self, action: Action, at: DateTime<Utc>) -> Self {
        self.ahead = Some(Ahead { action, at });
        self
    }
}
