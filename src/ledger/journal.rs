//! The books: movements of money, each written once; and the sums of their days, which no money waits for.

use chrono::{DateTime, Utc};

use super::db::{Db, params};
use super::times::ms;
use super::{LedgerError, Write};
use crate::domain::record::Change;

/// Behind the order's row: a trigger lets in what brings the journal nearer to it.
pub(super) fn write(
    tx: &Db,
    order_id: i64,
    merchant_id: &str,
    change: &Change,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    for claim in &change.claims {
        let claimed = params! { movement: claim.movement, attempt: claim.attempt, refund: claim.refund, now: ms(now) };
        tx.run(include_str!("sql/claim_movement.sql"), claimed)?;
    }
    for m in &change.movements {
        let day = m.day().to_string();
        let movement = params! {
            order: order_id, merchant: merchant_id, day, at: ms(m.at), kind: m.kind.word(), amount: m.amount, by: m.by.word(),
            attempt: m.attempt, refund: m.refund, gateway_at: m.gateway_at.map(ms), fee: m.fee_milli,
        };
        tx.run(include_str!("sql/book_movement.sql"), movement)?;
    }
    Ok(())
}

/// Adds movements up by their days, once there are so many. Until then whoever reads takes them one by one.
pub struct SumDays {
    pub at_least: i64,
    /// In one transaction, beside which no other write waits for long.
    pub at_most: i64,
}

impl Default for SumDays {
    fn default() -> Self {
        Self { at_least: 500, at_most: 1000 }
    }
}

impl Write for SumDays {
    /// Whether there were.
    type Out = bool;

    fn apply(&self, tx: &Db) -> Result<bool, LedgerError> {
        let newest = "SELECT summed_to, coalesce((SELECT max(id) FROM journal), 0) FROM daemon";
        let (after, newest): (i64, i64) = tx.one(newest, &[], |row| row.try_into())?;
        if newest - after < self.at_least.max(1) {
            return Ok(false);
        }
        let up_to = newest.min(after + self.at_most.max(1));
        tx.run(include_str!("sql/list_days.sql"), params! { after, up_to })?;
        tx.run(include_str!("sql/add_up_days.sql"), params! { after, up_to })?;
        tx.run("UPDATE daemon SET summed_to = :up_to", params! { up_to })?;
        Ok(true)
    }
}
