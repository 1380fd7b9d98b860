//! The state of a refund follows from what became of its attempts.

use chrono::{DateTime, Utc};
use serde_json::json;
use sqlx::SqliteConnection;

use super::{LedgerError, events, ms};
use crate::domain::attempt::Verdict;

/// Sets an open refund's state. False when it has ended meanwhile or says the same already.
pub(super) async fn set(
    tx: &mut SqliteConnection,
    refund: i64,
    state: &str,
    detail: &str,
    now: DateTime<Utc>,
) -> Result<bool, LedgerError> {
    let changed = sqlx::query(
        "UPDATE refunds SET state = ?2, detail = ?3, updated_at = ?4
          WHERE intent_id = ?1 AND state IN ('queued', 'running', 'waiting', 'review') AND (state <> ?2 OR detail <> ?3)",
    )
    .bind(refund)
    .bind(state)
    .bind(detail)
    .bind(ms(now))
    .execute(tx)
    .await?;
    Ok(changed.rows_affected() > 0)
}

/// What the verdict on one of its attempts means for a refund.
pub(super) async fn follow(
    tx: &mut SqliteConnection,
    refund_id: i64,
    attempt_id: i64,
    action: &str,
    amount: i64,
    verdict: &Verdict,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    let (state, detail) = match (verdict, action) {
        (Verdict::Applied, "E") if deliberate!(CountsACallBackAsRefund) => {
            return done(tx, refund_id, attempt_id, "N", amount, now).await;
        }
        (Verdict::Applied, "R" | "N") => return done(tx, refund_id, attempt_id, action, amount, now).await,
        (Verdict::Applied, _) => ("running", "the capture was called back; abandoning the order next".to_owned()),
        (Verdict::Review { why }, _) => ("review", format!("attempt {attempt_id}: {why}")),
        (_, _) => ("waiting", format!("attempt {attempt_id} had no effect; planned anew")),
    };
    set(tx, refund_id, state, &detail, now).await?;
    Ok(())
}

async fn done(
    tx: &mut SqliteConnection,
    refund_id: i64,
    attempt_id: i64,
    action: &str,
    amount: i64,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    sqlx::query(
        "UPDATE refunds SET state = 'done', refunded_amount = ?1, updated_at = ?2, detail = ?3,
                method = CASE WHEN ?4 = 'R' THEN 'R'
                              WHEN EXISTS (SELECT 1 FROM attempts WHERE refund_id = ?5 AND action = 'E' AND state = 'applied') THEN 'E+N'
                              ELSE 'N' END
          WHERE intent_id = ?5",
    )
    .bind(amount)
    .bind(ms(now))
    .bind(format!("attempt {attempt_id} took effect"))
    .bind(action)
    .bind(refund_id)
    .execute(&mut *tx)
    .await?;
    let order_id: i64 = sqlx::query_scalar("SELECT order_id FROM refunds WHERE intent_id = ?")
        .bind(refund_id)
        .fetch_one(&mut *tx)
        .await?;
    events::of_order(
        tx,
        order_id,
        now,
        "refund_done",
        json!({ "refund": refund_id, "amount": amount, "attempt": attempt_id }),
    )
    .await
}
