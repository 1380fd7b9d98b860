//! ntfy, by its JSON.

use reqwest::header::HeaderMap;
use serde_json::{Value, json};
use url::Url;

use super::http::{Failed, Http, bearer, url};
use super::not_sent::{NotSent, at_hand, masked_words};
use crate::config::NtfySettings;
use crate::deliver::message::{Message, cut_bytes};
use crate::domain::alert::Severity;

/// A longer one becomes an attachment.
const LONGEST_TEXT_BYTES: usize = 4096;
const LONGEST_TITLE_BYTES: usize = 250;

pub(super) struct Ntfy {
    http: Http,
    /// The server's root: there it takes JSON.
    url: Url,
    topic: String,
    headers: HeaderMap,
    token: Option<String>,
}

impl Ntfy {
    pub(super) fn new(settings: &NtfySettings, http: Http) -> Result<Self, String> {
        let mut url = url(at_hand(&settings.url)?)?;
        let path = url.path().to_owned();
        let (root, topic) =
            path.rsplit_once('/').filter(|(_, topic)| !topic.is_empty()).ok_or("its address names no topic")?;
        url.set_path(&format!("{root}/"));
        let token = settings.token.as_ref().map(at_hand).transpose()?.map(str::to_owned);
        let headers = token.as_deref().map(bearer).transpose()?.unwrap_or_default();
        Ok(Self { http, url, topic: topic.to_owned(), headers, token })
    }

    pub(super) async fn send(&self, message: &Message) -> Result<(), NotSent> {
        let body = json!({
            "topic": self.topic,
            "title": cut_bytes(&message.title, LONGEST_TITLE_BYTES),
            "message": cut_bytes(&message.text, LONGEST_TEXT_BYTES),
            "priority": priority(message.severity),
        });
        match self.http.post(&self.url, self.headers.clone(), body.to_string().into_bytes()).await {
            Ok(()) => Ok(()),
            Err(Failed::Refused(refusal)) => {
                let answer: Value = serde_json::from_str(&refusal.body).unwrap_or_default();
                let secrets = [self.topic.as_str(), self.token.as_deref().unwrap_or_default()];
                Err(refusal.told(Some(masked_words(answer["error"].as_str().unwrap_or_default(), secrets))))
            }
            Err(failed) => Err(failed.into()),
        }
    }
}

/// Of 1 to 5, where 3 is usual.
fn priority(severity: Severity) -> u8 {
    match severity {
        Severity::Notice => 3,
        Severity::Warning => 4,
        Severity::Critical => 5,
    }
}
