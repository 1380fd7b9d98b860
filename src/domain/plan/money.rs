//! The last gate before a money call. Every `Act` passes here.

use chrono::{DateTime, Duration, Utc};

use super::case::Ctx;
use super::case::FRESH;
use super::retry::again_at;
use super::step::{Plan, Step};
use crate::domain::action::Action;
use crate::domain::api::CardApi;
use crate::domain::attempt::{Attempt, AttemptState};
use crate::domain::deadlines::CAPTURE_LIMIT;
use crate::domain::facts::{CardFacts, Observation};
use crate::domain::money::Twd;
use crate::domain::policy::Policy;
use crate::domain::policy::SKEWED;
use crate::domain::reason::{Gate, Reason};
use crate::domain::refund::{Refund, RefundState};
use crate::domain::rule::Rule;
use crate::domain::unanswered::crosses;

/// How often R may be sent for one refund when its calls keep going unanswered. It is the one action that a
/// second call would repeat; C, E and N cannot act twice and are never given up.
const TRIES: usize = 3;

/// So many calls in a row without effect are followed by the next at once: each took a quarter of an hour to settle.
const AT_ONCE: usize = 3;

/// How long a step that begins with this action may need, from its commit to its last answer.
///
/// E is followed by a look and by N, each of which may use up its time-out,
/// and N must not fall into the closing window.
pub(super) fn lasts(action: Action, policy: &Policy) -> Duration {
    match action {
        Action::E => policy.timeout * 5,
        Action::C | Action::N | Action::R => policy.timeout,
    }
}

pub(super) fn act(
    ctx: &Ctx,
    action: Action,
    amount: Twd,
    refund: Option<&Refund>,
    rule: Rule,
    reason: impl Into<Reason>,
) -> Plan {
    let plan = gate(ctx, action, amount, refund, rule, reason.into());
    match refund {
        Some(refund) => plan.for_refund(refund),
        None => plan,
    }
}

fn gate(ctx: &Ctx, action: Action, amount: Twd, refund: Option<&Refund>, rule: Rule, reason: Reason) -> Plan {
    let Some((observation, card)) = ctx.s.observation.as_ref().zip(ctx.card()) else {
        return ctx.look(rule, reason);
    };
    if let Some((of, until)) = ctx.s.merchant.pauses.stop(action, rule, ctx.now) {
        let reason = Gate::Paused { of, until: until.map(Into::into), then: reason.into() };
        let look = observation.at + cadence(ctx, card);
        return ctx.look_at(until.map_or(look, |until| look.min(until)), Rule::Paused, reason);
    }
    match refund {
        Some(refund) if action == Action::R && tries(ctx, refund) >= TRIES => return out_of_tries(ctx, card, refund),
        _ => {}
    }
    let kept_back = not_sent(ctx, action)
        .or_else(|| may_cross(ctx, observation, action))
        .or_else(|| unanswered_again(ctx, card, action, refund));
    if let Some(plan) = kept_back {
        return plan;
    }
    let skew = observation.skew_within(ctx.policy.max_skew);
    let opens = opens(ctx, lasts(action, ctx.policy), skew.unwrap_or_default());
    if opens > ctx.now {
        let reason = Gate::ClosingWindow { until: opens.into(), then: reason.into() };
        return ctx.wait(Some(opens), Rule::ClosingWindow, reason).foreseeing(action, opens);
    }
    let stale = ctx.now - observation.at > FRESH
        || observation.at > ctx.now
        || ctx.policy.window.separates(observation.at, ctx.now)
        || skew.is_some_and(|s| ctx.policy.window.separates(observation.at + s, ctx.now + s));
    if stale && !deliberate!(TrustsStaleLooks) {
        return ctx.look(rule, Gate::LookTooOld { then: reason.into() }).foreseeing(action, ctx.now);
    }
    if skew.is_none() {
        let reason = observation.skew_s.map_or(Gate::NoTimeTold, |skew_s| Gate::ClocksDiffer { skew_s });
        return ctx.look_every(SKEWED, Rule::ClockSkew, reason);
    }
    ctx.say(Step::Act { action, amount }, rule, reason).foreseeing(action, ctx.now)
}

/// When the step is allowed by our clock and by the gateway's, whose closing it is.
fn opens(ctx: &Ctx, lasts: Duration, skew: Duration) -> DateTime<Utc> {
    let window = &ctx.policy.window;
    window.next_allowed(ctx.now, lasts).max(window.next_allowed(ctx.now + skew, lasts) - skew)
}

