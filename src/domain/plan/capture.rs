//! The rules of capture (vendor page 信用卡請退款功能, in English, note on capture).

use chrono::{DateTime, Duration, Utc};

use super::case::Ctx;
use super::money::act;
use super::retry::again_at;
use super::step::{Plan, Step};
use crate::domain::action::Action;
use crate::domain::attempt::{Attempt, AttemptState};
use crate::domain::deadlines::{ABANDONED_AFTER, CAPTURE_LIMIT, nominal_capture, wants_capture};
use crate::domain::facts::CardFacts;
use crate::domain::order::{CaptureMode, OrderState};
use crate::domain::policy::{CapturePolicy, Policy};
use crate::domain::reason::{Capturing, Looking, Reason, Unexplained};
use crate::domain::rule::Rule;
use crate::domain::situation::Situation;
use crate::domain::situation::order_state;
use crate::domain::status::CardStatus;

/// Decides for an order by card without a refund to work on.
pub(super) fn capture(ctx: &Ctx) -> Plan {
    let Some(card) = ctx.card() else {
        return ctx.look(Rule::UnknownStatus, Looking::StateUnknown);
    };
    charged_again(ctx, card, by_status(ctx, card))
}

/// An order that is through is looked at on and on while it may be charged again: each charge has 21 days to be
/// captured. That is the business of the row that follows the order itself.
fn charged_again(ctx: &Ctx, card: &CardFacts, planned: Plan) -> Plan {
    let periods = card.periods.unwrap_or_default();
    let goes_on = periods.go_on(card.authorized_at, ctx.now) || !ctx.believes_the_clock();
    let is_first = card.recurring && ctx.s.order.asked_trade_no.is_none();
    if !matches!(planned.step, Step::Wait { until: None }) || !is_first || periods.ended || !goes_on {
        return planned;
    }
    ctx.look_every(periods.rest(), planned.rule, Looking::ChargedAgain { then: Box::new(planned.reason) })
}

fn by_status(ctx: &Ctx, card: &CardFacts) -> Plan {
    match card.status {
        CardStatus::Canceled if order_state(ctx.s, ctx.now) == OrderState::Expired => {
            ctx.wait(None, Rule::Expired, Capturing::Expired)
        }
        CardStatus::Canceled => ctx.wait(None, Rule::Void, Capturing::Void),
        CardStatus::ToBeCaptured | CardStatus::Captured if card.net == 0 => {
            may_still_land(ctx).unwrap_or_else(|| ctx.wait(None, Rule::Refunded, Capturing::Refunded))
        }
        CardStatus::Captured => {
            may_still_land(ctx).unwrap_or_else(|| ctx.wait(None, Rule::Captured, Capturing::Captured))
        }
        CardStatus::ToBeCaptured => ctx.look_every(ctx.policy.poll_settling, Rule::Settling, Capturing::Settling),
        CardStatus::Authorized | CardStatus::OperationCanceled => authorized(ctx, card),
        // Decided by the guards before.
        CardStatus::Unauthorized => ctx.look_every(ctx.policy.poll_unpaid, Rule::NotPaid, Looking::NotAuthorized),
    }
}

/// A refund was seen and so is done, but its own call was never answered: somebody else may have
/// made the one that was seen. One more look when the call is too old to be accepted tells of both.
fn may_still_land(ctx: &Ctx) -> Option<Plan> {
    let observation = ctx.s.observation.as_ref()?;
    let unanswered = |a: &&Attempt| a.action == Action::R && a.state == AttemptState::Applied && a.went_unanswered();
    let last = ctx.s.attempts.iter().filter(unanswered).max_by_key(|a| a.over_at(ctx.policy))?;
    let left = last.over_at(ctx.policy) - observation.gateway_time();
    let longest = ctx.policy.longest_unsettled(last.api);
    (left > Duration::zero())
        .then(|| ctx.look_at(observation.at + left.min(longest), Rule::MayStillLand, Unexplained::MayStillLand))
}

fn authorized(ctx: &Ctx, card: &CardFacts) -> Plan {
    abandoned(ctx, card)
        .or_else(|| mismatch(ctx, card))
        .or_else(|| held(ctx, card))
        .or_else(|| overdue(ctx, card, wants_capture(&ctx.s.order, ctx.policy)))
        .or_else(|| refused(ctx, card))
        .unwrap_or_else(|| by_policy(ctx, card))
}

/// Captures whatever the policy, since a part is to be refunded.
pub(super) fn for_part(ctx: &Ctx, card: &CardFacts) -> Plan {
    mismatch(ctx, card)
        .or_else(|| overdue(ctx, card, true))
        .or_else(|| refused(ctx, card))
        .unwrap_or_else(|| act(ctx, Action::C, card.amount, None, Rule::CaptureForPart, Capturing::CaptureForPart))
}

/// The routine look, or the one at the end of day 21 or 90 if that comes first.
fn routine(ctx: &Ctx, card: &CardFacts, rule: Rule, reason: impl Into<Reason>) -> Plan {
    let seen_at = ctx.s.observation.as_ref().map_or(ctx.now, |o| o.at);
    let limits = [CAPTURE_LIMIT, ABANDONED_AFTER].map(|limit| card.authorized_at + limit);
    let next = limits.into_iter().filter(|limit| *limit > seen_at).fold(seen_at + ctx.policy.poll_authorized, Ord::min);
    ctx.look_at(next, rule, reason)
}

