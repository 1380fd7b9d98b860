//! A file in the making: under a name of its own beside the one that it is to have, so that nobody ever finds half
//! of it there.

use std::ffi::{OsStr, OsString};
use std::fs::{File, OpenOptions, TryLockError};
use std::io::ErrorKind;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, RenameFlags, renameat_with};
use rustix::io::Errno;

use super::error::{CopyError, io};
use crate::domain::backup::is_left_over;
use crate::ledger::sqlite::place::with_suffix;

/// What SQLite lays beside a database that it writes.
const JOURNAL: &str = "-journal";

/// As many names as are tried where another process cleans up at the same moment.
const NAMES: u32 = 16;

/// Gone when it is dropped, unless it was given its name. A process that is killed leaves it behind; the lock on it
/// ends with the process, by which the next one sees that nobody works on it.
pub(super) struct Partial {
    path: PathBuf,
    file: File,
    target: PathBuf,
}

impl Partial {
    /// Empty, for nobody but its owner to read. What others have left behind in this place goes first.
    pub(super) fn beside(target: &Path) -> Result<Self, CopyError> {
        let target = absolute(target)?;
        clean_up(&target);
        for number in 0..NAMES {
            let path = target.with_file_name(name_of(&target, number));
            let made = OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(&path);
            let file = match made {
                Ok(file) => file,
                Err(e) if e.kind() == ErrorKind::AlreadyExists => continue,
                Err(e) => return Err(io("a file cannot be made beside it", &target)(e)),
            };
            // Where a file system has no locks, nobody takes the file for one that was left behind either.
            if matches!(file.try_lock(), Err(TryLockError::WouldBlock)) || !is_at(&file, &path) {
                continue;
            }
            return Ok(Self { path, file, target });
        }
        let why = "another backup is made in the same place".to_owned();
        Err(CopyError::Io { doing: "a file cannot be made beside it", path: target, why })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// What it is to be called.
    pub(super) fn target(&self) -> &Path {
        &self.target
    }

    /// For another try.
    pub(super) fn empty(&self) -> Result<(), CopyError> {
        self.file.set_len(0).map_err(io("it cannot be emptied", &self.path))
    }

    pub(super) fn sync(&self) -> Result<(), CopyError> {
        self.file.sync_all().map_err(io("it cannot be put on the disk", &self.target))
    }

    /// Its content is on the disk. From here on it has this name in its directory, which nothing had before.
    pub(super) fn take_free_name(&mut self, target: &Path) -> Result<(), CopyError> {
        self.target = absolute(target)?;
        self.sync()?;
        match renameat_with(CWD, &self.path, CWD, &self.target, RenameFlags::NOREPLACE) {
            Ok(()) => {}
            Err(Errno::EXIST) => return Err(CopyError::Taken { path: self.target.clone() }),
            // Not every file system has it; a second name is never taken from another file anywhere.
            Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => self.link()?,
            Err(error) => return Err(io("it cannot be given its name", &self.target)(error.into())),
        }
        sync_folder(&self.target)
    }

    /// The same, whatever had the name before.
    pub(super) fn take_name(&self) -> Result<(), CopyError> {
        self.sync()?;
        std::fs::rename(&self.path, &self.target).map_err(io("it cannot be given its name", &self.target))?;
        sync_folder(&self.target)
    }

    fn link(&self) -> Result<(), CopyError> {
        match std::fs::hard_link(&self.path, &self.target) {
            Err(e) if e.kind() == ErrorKind::AlreadyExists => Err(CopyError::Taken { path: self.target.clone() }),
            Err(e) => Err(io("it cannot be given its name", &self.target)(e)),
            // The other name goes when this is dropped.
            Ok(()) => Ok(()),
        }
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        // Gone already where it has its name; where it cannot be removed, the next one tries.
        let _ = std::fs::remove_file(with_suffix(&self.path, JOURNAL));
        let _ = std::fs::remove_file(&self.path);
    }
}

/// Puts on the disk what names a folder holds: that of this file.
pub(super) fn sync_folder(of: &Path) -> Result<(), CopyError> {
    let folder = of.parent().unwrap_or(Path::new("/"));
    let synced = File::open(folder).and_then(|folder| folder.sync_all());
    synced.map_err(io("its directory cannot be put on the disk", of))
}

/// By the directory that is there; the file is not.
fn absolute(target: &Path) -> Result<PathBuf, CopyError> {
    let Some(name) = target.file_name() else {
        let why = "it names no file".to_owned();
        return Err(CopyError::Io { doing: "nothing can be written there", path: target.to_owned(), why });
    };
    let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let folder = folder.canonicalize().map_err(io("there is no such directory to write to", target))?;
    Ok(folder.join(name))
}

fn name_of(target: &Path, number: u32) -> OsString {
    let mut name = OsString::from(".");
    name.push(target.file_name().unwrap_or_default());
    name.push(format!(".partial-{}.{number}", std::process::id()));
    name
}

fn is_at(file: &File, path: &Path) -> bool {
    let same = || Some((file.metadata().ok()?, std::fs::symlink_metadata(path).ok()?));
    same().is_some_and(|(held, named)| (held.dev(), held.ino()) == (named.dev(), named.ino()))
}

/// What was left behind by processes that were killed. One that somebody works on is locked.
fn clean_up(target: &Path) {
    let Some(folder) = target.parent() else { return };
    let Some(name) = target.file_name().and_then(OsStr::to_str) else { return };
    // A directory that cannot be read is told of where a file is made in it.
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let is_file = entry.file_type().is_ok_and(|kind| kind.is_file());
        if !is_file || !entry.file_name().to_str().is_some_and(|found| is_left_over(found, name)) {
            continue;
        }
        let path = entry.path();
        let free = File::open(&path).ok().filter(|file| file.try_lock().is_ok());
        if free.is_some_and(|file| is_at(&file, &path)) {
            // In this order, so that none is left of which nobody knows.
            let _ = std::fs::remove_file(with_suffix(&path, JOURNAL));
            let _ = std::fs::remove_file(&path);
        }
    }
}
