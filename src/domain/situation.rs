//! Everything that is known about one order: what every rule decides by.

use chrono::{DateTime, Duration, Utc};

use super::action::Action;
use super::api::CardApi;
use super::attempt::{Attempt, AttemptState};
use super::deadlines::ABANDONED_AFTER;
use super::facts::{CardFacts, Observation, Seen};
use super::money::Twd;
use super::order::{Order, OrderState};
use super::pause::Pauses;
use super::policy::Policy;
use super::reason::{Shown, Unexplained};
use super::refund::Refund;
use super::restored::{Restored, Unclaimed};
use super::status::CardStatus;
use super::voucher::PaidVouchers;

/// Everything that is known about one order.
#[derive(Clone, Debug, PartialEq)]
pub struct Situation {
    pub order: Order,
    pub merchant: MerchantState,
    pub observation: Option<Observation>,
    /// After a look that failed: not before this.
    pub retry_at: Option<DateTime<Utc>>,
    /// Why the last look told nothing, if it did not.
    pub last_error: Option<String>,
    /// The place reserved for the capture where many deadlines fall together.
    pub capture_slot: Option<DateTime<Utc>>,
    /// Open refunds, oldest first; only the first is worked on.
    pub refunds: Vec<Refund>,
    /// All attempts of the order, oldest first.
    pub attempts: Vec<Attempt>,
    /// None: the ledger was never found to have been restored.
    pub restored: Option<Restored>,
    pub unclaimed: Unclaimed,
    /// Rows of the ledger with the order's number: each follows an authorization of its own.
    pub followed: i64,
    /// What was given back of it by ECPay's own statement, NT$, where one tells and a refund waits for that.
    pub funded_back: Option<i64>,
    /// The voucher order that this one paid for, if the shop has registered it.
    pub vouchers: Option<PaidVouchers>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MerchantState {
    /// The settings do not name it: nobody looks after its orders.
    pub missing: bool,
    pub pauses: Pauses,
    pub daily_auto_close: bool,
    /// By which its orders are acted on.
    pub api: CardApi,
    /// After HTTP 403 nothing is asked of this merchant before.
    pub silent_until: Option<DateTime<Utc>>,
}

impl Situation {
    pub fn card(&self) -> Option<&CardFacts> {
        match self.observation.as_ref().map(|o| &o.seen) {
            Some(Seen::Card(card)) => Some(card),
            _ => None,
        }
    }

    /// The authorization as it was shown last, whatever the newest look shows.
    pub fn authorization(&self) -> Option<&CardFacts> {
        self.observation.as_ref().and_then(Observation::authorization)
    }

    pub fn open_attempt(&self) -> Option<&Attempt> {
        self.attempts.iter().rev().find(|a| a.state.is_open())
    }

    /// What our own refunds have moved, as far as it is certain.
    pub fn refunded_by_us(&self) -> Twd {
        self.attempts
            .iter()
            .filter(|a| a.action == Action::R && a.stands())
            .fold(Twd::ZERO, |sum, a| sum.plus(a.amount))
    }

    /// What has gone back, by the witness that says more.
    pub fn refunded(&self) -> Twd {
        let seen = self.card().map_or(Twd::ZERO, CardFacts::refunded);
        seen.max(self.refunded_by_us())
    }

    /// What the gateway shows that cannot be after what the ledger has seen happen.
    pub fn contradiction(&self) -> Option<Unexplained> {
        let seen = &self.observation.as_ref()?.seen;
        if let Seen::Card(card) = seen
            && card.status != CardStatus::Unauthorized
        {
            let refunded = self.refunded_by_us();
            let gone = !refunded.is_zero() && !card.status.is_closing();
            let of_refunds = Unexplained::RefundsContradicted { refunded, shown: card.status.into() };
            return self.undone(card).or_else(|| gone.then_some(of_refunds));
        }
        let shown = Shown::of(seen)?;
        // Money calls are made only for what was seen authorized.
        let calls = self.attempts.iter().filter(|a| a.state != AttemptState::NotSent).count();
        (calls > 0).then_some(Unexplained::CallsContradicted { calls, shown })
    }

