//! What becomes of a refund: its state follows from its attempts and from the plan.

use crate::domain::action::Action;
use crate::domain::alert::{Alert, AlertKind, Severity};
use crate::domain::attempt::{Attempt, AttemptState, Verdict};
use crate::domain::event::Event;
use crate::domain::money::Twd;
use crate::domain::plan::{Plan, Step};
use crate::domain::reason::{Calling, Reason, Told};
use crate::domain::refund::{Method, Refund, RefundState};
use crate::domain::rule::Rule;
use crate::domain::situation::Situation;

/// A step of an open refund. Where it has ended meanwhile, or says the same already, nothing is written.
#[derive(Clone, Debug, PartialEq)]
pub struct RefundStep {
    pub id: i64,
    pub to: RefundState,
    /// The rule of the plan that decided it. None: what became of one of its calls.
    pub rule: Option<Rule>,
    pub reason: Reason,
    pub done: Option<Done>,
    /// What is reported of it, if it is taken.
    pub event: Option<Event>,
    pub alert: Option<Alert>,
}

/// What gave it back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Done {
    pub amount: Twd,
    pub method: Method,
}

impl RefundStep {
    pub(super) fn to(id: i64, to: RefundState, reason: impl Into<Reason>) -> Self {
        Self { id, to, rule: None, reason: reason.into(), done: None, event: None, alert: None }
    }

    /// As the plan says.
    fn planned(id: i64, to: RefundState, planned: &Plan) -> Self {
        Self { rule: Some(planned.rule), ..Self::to(id, to, planned.reason.clone()) }
    }

    /// The reason as a sentence.
    pub fn detail(&self) -> String {
        self.reason.english()
    }

    /// What the shop has written since may be what the refund lacked: then it is not rejected.
    pub fn yields_to_the_shop(&self) -> bool {
        self.to == RefundState::Rejected
    }
}

/// The refund, and those that end with it. One that may have been made with it stays out of the shop's reach
/// until that is known.
pub(super) fn with_those_it_leads(s: &Situation, id: i64, to: RefundState, reason: Calling) -> Vec<RefundStep> {
    let led_to = if to == RefundState::Review { RefundState::Running } else { to };
    let led = led_by(s, id).map(|led| RefundStep::to(led.id, led_to, reason.clone()));
    std::iter::once(RefundStep::to(id, to, reason.clone())).chain(led).collect()
}

fn led_by(s: &Situation, id: i64) -> impl Iterator<Item = &Refund> {
    s.refunds.iter().filter(move |r| r.led_by == Some(id))
}

/// What the verdict on one of its attempts means for a refund.
pub(super) fn follow(s: &Situation, id: i64, attempt: &Attempt, verdict: &Verdict) -> Vec<RefundStep> {
    let (to, reason) = match (verdict, attempt.action) {
        (Verdict::AbsentOnce, _) => return Vec::new(),
        (Verdict::Applied, Action::E) if deliberate!(CountsACallBackAsRefund) => {
            return done(s, id, attempt, Action::N);
        }
        (Verdict::Applied, Action::R | Action::N) => return done(s, id, attempt, attempt.action),
        (Verdict::Applied, _) => (RefundState::Running, Calling::CalledBack),
        (Verdict::Review { why }, _) => {
            (RefundState::Review, Calling::CallInQuestion { attempt: attempt.id, why: Box::new(why.clone()) })
        }
        (Verdict::NotApplied, _) => (RefundState::Waiting, Calling::CallHadNoEffect { attempt: attempt.id }),
    };
    with_those_it_leads(s, id, to, reason)
}

/// It has ended, and those that it leads with it: each with its own amount, the one without an amount with the rest.
fn done(s: &Situation, id: i64, attempt: &Attempt, action: Action) -> Vec<RefundStep> {
    let called_back =
        |a: &Attempt| a.refund_id == Some(id) && a.action == Action::E && a.state == AttemptState::Applied;
    let method = match action {
        Action::R => Method::R,
        _ if s.attempts.iter().any(called_back) => Method::EN,
        _ => Method::N,
    };
    let led: Vec<&Refund> = if action == Action::N { led_by(s, id).collect() } else { Vec::new() };
    let named = |id: i64| s.refunds.iter().find(|r| r.id == id).and_then(|r| r.amount).filter(|_| !led.is_empty());
    let others = led.iter().filter_map(|r| r.amount).fold(named(id).unwrap_or(Twd::ZERO), Twd::plus);
    let rest = attempt.amount.less(others);
    let step = |id: i64, named: Option<Twd>| {
        let amount = if led.is_empty() { attempt.amount } else { named.unwrap_or(rest) };
        let event = Event::RefundDone { refund: id, amount, attempt: attempt.id };
        let step = RefundStep::to(id, RefundState::Done, Calling::CallTookEffect { attempt: attempt.id });
        RefundStep { done: Some(Done { amount, method }), event: Some(event), ..step }
    };
    std::iter::once(step(id, named(id))).chain(led.iter().map(|r| step(r.id, r.amount))).collect()
}

