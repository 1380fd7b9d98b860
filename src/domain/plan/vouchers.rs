//! The guard: what was redeemed in vouchers does not go back to the card.

use chrono::Duration;

use super::case::Ctx;
use super::case::FRESH;
use super::step::{Plan, Step};
use crate::domain::action::Action;
use crate::domain::attempt::{Attempt, AttemptState};
use crate::domain::calendar;
use crate::domain::facts::CardFacts;
use crate::domain::money::Twd;
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
        let why = "the order paid for vouchers, and the settings name no voucher service for its merchant: \
                   add [merchant.voucher], or set refund.voucher_guard = false";
        return Some(ctx.look_every(ctx.policy.poll_settling, Rule::VoucherGuard, why));
    }
    let Some(observation) = vouchers.observation.as_ref().filter(|o| decides(ctx, o)) else {
        return Some(look(ctx, vouchers));
    };
    match &observation.seen {
        VoucherSeen::NotFound => {
            Some(ctx.review(Rule::VoucherGuard, format!("the voucher service does not know this order; {}", way_out())))
        }
        VoucherSeen::Unclear { raw } => {
            let why = format!("the voucher service's answer is not in the table ({raw}); {}", way_out());
            Some(ctx.review(Rule::VoucherMismatch, why))
        }
        // A later authorization of a recurring order did not pay for them, as the shop has said.
        VoucherSeen::Order(facts) if is_of_another(facts, card) && ctx.s.order.asked_trade_no.is_some() => None,
        VoucherSeen::Order(facts) if is_of_another(facts, card) && !deliberate!(OpensOnDifferingNumbers) => {
            let why = "its vouchers name another card authorization than the gateway shows";
            Some(ctx.review(Rule::VoucherMismatch, format!("{why}; {}", way_out())))
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
    let why = "its vouchers are looked at before anything goes back";
    match vouchers.retry_at {
        Some(at) if at > ctx.now => {
            let error = vouchers.last_error.as_deref().unwrap_or("the voucher service does not answer");
            let why = format!("{why}, and that failed ({error}); again at {}", calendar::show(at));
            ctx.wait(Some(at), Rule::VoucherGuard, why)
        }
        _ => ctx.say(Step::LookAtVouchers { voucher: vouchers.id }, Rule::VoucherGuard, why),
    }
}

/// The two were paid differently; what is not issued may come without an amount.
pub(in crate::domain) fn differs(facts: &VoucherFacts, card: &CardFacts) -> Option<String> {
    let amount = facts.totals.trade_amount;
    let priced = facts.status == IssueStatus::Issued || !amount.is_zero();
    (priced && amount != card.amount)
        .then(|| format!("its vouchers were sold for {amount}, the card paid {}", card.amount))
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
    let mismatch = facts.mismatch.clone().or_else(|| differs(facts, card));
    if let Some(mismatch) = mismatch {
        return Some(
            ctx.review(Rule::VoucherMismatch, format!("the voucher totals do not add up ({mismatch}); {}", way_out())),
        );
    }
    if facts.status == IssueStatus::Issuing {
        if observation.at - card.authorized_at >= LONGEST_ISSUING {
            let paid_at = calendar::show(card.authorized_at);
            return Some(ctx.review(
                Rule::VoucherGuard,
                format!("its vouchers, paid on {paid_at}, are still being issued; {}", way_out()),
            ));
        }
        let again = observation.at + ctx.policy.poll_unpaid;
        let why = format!("its vouchers are being issued; looked at again at {}", calendar::show(again));
        return Some(ctx.wait(Some(again), Rule::VoucherGuard, why));
    }
    if facts.status == IssueStatus::IssueFailed {
        return None;
    }
    let back = ctx.s.refunded();
    let refundable = totals.refundable().less(back);
    (want > refundable).then(|| {
        let back = if back.is_zero() { String::new() } else { format!(" and {back} went back already") };
        let called_back = if called_back(ctx, card) {
            "; the capture that was called back is made again by the order's own rule, or with capture = 'now'"
        } else {
            ""
        };
        let why = format!(
            "{} of {} were redeemed in vouchers{back}: at most {refundable} may be refunded, not {want}{called_back}",
            totals.redeemed.amount, totals.trade_amount
        );
        ctx.reject(Rule::VoucherGuard, why)
    })
}

/// Something was redeemed between E and N.
fn called_back(ctx: &Ctx, card: &CardFacts) -> bool {
    let ours = |a: &Attempt| a.action == Action::E && a.state == AttemptState::Applied;
    card.status == CardStatus::OperationCanceled && ctx.s.attempts.last().is_some_and(ours)
}

fn way_out() -> &'static str {
    "no refund until that changes, unless the shop sets guard = 0 of the row in voucher_orders"
}
