//! The steps of attempts and refunds, as `domain::record` has decided them.

use rusqlite::{Connection, named_params, params};

use super::alerts::{self, Raised, Subject};
use super::sql::Sql as _;
use super::times::ms;
use super::{LedgerError, events};
use crate::domain::attempt::{AttemptState, Before};
use crate::domain::record::{AttemptChange, AttemptStep, NewAttempt, NewKind, RefundStep, Steps};
use crate::domain::refund::RefundState;

/// On whose behalf steps are written, and when.
pub(super) struct Of<'a> {
    pub order_id: i64,
    pub subject: Subject<'a>,
    pub now: chrono::DateTime<chrono::Utc>,
    /// The revision that the steps were decided from.
    pub revision: i64,
}

/// [`LedgerError::Stale`] when an attempt has taken another step since this one was decided.
pub(super) fn check(tx: &Connection, steps: &Steps) -> Result<(), LedgerError> {
    for step in &steps.attempts {
        let state: String = tx.one("SELECT state FROM attempts WHERE id = ?", [step.id], |row| row.get(0))?;
        if state != step.from.word() {
            return Err(LedgerError::Stale);
        }
    }
    Ok(())
}

/// Writes the steps. The alerts that were raised by them, for the log.
pub(super) fn write(tx: &Connection, steps: &Steps, of: &Of<'_>) -> Result<Vec<Raised>, LedgerError> {
    for step in &steps.attempts {
        attempt(tx, step)?;
    }
    if !steps.claimed.is_nothing() {
        let update = "UPDATE order_state SET unclaimed_void = CASE WHEN ?3 = 1 THEN 0 ELSE unclaimed_void END,
                    unclaimed_amount = CASE WHEN unclaimed_amount > ?2 THEN unclaimed_amount - ?2 ELSE 0 END
              WHERE order_id = ?1 AND (unclaimed_amount > 0 OR unclaimed_void = 1)";
        tx.run(update, params![of.order_id, steps.claimed.amount.dollars(), steps.claimed.void])?;
    }
    if steps.answered {
        let update = "UPDATE order_state SET money_calls_403 = 0 WHERE order_id = ? AND money_calls_403 > 0";
        tx.run(update, params![of.order_id])?;
    }
    for event in &steps.events {
        events::of_order(tx, of.order_id, of.now, event)?;
    }
    let mut raised = Vec::new();
    for step in &steps.refunds {
        raised.extend(refund(tx, step, of)?);
    }
    Ok(raised)
}

fn attempt(tx: &Connection, step: &AttemptStep) -> Result<(), LedgerError> {
    let (id, at) = (step.id, ms(step.at));
    match &step.what {
        AttemptChange::AbsentOnce { seen_at } => {
            tx.run("UPDATE attempts SET first_absence_at = ? WHERE id = ?", params![ms(*seen_at), id])?
        }
        AttemptChange::Answered { to, code, text } => tx.run(
            "UPDATE attempts SET state = ?, code = ?, text = ?, finished_at = ? WHERE id = ?",
            params![to.word(), code, text, at, id],
        )?,
        AttemptChange::Settled { to, by } => tx.run(
            "UPDATE attempts SET state = ?, finished_at = ?, resolved_by = ? WHERE id = ?",
            params![to.word(), at, by, id],
        )?,
        AttemptChange::InReview { why, shown, asked } => {
            let (status, net) = columns(*shown);
            let update = "UPDATE attempts SET state = :state, finished_at = :at, text = :why, resolved_by = NULL, asked = :asked,
                        reviewed_status = :status, reviewed_net = :net
                  WHERE id = :id";
            let state = AttemptState::Review.word();
            tx.run(
                update,
                named_params! { ":id": id, ":state": state, ":at": at, ":why": why.english(), ":asked": asked, ":status": status, ":net": net },
            )?
        }
    };
    Ok(())
}

fn columns(shown: Option<Before>) -> (Option<&'static str>, Option<i64>) {
    shown.map(|shown| (shown.status.english(), shown.net)).unzip()
}

fn refund(tx: &Connection, step: &RefundStep, of: &Of<'_>) -> Result<Option<Raised>, LedgerError> {
    if step.yields_to_the_shop() && is_overtaken(tx, of)? {
        return Ok(None);
    }
    if !set_refund(tx, step, of)? {
        return Ok(None);
    }
    if let Some(event) = &step.event {
        events::of_order(tx, of.order_id, of.now, event)?;
    }
    match &step.alert {
        Some(alert) => alerts::raise(tx, &of.subject, alert, of.now),
        None => Ok(None),
    }
}

