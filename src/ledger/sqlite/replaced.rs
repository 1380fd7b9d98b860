//! The ledger that a copy takes the place of, while that is done.
//!
//! A program that has it open would go on writing to the file that is put aside, and to a log beside the copy. So it
//! is taken only when nobody has, and it gives up its log: who opens it in between finds a database without one, and
//! SQLite refuses to write to such a file once it was moved.

use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::{Connection, OpenFlags};

use super::{open, verify};
use crate::ledger::LedgerError;
use crate::ledger::db::{self, Db};

/// Somebody who opens it for each statement is in the way now and then.
const TRIED_AGAIN_AFTER: Duration = Duration::from_millis(20);

pub(in crate::ledger) enum Replaced {
    /// All of it is in its one file, and nobody else reads or writes it while this lasts.
    Whole(Db),
    /// SQLite cannot read it, for this reason; a log may lie beside it.
    Damaged(String),
}

impl Replaced {
    pub(in crate::ledger) fn take(path: &Path) -> Result<Self, LedgerError> {
        match taken(path) {
            Ok(db) => Ok(Self::Whole(db)),
            Err(LedgerError::NotADatabase { .. }) => Ok(Self::Damaged("it is no SQLite database any more".to_owned())),
            Err(LedgerError::Sql(error)) if verify::is_unreadable(&error) => Ok(Self::Damaged(error.to_string())),
            Err(error) => Err(error),
        }
    }
}

fn taken(path: &Path) -> Result<Db, LedgerError> {
    open::check_readable(path)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(|e| open::cannot_open(path, &e))?;
    connection.busy_timeout(Duration::from_secs(1))?;
    let db = Db::new(connection);
    open::check_identity(path, &db)?;
    let began = Instant::now();
    while !is_alone(&db)? {
        if began.elapsed() > open::BUSY {
            return Err(LedgerError::InUse { path: path.to_owned() });
        }
        std::thread::sleep(TRIED_AGAIN_AFTER);
    }
    Ok(db)
}

fn is_alone(db: &Db) -> Result<bool, db::Error> {
    match db.one("PRAGMA journal_mode = DELETE", &[], |row| row.at::<String>(0)) {
        Ok(mode) if mode == "delete" => {}
        Ok(_) | Err(db::Error::Busy) => return Ok(false),
        Err(error) => return Err(error),
    }
    match db.run("BEGIN EXCLUSIVE", &[]) {
        Ok(_) => {}
        Err(db::Error::Busy) => return Ok(false),
        Err(error) => return Err(error),
    }
    // Somebody may have laid a log beside it again.
    let mode: String = db.one("PRAGMA journal_mode", &[], |row| row.at::<String>(0))?;
    if mode != "delete" {
        db.run("ROLLBACK", &[])?;
    }
    Ok(mode == "delete")
}
