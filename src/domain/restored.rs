//! A ledger that may be an older copy of itself: what it does not know of, and whose it was.
//!
//! What was sent in the part that is lost left no attempt here. So until an order is taken
//! over nothing moves on it; and money that went back without the ledger knowing is put to a
//! person before any refund of that order goes on.

use chrono::{DateTime, Utc};

use super::action::Action;
use super::attempt::Attempt;
use super::facts::Observation;
use super::money::Twd;
use super::policy::Policy;
use super::status::CardStatus;
use crate::domain::situation::Situation;

/// The newest time at which the ledger was found to be behind, as one order sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    pub id: i64,
    pub noticed_at: DateTime<Utc>,
    /// The gateway's time of the first look after that. Whatever was sent in the part that is
    /// lost had been stamped by then; our own clock may be set between the two.
    pub answered_at: Option<DateTime<Utc>>,
    /// The ledger's newest attempt then: what became of those up to it may be lost.
    pub newest_attempt: i64,
    /// This order has been taken over since.
    pub taken_over: bool,
    /// What the ledger knows to have gone back.
    pub known: Twd,
}

impl Restored {
    /// From then on, by the gateway's clock, nothing that was under way can take effect any more.
    pub fn quiet_from(&self, observation: &Observation, policy: &Policy) -> DateTime<Utc> {
        let answered_at = self.answered_at.unwrap_or_else(|| observation.gateway_time());
        answered_at + policy.request_validity + policy.max_skew + chrono::Duration::seconds(1)
    }
}

/// What the gateway shows of an order and the ledger cannot explain since it was restored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Unclaimed {
    pub amount: Twd,
    /// The order is void.
    pub void: bool,
}

impl Unclaimed {
    pub fn is_nothing(self) -> bool {
        self == Self::default()
    }

    pub fn plus(self, other: Self) -> Self {
        Self { amount: self.amount.plus(other.amount), void: self.void || other.void }
    }

    /// What is left once some of it is explained.
    pub fn less(self, explained: Self) -> Self {
        Self { amount: self.amount.less(explained.amount), void: self.void && !explained.void }
    }

    /// What a look adds to it, on an order that is not taken over yet.
    pub fn found_by(before: &Situation, after: &Situation) -> Self {
        let Some(card) = after.card().filter(|_| after.to_be_taken_over().is_some()) else { return Self::default() };
        let known = before.restored.as_ref().map_or(Twd::ZERO, |r| r.known).max(after.refunded_by_us());
        let was_void = before.card().is_some_and(|c| c.status == CardStatus::Canceled);
        let by_us = after.attempts.iter().any(|a| a.action == Action::N && a.stands());
        let void = card.status == CardStatus::Canceled && !was_void && !by_us;
        Self { amount: card.refunded().less(known), void }
    }
}

impl Situation {
    /// Unless the order is younger than all that may be lost, by the gateway's own clock.
    pub fn to_be_taken_over(&self) -> Option<&Restored> {
        let card = self.card()?;
        let older = |r: &&Restored| r.answered_at.is_none_or(|answered_at| card.authorized_at < answered_at);
        self.restored.as_ref().filter(|r| !r.taken_over).filter(older)
    }

    /// The takeover that waits for it, and the gateway's time of the last look, while the clocks agree.
    pub fn first_answer(&self, policy: &Policy) -> Option<(i64, DateTime<Utc>)> {
        let restored = self.restored.as_ref().filter(|r| r.answered_at.is_none())?;
        let observation = self.observation.as_ref().filter(|o| o.after_takeover >= restored.id)?;
        observation.skew_within(policy.max_skew).map(|_| (restored.id, observation.gateway_time()))
    }

    /// What became of the attempt may be lost.
    pub fn predates_restore(&self, attempt: &Attempt) -> bool {
        self.restored.as_ref().is_some_and(|r| attempt.id <= r.newest_attempt)
    }

    /// A person was asked, since the ledger was last restored, whether this refund was made.
    pub fn was_asked_about(&self, refund: i64) -> bool {
        let restored = self.restored.as_ref().map(|r| r.id);
        let about = |a: &&Attempt| a.refund_id == Some(refund) && matches!(a.action, Action::R | Action::N);
        restored.is_some() && self.attempts.iter().filter(about).any(|a| a.asked == restored)
    }
}
