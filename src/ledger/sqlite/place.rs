//! The three files of an open ledger, as they were when it was opened.

use std::fs::{File, Metadata};
use std::io::{ErrorKind, Read as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use crate::ledger::LedgerError;

/// With which SQLite's log begins, in either byte order of its sums (SQLite's page "WAL-mode File Format").
const LOG_MAGIC: [[u8; 4]; 2] = [[0x37, 0x7f, 0x06, 0x82], [0x37, 0x7f, 0x06, 0x83]];

type Inode = (u64, u64);

fn inode(found: &Metadata) -> Inode {
    (found.dev(), found.ino())
}

/// One that lies beside the ledger, and is none of its own: which inode it is.
struct Beside {
    path: PathBuf,
    /// None: it could not be seen when the ledger was opened.
    inode: Option<Inode>,
}

impl Beside {
    fn of(real: &Path, suffix: &str) -> Self {
        let path = with_suffix(real, suffix);
        let inode = std::fs::metadata(&path).ok().as_ref().map(inode);
        Self { path, inode }
    }

    fn is_in_place(&self) -> bool {
        match std::fs::metadata(&self.path) {
            Ok(found) => self.inode.is_none_or(|was| inode(&found) == was),
            Err(e) if e.kind() == ErrorKind::NotFound => self.inode.is_none(),
            // That it cannot be seen just now says nothing about where it is.
            Err(_) => true,
        }
    }
}

/// Which files the ledger is.
pub(in crate::ledger) struct Place {
    path: PathBuf,
    ledger: Inode,
    log: Beside,
    index: Beside,
}

impl Place {
    /// Of a ledger that is open, so that its log and its index are there. `real` is its path without links.
    pub(in crate::ledger) fn of(path: &Path, real: &Path) -> Result<Self, LedgerError> {
        let found = std::fs::metadata(path);
        let found =
            found.map_err(|e| LedgerError::Open { path: path.to_owned(), why: format!("cannot see it: {e}") })?;
        let (log, index) = (Beside::of(real, "-wal"), Beside::of(real, "-shm"));
        Ok(Self { path: path.to_owned(), ledger: inode(&found), log, index })
    }

    /// The ledger itself.
    pub(in crate::ledger) fn check_ledger(&self) -> Result<(), LedgerError> {
        match std::fs::metadata(&self.path) {
            Ok(found) if inode(&found) != self.ledger => Err(LedgerError::Gone { path: self.path.clone() }),
            Ok(found) => check_links(&self.path, &found),
            Err(e) if e.kind() == ErrorKind::NotFound => Err(LedgerError::Gone { path: self.path.clone() }),
            // That it cannot be seen just now says nothing about where it is.
            Err(_) => Ok(()),
        }
    }

    /// What lies beside it: whoever opens the ledger without them writes where nobody else reads.
    pub(in crate::ledger) fn check_beside(&self) -> Result<(), LedgerError> {
        for beside in [&self.log, &self.index] {
            if !beside.is_in_place() {
                return Err(LedgerError::BesideGone { path: self.path.clone(), gone: beside.path.clone() });
            }
        }
        Ok(())
    }

    /// Our log may be put into the ledger by ourselves. Not when our index of it is no longer everybody's,
    /// nor when another log has been begun: then all of ours was in the ledger before.
    pub(in crate::ledger) fn may_empty_log(&self) -> bool {
        let begun = || {
            let mut magic = [0; 4];
            let read = File::open(&self.log.path).and_then(|mut log| log.read_exact(&mut magic));
            read.is_ok() && LOG_MAGIC.contains(&magic)
        };
        self.index.is_in_place() && (self.log.is_in_place() || !begun())
    }

    /// Takes the log from beside a file that is no longer the one it belongs to, and says where it is.
    pub(in crate::ledger) fn put_log_aside(&self) -> std::io::Result<PathBuf> {
        let aside = with_suffix(&self.log.path, &format!(".aside-{}", std::process::id()));
        std::fs::rename(&self.log.path, &aside).map(|()| aside)
    }
}

/// A second name of the file has a log of its own beside it, which hides what is written under this one.
pub(in crate::ledger) fn check_links(path: &Path, found: &Metadata) -> Result<(), LedgerError> {
    match found.nlink() {
        0 | 1 => Ok(()),
        links => Err(LedgerError::Linked { path: path.to_owned(), links }),
    }
}

/// A file beside the ledger.
pub(in crate::ledger) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}
