//! The token of the page, as a bearer's or as a password: browsers ask for the latter without a script.

use axum::http::HeaderValue;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

pub struct Token(SecretString);

impl Token {
    pub fn new(token: SecretString) -> Self {
        Self(token)
    }

    /// Whether an `Authorization` is right. Digests are compared, so that the time tells neither a part of the
    /// token nor its length.
    pub fn is_right(&self, authorization: &HeaderValue) -> bool {
        let Some(told) = authorization.to_str().ok().and_then(told) else { return false };
        let (told, right) = (Sha256::digest(told), Sha256::digest(self.0.expose_secret()));
        told.as_slice().ct_eq(right.as_slice()).into()
    }
}

fn told(authorization: &str) -> Option<Vec<u8>> {
    let (scheme, told) = authorization.trim().split_once(' ')?;
    let told = told.trim();
    if scheme.eq_ignore_ascii_case("bearer") {
        return Some(told.as_bytes().to_vec());
    }
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let pair = STANDARD.decode(told).ok()?;
    // Whoever it is: there is one token and no accounts.
    let colon = pair.iter().position(|b| *b == b':')?;
    Some(pair[colon + 1..].to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_taken_as_a_bearers_or_as_the_password_of_any_user() {
        let token = Token::new(SecretString::from("correct horse battery staple"));
        let basic = |pair: &str| format!("Basic {}", STANDARD.encode(pair));
        let right = |told: &str| token.is_right(&HeaderValue::from_str(told).expect("a header"));
        for told in [
            "Bearer correct horse battery staple".to_owned(),
            "bearer  correct horse battery staple".to_owned(),
            basic(":correct horse battery staple"),
            basic("anybody:correct horse battery staple"),
        ] {
            assert!(right(&told), "{told}");
        }
        for told in [
            "Bearer".to_owned(),
            "Bearer correct horse battery".to_owned(),
            "Digest correct horse battery staple".to_owned(),
            "correct horse battery staple".to_owned(),
            basic("correct horse battery staple"),
            basic("x:correct horse battery staple:x"),
            "Basic !!!".to_owned(),
        ] {
            assert!(!right(&told), "{told}");
        }
    }
}
