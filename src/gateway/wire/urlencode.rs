//! PHP's `urlencode`, which ECPay applies to the JSON before it encrypts it (vendor page 信用卡請退款功能, in English, note on `Data`).

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode, utf8_percent_encode};

/// Space is kept here and becomes `+` afterwards; a real `+` is escaped by then.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b' ');

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("text is not UTF-8 once its escapes are undone")]
pub struct BadEncoding;

/// Letters, digits and `-_.` stay, space is `+`, every other byte is `%XX` in upper case.
pub fn encode(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() * 2);
    escaped.extend(utf8_percent_encode(text, ESCAPED));
    if escaped.contains(' ') { escaped.replace(' ', "+") } else { escaped }
}

/// Undoes [`encode`] and its relatives: answers have come .NET-style, with lower-case hex
/// and bare `!*()`, with `%20` for space, and with raw UTF-8. A `%` without two hex digits
/// after it stands for itself.
pub fn decode(text: &str) -> Result<String, BadEncoding> {
    decode_bytes(text.as_bytes().to_vec())
}

/// The same of text that nobody has looked at yet.
pub(super) fn decode_bytes(mut text: Vec<u8>) -> Result<String, BadEncoding> {
    for byte in &mut text {
        if *byte == b'+' {
            *byte = b' ';
        }
    }
    let mut plain = Vec::with_capacity(text.len());
    plain.extend(percent_decode(&text));
    String::from_utf8(plain).map_err(|_| BadEncoding)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn text_is_escaped_as_php_does_it() {
        for (plain, escaped) in [
            ("", ""),
            ("aZ09-_.", "aZ09-_."),
            ("a b", "a+b"),
            ("a+b", "a%2Bb"),
            ("~*!'()", "%7E%2A%21%27%28%29"),
            ("付", "%E4%BB%98"),
            ("\0\n\u{7f}", "%00%0A%7F"),
        ] {
            assert_eq!(encode(plain), escaped);
            assert_eq!(decode(escaped), Ok(plain.to_owned()));
        }
    }

    #[test]
    fn other_ways_of_escaping_are_read_too() {
        for (escaped, plain) in [
            ("%7b%22a%22%3a1%7d", "{\"a\":1}"),
            ("a%20b+c", "a b c"),
            ("!*()'~", "!*()'~"),
            ("付款", "付款"),
            ("100%", "100%"),
            ("%zz%4", "%zz%4"),
        ] {
            assert_eq!(decode(escaped), Ok(plain.to_owned()));
        }
    }

    #[test]
    fn bytes_that_are_not_utf8_are_an_error() {
        assert_eq!(decode("%ff%fe"), Err(BadEncoding));
    }

    proptest! {
        #[test]
        fn what_was_encoded_decodes_to_itself(text in any::<String>()) {
            let escaped = encode(&text);
            prop_assert!(escaped.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.+%".contains(&b)));
            prop_assert_eq!(decode(&escaped), Ok(text));
        }

        #[test]
        fn decoding_never_panics(text in "[%+0-9a-fA-Fz付]{0,40}") {
            let _ = decode(&text);
        }
    }
}
