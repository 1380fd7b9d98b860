//! Which alerts of an order ought to be open.

use chrono::{DateTime, Utc};

use super::action::Action;
use super::alert::{Alert, AlertKind, Severity};
use super::attempt::{Attempt, AttemptState};
use super::calendar;
use super::facts::{CardFacts, Seen};
use super::order::OrderState;
use super::plan::{
    ABANDONED_AFTER, CAPTURE_LIMIT, Plan, Situation, Step, differs, is_of_another, nominal_capture, overdue_words,
    rule, wants_capture,
};
use super::policy::Policy;
use super::refund::RefundState;
use super::state::order_state;
use super::status::CardStatus;
use super::voucher::VoucherSeen;

/// The alerts that stand for a condition of the order at `now`.
pub fn alerts(s: &Situation, plan: &Plan, policy: &Policy, now: DateTime<Utc>) -> Vec<Alert> {
    let mut alerts = Vec::new();
    alerts.extend(in_review(s));
    alerts.extend(unreadable(s, plan));
    if let Some(card) = s.card() {
        // An order in review grows older like any other.
        if card.status.is_open() && order_state(s, now) != OrderState::Expired {
            alerts.extend(capture_alerts(s, card, plan, policy, now));
        }
        alerts.extend(mismatch(s, card));
        alerts.extend(voucher_mismatch(s, card, policy));
        alerts.extend(expired(s, card, now));
    }
    alerts.extend(short_balance(s));
    alerts
}

fn in_review(s: &Situation) -> Vec<Alert> {
    if deliberate!(LeavesReviewsUntold) {
        return Vec::new();
    }
    let of_attempts = s.attempts.iter().filter(|a| a.state == AttemptState::Review).map(|a| {
        let kind = if a.action == Action::C { AlertKind::CaptureFailing } else { AlertKind::RefundReview };
        let message = format!(
            "attempt {} ({} {}) needs a person: {}; look at ECPay's dashboard, then ecpayd resolve {} --applied or --not-applied --by NAME",
            a.id, a.action, a.amount, a.text, a.id
        );
        Alert::new(kind, Severity::Critical, format!("attempt {}", a.id), message)
    });
    let of_refunds =
        s.refunds.iter().filter(|r| r.state == RefundState::Review && s.open_attempt().is_none()).map(|r| {
            let message = format!("refund {} cannot go on: {}", r.id, r.detail);
            Alert::new(AlertKind::RefundReview, Severity::Critical, format!("refund {}", r.id), message)
        });
    of_attempts.chain(of_refunds).collect()
}

fn unreadable(s: &Situation, plan: &Plan) -> Option<Alert> {
    let raw = match s.observation.as_ref().map(|o| &o.seen) {
        Some(Seen::Unclear { raw }) => raw.clone(),
        _ if plan.rule == rule::CONTRADICTION => plan.why.clone(),
        _ => return None,
    };
    let message =
        format!("the gateway's answer is not in the table ({raw}): no money action on this order until it is");
    Some(Alert::new(AlertKind::UnknownStatus, Severity::Warning, raw, message))
}

fn capture_alerts(s: &Situation, card: &CardFacts, plan: &Plan, policy: &Policy, now: DateTime<Utc>) -> Vec<Alert> {
    let mut alerts = expiring(card, policy, now);
    let since = s.order.changed_after_attempt;
    // A call under way does not take the last refusal back: the alert would close and be raised again.
    let told = |a: &&Attempt| a.action == Action::C && a.id > since && is_told(a);
    let refused = s.attempts.iter().rev().find(told);
    let due = wants_capture(&s.order, policy) && now >= nominal_capture(card, policy);
    // Whether one is still tried past the limit the plan says after its look.
    let undecided = plan.rule == rule::LOOK_AFTER_WRITE && now >= card.authorized_at + CAPTURE_LIMIT;
    // A hold that was to be lifted one day: from here on only ECPay's service can capture it.
    let held = plan.rule == rule::HOLD && now >= card.authorized_at + CAPTURE_LIMIT;
    if plan.rule == rule::CAPTURE_OVERDUE || held {
        let message = format!("{}; C by API no longer works", overdue_words(card));
        alerts.push(Alert::new(AlertKind::CaptureOverdue, Severity::Critical, "", message));
    } else if let Some(last) =
        refused.filter(|a| a.state == AttemptState::Refused && plan.rule != rule::LOOK_AFTER_WRITE)
    {
        let message = format!("the gateway refuses to capture {}: {}", card.amount, last.text);
        alerts.push(Alert::new(AlertKind::CaptureFailing, Severity::Warning, "", message));
    } else if plan.rule == rule::OUT_OF_TRIES && !refund_in_review(s, plan) {
        alerts.push(Alert::new(AlertKind::CaptureFailing, Severity::Critical, "unanswered", plan.why.clone()));
    } else if due && plan.rule == rule::PAUSED {
        let message = "the capture is due, and money actions are paused: ecpayd resume".to_owned();
        alerts.push(Alert::new(AlertKind::CaptureFailing, Severity::Critical, "paused", message));
    } else if due && plan.rule == rule::GUARD && matches!(plan.step, Step::Wait { .. }) {
        let message = format!("the capture is due, and a full refund that waits comes first: {}", plan.why);
        alerts.push(Alert::new(AlertKind::CaptureFailing, Severity::Critical, "refund waits", message));
    } else if due && !undecided && (s.retry_at.is_some() || plan.rule == rule::NOT_SENT) {
        let message = match s.attempts.last().filter(|_| plan.rule == rule::NOT_SENT) {
            Some(last) => format!("the capture is due, and was not sent: {}", last.text),
            None => "the capture is due, and the looks before it fail".to_owned(),
        };
        alerts.push(Alert::new(AlertKind::CaptureFailing, Severity::Critical, "unreachable", message));
    }
    alerts
}

