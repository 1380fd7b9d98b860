//! `CheckMacValue` of the voucher calls (vendor page "Checksum Mechanism" of ECTicket).
//!
//! Over the plain JSON text exactly as it was sent or received: a text that is written
//! again from what was read may differ in order, spaces and escapes, and so in its checksum.

pub mod form;

use secrecy::zeroize::Zeroizing;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::cipher::Keys;
use super::urlencode;

/// Upper-case hex of SHA-256 over the lower-cased urlencode of HashKey, text and HashIV.
///
/// None of the .NET replacements that ECPay's other checksum ([`form`]) makes after the urlencode.
pub fn of(keys: &Keys, json: &str) -> String {
    let mut encoded = Zeroizing::new(urlencode::encode(&keys.around(json)));
    encoded.make_ascii_lowercase();
    upper_sha256(&encoded)
}

fn upper_sha256(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02X}")).collect()
}

/// In constant time, so that how long a refusal takes tells nothing about the right value.
pub fn holds(keys: &Keys, json: &str, claimed: &str) -> bool {
    of(keys, json).as_bytes().ct_eq(claimed.trim().to_ascii_uppercase().as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checksum_holds_for_its_own_text_and_keys_only() {
        let keys = Keys::new("c539115ea7674f20", "86f625e60cb1473a").expect("the public stage keys");
        let other = Keys::new("c539115ea7674f21", "86f625e60cb1473a").expect("16 bytes each");
        let json = r#"{"RtnCode":1,"RtnMsg":"付款 ok~*!'()"}"#;
        let claimed = of(&keys, json);
        assert_eq!(claimed.len(), 64);
        assert!(holds(&keys, json, &claimed));
        assert!(holds(&keys, json, &claimed.to_lowercase()));
        for (keys, json, claimed) in [
            (&keys, r#"{"RtnMsg":"付款 ok~*!'()","RtnCode":1}"#, claimed.as_str()),
            (&other, json, &claimed),
            (&keys, json, &claimed[1..]),
            (&keys, json, ""),
        ] {
            assert!(!holds(keys, json, claimed));
        }
    }
}
