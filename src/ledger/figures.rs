//! What is counted in the ledger, for metrics: each a look into an index.

use chrono::{DateTime, Utc};

use super::db::{Db, Error, params};
use super::times::{from_ms, ms};
use super::views::Count;
use super::{Ledger, LedgerError};

#[derive(Clone, Debug, Default)]
pub struct Figures {
    pub orders: Vec<Count>,
    pub open_refunds: Vec<Count>,
    pub open_alerts: Vec<Count>,
    /// Calls whose outcome is not known yet.
    pub open_unknowns: i64,
    /// What is in no message yet, and messages that are not delivered yet.
    pub deliveries_waiting: i64,
    pub messages_pending: i64,
    /// The time of the unfinished row that has been due for longest.
    pub due_since: Option<DateTime<Utc>>,
    /// When the newest backup was begun. None: there was none yet.
    pub backed_up_at: Option<DateTime<Utc>>,
    /// Commits since the start, and how long they took together, in seconds.
    pub commits: (u64, f64),
}

impl Ledger {
    pub async fn figures(&self, now: DateTime<Utc>) -> Result<Figures, LedgerError> {
        let commits = self.writer.commits();
        self.ask(|db| Ok(Figures { commits, ..read(db, now)? })).await
    }
}

fn read(db: &Db, now: DateTime<Utc>) -> Result<Figures, Error> {
    let counts = |sql: &str| db.all(sql, &[], |row| -> Result<Count, Error> { row.try_into() });
    let number = |sql: &str| db.one(sql, &[], |row| -> Result<i64, Error> { row.at(0) });
    let due_since: Option<i64> =
        db.one(include_str!("sql/due_since.sql"), params! { now: ms(now) }, |row| -> Result<_, Error> { row.at(0) })?;
    let backed_up_at: Option<i64> =
        db.one("SELECT backed_up_at FROM daemon", &[], |row| -> Result<_, Error> { row.at(0) })?;
    Ok(Figures {
        orders: counts(include_str!("sql/count_orders.sql"))?,
        open_refunds: counts("SELECT state, count(*) AS count FROM refunds WHERE is_open = 1 GROUP BY state")?,
        open_alerts: counts(
            "SELECT severity AS state, count(*) AS count FROM alerts WHERE closed_at IS NULL GROUP BY severity",
        )?,
        open_unknowns: number("SELECT count(*) FROM attempts WHERE ended_at IS NULL AND state = 'unknown'")?,
        deliveries_waiting: number(include_str!("sql/count_deliveries.sql"))?,
        messages_pending: number(include_str!("sql/count_messages.sql"))?,
        due_since: due_since.map(from_ms),
        backed_up_at: backed_up_at.map(from_ms),
        commits: (0, 0.0),
    })
}