/// At day 90 a look, then it is over.
pub(super) fn abandoned(ctx: &Ctx, card: &CardFacts) -> Option<Plan> {
    let day_90 = card.authorized_at + ABANDONED_AFTER;
    if ctx.now < day_90 {
        return None;
    }
    let reason = Capturing::Abandoned { on: day_90.into() };
    let seen_at = ctx.s.observation.as_ref().map(|o| o.at);
    Some(if seen_at >= Some(day_90) { ctx.finish(Rule::Expired, reason) } else { ctx.look(Rule::Expired, reason) })
}

fn mismatch(ctx: &Ctx, card: &CardFacts) -> Option<Plan> {
    let expected = ctx.s.order.expected_amount.filter(|e| *e != card.amount)?;
    Some(routine(ctx, card, Rule::AmountMismatch, Capturing::AmountMismatch { expected, amount: card.amount }))
}

fn held(ctx: &Ctx, card: &CardFacts) -> Option<Plan> {
    if ctx.s.order.capture != CaptureMode::Hold {
        return None;
    }
    let late = ctx.now >= card.authorized_at + CAPTURE_LIMIT;
    let (authorized_at, limit_days) = (card.authorized_at.into(), CAPTURE_LIMIT.num_days());
    let reason = if late { Capturing::HoldOverdue { authorized_at, limit_days } } else { Capturing::Hold };
    Some(routine(ctx, card, Rule::Hold, reason))
}

/// What is left to do after the limit.
fn by_hand(ctx: &Ctx, card: &CardFacts) -> Plan {
    let (authorized_at, limit_days) = (card.authorized_at.into(), CAPTURE_LIMIT.num_days());
    routine(ctx, card, Rule::CaptureOverdue, Capturing::CaptureOverdue { authorized_at, limit_days })
}

/// The last C was refused: too late, or to be tried again after a while, ever longer.
fn refused(ctx: &Ctx, card: &CardFacts) -> Option<Plan> {
    let refusals: Vec<&Attempt> = captures(ctx).filter(|a| a.state == AttemptState::Refused).collect();
    let last = refusals.last()?;
    if last.refused_as_overdue() {
        return Some(by_hand(ctx, card));
    }
    let ended = last.finished_at.unwrap_or(last.started_at);
    let again = again_at(refusals.len() - 1, ended, card.authorized_at + CAPTURE_LIMIT);
    let reason = Capturing::CaptureRefused { text: last.text.clone(), again_at: again.into() };
    ctx.is_ahead(again, again - ended)
        .then(|| ctx.wait(Some(again), Rule::CaptureRefused, reason).foreseeing(Action::C, again))
}

/// Captures tried since the shop last wrote to the order.
fn captures<'a>(ctx: &'a Ctx) -> impl Iterator<Item = &'a Attempt> {
    let since = ctx.s.order.changed_after_attempt;
    ctx.s.attempts.iter().filter(move |a| a.action == Action::C && a.id > since)
}

/// Past the limit one C is still tried.
fn overdue(ctx: &Ctx, card: &CardFacts, asked: bool) -> Option<Plan> {
    let limit = card.authorized_at + CAPTURE_LIMIT;
    let late = |a: &Attempt| a.started_at >= limit && a.state != AttemptState::NotSent;
    let overdue = |a: &Attempt| a.state == AttemptState::Refused && a.refused_as_overdue();
    let tried = captures(ctx).any(|a| late(a) || overdue(a));
    if ctx.now < limit {
        return None;
    }
    if tried || !asked {
        return Some(by_hand(ctx, card));
    }
    Some(act(ctx, Action::C, card.amount, None, Rule::CapturePastDeadline, Capturing::CapturePastLimit))
}

/// When the shop's word or the policy captures an order that is authorized; in the past where it is due, or
/// was from the beginning. None: nothing asks for it.
pub fn captures_at(s: &Situation, card: &CardFacts, policy: &Policy) -> Option<DateTime<Utc>> {
    let as_expected = s.order.expected_amount.is_none_or(|e| e == card.amount);
    if !wants_capture(&s.order, policy) || !as_expected {
        return None;
    }
    Some(match policy.capture {
        _ if s.order.capture == CaptureMode::Now => card.authorized_at,
        CapturePolicy::Immediate if s.merchant.daily_auto_close => {
            // The vendor captures at the day's closing; ours is for what it left out.
            policy.window.next_closing_end(card.authorized_at) + policy.window.guard
        }
        CapturePolicy::Immediate | CapturePolicy::Manual => card.authorized_at,
        CapturePolicy::Deadline => {
            // A slot reserved under other settings does not move the capture further than these allow.
            let nominal = nominal_capture(card, policy);
            s.capture_slot.map_or(nominal, |slot| slot.max(nominal - policy.spread).min(nominal))
        }
    })
}

fn by_policy(ctx: &Ctx, card: &CardFacts) -> Plan {
    if ctx.s.order.capture == CaptureMode::Now {
        return act(ctx, Action::C, card.amount, None, Rule::CaptureNow, Capturing::CaptureNow);
    }
    let Some(at) = captures_at(ctx.s, card, ctx.policy) else {
        return routine(ctx, card, Rule::Manual, Capturing::Manual);
    };
    if at <= ctx.now {
        return act(ctx, Action::C, card.amount, None, Rule::Capture, Capturing::CaptureDue);
    }
    let seen_at = ctx.s.observation.as_ref().map_or(ctx.now, |o| o.at);
    let next = (seen_at + ctx.policy.poll_authorized).min(at);
    let reason = Capturing::CaptureAhead { at: at.into(), deadline_days: ctx.policy.deadline_days };
    ctx.look_at(next, Rule::CaptureAhead, reason).foreseeing(Action::C, at)
}
