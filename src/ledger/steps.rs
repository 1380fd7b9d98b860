//! The steps of attempts and refunds, as `domain::record` has decided them.

use super::alerts::{self, Raised, Subject};
use super::db::{Db, params, to_json};
use super::times::ms;
use super::{LedgerError, events};
use crate::domain::api::CardApi;
use crate::domain::attempt::{AttemptState, Before};
use crate::domain::record::{AttemptChange, AttemptStep, NewAttempt, NewKind, RefundStep, Steps};
use crate::domain::refund::RefundState;
use crate::domain::rule::Rule;

/// On whose behalf steps are written, and when.
pub(super) struct Of<'a> {
    pub order_id: i64,
    pub subject: Subject<'a>,
    pub now: chrono::DateTime<chrono::Utc>,
    /// The revision that the steps were decided from.
    pub revision: i64,
}

/// [`LedgerError::Stale`] when an attempt has taken another step since this one was decided.
pub(super) fn check(tx: &Db, steps: &Steps) -> Result<(), LedgerError> {
    for step in &steps.attempts {
        let select = "SELECT state FROM attempts WHERE id = :attempt";
        let state: String = tx.one(select, params! { attempt: step.id }, |row| row.at(0))?;
        if state != step.from.word() {
            return Err(LedgerError::Stale);
        }
    }
    Ok(())
}

/// Writes the steps. The alerts that were raised by them, for the log.
pub(super) fn write(tx: &Db, steps: &Steps, of: &Of<'_>) -> Result<Vec<Raised>, LedgerError> {
    for step in &steps.attempts {
        attempt(tx, step)?;
    }
    if !steps.claimed.is_nothing() {
        let claimed = params! { order: of.order_id, amount: steps.claimed.amount.dollars(), void: steps.claimed.void };
        tx.run(include_str!("sql/claim.sql"), claimed)?;
    }
    if steps.answered {
        let update = "UPDATE order_state SET money_calls_403 = 0 WHERE order_id = :order AND money_calls_403 > 0";
        tx.run(update, params! { order: of.order_id })?;
    }
    for event in &steps.events {
        events::of_order(tx, &of.subject, of.now, event)?;
    }
    let mut raised = Vec::new();
    for step in &steps.refunds {
        raised.extend(refund(tx, step, of)?);
    }
    Ok(raised)
}

fn attempt(tx: &Db, step: &AttemptStep) -> Result<(), LedgerError> {
    let (id, at) = (step.id, ms(step.at));
    match &step.what {
        AttemptChange::AbsentOnce { seen_at } => {
            let update = "UPDATE attempts SET first_absence_at = :seen_at WHERE id = :id";
            tx.run(update, params! { seen_at: ms(*seen_at), id })?
        }
        AttemptChange::Answered { to, code, text } => {
            let answered = params! { state: to.word(), code, text, at, id };
            // An answer that ends nothing leaves the index of those that are open alone.
            let update = match to.is_open() {
                true => include_str!("sql/attempt_answered.sql"),
                false => include_str!("sql/attempt_ended.sql"),
            };
            tx.run(update, answered)?
        }
        AttemptChange::Settled { to, by } => {
            let settled = params! { state: to.word(), at, by, id };
            tx.run(include_str!("sql/attempt_settled.sql"), settled)?
        }
        AttemptChange::InReview { why, shown, asked } => {
            let (status, net) = columns(*shown);
            let review = params! {
                id, state: AttemptState::Review.word(), at, why: why.english(), asked, status, net,
            };
            tx.run(include_str!("sql/attempt_in_review.sql"), review)?
        }
    };
    Ok(())
}

fn columns(shown: Option<Before>) -> (Option<&'static str>, Option<i64>) {
    shown.map(|shown| (shown.status.english(), shown.net)).unzip()
}

fn refund(tx: &Db, step: &RefundStep, of: &Of<'_>) -> Result<Option<Raised>, LedgerError> {
    if step.yields_to_the_shop() && is_overtaken(tx, of)? {
        return Ok(None);
    }
    if !set_refund(tx, step, of)? {
        return Ok(None);
    }
    if let Some(event) = &step.event {
        events::of_order(tx, &of.subject, of.now, event)?;
    }
    match &step.alert {
        Some(alert) => alerts::raise(tx, &of.subject, alert, of.now),
        None => Ok(None),
    }
}

