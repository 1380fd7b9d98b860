//! What becomes of an attempt: by its answer, by looks, by a person's word, or by a start that finds it open.

use chrono::{DateTime, Utc};

use super::refund::{RefundStep, follow, with_those_it_leads};
use crate::domain::action::{Action, Outcome};
use crate::domain::api::CardApi;
use crate::domain::attempt::{Attempt, AttemptState, Before, Verdict};
use crate::domain::event::Event;
use crate::domain::ids::TradeNo;
use crate::domain::money::Twd;
use crate::domain::reason::{Calling, Reason};
use crate::domain::refund::RefundState;
use crate::domain::restored::Unclaimed;
use crate::domain::situation::Situation;

/// A step of an attempt, from the state that it was decided in.
#[derive(Clone, Debug, PartialEq)]
pub struct AttemptStep {
    pub id: i64,
    pub from: AttemptState,
    pub at: DateTime<Utc>,
    pub what: AttemptChange,
}

#[derive(Clone, Debug, PartialEq)]
pub enum AttemptChange {
    /// What the call came to: the gateway's words, or why there are none.
    Answered { to: AttemptState, code: Option<i64>, text: String },
    /// A look, at this time of the gateway's clock, showed no effect for the first time.
    AbsentOnce { seen_at: DateTime<Utc> },
    /// Took effect, or had none, as a look showed or a person said.
    Settled { to: AttemptState, by: Option<String> },
    /// Only a person can tell: why, and what was shown when the person was asked.
    InReview { why: Reason, shown: Option<Before>, asked: Option<i64> },
}

/// The steps that attempts and refunds take together, and the events that tell of them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Steps {
    pub attempts: Vec<AttemptStep>,
    pub refunds: Vec<RefundStep>,
    /// In this order, those of the refunds behind them.
    pub events: Vec<Event>,
    /// What an attempt explains of what nobody had claimed.
    pub claimed: Unclaimed,
    /// An answer that is no 403: the order's money calls do not bring it.
    pub answered: bool,
}

impl Steps {
    pub fn are_none(&self) -> bool {
        *self == Self::default()
    }

    pub(super) fn add(&mut self, more: Self) {
        self.attempts.extend(more.attempts);
        self.refunds.extend(more.refunds);
        self.events.extend(more.events);
        self.claimed = self.claimed.plus(more.claimed);
        self.answered |= more.answered;
    }
}

/// What has settled an attempt.
#[derive(Clone, Copy, Debug)]
pub enum SettledBy<'a> {
    /// A look: the gateway's time of it, and what it showed of the card.
    Look {
        at: DateTime<Utc>,
        shown: Option<Before>,
    },
    Person(&'a str),
}

/// The verdict on an attempt, and what follows from it for its refund.
pub fn settled(s: &Situation, attempt: &Attempt, verdict: &Verdict, by: SettledBy<'_>, now: DateTime<Utc>) -> Steps {
    let (seen_at, shown, person) = match by {
        SettledBy::Look { at, shown } => (at, shown, None),
        SettledBy::Person(name) => (now, None, Some(name.to_owned())),
    };
    let step = |what| vec![AttemptStep { id: attempt.id, from: attempt.state, at: now, what }];
    let (to, why, what) = match verdict {
        Verdict::AbsentOnce => {
            return Steps { attempts: step(AttemptChange::AbsentOnce { seen_at }), ..Steps::default() };
        }
        Verdict::Applied => settled_as(AttemptState::Applied, person.clone()),
        Verdict::NotApplied => settled_as(AttemptState::NotApplied, person.clone()),
        Verdict::Review { why } => {
            // Put before a person after the ledger was restored: that is the question whether it was made.
            let restored = s.restored.as_ref().filter(|_| s.predates_restore(attempt)).map(|r| r.id);
            let asked = restored.or(attempt.asked);
            (AttemptState::Review, why.english(), AttemptChange::InReview { why: why.clone(), shown, asked })
        }
    };
    let event = Event::AttemptSettled {
        state: to,
        attempt: attempt.id,
        refund: attempt.refund_id,
        action: attempt.action,
        amount: attempt.amount,
        why,
        reason: why_a_person(verdict).cloned(),
        by: person,
    };
    let claimed = if *verdict == Verdict::Applied { claimed_by(attempt) } else { Unclaimed::default() };
    let refunds = attempt.refund_id.map(|id| follow(s, id, attempt, verdict)).unwrap_or_default();
    Steps { attempts: step(what), refunds, events: vec![event], claimed, answered: false }
}

