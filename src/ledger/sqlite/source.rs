//! A ledger, or a copy of one, that is read as a whole. Nothing is left beside it, whoever reads it.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags};

use super::alone::{Stamp, stamp};
use super::open;
use super::place::with_suffix;
use crate::ledger::LedgerError;
use crate::ledger::db::Db;

pub(in crate::ledger) struct Source {
    db: Db,
    path: PathBuf,
    /// Nobody had it open, and it is read without locks: as it was then.
    still: Option<Stamp>,
}

impl Source {
    /// One of ours that ecpayd goes on with; anything else is an error, and is left as it is.
    pub(in crate::ledger) fn open(path: &Path) -> Result<Self, LedgerError> {
        open::check_readable(path)?;
        Self::open_beside(path)
    }

    /// The same where this process has it open already: the locks of that connection would go with any file on the
    /// ledger that is closed, and another program would take itself for the last one.
    pub(in crate::ledger) fn open_beside(path: &Path) -> Result<Self, LedgerError> {
        let still = if is_open(path) { None } else { stamp(path) };
        // For shared memory and a log of its own SQLite would make files.
        let parameters = if still.is_some() {
            "mode=ro&immutable=1"
        } else if may_write(path) {
            "mode=ro"
        } else {
            "mode=ro&readonly_shm=1"
        };
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(open::uri(path, parameters), flags);
        let connection = connection.map_err(|e| open::cannot_open(path, &e))?;
        connection.busy_timeout(open::BUSY)?;
        let db = Db::new(connection);
        open::check_identity(path, &db)?;
        open::released(path, &db)?;
        Ok(Self { db, path: path.to_owned(), still })
    }

    pub(in crate::ledger) fn db(&self) -> &Db {
        &self.db
    }

    /// What was read is of one moment. Without locks it is not when somebody wrote meanwhile.
    pub(in crate::ledger) fn is_of_one_moment(&self) -> bool {
        self.still.is_none() || (!is_open(&self.path) && stamp(&self.path) == self.still)
    }
}

/// Whether this user may write rows: into the file, and into the log that SQLite lays beside it.
pub(in crate::ledger) fn may_write(path: &Path) -> bool {
    let real = open::real(path);
    let may = |path: &Path| rustix::fs::access(path, rustix::fs::Access::WRITE_OK).is_ok();
    may(&real) && real.parent().is_some_and(may)
}

/// Whether rows may be in its log, or soon will be.
fn is_open(path: &Path) -> bool {
    let real = open::real(path);
    with_suffix(&real, "-shm").exists() || std::fs::metadata(with_suffix(&real, "-wal")).is_ok_and(|log| log.len() > 0)
}
