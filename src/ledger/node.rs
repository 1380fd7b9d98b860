//! The daemon itself: its start, its end, and the clock that it runs by.

use chrono::{DateTime, Utc};
use serde_json::json;

use super::db::{Db, params};
use super::times::ms;
use super::{LedgerError, Write, events, pauses};
use crate::domain::event::EventKind;

/// A start, whichever merchants it takes.
pub struct DaemonStarted {
    /// When it differs from the last start's, every unfinished order is planned anew.
    pub settings_fingerprint: String,
    /// As taking the merchants has found them.
    pub open_attempts: usize,
    pub now: DateTime<Utc>,
}

impl Write for DaemonStarted {
    /// How many orders are planned anew.
    type Out = usize;

    fn apply(&self, tx: &Db) -> Result<usize, LedgerError> {
        clock_seen(tx, self.now)?;
        let before: String = tx.one("SELECT settings FROM daemon", &[], |row| row.at(0))?;
        let planned_anew = if before == self.settings_fingerprint || before.is_empty() {
            0
        } else {
            let now = params! { now: ms(self.now) };
            tx.run(include_str!("sql/plan_vouchers_anew.sql"), now)?;
            tx.run(include_str!("sql/plan_orders_anew.sql"), now)?
        };
        tx.run(
            "UPDATE daemon SET settings = :settings, started_at = :now, stopped_at = NULL",
            params! { settings: self.settings_fingerprint, now: ms(self.now) },
        )?;
        let detail = json!({ "version": env!("CARGO_PKG_VERSION"), "open_attempts": self.open_attempts });
        events::of_merchant(tx, None, self.now, EventKind::DaemonStarted, detail)?;
        Ok(planned_anew)
    }
}

/// The daemon leaves; nothing is in flight.
pub struct DaemonStopped {
    pub now: DateTime<Utc>,
}

impl Write for DaemonStopped {
    type Out = ();

    fn apply(&self, tx: &Db) -> Result<(), LedgerError> {
        tx.run("UPDATE daemon SET stopped_at = :now", params! { now: ms(self.now) })?;
        events::of_merchant(tx, None, self.now, EventKind::DaemonStopped, json!({}))
    }
}

/// Notes the time, and wakes everything when the clock has been set back since: next steps that
/// were computed by a clock running ahead would be slept through.
pub struct ClockSeen {
    pub now: DateTime<Utc>,
    /// Every lane has made a pass of late.
    pub passed: bool,
}

/// Less is how clocks are kept; more is a clock that was set.
const SET_BACK_MS: i64 = 60_000;

impl Write for ClockSeen {
    /// Above 0: something became due.
    type Out = usize;

    fn apply(&self, tx: &Db) -> Result<usize, LedgerError> {
        if self.passed {
            tx.run("UPDATE daemon SET passed_at = :now", params! { now: ms(self.now) })?;
        }
        let over = pauses::end_over(tx, self.now)?;
        Ok(clock_seen(tx, self.now)? + over)
    }
}

fn clock_seen(tx: &Db, now: DateTime<Utc>) -> Result<usize, LedgerError> {
    let before: Option<i64> = tx.one("SELECT clock_at FROM daemon", &[], |row| row.at(0))?;
    tx.run("UPDATE daemon SET clock_at = :now", params! { now: ms(now) })?;
    if before.is_none_or(|before| before <= ms(now) + SET_BACK_MS) {
        return Ok(0);
    }
    tx.run("UPDATE voucher_state SET next_at = 0, retry_at = NULL WHERE next_at > 0", &[])?;
    let woken = tx.run("UPDATE order_state SET next_at = 0, retry_at = NULL WHERE next_at > 0", &[])?;
    events::of_merchant(tx, None, now, EventKind::ClockSetBack, json!({ "woken": woken }))?;
    Ok(woken)
}