fn why_a_person(verdict: &Verdict) -> Option<&Reason> {
    match verdict {
        Verdict::Review { why } => Some(why),
        Verdict::Applied | Verdict::NotApplied | Verdict::AbsentOnce => None,
    }
}

fn settled_as(to: AttemptState, by: Option<String>) -> (AttemptState, String, AttemptChange) {
    (to, String::new(), AttemptChange::Settled { to, by })
}

/// An attempt that took effect in the part that is lost explains as much of what was found.
fn claimed_by(attempt: &Attempt) -> Unclaimed {
    match attempt.action {
        Action::N => Unclaimed { void: true, ..Unclaimed::default() },
        // Of an attempt that was in review already when the copy was made, the effect may have been known then.
        Action::R if attempt.asked.is_some() => Unclaimed { amount: attempt.amount, void: false },
        _ => Unclaimed::default(),
    }
}

/// What the call came to.
pub fn answered(s: &Situation, attempt: &Attempt, outcome: &Outcome, now: DateTime<Utc>) -> Steps {
    let id = attempt.id;
    let (to, code, text) = match outcome {
        Outcome::Accepted => (AttemptState::Accepted, None, ""),
        Outcome::Refused { code, text } => (AttemptState::Refused, Some(*code), text.as_str()),
        Outcome::Unknown { code, why } => (AttemptState::Unknown, *code, why.as_str()),
        Outcome::NotSent { why } => (AttemptState::NotSent, None, why.as_str()),
    };
    let (refund_to, reason) = match outcome {
        Outcome::Accepted => (RefundState::Running, Calling::CallAccepted { attempt: id }),
        // Not to be canceled before a look has shown that nothing moved all the same.
        Outcome::Refused { text, .. } => {
            (RefundState::Running, Calling::CallRefused { attempt: id, text: text.clone() })
        }
        Outcome::Unknown { why, .. } => {
            (RefundState::Running, Calling::CallUnanswered { attempt: id, text: why.clone() })
        }
        Outcome::NotSent { why } => (RefundState::Waiting, Calling::CallNotSent { attempt: id, text: why.clone() }),
    };
    let refunds = attempt.refund_id.map(|refund| with_those_it_leads(s, refund, refund_to, reason));
    let event =
        Event::AttemptAnswered { state: to, attempt: id, refund: attempt.refund_id, code, text: text.to_owned() };
    let what = AttemptChange::Answered { to, code, text: text.to_owned() };
    Steps {
        attempts: vec![AttemptStep { id, from: attempt.state, at: now, what }],
        refunds: refunds.unwrap_or_default(),
        events: vec![event],
        answered: matches!(outcome, Outcome::Accepted | Outcome::Refused { .. }),
        ..Steps::default()
    }
}

/// An attempt that a start finds open: its call may have gone out.
pub fn found_open(attempt: &Attempt, now: DateTime<Utc>) -> Steps {
    let text = "found open at start-up".to_owned();
    let to = AttemptState::Unknown;
    let event = Event::AttemptAnswered {
        state: to,
        attempt: attempt.id,
        refund: attempt.refund_id,
        code: None,
        text: text.clone(),
    };
    let what = AttemptChange::Answered { to, code: None, text };
    let attempts = vec![AttemptStep { id: attempt.id, from: attempt.state, at: now, what }];
    Steps { attempts, events: vec![event], ..Steps::default() }
}

