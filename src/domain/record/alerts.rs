//! Which alerts of an order ought to be open.

use chrono::{DateTime, Utc};

use crate::domain::action::Action;
use crate::domain::alert::{Alert, AlertKind, Severity};
use crate::domain::attempt::{Attempt, AttemptState};
use crate::domain::deadlines::{CAPTURE_LIMIT, nominal_capture};
use crate::domain::facts::{CardFacts, Seen};
use crate::domain::obligation;
use crate::domain::order::OrderState;
use crate::domain::plan::{Plan, Provoked, Step, captures_at, is_of_another, sold_for_another};
use crate::domain::policy::Policy;
use crate::domain::reason::{Looking, Reason, Told};
use crate::domain::refund::RefundState;
use crate::domain::rule::Rule;
use crate::domain::service::Service;
use crate::domain::situation::Situation;
use crate::domain::situation::order_state;
use crate::domain::status::CardStatus;
use crate::domain::voucher::VoucherSeen;

/// The alerts that stand for a condition of the order at `now`.
pub fn alerts(s: &Situation, plan: &Plan, policy: &Policy, now: DateTime<Utc>) -> Vec<Alert> {
    let mut alerts = obligation::overdue(s, plan, policy, now);
    alerts.extend(in_review(s));
    alerts.extend(unreadable(s, plan));
    if let Some(card) = s.card() {
        // An order in review grows older like any other.
        if card.status.is_open() && order_state(s, now) != OrderState::Expired {
            alerts.extend(failing_capture(s, card, plan, policy, now));
        }
        alerts.extend(undone(s, card));
        alerts.extend(unregistered(s, card));
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
        let (attempt, action, amount, text) = (a.id, a.action, a.amount, a.text.clone());
        let reason = Told::AttemptNeedsPerson { attempt, action, amount, text };
        Alert::new(kind, Severity::Critical, format!("attempt {}", a.id), reason)
    });
    let of_refunds =
        s.refunds.iter().filter(|r| r.state == RefundState::Review && s.open_attempt().is_none()).map(|r| {
            let reason = Told::RefundStuck { refund: r.id, why: Looking::Said { text: r.detail.clone() }.into() };
            Alert::new(AlertKind::RefundReview, Severity::Critical, format!("refund {}", r.id), reason)
        });
    of_attempts.chain(of_refunds).collect()
}

fn unreadable(s: &Situation, plan: &Plan) -> Option<Alert> {
    let (stage, reason) = match s.observation.as_ref().map(|o| &o.seen) {
        // The shop has said that this row is not needed.
        Some(Seen::Twin { .. }) if s.order.is_let_go() => return None,
        Some(Seen::Twin { .. }) => {
            return Some(Alert::new(AlertKind::UnknownStatus, Severity::Warning, "twin", plan.reason.clone()));
        }
        Some(Seen::Unclear { raw }) => (raw.clone(), Told::AnswerToCheck { raw: raw.clone() }),
        // What our own calls did and is undone has an alert of its own.
        Some(Seen::Card(card)) if s.undone(card).is_some() => return None,
        _ if plan.rule == Rule::Contradiction => {
            (plan.why(), Told::Contradiction { why: Box::new(plan.reason.clone()) })
        }
        _ => return None,
    };
    Some(Alert::new(AlertKind::UnknownStatus, Severity::Warning, stage, reason))
}

/// What is known to fail is told at once, whatever its age.
fn failing_capture(s: &Situation, card: &CardFacts, plan: &Plan, policy: &Policy, now: DateTime<Utc>) -> Option<Alert> {
    let limit = card.authorized_at + CAPTURE_LIMIT;
    // From the limit on there is one alert, and it says what to do.
    if plan.rule == Rule::CaptureOverdue || now >= limit {
        return None;
    }
    let since = s.order.changed_after_attempt;
    // A call under way does not take the last refusal back: the alert would close and be raised again.
    let told = |a: &&Attempt| a.action == Action::C && a.id > since && is_told(a);
    let refused = s.attempts.iter().rev().find(told);
    let due = captures_at(s, card, policy).is_some_and(|at| at <= now) && now >= nominal_capture(card, policy);
    let failing =
        |severity, stage: &str, reason: Reason| Some(Alert::new(AlertKind::CaptureFailing, severity, stage, reason));
    if let Some(last) = refused.filter(|a| a.state == AttemptState::Refused && plan.rule != Rule::LookAfterWrite) {
        let reason = Told::CaptureRefusedAgain { amount: card.amount, text: last.text.clone() };
        failing(Severity::Warning, "", reason.into())
    } else if plan.rule == Rule::UnansweredAgain && plan.ahead.is_some_and(|a| a.action == Action::C) {
        failing(Severity::Critical, "unanswered", plan.reason.clone())
    } else if due && plan.rule == Rule::Paused {
        failing(Severity::Critical, "paused", Told::DueYetPaused.into())
    } else if due && plan.rule == Rule::VoucherGuard && matches!(plan.step, Step::Wait { .. }) {
        let reason = Told::DueBehindRefund { why: Box::new(plan.reason.clone()) };
        failing(Severity::Critical, "refund waits", reason.into())
    } else if due && (s.retry_at.is_some() || plan.rule == Rule::NotSent) {
        let reason = match s.attempts.last().filter(|_| plan.rule == Rule::NotSent) {
            Some(last) => Told::DueNotSent { text: last.text.clone() },
            None => Told::DueLooksFail,
        };
        failing(Severity::Critical, "unreachable", reason.into())
    } else {
        None
    }
}

/// Less has gone back than our own calls gave: the bank has undone one, or somebody at ECPay.
fn undone(s: &Situation, card: &CardFacts) -> Option<Alert> {
    let why = s.undone(card)?.into();
    Some(Alert::new(AlertKind::RefundUndone, Severity::Critical, "", Told::RefundUndone { why }))
}

