//! What is not finished, told by its age.
//!
//! The age decides whether something is told and how loudly; the reason only fills the sentence. So what nobody
//! has thought of is told as well.

use chrono::{DateTime, Duration, Utc};

use super::action::Action;
use super::alert::{Alert, AlertKind, Severity};
use super::attempt::{Attempt, AttemptState};
use super::calendar;
use super::facts::{CardFacts, Seen};
use super::order::{CaptureMode, OrderState};
use super::pause::PauseOf;
use super::plan::{Plan, Step, captures_at};
use super::policy::Policy;
use super::reason::{Age, Looking, Reason};
use super::refund::{Refund, RefundState};
use super::rule::Rule;
use super::situation::order_state;
use super::status::CardStatus;
use crate::domain::deadlines::{ABANDONED_AFTER, CAPTURE_LIMIT};
use crate::domain::situation::Situation;

/// How long after day 90 a look may still tell what became of an order.
const UNSEEN: Duration = Duration::days(1);

/// An order, what is planned for it, and the time.
struct Told<'a> {
    s: &'a Situation,
    plan: &'a Plan,
    policy: &'a Policy,
    now: DateTime<Utc>,
}

/// The alerts that the age of what is not finished calls for.
pub fn overdue(s: &Situation, plan: &Plan, policy: &Policy, now: DateTime<Utc>) -> Vec<Alert> {
    if deliberate!(FindsAlertsByCauseOnly) {
        return Vec::new();
    }
    let told = Told { s, plan, policy, now };
    let mut alerts = Vec::new();
    if let Some(card) = s.authorization() {
        if card.status.is_open() && order_state(s, now) != OrderState::Expired {
            alerts.extend(told.uncaptured(card));
        }
        alerts.extend(told.unclaimed(card));
    }
    alerts.extend(s.refunds.iter().filter_map(|refund| told.refund(refund)));
    alerts.extend(told.unknown());
    alerts
}