/// The gateway has said, or looks have shown, what became of it.
fn is_told(attempt: &Attempt) -> bool {
    !attempt.state.is_open() && attempt.state != AttemptState::NotSent
}

/// Then its own alert is or will be open.
fn refund_in_review(s: &Situation, plan: &Plan) -> bool {
    plan.step == Step::Review || s.refunds.first().is_some_and(|r| r.state == RefundState::Review)
}

/// One stage for each day of `alerts.expiry_days`, counted in civil days of Taipei,
/// so that a stage is reached in the morning of its day and not at the hour of the sale.
fn expiring(card: &CardFacts, policy: &Policy, now: DateTime<Utc>) -> Vec<Alert> {
    if deliberate!(StaysQuiet) {
        return Vec::new();
    }
    let days_open = (calendar::taipei_date(now) - calendar::taipei_date(card.authorized_at)).num_days();
    let abandoned_on = card.authorized_at + ABANDONED_AFTER;
    let days_left = (calendar::taipei_date(abandoned_on) - calendar::taipei_date(now)).num_days();
    let reached: Vec<(usize, &i64)> =
        policy.expiry_days.iter().enumerate().filter(|(_, day)| days_open >= **day).collect();
    let last = reached.len();
    reached
        .into_iter()
        .map(|(index, day)| {
            let severity = match index {
                0 => Severity::Notice,
                1 => Severity::Warning,
                _ => Severity::Critical,
            };
            let todo = if now < card.authorized_at + CAPTURE_LIMIT {
                "capture it with capture = 'now', or refund it"
            } else {
                "C by API no longer works: ask ECPay's customer service to capture it by hand, or refund it"
            };
            let message = format!(
                "{} authorized {days_open} days ago is not captured; {days_left} days left until ECPay abandons it on {}: {todo}",
                card.amount,
                calendar::show(abandoned_on)
            );
            Alert {
                days_left: Some(days_left),
                // A stage that was passed before the order was known is not caught up on.
                raise: index + 1 == last,
                ..Alert::new(AlertKind::Expiring, severity, format!("day {day}"), message)
            }
        })
        .collect()
}

fn expired(s: &Situation, card: &CardFacts, now: DateTime<Utc>) -> Option<Alert> {
    let message = format!("{} was not captured within 90 days: ECPay has abandoned it", card.amount);
    (order_state(s, now) == OrderState::Expired)
        .then(|| Alert::new(AlertKind::Expired, Severity::Critical, "", message))
}

fn mismatch(s: &Situation, card: &CardFacts) -> Option<Alert> {
    let void = card.status == CardStatus::Canceled;
    let expected = s.order.expected_amount.filter(|e| *e != card.amount && !void)?;
    let captured = if card.status.is_closing() { "captured all the same" } else { "not captured" };
    let message = format!("the shop expects {expected}, the gateway holds {}: {captured}", card.amount);
    Some(Alert::new(AlertKind::AmountMismatch, Severity::Warning, format!("{expected}"), message))
}

/// Where the vouchers do not go with the payment. Totals that do not add up by themselves are the
/// voucher order's own alert.
fn voucher_mismatch(s: &Situation, card: &CardFacts, policy: &Policy) -> Option<Alert> {
    let vouchers = s.vouchers.as_ref().filter(|v| v.guard && policy.voucher_guard)?;
    let Some(VoucherSeen::Order(facts)) = vouchers.observation.as_ref().map(|o| &o.seen) else { return None };
    let alert = |stage, message| Some(Alert::new(AlertKind::VoucherMismatch, Severity::Warning, stage, message));
    // A later authorization of a recurring order is another by its nature.
    if is_of_another(facts, card) {
        let message = "the vouchers with this number were paid by another card authorization: \
                       they hold back no refund of this one"
            .to_owned();
        return if s.order.asked_trade_no.is_none() { alert("authorization", message) } else { None };
    }
    let differs = differs(facts, card).filter(|_| facts.mismatch.is_none() && !s.refunds.is_empty())?;
    alert("", format!("{differs}: no refund goes on until a person has looked"))
}

/// From the refusal until something else becomes of the refund, the retries included.
fn short_balance(s: &Situation) -> Option<Alert> {
    let refund = s.refunds.first()?;
    let last = s.attempts.iter().rev().find(|a| a.refund_id == Some(refund.id) && is_told(a))?;
    let short = refund.state != RefundState::Review
        && last.state == AttemptState::Refused
        && last.action == Action::R
        && last.refused_for_balance();
    let message = format!("refund {} waits for the ECPay balance: {}", refund.id, last.text);
    short.then(|| Alert::new(AlertKind::BalanceShort, Severity::Warning, format!("refund {}", refund.id), message))
}

#[cfg(test)]
mod tests;
