//! Alerts, open and closed.

use chrono::{DateTime, Utc};

use super::PageReader;
use crate::ledger::LedgerError;
use crate::ledger::db::{Json, Text, from_columns, params};
use crate::ledger::times::{from_ms, ms};

/// An alert, and what its order is worth.
#[derive(Clone, Debug)]
pub struct PageAlert {
    pub id: i64,
    pub kind: String,
    pub severity: String,
    pub stage: String,
    pub merchant_id: String,
    pub merchant_trade_no: Option<String>,
    /// As the shop registered it; none for the order itself.
    pub asked_trade_no: Option<String>,
    /// None: of a voucher order, a merchant, or the ledger.
    pub order_id: Option<i64>,
    pub message: Text,
    pub rule: String,
    pub reason: Option<Json>,
    raised_at: i64,
    pub acked_by: Option<String>,
    acked_at: Option<i64>,
    closed_at: Option<i64>,
    pub amount: Option<i64>,
    authorized_at: Option<i64>,
}

from_columns!(
    PageAlert:
    id, kind, severity, stage, merchant_id, merchant_trade_no, asked_trade_no, order_id, message, rule, reason,
    raised_at, acked_by, acked_at, closed_at, amount, authorized_at
);

impl PageAlert {
    pub fn raised_at(&self) -> DateTime<Utc> {
        from_ms(self.raised_at)
    }

    pub fn acked_at(&self) -> Option<DateTime<Utc>> {
        self.acked_at.map(from_ms)
    }

    pub fn closed_at(&self) -> Option<DateTime<Utc>> {
        self.closed_at.map(from_ms)
    }

    pub fn authorized_at(&self) -> Option<DateTime<Utc>> {
        self.authorized_at.map(from_ms)
    }
}

impl PageReader {
    /// How many are open, by severity.
    pub fn alert_counts(&self) -> Result<Vec<(String, i64)>, LedgerError> {
        Ok(self.0.all(include_str!("../sql/page_alert_counts.sql"), &[], |row| row.try_into())?)
    }

    /// The loudest first.
    pub fn open_alerts(&self, limit: i64) -> Result<Vec<PageAlert>, LedgerError> {
        Ok(self.0.all(include_str!("../sql/page_open_alerts.sql"), params! { limit }, |row| row.try_into())?)
    }

    /// Of one order, the loudest first: all that are open, and those closed of late.
    pub fn alerts_of_order(&self, order: i64) -> Result<Vec<PageAlert>, LedgerError> {
        let what = params! { order, scan: super::SCANNED };
        Ok(self.0.all(include_str!("../sql/page_alerts_of_order.sql"), what, |row| row.try_into())?)
    }

    /// Those closed since then, the newest first.
    pub fn closed_alerts(&self, since: DateTime<Utc>, limit: i64) -> Result<Vec<PageAlert>, LedgerError> {
        let what = params! { scan: super::SCANNED, since: ms(since), limit };
        Ok(self.0.all(include_str!("../sql/page_closed_alerts.sql"), what, |row| row.try_into())?)
    }
}
