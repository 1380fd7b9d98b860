//! What the ledger tells of the daemon's health.

use super::db::{Db, Error, Row, params};
use super::times::{from_ms, ms};
use super::{Ledger, LedgerError};
use crate::domain::delivery::FAILING;
use crate::domain::health::Vitals;
use chrono::{DateTime, Utc};

impl Ledger {
    /// Critical alerts that are open and that nobody has acknowledged.
    pub async fn unseen_critical(&self) -> Result<i64, LedgerError> {
        self.ask(|db| Ok(unseen_critical(db)?)).await
    }

    pub async fn vitals(&self, now: DateTime<Utc>) -> Result<Vitals, LedgerError> {
        let disk = self.disk();
        self.ask(|db| Ok(Vitals { disk, ..vitals(db, now)? })).await
    }
}

pub(super) fn unseen_critical(db: &Db) -> Result<i64, Error> {
    let select = "SELECT count(*) FROM alerts WHERE closed_at IS NULL AND acked_at IS NULL AND severity = 'critical'";
    db.one(select, &[], |row| row.at(0))
}

/// Without the disk.
pub(super) fn vitals(db: &Db, now: DateTime<Utc>) -> Result<Vitals, Error> {
    db.one(include_str!("sql/vitals.sql"), params! { now: ms(now), failing: i64::from(FAILING) }, read)
}

fn read(row: &Row<'_>) -> Result<Vitals, Error> {
    let time = |column: &str| Ok::<_, Error>(row.get::<Option<i64>>(column)?.map(from_ms));
    Ok(Vitals {
        started_at: time("started_at")?,
        stopped_at: time("stopped_at")?,
        passed_at: time("passed_at")?,
        disk: None,
        services_down: row.get("services_down")?,
        clocks_apart: row.get("clocks_apart")?,
        messages_stuck: row.get("messages_stuck")?,
        merchants_paused: row.get("merchants_paused")?,
        merchants_silent: row.get("merchants_silent")?,
    })
}
