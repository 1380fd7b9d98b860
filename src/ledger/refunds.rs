//! What a person says of refunds that have ended.

use chrono::{DateTime, Utc};

use super::alerts::{About, Subject};
use super::db::{Db, params};
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

    fn apply(&self, tx: &Db) -> Result<Vec<i64>, LedgerError> {
        let refused = |why: String| Err(LedgerError::Refused(why));
        let id = self.refund_id;
        let select =
            "SELECT order_id, state, undone_by, coalesce(led_by, intent_id) FROM refunds WHERE intent_id = :refund";
        let row: Option<(i64, String, Option<String>, i64)> =
            tx.maybe(select, params! { refund: id }, |row| row.try_into())?;
        let Some((order_id, state, undone_by, leader)) = row else {
            return refused(format!("there is no refund {id}"));
        };
        if let Some(before) = undone_by {
            return refused(format!("refund {id} was declared undone by {before} before"));
        }
        if state != "done" {
            return refused(format!("refund {id} is {state}, not done: only what was told as done can be undone"));
        }
        let effect = include_str!("sql/effect_of_refund.sql");
        let Some(attempt) = tx.maybe(effect, params! { refund: leader }, |row| row.at::<i64>(0))? else {
            return refused(format!("refund {id} is done, and no attempt of it took effect: the ledger is damaged"));
        };
        let update = "UPDATE attempts SET undone_at = :now WHERE id = :attempt";
        tx.run(update, params! { now: ms(self.now), attempt })?;
        let what = params! { now: ms(self.now), by: self.by, why: self.why, leader };
        let mut undone: Vec<i64> = tx.all(include_str!("sql/undo_refunds.sql"), what, |row| row.at(0))?;
        undone.sort_unstable();
        tx.run(include_str!("sql/undo_refunds_order.sql"), params! { order: order_id })?;
        let event = Event::RefundUndone { refund: leader, attempt, by: self.by.clone(), why: self.why.clone() };
        let number = "SELECT merchant_id, merchant_trade_no FROM orders WHERE id = :order";
        let (merchant, number): (String, String) = tx.one(number, params! { order: order_id }, |row| row.try_into())?;
        let order = Subject { merchant_id: &merchant, about: About::Order(order_id, &number) };
        events::of_order(tx, &order, self.now, &event)?;
        Ok(undone)
    }
}
