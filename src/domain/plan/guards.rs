//! What comes before any decision about money.

use chrono::Duration;

use super::case::Ctx;
use super::case::FRESH;
use super::step::Plan;
use crate::domain::cadence;
use crate::domain::facts::Seen;
use crate::domain::reason::Looking;
use crate::domain::rule::Rule;
use crate::domain::service::Service;
use crate::domain::status::CardStatus;

/// Nobody works on it; this is what a person is told who asks.
pub(super) fn missing(ctx: &Ctx) -> Option<Plan> {
    let reason = || Looking::MerchantMissing { merchant_id: ctx.s.order.merchant_id.clone() };
    ctx.s.merchant.missing.then(|| ctx.wait(None, Rule::MerchantMissing, reason()))
}

/// The vendor asks for 30 minutes of silence after HTTP 403.
pub(super) fn silence(ctx: &Ctx) -> Option<Plan> {
    let until = cadence::silence(ctx.s.merchant.silent_until, ctx.now)?;
    let reason = Looking::Silence { service: Service::Card, until: until.into() };
    Some(ctx.wait(Some(until), Rule::RateLimited, reason))
}

/// Our clock has stepped back since the last look, which would put off the next one by as much.
pub(super) fn dated_ahead(ctx: &Ctx) -> Option<Plan> {
    let at = ctx.s.observation.as_ref()?.at;
    (at > ctx.now + FRESH).then(|| ctx.look(Rule::ClockSteppedBack, Looking::ClockSteppedBack))
}

pub(super) fn never_looked(ctx: &Ctx) -> Option<Plan> {
    let reason = Looking::FirstLook { service: Service::Card };
    ctx.s.observation.is_none().then(|| ctx.look(Rule::FirstLook, reason))
}

/// Whatever was seen before the last money call says nothing about the order after it.
pub(super) fn looked_before_the_last_attempt(ctx: &Ctx) -> Option<Plan> {
    let seen_after = ctx.s.observation.as_ref()?.after_attempt;
    let last = ctx.s.attempts.last()?.id;
    (seen_after < last).then(|| ctx.look(Rule::LookAfterAction, Looking::LookAfterAction))
}

/// The shop wrote for a reason that the look does not know: something may have happened at the
/// gateway that it answers to, and a money call would be made for what is no longer so.
pub(super) fn looked_before_the_shop_wrote(ctx: &Ctx) -> Option<Plan> {
    let observation = ctx.s.observation.as_ref()?;
    // No money call can follow: a note on many old orders is no reason for as many calls.
    let is_over = match &observation.seen {
        Seen::Card(card) => matches!(card.status, CardStatus::Captured | CardStatus::Canceled),
        Seen::NotCard { .. } => true,
        _ => false,
    };
    let seen_after = observation.after_revision;
    (!(is_over && ctx.s.refunds.is_empty()) && seen_after < ctx.s.order.revision)
        .then(|| ctx.look(Rule::LookAfterWrite, Looking::LookAfterWrite))
}

pub(super) fn unclear(ctx: &Ctx) -> Option<Plan> {
    let Some(Seen::Unclear { raw }) = ctx.seen() else { return None };
    Some(ctx.review(Rule::UnknownStatus, Looking::AnswerUnclear { raw: raw.clone() }))
}

/// The other row does all that is to be done. Its shop says with `hold` that this one is not needed.
pub(super) fn twin(ctx: &Ctx) -> Option<Plan> {
    let Some(Seen::Twin { trade_no, row }) = ctx.seen() else { return None };
    let (trade_no, row) = (trade_no.clone(), *row);
    if let Some(refund) = ctx.first_refund() {
        return Some(ctx.reject(Rule::TwinRow, Looking::TwinRowOfRefund { trade_no, row }).for_refund(refund));
    }
    if ctx.s.order.is_let_go() {
        return Some(ctx.wait(None, Rule::TwinRow, Looking::TwinRow { trade_no, row }));
    }
    Some(ctx.look_every(ctx.policy.poll_authorized, Rule::TwinRow, Looking::TwinRowOpen { trade_no, row }))
}

/// A refund that took effect, and an order that was never captured; money calls, and no order.
pub(super) fn contradicts_the_ledger(ctx: &Ctx) -> Option<Plan> {
    Some(ctx.review(Rule::Contradiction, ctx.s.contradiction()?))
}

pub(super) fn not_by_card(ctx: &Ctx) -> Option<Plan> {
    let Some(Seen::NotCard { payment_type, .. }) = ctx.seen() else { return None };
    let payment_type = payment_type.clone();
    if let Some(refund) = ctx.first_refund() {
        return Some(ctx.reject(Rule::NotCard, Looking::NotCardOfRefund { payment_type }).for_refund(refund));
    }
    Some(ctx.wait(None, Rule::NotCard, Looking::NotCard { payment_type }))
}

/// Not known, not paid, not answered by the bank, or not authorized.
pub(super) fn not_paid(ctx: &Ctx) -> Option<Plan> {
    let (why, cadence) = match ctx.seen()? {
        Seen::NotFound => (Looking::OrderUnknown { service: Service::Card }, None),
        Seen::Unpaid { .. } => (Looking::NotPaid, None),
        // Vendor's card detail page: error_nopay, ask again in 10 minutes.
        Seen::BankPending { .. } => (Looking::BankPending, Some(Duration::minutes(10))),
        Seen::Card(card) if card.status == CardStatus::Unauthorized => (Looking::NotAuthorized, None),
        _ => return None,
    };
    if has_waited_enough(ctx) {
        let (since, why) = (ctx.s.order.registered_at.into(), why.into());
        return Some(match ctx.first_refund() {
            Some(refund) => ctx.reject(Rule::GiveUpUnpaid, Looking::GivenUp { since, why }).for_refund(refund),
            None => ctx.wait(None, Rule::GiveUpUnpaid, Looking::NoLongerAsked { why }),
        });
    }
    let known = ctx.s.observation.as_ref().map_or(ctx.now, |o| o.at) - ctx.s.order.registered_at;
    let slower = cadence::slower_with_age(known, ctx.policy.poll_unpaid);
    let plan = ctx.look_every(cadence.unwrap_or(slower), Rule::NotPaid, why);
    Some(match ctx.first_refund() {
        Some(refund) => plan.for_refund(refund),
        None => plan,
    })
}

/// It is given up by a look made when the time was up: what was seen before may have been paid since.
fn has_waited_enough(ctx: &Ctx) -> bool {
    let up = ctx.s.order.registered_at + ctx.policy.give_up_unpaid_after;
    ctx.believes_the_clock() && ctx.s.observation.as_ref().is_some_and(|o| o.at >= up)
}
