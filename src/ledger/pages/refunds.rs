//! Refunds, open and ended.

use super::orders::full;
use super::{PageReader, Part, SCANNED};
use chrono::{DateTime, Utc};

use crate::ledger::LedgerError;
use crate::ledger::db::{from_columns, params};
use crate::ledger::times::from_ms;
use crate::ledger::views::RefundStatus;

/// What a shop has noted for a refund.
#[derive(Clone, Debug)]
pub struct AllowanceNoted {
    pub refund_id: i64,
    pub allowance_no: String,
    pub amount: i64,
    pub canceled: bool,
    noted_at: i64,
}

from_columns!(AllowanceNoted: refund_id, allowance_no, amount, canceled, noted_at);

impl AllowanceNoted {
    pub fn noted_at(&self) -> DateTime<Utc> {
        from_ms(self.noted_at)
    }
}

impl PageReader {
    /// Refunds that have not ended, oldest first.
    pub fn open_refunds(&self, limit: i64) -> Result<Vec<RefundStatus>, LedgerError> {
        Ok(self.0.all(include_str!("../sql/open_refunds.sql"), params! { limit }, |row| row.try_into())?)
    }

    /// Those of an order's refunds.
    pub fn allowances_of(&self, order: i64) -> Result<Vec<AllowanceNoted>, LedgerError> {
        Ok(self.0.all(include_str!("../sql/page_allowances_of.sql"), params! { order }, |row| row.try_into())?)
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
