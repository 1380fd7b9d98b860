//! Calls to the gateway by the hour, and the last answer of each service.

use chrono::{DateTime, Utc};

use super::db::{Db, params};
use super::times::ms;
use super::{LedgerError, Write};
use crate::domain::ids::MerchantId;
use crate::domain::traffic::{CallSum, hour_of};

/// Adds what was counted since the last time.
pub struct KeepTraffic {
    pub calls: Vec<CallCount>,
    pub answers: Vec<LastAnswer>,
}

pub struct CallCount {
    pub merchant_id: MerchantId,
    pub service: &'static str,
    pub hour: i64,
    pub call: &'static str,
    pub end: &'static str,
    pub sum: CallSum,
}

pub struct LastAnswer {
    pub merchant_id: MerchantId,
    pub service: &'static str,
    pub at: DateTime<Utc>,
    /// None: it told no time.
    pub skew_s: Option<i64>,
}

impl Write for KeepTraffic {
    type Out = ();

    fn apply(&self, tx: &Db) -> Result<(), LedgerError> {
        for CallCount { merchant_id, service, hour, call, end, sum } in &self.calls {
            let CallSum { calls, ms } = *sum;
            let count = params! {
                merchant: merchant_id.as_str(), service: *service, hour: *hour, call: *call, end: *end, calls, ms
            };
            tx.run(include_str!("sql/keep_calls.sql"), count)?;
        }
        for LastAnswer { merchant_id, service, at, skew_s } in &self.answers {
            let answer = params! { merchant: merchant_id.as_str(), service: *service, at: ms(*at), skew_s: *skew_s };
            tx.run(include_str!("sql/keep_answer.sql"), answer)?;
        }
        Ok(())
    }
}

/// How long they are kept.
const KEPT_HOURS: i64 = 90 * 24;

pub(super) fn forget_old(tx: &Db, now: DateTime<Utc>) -> Result<(), LedgerError> {
    tx.run(include_str!("sql/forget_calls.sql"), params! { before: hour_of(now) - KEPT_HOURS })?;
    Ok(())
}
