//! Opening a ledger: the lock, the checks, the migrations, the connections.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Write as _};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use sqlx::migrate::Migrator;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, SqliteConnection};

use super::error::{LedgerError, is_disk_full};

static MIGRATOR: Migrator = sqlx::migrate!("./migrations");

/// `PRAGMA application_id` of a ledger: the letters ECPD.
const APPLICATION_ID: i64 = 1_162_039_364;

/// The first SQLite without the WAL-reset corruption (SQLite's release notes, 3.51.3).
const OLDEST_SQLITE: [u32; 3] = [3, 51, 3];

/// How long a write waits for a shop's transaction.
const BUSY: Duration = Duration::from_secs(10);

/// Who may run on this ledger: held until dropped or until the process ends, however it ends.
pub(super) struct Lock {
    _file: File,
}

pub(super) fn lock(path: &Path) -> Result<Lock, LedgerError> {
    // By the file's real name: a link to the ledger is the same ledger.
    let real = path.canonicalize();
    let lock_path = with_suffix(real.as_deref().unwrap_or(path), ".lock");
    let cannot = |e: std::io::Error| LedgerError::Open {
        path: lock_path.clone(),
        why: format!("cannot create the lock file: {e}"),
    };
    let mut file =
        OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&lock_path).map_err(cannot)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut holder = String::new();
            // The number is only a help for the reader; without it the sentence still stands.
            let _ = file.take(20).read_to_string(&mut holder);
            let holder = if holder.trim().is_empty() { String::new() } else { format!(" (process {})", holder.trim()) };
            return Err(LedgerError::Held { path: path.to_owned(), holder });
        }
        Err(TryLockError::Error(e)) => return Err(cannot(e)),
    }
    file.set_len(0).and_then(|()| write!(file, "{}", std::process::id())).map_err(cannot)?;
    Ok(Lock { _file: file })
}

/// The write connection of a ledger that is brought to the newest schema first.
pub(super) async fn migrated(path: &Path) -> Result<SqliteConnection, LedgerError> {
    create(path)?;
    let mut connection = identified(path).await?;
    if let Some(found) = applied(&mut connection).await?
        && found > newest()
    {
        return Err(LedgerError::Newer { path: path.to_owned(), found, known: newest() });
    }
    MIGRATOR
        .run(&mut connection)
        .await
        .map_err(|e| LedgerError::Open { path: path.to_owned(), why: format!("migration failed: {e}") })?;
    Ok(connection)
}

/// The write connection of a ledger that is there and of this version.
pub(super) async fn attached(path: &Path) -> Result<SqliteConnection, LedgerError> {
    if !path.exists() {
        return Err(LedgerError::Missing { path: path.to_owned() });
    }
    let mut connection = identified(path).await?;
    match applied(&mut connection).await? {
        None => Err(LedgerError::Missing { path: path.to_owned() }),
        Some(found) if found > newest() => Err(LedgerError::Newer { path: path.to_owned(), found, known: newest() }),
        Some(found) if found < newest() => Err(LedgerError::Older { path: path.to_owned(), found, known: newest() }),
        Some(_) => Ok(connection),
    }
}

/// A connection to a file that is known to be ours, or still empty.
async fn identified(path: &Path) -> Result<SqliteConnection, LedgerError> {
    check_header(path)?;
    let mut connection = connect(path, &options(path)).await?;
    check_sqlite(&mut connection).await?;
    check_identity(path, &mut connection).await?;
    // Not before: it writes to the header of whatever database this is.
    sqlx::query("PRAGMA journal_mode = WAL").execute(&mut connection).await.map_err(|e| cannot_open(path, &e))?;
    Ok(connection)
}

pub(super) async fn reader(path: &Path) -> Result<SqliteConnection, LedgerError> {
    connect(path, &reading(path)).await
}

/// None is opened before somebody asks.
pub(super) fn readers(path: &Path) -> SqlitePool {
    SqlitePoolOptions::new().max_connections(3).idle_timeout(None).max_lifetime(None).connect_lazy_with(reading(path))
}

