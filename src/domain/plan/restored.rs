//! A ledger that was put back from a copy: first look what happened, then ask whose it was.

use chrono::Duration;

use super::case::Ctx;
use super::step::{Plan, Step};
use crate::domain::action::Action;
use crate::domain::api::CardApi;
use crate::domain::facts::CardFacts;
use crate::domain::money::Twd;
use crate::domain::policy::SKEWED;
use crate::domain::reason::Restoring;
use crate::domain::refund::{Refund, RefundState};
use crate::domain::rule::Rule;
use crate::domain::status::CardStatus;

/// Nothing moves, and no open call is settled, before a look that shows all that is lost: a
/// request that was under way may still take effect.
pub(super) fn restored(ctx: &Ctx) -> Option<Plan> {
    let restored = ctx.s.to_catch_up()?;
    let observation = ctx.s.observation.as_ref()?;
    let noticed_at = restored.noticed_at.into();
    let plan = if observation.after_restore < restored.id {
        ctx.look(Rule::RestoredLedger, Restoring::RestoredLook { noticed_at })
    } else if !ctx.believes_the_clock() {
        ctx.look_every(SKEWED, Rule::RestoredLedger, Restoring::RestoredClock { noticed_at })
    } else {
        // The settings may have been changed since, and what is lost may have been sent as before.
        let by_form = ctx.s.attempts.iter().any(|attempt| attempt.api == CardApi::Form);
        let api = if by_form { CardApi::Form } else { ctx.s.merchant.api };
        let quiet_from = restored.quiet_from(observation, ctx.policy, api);
        let ahead = quiet_from - observation.gateway_time();
        if ahead <= Duration::zero() {
            ctx.say(Step::CatchUp, Rule::RestoredLedger, Restoring::RestoredCaughtUp { noticed_at })
        } else {
            let at = observation.at + ahead;
            ctx.look_at(at, Rule::RestoredLedger, Restoring::RestoredUnderWay { noticed_at, until: at.into() })
        }
    };
    // One that waits for a person goes on waiting for a person.
    let waits = ctx.first_refund().filter(|r| r.state != RefundState::Review);
    Some(match waits {
        Some(refund) => plan.for_refund(refund),
        None => plan,
    })
}

/// Money went back in the part that is lost. It may have been this refund, which no key at the
/// gateway tells: a person does, once for each refund.
pub(super) fn unclaimed(ctx: &Ctx, card: &CardFacts, refund: &Refund) -> Option<Plan> {
    let unclaimed = ctx.s.unclaimed;
    if ctx.s.was_asked_about(refund.id) {
        return None;
    }
    // Only a whole refund voids an order.
    let whole = refund.amount.is_none_or(|amount| amount == card.amount);
    let (action, amount, moved, reason) = if card.status == CardStatus::Canceled && unclaimed.void && whole {
        (Action::N, card.amount, Twd::ZERO, Restoring::UnclaimedVoid)
    } else if card.status.is_closing() && !unclaimed.amount.is_zero() {
        let moved = unclaimed.amount;
        (Action::R, refund.amount.unwrap_or(moved), moved, Restoring::UnclaimedRefund { amount: moved })
    } else {
        return None;
    };
    let (rule, ask) = (Rule::UnclaimedRefund, Step::Ask { action, amount, moved });
    Some(if ctx.is_current() { ctx.say(ask, rule, reason) } else { ctx.look(rule, reason) })
}