impl Told<'_> {
    fn uncaptured(&self, card: &CardFacts) -> Vec<Alert> {
        let limit = card.authorized_at + CAPTURE_LIMIT;
        let mut alerts = self.expiring(card);
        // The next call decides; if it changes nothing, it is told then.
        if matches!(self.plan.step, Step::Act { .. }) {
            return alerts;
        }
        let authorized_at = card.authorized_at.into();
        if self.now >= card.authorized_at + ABANDONED_AFTER + UNSEEN {
            let reason = Age::NotSeenCaptured { amount: card.amount, authorized_at, why: self.why() };
            alerts.push(Alert::new(AlertKind::Expired, Severity::Critical, "", reason));
        } else if self.now >= limit || self.plan.rule == Rule::CaptureOverdue {
            let reason = Age::CaptureByHand { authorized_at, limit_days: CAPTURE_LIMIT.num_days(), why: self.why() };
            alerts.push(Alert::new(AlertKind::CaptureOverdue, Severity::Critical, "", reason));
        } else if !self.is_foreseen(card) {
            alerts.extend(self.ending(card, limit));
        }
        alerts
    }

    /// One stage for each of `alerts.capture_ends`.
    fn ending(&self, card: &CardFacts, limit: DateTime<Utc>) -> Vec<Alert> {
        let ends = self.policy.capture_ends.iter().zip([Severity::Warning, Severity::Critical]);
        let reached: Vec<_> = ends.filter(|(before, _)| self.now >= limit - **before).collect();
        let last = reached.len();
        let stage = |(index, (before, severity)): (usize, (&Duration, Severity))| {
            let (amount, authorized_at, ends_at) = (card.amount, card.authorized_at.into(), limit.into());
            let reason = Age::CaptureEnds { amount, authorized_at, ends_at, why: self.why() };
            let days_left = Some((limit - self.now).num_days());
            // A stage that was passed before is not caught up on.
            let raise = index + 1 == last;
            Alert { days_left, raise, ..Alert::new(AlertKind::CaptureEnding, severity, length(*before), reason) }
        };
        reached.into_iter().enumerate().map(stage).collect()
    }

    /// The capture has a time before the limit, and nothing speaks against it. In the last day a time that has
    /// passed is no longer enough.
    fn is_foreseen(&self, card: &CardFacts) -> bool {
        let s = self.s;
        let limit = card.authorized_at + CAPTURE_LIMIT;
        let voids = self.plan.ahead.is_some_and(|a| a.action == Action::N && a.at > self.now);
        let in_review = s.attempts.iter().any(|a| a.state == AttemptState::Review) || s.contradiction().is_some();
        let unreadable = s.card().is_none_or(|card| !card.status.is_open());
        // A pause that ends in time puts the capture off and does not prevent it.
        let pause = s.merchant.pauses.end(PauseOf::Capture, self.now);
        let paused = pause.is_some_and(|until| until.is_none_or(|until| until >= limit - self.policy.capture_ends[1]));
        let stopped = paused || s.merchant.missing;
        // A refund that comes first, and has no capture ahead of it.
        let captures = self.plan.ahead.is_some_and(|a| a.action == Action::C);
        let behind_a_refund = self.plan.refund.is_some() && !captures;
        let blocked = stopped || unreadable || in_review || behind_a_refund || self.last_capture_failed();
        let Some(at) = captures_at(s, card, self.policy).filter(|at| *at < limit && !blocked) else { return voids };
        let due = at <= self.now;
        let fails =
            s.retry_at.is_some() || matches!(self.plan.rule, Rule::ClockSkew | Rule::NotSent | Rule::VoucherGuard);
        voids || !due || (!fails && self.now < limit - self.policy.capture_ends[1])
    }

    fn last_capture_failed(&self) -> bool {
        let since = self.s.order.changed_after_attempt;
        let ended = |state: AttemptState| !state.is_open() && state != AttemptState::NotSent;
        let last = self.s.attempts.iter().rev().find(|a| a.action == Action::C && a.id > since && ended(a.state));
        last.is_some_and(|a| a.state != AttemptState::Applied)
    }

    /// One stage for each day of `alerts.expiry_days`, counted in civil days of Taipei,
    /// so that a stage is reached in the morning of its day and not at the hour of the sale.
    fn expiring(&self, card: &CardFacts) -> Vec<Alert> {
        if deliberate!(StaysQuiet) {
            return Vec::new();
        }
        let (now, policy) = (self.now, self.policy);
        let days_open = (calendar::taipei_date(now) - calendar::taipei_date(card.authorized_at)).num_days();
        let abandoned_on = card.authorized_at + ABANDONED_AFTER;
        let days_left = (calendar::taipei_date(abandoned_on) - calendar::taipei_date(now)).num_days();
        let reached: Vec<(usize, &i64)> =
            policy.expiry_days.iter().enumerate().filter(|(_, day)| days_open >= **day).collect();
        let last = reached.len();
        let stage = |(index, day): (usize, &i64)| {
            let severity = match index {
                0 => Severity::Notice,
                1 => Severity::Warning,
                _ => Severity::Critical,
            };
            let reason = Age::Expiring {
                amount: card.amount,
                days: days_open,
                days_left,
                abandoned_at: abandoned_on.into(),
                by_api: now < card.authorized_at + CAPTURE_LIMIT,
            };
            // A stage that was passed before the order was known is not caught up on.
            let raise = index + 1 == last;
            let days_left = Some(days_left);
            Alert { days_left, raise, ..Alert::new(AlertKind::Expiring, severity, format!("day {day}"), reason) }
        };
        reached.into_iter().map(stage).collect()
    }

    /// The bank claims a capture within days.
    fn unclaimed(&self, card: &CardFacts) -> Vec<Alert> {
        let since = self.s.observation.as_ref().and_then(|o| o.unclaimed_since);
        let waits = card.status == CardStatus::ToBeCaptured && card.net > 0;
        let Some(since) = since.filter(|_| waits) else { return Vec::new() };
        let limit = self.policy.unclaimed_after;
        let stages = [(limit, Severity::Warning, ""), (limit * 2, Severity::Critical, "twice")];
        let reached: Vec<_> = stages.into_iter().filter(|(after, ..)| self.now >= since + *after).collect();
        let last = reached.len();
        let stage = |(index, (_, severity, stage)): (usize, (Duration, Severity, &str))| {
            let reason = Age::ClaimAwaited { amount: card.amount, since: since.into(), why: self.why() };
            let raise = index + 1 == last;
            Alert { raise, ..Alert::new(AlertKind::CaptureUnclaimed, severity, stage, reason) }
        };
        reached.into_iter().enumerate().map(stage).collect()
    }

    /// The loudest stage of `alerts.refund_waits` that it has reached. One in review has its own alert.
    fn refund(&self, refund: &Refund) -> Option<Alert> {
        let stages = self.policy.refund_waits.iter().zip([Severity::Notice, Severity::Warning, Severity::Critical]);
        let since = self.refund_counts_from(refund);
        let (after, severity) = stages.rev().find(|(after, _)| self.now >= since + **after)?;
        let of_attempt = |a: &Attempt| a.refund_id == Some(refund.id) && a.state == AttemptState::Review;
        // Under an open call its review is put off, and with it that alert.
        let of_refund = refund.state == RefundState::Review && self.s.open_attempt().is_none();
        if of_refund || self.s.attempts.iter().any(of_attempt) {
            return None;
        }
        let why = if self.plan.refund == Some(refund.id) || refund.detail.is_empty() {
            self.why()
        } else {
            Looking::Said { text: refund.detail.clone() }.into()
        };
        let reason = Age::RefundNotEnded { refund: refund.id, asked_at: refund.asked_at.into(), why };
        let stage = format!("refund {} {}", refund.id, length(*after));
        Some(Alert::new(AlertKind::RefundWaiting, severity, stage, reason))
    }

    /// A part of an authorized order waits for its capture. Where that has a date of its own, and is not merely
    /// to be made as soon as it can be, the refund is late from that date on. An order that no look can read has none:
    /// nothing is captured while it is so.
    fn refund_counts_from(&self, refund: &Refund) -> DateTime<Utc> {
        let open = self.s.card().filter(|card| card.status.is_open());
        let capture = open.and_then(|card| {
            let part = refund.amount.is_some_and(|amount| amount != card.amount);
            captures_at(self.s, card, self.policy).filter(|at| part && *at > card.authorized_at)
        });
        capture.map_or(refund.asked_at, |at| refund.asked_at.max(at))
    }

    /// An order that the gateway does not know, or that no look has reached yet.
    fn unknown(&self) -> Option<Alert> {
        if !matches!(self.s.observation.as_ref().map(|o| &o.seen), None | Some(Seen::NotFound)) {
            return None;
        }
        let order = &self.s.order;
        let pressing =
            !self.s.refunds.is_empty() || order.expected_amount.is_some() || order.capture == CaptureMode::Now;
        let [soon, late] = self.policy.order_unknown;
        if self.now < order.registered_at + if pressing { soon } else { late } {
            return None;
        }
        let (registered_at, why) = (order.registered_at.into(), self.why());
        let reason = match self.s.observation {
            None => Age::NeverAnswered { registered_at, why },
            Some(_) => Age::StillUnknown { registered_at, why },
        };
        Some(Alert::new(AlertKind::OrderUnknown, Severity::Warning, "", reason))
    }

    /// Why it is not finished, as far as anybody knows.
    fn why(&self) -> Box<Reason> {
        let then = Box::new(self.plan.reason.clone());
        match &self.s.last_error {
            Some(error) => Age::LastError { error: error.clone(), then }.into(),
            None => then,
        }
    }
}

/// In the unit that the settings are written in: `3d`, `4h`, `90m`.
fn length(duration: Duration) -> String {
    let minutes = duration.num_minutes();
    match minutes {
        m if m > 0 && m % 1440 == 0 => format!("{}d", m / 1440),
        m if m > 0 && m % 60 == 0 => format!("{}h", m / 60),
        m => format!("{m}m"),
    }
}

#[cfg(test)]
mod tests;
