//! What is still to be done about a ledger that was found to be restored from a copy.

use serde::Serialize;

use super::sql::{Sql as _, from_columns};
use super::{Ledger, LedgerError};

/// The newest notice that the ledger may be an older copy, and what is still to be done about it.
#[derive(Clone, Debug, Serialize)]
pub struct OlderCopy {
    pub noticed_at: String,
    pub reason: String,
    /// Unfinished orders on which no money moves yet.
    pub waiting_orders: i64,
    /// Orders with a refund or a void that nobody has claimed.
    pub unclaimed_orders: i64,
}

from_columns!(OlderCopy: noticed_at, reason, waiting_orders, unclaimed_orders);

impl Ledger {
    /// None: never noticed, or over and done with.
    pub fn older_copy(&self) -> Result<Option<OlderCopy>, LedgerError> {
        let db = self.reader();
        let select = "SELECT strftime('%Y-%m-%d %H:%M:%S', noticed_at / 1000 + 28800, 'unixepoch') AS noticed_at, reason,
                    (SELECT count(*) FROM order_state s WHERE s.next_at IS NOT NULL AND s.taken_over < t.id
                                                          AND s.authorized_at < ifnull(t.answered_at, 9e18)) AS waiting_orders,
                    (SELECT count(*) FROM order_state s WHERE s.unclaimed_amount > 0 OR s.unclaimed_void = 1) AS unclaimed_orders
               FROM takeovers t ORDER BY t.id DESC LIMIT 1";
        let newest: Option<OlderCopy> = db.maybe(select, [], |row| row.try_into())?;
        Ok(newest.filter(|n| n.waiting_orders > 0 || n.unclaimed_orders > 0))
    }
}
