//! Files and directories: whose they are, and what their modes are.

use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use crate::config::{Examined, KEYS, may_be_credential};
use crate::doctor::{Copied, FileFacts, SecretFile, owners};

/// Where the recipes of docs/operations.md and the package's timer put copies.
const COPIES: [&str; 2] = ["/var/backups", "/var/backups/ecpayd"];

/// None: it is not there, or cannot be seen.
pub(super) fn facts(path: &Path) -> Option<FileFacts> {
    let found = std::fs::metadata(path).ok()?;
    Some(FileFacts {
        path: path.to_owned(),
        mode: found.mode() & 0o7777,
        uid: found.uid(),
        gid: found.gid(),
        user: owners::user(found.uid()),
        group: owners::group(found.gid()),
        links: found.nlink(),
        is_link: path.is_symlink(),
    })
}

pub(super) fn directory_of(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Those that hold a secret of the settings each.
pub(super) fn of_secrets(settings: &Path, examined: &Examined) -> Vec<SecretFile> {
    let keys = settings.with_file_name(KEYS);
    let files = examined.secrets.iter().filter_map(|secret| Some((secret, facts(secret.file()?)?)));
    let secret = |(secret, file): (&crate::config::SecretPlace, FileFacts)| SecretFile {
        name: secret.name.clone(),
        is_loaded: file.path.parent() == Some(&keys),
        file,
    };
    files.map(secret).collect()
}

/// Hidden files and links are left out by systemd, whatever they are named.
pub(super) fn refused(keys: &Path) -> Vec<String> {
    let loaded = entries(keys).into_iter().filter(|path| !path.is_symlink());
    let names = loaded.map(|path| path.file_name().unwrap_or_default().to_string_lossy().into_owned());
    names.filter(|name| !name.starts_with('.') && !may_be_credential(name)).collect()
}

/// Beside the ledger, and where backups lie: whatever is named after the ledger and is none of its own files.
pub(super) fn copies(ledger: &Path) -> Vec<Copied> {
    let own = ["", "-wal", "-shm", "-journal", ".lock", ".mark", ".mend.sql"];
    let Some(name) = ledger.file_name().map(|name| name.to_string_lossy().into_owned()) else { return Vec::new() };
    let stem = ledger.file_stem().map_or_else(|| name.clone(), |stem| stem.to_string_lossy().into_owned());
    let is_copy = |found: &str| found.starts_with(&stem) && found.contains(".db");
    let is_own = |found: &str| own.iter().any(|suffix| *found == format!("{name}{suffix}"));
    let directories = ledger.parent().map(Path::to_owned).into_iter().chain(COPIES.map(PathBuf::from));
    let found = directories.flat_map(|directory| entries(&directory)).filter(|path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        is_copy(&name) && !is_own(&name) && path.is_file()
    });
    let copied = |path: PathBuf| {
        let is_reachable = path.parent().and_then(facts).is_some_and(|directory| directory.has(0o001));
        Some(Copied { file: facts(&path)?, is_reachable })
    };
    found.filter_map(copied).collect()
}

fn entries(directory: &Path) -> Vec<PathBuf> {
    let mut found: Vec<_> =
        std::fs::read_dir(directory).into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path())).collect();
    found.sort();
    found
}
