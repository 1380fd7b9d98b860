//! What is authorized and not captured: the crowd as counts, and the orders whose limits come first.

use chrono::{DateTime, Utc};

use super::PageReader;
use crate::domain::calendar::{from_taipei, taipei_date};
use crate::ledger::LedgerError;
use crate::ledger::db::{Json, from_columns, params};
use crate::ledger::times::{from_ms, ms};

/// Authorized orders that have these in common.
#[derive(Clone, Debug)]
pub struct AuthorizedGroup {
    /// Full days since the authorization.
    pub age: i64,
    /// In so many days, by Taipei's calendar, the capture is foreseen.
    pub foreseen: Option<i64>,
    /// The shop holds the capture.
    pub held: bool,
    pub merchant_id: String,
    pub orders: i64,
    pub amount: i64,
}

from_columns!(AuthorizedGroup: age, foreseen, held, merchant_id, orders, amount);

/// An authorized order, and what is foreseen for it.
#[derive(Clone, Debug)]
pub struct AheadOrder {
    pub order_id: i64,
    pub merchant_id: String,
    pub merchant_trade_no: String,
    /// Empty for the order itself.
    pub asked_trade_no: String,
    pub amount: Option<i64>,
    authorized_at: i64,
    pub next_step: Option<String>,
    next_step_at: Option<i64>,
    pub rule: String,
    pub reason: Option<Json>,
    pub capture: String,
}

from_columns!(
    AheadOrder:
    order_id, merchant_id, merchant_trade_no, asked_trade_no, amount, authorized_at, next_step, next_step_at, rule,
    reason, capture
);

impl AheadOrder {
    pub fn authorized_at(&self) -> DateTime<Utc> {
        from_ms(self.authorized_at)
    }

    pub fn next_step_at(&self) -> Option<DateTime<Utc>> {
        self.next_step_at.map(from_ms)
    }

    /// Where the part that follows this one begins.
    pub fn place(&self) -> (i64, i64) {
        (self.authorized_at, self.order_id)
    }
}

impl PageReader {
    /// Of the oldest so many.
    pub fn authorized(&self, now: DateTime<Utc>, limit: i64) -> Result<Vec<AuthorizedGroup>, LedgerError> {
        let today = from_taipei(taipei_date(now).and_time(chrono::NaiveTime::MIN));
        let what = params! { now: ms(now), today: ms(today), limit };
        Ok(self.0.all(include_str!("../sql/page_authorized.sql"), what, |row| row.try_into())?)
    }

    /// The oldest authorizations behind a place, which is a time in milliseconds and an order.
    pub fn ahead(&self, (after_time, after_order): (i64, i64), limit: i64) -> Result<Vec<AheadOrder>, LedgerError> {
        let what = params! { after_time, after_order, limit };
        Ok(self.0.all(include_str!("../sql/page_ahead.sql"), what, |row| row.try_into())?)
    }
}
