//! Why a statement failed.

use rusqlite::{ErrorCode, ffi};

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the disk is full")]
    DiskFull,
    #[error("another connection writes for too long")]
    Busy,
    #[error("the database is read-only")]
    ReadOnly,
    /// A trigger or a check said no, in these words.
    #[error("{0}")]
    Constraint(String),
    #[error("there is no such row")]
    NoRow,
    #[error("column {column}: {why}")]
    Column { column: String, why: String },
    #[error("the statement has {wanted} parameters and was told {told}")]
    Parameters { wanted: usize, told: usize },
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    #[error(transparent)]
    Sqlite(rusqlite::Error),
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        if is_disk_full(&error) {
            return Self::DiskFull;
        }
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy,
            Some(ErrorCode::ReadOnly) => Self::ReadOnly,
            Some(ErrorCode::ConstraintViolation) => Self::Constraint(message(&error).unwrap_or_default().to_owned()),
            _ => Self::Sqlite(error),
        }
    }
}

impl Error {
    /// Somebody has ended the statement.
    pub(in crate::ledger) fn is_interrupted(&self) -> bool {
        matches!(self, Self::Sqlite(error) if error.sqlite_error_code() == Some(ErrorCode::OperationInterrupted))
    }
}

/// SQLite's own words.
pub(in crate::ledger) fn message(error: &rusqlite::Error) -> Option<&str> {
    match error {
        rusqlite::Error::SqliteFailure(_, said) => said.as_deref(),
        _ => None,
    }
}

/// The index of the log is laid out when a ledger is opened; for that, SQLite has a code of its own.
pub(in crate::ledger) fn is_disk_full(error: &rusqlite::Error) -> bool {
    let full = |e: &ffi::Error| e.code == ErrorCode::DiskFull || e.extended_code == ffi::SQLITE_IOERR_SHMSIZE;
    error.sqlite_error().is_some_and(full)
}
