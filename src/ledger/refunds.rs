//! The state of a refund follows from what became of its attempts.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, params};
use serde_json::json;

use super::sql::Sql as _;
use super::{LedgerError, Write, events, ms};
use crate::domain::attempt::Verdict;

/// Sets an open refund's state. False when it has ended meanwhile or says the same already.
pub(super) fn set(
    tx: &Connection,
    refund: i64,
    state: &str,
    detail: &str,
    now: DateTime<Utc>,
) -> Result<bool, LedgerError> {
    let update = "UPDATE refunds SET state = ?2, detail = ?3, updated_at = ?4
          WHERE intent_id = ?1 AND state IN ('queued', 'running', 'waiting', 'review') AND (state <> ?2 OR detail <> ?3)";
    let changed = tx.run(update, params![refund, state, detail, ms(now)])?;
    Ok(changed > 0)
}

/// The same for those that it leads, which end with it.
pub(super) fn set_all(
    tx: &Connection,
    refund: i64,
    state: &str,
    detail: &str,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    set(tx, refund, state, detail, now)?;
    // One that may have been made with it stays out of the shop's reach until that is known.
    let state = if state == "review" { "running" } else { state };
    for led in led_by(tx, refund)? {
        set(tx, led, state, detail, now)?;
    }
    Ok(())
}

/// Those that end with the call which begins now, and no others. It goes its own way itself, whichever one it
/// was to end with before.
pub(super) fn lead(tx: &Connection, refund: i64, together: &[i64]) -> Result<(), LedgerError> {
    // What has ended with it keeps saying so.
    let loose = "UPDATE refunds SET led_by = NULL
                  WHERE (led_by = ?1 OR intent_id = ?1) AND state IN ('queued', 'running', 'waiting', 'review')";
    tx.run(loose, [refund])?;
    for led in together {
        tx.run("UPDATE refunds SET led_by = ?2 WHERE intent_id = ?1", params![led, refund])?;
    }
    Ok(())
}

fn led_by(tx: &Connection, refund: i64) -> Result<Vec<i64>, LedgerError> {
    let select = "SELECT intent_id FROM refunds WHERE led_by = ? AND state IN ('queued', 'running', 'waiting', 'review') ORDER BY intent_id";
    Ok(tx.all(select, [refund], |row| row.get(0))?)
}

/// What the verdict on one of its attempts means for a refund.
pub(super) fn follow(
    tx: &Connection,
    refund_id: i64,
    attempt_id: i64,
    action: &str,
    amount: i64,
    verdict: &Verdict,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    let (state, detail) = match (verdict, action) {
        (Verdict::Applied, "E") if deliberate!(CountsACallBackAsRefund) => {
            return done(tx, refund_id, attempt_id, "N", amount, now);
        }
        (Verdict::Applied, "R" | "N") => return done(tx, refund_id, attempt_id, action, amount, now),
        (Verdict::Applied, _) => ("running", "the capture was called back; abandoning the order next".to_owned()),
        (Verdict::Review { why }, _) => ("review", format!("attempt {attempt_id}: {why}")),
        (_, _) => ("waiting", format!("attempt {attempt_id} had no effect; planned anew")),
    };
    set_all(tx, refund_id, state, &detail, now)
}

/// It has ended, and those that it leads with it: each with its own amount, the one without an amount with the rest.
fn done(
    tx: &Connection,
    refund_id: i64,
    attempt_id: i64,
    action: &str,
    amount: i64,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    let led = if action == "N" { led_by(tx, refund_id)? } else { Vec::new() };
    if led.is_empty() {
        return one_done(tx, refund_id, attempt_id, action, amount, now);
    }
    let all = [&[refund_id], led.as_slice()].concat();
    let named = |id: i64| tx.one("SELECT amount FROM refund_intents WHERE id = ?", [id], |row| row.get(0));
    let named = all.iter().map(|id| named(*id)).collect::<Result<Vec<Option<i64>>, rusqlite::Error>>()?;
    let rest = amount - named.iter().flatten().sum::<i64>();
    for (id, named) in all.iter().zip(named) {
        one_done(tx, *id, attempt_id, action, named.unwrap_or(rest), now)?;
    }
    Ok(())
}

fn one_done(
    tx: &Connection,
    refund_id: i64,
    attempt_id: i64,
    action: &str,
    amount: i64,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    let update = "UPDATE refunds SET state = 'done', refunded_amount = ?1, updated_at = ?2, detail = ?3,
                method = CASE WHEN ?4 = 'R' THEN 'R'
                              WHEN EXISTS (SELECT 1 FROM attempts WHERE refund_id = ifnull(refunds.led_by, ?5) AND action = 'E' AND state = 'applied') THEN 'E+N'
                              ELSE 'N' END
          WHERE intent_id = ?5";
    tx.run(update, params![amount, ms(now), format!("attempt {attempt_id} took effect"), action, refund_id])?;
    let order_id: i64 =
        tx.one("SELECT order_id FROM refunds WHERE intent_id = ?", params![refund_id], |row| row.get(0))?;
    events::of_order(
        tx,
        order_id,
        now,
        "refund_done",
        json!({ "refund": refund_id, "amount": amount, "attempt": attempt_id }),
    )
}

/// A person declares that a refund told as done was undone at ECPay: what it gave back is left again.
pub struct VoidRefund {
    pub refund_id: i64,
    pub by: String,
    pub why: String,
    pub now: DateTime<Utc>,
}

impl Write for VoidRefund {
    /// The refunds that were undone: those that ended with one N are undone together.
    type Out = Vec<i64>;

    fn apply(&self, tx: &Connection) -> Result<Vec<i64>, LedgerError> {
        let refused = |why: String| Err(LedgerError::Refused(why));
        let id = self.refund_id;
        let select = "SELECT order_id, state, undone_by, ifnull(led_by, intent_id) FROM refunds WHERE intent_id = ?";
        let row: Option<(i64, String, Option<String>, i64)> = tx.maybe(select, [id], |row| row.try_into())?;
        let Some((order_id, state, undone_by, leader)) = row else {
            return refused(format!("there is no refund {id}"));
        };
        if let Some(before) = undone_by {
            return refused(format!("refund {id} was declared undone by {before} before"));
        }
        if state != "done" {
            return refused(format!("refund {id} is {state}, not done: only what was told as done can be undone"));
        }
        let select = "SELECT id FROM attempts WHERE refund_id = ? AND state = 'applied' AND action IN ('R', 'N') AND undone_at IS NULL";
        let Some(attempt) = tx.maybe(select, [leader], |row| row.get::<_, i64>(0))? else {
            return refused(format!("refund {id} is done, and no attempt of it took effect: the ledger is damaged"));
        };
        tx.run("UPDATE attempts SET undone_at = ? WHERE id = ?", params![ms(self.now), attempt])?;
        let update = "UPDATE refunds SET undone_at = ?1, undone_by = ?2, undone_why = ?3, updated_at = ?1
              WHERE state = 'done' AND (intent_id = ?4 OR led_by = ?4) RETURNING intent_id";
        let mut undone: Vec<i64> =
            tx.all(update, params![ms(self.now), &self.by, &self.why, leader], |row| row.get(0))?;
        undone.sort_unstable();
        // What is left is known again after a look.
        let update = "UPDATE order_state SET left_amount = NULL, next_at = 0, retry_at = NULL, revision = revision + 1 WHERE order_id = ?";
        tx.run(update, [order_id])?;
        let detail = json!({ "refund": leader, "attempt": attempt, "by": self.by, "why": self.why });
        events::of_order(tx, order_id, self.now, "refund_undone", detail)?;
        Ok(undone)
    }
}
