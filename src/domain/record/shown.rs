//! What the ledger shows of an order's money, and what somebody else must have done.

use chrono::{DateTime, Utc};

use crate::domain::action::Action;
use crate::domain::alert::Severity;
use crate::domain::attempt::{Attempt, AttemptState, Effect};
use crate::domain::deadlines::{ABANDONED_AFTER, capture_by};
use crate::domain::facts::Seen;
use crate::domain::money::Twd;
use crate::domain::order::{CaptureMode, OrderState};
use crate::domain::policy::Policy;
use crate::domain::reason::{By, Elsewhere, Ended, Reason};
use crate::domain::restored::Unclaimed;
use crate::domain::situation::{Situation, order_state};
use crate::domain::status::CardStatus;

/// The columns of `order_status` that follow from the situation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderRow {
    pub state: OrderState,
    pub amount: Option<Twd>,
    pub captured: Twd,
    pub refunded: Twd,
    /// When a look first showed it captured; None while it is not.
    pub captured_at: Option<DateTime<Utc>>,
    /// None: not known, so a refund is not checked against it at the INSERT.
    pub left: Option<Twd>,
    pub capture_by: Option<DateTime<Utc>>,
    pub expires_at: Option<DateTime<Utc>>,
}

impl OrderRow {
    /// Before the first look.
    pub const REGISTERED: Self = Self {
        state: OrderState::Registered,
        amount: None,
        captured: Twd::ZERO,
        refunded: Twd::ZERO,
        captured_at: None,
        left: None,
        capture_by: None,
        expires_at: None,
    };

    /// What an order shows, that showed `before`.
    pub fn of(s: &Situation, before: &Self, policy: &Policy, now: DateTime<Utc>) -> Self {
        let card = s.card();
        let (amount, captured, refunded) = match money(s) {
            Some(money) => (money.amount.or(before.amount), money.captured, money.refunded),
            None => (before.amount, before.captured, before.refunded),
        };
        let seen_at = s.observation.as_ref().map_or(now, |o| o.at);
        Self {
            state: order_state(s, now),
            amount,
            captured,
            refunded,
            captured_at: (!captured.is_zero()).then(|| before.captured_at.unwrap_or(seen_at)),
            // A refund that was made in the part that is lost may be asked for again, if only to be told so.
            left: card.filter(|_| s.unclaimed.is_nothing()).map(|_| s.left()),
            capture_by: card.map(|c| capture_by(c, policy)).or(before.capture_by),
            expires_at: card.map(|c| c.authorized_at + ABANDONED_AFTER).or(before.expires_at),
        }
    }
}

#[derive(Default)]
struct Money {
    amount: Option<Twd>,
    captured: Twd,
    refunded: Twd,
}

/// None where the gateway's answer cannot be read: then the columns stay as they were.
fn money(s: &Situation) -> Option<Money> {
    Some(match s.observation.as_ref().map(|o| &o.seen) {
        Some(Seen::Card(card)) => Money {
            amount: Some(card.amount),
            captured: if card.status.is_closing() { card.amount } else { Twd::ZERO },
            refunded: if card.status.is_closing() { s.refunded() } else { Twd::ZERO },
        },
        Some(Seen::Unpaid { amount } | Seen::BankPending { amount } | Seen::NotCard { amount, .. }) => {
            Money { amount: *amount, ..Money::default() }
        }
        Some(Seen::Twin { .. } | Seen::Unclear { .. }) => return None,
        None | Some(Seen::NotFound) => Money::default(),
    })
}

/// What a look adds to what nobody has claimed, on an order that has not caught up yet.
pub(in crate::domain) fn unknown_in(before: &Situation, after: &Situation) -> Unclaimed {
    let Some(card) = after.card().filter(|_| after.to_catch_up().is_some()) else { return Unclaimed::default() };
    let known = before.restored.as_ref().map_or(Twd::ZERO, |r| r.known).max(after.refunded_by_us());
    let was_void = before.card().is_some_and(|c| c.status == CardStatus::Canceled);
    let by_us = after.attempts.iter().any(|a| a.action == Action::N && a.stands());
    let void = card.status == CardStatus::Canceled && !was_void && !by_us;
    Unclaimed { amount: card.refunded().less(known), void }
}

/// Something that happened at ECPay and that no attempt of ours explains.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExternalChange {
    pub reason: Reason,
    /// Critical where it may have been one of our own calls after all.
    pub severity: Severity,
}

impl ExternalChange {
    fn by_others(reason: Elsewhere) -> Self {
        Self { reason: reason.into(), severity: Severity::Warning }
    }

    /// The reason as a sentence.
    pub fn what(&self) -> String {
        self.reason.english()
    }
}

