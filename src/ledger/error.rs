//! Why the ledger could not do what it was asked.

use std::path::PathBuf;
use std::sync::Arc;

use super::db;

#[derive(Clone, Debug, thiserror::Error)]
pub enum LedgerError {
    #[error("ledger {path}: {why}")]
    Open { path: PathBuf, why: String },
    #[error("ledger {path} is held by another ecpayd{holder}: only one may run on a ledger")]
    Held { path: PathBuf, holder: String },
    #[error("ledger {path} is no SQLite database; nothing was changed in it")]
    NotADatabase { path: PathBuf },
    #[error("{path} is a database, but no ecpayd ledger; nothing was changed in it")]
    NotALedger { path: PathBuf },
    #[error("ledger {path} is of a newer ecpayd (migration {found}, this one knows {known}): upgrade ecpayd")]
    Newer { path: PathBuf, found: i64, known: i64 },
    #[error(
        "ledger {path} is of a build before the first release (migration {found}), which this one does not go on with; nothing was changed in it: docs/operations.md, \"A ledger of an early build\", carries its orders over to a new one"
    )]
    Unreleased { path: PathBuf, found: i64 },
    #[error("there is no ledger at {path}: `ecpayd run` or `ecpayd run --once` creates it")]
    Missing { path: PathBuf },
    #[error("ledger {path} is of an older ecpayd (migration {found} of {known}): `ecpayd run` upgrades it")]
    Older { path: PathBuf, found: i64, known: i64 },
    #[error("sqlite {found} can corrupt a ledger under several writers: 3.51.3 or newer is needed")]
    SqliteTooOld { found: String },
    #[error("the disk that holds the ledger is full: make room on it")]
    DiskFull,
    #[error(
        "the ledger cannot be written: it is read-only for this user; join the group that owns it (`ecpayd` for the systemd unit) and log in again, unless its file system is mounted read-only"
    )]
    ReadOnly,
    #[error(
        "no permission for the ledger {path}: join the group that owns it (`ecpayd` for the systemd unit) and log in again"
    )]
    NotLetIn { path: PathBuf },
    #[error("another program holds a write transaction on the ledger for too long: end it, then try again")]
    Busy,
    /// A shop or a person wrote meanwhile; the plan has to be made anew.
    #[error("the order changed while it was being planned")]
    Stale,
    /// A trigger or a check of the ledger said no; the transaction is rolled back.
    #[error("{0}")]
    Constraint(String),
    /// A sentence for the person who asked.
    #[error("{0}")]
    Refused(String),
    /// A statement that cannot be read; nothing of it is kept. A sentence for the person who asked.
    #[error("{0}")]
    Statement(String),
    #[error("ledger: {0}")]
    Sql(Arc<db::Error>),
    #[error("ledger row {table} {id}: {why}")]
    BadRow { table: &'static str, id: i64, why: String },
    #[error(
        "ledger {path} was moved, deleted or replaced under the running daemon: stop ecpayd before a copy is put in its place"
    )]
    Gone { path: PathBuf },
    #[error(
        "ledger {path} has {links} hard links: written to under another name it loses what is written under this one; remove the others (`find DIR -samefile {path}` names them)"
    )]
    Linked { path: PathBuf, links: u64 },
    #[error(
        "{gone} was deleted or replaced under the running daemon: it belongs to the ledger {path}, and only SQLite may remove it; end the programs that have the ledger open and start ecpayd"
    )]
    BesideGone { path: PathBuf, gone: PathBuf },
    #[error(
        "ledger {path} was written over by another file under the running daemon ({why}): stop ecpayd before a copy is put in its place; what was written since that copy is not in it"
    )]
    Overwritten { path: PathBuf, why: String },
    #[error(
        "another content was restored into the ledger {path} under the running daemon ({why}): stop ecpayd before a copy is put in its place; what was written since that copy is not in it"
    )]
    Restored { path: PathBuf, why: String },
    #[error("ledger {path} no longer has the schema that ecpayd made: {what}; no money moves until it has: {mend}")]
    Altered { path: PathBuf, what: String, mend: String },
    #[error(
        "ledger {path} is on a network file system ({kind}), where SQLite loses writes: set database.path to a disk of this machine"
    )]
    OnANetwork { path: PathBuf, kind: String },
    #[error(
        "ledger {path} is mounted as a single file, so that its log would lie elsewhere for each program: mount its directory"
    )]
    MountedAlone { path: PathBuf },
    #[error(
        "there is no ledger at {path}, and its log {log} holds its last writes: put the ledger back beside it, or remove the log to begin a new ledger"
    )]
    LogAlone { path: PathBuf, log: PathBuf },
    #[error(
        "a restore of the ledger {path} was cut short before the copy was in its place: `ecpayd restore {copy}` finishes it"
    )]
    RestoreOpen { path: PathBuf, copy: PathBuf },
    #[error(
        "other programs have the ledger {path} open: end them before a copy is put in its place (`lsof {path}` names them), for it would not have what they write"
    )]
    InUse { path: PathBuf },
    /// What was only tried ends so, and is rolled back by it.
    #[error("this was tried, and nothing of it was kept")]
    Tried,
    #[error("the ledger is closed")]
    Closed,
}

impl LedgerError {
    /// Nothing was written and nothing else is touched by it.
    pub(super) fn is_refusal(&self) -> bool {
        matches!(self, Self::Stale | Self::Refused(_))
    }

    /// Whoever asks again may be answered: a read was ended, or the ledger is busy.
    pub fn is_of_the_moment(&self) -> bool {
        match self {
            Self::Busy => true,
            Self::Sql(error) => error.is_interrupted(),
            _ => false,
        }
    }

    /// This process must not go on with the ledger.
    pub(super) fn is_lost(&self) -> bool {
        matches!(self, Self::Gone { .. } | Self::Linked { .. } | Self::Altered { .. }) || self.is_of_another_content()
    }

    /// Nor write a last word into it.
    pub(super) fn is_of_another_content(&self) -> bool {
        matches!(self, Self::BesideGone { .. } | Self::Overwritten { .. } | Self::Restored { .. })
    }
}

impl From<db::Error> for LedgerError {
    fn from(error: db::Error) -> Self {
        match error {
            db::Error::DiskFull => Self::DiskFull,
            db::Error::Busy => Self::Busy,
            db::Error::ReadOnly => Self::ReadOnly,
            db::Error::Constraint(why) => Self::Constraint(why),
            other => Self::Sql(Arc::new(other)),
        }
    }
}
