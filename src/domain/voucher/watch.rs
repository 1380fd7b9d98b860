//! Which alerts of a voucher order ought to be open.

use chrono::{DateTime, Utc};

use super::{IssueStatus, VoucherFacts, VoucherSeen, VoucherSituation};
use crate::domain::alert::{Alert, AlertKind, Severity};
use crate::domain::money::Twd;
use crate::domain::policy::Policy;
use crate::domain::reason::Vouchers;

/// The alerts that stand for a condition of the voucher order at `now`.
pub fn alerts(s: &VoucherSituation, policy: &Policy, now: DateTime<Utc>) -> Vec<Alert> {
    let mut alerts = Vec::new();
    match s.observation.as_ref().map(|o| &o.seen) {
        Some(VoucherSeen::Unclear { raw }) => {
            let reason = Vouchers::VoucherAnswerToCheck { raw: raw.clone() };
            alerts.push(Alert::new(AlertKind::UnknownStatus, Severity::Warning, raw, reason));
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
    let reason = || Vouchers::VouchersNotIssued { amount: facts.totals.trade_amount, remark: facts.remark.clone() };
    (facts.status == IssueStatus::IssueFailed)
        .then(|| Alert::new(AlertKind::VoucherIssueFailed, Severity::Warning, "", reason()))
}

fn mismatch(s: &VoucherSituation, facts: &VoucherFacts) -> Option<Alert> {
    let what = facts.mismatch.as_ref().or(s.refunds.error.as_ref().filter(|_| s.refunds.contradicted))?;
    let reason = Vouchers::TotalsDecideNothing { what: what.clone() };
    Some(Alert::new(AlertKind::VoucherMismatch, Severity::Warning, "", reason))
}

fn unconfirmed(s: &VoucherSituation, policy: &Policy, now: DateTime<Utc>) -> Option<Alert> {
    let since = s.refunds.unconfirmed_since?;
    // While an answer cannot be believed the alert that is open stands.
    let raise = !s.unconfirmed().is_zero();
    let reason = || Vouchers::RefundsUnconfirmed {
        amount: s.unconfirmed(),
        fees: s.facts().map_or(Twd::ZERO, |f| f.totals.refund_fee),
        since: since.into(),
        error: s.refunds.error.clone(),
    };
    (now - since >= policy.voucher_refund_unconfirmed_after)
        .then(|| Alert { raise, ..Alert::new(AlertKind::VoucherRefundUnconfirmed, Severity::Warning, "", reason()) })
}
