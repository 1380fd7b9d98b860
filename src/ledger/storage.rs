//! The room that the ledger takes, and the alerts about it: of no merchant, so their merchant_id is empty.

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::alerts::{self, About, Raised, Subject};
use super::db::{Db, params};
use super::sqlite::place::with_suffix;
use super::times::ms;
use super::{Ledger, LedgerError, Write};
use crate::domain::alert::{Alert, AlertKind};
use crate::domain::storage::{Disk, LARGE_LOG, Log, Storage};

/// Whose alerts they are.
const NOBODY: &str = "";

/// The sizes of the ledger's files, for a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StorageUsed {
    pub path: PathBuf,
    pub ledger_bytes: u64,
    pub log_bytes: u64,
    /// Null: the system does not tell.
    pub disk_free_bytes: Option<u64>,
    pub disk_free_percent: Option<u64>,
}

impl Ledger {
    pub fn storage(&self) -> StorageUsed {
        let disk = self.disk();
        StorageUsed {
            path: self.path.clone(),
            ledger_bytes: std::fs::metadata(&self.path).map_or(0, |file| file.len()),
            log_bytes: self.log_bytes(),
            disk_free_bytes: disk.map(|disk| disk.free_bytes),
            disk_free_percent: disk.map(Disk::free_percent),
        }
    }

    fn log_bytes(&self) -> u64 {
        std::fs::metadata(with_suffix(&self.path, "-wal")).map_or(0, |file| file.len())
    }

    /// The log, after an attempt to empty it where it is large: that it is needed is known only then.
    pub async fn log(&self) -> Result<Log, LedgerError> {
        let bytes = self.log_bytes();
        if bytes <= LARGE_LOG { Ok(Log { bytes, is_held: false }) } else { self.writer.checkpoint().await }
    }

    /// None: the system does not tell.
    pub fn disk(&self) -> Option<Disk> {
        disk(&self.path)
    }

    /// Whether an alert about the ledger itself is open.
    async fn is_told(&self, kind: AlertKind) -> Result<bool, LedgerError> {
        self.ask(|db| {
            let alert = params! { kind: kind.word(), merchant: NOBODY };
            Ok(db.one(include_str!("sql/is_storage_told.sql"), alert, |row| row.at::<bool>(0))?)
        })
        .await
    }

    /// Raises or closes an alert about the ledger itself. Writes only where that changes something.
    pub async fn tell_storage(
        &self,
        kind: AlertKind,
        storage: Storage,
        now: DateTime<Utc>,
    ) -> Result<Option<Raised>, LedgerError> {
        let is_told = self.is_told(kind).await?;
        match storage {
            Storage::Raise(..) if is_told => Ok(None),
            Storage::Close if !is_told => Ok(None),
            Storage::Keep => Ok(None),
            Storage::Raise(..) | Storage::Close => self.write(StorageAlert { kind, storage, now }).await,
        }
    }
}

/// The one that a path is on.
pub fn disk(path: &Path) -> Option<Disk> {
    let found = rustix::fs::statvfs(path).ok()?;
    let bytes = |blocks: u64| blocks.saturating_mul(found.f_frsize);
    Some(Disk { free_bytes: bytes(found.f_bavail), bytes: bytes(found.f_blocks) })
}

pub struct StorageAlert {
    pub kind: AlertKind,
    pub storage: Storage,
    pub now: DateTime<Utc>,
}

impl Write for StorageAlert {
    type Out = Option<Raised>;

    fn apply(&self, tx: &Db) -> Result<Option<Raised>, LedgerError> {
        match &self.storage {
            Storage::Raise(severity, reason) => {
                let subject = Subject { merchant_id: NOBODY, about: About::Merchant };
                alerts::raise(tx, &subject, &Alert::new(self.kind, *severity, "", reason.clone()), self.now)
            }
            Storage::Keep => Ok(None),
            Storage::Close => {
                let alert = params! { now: ms(self.now), kind: self.kind.word(), merchant: NOBODY };
                tx.run(include_str!("sql/close_storage_alert.sql"), alert)?;
                Ok(None)
            }
        }
    }
}
