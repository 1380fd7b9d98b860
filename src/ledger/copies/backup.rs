//! A copy of the ledger as it is at this moment, whoever runs on it and writes to it.

use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use super::error::{CopyError, io};
use super::made;
use super::partial::Partial;
use crate::domain::backup::{free_name, surplus};
use crate::ledger::Ledger;
use crate::ledger::sqlite::place::with_suffix;
use crate::ledger::sqlite::{open, source};

/// What may lie beside a ledger and is a part of it.
const PARTS: [&str; 8] = ["", "-wal", "-shm", "-journal", ".lock", ".mark", ".mend.sql", ".restoring"];

/// What a backup is to be called.
#[derive(Clone, Debug)]
pub enum Target {
    File(PathBuf),
    /// By its time, in a directory that it shares with others.
    Dated {
        folder: PathBuf,
        at: DateTime<Utc>,
    },
}

impl Target {
    /// Of a dated one, a name that is free at this moment.
    fn path(&self) -> PathBuf {
        match self {
            Self::File(path) => path.clone(),
            // A directory that cannot be read is told of where a file is made in it.
            Self::Dated { folder, at } => folder.join(free_name(*at, names(folder).unwrap_or_default())),
        }
    }
}

/// Of everything that is there.
fn names(folder: &Path) -> std::io::Result<Vec<String>> {
    let entries = std::fs::read_dir(folder)?;
    Ok(entries.flatten().filter_map(|entry| entry.file_name().into_string().ok()).collect())
}

fn is_there(path: &Path) -> bool {
    std::fs::symlink_metadata(path).is_ok()
}

/// A name that a backup can have, before anything is done.
pub fn check_name(ledger: &Path, target: &Target) -> Result<(), CopyError> {
    let target = &target.path();
    let (real, named) = (open::real(ledger), open::real(target));
    let is_part = PARTS.iter().any(|part| with_suffix(&real, part) == named);
    if is_part || is_same_file(target, &real) {
        return Err(CopyError::OfTheLedger { path: target.to_owned() });
    }
    if is_there(target) {
        return Err(CopyError::Taken { path: target.to_owned() });
    }
    Ok(())
}

/// Whatever they are called.
pub(super) fn is_same_file(one: &Path, other: &Path) -> bool {
    let inode = |path: &Path| std::fs::metadata(path).ok().map(|found| (found.dev(), found.ino()));
    inode(one).is_some_and(|found| Some(found) == inode(other))
}

/// Whether this user may note a backup in the ledger; to read it is enough to make one.
pub fn may_be_noted(ledger: &Path) -> bool {
    !ledger.exists() || source::may_write(ledger)
}

impl Ledger {
    /// There is no such file before it is whole, verified and on the disk. It is named by the directory that it is in.
    pub fn back_up(&self, target: &Target) -> Result<PathBuf, CopyError> {
        back_up(&self.path, true, target)
    }
}

/// The same by a user who may only read the ledger. Nothing is left beside it.
pub fn back_up_unnoted(ledger: &Path, target: &Target) -> Result<PathBuf, CopyError> {
    back_up(ledger, false, target)
}

fn back_up(ledger: &Path, is_open: bool, target: &Target) -> Result<PathBuf, CopyError> {
    let mut partial = Partial::beside(&target.path())?;
    made::made(ledger, is_open, &partial)?;
    loop {
        match partial.take_free_name(&target.path()) {
            Ok(()) => return Ok(partial.target().to_owned()),
            // Another one was made meanwhile that began in the same second.
            Err(CopyError::Taken { .. }) if matches!(target, Target::Dated { .. }) => {}
            Err(error) => return Err(error),
        }
    }
}

/// Removes the oldest backups of the directory, so that `keep` are left. What was removed.
pub fn prune(made: &Path, keep: usize) -> Result<Vec<PathBuf>, CopyError> {
    let folder = made.parent().unwrap_or(Path::new("."));
    let mut names = names(folder).map_err(io("older backups cannot be listed", folder))?;
    names.retain(|name| std::fs::symlink_metadata(folder.join(name)).is_ok_and(|found| found.is_file()));
    let own = made.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let mut removed = Vec::new();
    for name in surplus(names, own, keep) {
        let path = folder.join(name);
        std::fs::remove_file(&path).map_err(io("it is to go, and cannot be removed", &path))?;
        removed.push(path);
    }
    Ok(removed)
}