/// False when it has ended meanwhile, or says the same already.
fn set_refund(tx: &Connection, step: &RefundStep, of: &Of<'_>) -> Result<bool, LedgerError> {
    let Some(done) = step.done else {
        let update =
            "UPDATE refunds SET state = ?2, detail = ?3, updated_at = ?4, ended_at = CASE WHEN ?5 = 1 THEN ?4 END
              WHERE intent_id = ?1 AND is_open = 1 AND (state <> ?2 OR detail <> ?3)";
        let values = params![step.id, step.to.word(), step.detail(), ms(of.now), !step.to.is_open()];
        return Ok(tx.run(update, values)? > 0);
    };
    // One that has ended meanwhile is no longer ours to end: the ledger's triggers refuse it, and say so.
    let update = "UPDATE refunds SET state = ?2, detail = ?3, updated_at = ?4, ended_at = ?4, refunded_amount = ?5, method = ?6 WHERE intent_id = ?1";
    let (amount, method) = (done.amount.dollars(), done.method.word());
    tx.run(update, params![step.id, RefundState::Done.word(), step.detail(), ms(of.now), amount, method])?;
    Ok(true)
}

fn is_overtaken(tx: &Connection, of: &Of<'_>) -> Result<bool, LedgerError> {
    let select = "SELECT revision <> ? FROM order_state WHERE order_id = ?";
    tx.one(select, params![of.revision, of.order_id], |row| Ok(row.get(0)?))
}

/// Writes a new attempt and what follows from it. None: the refund that it is a question about has ended.
pub(super) fn begin(tx: &Connection, new: &NewAttempt, of: &Of<'_>) -> Result<Option<i64>, LedgerError> {
    let id = match &new.kind {
        NewKind::Call { together } => {
            let id = insert_call(tx, new, of.order_id)?;
            if let Some(refund) = new.refund {
                lead(tx, refund, together)?;
            }
            Some(id)
        }
        NewKind::Question { why, shown, takeover } => {
            insert_question(tx, new, of.order_id, (&why.english(), *shown, *takeover))?
        }
    };
    if let Some(id) = id {
        write(tx, &new.numbered(id), of)?;
    }
    Ok(id)
}

fn insert_call(tx: &Connection, new: &NewAttempt, order_id: i64) -> Result<i64, LedgerError> {
    let insert =
        "INSERT INTO attempts (order_id, refund_id, action, amount, trade_no, before_status, before_net, started_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING id";
    let (status, net) = (new.before.status.english(), new.before.net);
    let trade_no = new.trade_no.as_str();
    let values =
        params![order_id, new.refund, new.action.letter(), new.amount.dollars(), trade_no, status, net, ms(new.at)];
    tx.one(insert, values, |row| Ok(row.get(0)?))
}

/// An attempt in review, so that a person settles it like any other. Nothing is sent for it.
fn insert_question(
    tx: &Connection,
    new: &NewAttempt,
    order_id: i64,
    (why, shown, takeover): (&str, Before, Option<i64>),
) -> Result<Option<i64>, LedgerError> {
    // The shop may have canceled it meanwhile.
    let insert = "INSERT INTO attempts (order_id, refund_id, action, amount, trade_no, state, before_status, before_net, started_at, finished_at, text, asked, reviewed_status, reviewed_net, sent)
         SELECT :order, intent_id, :action, :amount, :trade_no, :state, :before, :before_net, :at, :at, :why, :takeover, :shown, :shown_net, 0
           FROM refunds WHERE intent_id = :refund AND is_open = 1 RETURNING id";
    let values = named_params! {
        ":order": order_id, ":refund": new.refund, ":action": new.action.letter(), ":amount": new.amount.dollars(),
        ":trade_no": new.trade_no.as_str(), ":state": AttemptState::Review.word(),
        ":before": new.before.status.english(), ":before_net": new.before.net, ":at": ms(new.at), ":why": why,
        ":takeover": takeover, ":shown": shown.status.english(), ":shown_net": shown.net,
    };
    Ok(tx.maybe(insert, values, |row| row.get(0))?)
}

/// Those that end with the call which begins now, and no others. It goes its own way itself, whichever one it
/// was to end with before.
fn lead(tx: &Connection, refund: i64, together: &[i64]) -> Result<(), LedgerError> {
    // What has ended with it keeps saying so.
    let loose = "UPDATE refunds SET led_by = NULL
                  WHERE (led_by = ?1 OR intent_id = ?1) AND is_open = 1";
    tx.run(loose, [refund])?;
    for led in together {
        tx.run("UPDATE refunds SET led_by = ?2 WHERE intent_id = ?1", params![led, refund])?;
    }
    Ok(())
}
