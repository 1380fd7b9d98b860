//! Opening a ledger: the checks, the migrations, the connections.

use std::fs::File;
use std::io::Read;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use percent_encoding::{NON_ALPHANUMERIC, percent_encode};
use rusqlite::{Connection, ErrorCode, OpenFlags};
use sqlx::migrate::Migrator;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _};

use super::lock;
use crate::ledger::db::{self, Db, is_disk_full, message};
use crate::ledger::error::LedgerError;

static MIGRATOR: Migrator = sqlx::migrate!("./migrations");

/// `PRAGMA application_id` of a ledger: the letters ECPD.
const APPLICATION_ID: i64 = 1_162_039_364;

/// The first SQLite without the WAL-reset corruption (SQLite's release notes, 3.51.3).
const OLDEST_SQLITE: [u32; 3] = [3, 51, 3];

/// More statements than a connection is asked for.
const STATEMENTS: usize = 128;

/// To this size the log is cut when it begins anew, after a reader had kept it from doing so.
const LOG_KEPT: i64 = 16 << 20;

/// How long a write waits for a shop's transaction.
pub(super) const BUSY: Duration = Duration::from_secs(10);

/// The path without links, whether there is a file or not.
pub(in crate::ledger) fn real(path: &Path) -> PathBuf {
    let to_be = || Some(path.parent()?.canonicalize().ok()?.join(path.file_name()?));
    path.canonicalize().ok().or_else(to_be).unwrap_or_else(|| path.to_owned())
}

/// The write connection of a ledger that is brought to the newest schema first.
pub(in crate::ledger) async fn migrated(path: &Path) -> Result<Db, LedgerError> {
    let connection = identified(path)?;
    match applied(&connection)? {
        Some(found) if found < oldest() => return Err(LedgerError::Unreleased { path: path.to_owned(), found }),
        Some(found) if found > newest() => {
            return Err(LedgerError::Newer { path: path.to_owned(), found, known: newest() });
        }
        Some(found) if found == newest() => {}
        _ => migrate(path).await?,
    }
    Ok(connection)
}

/// By sqlx, which keeps its own record of them in the ledger.
async fn migrate(path: &Path) -> Result<(), LedgerError> {
    let failed = |why: String| LedgerError::Open { path: path.to_owned(), why: format!("migration failed: {why}") };
    let options = SqliteConnectOptions::new().filename(path).busy_timeout(BUSY).disable_statement_logging();
    let mut connection = options.connect().await.map_err(|e| failed(e.to_string()))?;
    let migrated = MIGRATOR.run(&mut connection).await.map_err(|e| failed(e.to_string()));
    migrated.and(connection.close().await.map_err(|e| failed(e.to_string())))
}

/// There is a file, it is no other thing than a database, and SQLite may be let near it.
pub(super) fn check_readable(path: &Path) -> Result<(), LedgerError> {
    check_there(path)?;
    check_header(path)?;
    check_sqlite(rusqlite::version())
}

fn check_there(path: &Path) -> Result<(), LedgerError> {
    match std::fs::metadata(path) {
        Ok(_) => {}
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            lock::check_no_restore_is_open(path, &real(path))?;
            return Err(LedgerError::Missing { path: path.to_owned() });
        }
        Err(e) => return Err(cannot_read(path, &e)),
    }
    Ok(())
}

/// The write connection of a ledger that is there and of this version.
pub(in crate::ledger) fn attached(path: &Path) -> Result<Db, LedgerError> {
    check_there(path)?;
    let connection = identified(path)?;
    check_version(path, &connection)?;
    Ok(connection)
}

/// A ledger of this version, and no other.
pub(super) fn check_version(path: &Path, connection: &Db) -> Result<(), LedgerError> {
    match released(path, connection)? {
        found if found < newest() => Err(LedgerError::Older { path: path.to_owned(), found, known: newest() }),
        _ => Ok(()),
    }
}

/// Which migration a ledger has come to, where that is one that ecpayd goes on with.
pub(super) fn released(path: &Path, connection: &Db) -> Result<i64, LedgerError> {
    match applied(connection)? {
        None => Err(LedgerError::Missing { path: path.to_owned() }),
        Some(found) if found < oldest() => Err(LedgerError::Unreleased { path: path.to_owned(), found }),
        Some(found) if found > newest() => Err(LedgerError::Newer { path: path.to_owned(), found, known: newest() }),
        Some(found) => Ok(found),
    }
}

/// A connection to a file that is known to be ours, or still empty. Nothing is changed in it.
fn recognized(path: &Path) -> Result<Db, LedgerError> {
    check_header(path)?;
    check_sqlite(rusqlite::version())?;
    let connection = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    check_identity(path, &connection)?;
    Ok(connection)
}

fn identified(path: &Path) -> Result<Db, LedgerError> {
    let connection = recognized(path)?;
    // Not before: it writes to the header of whatever database this is.
    let wal = connection.sqlite().pragma_update(None, "journal_mode", "WAL");
    wal.map_err(|e| cannot_open(path, &e))?;
    connection.sqlite().pragma_update(None, "journal_size_limit", LOG_KEPT)?;
    Ok(connection)
}

/// The same, for a write that has another way where the ledger is held for longer than that.
pub(in crate::ledger) fn attached_within(path: &Path, busy: Duration) -> Result<Db, LedgerError> {
    let connection = attached(path)?;
    connection.sqlite().busy_timeout(busy)?;
    Ok(connection)
}

pub(in crate::ledger) fn reader(path: &Path) -> Result<Db, LedgerError> {
    let connection = connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    connection.sqlite().pragma_update(None, "query_only", "ON")?;
    Ok(connection)
}

