//! The mirror of the plan: what a step, an answer or a person's word means for the ledger.
//!
//! A pass over an order ends in one [`Change`]: the order's row, the steps of its attempts and refunds, the
//! events that tell of them, its alerts and its next visit. The same steps come of an answer
//! ([`answered`]), of a person's word ([`resolved`]) and of a start that finds an attempt open
//! ([`found_open`]). Nothing here reads a clock, a socket or a row: the engine carries the change, the ledger
//! applies it under its guards.

mod after;
pub mod alerts;
mod attempt;
mod movements;
mod next;
mod refund;
pub mod shown;

use chrono::{DateTime, Duration, Utc};

pub use alerts::{OpenStage, Wanted, set_aside};
pub use attempt::{
    AttemptChange, AttemptStep, NewAttempt, NewKind, SettledBy, Steps, answered, found_open, resolved, settled,
};
pub use next::NextVisit;
pub use refund::{Done, RefundStep};
pub use shown::{ExternalChange, OrderRow};

use crate::domain::alert::{Alert, AlertKind, Severity};
use crate::domain::attempt::Before;
use crate::domain::event::Event;
use crate::domain::facts::Observation;
use crate::domain::ids::TradeNo;
use crate::domain::money::Twd;
use crate::domain::movement::{Booked, Claim, Movement};
use crate::domain::plan::{Plan, Provoked, SlotRequest, Step, slot};
use crate::domain::policy::Policy;
use crate::domain::reason::Told;
use crate::domain::restored::Unclaimed;
use crate::domain::rule::Rule;
use crate::domain::service::Service;
use crate::domain::situation::Situation;
use movements::{between, claims, new_closings};
use shown::{external_change, unknown_in};

/// From so many failed looks in a row on, an order whose answers make no sense is reported.
pub const MANY_FAILURES: u32 = 3;

/// What the ledger holds of an order: its situation, and what is kept beside it.
#[derive(Clone, Debug, PartialEq)]
pub struct Kept {
    pub situation: Situation,
    pub look_failures: u32,
    pub provoked: Provoked,
    /// The alerts of the order that are open.
    pub alerts: Vec<OpenStage>,
    /// What the ledger shows of the order.
    pub row: OrderRow,
    /// The authorization that the gateway has shown, with its amount.
    pub authorization: Option<(TradeNo, Twd)>,
    /// What the journal holds of it.
    pub booked: Booked,
}

impl Kept {
    /// As it is after these steps.
    pub fn take(&mut self, steps: &Steps, now: DateTime<Utc>) {
        self.situation.take(steps, now);
        if steps.answered {
            self.provoked.money_calls = 0;
        }
    }
}

/// A look that told nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LookFailed {
    pub why: String,
    pub retry_at: DateTime<Utc>,
    /// The gateway answers, and tells nothing of this order; where it does not answer, that is the merchant's alert.
    pub of_the_order: bool,
}

impl LookFailed {
    /// Of a row of the service whose looks have failed often.
    pub fn alert(&self, service: Service) -> Option<Alert> {
        let reason = || Told::LooksTellNothing { service, error: self.why.clone() };
        self.of_the_order.then(|| Alert::new(AlertKind::UnknownStatus, Severity::Warning, "look", reason()))
    }
}

/// A look that was made in the pass.
#[derive(Clone, Debug, PartialEq)]
pub struct Look {
    pub observation: Observation,
    /// It shows something else than the last one.
    pub is_new: bool,
}

/// What a restored ledger learns of an order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CaughtUp {
    /// The gateway's time of the first look since the restore was noticed.
    pub answered: Option<(i64, DateTime<Utc>)>,
    /// What the looks of this pass showed beyond the ledger's knowledge.
    pub unknown: Unclaimed,
    /// The restore that this order is through with.
    pub done: Option<i64>,
}

/// All that a pass over an order changes.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    pub look: Option<Look>,
    pub failed: Option<LookFailed>,
    pub row: OrderRow,
    /// What moved: with them the journal adds up to the row.
    pub movements: Vec<Movement>,
    pub claims: Vec<Claim>,
    pub steps: Steps,
    /// Something that only somebody else can have done.
    pub external: Option<ExternalChange>,
    pub caught_up: CaughtUp,
    pub question: Option<NewAttempt>,
    pub slot: Option<SlotRequest>,
    pub alerts: Wanted,
    /// Whether these are other alerts than were open when the pass began.
    pub alerts_change: bool,
    pub next: NextVisit,
}

