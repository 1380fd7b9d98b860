//! Where the secrets of the settings stand: for whoever judges who may read them.

use std::path::PathBuf;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretPlace {
    /// Of the key that says so, as `merchant[0].card.hash_key_file`.
    pub name: String,
    pub stands: Stands,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stands {
    /// In the settings file.
    InSettings,
    InEnvironment,
    /// In a file that this user could read.
    File(PathBuf),
    /// systemd has handed it over.
    Given,
    /// In a file that this user could not read.
    Unread,
    /// It is a credential, and nobody here knows where the unit reads it.
    Elsewhere,
}

impl SecretPlace {
    /// The file of its own, if it was read from one.
    pub fn file(&self) -> Option<&std::path::Path> {
        match &self.stands {
            Stands::File(path) => Some(path),
            _ => None,
        }
    }
}
