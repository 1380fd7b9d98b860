//! When a voucher order is looked at next, and why. Nothing here moves money.

use chrono::{DateTime, Duration, Utc};

use super::{IssueStatus, VoucherFacts, VoucherNumber, VoucherSeen, VoucherSituation};
use crate::domain::cadence;
use crate::domain::facts::skew_within;
use crate::domain::policy::Policy;
use crate::domain::policy::SKEWED;
use crate::domain::reason::{Looking, Reason, Vouchers};
use crate::domain::rule::Rule;
use crate::domain::service::Service;

/// While tickets are being issued: at first, then slower with age.
const ISSUING: Duration = Duration::minutes(1);
/// While refunds are not confirmed, or totals do not add up.
const WATCHED: Duration = Duration::hours(6);
const ROUTINE: Duration = Duration::days(1);
/// Once every ticket is redeemed, refunded or expired.
const USED_UP: Duration = Duration::days(30);
/// No longer looked at when nothing has changed for so long since then.
const LET_GO: Duration = Duration::days(365);
/// A failed issuing is looked at so much longer: somebody may mend it.
const FAILED_FOR: Duration = Duration::days(30);
/// A look that is dated further ahead of the clock was made before the clock was set back.
const AHEAD: Duration = Duration::seconds(60);

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VoucherPlan {
    pub step: VoucherStep,
    /// The name of the rule that decided.
    pub rule: Rule,
    pub reason: Reason,
}

impl VoucherPlan {
    /// The reason as a sentence.
    pub fn why(&self) -> String {
        self.reason.english()
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VoucherStep {
    /// None: nothing more is expected of it.
    Wait { until: Option<DateTime<Utc>> },
    /// QueryOrderInfo.
    Look,
    /// QueryRefundInfo.
    AskRefunds,
}

/// Decides the next step for one voucher order.
pub fn plan(s: &VoucherSituation, policy: &Policy, now: DateTime<Utc>) -> VoucherPlan {
    if let Some(until) = s.silence(now) {
        let reason = Looking::Silence { service: Service::Voucher, until: until.into() };
        return say(VoucherStep::Wait { until: Some(until) }, Rule::RateLimited, reason);
    }
    let Some(observation) = &s.observation else {
        return look(s, now, now, Rule::FirstLook, Looking::FirstLook { service: Service::Voucher });
    };
    let at = observation.at;
    if at > now + AHEAD {
        return look(s, now, now, Rule::ClockSteppedBack, Looking::ClockSteppedBack);
    }
    let known = at - s.order.registered_at;
    let slower = |least: Duration| cadence::slower_with_age(known, least);
    match &observation.seen {
        VoucherSeen::NotFound => {
            let reason = Looking::OrderUnknown { service: Service::Voucher };
            if known >= policy.give_up_unpaid_after {
                return finish(s, policy, now, Rule::GiveUpNotFound, reason);
            }
            look(s, at + slower(policy.poll_unpaid), now, Rule::NotFound, reason)
        }
        VoucherSeen::Unclear { raw } => {
            look(s, at + WATCHED, now, Rule::UnknownStatus, Vouchers::VoucherAnswerUnclear { raw: raw.clone() })
        }
        VoucherSeen::Order(facts) => order(s, facts, policy, now, slower(ISSUING)),
    }
}

fn order(
    s: &VoucherSituation,
    facts: &VoucherFacts,
    policy: &Policy,
    now: DateTime<Utc>,
    while_issuing: Duration,
) -> VoucherPlan {
    let at = s.observation.as_ref().map_or(now, |o| o.at);
    if let Some(mismatch) = &facts.mismatch {
        return look(s, at + WATCHED, now, Rule::Mismatch, Vouchers::TotalsDiffer { what: mismatch.clone() });
    }
    let quiet_since = s.changed_at.unwrap_or(at);
    match facts.status {
        IssueStatus::Issuing => look(s, at + while_issuing, now, Rule::Issuing, Vouchers::TicketsIssuing),
        IssueStatus::IssueFailed if at >= quiet_since + FAILED_FOR => {
            finish(s, policy, now, Rule::IssueFailed, Vouchers::IssueFailed)
        }
        IssueStatus::IssueFailed => look(s, at + ROUTINE, now, Rule::IssueFailed, Vouchers::IssueFailed),
        IssueStatus::Issued if !s.unconfirmed().is_zero() => unconfirmed(s, at, now),
        IssueStatus::Issued if !facts.totals.is_used_up() => {
            let reason = Vouchers::TicketsUnused { tickets: facts.totals.unused.count };
            look(s, at + ROUTINE, now, Rule::Issued, reason)
        }
        IssueStatus::Issued if at >= quiet_since + LET_GO => {
            finish(s, policy, now, Rule::UsedUp, Vouchers::TicketsUsedUp)
        }
        IssueStatus::Issued => look(s, at + USED_UP, now, Rule::UsedUp, Vouchers::TicketsUsedUp),
    }
}

/// After each look the bank's word is asked for, once.
fn unconfirmed(s: &VoucherSituation, at: DateTime<Utc>, now: DateTime<Utc>) -> VoucherPlan {
    let reason = Vouchers::TicketsUnconfirmed { amount: s.unconfirmed() };
    let asked = s.refunds.asked_at.is_some_and(|asked| asked >= at);
    if !asked && matches!(s.order.number, VoucherNumber::MerchantTradeNo(_)) {
        return say(VoucherStep::AskRefunds, Rule::RefundUnconfirmed, reason);
    }
    look(s, at + WATCHED, now, Rule::RefundUnconfirmed, reason)
}

/// A look at `at`, and not before the last failed one allows.
fn look(
    s: &VoucherSituation,
    at: DateTime<Utc>,
    now: DateTime<Utc>,
    rule: Rule,
    reason: impl Into<Reason>,
) -> VoucherPlan {
    let at = s.retry_at.map_or(at, |retry_at| at.max(retry_at));
    let step = if at <= now { VoucherStep::Look } else { VoucherStep::Wait { until: Some(at) } };
    say(step, rule, reason)
}

/// No more looks, unless the clock that says so is not believed.
fn finish(
    s: &VoucherSituation,
    policy: &Policy,
    now: DateTime<Utc>,
    rule: Rule,
    why: impl Into<Reason>,
) -> VoucherPlan {
    let reason = Looking::NoLongerAsked { why: Box::new(why.into()) };
    match &s.observation {
        Some(o) if skew_within(o.skew_s, policy.max_skew).is_none() => {
            look(s, o.at + SKEWED, now, Rule::ClockSkew, reason)
        }
        _ => say(VoucherStep::Wait { until: None }, rule, reason),
    }
}

fn say(step: VoucherStep, rule: Rule, reason: impl Into<Reason>) -> VoucherPlan {
    VoucherPlan { step, rule, reason: reason.into() }
}
