//! One answer ends nothing: a call that ended without effect, in words, by looks or by a person's word, and
//! money that went back all the same. No key at the gateway tells whose it was: a person does, before any R.

use chrono::Duration;

use super::case::Ctx;
use super::step::{Plan, Step};
use crate::domain::action::Action;
use crate::domain::attempt::{Attempt, AttemptState, Before, Verdict};
use crate::domain::calendar;
use crate::domain::facts::CardFacts;
use crate::domain::money::Twd;
use crate::domain::refund::Refund;
use crate::domain::rule::Rule;
use crate::domain::status::CardStatus;

/// The refund's own last call ended without effect, and what it asked for has happened since.
pub(super) fn ended_yet_done(ctx: &Ctx, card: &CardFacts, refund: &Refund) -> Option<Plan> {
    let last = ctx.s.attempts.iter().rev().find(|a| a.refund_id == Some(refund.id)).filter(|a| is_doubted(a))?;
    let ended = match last.state {
        AttemptState::Refused => format!("the gateway refused {} {} ({})", last.action, last.amount, last.text),
        AttemptState::NotApplied => {
            format!("attempt {} ({} {}) was told to be without effect", last.id, last.action, last.amount)
        }
        _ => return None,
    };
    let both_closing = last.before.status.is_closing() && card.status.is_closing();
    let since = match last.action {
        // Less than it asked for is none of its doing.
        Action::R if both_closing && moved_since(ctx, last, card) >= last.amount.dollars() => {
            format!("NT${} went back", moved_since(ctx, last, card))
        }
        Action::N if card.status == CardStatus::Canceled && !was_void(last) => "the order is void".to_owned(),
        _ => return None,
    };
    let why = format!("{ended}, and since then {since}: was it this refund, or somebody at ECPay's dashboard?");
    if !ctx.is_current() {
        return Some(ctx.look(Rule::EndedYetMoved, why));
    }
    let step = match last.state {
        AttemptState::Refused => Step::Settle { attempt: last.id, verdict: Verdict::Review { why: why.clone() } },
        // It has been answered for once: what it is asked about now is another question.
        _ => {
            let moved = Twd::new(moved_since(ctx, last, card)).unwrap_or(Twd::ZERO);
            Step::Ask { action: last.action, amount: last.amount, moved }
        }
    };
    Some(ctx.say(step, Rule::EndedYetMoved, why))
}

/// Holds an R back while money has gone back that none of our calls explains, since the last call that may
/// have been made all the same.
pub(super) fn asked_first(ctx: &Ctx, card: &CardFacts, planned: Plan) -> Plan {
    let Step::Act { action: Action::R, amount } = planned.step else { return planned };
    let Some(last) = ctx.s.attempts.iter().rev().find(|a| is_uncertain(a) && is_doubted(a)) else { return planned };
    let moved = Twd::new(moved_since(ctx, last, card)).unwrap_or(Twd::ZERO);
    if moved.is_zero() || !last.before.status.is_closing() {
        return planned;
    }
    let why = format!(
        "since attempt {} (R {}) {moved} went back that no call of ours explains (applied: it was this refund; \
         not applied: it was somebody else, and this refund is still to be made)",
        last.id, last.amount
    );
    ctx.say(Step::Ask { action: Action::R, amount, moved }, Rule::EndedYetMoved, why)
}

/// Holds an R back while one of another refund that the gateway refused could still take effect: refused in
/// words, some have been made all the same a moment later, and whoever asks again under a new key would pay twice.
pub(super) fn after_a_refusal(ctx: &Ctx, refund: &Refund, planned: Plan) -> Plan {
    let Step::Act { action: Action::R, .. } = planned.step else { return planned };
    let Some(observation) = &ctx.s.observation else { return planned };
    let refused = |a: &&Attempt| a.action == Action::R && a.state == AttemptState::Refused && is_doubted(a);
    let refused = |a: &&Attempt| refused(a) && a.refund_id != Some(refund.id);
    let Some(last) = ctx.s.attempts.iter().rev().find(refused) else { return planned };
    let left = last.spent_at(ctx.policy) - observation.gateway_time();
    // A clock that ran ahead when it was sent would hold it back for as long.
    let longest = ctx.policy.request_validity + ctx.policy.max_skew * 2;
    if left <= Duration::zero() || left > longest {
        return planned;
    }
    let at = observation.at + left;
    let why = format!(
        "attempt {} (R {}) was refused ({}), and may take effect all the same until {}: then a look, and the next R",
        last.id,
        last.amount,
        last.text,
        calendar::show(at)
    );
    ctx.look_at(at, Rule::MayStillLand, why).foreseeing(Action::R, at)
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

fn is_doubted(attempt: &Attempt) -> bool {
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
