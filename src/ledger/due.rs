//! What is due, from an index on the time of the next step, in bounded batches.

use chrono::{DateTime, Utc};

use super::db::{Row, params};
use super::times::{from_ms, ms};
use super::{Ledger, LedgerError};
use crate::domain::ids::MerchantId;
use crate::domain::order::OrderState;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// The row of the order, or of the voucher order.
    pub id: i64,
    /// 0: a refund or an unanswered call is waiting for it; 1: a deadline; 2: a routine look.
    pub rank: u8,
    /// Its last looks have failed.
    pub failing: bool,
}

/// Rows that are not finished, as far as their age may have to be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfinished {
    /// Authorizations of between these times that no look has shown captured or ended.
    Uncaptured { from: DateTime<Utc>, to: DateTime<Utc> },
    /// Orders with a refund that has not ended.
    Refunds,
    /// Orders in this state that are still looked at.
    InState(OrderState),
}

/// One of them, and the place of the next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    pub order_id: i64,
    pub merchant_id: String,
    pub place: (i64, i64),
}

impl Ledger {
    /// The orders of a merchant that are due, at most `limit` of each rank of the failing ones and of the
    /// others: refunds, then deadlines, then routine looks, each by time.
    pub async fn due(&self, merchant: &MerchantId, now: DateTime<Utc>, limit: usize) -> Result<Vec<Due>, LedgerError> {
        self.ask(|db| {
            let limit = i64::try_from(limit).unwrap_or(i64::MAX);
            let what = params! { merchant: merchant.as_str(), now: ms(now), limit };
            let due = db.all(include_str!("sql/due_orders.sql"), what, |row| {
                Ok(Due { id: row.at(0)?, rank: row.at(1)?, failing: row.at(2)? })
            })?;
            Ok(due)
        })
        .await
    }

    /// The time of a merchant's next step; in the past when something is due.
    pub async fn next_due(&self, merchant: &MerchantId) -> Result<Option<DateTime<Utc>>, LedgerError> {
        self.ask(|db| {
            let what = params! { merchant: merchant.as_str() };
            let next: Option<i64> = db.one(include_str!("sql/next_due_order.sql"), what, |row| row.at(0))?;
            Ok(next.map(from_ms))
        })
        .await
    }

    /// Rows that are not finished, in pages: each goes on after the last one's place, the first after `(0, 0)`.
    pub async fn unfinished(
        &self,
        kind: Unfinished,
        after: (i64, i64),
        limit: i64,
    ) -> Result<Vec<Candidate>, LedgerError> {
        self.ask(|db| {
            let read = |row: &Row<'_>| {
                Ok(Candidate { order_id: row.at(1)?, merchant_id: row.at(2)?, place: (row.at(0)?, row.at(1)?) })
            };
            let rows = match kind {
                Unfinished::Uncaptured { from, to } => {
                    let page = params! {
                        from: ms(from), to: ms(to), after_time: after.0, after_order: after.1, limit,
                    };
                    db.all(include_str!("sql/unfinished_uncaptured.sql"), page, read)
                }
                Unfinished::Refunds => {
                    let page = params! { after_order: after.1, limit };
                    db.all(include_str!("sql/unfinished_refunds.sql"), page, read)
                }
                Unfinished::InState(state) => {
                    let page = params! { state: state.word(), after_order: after.1, limit };
                    db.all(include_str!("sql/unfinished_in_state.sql"), page, read)
                }
            };
            Ok(rows?)
        })
        .await
    }
}
