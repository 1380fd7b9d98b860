//! One answer ends nothing: a call that ended without effect, in words, by looks or by a person's word, and
//! money that went back all the same. No key at the gateway tells whose it was: a person does, before any R.

use chrono::Duration;

use super::case::Ctx;
use super::step::{Plan, Step};
use crate::domain::action::Action;
use crate::domain::attempt::{Attempt, AttemptState, Before, Verdict};
use crate::domain::facts::CardFacts;
use crate::domain::money::Twd;
use crate::domain::reason::Unexplained;
use crate::domain::refund::Refund;
use crate::domain::rule::Rule;
use crate::domain::status::CardStatus;

/// The refund's own last call ended without effect, and what it asked for has happened since.
pub(super) fn ended_yet_done(ctx: &Ctx, card: &CardFacts, refund: &Refund) -> Option<Plan> {
    let last =
        ctx.s.attempts.iter().rev().find(|a| a.refund_id == Some(refund.id)).filter(|a| may_have_taken_effect(a))?;
    let refused = match last.state {
        AttemptState::Refused => true,
        AttemptState::NotApplied => false,
        _ => return None,
    };
    let (attempt, amount, text) = (last.id, last.amount, || last.text.clone());
    let both_closing = last.before.status.is_closing() && card.status.is_closing();
    let moved = moved_since(ctx, last, card);
    let reason = match last.action {
        // Less than it asked for is none of its doing.
        Action::R if both_closing && moved >= amount.dollars() => match refused {
            true => Unexplained::RefusedYetRefunded { amount, text: text(), moved },
            false => Unexplained::EndedYetRefunded { attempt, amount, moved },
        },
        Action::N if card.status == CardStatus::Canceled && !was_void(last) => match refused {
            true => Unexplained::RefusedYetVoid { amount, text: text() },
            false => Unexplained::EndedYetVoid { attempt, amount },
        },
        _ => return None,
    };
    if !ctx.is_current() {
        return Some(ctx.look(Rule::EndedYetMoved, reason));
    }
    let step = if refused {
        Step::Settle { attempt, verdict: Verdict::Review { why: reason.clone().into() } }
    } else {
        // It has been answered for once: what it is asked about now is another question.
        Step::Ask { action: last.action, amount, moved: Twd::new(moved).unwrap_or(Twd::ZERO) }
    };
    Some(ctx.say(step, Rule::EndedYetMoved, reason))
}

/// Holds an R back while money has gone back that none of our calls explains, since the last call that may
/// have been made all the same.
pub(super) fn asked_first(ctx: &Ctx, card: &CardFacts, planned: Plan) -> Plan {
    let Step::Act { action: Action::R, amount } = planned.step else { return planned };
    let Some(last) = ctx.s.attempts.iter().rev().find(|a| is_uncertain(a) && may_have_taken_effect(a)) else {
        return planned;
    };
    let moved = Twd::new(moved_since(ctx, last, card)).unwrap_or(Twd::ZERO);
    if moved.is_zero() || !last.before.status.is_closing() {
        return planned;
    }
    let reason = Unexplained::MovedUnexplained { attempt: last.id, amount: last.amount, moved };
    ctx.say(Step::Ask { action: Action::R, amount, moved }, Rule::EndedYetMoved, reason)
}

/// Holds an R back while one of another refund that the gateway refused could still take effect: refused in
/// words, some have been made all the same a moment later, and whoever asks again under a new key would pay twice.
pub(super) fn after_a_refusal(ctx: &Ctx, refund: &Refund, planned: Plan) -> Plan {
    let Step::Act { action: Action::R, .. } = planned.step else { return planned };
    let Some(observation) = &ctx.s.observation else { return planned };
    let refused = |a: &&Attempt| a.action == Action::R && a.state == AttemptState::Refused && may_have_taken_effect(a);
    let refused = |a: &&Attempt| refused(a) && a.refund_id != Some(refund.id);
    let Some(last) = ctx.s.attempts.iter().rev().find(refused) else { return planned };
    let left = last.over_at(ctx.policy) - observation.gateway_time();
    // A clock that ran ahead when it was sent would hold it back for as long.
    let longest = ctx.policy.longest_unsettled(last.api);
    if left <= Duration::zero() || left > longest {
        return planned;
    }
    let at = observation.at + left;
    let (attempt, amount, text) = (last.id, last.amount, last.text.clone());
    let reason = Unexplained::RefusedMayLand { attempt, amount, text, until: at.into() };
    ctx.look_at(at, Rule::MayStillLand, reason).foreseeing(Action::R, at)
}

/// It was, before the call or when a person was asked about it.
fn was_void(attempt: &Attempt) -> bool {
    let void = |shown: Before| shown.status == CardStatus::Canceled;
    void(attempt.before) || attempt.reviewed.is_some_and(void)
}

/// It is not proven what it did: refused in words, without effect so far, or seen without an answer.
fn is_uncertain(attempt: &Attempt) -> bool {
    let unanswered = attempt.state == AttemptState::Applied && !attempt.text.is_empty() && attempt.sent;
    attempt.action == Action::R
        && (unanswered || matches!(attempt.state, AttemptState::Refused | AttemptState::NotApplied))
}

fn may_have_taken_effect(attempt: &Attempt) -> bool {
    let refusal = attempt.state == AttemptState::Refused && deliberate!(BelievesARefusalAtOnce);
    let word = attempt.reviewed.is_some() && deliberate!(BelievesThePersonsStaleWord);
    !refusal && !word
}

/// What went back since an attempt beyond what our own calls did. A person's word is about what was shown
/// when the person was asked.
fn moved_since(ctx: &Ctx, attempt: &Attempt, card: &CardFacts) -> i64 {
    let ours = |a: &&Attempt| a.action == Action::R && a.id > attempt.id && a.stands();
    let since: i64 = ctx.s.attempts.iter().filter(ours).map(|a| a.amount.dollars()).sum();
    let expected = match attempt.reviewed.map(|shown| shown.net) {
        Some(net) if attempt.stands() => net.min(attempt.before.net - attempt.amount.dollars()),
        None if attempt.stands() => attempt.before.net - attempt.amount.dollars(),
        reviewed => reviewed.unwrap_or(attempt.before.net),
    };
    expected - since - card.net
}
