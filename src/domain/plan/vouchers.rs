//! The guard: what was redeemed in vouchers does not go back to the card.

use chrono::Duration;

use super::case::Ctx;
use super::case::FRESH;
use super::step::{Plan, Step};
use crate::domain::action::Action;
use crate::domain::attempt::{Attempt, AttemptState};
use crate::domain::facts::CardFacts;
use crate::domain::money::Twd;
use crate::domain::reason::Vouchers;
use crate::domain::rule::Rule;
use crate::domain::status::CardStatus;
use crate::domain::voucher::{IssueStatus, PaidVouchers, VoucherFacts, VoucherObservation, VoucherSeen};

/// Tickets are issued within minutes of the payment; a refund that has waited so long needs a person.
const LONGEST_ISSUING: Duration = Duration::days(1);

/// Lets a planned money step pass only as far as the vouchers that the order paid for allow.
pub(super) fn guarded(ctx: &Ctx, card: &CardFacts, want: Twd, plan: Plan) -> Plan {
    let gives_back = matches!(plan.step, Step::Act { action: Action::E | Action::N | Action::R, .. });
    let vouchers = ctx.s.vouchers.as_ref().filter(|v| gives_back && v.guard && ctx.policy.voucher_guard);
    match vouchers {
        Some(vouchers) if !deliberate!(RefundsRedeemedVouchers) => {
            let ahead = plan.ahead;
            let held = hold(ctx, vouchers, card, want).map(|held| Plan { ahead, ..held });
            held.unwrap_or(plan)
        }
        _ => plan,
    }
}

fn hold(ctx: &Ctx, vouchers: &PaidVouchers, card: &CardFacts, want: Twd) -> Option<Plan> {
    if !vouchers.served {
        return Some(ctx.look_every(ctx.policy.poll_settling, Rule::VoucherGuard, Vouchers::VouchersNotServed));
    }
    let Some(observation) = vouchers.observation.as_ref().filter(|o| decides(ctx, o)) else {
        return Some(look(ctx, vouchers));
    };
    match &observation.seen {
        VoucherSeen::NotFound => Some(ctx.review(Rule::VoucherGuard, Vouchers::VouchersUnknown)),
        VoucherSeen::Unclear { raw } => {
            Some(ctx.review(Rule::VoucherMismatch, Vouchers::VouchersUnclear { raw: raw.clone() }))
        }
        // A later authorization of a recurring order did not pay for them, as the shop has said.
        VoucherSeen::Order(facts) if is_of_another(facts, card) && ctx.s.order.asked_trade_no.is_some() => None,
        VoucherSeen::Order(facts) if is_of_another(facts, card) && !deliberate!(OpensOnDifferingNumbers) => {
            Some(ctx.review(Rule::VoucherMismatch, Vouchers::VouchersOfAnother))
        }
        VoucherSeen::Order(facts) => limit(ctx, facts, observation, card, want),
    }
}

/// Made for this refund: after it was asked for, after the last money call, and within a minute.
fn decides(ctx: &Ctx, observation: &VoucherObservation) -> bool {
    let last_attempt = ctx.s.attempts.last().map_or(0, |a| a.id);
    let for_this = observation.for_refund.is_some_and(|f| {
        f.order_id == ctx.s.order.id && f.after_revision >= ctx.s.order.revision && f.after_attempt >= last_attempt
    });
    for_this && observation.at <= ctx.now && ctx.now - observation.at <= FRESH
}

fn look(ctx: &Ctx, vouchers: &PaidVouchers) -> Plan {
    match vouchers.retry_at {
        Some(at) if at > ctx.now => {
            let reason = Vouchers::VouchersLookFailed { error: vouchers.last_error.clone(), again_at: at.into() };
            ctx.wait(Some(at), Rule::VoucherGuard, reason)
        }
        _ => ctx.say(Step::LookAtVouchers { voucher: vouchers.id }, Rule::VoucherGuard, Vouchers::VouchersFirst),
    }
}

/// What they were sold for, where the card paid another amount; what is not issued may come without one.
pub(in crate::domain) fn sold_for_another(facts: &VoucherFacts, card: &CardFacts) -> Option<Twd> {
    let amount = facts.totals.trade_amount;
    let priced = facts.status == IssueStatus::Issued || !amount.is_zero();
    (priced && amount != card.amount).then_some(amount)
}

/// Both know their authorization, and it is not the same: a number used twice.
pub(in crate::domain) fn is_of_another(facts: &VoucherFacts, card: &CardFacts) -> bool {
    facts.credit_trade_id.zip(card.gwsr).is_some_and(|(paid_by, gwsr)| paid_by != gwsr)
}

fn limit(
    ctx: &Ctx,
    facts: &VoucherFacts,
    observation: &VoucherObservation,
    card: &CardFacts,
    want: Twd,
) -> Option<Plan> {
    let totals = &facts.totals;
    let contradicts = facts.mismatch.clone().map(|what| Vouchers::VouchersContradict { what });
    let mismatch = contradicts.or_else(|| {
        sold_for_another(facts, card).map(|sold| Vouchers::VouchersOfOtherAmount { sold, paid: card.amount })
    });
    if let Some(mismatch) = mismatch {
        return Some(ctx.review(Rule::VoucherMismatch, mismatch));
    }
    if facts.status == IssueStatus::Issuing {
        if observation.at - card.authorized_at >= LONGEST_ISSUING {
            let reason = Vouchers::VouchersStillIssuing { paid_at: card.authorized_at.into() };
            return Some(ctx.review(Rule::VoucherGuard, reason));
        }
        let again = observation.at + ctx.policy.poll_unpaid;
        let reason = Vouchers::VouchersIssuing { again_at: again.into() };
        return Some(ctx.wait(Some(again), Rule::VoucherGuard, reason));
    }
    if facts.status == IssueStatus::IssueFailed {
        return None;
    }
    let back = ctx.s.refunded();
    let refundable = totals.refundable().less(back);
    (want > refundable).then(|| {
        let (redeemed, sold) = (totals.redeemed.amount, totals.trade_amount);
        let called_back = called_back(ctx, card);
        let reason = Vouchers::VouchersRedeemed { redeemed, sold, back, refundable, asked: want, called_back };
        ctx.reject(Rule::VoucherGuard, reason)
    })
}

/// Something was redeemed between E and N.
fn called_back(ctx: &Ctx, card: &CardFacts) -> bool {
    let ours = |a: &Attempt| a.action == Action::E && a.state == AttemptState::Applied;
    card.status == CardStatus::OperationCanceled && ctx.s.attempts.last().is_some_and(ours)
}