/// A connection as any program of a shop opens it: for whoever plays one.
pub fn as_a_shop(path: &Path) -> Result<Db, LedgerError> {
    Ok(Db::new(Connection::open(path)?))
}

fn connect(path: &Path, flags: OpenFlags) -> Result<Db, LedgerError> {
    // Each connection is used by one thread at a time.
    let connection = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX);
    let connection = connection.map_err(|e| cannot_open(path, &e))?;
    connection.busy_timeout(BUSY)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    // NORMAL may lose the record of a sent action when the power fails.
    for (pragma, value) in [("foreign_keys", "ON"), ("synchronous", "FULL")] {
        connection.pragma_update(None, pragma, value).map_err(|e| cannot_open(path, &e))?;
    }
    Ok(Db::new(connection))
}

impl From<rusqlite::Error> for LedgerError {
    fn from(error: rusqlite::Error) -> Self {
        db::Error::from(error).into()
    }
}

pub(super) fn cannot_open(path: &Path, error: &rusqlite::Error) -> LedgerError {
    if is_disk_full(error) {
        return LedgerError::DiskFull;
    }
    if error.sqlite_error_code() == Some(ErrorCode::ReadOnly) {
        return LedgerError::ReadOnly;
    }
    let why = match message(error) {
        Some(said) if error.sqlite_error_code() == Some(ErrorCode::CannotOpen) => {
            format!("cannot open it: {said} (does the directory exist, and may this user write there?)")
        }
        Some(said) => format!("cannot open it: {said}"),
        None => format!("cannot open it: {error}"),
    };
    LedgerError::Open { path: path.to_owned(), why }
}

/// Before SQLite touches it: a file that is something else is left as it is.
pub(super) fn check_header(path: &Path) -> Result<(), LedgerError> {
    let mut header = [0_u8; 16];
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(e) => return Err(cannot_read(path, &e)),
    };
    let read = file.read(&mut header).map_err(|e| cannot_read(path, &e))?;
    if read == 0 || header == *b"SQLite format 3\0" {
        Ok(())
    } else {
        Err(LedgerError::NotADatabase { path: path.to_owned() })
    }
}

pub(super) fn cannot_read(path: &Path, error: &std::io::Error) -> LedgerError {
    if error.kind() == std::io::ErrorKind::PermissionDenied {
        return LedgerError::NotLetIn { path: path.to_owned() };
    }
    LedgerError::Open { path: path.to_owned(), why: format!("cannot read it: {error}") }
}

fn check_sqlite(found: &str) -> Result<(), LedgerError> {
    if is_safe(found) { Ok(()) } else { Err(LedgerError::SqliteTooOld { found: found.to_owned() }) }
}

pub(in crate::ledger) fn sqlite_version() -> &'static str {
    rusqlite::version()
}

pub(in crate::ledger) fn is_safe(version: &str) -> bool {
    let parts: Option<Vec<u32>> = version.split('.').map(|p| u32::from_str(p).ok()).collect();
    parts.is_some_and(|p| p.as_slice() >= OLDEST_SQLITE.as_slice())
}

pub(super) fn check_identity(path: &Path, connection: &Db) -> Result<(), LedgerError> {
    let id: i64 = connection.one("PRAGMA application_id", &[], |row| row.at(0))?;
    let tables: i64 = connection.one(
        "SELECT count(*) FROM sqlite_master WHERE name <> '_sqlx_migrations' AND name NOT LIKE 'sqlite_%'",
        &[],
        |row| row.at(0),
    )?;
    if id == APPLICATION_ID || (id == 0 && tables == 0) {
        Ok(())
    } else {
        Err(LedgerError::NotALedger { path: path.to_owned() })
    }
}

/// The newest migration that the file has seen.
fn applied(connection: &Db) -> Result<Option<i64>, LedgerError> {
    let migrations = "SELECT count(*) FROM sqlite_master WHERE name = '_sqlx_migrations'";
    let has_table: bool = connection.one(migrations, &[], |row| row.at(0))?;
    if !has_table {
        return Ok(None);
    }
    Ok(connection.one("SELECT max(version) FROM _sqlx_migrations", &[], |row| row.at(0))?)
}

/// What makes the schema, each in its turn: the table in which sqlx keeps its record, then the migrations.
#[cfg(test)]
pub(in crate::ledger) fn migrations() -> Vec<&'static str> {
    let record =
        "CREATE TABLE _sqlx_migrations (version, description, installed_on, success, checksum, execution_time)";
    std::iter::once(record).chain(MIGRATOR.iter().map(|m| m.sql.as_str())).collect()
}

/// The name of a file as SQLite reads it with parameters.
pub(in crate::ledger) fn uri(path: &Path, parameters: &str) -> String {
    let name = percent_encode(path.as_os_str().as_bytes(), NON_ALPHANUMERIC);
    format!("file:{name}?{parameters}")
}

/// Those before it were of builds that nobody was given.
fn oldest() -> i64 {
    MIGRATOR.iter().map(|m| m.version).min().unwrap_or(0)
}

fn newest() -> i64 {
    MIGRATOR.iter().map(|m| m.version).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_sqlite_that_can_corrupt_the_log_is_too_old_by_number_not_by_text() {
        for (version, safe) in
            [("3.51.3", true), ("3.52.0", true), ("4.0.0", true), ("3.51.2", false), ("3.9.0", false), ("odd", false)]
        {
            assert_eq!(is_safe(version), safe, "{version}");
        }
    }
}
