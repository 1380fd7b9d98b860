//! The rules of refunds: one table, state by kind of request (vendor page 信用卡請退款功能, 退款使用方式).

use super::case::Ctx;
use super::money::act;
use super::step::{Plan, Step};
use super::{capture, restored, unexplained, vouchers};
use crate::domain::action::Action;
use crate::domain::attempt::{Attempt, AttemptState, Before};
use crate::domain::facts::CardFacts;
use crate::domain::money::Twd;
use crate::domain::order::CaptureMode;
use crate::domain::policy::PartialOnAuthorized;
use crate::domain::reason::{Refunding, Unexplained};
use crate::domain::refund::{Refund, RefundState};
use crate::domain::rule::Rule;
use crate::domain::status::CardStatus;

pub(super) fn refund(ctx: &Ctx) -> Option<Plan> {
    let refund = ctx.first_refund()?;
    let card = ctx.card()?;
    let left = ctx.s.left();
    let together = together(ctx, card);
    let want = if together.is_empty() { refund.amount.unwrap_or(left) } else { card.amount };
    let whole = ctx.s.refunded().is_zero() && want == card.amount;
    let plan = restored::unclaimed(ctx, card, refund)
        .or_else(|| unexplained::ended_yet_done(ctx, card, refund))
        .or_else(|| shows_too_little(ctx, card))
        .or_else(|| impossible(ctx, card, want, left, whole))
        .or_else(|| refused_before(ctx, card, refund))
        .unwrap_or_else(|| {
            let planned = vouchers::guarded(ctx, card, want, by_table(ctx, card, refund, want, whole));
            unexplained::after_a_refusal(ctx, refund, unexplained::asked_first(ctx, card, planned))
        });
    let voids = matches!(plan.step, Step::Act { action: Action::E | Action::N, .. });
    Some(Plan { together: if voids { together } else { Vec::new() }, ..plan.for_refund(refund) })
}

/// The other refunds that ask, with the first one, for all of an order that is not captured for good: one N
/// ends each of them. Once it is captured each goes back by itself.
fn together(ctx: &Ctx, card: &CardFacts) -> Vec<i64> {
    let refunds = &ctx.s.refunds;
    let voids = card.status.is_open() || (card.status == CardStatus::ToBeCaptured && !is_claimed_first(ctx, card));
    let alone = refunds.len() < 2 || refunds[0].amount.is_none_or(|amount| amount == card.amount);
    if alone || !voids || !ctx.s.refunded().is_zero() || refunds.iter().any(|r| r.state == RefundState::Review) {
        return Vec::new();
    }
    let named = refunds.iter().filter_map(|r| r.amount).fold(Twd::ZERO, Twd::plus);
    let rest = refunds.iter().filter(|r| r.amount.is_none()).count();
    let all = (rest == 0 && named == card.amount) || (rest == 1 && named < card.amount);
    if all { refunds[1..].iter().map(|r| r.id).collect() } else { Vec::new() }
}

/// Its capture cannot be called back: it is refunded once the bank has claimed it.
fn is_claimed_first(ctx: &Ctx, card: &CardFacts) -> bool {
    let refused = |refund: &Refund| last_refusal(ctx, refund, Action::E).is_some_and(|a| stands(a, card));
    card.kind.union_pay || ctx.first_refund().is_some_and(refused)
}

/// The ledger has seen refunds that this look does not show. What a call would do cannot be told
/// from it then, nor afterwards whether it was this call or an earlier one.
fn shows_too_little(ctx: &Ctx, card: &CardFacts) -> Option<Plan> {
    let (shown_refunded, refunded) = (card.refunded(), ctx.s.refunded_by_us());
    (card.status.is_closing() && shown_refunded < refunded)
        .then(|| ctx.review(Rule::Contradiction, Unexplained::RefundsMissing { refunded, shown_refunded }))
}

fn impossible(ctx: &Ctx, card: &CardFacts, asked: Twd, left: Twd, whole: bool) -> Option<Plan> {
    let amount = card.amount;
    if card.status == CardStatus::Canceled {
        return Some(ctx.reject(Rule::Void, Refunding::NothingLeftOfVoid));
    }
    if left.is_zero() {
        return Some(ctx.reject(Rule::NothingLeft, Refunding::NothingLeft { amount }));
    }
    if asked > left {
        return Some(ctx.reject(Rule::MoreThanLeft, Refunding::MoreThanLeft { asked, left, amount }));
    }
    if asked.is_zero() {
        return Some(ctx.reject(Rule::NothingAsked, Refunding::NothingAsked));
    }
    // Vendor page 信用卡請退款功能, notes 2 and 3 of R.
    let kind = card.kind.as_told(ctx.s.order.installments).whole_only().filter(|_| !whole)?;
    Some(ctx.reject(Rule::WholeOnly, Refunding::WholeOnly { kind, asked, amount }))
}