impl Change {
    pub fn observation(&self) -> Option<&Observation> {
        self.look.as_ref().map(|look| &look.observation)
    }

    /// The look, where it shows something else than the last one.
    pub fn news(&self) -> Option<&Observation> {
        self.look.as_ref().filter(|look| look.is_new).map(|look| &look.observation)
    }

    /// Only the row changes, with nothing to tell: by itself it is one statement.
    pub fn is_quiet(&self) -> bool {
        let told = self.slot.is_some() || self.external.is_some() || self.news().is_some() || self.alerts_change;
        let caught_up = self.caught_up != CaughtUp::default();
        let moved = !self.movements.is_empty() || !self.claims.is_empty();
        !told && !caught_up && !moved && self.steps.are_none() && self.question.is_none()
    }
}

/// What a pass over an order has found out and not yet written down.
#[derive(Clone, Debug, Default)]
pub struct Findings {
    /// The situation before the first look, to tell what changed.
    before: Option<Situation>,
    /// What the looks showed of others, from before the first step on.
    external: Option<Option<ExternalChange>>,
    failed: Option<LookFailed>,
    unknown: Unclaimed,
    caught_up: Option<i64>,
    steps: Steps,
}

impl Findings {
    pub fn has_looked(&self) -> bool {
        self.before.is_some()
    }

    /// Steps that a look to come would be made after.
    pub fn has_steps(&self) -> bool {
        !self.steps.are_none() || self.caught_up.is_some()
    }

    /// A look was answered: the order is as it shows.
    pub fn looked(&mut self, kept: &mut Kept, observation: Observation) {
        let before = kept.situation.clone();
        let observation = observation.checked_against(kept.authorization.as_ref(), before.observation.as_ref());
        let s = &mut kept.situation;
        s.observation = Some(observation.following(before.observation.as_ref()));
        (s.retry_at, s.last_error) = (None, None);
        (kept.look_failures, kept.provoked.looks) = (0, 0);
        self.unknown = self.unknown.plus(find_unknown(&before, s));
        self.before.get_or_insert(before);
        self.failed = None;
    }

    /// A look told nothing.
    pub fn failed(&mut self, kept: &mut Kept, failed: LookFailed) {
        kept.situation.retry_at = Some(failed.retry_at);
        kept.situation.last_error = Some(failed.why.clone());
        self.failed = Some(failed);
    }

    /// Takes the step of a plan that needs neither the gateway nor a new attempt.
    pub fn decided(&mut self, s: &mut Situation, planned: &Plan, now: DateTime<Utc>) {
        self.note_external(s);
        let steps = match &planned.step {
            Step::Settle { attempt, verdict } => {
                let attempt = s.attempts.iter().find(|a| a.id == *attempt);
                let look = s
                    .observation
                    .as_ref()
                    .map(|o| SettledBy::Look { at: o.gateway_time(), shown: s.card().map(Before::of) });
                attempt.zip(look).map(|(attempt, look)| settled(s, attempt, verdict, look, now)).unwrap_or_default()
            }
            Step::Reject => of_refund(s, planned, refund::rejected),
            Step::Review => of_refund(s, planned, refund::in_review),
            Step::CatchUp => {
                self.caught_up = s.restored.as_ref().map(|r| r.id);
                Steps::default()
            }
            Step::Wait { .. } | Step::Look | Step::LookAtVouchers { .. } | Step::Act { .. } | Step::Ask { .. } => {
                Steps::default()
            }
        };
        if let (Some(id), Some(restored)) = (self.caught_up, &mut s.restored) {
            restored.caught_up |= restored.id == id;
        }
        s.take(&steps, now);
        self.steps.add(steps);
    }

