//! Which alerts of a voucher order ought to be open.

use chrono::{DateTime, Utc};

use super::{IssueStatus, VoucherFacts, VoucherSeen, VoucherSituation};
use crate::domain::alert::{Alert, AlertKind, Severity};
use crate::domain::calendar;
use crate::domain::policy::Policy;

/// The alerts that stand for a condition of the voucher order at `now`.
pub fn alerts(s: &VoucherSituation, policy: &Policy, now: DateTime<Utc>) -> Vec<Alert> {
    let mut alerts = Vec::new();
    match s.observation.as_ref().map(|o| &o.seen) {
        Some(VoucherSeen::Unclear { raw }) => {
            let message =
                format!("the voucher service's answer is not in the table ({raw}): look at ECPay's dashboard");
            alerts.push(Alert::new(AlertKind::UnknownStatus, Severity::Warning, raw, message));
        }
        Some(VoucherSeen::Order(facts)) => {
            alerts.extend(issue_failed(facts));
            alerts.extend(mismatch(s, facts));
        }
        Some(VoucherSeen::NotFound) | None => {}
    }
    alerts.extend(unconfirmed(s, policy, now));
    alerts
}

fn issue_failed(facts: &VoucherFacts) -> Option<Alert> {
    let said = if facts.remark.is_empty() { "no reason given" } else { &facts.remark };
    let message = format!("the issuing of vouchers for {} failed: {said}", facts.totals.trade_amount);
    (facts.status == IssueStatus::IssueFailed)
        .then(|| Alert::new(AlertKind::VoucherIssueFailed, Severity::Warning, "", message))
}

fn mismatch(s: &VoucherSituation, facts: &VoucherFacts) -> Option<Alert> {
    let what = facts.mismatch.as_ref().or(s.refunds.error.as_ref().filter(|_| s.refunds.contradicted))?;
    let message = format!("the voucher totals do not add up ({what}): they decide nothing until they do");
    Some(Alert::new(AlertKind::VoucherMismatch, Severity::Warning, "", message))
}

fn unconfirmed(s: &VoucherSituation, policy: &Policy, now: DateTime<Utc>) -> Option<Alert> {
    let since = s.refunds.unconfirmed_since?;
    // While an answer cannot be believed the alert that is open stands.
    let raise = !s.unconfirmed().is_zero();
    let fees = s.facts().map(|f| f.totals.refund_fee).filter(|fee| !fee.is_zero());
    let fees = fees.map(|fee| format!(" ({fee} of all refunds are fees)")).unwrap_or_default();
    let error = s.refunds.error.as_ref().map(|e| format!("; asked last: {e}")).unwrap_or_default();
    let message = format!(
        "{} refunded in tickets{fees} is not confirmed by the bank since {}{error}: ask ECPay's customer service",
        s.unconfirmed(),
        calendar::show(since)
    );
    (now - since >= policy.voucher_refund_unconfirmed_after)
        .then(|| Alert { raise, ..Alert::new(AlertKind::VoucherRefundUnconfirmed, Severity::Warning, "", message) })
}