/// Ends the refund that the plan says can have no further step.
pub(super) fn rejected(id: i64, planned: &Plan) -> RefundStep {
    let told = Told::RefundRejected { refund: id, why: Box::new(planned.reason.clone()) };
    let alert =
        Alert::new(AlertKind::RefundRejected, Severity::Warning, format!("refund {id}"), told).under(planned.rule);
    let event = stopped(id, planned, true);
    RefundStep { event: Some(event), alert: Some(alert), ..RefundStep::planned(id, RefundState::Rejected, planned) }
}

/// Puts the refund before a person; what it needs is the alert of its state.
pub(super) fn in_review(id: i64, planned: &Plan) -> RefundStep {
    let event = stopped(id, planned, false);
    RefundStep { event: Some(event), ..RefundStep::planned(id, RefundState::Review, planned) }
}

fn stopped(refund: i64, planned: &Plan, rejected: bool) -> Event {
    Event::RefundStopped { rejected, refund, why: planned.why(), reason: planned.reason.clone() }
}

/// Those that were to end with another refund's call, which came to nothing as a look has shown: they wait behind
/// it, and the shop may take them back again.
pub(super) fn let_go(s: &Situation, planned: &Plan) -> Vec<RefundStep> {
    if !matches!(planned.step, Step::Wait { .. }) || s.open_attempt().is_some() {
        return Vec::new();
    }
    let seen = s.observation.as_ref().map_or(0, |o| o.after_attempt);
    let came_to_nothing = |leader: i64| {
        let last = s.attempts.iter().rev().find(|a| a.refund_id == Some(leader));
        let ended = |state| matches!(state, AttemptState::Refused | AttemptState::NotApplied | AttemptState::NotSent);
        last.is_some_and(|a| ended(a.state) && a.id <= seen)
    };
    let behind = |r: &Refund| match r.led_by {
        Some(leader) => Some(leader).filter(|leader| came_to_nothing(*leader)),
        None => s.refunds.first().map(|first| first.id).filter(|first| *first != r.id && was_left_behind(s, r)),
    };
    let running = s.refunds.iter().filter(|r| r.state == RefundState::Running && planned.refund != Some(r.id));
    let led = running.filter_map(|r| behind(r).map(|leader| (r.id, leader)));
    led.map(|(id, refund)| RefundStep::to(id, RefundState::Waiting, Calling::BehindAnother { refund })).collect()
}

/// The call that it was to end with came to nothing, and the next one of its leader went out alone. What it tried
/// itself before had let it wait already.
fn was_left_behind(s: &Situation, refund: &Refund) -> bool {
    let own = s.attempts.iter().rev().find(|a| a.refund_id == Some(refund.id)).map(|a| a.state);
    let nothing_under_way = matches!(own, None | Some(AttemptState::NotApplied | AttemptState::NotSent));
    refund.state == RefundState::Running && refund.led_by.is_none() && nothing_under_way
}

/// What a plan that waits says of the refund that waits with it.
pub(super) fn waiting(s: &Situation, planned: &Plan) -> Option<RefundStep> {
    if !matches!(planned.step, Step::Wait { .. }) || s.open_attempt().is_some() {
        return None;
    }
    // It waits for a person: to show it as waiting would take it out of review.
    if planned.rule == Rule::OutOfTries || is_in_review_for(s, planned) {
        return None;
    }
    let id = concerned(s, planned)?;
    // To say it again would make a transaction of each routine look.
    let said = |r: &Refund| r.id == id && r.state == RefundState::Waiting && r.detail == planned.why();
    (!s.refunds.iter().any(said)).then(|| RefundStep::planned(id, RefundState::Waiting, planned))
}

/// Whatever keeps the order waiting keeps a new refund waiting.
pub(super) fn concerned(s: &Situation, planned: &Plan) -> Option<i64> {
    let first = s.refunds.first().filter(|r| r.state == RefundState::Queued || was_left_behind(s, r));
    planned.refund.or(first.map(|r| r.id))
}

/// A refund is before a person for just what the plan says.
fn is_in_review_for(s: &Situation, planned: &Plan) -> bool {
    s.refunds.first().is_some_and(|r| r.state == RefundState::Review && r.detail == planned.why())
}
