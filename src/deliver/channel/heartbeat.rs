//! The call that says that all is well. Whoever waits for it tells people when it stays away.

use reqwest::header::HeaderMap;
use secrecy::SecretString;
use serde_json::json;
use url::Url;

use super::LONGEST;
use super::http::{Http, url};
use super::not_sent::{NotSent, at_hand};

pub struct Heartbeat {
    http: Http,
    url: Url,
}

impl Heartbeat {
    pub fn new(address: &SecretString) -> Result<Self, String> {
        Ok(Self { http: Http::new(LONGEST)?, url: url(at_hand(address)?)? })
    }

    /// With one line of how the daemon is.
    pub async fn beat(&self, line: &str) -> Result<(), NotSent> {
        let body = json!({ "status": line }).to_string().into_bytes();
        Ok(self.http.post(&self.url, HeaderMap::new(), body).await?)
    }
}
