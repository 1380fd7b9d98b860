//! Slack, by an incoming webhook, and what speaks like it.

use reqwest::header::HeaderMap;
use secrecy::SecretString;
use serde_json::json;
use url::Url;

use super::http::{Failed, Http, url};
use super::not_sent::{NotSent, at_hand, masked_words};
use crate::deliver::message::{Message, cut_utf16};

/// What Slack recommends; from 40,000 on it cuts by itself.
const LONGEST_TEXT: usize = 4000;

pub(super) struct Slack {
    http: Http,
    url: Url,
}

impl Slack {
    pub(super) fn new(address: &SecretString, http: Http) -> Result<Self, String> {
        Ok(Self { http, url: url(at_hand(address)?)? })
    }

    pub(super) async fn send(&self, message: &Message) -> Result<(), NotSent> {
        let text = escaped(&cut_utf16(&message.whole(), LONGEST_TEXT));
        let body = json!({ "text": text, "mrkdwn": false, "unfurl_links": false, "unfurl_media": false });
        match self.http.post(&self.url, HeaderMap::new(), body.to_string().into_bytes()).await {
            Ok(()) => Ok(()),
            // One word, such as `invalid_token`; what is longer is some other server's page.
            Err(Failed::Refused(refusal)) => {
                let word = refusal.body.trim();
                let is_word = word.len() <= 60 && word.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
                Err(refusal.told(is_word.then(|| masked_words(word, []))))
            }
            Err(failed) => Err(failed.into()),
        }
    }
}

/// These three begin Slack's links and calls, such as `<!channel>` (page "Formatting text for app surfaces").
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
