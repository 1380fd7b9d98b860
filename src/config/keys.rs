//! HashKey and HashIV of a gateway.

use secrecy::ExposeSecret;

use super::secret::{Secret, Source};

/// AES-128: key and initialization vector alike (contract of the gateway's `Data`).
const KEY_BYTES: usize = 16;

/// ECPay's published stage keys, HashKey and HashIV of each merchant. They are public
/// on its developer pages, and no production merchant has them.
const PUBLIC_STAGE_KEYS: [&str; 6] = [
    "pwFHCqoQZGmho4w6",
    "EkRm7iFT261dpevs",
    "5294y06JbISpM5x9",
    "v77hoKGq4kWxNNIS",
    "c539115ea7674f20",
    "86f625e60cb1473a",
];

pub(super) const HASH_KEY: Source = Source::new("hash_key", "hash_key_file", "hash_key_credential");
pub(super) const HASH_IV: Source = Source::new("hash_iv", "hash_iv_file", "hash_iv_credential");

pub(super) fn is_whole(key: &str) -> Result<(), String> {
    if key.len() == KEY_BYTES {
        return Ok(());
    }
    Err(format!("gives {} bytes; ECPay's keys have exactly {KEY_BYTES}", key.len()))
}

pub(super) fn is_public_stage_key(key: &Secret) -> bool {
    is_stage_key(key.secret.expose_secret())
}

pub(super) fn is_stage_key(key: &str) -> bool {
    PUBLIC_STAGE_KEYS.contains(&key)
}