fn reading(path: &Path) -> SqliteConnectOptions {
    options(path).read_only(true).pragma("query_only", "ON")
}

fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        // NORMAL may lose the record of a sent action when the power fails.
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(BUSY)
        .disable_statement_logging()
}

async fn connect(path: &Path, options: &SqliteConnectOptions) -> Result<SqliteConnection, LedgerError> {
    options.connect().await.map_err(|e| cannot_open(path, &e))
}

fn cannot_open(path: &Path, error: &sqlx::Error) -> LedgerError {
    if is_disk_full(error) {
        return LedgerError::DiskFull;
    }
    let why = match error.as_database_error() {
        Some(said) => {
            format!("cannot open it: {} (does the directory exist, and may this user write there?)", said.message())
        }
        None => format!("cannot open it: {error}"),
    };
    LedgerError::Open { path: path.to_owned(), why }
}

/// SQLite itself creates files that only their owner may write. The umask decides instead, so
/// that the shop's group can be let in; the log and its index take over the file's mode.
fn create(path: &Path) -> Result<(), LedgerError> {
    let cannot = |e: std::io::Error| LedgerError::Open { path: path.to_owned(), why: format!("cannot create it: {e}") };
    match OpenOptions::new().write(true).create_new(true).open(path) {
        Err(e) if e.kind() != std::io::ErrorKind::AlreadyExists => Err(cannot(e)),
        _ => Ok(()),
    }
}

/// Before SQLite touches it: a file that is something else is left as it is.
fn check_header(path: &Path) -> Result<(), LedgerError> {
    let mut header = [0_u8; 16];
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(e) => return Err(LedgerError::Open { path: path.to_owned(), why: format!("cannot read it: {e}") }),
    };
    let read = file
        .read(&mut header)
        .map_err(|e| LedgerError::Open { path: path.to_owned(), why: format!("cannot read it: {e}") })?;
    if read == 0 || header == *b"SQLite format 3\0" {
        Ok(())
    } else {
        Err(LedgerError::NotADatabase { path: path.to_owned() })
    }
}

async fn check_sqlite(connection: &mut SqliteConnection) -> Result<(), LedgerError> {
    let found: String = sqlx::query_scalar("SELECT sqlite_version()").fetch_one(connection).await?;
    if is_safe(&found) { Ok(()) } else { Err(LedgerError::SqliteTooOld { found }) }
}

fn is_safe(version: &str) -> bool {
    let parts: Option<Vec<u32>> = version.split('.').map(|p| u32::from_str(p).ok()).collect();
    parts.is_some_and(|p| p.as_slice() >= OLDEST_SQLITE.as_slice())
}

async fn check_identity(path: &Path, connection: &mut SqliteConnection) -> Result<(), LedgerError> {
    let id: i64 = sqlx::query_scalar("PRAGMA application_id").fetch_one(&mut *connection).await?;
    let tables: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM sqlite_master WHERE name <> '_sqlx_migrations' AND name NOT LIKE 'sqlite_%'",
    )
    .fetch_one(connection)
    .await?;
    if id == APPLICATION_ID || (id == 0 && tables == 0) {
        Ok(())
    } else {
        Err(LedgerError::NotALedger { path: path.to_owned() })
    }
}

/// The newest migration that the file has seen.
async fn applied(connection: &mut SqliteConnection) -> Result<Option<i64>, LedgerError> {
    let has_table: i64 = sqlx::query_scalar("SELECT count(*) FROM sqlite_master WHERE name = '_sqlx_migrations'")
        .fetch_one(&mut *connection)
        .await?;
    if has_table == 0 {
        return Ok(None);
    }
    Ok(sqlx::query_scalar("SELECT max(version) FROM _sqlx_migrations").fetch_one(connection).await?)
}

fn newest() -> i64 {
    MIGRATOR.iter().map(|m| m.version).max().unwrap_or(0)
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
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
