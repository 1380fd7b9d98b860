//! The key with which a webhook is signed, as Standard Webhooks writes it, or any text that is long enough.

use base64::{Engine as _, engine::general_purpose::STANDARD};

const PREFIX: &str = "whsec_";
/// What Standard Webhooks asks for.
const SHORTEST_BYTES: usize = 24;

/// The bytes of `whsec_` and base64, or of the text itself. An error does not repeat it.
pub fn signing_key(secret: &str) -> Result<Vec<u8>, String> {
    let key = match secret.strip_prefix(PREFIX) {
        Some(encoded) => {
            STANDARD.decode(encoded).map_err(|_| format!("begins with {PREFIX} and goes on with what is not base64"))?
        }
        None => secret.as_bytes().to_vec(),
    };
    if key.len() < SHORTEST_BYTES {
        let text = format!("gives a key of {} bytes; it must have at least {SHORTEST_BYTES}, as from: ", key.len());
        return Err(text + "echo whsec_$(openssl rand -base64 32)");
    }
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_base64_after_its_prefix_or_the_text_itself() {
        let text = "0123456789abcdef01234567";
        assert_eq!(signing_key(text).as_deref(), Ok(text.as_bytes()));
        let encoded = format!("whsec_{}", STANDARD.encode(text));
        assert_eq!(signing_key(&encoded).as_deref(), Ok(text.as_bytes()));
    }

    #[test]
    fn a_key_that_is_short_or_not_base64_is_refused_and_not_repeated() {
        for (secret, why) in [
            ("hunter2hunter2hunter2", "gives a key of 21 bytes; it must have at least 24"),
            ("whsec_aHVudGVyMg==", "gives a key of 7 bytes"),
            ("whsec_hunter2!", "is not base64"),
        ] {
            let told = signing_key(secret).expect_err(secret);
            assert!(told.contains(why) && !told.contains("hunter2"), "{told}");
        }
    }
}
