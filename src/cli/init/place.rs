//! Puts the first settings in place: all of it or nothing, and nothing is written over.
//!
//! Everything is made in a directory of its own, read as the daemon reads it, and then renamed: the keys first, the
//! settings last. Whoever is killed in between leaves no config.toml.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _, chown};
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, RenameFlags, renameat_with};
use secrecy::ExposeSecret as _;

use super::answers::Answers;
use super::text;
use crate::cli::Failure;
use crate::config::{KEYS, KeysNeeded, Settings};
use crate::doctor::owners;

const CONFIG: &str = "config.toml";
const GROUP: &str = "ecpayd";
const STAGE: &str = ".init-";

pub(super) fn check_free(dir: &Path) -> Result<(), Failure> {
    let config = dir.join(CONFIG);
    match config.symlink_metadata() {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(cannot(&config, &error)),
        Ok(_) => Err(taken(&config)),
    }
}

fn taken(path: &Path) -> Failure {
    let path = path.display();
    Failure::Problem(format!(
        "{path} is there already, and nothing is written over: move it away, or name another --dir"
    ))
}

fn cannot(path: &Path, error: &io::Error) -> Failure {
    let hint = match error.kind() {
        ErrorKind::PermissionDenied => "; run this as root, or name another --dir",
        _ => "",
    };
    Failure::Problem(format!(
        "{} cannot be written: {}{hint}; nothing was written",
        path.display(),
        error.to_string().to_lowercase()
    ))
}

/// What was made, to be taken away again where the rest fails.
#[derive(Default)]
struct Made {
    files: Vec<PathBuf>,
    /// The outer ones first.
    directories: Vec<PathBuf>,
}

impl Made {
    /// A directory that is somebody else's, or that somebody has put something into, stays.
    fn undo(&self) {
        self.files.iter().for_each(|path| drop(fs::remove_file(path)));
        self.directories.iter().rev().for_each(|path| drop(fs::remove_dir(path)));
    }
}

/// The path of the settings.
pub(super) fn write(dir: &Path, answers: &Answers) -> Result<PathBuf, Failure> {
    let mut made = Made::default();
    let written = all(dir, answers, &mut made);
    if written.is_err() {
        made.undo();
    }
    written
}

fn all(dir: &Path, answers: &Answers, made: &mut Made) -> Result<PathBuf, Failure> {
    // The ledger lies there too, but not under the unit, whose group has to come in here for the settings.
    let mode = if text::is_of_unit(dir) { 0o755 } else { 0o750 };
    directory(dir, mode, made).map_err(|error| cannot(dir, &error))?;
    let dir = dir.canonicalize().map_err(|error| cannot(dir, &error))?;
    remove_abandoned(&dir);
    let stage = dir.join(format!("{STAGE}{}", std::process::id()));
    let staged = staged(&dir, &stage, answers).and_then(|()| published(&dir, &stage, answers, made));
    // It holds keys; what of it is in place by now was renamed.
    let removed = fs::remove_dir_all(&stage);
    staged?;
    removed.map_err(|error| cannot(&stage, &error))?;
    Ok(dir.join(CONFIG))
}

fn directory(path: &Path, mode: u32, made: &mut Made) -> io::Result<()> {
    if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty() && !parent.exists()) {
        directory(parent, 0o755, made)?;
    }
    match DirBuilder::new().mode(mode).create(path) {
        Ok(()) => {
            made.directories.push(path.to_owned());
            // Whatever the umask says.
            fs::set_permissions(path, fs::Permissions::from_mode(mode))
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
        Err(error) => Err(error),
    }
}

/// Of an `init` that was killed.
fn remove_abandoned(dir: &Path) {
    for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let process = name.strip_prefix(STAGE).and_then(|number| number.parse::<u32>().ok());
        if process.is_some_and(|number| !Path::new("/proc").join(number.to_string()).exists()) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

fn staged(dir: &Path, stage: &Path, answers: &Answers) -> Result<(), Failure> {
    let keys = stage.join(KEYS);
    let make = |path: &Path| DirBuilder::new().mode(0o700).create(path).map_err(|error| cannot(path, &error));
    make(stage)?;
    make(&keys)?;
    let secrets = [&answers.hash_key, &answers.hash_iv];
    for (name, secret) in text::key_files(answers).iter().zip(secrets) {
        let path = keys.join(name);
        file(&path, 0o600, &format!("{}\n", secret.expose_secret())).map_err(|error| cannot(&path, &error))?;
    }
    let config = stage.join(CONFIG);
    file(&config, 0o640, &text::settings(dir, answers)).map_err(|error| cannot(&config, &error))?;
    if rustix::process::geteuid().is_root()
        && let Some(group) = owners::group_id(GROUP)
    {
        chown(&config, None, Some(group)).map_err(|error| cannot(&config, &error))?;
    }
    // As the daemon will read it, and not with what this shell has set.
    let read = Settings::load(&config, std::iter::empty(), KeysNeeded::All);
    read.map(drop).map_err(|problems| Failure::Usage(problems.to_string()))
}

fn file(path: &Path, mode: u32, text: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(path)?;
    file.set_permissions(fs::Permissions::from_mode(mode))?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

fn published(dir: &Path, stage: &Path, answers: &Answers, made: &mut Made) -> Result<(), Failure> {
    let keys = dir.join(KEYS);
    directory(&keys, 0o700, made).map_err(|error| cannot(&keys, &error))?;
    for name in text::key_files(answers) {
        let (from, to) = (stage.join(KEYS).join(&name), keys.join(&name));
        match renamed(&from, &to) {
            Ok(()) => made.files.push(to),
            // Left by an `init` that was killed.
            Err(error) if error.kind() == ErrorKind::AlreadyExists && is_same(&from, &to) => {}
            Err(error) if error.kind() == ErrorKind::AlreadyExists => return Err(taken(&to)),
            Err(error) => return Err(cannot(&to, &error)),
        }
    }
    let synced = |path: &Path| File::open(path).and_then(|dir| dir.sync_all()).map_err(|error| cannot(path, &error));
    synced(&keys)?;
    let config = dir.join(CONFIG);
    renamed(&stage.join(CONFIG), &config).map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => taken(&config),
        _ => cannot(&config, &error),
    })?;
    made.files.push(config);
    synced(dir)
}

/// An error where there is something already.
fn renamed(from: &Path, to: &Path) -> io::Result<()> {
    match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        // Not every file system has it; a second name is as exclusive.
        Err(rustix::io::Errno::INVAL | rustix::io::Errno::NOSYS) => {
            fs::hard_link(from, to).and_then(|()| fs::remove_file(from))
        }
        done => Ok(done?),
    }
}

fn is_same(ours: &Path, theirs: &Path) -> bool {
    let is_file =
        theirs.symlink_metadata().is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o077 == 0);
    is_file && fs::read(ours).is_ok_and(|ours| fs::read(theirs).is_ok_and(|theirs| ours == theirs))
}
