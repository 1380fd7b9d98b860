//! The last gate before a money call. Every `Act` passes here.

use chrono::Duration;

use super::{Ctx, Plan, Step};
use crate::domain::action::Action;
use crate::domain::attempt::AttemptState;
use crate::domain::calendar;
use crate::domain::facts::CardFacts;
use crate::domain::money::Twd;
use crate::domain::policy::Policy;
use crate::domain::refund::Refund;

/// An observation older than this decides nothing about money.
const FRESH: Duration = Duration::seconds(60);

/// How often one action may be sent for one purpose when its calls keep going unanswered.
const TRIES: usize = 3;

/// The rule of a step that no further call is made for.
pub const OUT_OF_TRIES: &str = "out-of-tries";

/// How long a step that begins with this action may need, from its commit to its last answer.
///
/// E is followed by a look and by N, each of which may use up its time-out,
/// and N must not fall into the closing window.
pub fn lasts(action: Action, policy: &Policy) -> Duration {
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
    rule: &'static str,
    why: &str,
) -> Plan {
    let plan = gate(ctx, action, amount, refund, rule, why);
    match refund {
        Some(refund) => plan.for_refund(refund),
        None => plan,
    }
}

fn gate(ctx: &Ctx, action: Action, amount: Twd, refund: Option<&Refund>, rule: &'static str, why: &str) -> Plan {
    let Some((observation, card)) = ctx.s.observation.as_ref().zip(ctx.card()) else {
        return ctx.look(rule, why);
    };
    if ctx.s.merchant.paused {
        let plan = ctx.look_every(cadence(ctx, card), "paused", format!("money actions are paused; then {why}"));
        return plan;
    }
    if tries(ctx, action, refund) >= TRIES {
        return out_of_tries(ctx, card, action, refund);
    }
    let opens = ctx.policy.window.next_allowed(ctx.now, lasts(action, ctx.policy));
    if opens > ctx.now {
        let why = format!("{why}; not before the closing window ends at {}", calendar::show(opens));
        return ctx.wait(Some(opens), "closing-window", why).foreseeing(action, opens);
    }
    if ctx.now - observation.at > FRESH
        || observation.at > ctx.now
        || ctx.policy.window.separates(observation.at, ctx.now)
    {
        return ctx
            .look(rule, format!("{why}; the last look is too old for a money action"))
            .foreseeing(action, ctx.now);
    }
    if Duration::seconds(observation.skew_s.abs()) > ctx.policy.max_skew {
        let why = format!(
            "the gateway's clock differs by {} s from ours: no money action until the clocks agree",
            observation.skew_s
        );
        return ctx.look_every(Duration::minutes(10), "clock-skew", why).foreseeing(action, ctx.now);
    }
    ctx.say(Step::Act { action, amount }, rule, why).foreseeing(action, ctx.now)
}

fn cadence(ctx: &Ctx, card: &CardFacts) -> Duration {
    if card.status.is_open() { ctx.policy.poll_authorized } else { ctx.policy.poll_settling }
}

/// Calls for the same purpose that turned out not to have taken effect.
fn tries(ctx: &Ctx, action: Action, refund: Option<&Refund>) -> usize {
    let purpose = refund.map(|r| r.id);
    let since = ctx.s.order.changed_after_attempt;
    ctx.s
        .attempts
        .iter()
        .filter(|a| a.action == action && a.refund_id == purpose && a.state == AttemptState::NotApplied)
        // A shop that writes to its order asks for a capture anew.
        .filter(|a| purpose.is_some() || a.id > since)
        .count()
}

fn out_of_tries(ctx: &Ctx, card: &CardFacts, action: Action, refund: Option<&Refund>) -> Plan {
    let why = format!("{TRIES} calls ({action}) went unanswered and had no effect: a person has to look");
    match refund {
        Some(r) if r.state != crate::domain::refund::RefundState::Review => ctx.say(Step::Review, OUT_OF_TRIES, why),
        _ => ctx.look_every(cadence(ctx, card), OUT_OF_TRIES, why),
    }
}
