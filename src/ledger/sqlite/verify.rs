//! Whether a ledger is whole, and one that this ecpayd knows.

use std::path::Path;

use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::open;
use crate::ledger::LedgerError;
use crate::ledger::db::{self, Db};

/// `SELECT version FROM contract`.
pub(in crate::ledger) const CONTRACT: i64 = 1;

/// A copy that nobody else has: read by itself, so that nothing is laid beside it.
pub(in crate::ledger) fn open_alone(path: &Path) -> Result<Db, LedgerError> {
    alone(path, OpenFlags::SQLITE_OPEN_READ_ONLY, "mode=ro&immutable=1")
}

/// The same, to write to it.
pub(in crate::ledger) fn open_alone_to_write(path: &Path) -> Result<Db, LedgerError> {
    alone(path, OpenFlags::SQLITE_OPEN_READ_WRITE, "mode=rw&nolock=1")
}

fn alone(path: &Path, flags: OpenFlags, parameters: &str) -> Result<Db, LedgerError> {
    let flags = flags | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(open::uri(path, parameters), flags);
    let db = connection.map(Db::new).map_err(|e| open::cannot_open(path, &e))?;
    open::check_identity(path, &db)?;
    Ok(db)
}

pub(in crate::ledger) fn contract(db: &Db) -> Result<i64, db::Error> {
    db.one("SELECT version FROM contract", &[], |row| row.at(0))
}

/// Why it is damaged, if it is.
pub(in crate::ledger) fn damage(db: &Db) -> Result<Option<String>, db::Error> {
    match found(db) {
        Err(error) if is_damage(&error) => Ok(Some(error.to_string())),
        other => other,
    }
}

fn found(db: &Db) -> Result<Option<String>, db::Error> {
    let said: String = db.one("PRAGMA integrity_check(1)", &[], |row| row.at::<String>(0))?;
    if said != "ok" {
        return Ok(Some(said.lines().last().unwrap_or_default().to_owned()));
    }
    let mut dangling = db.all("PRAGMA foreign_key_check", &[], |row| -> Result<(String, String), db::Error> {
        Ok((row.get("table")?, row.get("parent")?))
    })?;
    Ok(dangling.pop().map(|(table, parent)| format!("a row of {table} names one of {parent} that is not there")))
}

/// The file is not what SQLite wrote.
pub(in crate::ledger) fn is_damage(error: &db::Error) -> bool {
    matches!(code(error), Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase))
}

/// The same, or the disk does not give it back.
pub(in crate::ledger) fn is_unreadable(error: &db::Error) -> bool {
    is_damage(error) || code(error) == Some(ErrorCode::SystemIoFailure)
}

fn code(error: &db::Error) -> Option<ErrorCode> {
    let db::Error::Sqlite(error) = error else { return None };
    error.sqlite_error_code()
}
