//! The ledger: what shops asked for, what the gateway showed, what was sent and what became of it.
//!
//! One SQLite file. All writes go through one thread (`writer`), which shares a sync among those
//! that wait. Questions are answered where they are asked, on a connection of their own: they read
//! a few rows by an index, and no writer holds them up. Every change of an order is one transaction
//! together with its event.

mod alerts;
mod attempts;
pub mod audit;
mod backups;
pub mod books;
mod charges;
pub mod copies;
mod db;
mod deliveries;
mod door;
mod due;
mod error;
mod events;
mod figures;
mod funding;
mod health;
pub mod inspect;
mod journal;
mod lease;
mod load;
mod look_anew;
mod merchants;
mod node;
pub mod pages;
mod pauses;
mod record;
mod refund_list;
mod refunds;
mod restore_notice;
mod restores;
mod sentences;
mod shop;
mod slots;
mod sqlite;
mod statements;
mod steps;
mod storage;
mod takeover;
mod times;
mod traffic;
pub mod views;
mod vouchers;
mod write;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};

use self::sqlite::guard::Guard;
use self::sqlite::mark::Mark;
use self::sqlite::{lock, mounts, open, shipped, writer};

pub use alerts::{Ack, MerchantAlert, Raised, Reconcile};
pub use attempts::{AttemptToken, RecordOutcome, Resolve, StartAttempt};
pub use backups::{BackedUp, NewestBackup};
pub use charges::FollowCharges;
pub(crate) use db::params;
pub use db::{Db, Interrupter, Json, Parameters, Text, ToColumn};
pub use deliveries::{
    ChannelTerms, ChannelsTaken, Digest, DigestAlert, DigestSpan, MessageTried, NewMessage, NoNews, QueuedMessage,
    RepeatCritical, Sum, Told, TryFailed, WaitingAlert, WaitingEvent,
};
pub use door::Door;
pub use due::{Candidate, Due, Unfinished};
pub use error::LedgerError;
pub use figures::Figures;
pub use journal::SumDays;
pub use lease::Lease;
pub use load::MerchantTerms;
pub use look_anew::{Foreign, LookAnew, LookMark, Shown};
pub use merchants::{Housekeeping, LeftOpen, MerchantSetting, MerchantsTaken, ProvokedBy, Silence};
pub use node::{ClockSeen, DaemonStarted, DaemonStopped};
pub use pauses::{Pause, PauseRow, Resume, together};
pub use record::Record;
pub use refund_list::RefundFilter;
pub use refunds::VoidRefund;
pub use restores::Restore;
pub use sentences::event_line;
pub use shop::{AddOrder, CancelRefund, QueueRefund, SetCapture};
pub use sqlite::open::as_a_shop;
pub use statements::{
    Differences, Range, ReadStatement, RowSource, StatementAsked, StatementAskedByHand, StatementFile, StatementRead,
    Whose,
};
pub use storage::{StorageAlert, StorageUsed};
pub use takeover::{ListedOrder, TakeOver, TakenOver};
pub use traffic::{CallCount, KeepTraffic, LastAnswer};
pub use vouchers::{
    AddVoucher, FoundVoucher, LoadedVoucher, NextLook, RecordVoucher, TicketRow, VoucherLook, VoucherStatus,
};
pub use write::Write;

/// An open ledger. Cheap to share behind an `Arc`.
pub struct Ledger {
    writer: writer::Writer,
    reader: Mutex<Db>,
    /// Without links.
    path: PathBuf,
    /// These three: only the daemon has them.
    lease: Option<Lease>,
    guard: Option<Arc<Guard>>,
    restored: Option<String>,
}

impl Ledger {
    /// Opens the ledger for the daemon: alone, migrated, created when it is not there.
    pub async fn open(path: &Path, now: DateTime<Utc>) -> Result<Self, LedgerError> {
        let real = open::real(path);
        mounts::check(&real)?;
        let lock = lock::lock(path, &real)?;
        let connection = open::migrated(path).await?;
        shipped::check(&connection, &real)?;
        let (mark, restored) = Mark::open(&real, &connection)?;
        // Before the marker is brought in line with the copy: a crash in between is noticed anew.
        if let Some(reason) = &restored {
            restore_notice::notice(&connection, reason, now)?;
        }
        mark.note(&connection);
        mark.sync();
        let reader = Mutex::new(open::reader(path)?);
        let guard = Arc::new(Guard::of(path, &real, mark, &connection)?);
        let writer = writer::Writer::start(connection, Some(guard.clone()), Some(lock))?;
        Ok(Self { writer, reader, path: real, lease: Some(Lease::Sole), guard: Some(guard), restored })
    }

