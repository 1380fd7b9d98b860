//! The shops' own connection to the ledger.

use std::path::Path;
use std::time::Duration as StdDuration;

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension as _, Params, Result, Row};

/// It answers in the thread that asks: a statement is done when the call returns, whatever becomes
/// of the daemon meanwhile, and the way to another thread would cost more than most answers.
pub struct Db(Connection);

impl Db {
    pub fn open(ledger: &Path) -> Self {
        let db = Connection::open(ledger).expect("the ledger");
        db.busy_timeout(StdDuration::from_secs(10)).expect("a time");
        Self(db)
    }

    /// A connection to nothing, for while the file is changed.
    pub fn nowhere() -> Self {
        Self(Connection::open_in_memory().expect("memory"))
    }

    pub fn write(&self, sql: &str, params: impl Params) -> Result<()> {
        self.0.prepare_cached(sql)?.execute(params).map(|_| ())
    }

    /// Rows that the last write changed.
    pub fn changed(&self) -> u64 {
        self.0.changes()
    }

    pub fn rows<T>(&self, sql: &str, params: impl Params, read: impl FnMut(&Row<'_>) -> Result<T>) -> Vec<T> {
        let mut rows = self.0.prepare_cached(sql).expect("a good statement");
        rows.query_map(params, read).expect("the ledger").collect::<Result<_>>().expect("good rows")
    }

    pub fn first<T>(&self, sql: &str, params: impl Params, read: impl FnOnce(&Row<'_>) -> Result<T>) -> Option<T> {
        let mut first = self.0.prepare_cached(sql).expect("a good statement");
        first.query_row(params, read).optional().expect("the ledger")
    }

    /// The one value of a row that is always there.
    pub fn value<T: rusqlite::types::FromSql>(&self, sql: &str, params: impl Params) -> T {
        self.first(sql, params, |row| row.get(0)).expect("a row")
    }
}

/// A moment in a column of milliseconds.
pub fn time(row: &Row<'_>, column: &str) -> Result<Option<DateTime<Utc>>> {
    Ok(row.get::<_, Option<i64>>(column)?.map(|ms| DateTime::from_timestamp_millis(ms).expect("a time")))
}