    /// What our own calls gave back and the gateway no longer shows.
    pub fn undone(&self, card: &CardFacts) -> Option<Unexplained> {
        let voided = self.attempts.iter().rev().find(|a| a.action == Action::N && a.stands());
        if let Some(attempt) = voided.filter(|_| card.status != CardStatus::Canceled) {
            return Some(Unexplained::VoidContradicted { attempt: attempt.id, shown: card.status.into() });
        }
        // An empty list of rows hides every refund.
        let (shown_refunded, refunded) = (card.refunded(), self.refunded_by_us());
        (card.status.is_closing() && card.listed && shown_refunded < refunded)
            .then_some(Unexplained::RefundsMissing { refunded, shown_refunded })
    }

    /// What can still go back. Nothing of a void order.
    pub fn left(&self) -> Twd {
        match self.card() {
            Some(card) if card.status == CardStatus::Canceled => Twd::ZERO,
            Some(card) => card.amount.less(self.refunded()),
            None => Twd::ZERO,
        }
    }

    /// The void was first seen at or after day 90, so it is the vendor's own abandoning.
    pub(super) fn first_void_seen_late(&self, card: &CardFacts) -> bool {
        let first_seen = self.observation.as_ref().map(|o| o.void_since.unwrap_or_else(|| o.gateway_time()));
        first_seen.is_some_and(|at| at >= card.authorized_at + ABANDONED_AFTER)
    }

    /// Void by nobody's call of ours, and first seen so when ECPay abandons orders.
    pub fn is_abandoned(&self, card: &CardFacts) -> bool {
        let voided_by_us = self.attempts.iter().any(|a| a.action == Action::N && a.stands());
        card.status == CardStatus::Canceled && !voided_by_us && self.first_void_seen_late(card)
    }

    /// Unless the order is younger than all that may be lost, by the gateway's own clock.
    pub fn to_catch_up(&self) -> Option<&Restored> {
        let card = self.card()?;
        let older = |r: &&Restored| r.answered_at.is_none_or(|answered_at| card.authorized_at < answered_at);
        self.restored.as_ref().filter(|r| !r.caught_up).filter(older)
    }

    /// The restore that waits for it, and the gateway's time of the last look, while the clocks agree.
    pub fn first_answer(&self, policy: &Policy) -> Option<(i64, DateTime<Utc>)> {
        let restored = self.restored.as_ref().filter(|r| r.answered_at.is_none())?;
        let observation = self.observation.as_ref().filter(|o| o.after_restore >= restored.id)?;
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

/// The state that the ledger shows for it.
pub fn order_state(s: &Situation, now: DateTime<Utc>) -> OrderState {
    if s.attempts.iter().any(|a| a.state == AttemptState::Review) || s.contradiction().is_some() {
        return OrderState::Review;
    }
    match s.observation.as_ref().map(|o| &o.seen) {
        None => OrderState::Registered,
        Some(Seen::NotFound) => OrderState::NotFound,
        Some(Seen::Unpaid { .. } | Seen::BankPending { .. }) => OrderState::Unpaid,
        Some(Seen::NotCard { .. }) => OrderState::NotCard,
        Some(Seen::Twin { .. } | Seen::Unclear { .. }) => OrderState::Review,
        Some(Seen::Card(card)) => card_state(s, card, now),
    }
}

/// The state of an authorization, whatever else is open about its order.
pub(in crate::domain) fn card_state(s: &Situation, card: &CardFacts, now: DateTime<Utc>) -> OrderState {
    let day_90 = card.authorized_at + ABANDONED_AFTER;
    // Also by the gateway's clock, whose abandoning it is; ours may be wrong by more than clocks differ.
    let late = |o: &Observation| o.at >= day_90 && o.gateway_time() >= day_90 - Duration::days(1);
    let seen_after_day_90 = now >= day_90 && s.observation.as_ref().is_some_and(late);
    match card.status {
        CardStatus::Unauthorized => OrderState::Unpaid,
        CardStatus::Authorized | CardStatus::OperationCanceled if seen_after_day_90 => OrderState::Expired,
        CardStatus::Authorized | CardStatus::OperationCanceled => OrderState::Authorized,
        CardStatus::Canceled if s.is_abandoned(card) => OrderState::Expired,
        CardStatus::Canceled => OrderState::Voided,
        CardStatus::ToBeCaptured | CardStatus::Captured if s.refunded() >= card.amount => OrderState::Refunded,
        CardStatus::ToBeCaptured => OrderState::ToBeCaptured,
        CardStatus::Captured => OrderState::Captured,
    }
}
