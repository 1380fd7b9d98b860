//! A ledger as somebody sees it who only looks: no file is made, nothing is written, nobody is held up.

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use super::LedgerError;
use super::db::{Db, Error, Json, Row, params};
use super::health;
use super::sqlite::still::{self, Still};
use super::sqlite::{mounts, open, shipped};
use super::times::from_ms;
use crate::domain::alert::{AlertKind, Severity};
use crate::domain::health::Vitals;
use crate::domain::ids::{MerchantId, MerchantTradeNo};
use crate::domain::language::Language;
use crate::domain::probe::Entry;
use crate::domain::reason::Reason;
use crate::domain::service::Service;

pub use super::storage::disk;

/// `SELECT version FROM contract`, as this ecpayd keeps it.
pub const CONTRACT: i64 = 1;

pub struct Inspection {
    still: Still,
    path: PathBuf,
}

/// How the schema differs from the one that was shipped.
pub struct Altered {
    /// A thing each; none: it does not.
    pub what: Vec<String>,
    /// The start of the daemon writes a script that puts it right, here.
    pub script: Option<PathBuf>,
}

/// A merchant's calls that rest after HTTP 403.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resting {
    pub merchant_id: String,
    pub service: Service,
    pub until: DateTime<Utc>,
}

/// A merchant's service, as the daemon's calls have shown it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceSeen {
    pub merchant_id: String,
    pub service: Service,
    /// The end of the silence that is not over.
    pub silent_until: Option<DateTime<Utc>>,
    pub answered_at: Option<DateTime<Utc>>,
    /// The gateway's clock less ours, in that answer. None: it had no time.
    pub skew_s: Option<i64>,
    pub troubles: Vec<Trouble>,
}

/// An open alert about a service as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    pub kind: AlertKind,
    pub severity: Severity,
    pub reason: Option<Reason>,
    /// The same in English, for a reason that this version does not know.
    pub message: String,
}

impl Trouble {
    pub fn sentence(&self, language: Language) -> String {
        self.reason.as_ref().map_or_else(|| self.message.clone(), |reason| reason.sentence(language))
    }
}

/// How many alerts are open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AlertsOpen {
    pub all: i64,
    /// Critical ones that nobody has acknowledged.
    pub unseen_critical: i64,
}

impl Inspection {
    /// Of a ledger of this version. Where there is none, or it is another thing, the error says so.
    pub fn open(path: &Path) -> Result<Self, LedgerError> {
        let path = open::real(path);
        Ok(Self { still: still::open(&path)?, path })
    }

    /// Of the ledger that this process has open for writing.
    pub fn beside_the_writer(path: &Path) -> Result<Self, LedgerError> {
        let path = open::real(path);
        Ok(Self { still: still::beside_the_writer(&path)?, path })
    }

    pub fn db(&self) -> &Db {
        &self.still.db
    }

    /// False: what was written last is in a log that cannot be read without making a file.
    pub fn is_whole(&self) -> bool {
        self.still.is_whole
    }

    /// What it said may not belong together, since somebody has opened the ledger meanwhile: look again.
    pub fn was_overtaken(&self) -> bool {
        self.still.was_overtaken()
    }

    pub fn contract(&self) -> Result<i64, LedgerError> {
        Ok(self.still.db.one("SELECT version FROM contract", &[], |row| row.at(0))?)
    }

    pub fn altered(&self) -> Result<Altered, LedgerError> {
        let (what, can_be_mended) = shipped::compared(&self.still.db)?;
        Ok(Altered { what, script: can_be_mended.then(|| shipped::script(&self.path)) })
    }

    /// What SQLite finds damaged; none: nothing.
    pub fn damage(&self) -> Result<Vec<String>, LedgerError> {
        let found: Vec<String> = self.still.db.all("PRAGMA quick_check(5)", &[], |row| row.at(0))?;
        Ok(found.into_iter().filter(|line| line != "ok").collect())
    }

    pub fn vitals(&self, now: DateTime<Utc>) -> Result<Vitals, LedgerError> {
        Ok(health::vitals(&self.still.db, now)?)
    }

