//! Who may run on a ledger, and the ledger's file where there is none yet.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use super::place::{self, with_suffix};
use crate::ledger::error::LedgerError;

/// Who may run on this ledger: held until dropped or until the process ends, however it ends.
pub(in crate::ledger) struct Lock {
    /// The ledger itself, whatever the name it was opened by. SQLite's own locks are of another kind; but
    /// they go when any file on the ledger is closed, so this one is kept until SQLite is done.
    /// None: there is no ledger.
    _ledger: Option<File>,
    /// Beside the ledger, with the number of the process that holds it. Let go last: whoever has it
    /// has the ledger too.
    _beside: File,
}

/// For the daemon: creates the ledger where it is not there yet. `real` is its path without links.
pub(in crate::ledger) fn lock(path: &Path, real: &Path) -> Result<Lock, LedgerError> {
    let beside = lock_beside(path, real)?;
    check_no_restore_is_open(path, real)?;
    create(path)?;
    let ledger = lock_ledger(path)?;
    place::check_links(path, &ledger.metadata().map_err(|e| cannot_lock(path, &e))?)?;
    Ok(Lock { _ledger: Some(ledger), _beside: beside })
}

/// For whoever puts a copy in the ledger's place: creates none, and takes one with a second name.
pub(in crate::ledger) fn lock_as_it_is(path: &Path, real: &Path) -> Result<Lock, LedgerError> {
    let beside = lock_beside(path, real)?;
    let is_there = path.try_exists().map_err(|e| cannot_lock(path, &e))?;
    let ledger = if is_there { Some(lock_ledger(path)?) } else { None };
    Ok(Lock { _ledger: ledger, _beside: beside })
}

/// The copy that is to take the ledger's place, whole and on the disk; there from before the first step of that
/// until after the last.
pub(in crate::ledger) fn to_be_put_in_place(real: &Path) -> PathBuf {
    with_suffix(real, ".restoring")
}

/// What lies there may be the ledger without its log, or nothing.
pub(super) fn check_no_restore_is_open(path: &Path, real: &Path) -> Result<(), LedgerError> {
    let copy = to_be_put_in_place(real);
    if copy.exists() { Err(LedgerError::RestoreOpen { path: path.to_owned(), copy }) } else { Ok(()) }
}

pub(in crate::ledger) fn path_beside(real: &Path) -> PathBuf {
    with_suffix(real, ".lock")
}

fn lock_ledger(path: &Path) -> Result<File, LedgerError> {
    let ledger = File::open(path).map_err(|e| cannot_lock(path, &e))?;
    match ledger.try_lock() {
        Ok(()) => Ok(ledger),
        Err(TryLockError::WouldBlock) => {
            Err(LedgerError::Held { path: path.to_owned(), holder: " under another name".to_owned() })
        }
        Err(TryLockError::Error(e)) => Err(cannot_lock(path, &e)),
    }
}

fn cannot_lock(path: &Path, error: &std::io::Error) -> LedgerError {
    LedgerError::Open { path: path.to_owned(), why: format!("cannot lock it: {error}") }
}

fn lock_beside(path: &Path, real: &Path) -> Result<File, LedgerError> {
    let lock_path = path_beside(real);
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
    Ok(file)
}

/// SQLite itself creates files that only their owner may write. The umask decides instead, so
/// that the shop's group can be let in; the log and its index take over the file's mode.
fn create(path: &Path) -> Result<(), LedgerError> {
    let cannot = |e: std::io::Error| LedgerError::Open { path: path.to_owned(), why: format!("cannot create it: {e}") };
    // SQLite would delete the log beside a new file, and with it the last writes of the one that is missing.
    let log = with_suffix(path, "-wal");
    if !path.exists() && std::fs::metadata(&log).is_ok_and(|log| log.len() > 0) {
        return Err(LedgerError::LogAlone { path: path.to_owned(), log });
    }
    match OpenOptions::new().write(true).create_new(true).open(path) {
        Err(e) if e.kind() != std::io::ErrorKind::AlreadyExists => Err(cannot(e)),
        _ => Ok(()),
    }
}