/// A person settles an attempt in review; an error says why that cannot be.
///
/// `order_amount`: as the gateway has shown it, if it has.
pub fn resolved(
    s: &Situation,
    order_amount: Option<Twd>,
    attempt: &Attempt,
    applied: bool,
    by: &str,
    now: DateTime<Utc>,
) -> Result<Steps, String> {
    match attempt.state {
        AttemptState::Review => {}
        state if state.is_open() => {
            return Err(format!(
                "attempt {} is still being settled by looks at the gateway; wait until it is done or in review",
                attempt.id
            ));
        }
        ended => return Err(format!("attempt {} is not in review, it is {}", attempt.id, ended.word())),
    }
    if applied {
        may_have_been(s, order_amount, attempt)?;
    }
    let verdict = if applied { Verdict::Applied } else { Verdict::NotApplied };
    Ok(settled(s, attempt, &verdict, SettledBy::Person(by), now))
}

/// A refund that is larger than what was found cannot be what was found, nor one for which the order's other
/// refunds leave no room: what a person says of two calls may be said of one and the same money.
fn may_have_been(s: &Situation, order_amount: Option<Twd>, attempt: &Attempt) -> Result<(), String> {
    if attempt.action != Action::R {
        return Ok(());
    }
    let (id, amount) = (attempt.id, attempt.amount.dollars());
    let found = match (attempt.asked, attempt.sent) {
        (None, true) => None,
        (None, false) => attempt.reviewed.map(|shown| attempt.before.net - shown.net),
        (Some(_), _) => Some(s.unclaimed.amount.dollars()),
    };
    if let Some(found) = found.filter(|found| amount > *found) {
        return Err(format!(
            "attempt {id} of NT${amount} cannot have taken effect: the last look shows only NT${found} refunded that the ledger does not know of; settle it as not applied"
        ));
    }
    let room = order_amount.map(|whole| whole.dollars() - s.refunded_by_us().dollars());
    match room.filter(|room| amount > *room) {
        Some(room) => Err(format!(
            "attempt {id} of NT${amount} cannot have taken effect: the order's other refunds leave only NT${room} of its amount; settle it as not applied"
        )),
        None => Ok(()),
    }
}

/// An attempt that is about to be written: a call that is sent next, or a question to a person.
#[derive(Clone, Debug, PartialEq)]
pub struct NewAttempt {
    pub refund: Option<i64>,
    pub action: Action,
    pub amount: Twd,
    pub trade_no: TradeNo,
    pub before: Before,
    pub at: DateTime<Utc>,
    pub kind: NewKind,
}

#[derive(Clone, Debug, PartialEq)]
pub enum NewKind {
    /// Other refunds of the order end with it.
    Call { api: CardApi, together: Vec<i64> },
    /// A person is asked whether it was made, in the part of the ledger that is lost or by a call that had
    /// ended. Nothing is sent.
    Question { why: Reason, shown: Before, restore: Option<i64> },
}

impl NewAttempt {
    /// What its refund and the history say, once the ledger has given it its number.
    pub fn numbered(&self, id: i64) -> Steps {
        let (action, amount) = (self.action, self.amount);
        match &self.kind {
            NewKind::Call { together, .. } => {
                let event = Event::AttemptStarted {
                    attempt: id,
                    refund: self.refund,
                    action,
                    amount,
                    before: self.before.status.english(),
                    before_net: self.before.net,
                    together: together.clone(),
                };
                let begun = |refund| {
                    RefundStep::to(refund, RefundState::Running, Calling::CallBegun { attempt: id, action, amount })
                };
                let refunds = self.refund.into_iter().chain(together.iter().copied()).map(begun).collect();
                Steps { refunds, events: vec![event], ..Steps::default() }
            }
            NewKind::Question { why, .. } => {
                let Some(refund) = self.refund else { return Steps::default() };
                let reason = Calling::CallInQuestion { attempt: id, why: Box::new(why.clone()) };
                let step = RefundStep::to(refund, RefundState::Review, reason);
                let (why, reason) = (why.english(), why.clone());
                let event = Event::AttemptAsked { attempt: id, refund, action, amount, why, reason, sent: false };
                Steps { refunds: vec![step], events: vec![event], ..Steps::default() }
            }
        }
    }
}
