//! The ledger: what shops asked for, what the gateway showed, what was sent and what became of it.
//!
//! One SQLite file. All writes go through one thread (`writer`), which shares a sync among those
//! that wait. Questions are answered where they are asked, on a connection of their own: they read
//! a few rows by an index, and no writer holds them up. Every change of an order is one transaction
//! together with its event.

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
mod sql;
mod takeovers;
pub mod views;
mod vouchers;
mod writer;

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeZone, Utc};
use rusqlite::Connection;

use self::mark::Mark;
use self::open::Place;

pub use alerts::{Ack, MerchantAlert, OpenStage, Raised, Reconcile, Wanted};
pub use attempts::{AttemptToken, RecordOutcome, Resolve, StartAttempt};
pub use due::{Candidate, Due, Unfinished};
pub use error::LedgerError;
pub use load::{Loaded, MerchantTerms};
pub use merchants::{
    ClockSeen, DaemonStarted, DaemonStopped, Found, Housekeeping, MerchantSetting, Pause, Resume, Silence,
};
pub use record::{Look, LookFailed, Note, Park, Record, RefundNote, Settled, Shown, Verdicts};
pub use refunds::VoidRefund;
pub use shop::{AddOrder, CancelRefund, QueueRefund, SetCapture};
pub use takeovers::{OlderCopy, Question, TakeOver};
pub use vouchers::{
    AddVoucher, FoundVoucher, LoadedVoucher, NextLook, RecordVoucher, TicketRow, VoucherLook, VoucherStatus,
};
pub use writer::Write;

/// An open ledger. Cheap to share behind an `Arc`.
pub struct Ledger {
    writer: writer::Writer,
    reader: Mutex<Connection>,
    /// These three: only the daemon has them.
    mark: Option<Arc<Mark>>,
    doubt: Option<String>,
    place: Option<Place>,
}

impl Ledger {
    /// Opens the ledger for the daemon: alone, migrated, created when it is not there.
    pub async fn open(path: &Path, now: DateTime<Utc>) -> Result<Self, LedgerError> {
        let lock = open::lock(path)?;
        let connection = open::migrated(path).await?;
        let real = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let (mark, doubt) = Mark::open(&real, &connection)?;
        // Before the marker is brought in line with the older copy: a crash in between is noticed anew.
        if let Some(reason) = &doubt {
            takeovers::notice(&connection, reason, now)?;
        }
        mark.note(&connection);
        mark.sync();
        let place = Some(Place::of(path)?);
        let (mark, reader) = (Arc::new(mark), Mutex::new(open::reader(path)?));
        let writer = writer::Writer::start(connection, Some(mark.clone()), Some(lock))?;
        Ok(Self { writer, reader, mark: Some(mark), doubt, place })
    }

    /// Opens a ledger that the daemon may be running on: for commands of a person.
    pub fn attach(path: &Path) -> Result<Self, LedgerError> {
        let connection = open::attached(path)?;
        let reader = Mutex::new(open::reader(path)?);
        Ok(Self {
            writer: writer::Writer::start(connection, None, None)?,
            reader,
            mark: None,
            doubt: None,
            place: None,
        })
    }

    /// For the time of one question.
    fn reader(&self) -> MutexGuard<'_, Connection> {
        self.reader.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Why this ledger may be older than what has happened, as its opening has found.
    pub fn doubt(&self) -> Option<&str> {
        self.doubt.as_deref()
    }

    /// An error when another file, or none, has taken the place of the one that was opened: shops and
    /// commands would write to that one, and nobody would do what they ask for.
    pub fn is_in_place(&self) -> Result<(), LedgerError> {
        match &self.place {
            Some(place) => place.check(),
            None => Ok(()),
        }
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
        // SQLite leaves the log of a file that was moved where it is: beside whatever lies there next,
        // which would be read through it.
        if self.is_in_place().is_err()
            && let Err(error) = self.writer.empty_log().await
        {
            tracing::error!(%error, "the last writes are in the log of the ledger alone: keep it with the ledger");
        }
        let Self { writer, reader, mark, .. } = self;
        let reader = reader.into_inner().unwrap_or_else(PoisonError::into_inner);
        if let Err((_, error)) = reader.close() {
            tracing::error!(%error, "closing the ledger failed");
        }
        writer.close().await;
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
