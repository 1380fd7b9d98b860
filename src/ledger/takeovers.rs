//! A ledger that was restored from an older copy: when that was noticed, what each order was
//! found to have gone through meanwhile, and whose it was.

use chrono::{DateTime, Utc};
use serde_json::json;

use super::db::{Db, params};
use super::times::ms;
use super::{LedgerError, events};
use crate::domain::event::EventKind;

/// Writes down that more may have happened than the ledger knows. Until an order is taken
/// over after this, no money moves on it.
pub(super) fn notice(connection: &Db, reason: &str, now: DateTime<Utc>) -> Result<(), LedgerError> {
    connection.together(|tx| {
        let what = params! { now: ms(now), reason };
        let id: i64 = tx.one(include_str!("sql/notice_takeover.sql"), what, |row| row.at(0))?;
        let detail = json!({ "takeover": id, "reason": reason });
        events::of_merchant(tx, None, now, EventKind::OlderLedgerNoticed, detail)
    })
}