    /// Opens a ledger that the daemon may be running on: for commands of a person.
    pub fn attach(path: &Path) -> Result<Self, LedgerError> {
        Self::over(open::attached(path)?, path)
    }

    /// The same, for a write that has another way where the ledger is held for longer than that.
    pub fn attach_within(path: &Path, busy: Duration) -> Result<Self, LedgerError> {
        Self::over(open::attached_within(path, busy)?, path)
    }

    fn over(connection: Db, path: &Path) -> Result<Self, LedgerError> {
        let reader = Mutex::new(open::reader(path)?);
        let writer = writer::Writer::start(connection, None, None)?;
        Ok(Self { writer, reader, path: open::real(path), lease: None, guard: None, restored: None })
    }

    /// A question. It is answered where it is asked: it reads a few rows by an index, which takes less than to
    /// hand it to another thread.
    async fn ask<T>(&self, question: impl FnOnce(&Db) -> Result<T, LedgerError>) -> Result<T, LedgerError> {
        question(&self.reader())
    }

    /// For the time of one question.
    fn reader(&self) -> MutexGuard<'_, Db> {
        self.reader.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether steps may be begun with what this ledger holds.
    pub fn has_lease(&self) -> bool {
        self.lease.is_some_and(Lease::holds)
    }

    /// Why this ledger may have been put back from a copy, as its opening has found.
    pub fn restored(&self) -> Option<&str> {
        self.restored.as_deref()
    }

    /// An error when the ledger is no longer the one that was opened: one of its files is another, or
    /// another content was put into it, or its schema was changed. Shops and commands would write where
    /// nobody does what they ask for, or plans would be made from what is not so.
    pub fn is_in_place(&self) -> Result<(), LedgerError> {
        match &self.guard {
            Some(guard) => guard.check_files(&self.reader()),
            None => Ok(()),
        }
    }

    /// An error when the schema is not the one that was shipped; [`Self::is_in_place`] says so from then on.
    pub fn check_schema(&self) -> Result<(), LedgerError> {
        match &self.guard {
            Some(guard) => guard.check_schema(&self.reader()),
            None => Ok(()),
        }
    }

    /// Puts the marker beside the ledger on the disk.
    pub fn sync_mark(&self) {
        if let Some(guard) = &self.guard {
            guard.mark().sync();
        }
    }

    /// Applies a change; it is on disk when this returns.
    pub async fn write<W: Write>(&self, write: W) -> Result<W::Out, LedgerError> {
        self.writer.write(write).await
    }

    /// A number that changes when somebody else has committed. An error when what was committed has made
    /// the ledger another one.
    pub async fn foreign_commits(&self) -> Result<i64, LedgerError> {
        self.writer.data_version().await
    }

    /// Closes the connections after the last write.
    pub async fn close(self) {
        let lost = self.is_in_place().err();
        self.end_log(lost.as_ref()).await;
        let Self { writer, reader, guard, .. } = self;
        let reader = reader.into_inner().unwrap_or_else(PoisonError::into_inner);
        if let Err(error) = reader.close() {
            tracing::error!(%error, "closing the ledger failed");
        }
        writer.close().await;
        let Some(guard) = guard else { return };
        guard.mark().sync();
        if let Some(LedgerError::Overwritten { .. }) = lost {
            // Beside the file that lies there now it would be read into it.
            match guard.place().put_log_aside() {
                Ok(log) => {
                    tracing::error!(log = %log.display(), "the log of the ledger that was written over is put aside: it holds what was written last")
                }
                Err(error) => {
                    tracing::error!(%error, "the log of the ledger that was written over cannot be put aside: remove it before the next start")
                }
            }
        }
    }

    /// What becomes of SQLite's log when a ledger is closed that is no longer the one that was opened.
    async fn end_log(&self, lost: Option<&LedgerError>) {
        let Some(guard) = &self.guard else { return };
        let ended = match lost {
            // SQLite leaves the log of a file that was moved where it is: beside whatever lies there next,
            // which would be read through it.
            Some(LedgerError::Gone { .. }) => self.writer.empty_log().await,
            Some(LedgerError::BesideGone { .. }) if guard.place().may_empty_log() => self.writer.empty_log().await,
            // Others have written to the log since, and whoever opens the ledger next reads it whole.
            Some(LedgerError::BesideGone { .. } | LedgerError::Overwritten { .. }) => self.writer.leave_log().await,
            _ => Ok(()),
        };
        if let Err(error) = ended {
            tracing::error!(%error, "the last writes are in the log of the ledger alone: keep it with the ledger");
        }
    }
}
