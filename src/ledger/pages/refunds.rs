//! Refunds, open and ended.

use super::orders::full;
use super::{PageReader, Part, SCANNED};
use crate::ledger::LedgerError;
use crate::ledger::db::params;
use crate::ledger::views::RefundStatus;

impl PageReader {
    /// Refunds that have not ended, oldest first.
    pub fn open_refunds(&self, limit: i64) -> Result<Vec<RefundStatus>, LedgerError> {
        Ok(self.0.all(include_str!("../sql/open_refunds.sql"), params! { limit }, |row| row.try_into())?)
    }

    /// How many refunds and alerts are open.
    pub fn open_counts(&self) -> Result<(i64, i64), LedgerError> {
        self.0.one(include_str!("../sql/open_counts.sql"), &[], |row| Ok(row.try_into()?))
    }

    /// Newest first, behind the refund with this number; of one state, or of all.
    pub fn ended_refunds(
        &self,
        state: Option<&str>,
        after: i64,
        limit: i64,
    ) -> Result<Part<RefundStatus>, LedgerError> {
        let page = params! { after, state, scan: SCANNED, limit };
        let rows: Vec<RefundStatus> =
            self.0.all(include_str!("../sql/page_ended_refunds.sql"), page, |row| row.try_into())?;
        if full(rows.len(), limit) {
            return Ok(Part { next: rows.last().map(|r| r.id), rows });
        }
        let scanned = params! { after, scan: SCANNED };
        let (refunds, last): (i64, i64) =
            self.0.one(include_str!("../sql/page_refunds_scanned.sql"), scanned, |row| row.try_into())?;
        Ok(Part { rows, next: (refunds == SCANNED).then_some(last) })
    }
}
