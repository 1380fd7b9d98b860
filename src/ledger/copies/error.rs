//! Why a copy could not be made, or not be put in place.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::ledger::LedgerError;
use crate::ledger::db;

#[derive(Clone, Debug, thiserror::Error)]
pub enum CopyError {
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    #[error("{path} is there already, and a backup never takes the place of a file: name another")]
    Taken { path: PathBuf },
    #[error("{path} is the ledger or belongs to it: name a file elsewhere for the backup")]
    OfTheLedger { path: PathBuf },
    #[error("{path} is the ledger itself: name the copy that is to take its place")]
    Itself { path: PathBuf },
    #[error("there is no file {path}: name the copy that is to take the ledger's place")]
    NoCopy { path: PathBuf },
    #[error("no permission to read {path}: do it as its owner, or with sudo")]
    NotLetIn { path: PathBuf },
    #[error("{path}: {doing}: {why}")]
    Io { doing: &'static str, path: PathBuf, why: String },
    #[error("the disk that holds {path} is full: make room on it")]
    DiskFull { path: PathBuf },
    #[error("{path} is damaged: {why}")]
    Damaged { path: PathBuf, why: String },
    #[error("the copy is not as it has to be, and was not kept: {why}")]
    NotAsRead { why: String },
    #[error("{path} is a ledger of contract version {found}, and this ecpayd knows version {known}")]
    OtherContract { path: PathBuf, found: i64, known: i64 },
    #[error("the ledger was written to all the while by programs that open and close it: try again")]
    NeverStill,
    #[error("{0}; stop it before a copy is put in its place")]
    Running(LedgerError),
}

/// For `map_err`: what was done with which file.
pub(super) fn io(doing: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> CopyError {
    let path = path.to_owned();
    move |error| match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => CopyError::DiskFull { path },
        _ => CopyError::Io { doing, path, why: error.to_string() },
    }
}

impl From<db::Error> for CopyError {
    fn from(error: db::Error) -> Self {
        Self::Ledger(error.into())
    }
}
