//! A ledger that was restored from an older copy: first look what happened, then ask whose it was.

use chrono::Duration;

use super::case::Ctx;
use super::step::{Plan, Step};
use crate::domain::action::Action;
use crate::domain::calendar;
use crate::domain::facts::CardFacts;
use crate::domain::money::Twd;
use crate::domain::policy::SKEWED;
use crate::domain::refund::{Refund, RefundState};
use crate::domain::rule::Rule;
use crate::domain::status::CardStatus;

/// Nothing moves, and no open call is settled, before a look that shows all that is lost: a
/// request that was under way may still take effect.
pub(super) fn restored(ctx: &Ctx) -> Option<Plan> {
    let restored = ctx.s.to_be_taken_over()?;
    let observation = ctx.s.observation.as_ref()?;
    let what =
        format!("the ledger may be an older copy, restored (noticed at {})", calendar::show(restored.noticed_at));
    let plan = if observation.after_takeover < restored.id {
        ctx.look(Rule::RestoredLedger, format!("{what}; looking what happened meanwhile"))
    } else if !ctx.believes_the_clock() {
        let why = format!("{what}; no order is taken over until the gateway's clock and ours agree");
        ctx.look_every(SKEWED, Rule::RestoredLedger, why)
    } else {
        let quiet_from = restored.quiet_from(observation, ctx.policy);
        let ahead = quiet_from - observation.gateway_time();
        if ahead <= Duration::zero() {
            ctx.say(Step::TakeOver, Rule::RestoredLedger, format!("{what}; what happened meanwhile is taken over"))
        } else {
            let at = observation.at + ahead;
            let why = format!("{what}; what was under way may take effect until {}, then a look", calendar::show(at));
            ctx.look_at(at, Rule::RestoredLedger, why)
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
    let (action, amount, moved, shown) = if card.status == CardStatus::Canceled && unclaimed.void && whole {
        (Action::N, card.amount, Twd::ZERO, "the order void, and this restored ledger does not know by whom".to_owned())
    } else if card.status.is_closing() && !unclaimed.amount.is_zero() {
        let shown = format!("{} refunded that this restored ledger does not know of", unclaimed.amount);
        (Action::R, refund.amount.unwrap_or(unclaimed.amount), unclaimed.amount, shown)
    } else {
        return None;
    };
    let why = format!("the gateway shows {shown} (applied: it was this refund; not applied: it is still to be made)");
    let rule = Rule::UnclaimedRefund;
    Some(if ctx.is_current() { ctx.say(Step::Ask { action, amount, moved }, rule, why) } else { ctx.look(rule, why) })
}