    pub fn alerts(&self) -> Result<AlertsOpen, LedgerError> {
        let all =
            self.still.db.one("SELECT count(*) FROM alerts WHERE closed_at IS NULL", &[], |row: &Row<'_>| row.at(0));
        Ok(AlertsOpen { all: all?, unseen_critical: health::unseen_critical(&self.still.db)? })
    }

    /// Whose calls rest now.
    pub fn resting(&self, now: DateTime<Utc>) -> Result<Vec<Resting>, LedgerError> {
        let select = "SELECT merchant_id, silent_until, voucher_silent_until FROM merchants";
        let rows: Vec<(String, Option<i64>, Option<i64>)> = self.still.db.all(select, &[], |row| row.try_into())?;
        let resting = rows.into_iter().flat_map(|(merchant_id, card, voucher)| {
            [(Service::Card, card), (Service::Voucher, voucher)].map(|(service, until)| {
                until.map(|until| Resting { merchant_id: merchant_id.clone(), service, until: from_ms(until) })
            })
        });
        Ok(resting.flatten().filter(|resting| resting.until > now).collect())
    }

    /// The services of the merchants in the settings, as far as the daemon's calls have shown.
    pub fn services(&self, now: DateTime<Utc>) -> Result<Vec<ServiceSeen>, LedgerError> {
        let read = |row: &Row<'_>| {
            let time = |column: &str| Ok::<_, Error>(row.get::<Option<i64>>(column)?.map(from_ms));
            let vouchers: bool = row.get("vouchers")?;
            Ok(ServiceSeen {
                merchant_id: row.get("merchant_id")?,
                service: if vouchers { Service::Voucher } else { Service::Card },
                silent_until: time("silent_until")?.filter(|until| *until > now),
                answered_at: time("answered_at")?,
                skew_s: row.get("skew_s")?,
                troubles: Vec::new(),
            })
        };
        let mut services = self.still.db.all(include_str!("sql/inspect_services.sql"), &[], read)?;
        for seen in &mut services {
            seen.troubles = self.troubles(seen)?;
        }
        Ok(services)
    }

    /// A kind that this version does not know is among the open alerts all the same.
    fn troubles(&self, of: &ServiceSeen) -> Result<Vec<Trouble>, LedgerError> {
        let what = params! { merchant: of.merchant_id, stage: of.service.stage() };
        let read = |row: &Row<'_>| {
            let (kind, severity): (String, String) = (row.get("kind")?, row.get("severity")?);
            let (kind, severity) = (AlertKind::parse(&kind), Severity::parse(&severity));
            let reason: Option<Json> = row.get("reason")?;
            let (reason, message) = (reason.and_then(|r| serde_json::from_str(r.text()).ok()), row.get("message")?);
            Ok(kind.zip(severity).map(|(kind, severity)| Trouble { kind, severity, reason, message }))
        };
        let found: Vec<Option<Trouble>> = self.still.db.all(include_str!("sql/inspect_troubles.sql"), what, read)?;
        Ok(found.into_iter().flatten().collect())
    }

    /// The orders with a number: none, one, or the charges of a recurring one.
    pub fn entries(&self, merchant: &MerchantId, number: &MerchantTradeNo) -> Result<Vec<Entry>, LedgerError> {
        let (merchant, number) = (merchant.as_str(), number.as_str());
        let read = |row: &Row<'_>| {
            Ok(Entry {
                is_later_charge: row.get("is_later_charge")?,
                is_on_hold: row.get("is_on_hold")?,
                attempts: row.get("attempts")?,
                open_refunds: row.get("open_refunds")?,
            })
        };
        Ok(self.still.db.all(include_str!("sql/entries.sql"), params! { merchant, number }, read)?)
    }

    /// When the last copy was made. The outer None: this ledger does not keep it.
    pub fn backed_up_at(&self) -> Result<Option<Option<DateTime<Utc>>>, LedgerError> {
        let keeps = "SELECT count(*) FROM pragma_table_info('daemon') WHERE name = 'backed_up_at'";
        let keeps: bool = self.still.db.one(keeps, &[], |row: &Row<'_>| row.at(0))?;
        if !keeps {
            return Ok(None);
        }
        let at: Option<i64> = self.still.db.one("SELECT backed_up_at FROM daemon", &[], |row: &Row<'_>| row.at(0))?;
        Ok(Some(at.map(from_ms)))
    }

    /// Its schema as text, without anything that a shop has written.
    pub fn schema(&self) -> Result<String, LedgerError> {
        shipped::told(&self.still.db)
    }
}

/// An error where the ledger could not be kept at this place: on a network, or mounted by itself.
pub fn check_place(path: &Path) -> Result<(), LedgerError> {
    mounts::check(&open::real(path))
}

/// SQLite's own version, and whether it is one that cannot corrupt a ledger.
pub fn sqlite() -> (&'static str, bool) {
    let version = open::sqlite_version();
    (version, open::is_safe(version))
}
