//! That the ledger was put back from a copy, written down where it is noticed.

use chrono::{DateTime, Utc};
use serde_json::json;

use super::db::{Db, params};
use super::times::ms;
use super::{LedgerError, events};
use crate::domain::event::EventKind;

/// Writes down that more may have happened than the ledger knows. Until an order has caught up with it, no
/// money moves on it.
pub(super) fn notice(connection: &Db, reason: &str, now: DateTime<Utc>) -> Result<(), LedgerError> {
    connection.together(|tx| {
        let what = params! { now: ms(now), reason };
        let id: i64 = tx.one(include_str!("sql/notice_restore.sql"), what, |row| row.at(0))?;
        let detail = json!({ "restore": id, "reason": reason });
        events::of_merchant(tx, None, now, EventKind::RestoreNoticed, detail)
    })
}
