//! Telegram, by a bot.

use std::time::Duration;

use reqwest::header::HeaderMap;
use serde_json::{Value, json};
use url::Url;

use super::http::{Failed, Http, Refusal, url};
use super::not_sent::{NotSent, at_hand, masked_words};
use crate::config::TelegramSettings;
use crate::deliver::message::{Message, cut_utf16};

/// Of `sendMessage`, in units of UTF-16.
const LONGEST_TEXT: usize = 4096;

pub(super) struct Telegram {
    http: Http,
    /// Holds the token.
    url: Url,
    token: String,
    chat_id: String,
}

impl Telegram {
    pub(super) fn new(settings: &TelegramSettings, http: Http) -> Result<Self, String> {
        let token = at_hand(&settings.token)?.to_owned();
        let url = url(&format!("{}/bot{token}/sendMessage", settings.base_url))?;
        Ok(Self { http, url, token, chat_id: settings.chat_id.clone() })
    }

    pub(super) async fn send(&self, message: &Message) -> Result<(), NotSent> {
        // Without parse_mode the text is plain, whatever a shop wrote into it.
        let body = json!({
            "chat_id": self.chat_id,
            "text": cut_utf16(&message.whole(), LONGEST_TEXT),
            "link_preview_options": { "is_disabled": true },
        });
        match self.http.post(&self.url, HeaderMap::new(), body.to_string().into_bytes()).await {
            Ok(()) => Ok(()),
            Err(Failed::Refused(refusal)) => Err(self.refused(&refusal)),
            Err(failed) => Err(failed.into()),
        }
    }

    fn refused(&self, refusal: &Refusal) -> NotSent {
        let answer: Value = serde_json::from_str(&refusal.body).unwrap_or_default();
        let words = answer["description"].as_str().unwrap_or_default();
        let not_sent = refusal.told(Some(masked_words(words, [self.token.as_str(), self.chat_id.as_str()])));
        let asked =
            answer["parameters"]["retry_after"].as_u64().map(|seconds| Duration::from_secs(seconds.min(86_400)));
        NotSent { retry_after: asked.or(not_sent.retry_after), ..not_sent }
    }
}