fn by_table(ctx: &Ctx, card: &CardFacts, refund: &Refund, want: Twd, whole: bool) -> Plan {
    match card.status {
        CardStatus::Authorized | CardStatus::OperationCanceled if whole => {
            act(ctx, Action::N, card.amount, Some(refund), Rule::FullOfAuthorized, Refunding::FullOfAuthorized)
        }
        CardStatus::Authorized | CardStatus::OperationCanceled => part_of_authorized(ctx, card),
        CardStatus::ToBeCaptured if whole => full_of_to_be_captured(ctx, card, refund),
        CardStatus::ToBeCaptured => {
            act(ctx, Action::R, want, Some(refund), Rule::PartOfToBeCaptured, Refunding::PartOfToBeCaptured)
        }
        CardStatus::Captured => act(ctx, Action::R, want, Some(refund), Rule::Captured, Refunding::RefundOfCaptured),
        // Both are decided by the guards before.
        CardStatus::Canceled | CardStatus::Unauthorized => ctx.look(Rule::UnknownStatus, Refunding::StateAllowsNone),
    }
}

/// Goes the way of the capture, under the capture's own rule: what holds that up
/// (a pause, a deadline that has passed) is what this refund waits for.
fn part_of_authorized(ctx: &Ctx, card: &CardFacts) -> Plan {
    if let Some(plan) = capture::abandoned(ctx, card) {
        // A clock that is not believed ends nothing.
        return if plan.step == (Step::Wait { until: None }) { ctx.reject(plan.rule, plan.reason) } else { plan };
    }
    let at_once = ctx.policy.partial_on_authorized == PartialOnAuthorized::Capture;
    let capture = if at_once && ctx.s.order.capture != CaptureMode::Hold {
        capture::for_part(ctx, card)
    } else {
        capture::capture(ctx)
    };
    Plan { reason: Refunding::AfterTheCapture { then: capture.reason.into() }.into(), ..capture }
}

fn full_of_to_be_captured(ctx: &Ctx, card: &CardFacts, refund: &Refund) -> Plan {
    if is_claimed_first(ctx, card) {
        let reason = if card.kind.union_pay { Refunding::UnionPayWaits } else { Refunding::CallBackRefused };
        return ctx.look_every(ctx.policy.poll_settling, Rule::WaitForCaptured, reason);
    }
    if let Some(morning) = ctx.s.merchant.daily_auto_close.then(|| ctx.policy.window.morning_after(ctx.now)).flatten() {
        let reason = Refunding::NightOfTheClosing { from: morning.into() };
        return ctx.wait(Some(morning), Rule::NightOfTheClosing, reason).foreseeing(Action::E, morning);
    }
    act(ctx, Action::E, card.amount, Some(refund), Rule::FullOfToBeCaptured, Refunding::FullOfToBeCaptured)
}

/// R or N refused while the state stands: wait for the balance, or give the gateway's words back.
fn refused_before(ctx: &Ctx, card: &CardFacts, refund: &Refund) -> Option<Plan> {
    let last = ctx.s.attempts.iter().rev().find(|a| a.refund_id == Some(refund.id))?;
    let short = last.action == Action::R && last.refused_for_balance();
    if last.action == Action::E || !stands(last, card) || !(short || last.state == AttemptState::Refused) {
        return None;
    }
    if short {
        let again = last.finished_at.unwrap_or(last.started_at) + ctx.policy.retry_short_balance;
        let reason = Refunding::BalanceShort { text: last.text.clone(), again_at: again.into() };
        let pause = ctx.policy.retry_short_balance;
        return ctx
            .is_ahead(again, pause)
            .then(|| ctx.wait(Some(again), Rule::BalanceShort, reason).foreseeing(Action::R, again));
    }
    // Of what an earlier part has left nothing more may go back before the claim.
    let rest = last.action == Action::R && last.amount == ctx.s.left() && !ctx.s.refunded().is_zero();
    if rest && card.status == CardStatus::ToBeCaptured {
        let reason = Refunding::RestRefused { text: last.text.clone() };
        return Some(ctx.look_every(ctx.policy.poll_settling, Rule::WaitForCaptured, reason));
    }
    let (action, amount, text) = (last.action, last.amount, last.text.clone());
    Some(ctx.reject(Rule::Refused, Refunding::RefundRefused { action, amount, text }))
}

fn last_refusal<'a>(ctx: &'a Ctx, refund: &Refund, action: Action) -> Option<&'a Attempt> {
    let of_refund = |a: &&Attempt| a.refund_id == Some(refund.id) && a.action == action;
    ctx.s.attempts.iter().rev().find(of_refund).filter(|a| a.state == AttemptState::Refused)
}

/// Whether the order stands where it stood when the attempt was refused.
fn stands(attempt: &Attempt, card: &CardFacts) -> bool {
    attempt.before == Before::of(card)
}
