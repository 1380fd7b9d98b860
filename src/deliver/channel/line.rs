//! LINE, by a push message of the Messaging API.

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use url::Url;

use super::http::{Failed, Http, Refusal, bearer, url};
use super::not_sent::{NotSent, at_hand, masked_words};
use crate::config::LineSettings;
use crate::deliver::message::{Message, cut_utf16};

/// LINE counts in units of UTF-16 (page "Character counting in a text").
const LONGEST_TEXT: usize = 5000;

const RETRY_KEY: HeaderName = HeaderName::from_static("x-line-retry-key");

pub(super) struct Line {
    http: Http,
    url: Url,
    headers: HeaderMap,
    token: String,
    to: String,
}

impl Line {
    pub(super) fn new(settings: &LineSettings, http: Http) -> Result<Self, String> {
        let token = at_hand(&settings.token)?.to_owned();
        let url = url(&format!("{}/v2/bot/message/push", settings.base_url))?;
        Ok(Self { http, url, headers: bearer(&token)?, token, to: settings.to.clone() })
    }

    pub(super) async fn send(&self, message: &Message) -> Result<(), NotSent> {
        let text = cut_utf16(&message.whole(), LONGEST_TEXT);
        let body = json!({ "to": self.to, "messages": [{ "type": "text", "text": text }] });
        let mut headers = self.headers.clone();
        let key = HeaderValue::from_str(&retry_key(&message.id));
        headers.insert(RETRY_KEY, key.map_err(|_| NotSent::because("the message's number fits into no header"))?);
        match self.http.post(&self.url, headers, body.to_string().into_bytes()).await {
            Ok(()) => Ok(()),
            // An earlier try with this key was accepted (page "Retry failed API requests").
            Err(Failed::Refused(refusal)) if refusal.status == 409 => Ok(()),
            Err(Failed::Refused(refusal)) => Err(self.refused(&refusal)),
            Err(failed) => Err(failed.into()),
        }
    }

    fn refused(&self, refusal: &Refusal) -> NotSent {
        let answer: Value = serde_json::from_str(&refusal.body).unwrap_or_default();
        let words = answer["message"].as_str().unwrap_or_default();
        let words = masked_words(words, [self.token.as_str(), self.to.as_str()]);
        // The same status says that too much was sent this minute, and that the month's messages are used up.
        let give_up = refusal.status == 429 && words.to_lowercase().contains("monthly limit");
        NotSent { give_up, ..refusal.told(Some(words)) }
    }
}

/// A UUID that stays the same over all tries (version 8 of RFC 9562: bytes of one's own).
fn retry_key(id: &str) -> String {
    let digest = Sha256::digest(id.as_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    bytes[6] = bytes[6] & 0x0f | 0x80;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_retry_key_is_a_uuid_of_the_message_alone() {
        let key = retry_key("alert-7-raised");
        assert_eq!(key, retry_key("alert-7-raised"));
        assert_ne!(key, retry_key("alert-8-raised"));
        let lengths: Vec<_> = key.split('-').map(str::len).collect();
        assert_eq!(lengths, [8, 4, 4, 4, 12]);
        assert!(key.as_bytes()[14] == b'8' && b"89ab".contains(&key.as_bytes()[19]), "{key}");
    }
}