    /// All that the pass changes, which ends with this plan.
    pub fn change(mut self, kept: &Kept, planned: &Plan, end: &End<'_>) -> Change {
        let s = &kept.situation;
        let (policy, now) = (end.policy, end.now);
        self.note_external(s);
        let looked = self.before.is_some();
        let seen = |s: &Situation| s.observation.as_ref().map(|o| o.seen.clone());
        let is_new = self.before.as_ref().is_some_and(|before| seen(before) != seen(s));
        let mut alerts = Wanted::of(s, planned, policy, now);
        if kept.look_failures >= MANY_FAILURES {
            alerts.alerts.extend(self.failed.as_ref().and_then(|failed| failed.alert(Service::Card)));
            // The order's state is not known anew; what was open about it stands.
            alerts.keep_others = true;
        }
        alerts.alerts.extend(set_aside(Service::Card, kept.provoked, s.retry_at, now));
        self.steps.refunds.extend(refund::waiting(s, planned));
        self.steps.refunds.extend(refund::let_go(s, planned));
        let row = OrderRow::of(s, &kept.row, policy, now);
        let before = self.before.as_ref();
        let closings = before.map(|before| new_closings(before.authorization(), s.card())).unwrap_or_default();
        let movements = between(&kept.booked, s, &row, closings, now);
        if let Some(restore) = self.caught_up {
            self.steps.events.push(caught_up_event(s, &row, restore));
        }
        Change {
            look: s.observation.clone().filter(|_| looked).map(|observation| Look { observation, is_new }),
            failed: self.failed,
            movements,
            claims: claims(&kept.booked, s),
            steps: self.steps,
            external: self.external.flatten(),
            caught_up: CaughtUp { answered: s.first_answer(policy), unknown: self.unknown, done: self.caught_up },
            question: question(s, planned, now),
            slot: slot(s, policy, end.min_interval, now).filter(|_| looked),
            // What is open may have changed since the order was loaded: the morning's stages go their own way.
            alerts_change: is_new || alerts.changes(&kept.alerts),
            alerts,
            row,
            next: NextVisit::of(planned, end.next_at),
        }
    }

    /// Told from what was known before any step: an attempt that a step settles explains nothing that came before it.
    fn note_external(&mut self, s: &Situation) {
        let before = self.before.as_ref();
        self.external.get_or_insert_with(|| before.and_then(|before| external_change(before, s)));
    }
}

/// With what a pass ends.
#[derive(Clone, Copy, Debug)]
pub struct End<'a> {
    pub policy: &'a Policy,
    /// Between two calls of the merchant.
    pub min_interval: Duration,
    /// Where the plan is not carried out.
    pub next_at: Option<DateTime<Utc>>,
    pub now: DateTime<Utc>,
}

fn of_refund(s: &Situation, planned: &Plan, step: impl FnOnce(i64, &Plan) -> RefundStep) -> Steps {
    let refunds = refund::concerned(s, planned).map(|id| step(id, planned)).into_iter().collect();
    Steps { refunds, ..Steps::default() }
}

/// What the look shows beyond the ledger's knowledge; counted once, however often it is seen.
fn find_unknown(before: &Situation, after: &mut Situation) -> Unclaimed {
    let unknown = unknown_in(before, after);
    after.unclaimed = after.unclaimed.plus(unknown);
    let shown = after.refunded();
    if let Some(restored) = &mut after.restored {
        restored.known = restored.known.max(shown);
    }
    unknown
}

fn caught_up_event(s: &Situation, row: &OrderRow, restore: i64) -> Event {
    Event::CaughtUp {
        restore,
        state: row.state.word(),
        refunded_amount: row.refunded,
        unclaimed_amount: s.unclaimed.amount,
        unclaimed_void: s.unclaimed.void,
    }
}

/// A question to a person whether money that went back was the refund.
fn question(s: &Situation, planned: &Plan, now: DateTime<Utc>) -> Option<NewAttempt> {
    let (Step::Ask { action, amount, moved }, Some(card)) = (&planned.step, s.card()) else { return None };
    let restore = s.restored.as_ref().map(|r| r.id).filter(|_| planned.rule == Rule::UnclaimedRefund);
    Some(NewAttempt {
        refund: Some(planned.refund?),
        action: *action,
        amount: *amount,
        trade_no: card.trade_no.clone(),
        before: Before { net: card.net + moved.dollars(), ..Before::of(card) },
        at: now,
        kind: NewKind::Question { why: planned.reason.clone(), shown: Before::of(card), restore },
    })
}

#[cfg(test)]
pub(in crate::domain) mod tests;