/// Each charge of a recurring order is an authorization of its own, and nobody captures one that is not registered.
fn unregistered(s: &Situation, card: &CardFacts) -> Option<Alert> {
    // Told once, of the order itself.
    let charges = card.charges.filter(|charges| *charges > s.followed && s.order.asked_trade_no.is_none())?;
    let reason = Told::ChargesUnregistered { charges, registered: s.followed };
    Some(Alert::new(AlertKind::Unregistered, Severity::Warning, format!("charge {charges}"), reason))
}

/// The gateway has said, or looks have shown, what became of it.
fn is_told(attempt: &Attempt) -> bool {
    !attempt.state.is_open() && attempt.state != AttemptState::NotSent
}

/// Also where the order is in review, or contradicts the ledger: its money is lost all the same. While it is not
/// void, its age tells that.
fn expired(s: &Situation, card: &CardFacts, now: DateTime<Utc>) -> Option<Alert> {
    let lost = order_state(s, now) == OrderState::Expired || s.is_abandoned(card);
    let reason = Told::AbandonedByEcpay { amount: card.amount };
    lost.then(|| Alert::new(AlertKind::Expired, Severity::Critical, "", reason))
}

fn mismatch(s: &Situation, card: &CardFacts) -> Option<Alert> {
    let void = card.status == CardStatus::Canceled;
    let expected = s.order.expected_amount.filter(|e| *e != card.amount && !void)?;
    let reason = Told::AmountsDiffer { expected, amount: card.amount, captured: card.status.is_closing() };
    Some(Alert::new(AlertKind::AmountMismatch, Severity::Warning, format!("{expected}"), reason))
}

/// Where the vouchers do not go with the payment. Totals that do not add up by themselves are the
/// voucher order's own alert.
fn voucher_mismatch(s: &Situation, card: &CardFacts, policy: &Policy) -> Option<Alert> {
    let vouchers = s.vouchers.as_ref().filter(|v| v.guard && policy.voucher_guard)?;
    let Some(VoucherSeen::Order(facts)) = vouchers.observation.as_ref().map(|o| &o.seen) else { return None };
    let alert = |stage, reason| Some(Alert::new(AlertKind::VoucherMismatch, Severity::Warning, stage, reason));
    // A later authorization of a recurring order is another by its nature.
    if is_of_another(facts, card) {
        let is_later = s.order.asked_trade_no.is_some();
        return if is_later { None } else { alert("authorization", Told::VouchersNameAnother) };
    }
    let sold = sold_for_another(facts, card).filter(|_| facts.mismatch.is_none() && !s.refunds.is_empty())?;
    alert("", Told::SoldForAnother { sold, paid: card.amount })
}

/// From the refusal until something else becomes of the refund, the retries included.
fn short_balance(s: &Situation) -> Option<Alert> {
    let refund = s.refunds.first()?;
    let last = s.attempts.iter().rev().find(|a| a.refund_id == Some(refund.id) && is_told(a))?;
    let short = refund.state != RefundState::Review && last.action == Action::R && last.refused_for_balance();
    let reason = || Told::RefundAwaitsBalance { refund: refund.id, text: last.text.clone() };
    short.then(|| Alert::new(AlertKind::BalanceShort, Severity::Warning, format!("refund {}", refund.id), reason()))
}

/// The alerts of a row that ought to be open.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Wanted {
    pub alerts: Vec<Alert>,
    /// The last look could not be read: what was open before may stand still.
    pub keep_others: bool,
}

/// An alert that is open, as far as it is told apart from others of its row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenStage {
    pub kind: AlertKind,
    pub stage: String,
}

impl OpenStage {
    pub fn is(&self, alert: &Alert) -> bool {
        self.kind == alert.kind && self.stage == alert.stage
    }
}

impl Wanted {
    /// The alerts that an order's situation calls for.
    pub fn of(s: &Situation, planned: &Plan, policy: &Policy, now: DateTime<Utc>) -> Self {
        let unread = matches!(s.observation.as_ref().map(|o| &o.seen), Some(Seen::Unclear { .. }));
        // These say nothing of the order; what was open about it stands.
        let put_off =
            matches!(planned.rule, Rule::RateLimited | Rule::ClockSteppedBack | Rule::ClockSkew | Rule::RestoredLedger);
        // Before a look nothing is decided, and what was open stands until it is.
        let undecided =
            planned.rule == Rule::LookAfterWrite || matches!(planned.step, Step::Look | Step::LookAtVouchers { .. });
        let alerts = alerts(s, planned, policy, now).into_iter().map(|alert| alert.under(planned.rule)).collect();
        Self { alerts, keep_others: unread || put_off || undecided }
    }

    /// One that stays open; events do until a person has taken notice, whatever the order is now.
    pub fn keeps(&self, open: &OpenStage) -> bool {
        self.keep_others || open.kind.is_event() || self.alerts.iter().any(|alert| open.is(alert))
    }

    /// Whether these are not the alerts that are open.
    pub fn changes(&self, open: &[OpenStage]) -> bool {
        let new = |wanted: &Alert| wanted.raise && !open.iter().any(|o| o.is(wanted));
        self.alerts.iter().any(new) || !open.iter().all(|o| self.keeps(o))
    }
}

/// Of a row that alone brings 403, while it is set aside for it.
pub fn set_aside(
    service: Service,
    provoked: Provoked,
    retry_at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Option<Alert> {
    let until = retry_at.filter(|until| provoked.is_set_aside() && *until > now)?;
    let reason = Told::SetAside { service, until: until.into() };
    Some(Alert::new(AlertKind::RateLimited, Severity::Warning, "order", reason))
}

#[cfg(test)]
mod tests;
