//! Who is told, and what of it has arrived.

use chrono::{DateTime, Utc};

use super::PageReader;
use crate::ledger::LedgerError;
use crate::ledger::db::{Text, from_columns, params};
use crate::ledger::times::from_ms;

/// An alert on its way through a channel.
#[derive(Clone, Debug)]
pub struct AlertDelivery {
    pub channel: String,
    /// In no message yet.
    pub waits: bool,
    pub tries: i64,
    next_at: Option<i64>,
    sent_at: Option<i64>,
    given_up_at: Option<i64>,
    pub last_error: Option<Text>,
}

from_columns!(AlertDelivery: channel, waits, tries, next_at, sent_at, given_up_at, last_error);

impl AlertDelivery {
    pub fn next_at(&self) -> Option<DateTime<Utc>> {
        self.next_at.map(from_ms)
    }

    pub fn sent_at(&self) -> Option<DateTime<Utc>> {
        self.sent_at.map(from_ms)
    }

    pub fn given_up_at(&self) -> Option<DateTime<Utc>> {
        self.given_up_at.map(from_ms)
    }
}

/// A channel of the settings.
#[derive(Clone, Debug)]
pub struct PageChannel {
    pub name: String,
    /// `alerts` or `events`.
    pub what: String,
    /// Told singly from this severity on: 0 notice, 1 warning, 2 critical.
    pub least: i64,
    sent_at: Option<i64>,
    /// Messages that are not delivered yet.
    pub pending: i64,
    /// What is in no message yet.
    pub waiting: i64,
    next_at: Option<i64>,
    /// Of the message that fails.
    pub last_error: Option<Text>,
}

from_columns!(PageChannel: name, what, least, sent_at, pending, waiting, next_at, last_error);

impl PageChannel {
    pub fn sent_at(&self) -> Option<DateTime<Utc>> {
        self.sent_at.map(from_ms)
    }

    pub fn next_at(&self) -> Option<DateTime<Utc>> {
        self.next_at.map(from_ms)
    }
}

impl PageReader {
    /// By channel, the newest last.
    pub fn told(&self, alert: i64) -> Result<Vec<AlertDelivery>, LedgerError> {
        Ok(self.0.all(include_str!("../sql/page_told.sql"), params! { alert }, |row| row.try_into())?)
    }

    pub fn channels(&self) -> Result<Vec<PageChannel>, LedgerError> {
        Ok(self
            .0
            .all(include_str!("../sql/page_channels.sql"), params! { scan: super::SCANNED }, |row| row.try_into())?)
    }
}