/// Looks may get through where money calls do not, and a slow ledger holds up both: without a pause the two would take turns for ever.
fn not_sent(ctx: &Ctx, action: Action) -> Option<Plan> {
    let failed = ctx.s.attempts.iter().rev().take_while(|a| a.state == AttemptState::NotSent).count();
    let last = ctx.s.attempts.last().filter(|_| failed > 0)?;
    let doublings = u32::try_from(failed - 1).unwrap_or(u32::MAX).min(10);
    let pause = (ctx.policy.settle_gap * 2_i32.pow(doublings)).min(Duration::hours(1));
    let again = last.finished_at.unwrap_or(last.started_at) + pause;
    let reason = || Gate::NotSent { action, text: last.text.clone(), again_at: again.into() };
    ctx.is_ahead(again, pause).then(|| ctx.wait(Some(again), Rule::NotSent, reason()).foreseeing(action, again))
}

/// A call by form that was never answered may still come, whatever has been seen since: a copy of it on its way,
/// where somebody else did what it asked for. What it would undo waits until that is unlikely.
fn may_cross(ctx: &Ctx, observation: &Observation, action: Action) -> Option<Plan> {
    let late = |a: &&Attempt| a.api == CardApi::Form && a.went_unanswered() && crosses(a.action, action);
    let late = ctx.s.attempts.iter().filter(late).filter(|a| !a.is_over(observation, ctx.policy));
    let last = late.max_by_key(|a| a.over_at(ctx.policy)).filter(|_| !deliberate!(CrossesByForm))?;
    let left = last.over_at(ctx.policy) - observation.gateway_time().min(observation.at);
    // A clock that ran ahead when it was sent would hold it back for as long.
    let at = observation.at + left.min(ctx.policy.longest_unsettled(last.api));
    let reason = Gate::MayCross { action, attempt: last.id, earlier: last.action, until: at.into() };
    Some(ctx.look_at(at, Rule::MayCross, reason).foreseeing(action, at))
}

fn cadence(ctx: &Ctx, card: &CardFacts) -> Duration {
    if card.status.is_open() { ctx.policy.poll_authorized } else { ctx.policy.poll_settling }
}

/// After calls that again and again had no effect: asked again ever more rarely, and never past the deadline.
fn unanswered_again(ctx: &Ctx, card: &CardFacts, action: Action, refund: Option<&Refund>) -> Option<Plan> {
    let purpose = refund.map(|r| r.id);
    let mine = ctx.s.attempts.iter().rev().filter(|a| a.action == action && a.refund_id == purpose);
    let failed: Vec<&Attempt> =
        mine.filter(|a| is_wanted_still(ctx, a)).take_while(|a| a.state == AttemptState::NotApplied).collect();
    let last = failed.first().filter(|_| action != Action::R && failed.len() >= AT_ONCE)?;
    let ended = last.finished_at.unwrap_or(last.started_at);
    let again = again_at(failed.len() - AT_ONCE, ended, card.authorized_at + CAPTURE_LIMIT);
    let reason = Gate::UnansweredAgain { action, calls: failed.len(), again_at: again.into() };
    ctx.is_ahead(again, again - ended)
        .then(|| ctx.wait(Some(again), Rule::UnansweredAgain, reason).foreseeing(action, again))
}

/// A shop that writes to its order asks for a capture anew.
fn is_wanted_still(ctx: &Ctx, attempt: &Attempt) -> bool {
    attempt.refund_id.is_some() || attempt.id > ctx.s.order.changed_after_attempt
}

/// Calls of R that turned out not to have taken effect.
fn tries(ctx: &Ctx, refund: &Refund) -> usize {
    ctx.s
        .attempts
        .iter()
        .filter(|a| a.action == Action::R && a.refund_id == Some(refund.id) && a.state == AttemptState::NotApplied)
        // The answer of a person to a question, not a call that went unanswered.
        .filter(|a| a.sent && a.asked.is_none())
        // It was answered, though by nothing that proves it: later it may work.
        .filter(|a| !a.was_rate_limited() && !a.refused_for_balance())
        .count()
}

fn out_of_tries(ctx: &Ctx, card: &CardFacts, refund: &Refund) -> Plan {
    let reason = Gate::OutOfTries { calls: TRIES };
    if refund.state == RefundState::Review {
        ctx.look_every(cadence(ctx, card), Rule::OutOfTries, reason)
    } else {
        ctx.say(Step::Review, Rule::OutOfTries, reason)
    }
}
