//! A ledger that is only looked at: nothing is written into it, and no file is made beside it.
//!
//! A connection that only reads makes SQLite's log and index all the same where they are not there. So they
//! are read where both are, the index without a lock of ours in it, and otherwise the file is read alone.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags};

use super::open::{self, BUSY, check_header, check_identity, check_version};
use super::place::with_suffix;
use crate::ledger::LedgerError;
use crate::ledger::db::Db;

pub(in crate::ledger) struct Still {
    pub(in crate::ledger) db: Db,
    /// Log and index are read too.
    is_live: bool,
    real: PathBuf,
    /// False: the log holds something, and cannot be read without making its index.
    pub(in crate::ledger) is_whole: bool,
}

/// `real` is the path without links.
pub(in crate::ledger) fn open(real: &Path) -> Result<Still, LedgerError> {
    match std::fs::metadata(real) {
        Ok(_) => {}
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            return Err(LedgerError::Missing { path: real.to_owned() });
        }
        Err(e) => return Err(open::cannot_read(real, &e)),
    }
    check_header(real)?;
    let beside = |suffix| std::fs::metadata(with_suffix(real, suffix)).ok();
    let (log, index) = (beside("-wal"), beside("-shm"));
    let is_live = log.is_some() && index.is_some();
    let parameters = if is_live { "mode=ro&readonly_shm=1" } else { "immutable=1" };
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(open::uri(real, parameters), flags);
    let connection = connection.map_err(|e| open::cannot_open(real, &e))?;
    connection.busy_timeout(BUSY)?;
    let db = Db::new(connection);
    check_identity(real, &db)?;
    check_version(real, &db)?;
    let is_whole = is_live || log.is_none_or(|log| log.len() == 0);
    Ok(Still { db, is_live, real: real.to_owned(), is_whole })
}

/// The same in the process that has the ledger open for writing. SQLite alone opens its files here: to close one by
/// ourselves would take away the locks that this process holds on it.
pub(in crate::ledger) fn beside_the_writer(real: &Path) -> Result<Still, LedgerError> {
    let db = open::reader(real)?;
    check_version(real, &db)?;
    Ok(Still { db, is_live: true, real: real.to_owned(), is_whole: true })
}

impl Still {
    /// Somebody has opened the ledger meanwhile: what was read of the file alone may not belong together.
    pub(in crate::ledger) fn was_overtaken(&self) -> bool {
        !self.is_live && with_suffix(&self.real, "-shm").exists()
    }
}
