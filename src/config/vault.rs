//! The secrets of channels and of the page, and whether the settings file shows one that it must not show.

use secrecy::SecretString;

use super::{
    reader::Section,
    secret::{Check, KeyRing, Reported, Source},
};

pub(super) struct Vault<'a> {
    ring: KeyRing<'a>,
    /// The section that is read holds a secret in plain.
    in_file: bool,
    exposed: bool,
}

impl<'a> Vault<'a> {
    pub(super) fn new(ring: KeyRing<'a>) -> Self {
        Self { ring, in_file: false, exposed: false }
    }

    pub(super) fn required(
        &mut self,
        section: &mut Section<'_>,
        source: &Source,
        check: Check,
    ) -> Option<SecretString> {
        let (secret, in_file) = source.required(section, self.ring, check);
        self.in_file |= in_file;
        secret.map(|secret| secret.secret)
    }

    pub(super) fn optional(
        &mut self,
        section: &mut Section<'_>,
        source: &Source,
        check: Check,
    ) -> Result<Option<SecretString>, Reported> {
        let (secret, in_file) = source.optional(section, self.ring, check);
        self.in_file |= in_file;
        secret.map(|secret| secret.map(|secret| secret.secret))
    }

    /// Ends a section: what only a receiver on loopback is shown may stand in a file that others read.
    pub(super) fn end(&mut self, loopback: bool) {
        self.exposed |= self.in_file && !loopback;
        self.in_file = false;
    }

    pub(super) fn exposed(&self) -> bool {
        self.exposed
    }
}

pub(super) const TOKEN: Source = Source::new("token", "token_file", "token_credential");

/// Fits into a header.
pub(super) fn is_token(text: &str) -> Result<(), String> {
    if !text.is_empty() && text.bytes().all(|b| b.is_ascii_graphic()) {
        return Ok(());
    }
    Err("gives what is no token: letters, digits and signs of ASCII, without spaces or line breaks".to_owned())
}

pub(super) fn is_one_line(text: &str) -> Result<(), String> {
    if !text.is_empty() && !text.contains(char::is_control) {
        return Ok(());
    }
    Err("gives nothing, or more than one line".to_owned())
}
