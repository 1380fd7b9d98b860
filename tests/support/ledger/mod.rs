//! The one way by which tests reach a ledger: as a shop that knows nothing but SQL.
//!
//! No other file of the tests names a library of the database, so that what they ask can be asked of
//! another database too. `tests/layering/handle.rs` holds it, and lists those that are about SQLite itself.
#![allow(dead_code, unused_imports)] // Each test file uses its own part.

mod cell;
mod refused;
mod shop;

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::fallible_iterator::FallibleIterator as _;
use rusqlite::{Batch, Connection, OpenFlags, OptionalExtension as _, params_from_iter};

pub use cell::{Cell, FromCell, FromRow, Given, Row};
pub use refused::Refused;
pub use shop::{AddOrder, AddRefund, AddVouchers, MERCHANT};

/// How long another writer is waited for. A bound for a hung test, no measure of speed.
const PATIENCE: Duration = Duration::from_secs(60);

/// A connection of a shop's own.
///
/// It answers in the thread that asks: a statement is done when the call returns, whatever becomes
/// of the daemon meanwhile, and the way to another thread would cost more than most answers.
pub struct LedgerHandle {
    sql: Connection,
    /// Nothing for one that is in memory.
    path: PathBuf,
}

impl LedgerHandle {
    /// With nothing set that SQLite does not set by itself. The ledger has to be there.
    pub fn open(ledger: &Path) -> Self {
        Self::with(ledger, OpenFlags::empty())
    }

    /// A database that is not there yet, and is no ledger.
    pub fn create(file: &Path) -> Self {
        Self::with(file, OpenFlags::SQLITE_OPEN_CREATE)
    }

    fn with(path: &Path, flags: OpenFlags) -> Self {
        let flags = flags | OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let sql = Connection::open_with_flags(path, flags).expect("the ledger");
        sql.busy_timeout(PATIENCE).expect("a time");
        Self { sql, path: path.to_owned() }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// As a careful library opens a database that others can write: it trusts no schema, and lets nobody
    /// break the file.
    pub fn hardened(ledger: &Path) -> Self {
        let shop = Self::open(ledger);
        shop.sql.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true).expect("defensive");
        assert!(!shop.sql.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false).expect("no trust"));
        shop
    }

    /// A ledger of the migrations alone, in memory: no daemon has seen it.
    pub fn of_migrations() -> Self {
        let ledger = Self { sql: Connection::open_in_memory().expect("memory"), path: PathBuf::new() };
        ledger.does(
            "CREATE TABLE _sqlx_migrations (version, description, installed_on, success, checksum, execution_time)",
        );
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
        let mut files: Vec<_> =
            std::fs::read_dir(folder).expect("migrations").map(|entry| entry.expect("one").path()).collect();
        files.sort();
        for file in files {
            ledger.does(&std::fs::read_to_string(&file).expect("text"));
        }
        ledger
    }

    /// Opened, looked into and closed: a connection that is left open would keep a copy of the log.
    pub fn close(self) {
        self.sql.close().map_err(|(_, error)| error).expect("a connection closes");
    }

    // ------------------------------------------------------------ what it asks

    /// The first column as text, rows by comma; empty for NULL.
    pub fn ask(&self, query: &str) -> String {
        let first = |row: &Row<'_>| row.get::<Cell>(0).text().unwrap_or_default();
        self.rows(query, (), first).join(",")
    }

    pub fn rows<T>(&self, query: &str, given: impl Given, mut read: impl FnMut(&Row<'_>) -> T) -> Vec<T> {
        let asked = || -> rusqlite::Result<Vec<T>> {
            let mut rows = self.sql.prepare_cached(query)?;
            rows.query_map(params_from_iter(given.cells()), |row| Ok(read(&Row(row))))?.collect()
        };
        asked().unwrap_or_else(|e| panic!("{query}: {e}"))
    }

    pub fn first<T>(&self, query: &str, given: impl Given, read: impl FnOnce(&Row<'_>) -> T) -> Option<T> {
        let asked = || {
            let mut first = self.sql.prepare_cached(query)?;
            first.query_row(params_from_iter(given.cells()), |row| Ok(read(&Row(row)))).optional()
        };
        asked().unwrap_or_else(|e| panic!("{query}: {e}"))
    }

    /// The row that is always there.
    pub fn row<T>(&self, query: &str, given: impl Given, read: impl FnOnce(&Row<'_>) -> T) -> T {
        self.first(query, given, read).unwrap_or_else(|| panic!("{query}: no row"))
    }

    /// The one value of a row that is always there.
    pub fn value<T: FromCell>(&self, query: &str, given: impl Given) -> T {
        self.row(query, given, |row| row.get(0))
    }

    /// The first column.
    pub fn values<T: FromCell>(&self, query: &str, given: impl Given) -> Vec<T> {
        self.rows(query, given, |row| row.get(0))
    }

    /// Whether a statement is one that the ledger knows; nothing is done.
    pub fn knows(&self, statement: &str) -> Result<(), Refused> {
        self.sql.prepare(statement).map(drop).map_err(Refused::from)
    }

    // ------------------------------------------------------------ what it writes

    /// One statement; how many rows it changed.
    pub fn write(&self, statement: &str, given: impl Given) -> Result<usize, Refused> {
        let written = || self.sql.prepare_cached(statement)?.execute(params_from_iter(given.cells()));
        written().map_err(Refused::from)
    }

    /// Statements one after the other, up to the first that is refused.
    pub fn tries(&self, statements: &str) -> Result<(), Refused> {
        let mut batch = Batch::new(&self.sql, statements);
        while let Some(mut statement) = batch.next()? {
            let mut rows = statement.query([])?;
            while rows.next()?.is_some() {}
        }
        Ok(())
    }

    /// Statements that have to succeed.
    pub fn does(&self, statements: &str) {
        self.tries(statements).unwrap_or_else(|e| panic!("{statements}: {e}"));
    }

    /// Why a statement was refused.
    pub fn refused(&self, statement: &str) -> String {
        match self.tries(statement) {
            Ok(()) => panic!("{statement} was taken ({} rows)", self.sql.changes()),
            Err(refused) => refused.to_string(),
        }
    }

    /// Statements that no trigger is asked about.
    pub fn does_unguarded(&self, statements: &str) {
        self.sql.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false).expect("no triggers");
        self.does(statements);
        self.sql.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, true).expect("triggers");
    }

    // ------------------------------------------------------------ the ledger as a whole

    /// A copy of the ledger as it stands, made as an operator makes one.
    pub fn copy(&self, copy: &Path) {
        let _ = std::fs::remove_file(copy); // One of before.
        self.write("VACUUM INTO ?", [copy.to_str().expect("a path in UTF-8")]).expect("a copy");
    }

    /// A copy takes the place of the ledger, whose daemon has ended. What else lies beside it stays.
    pub fn put_in_place(&mut self, copy: &Path) {
        let nowhere = Connection::open_in_memory().expect("memory");
        std::mem::replace(&mut self.sql, nowhere).close().map_err(|(_, error)| error).expect("a connection closes");
        for suffix in ["-wal", "-shm"] {
            let mut name = self.path.clone().into_os_string();
            name.push(suffix);
            let _ = std::fs::remove_file(name); // Gone already, where the last connection has tidied up.
        }
        std::fs::copy(copy, &self.path).expect("the copy");
        *self = Self::open(&self.path);
    }
}
