//! How `Data` is closed and opened: urlencode, AES-128-CBC with PKCS7, base64.

use std::fmt;

use aes::Aes128;
use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyIvInit};
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretBox};

use super::urlencode;

/// Bytes in a key, in an initialization vector and in a block.
const BLOCK: usize = 16;

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// A merchant's HashKey and HashIV.
pub struct Keys {
    key: SecretBox<[u8; BLOCK]>,
    iv: SecretBox<[u8; BLOCK]>,
}

/// Says which one and how long it is, never what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what} is {bytes} bytes long, not {BLOCK}")]
pub struct KeyError {
    pub what: &'static str,
    pub bytes: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// No key could open it: it was damaged on the way or is no `Data` at all.
    #[error("data is not base64 of whole 16-byte blocks")]
    Damaged,
    /// Almost always another key.
    #[error("data does not decrypt")]
    NotDecrypted,
}

impl Keys {
    pub fn new(hash_key: &str, hash_iv: &str) -> Result<Self, KeyError> {
        Ok(Self { key: secret("hash key", hash_key)?, iv: secret("hash iv", hash_iv)? })
    }

    pub fn seal(&self, json: &str) -> String {
        self.seal_encoded(&urlencode::encode(json))
    }

    /// Seals what is urlencoded already, in whatever style.
    pub fn seal_encoded(&self, plain: &str) -> String {
        let cipher = cbc::Encryptor::<Aes128>::new(self.key.expose_secret().into(), self.iv.expose_secret().into());
        BASE64.encode(cipher.encrypt_padded_vec::<Pkcs7>(plain.as_bytes()))
    }

    /// Key, text, iv in one: what the checksum is made over.
    pub(super) fn around(&self, text: &str) -> Zeroizing<String> {
        let key = String::from_utf8_lossy(self.key.expose_secret());
        let iv = String::from_utf8_lossy(self.iv.expose_secret());
        Zeroizing::new(format!("{key}{text}{iv}"))
    }

    /// The same of the form API's checksum.
    pub(super) fn around_fields(&self, fields: &str) -> Zeroizing<String> {
        let key = String::from_utf8_lossy(self.key.expose_secret());
        let iv = String::from_utf8_lossy(self.iv.expose_secret());
        Zeroizing::new(format!("HashKey={key}&{fields}&HashIV={iv}"))
    }

    pub fn open(&self, data: &str) -> Result<String, OpenError> {
        let unbroken = || data.split_ascii_whitespace().collect::<String>();
        let sealed = BASE64.decode(data).or_else(|_| BASE64.decode(unbroken()));
        let mut sealed = sealed.map_err(|_| OpenError::Damaged)?;
        if sealed.is_empty() || !sealed.len().is_multiple_of(BLOCK) {
            return Err(OpenError::Damaged);
        }
        let cipher = cbc::Decryptor::<Aes128>::new(self.key.expose_secret().into(), self.iv.expose_secret().into());
        let length = cipher.decrypt_padded::<Pkcs7>(&mut sealed).map_err(|_| OpenError::NotDecrypted)?.len();
        sealed.truncate(length);
        urlencode::decode_bytes(sealed).map_err(|_| OpenError::NotDecrypted)
    }
}

fn secret(what: &'static str, text: &str) -> Result<SecretBox<[u8; BLOCK]>, KeyError> {
    let bytes = <[u8; BLOCK]>::try_from(text.as_bytes()).map_err(|_| KeyError { what, bytes: text.len() })?;
    Ok(SecretBox::new(Box::new(bytes)))
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keys(..)")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn keys() -> Keys {
        Keys::new("pwFHCqoQZGmho4w6", "EkRm7iFT261dpevs").expect("the public stage keys")
    }

    #[test]
    fn keys_of_another_length_are_refused_without_being_told() {
        let error = Keys::new("secret-but-short", "short").expect_err("an iv of 5 bytes");
        assert_eq!(error, KeyError { what: "hash iv", bytes: 5 });
        assert_eq!(error.to_string(), "hash iv is 5 bytes long, not 16");
        assert!(Keys::new("seventeen--bytes!", "EkRm7iFT261dpevs").is_err());
    }

    #[test]
    fn keys_do_not_show_themselves() {
        assert_eq!(format!("{:?}", keys()), "Keys(..)");
    }

    #[test]
    fn data_without_padding_or_with_line_breaks_opens() {
        let sealed = keys().seal("{}");
        assert!(sealed.ends_with('='));
        assert_eq!(keys().open(sealed.trim_end_matches('=')), Ok("{}".to_owned()));
        assert_eq!(keys().open(&format!("{}\r\n{}", &sealed[..8], &sealed[8..])), Ok("{}".to_owned()));
    }

    #[test]
    fn damage_and_another_key_are_told_apart() {
        for damaged in ["", "?", "AAAA", "付款"] {
            assert_eq!(keys().open(damaged), Err(OpenError::Damaged), "{damaged}");
        }
        let other = Keys::new("5294y06JbISpM5x9", "v77hoKGq4kWxNNIS").expect("the public stage keys");
        assert_eq!(keys().open(&other.seal(r#"{"RtnCode":1}"#)), Err(OpenError::NotDecrypted));
    }

    proptest! {
        #[test]
        fn what_was_sealed_opens(text in any::<String>()) {
            prop_assert_eq!(keys().open(&keys().seal(&text)), Ok(text));
        }

        #[test]
        fn opening_never_panics(text in any::<String>(), blocks in "[A-Za-z0-9+/]{64}") {
            let _ = keys().open(&text);
            let _ = keys().open(&blocks);
        }
    }
}
