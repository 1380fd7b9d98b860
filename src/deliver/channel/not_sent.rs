//! Why a message did not go out.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};

use crate::domain::quote::quote;

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct NotSent {
    /// One sentence without any secret.
    pub why: String,
    /// This one is never tried again by this channel; it belongs into the digest.
    pub give_up: bool,
    /// What the receiver asks for.
    pub retry_after: Option<Duration>,
}

impl NotSent {
    pub(super) fn because(why: impl Into<String>) -> Self {
        Self { why: why.into(), give_up: false, retry_after: None }
    }
}

/// Enough for a service's sentence.
const LONGEST_WORDS: usize = 200;

/// The receiver's own words, as they may stand in a sentence: what it repeats of a secret is masked.
pub(super) fn masked_words<'s>(words: &str, secrets: impl IntoIterator<Item = &'s str>) -> String {
    let mut text = words.to_owned();
    for secret in secrets.into_iter().filter(|secret| !secret.is_empty()) {
        text = text.replace(secret, "****");
    }
    quote(&text, LONGEST_WORDS)
}

/// A person's command may read less than the service.
pub(super) fn at_hand(secret: &SecretString) -> Result<&str, String> {
    let text = secret.expose_secret();
    if text.is_empty() {
        let told = "its secret is a systemd credential, which cannot be read here: run this as root, give it as a file, \
                    or run this by systemd-run --pipe -p LoadCredential=NAME:/path";
        return Err(told.to_owned());
    }
    Ok(text)
}
