//! The ledger: what shops asked for, what the gateway showed, what was sent and what became of it.
//!
//! One SQLite file. All writes go through one task (`writer`); readers have their own
//! connections: one for the steps of the engine, the others for people's questions. Every
//! change of an order is one transaction together with its event.

mod alerts;
mod attempts;
mod due;
mod error;
mod events;
mod load;
mod mark;
mod merchants;
mod open;
mod record;
mod refunds;
mod shop;
mod takeovers;
pub mod views;
mod vouchers;
mod writer;

use std::path::Path;
use std::sync::{Arc, Mutex};

use chrono::{DateTime, TimeZone, Utc};
use sqlx::sqlite::SqlitePool;
use sqlx::{Connection, SqliteConnection};
use tokio::task::JoinHandle;

use self::mark::Mark;

pub use alerts::{Ack, MerchantAlert, OpenStage, Raised, Reconcile, Wanted};
pub use attempts::{AttemptToken, RecordOutcome, Resolve, StartAttempt};
pub use due::Due;
pub use error::LedgerError;
pub use load::{Loaded, MerchantTerms};
pub use merchants::{
    ClockSeen, DaemonStarted, DaemonStopped, Found, Housekeeping, MerchantSetting, Pause, Resume, Silence,
};
pub use record::{LookFailed, Note, Park, Record, RefundNote, Shown, SlotRequest, Verdicts};
pub use shop::{AddOrder, QueueRefund, SetCapture};
pub use takeovers::{OlderCopy, Question, TakeOver};
pub use vouchers::{
    AddVoucher, FoundVoucher, LoadedVoucher, NextLook, RecordVoucher, TicketRow, VoucherLook, VoucherStatus,
};
pub use writer::Write;

/// An open ledger. Cheap to share behind an `Arc`.
pub struct Ledger {
    writer: writer::Writer,
    writing: Mutex<Option<JoinHandle<()>>>,
    /// For the engine. sqlx's pool asks SQLite's thread for a sign of life before and after each
    /// question, which makes three crossings of one.
    reader: tokio::sync::Mutex<SqliteConnection>,
    /// For people.
    readers: SqlitePool,
    /// Both: only the daemon has them.
    mark: Option<Arc<Mark>>,
    doubt: Option<String>,
    /// Only the daemon holds it.
    _lock: Option<open::Lock>,
}

impl Ledger {
    /// Opens the ledger for the daemon: alone, migrated, created when it is not there.
    pub async fn open(path: &Path, now: DateTime<Utc>) -> Result<Self, LedgerError> {
        let lock = open::lock(path)?;
        let mut connection = open::migrated(path).await?;
        let real = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let (mark, doubt) = Mark::open(&real, &mut connection).await?;
        // Before the marker is brought in line with the older copy: a crash in between is noticed anew.
        if let Some(reason) = &doubt {
            takeovers::notice(&mut connection, reason, now).await?;
        }
        mark.note(&mut connection).await;
        mark.sync();
        let mark = Some(Arc::new(mark));
        Ok(Self { doubt, _lock: Some(lock), ..Self::connect(path, connection, mark).await? })
    }

    /// Opens a ledger that the daemon may be running on: for commands of a person.
    pub async fn attach(path: &Path) -> Result<Self, LedgerError> {
        Self::connect(path, open::attached(path).await?, None).await
    }

    async fn connect(path: &Path, connection: SqliteConnection, mark: Option<Arc<Mark>>) -> Result<Self, LedgerError> {
        let reader = tokio::sync::Mutex::new(open::reader(path).await?);
        let readers = open::readers(path);
        let (writer, writing) = writer::Writer::start(connection, mark.clone());
        Ok(Self { writer, writing: Mutex::new(Some(writing)), reader, readers, mark, doubt: None, _lock: None })
    }

    /// Why this ledger may be older than what has happened, as its opening has found.
    pub fn doubt(&self) -> Option<&str> {
        self.doubt.as_deref()
    }

    /// Puts the marker beside the ledger on the disk.
    pub fn sync_mark(&self) {
        if let Some(mark) = &self.mark {
            mark.sync();
        }
    }

    /// Applies a change; it is on disk when this returns.
    pub async fn write<W: Write>(&self, write: W) -> Result<W::Out, LedgerError> {
        self.writer.write(write).await
    }

    /// A number that changes when somebody else has committed.
    pub async fn foreign_commits(&self) -> Result<i64, LedgerError> {
        self.writer.data_version().await
    }

    /// Closes the connections after the last write.
    pub async fn close(self) {
        let Self { writer, writing, reader, readers, mark, _lock, .. } = self;
        readers.close().await;
        if let Err(error) = reader.into_inner().close().await {
            tracing::error!(%error, "closing the ledger failed");
        }
        drop(writer);
        let writing = writing.lock().map_or(None, |mut w| w.take());
        if let Some(writing) = writing
            && let Err(error) = writing.await
        {
            tracing::error!(%error, "the ledger's writer ended badly");
        }
        if let Some(mark) = mark {
            mark.sync();
        }
    }
}

fn ms(at: DateTime<Utc>) -> i64 {
    at.timestamp_millis()
}

/// Rounded up: what is to wait for a time is not due a moment before it.
fn ms_up(at: DateTime<Utc>) -> i64 {
    at.timestamp_millis() + i64::from(!at.timestamp_subsec_nanos().is_multiple_of(1_000_000))
}

/// The year 3000. Later times, and those before 1970, are nobody's.
const LATEST_MS: i64 = 32_503_680_000_000;

/// A shop may have written the time, and days are added to it: one that is no time of an order is
/// taken for the nearest that could be.
fn from_ms(ms: i64) -> DateTime<Utc> {
    // In range by now, so there is always one.
    Utc.timestamp_millis_opt(ms.clamp(0, LATEST_MS)).single().unwrap_or_default()
}
