//! Where a systemd credential lies: in the directory that systemd has made for the service; at a shell, in the
//! file that the unit reads it from.

use std::path::{Path, PathBuf};

/// `LoadCredential=k:/etc/ecpayd/keys` in the unit: each file of that directory is the credential `k_FILE`.
const PREFIX: &str = "k_";

/// That directory, beside the settings.
pub const KEYS: &str = "keys";

/// As systemd's names of credentials are bounded, which become names of files.
const LONGEST_NAME: usize = 255;

/// The name under which the unit hands over a file of the directory `keys`.
pub fn credential_of(file: &str) -> String {
    format!("{PREFIX}{file}")
}

/// Whether systemd loads a file of that directory. Where it does not, the unit does not start (status 243).
pub fn may_be_credential(file: &str) -> bool {
    is_name(&credential_of(file))
}

fn is_name(name: &str) -> bool {
    let is_taken = |c: char| c.is_ascii() && !c.is_ascii_control() && !matches!(c, '/' | ':');
    name.chars().all(is_taken) && !matches!(name, "." | "..") && name.len() <= LONGEST_NAME
}

#[derive(Clone, Copy)]
pub(super) struct Shelf<'a> {
    /// `$CREDENTIALS_DIRECTORY`.
    pub(super) given: Option<&'a Path>,
    /// The directory of the settings.
    pub(super) settings: &'a Path,
}

pub(super) enum Lies {
    /// Where systemd has put it.
    Given(PathBuf),
    /// Where the unit reads it.
    Source(PathBuf),
    /// A drop-in may name any file.
    Elsewhere,
}

impl Shelf<'_> {
    pub(super) fn find(self, name: &str) -> Result<Lies, String> {
        if !is_name(name) {
            return Err("must be the bare name of a credential, as in LoadCredential=NAME:/path".to_owned());
        }
        if let Some(given) = self.given {
            return Ok(Lies::Given(given.join(name)));
        }
        if let Some(file) = name.strip_prefix(PREFIX).filter(|file| !file.is_empty()) {
            return Ok(Lies::Source(self.keys().join(file)));
        }
        let beside = self.settings.join(name);
        Ok(if beside.is_file() { Lies::Source(beside) } else { Lies::Elsewhere })
    }

    pub(super) fn keys(self) -> PathBuf {
        self.settings.join(KEYS)
    }

    /// What was tried in vain at a shell.
    pub(super) fn told(self) -> String {
        let keys = self.keys();
        format!(
            "names a systemd credential, and $CREDENTIALS_DIRECTORY is not set; looked in {}, from where the unit \
             reads what is named {PREFIX}FILE",
            keys.display()
        )
    }
}
