//! The merchants, the daemon, and what fails.

use chrono::{DateTime, Utc};

use super::PageReader;
use crate::domain::service::Service;
use crate::ledger::db::{Json, Text, from_columns, params};
use crate::ledger::restores::Restore;
use crate::ledger::times::from_ms;
use crate::ledger::{LedgerError, PauseRow, pauses};

#[derive(Clone, Debug)]
pub struct PageMerchant {
    pub merchant_id: String,
    pub configured: bool,
    /// With its voucher service.
    pub vouchers: bool,
    silent_until: Option<i64>,
    voucher_silent_until: Option<i64>,
}

from_columns!(PageMerchant: merchant_id, configured, vouchers, silent_until, voucher_silent_until);

impl PageMerchant {
    /// The end of the silence that is not over.
    pub fn silent_until(&self, service: Service, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let until = match service {
            Service::Card => self.silent_until,
            Service::Voucher => self.voucher_silent_until,
        };
        until.map(from_ms).filter(|until| *until > now)
    }
}

/// Of the daemon that runs on this ledger, or ran last.
#[derive(Clone, Copy, Debug, Default)]
pub struct DaemonTimes {
    started_at: Option<i64>,
    stopped_at: Option<i64>,
}

from_columns!(DaemonTimes: started_at, stopped_at);

impl DaemonTimes {
    pub fn started_at(&self) -> Option<DateTime<Utc>> {
        self.started_at.map(from_ms)
    }

    pub fn stopped_at(&self) -> Option<DateTime<Utc>> {
        self.stopped_at.map(from_ms)
    }
}

/// When a service answered last, to the minute.
#[derive(Clone, Copy, Debug)]
pub struct AnswerSeen {
    at: i64,
    /// How far the gateway's clock was ahead of ours; none where it told no time.
    pub skew_s: Option<i64>,
}

from_columns!(AnswerSeen: at, skew_s);

impl AnswerSeen {
    pub fn at(&self) -> DateTime<Utc> {
        from_ms(self.at)
    }
}

/// How far ECPay's statements of a merchant were read.
#[derive(Clone, Debug)]
pub struct StatementsRead {
    /// The last day that one of them is about. None: none was read.
    pub read_to: Option<String>,
    /// Why the last fetch brought none.
    pub error: Option<Json>,
}

from_columns!(StatementsRead: read_to, error);

/// Calls of an hour that ended alike.
#[derive(Clone, Debug)]
pub struct CallsOfHour {
    pub hour: i64,
    pub outcome: String,
    pub calls: i64,
}

from_columns!(CallsOfHour: hour, outcome, calls);

/// An order whose looks fail.
#[derive(Clone, Debug)]
pub struct FailingOrder {
    pub merchant_trade_no: String,
    /// Empty for the order itself.
    pub asked_trade_no: String,
    pub last_error: Option<Text>,
    retry_at: Option<i64>,
}

from_columns!(FailingOrder: merchant_trade_no, asked_trade_no, last_error, retry_at);

impl FailingOrder {
    pub fn retry_at(&self) -> Option<DateTime<Utc>> {
        self.retry_at.map(from_ms)
    }
}

impl PageReader {
    pub fn merchants(&self) -> Result<Vec<PageMerchant>, LedgerError> {
        Ok(self.0.all(include_str!("../sql/page_merchants.sql"), &[], |row| row.try_into())?)
    }

    /// Those that are not over.
    pub fn pauses(&self, now: DateTime<Utc>) -> Result<Vec<PauseRow>, LedgerError> {
        pauses::rows(&self.0, now)
    }

    pub fn daemon(&self) -> Result<DaemonTimes, LedgerError> {
        let select = "SELECT started_at, stopped_at FROM daemon WHERE id = 1";
        Ok(self.0.maybe(select, &[], |row| row.try_into())?.unwrap_or_default())
    }

    /// None: never noticed, or over and done with.
    pub fn unfinished_restore(&self) -> Result<Option<Restore>, LedgerError> {
        Restore::unfinished(&self.0)
    }

    /// None: it has never answered.
    pub fn last_answer(&self, merchant: &str, service: Service) -> Result<Option<AnswerSeen>, LedgerError> {
        let what = params! { merchant, service: service.word() };
        Ok(self.0.maybe(include_str!("../sql/page_last_answer.sql"), what, |row| row.try_into())?)
    }

    pub fn statements_read(&self, merchant: &str) -> Result<StatementsRead, LedgerError> {
        Ok(self.0.one(include_str!("../sql/page_statement.sql"), params! { merchant }, |row| row.try_into())?)
    }

    /// Its calls from that hour on.
    pub fn calls(&self, merchant: &str, service: Service, since: i64) -> Result<Vec<CallsOfHour>, LedgerError> {
        let what = params! { merchant, service: service.word(), since };
        Ok(self.0.all(include_str!("../sql/page_calls.sql"), what, |row| row.try_into())?)
    }

    pub fn failing(&self, merchant: &str, limit: i64) -> Result<Vec<FailingOrder>, LedgerError> {
        let what = params! { merchant, limit };
        Ok(self.0.all(include_str!("../sql/page_failing.sql"), what, |row| row.try_into())?)
    }
}
