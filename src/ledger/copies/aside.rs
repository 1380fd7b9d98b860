//! Where a ledger goes that a copy takes the place of: into a directory beside it, under a second name, until the
//! copy takes the first. So at each moment there is a ledger in the place, and never the log of another beside it.

use std::ffi::OsStr;
use std::fs::DirBuilder;
use std::io::ErrorKind;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Duration, Utc};

use super::error::{CopyError, io};
use super::owner::Owner;
use super::partial::sync_folder;
use crate::domain::calendar::taipei;
use crate::ledger::sqlite::place::with_suffix;

const FOLDER: &str = "replaced-";

/// What holds rows of it beside the ledger: where SQLite could not be asked to tidy up.
const LOGS: [&str; 3] = ["-wal", "-shm", "-journal"];

/// Puts the ledger, if there is one, and its logs into a new directory beside it. It has its first name, too.
pub(super) fn put_aside(real: &Path, owner: Owner, now: DateTime<Utc>) -> Result<Option<PathBuf>, CopyError> {
    let parts = LOGS.map(|log| with_suffix(real, log));
    if !real.exists() && !parts.iter().any(|log| log.exists()) {
        return Ok(None);
    }
    let folder = new_folder(real, now)?;
    owner.alone().give(&folder)?;
    let aside = |part: &Path| folder.join(part.file_name().unwrap_or_default());
    if real.exists() {
        std::fs::hard_link(real, aside(real)).map_err(io("the ledger cannot be put aside", real))?;
        sync_folder(&aside(real))?;
    }
    for log in parts.iter().filter(|log| log.exists()) {
        std::fs::rename(log, aside(log)).map_err(io("it cannot be put aside", log))?;
    }
    sync_folder(&aside(real))?;
    sync_folder(real)?;
    Ok(Some(folder))
}

fn new_folder(real: &Path, now: DateTime<Utc>) -> Result<PathBuf, CopyError> {
    let mut civil = taipei(now).naive_local();
    loop {
        let folder = real.with_file_name(civil.format("replaced-%Y%m%dT%H%M%S").to_string());
        match DirBuilder::new().mode(0o700).create(&folder) {
            Err(e) if e.kind() == ErrorKind::AlreadyExists => civil += Duration::seconds(1),
            made => return made.map(|()| folder.clone()).map_err(io("it cannot be made", &folder)),
        }
    }
}

/// Makes undone what a restore has begun that was cut short: the ledger has one name again, and its logs beside it.
pub(super) fn undo(real: &Path) -> Result<(), CopyError> {
    let folder = real.parent().unwrap_or(Path::new("/"));
    let name = real.file_name().unwrap_or_default();
    let entries = std::fs::read_dir(folder).map_err(io("it cannot be listed", folder))?;
    let replaced = entries.flatten().filter(|entry| entry.file_name().to_string_lossy().starts_with(FOLDER));
    for aside in replaced.map(|entry| entry.path()) {
        let second = aside.join(name);
        if is_same(real, &second) {
            take_back(real, &aside, name)?;
        }
        // One that holds something stays.
        let _ = std::fs::remove_dir(aside);
    }
    Ok(())
}

fn take_back(real: &Path, aside: &Path, name: &OsStr) -> Result<(), CopyError> {
    for log in LOGS {
        let (there, here) = (with_suffix(&aside.join(name), log), with_suffix(real, log));
        if there.exists() && !here.exists() {
            std::fs::rename(&there, &here).map_err(io("it cannot be put back", &there))?;
        }
    }
    let second = aside.join(name);
    std::fs::remove_file(&second).map_err(io("it cannot be removed", &second))?;
    sync_folder(real)
}

fn is_same(one: &Path, other: &Path) -> bool {
    let inode = |path: &Path| std::fs::symlink_metadata(path).ok().map(|found| (found.dev(), found.ino()));
    inode(one).is_some_and(|found| Some(found) == inode(other))
}
