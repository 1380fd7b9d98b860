//! What the guards look at, and how they answer.

use chrono::{DateTime, Duration, Utc};

use super::step::{Plan, Rank, Step};
use crate::domain::deadlines::nominal_capture;
use crate::domain::facts::{CardFacts, Observation, Seen};
use crate::domain::policy::{Policy, SKEWED};
use crate::domain::reason::{Looking, Reason};
use crate::domain::refund::{Refund, RefundState};
use crate::domain::rule::Rule;
use crate::domain::situation::Situation;

/// An observation older than this decides nothing about money.
pub(super) const FRESH: Duration = Duration::seconds(60);

/// What the guards look at.
pub(super) struct Ctx<'a> {
    pub s: &'a Situation,
    pub policy: &'a Policy,
    pub now: DateTime<Utc>,
}

impl Ctx<'_> {
    pub(super) fn seen(&self) -> Option<&Seen> {
        self.s.observation.as_ref().map(|o| &o.seen)
    }

    pub(super) fn card(&self) -> Option<&CardFacts> {
        self.s.card()
    }

    pub(super) fn first_refund(&self) -> Option<&Refund> {
        self.s.refunds.first()
    }

    /// Our clock and the gateway's agree, as far as the last look tells.
    pub(super) fn believes_the_clock(&self) -> bool {
        self.s.observation.as_ref().is_some_and(|o| o.skew_within(self.policy.max_skew).is_some())
    }

    /// A pause that ends then is not over. One that would last longer than it may was begun under a
    /// clock that ran ahead.
    pub(super) fn is_ahead(&self, end: DateTime<Utc>, pause: Duration) -> bool {
        end > self.now && end <= self.now + pause + FRESH
    }

    /// No more looks, unless the clock that says so is not believed.
    pub(super) fn finish(&self, rule: Rule, reason: impl Into<Reason>) -> Plan {
        if self.believes_the_clock() {
            self.wait(None, rule, reason)
        } else {
            self.look_every(SKEWED, Rule::ClockSkew, reason)
        }
    }

    /// Whether the last look may speak for a shop's row: nothing is rejected from
    /// what was seen before the row was written. A slow look is current all the same.
    pub(super) fn is_current(&self) -> bool {
        let limit = FRESH.max(self.policy.timeout * 4);
        let current = |o: &Observation| self.now - o.at <= limit && o.after_revision >= self.s.order.revision;
        self.s.observation.as_ref().is_some_and(current)
    }

    /// Refunds before deadlines before routine.
    pub(super) fn rank(&self) -> Rank {
        if !self.s.refunds.is_empty() || self.s.open_attempt().is_some() {
            return Rank::Refund;
        }
        let due_soon = |card: &CardFacts| {
            card.status.is_open() && self.now >= nominal_capture(card, self.policy) - self.policy.spread
        };
        if self.card().is_some_and(due_soon) { Rank::Deadline } else { Rank::Routine }
    }

    pub(super) fn say(&self, step: Step, rule: Rule, reason: impl Into<Reason>) -> Plan {
        Plan { step, rule, reason: reason.into(), rank: self.rank(), refund: None, together: Vec::new(), ahead: None }
    }

    pub(super) fn wait(&self, until: Option<DateTime<Utc>>, rule: Rule, reason: impl Into<Reason>) -> Plan {
        self.say(Step::Wait { until }, rule, reason)
    }

    /// Puts the first refund before a person, and goes on looking.
    pub(super) fn review(&self, rule: Rule, reason: impl Into<Reason>) -> Plan {
        let reason = reason.into();
        match self.first_refund() {
            Some(refund) if refund.state != RefundState::Review || refund.detail != reason.english() => {
                let plan =
                    if self.is_current() { self.say(Step::Review, rule, reason) } else { self.look(rule, reason) };
                plan.for_refund(refund)
            }
            _ => self.look_every(self.policy.poll_settling, rule, reason),
        }
    }

    /// Ends a refund, once a look confirms why.
    pub(super) fn reject(&self, rule: Rule, reason: impl Into<Reason>) -> Plan {
        if self.is_current() { self.say(Step::Reject, rule, reason) } else { self.look(rule, reason) }
    }

    /// A look, as soon as the last failed one allows.
    pub(super) fn look(&self, rule: Rule, reason: impl Into<Reason>) -> Plan {
        match self.s.retry_at {
            Some(at) if at > self.now => {
                let then = Box::new(reason.into());
                self.wait(Some(at), rule, Looking::LastLookFailed { again_at: at.into(), then })
            }
            _ => self.say(Step::Look, rule, reason),
        }
    }

    /// A look at `at`, until then nothing.
    pub(super) fn look_at(&self, at: DateTime<Utc>, rule: Rule, reason: impl Into<Reason>) -> Plan {
        if at <= self.now { self.look(rule, reason) } else { self.wait(Some(at), rule, reason) }
    }

    /// A look so long after the last one.
    pub(super) fn look_every(&self, cadence: Duration, rule: Rule, reason: impl Into<Reason>) -> Plan {
        let seen_at = self.s.observation.as_ref().map_or(self.now, |o| o.at);
        self.look_at(seen_at + cadence, rule, reason)
    }
}