/// False when it has ended meanwhile, or says the same already.
fn set_refund(tx: &Db, step: &RefundStep, of: &Of<'_>) -> Result<bool, LedgerError> {
    let (refund, now) = (step.id, ms(of.now));
    let (detail, rule, reason) = (step.detail(), step.rule.map_or("", Rule::word), to_json(&step.reason)?);
    let Some(done) = step.done else {
        let state = params! {
            refund, state: step.to.word(), detail, rule, reason, now, has_ended: !step.to.is_open(),
        };
        return Ok(tx.run(include_str!("sql/set_refund.sql"), state)? > 0);
    };
    let end = params! {
        refund,
        state: RefundState::Done.word(),
        detail,
        rule,
        reason,
        now,
        amount: done.amount.dollars(),
        method: done.method.word(),
    };
    tx.run(include_str!("sql/end_refund.sql"), end)?;
    Ok(true)
}

fn is_overtaken(tx: &Db, of: &Of<'_>) -> Result<bool, LedgerError> {
    let select = "SELECT revision <> :revision FROM order_state WHERE order_id = :order";
    tx.one(select, params! { revision: of.revision, order: of.order_id }, |row| Ok(row.at(0)?))
}

/// Writes a new attempt and what follows from it. None: the refund that it is a question about has ended.
pub(super) fn begin(tx: &Db, new: &NewAttempt, of: &Of<'_>) -> Result<Option<i64>, LedgerError> {
    let id = match &new.kind {
        NewKind::Call { api, together } => {
            let id = insert_call(tx, new, of.order_id)?;
            if *api == CardApi::Form {
                tx.run("INSERT INTO form_calls (attempt_id) VALUES (:attempt)", params! { attempt: id })?;
            }
            if let Some(refund) = new.refund {
                lead(tx, refund, together)?;
            }
            Some(id)
        }
        NewKind::Question { why, shown, restore } => {
            insert_question(tx, new, of.order_id, (&why.english(), *shown, *restore))?
        }
    };
    if let Some(id) = id {
        write(tx, &new.numbered(id), of)?;
    }
    Ok(id)
}

fn insert_call(tx: &Db, new: &NewAttempt, order_id: i64) -> Result<i64, LedgerError> {
    let values = params! {
        order: order_id,
        refund: new.refund,
        action: new.action.letter(),
        amount: new.amount.dollars(),
        trade_no: new.trade_no.as_str(),
        before: new.before.status.english(),
        before_net: new.before.net,
        at: ms(new.at),
    };
    tx.one(include_str!("sql/start_attempt.sql"), values, |row| Ok(row.at(0)?))
}

/// An attempt in review, so that a person settles it like any other. Nothing is sent for it.
fn insert_question(
    tx: &Db,
    new: &NewAttempt,
    order_id: i64,
    (why, shown, restore): (&str, Before, Option<i64>),
) -> Result<Option<i64>, LedgerError> {
    let values = params! {
        order: order_id,
        refund: new.refund,
        action: new.action.letter(),
        amount: new.amount.dollars(),
        trade_no: new.trade_no.as_str(),
        state: AttemptState::Review.word(),
        before: new.before.status.english(),
        before_net: new.before.net,
        at: ms(new.at),
        why,
        restore,
        shown: shown.status.english(),
        shown_net: shown.net,
    };
    Ok(tx.maybe(include_str!("sql/ask_about_refund.sql"), values, |row| row.at(0))?)
}

/// Those that end with the call which begins now, and no others. It goes its own way itself, whichever one it
/// was to end with before.
fn lead(tx: &Db, refund: i64, together: &[i64]) -> Result<(), LedgerError> {
    // What has ended with it keeps saying so.
    let loose = "UPDATE refunds SET led_by = NULL WHERE (led_by = :refund OR intent_id = :refund) AND is_open = 1";
    tx.run(loose, params! { refund })?;
    for led in together {
        let update = "UPDATE refunds SET led_by = :leader WHERE intent_id = :refund";
        tx.run(update, params! { refund: led, leader: refund })?;
    }
    Ok(())
}
