//! What is still to be done about a ledger that was put back from a copy.

use serde::Serialize;

use super::db::{Db, from_columns};
use super::{Ledger, LedgerError};

/// The newest restore, and what is still to be done about it.
#[derive(Clone, Debug, Serialize)]
pub struct Restore {
    pub noticed_at: String,
    pub reason: String,
    /// Unfinished orders on which no money moves yet.
    pub waiting_orders: i64,
    /// Orders with a refund or a void that nobody has claimed.
    pub unclaimed_orders: i64,
}

from_columns!(Restore: noticed_at, reason, waiting_orders, unclaimed_orders);

impl Ledger {
    /// None: never noticed, or over and done with.
    pub async fn unfinished_restore(&self) -> Result<Option<Restore>, LedgerError> {
        self.ask(Restore::unfinished).await
    }
}

impl Restore {
    pub(super) fn unfinished(db: &Db) -> Result<Option<Self>, LedgerError> {
        let newest: Option<Self> = db.maybe(include_str!("sql/restore.sql"), &[], |row| row.try_into())?;
        Ok(newest.filter(|n| n.waiting_orders > 0 || n.unclaimed_orders > 0))
    }
}
