//! The state of a refund follows from what became of its attempts.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, params};
use serde_json::json;

use super::sql::Sql as _;
use super::{LedgerError, events, ms};
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
    set(tx, refund_id, state, &detail, now)?;
    Ok(())
}

fn done(
    tx: &Connection,
    refund_id: i64,
    attempt_id: i64,
    action: &str,
    amount: i64,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    let update = "UPDATE refunds SET state = 'done', refunded_amount = ?1, updated_at = ?2, detail = ?3,
                method = CASE WHEN ?4 = 'R' THEN 'R'
                              WHEN EXISTS (SELECT 1 FROM attempts WHERE refund_id = ?5 AND action = 'E' AND state = 'applied') THEN 'E+N'
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
