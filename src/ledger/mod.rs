//! The ledger: what shops asked for, what the gateway showed, what was sent and what became of it.
//!
//! One SQLite file. All writes go through one task (`writer`); readers have their own
//! connections. Every change of an order is one transaction together with its event.

mod alerts;
mod attempts;
mod due;
mod error;
mod events;
mod load;
mod merchants;
mod open;
mod record;
mod refunds;
mod shop;
pub mod views;
mod writer;

use std::path::Path;
use std::sync::Mutex;

use chrono::{DateTime, TimeZone, Utc};
use sqlx::sqlite::SqlitePool;
use tokio::task::JoinHandle;

pub use alerts::{Ack, MerchantAlert, Raised, Reconcile, Wanted};
pub use attempts::{AttemptToken, RecordOutcome, Resolve, StartAttempt};
pub use due::DueOrder;
pub use error::LedgerError;
pub use load::Loaded;
pub use merchants::{
    ClockSeen, DaemonStarted, DaemonStopped, Found, Housekeeping, MerchantSetting, Pause, Resume, Silence,
};
pub use record::{LookFailed, Note, Park, Record, RefundNote, SlotRequest, Verdicts};
pub use shop::{AddOrder, QueueRefund, SetCapture};
pub use writer::Write;

/// An open ledger. Cheap to share behind an `Arc`.
pub struct Ledger {
    writer: writer::Writer,
    writing: Mutex<Option<JoinHandle<()>>>,
    readers: SqlitePool,
    /// Only the daemon holds it.
    _lock: Option<open::Lock>,
}

impl Ledger {
    /// Opens the ledger for the daemon: alone, migrated, created when it is not there.
    pub async fn open(path: &Path) -> Result<Self, LedgerError> {
        let lock = open::lock(path)?;
        let connection = open::migrated(path).await?;
        Self::start(path, connection, Some(lock)).await
    }

    /// Opens a ledger that the daemon may be running on: for commands of a person.
    pub async fn attach(path: &Path) -> Result<Self, LedgerError> {
        let connection = open::attached(path).await?;
        Self::start(path, connection, None).await
    }

    async fn start(
        path: &Path,
        connection: sqlx::SqliteConnection,
        lock: Option<open::Lock>,
    ) -> Result<Self, LedgerError> {
        let (writer, writing) = writer::Writer::start(connection);
        let readers = open::readers(path).await?;
        Ok(Self { writer, writing: Mutex::new(Some(writing)), readers, _lock: lock })
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
        let Self { writer, writing, readers, _lock } = self;
        readers.close().await;
        drop(writer);
        let writing = writing.lock().map_or(None, |mut w| w.take());
        if let Some(writing) = writing
            && let Err(error) = writing.await
        {
            tracing::error!(%error, "the ledger's writer ended badly");
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

/// Times in the ledger were written by us; one out of chrono's range is shown as 1970.
fn from_ms(ms: i64) -> DateTime<Utc> {
    Utc.timestamp_millis_opt(ms).single().unwrap_or_default()
}