/// What changed between two looks that no attempt of ours explains.
///
/// The vendor's daily closing and the bank's claim are steps of their own; a capture is
/// reported only where the shop said that the order is held. What our own calls gave back and is
/// undone since has an alert of its own.
pub fn external_change(before: &Situation, after: &Situation) -> Option<ExternalChange> {
    if let Some(lost) = change_that_is_lost(before, after) {
        return Some(ExternalChange::by_others(lost));
    }
    let (was, is) = (before.authorization()?, after.card()?);
    let ours = |action| after.attempts.iter().any(|a| a.action == action && (a.state.is_open() || a.stands()));
    if is.status == CardStatus::Canceled
        && was.status != CardStatus::Canceled
        && !ours(Action::N)
        && !after.first_void_seen_late(is)
    {
        let change = by_whom(after, Action::N, is.amount.dollars());
        return Some(change.says(|by| Elsewhere::VoidedAtEcpay { by, was: was.status.into() }));
    }
    if is.status.is_closing() && was.status.is_open() && after.order.capture == CaptureMode::Hold && !ours(Action::C) {
        return Some(ExternalChange::by_others(Elsewhere::CapturedAtEcpay));
    }
    // One before a person explains nothing that came after the look which put it there, but the very effect that looks
    // have gone on waiting for: that settles it.
    let shown = after.observation.as_ref().map(|o| &o.seen);
    let settles = |a: &Attempt| a.waits_for_an_effect() && shown.is_some_and(|seen| a.effect_in(seen) == Effect::There);
    let in_flight = after.open_attempt().is_some_and(|a| a.state != AttemptState::Review || settles(a));
    if is.status.is_closing() && was.status.is_closing() && is.net != was.net && !in_flight {
        let moved = was.net - is.net;
        // What somebody else gave back and is gone again is told, though what is left is all ours.
        let explained = (moved > 0 && is.refunded() == after.refunded_by_us()) || after.undone(is).is_some();
        let (left, amount) = (is.net, is.amount);
        let change = if moved > 0 {
            by_whom(after, Action::R, moved).says(|by| Elsewhere::RefundedAtEcpay { moved, by, left, amount })
        } else {
            ExternalChange::by_others(Elsewhere::LessRefunded { moved: -moved, left, amount })
        };
        return (!explained).then_some(change);
    }
    if is.status.is_open() && was.status.is_closing() && !ours(Action::E) {
        let change = by_whom(after, Action::E, is.amount.dollars());
        return Some(change.says(|by| Elsewhere::CalledBackAtEcpay { by }));
    }
    None
}

/// Who may have done it, and how much that matters.
struct ByWhom {
    by: By,
    severity: Severity,
}

impl ByWhom {
    fn says(self, what: impl FnOnce(By) -> Elsewhere) -> ExternalChange {
        ExternalChange { reason: what(self.by).into(), severity: self.severity }
    }
}

/// A call that ended without effect may have been made all the same, and one that took effect may have been
/// made twice: where the amount is one of ours, a person has to look.
fn by_whom(s: &Situation, action: Action, moved: i64) -> ByWhom {
    let newest = |a: &Attempt| !s.attempts.iter().any(|other| other.refund_id == a.refund_id && other.id > a.id);
    let ours = || s.attempts.iter().rev().filter(|a| a.action == action && a.sent && a.state != AttemptState::NotSent);
    let without_effect = |a: &&Attempt| {
        matches!(a.state, AttemptState::Refused | AttemptState::NotApplied | AttemptState::Review)
            && (a.amount.dollars() == moved || (a.amount.dollars() < moved && newest(a)))
    };
    if let Some(a) = ours().find(without_effect) {
        let ended = match a.state {
            AttemptState::Refused => Ended::Refused,
            AttemptState::Review => Ended::InReview,
            _ => Ended::WithoutEffect,
        };
        let by = By::AttemptOrHand { attempt: a.id, action: a.action, amount: a.amount, ended };
        return ByWhom { by, severity: Severity::Critical };
    }
    match ours().find(|a| a.amount.dollars() == moved && a.action == Action::R) {
        Some(a) => ByWhom { by: By::OnceMore { attempt: a.id }, severity: Severity::Critical },
        None => ByWhom { by: By::Others, severity: Severity::Warning },
    }
}

/// On an order of a restored ledger: it may well have been ecpayd.
fn change_that_is_lost(before: &Situation, after: &Situation) -> Option<Elsewhere> {
    let found = unknown_in(before, after);
    let (left, amount) = (after.left(), after.card().filter(|_| !found.is_nothing())?.amount);
    Some(if found.void {
        Elsewhere::VoidedWhileLost { left, amount }
    } else {
        Elsewhere::RefundedWhileLost { refunded: found.amount, left, amount }
    })
}

#[cfg(test)]
mod tests;
