//! What a person says of refunds that have ended.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, params};

use super::sql::Sql as _;
use super::times::ms;
use super::{LedgerError, Write, events};
use crate::domain::event::Event;

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
        let event = Event::RefundUndone { refund: leader, attempt, by: self.by.clone(), why: self.why.clone() };
        events::of_order(tx, order_id, self.now, &event)?;
        Ok(undone)
    }
}
