//! One POST to a receiver, and what its answer means. Of its address only the host is named.

use std::time::Duration;

use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER};
use reqwest::{Client, Response, redirect, retry, tls};
use url::Url;

use super::cause::{is_of_tls, root};
use super::not_sent::NotSent;

/// Far above any service's word about what is wrong.
const LONGEST_BODY_BYTES: usize = 16 * 1024;
/// What asks for more is not believed.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(24 * 3600);

pub(super) struct Http {
    client: Client,
    limit: Duration,
}

/// An answer other than 2xx.
pub(super) struct Refusal {
    pub(super) status: u16,
    /// The start of it.
    pub(super) body: String,
    host: String,
    retry_after: Option<Duration>,
}

pub(super) enum Failed {
    Refused(Refusal),
    NotSent(NotSent),
}

impl From<Failed> for NotSent {
    fn from(failed: Failed) -> Self {
        match failed {
            Failed::Refused(refusal) => refusal.told(None),
            Failed::NotSent(not_sent) => not_sent,
        }
    }
}

impl Http {
    /// `limit` bounds a whole call, from the look-up of the name to the last byte.
    pub(super) fn new(limit: Duration) -> Result<Self, String> {
        // An error means that a provider is installed already, which serves as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
        // Nothing is sent again below the outbox, and no connection is kept: hyper repeats a request
        // on one that seems to have died before it was written.
        let client = Client::builder()
            .user_agent(concat!("ecpayd/", env!("CARGO_PKG_VERSION")))
            .no_proxy()
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            .http1_only()
            .tls_version_min(tls::Version::TLS_1_2)
            .pool_max_idle_per_host(0)
            .timeout(limit)
            .build()
            .map_err(|error| format!("the http client cannot be set up: {}", root(&error)))?;
        Ok(Self { client, limit })
    }

    /// Done where the answer is 2xx, whatever it says: its body is not waited for.
    pub(super) async fn post(&self, url: &Url, headers: HeaderMap, json: Vec<u8>) -> Result<(), Failed> {
        let host = url.host_str().unwrap_or_default().to_owned();
        let request = self.client.post(url.clone()).headers(headers);
        let request = request.header(CONTENT_TYPE, HeaderValue::from_static("application/json")).body(json);
        let response = request.send().await.map_err(|error| Failed::NotSent(self.failed(&host, &error)))?;
        if response.status().is_success() {
            return Ok(());
        }
        let status = response.status().as_u16();
        let retry_after = retry_after(response.headers());
        Err(Failed::Refused(Refusal { status, body: start_of(response).await, host, retry_after }))
    }

    fn failed(&self, host: &str, error: &reqwest::Error) -> NotSent {
        let why = root(error);
        NotSent::because(if error.is_timeout() {
            format!("{host} did not answer within {}", humantime::format_duration(self.limit))
        } else if is_of_tls(error) {
            format!("{host} is not trusted: {why}")
        } else if error.is_connect() {
            format!("{host} cannot be reached: {why}")
        } else {
            format!("{host} broke off before it answered: {why}")
        })
    }
}

impl Refusal {
    /// One sentence, with the receiver's words where it has some.
    pub(super) fn told(&self, words: Option<String>) -> NotSent {
        let (host, status) = (&self.host, self.status);
        let what = match status {
            300..=399 => "redirects, which is not followed: set the address that it moved to",
            401 | 403 => "does not take our token, key or address",
            404 | 410 => "does not know the address",
            413 => "finds the message too long",
            429 => "asks for fewer messages",
            400..=499 => "refuses the message",
            _ => "failed",
        };
        let words = words.filter(|words| !words.is_empty()).map_or_else(String::new, |words| format!(": {words}"));
        let why = format!("{host} {what} (http {status}){words}");
        NotSent { retry_after: self.retry_after, ..NotSent::because(why) }
    }
}

/// The header of a service that knows us by a token.
pub(super) fn bearer(token: &str) -> Result<HeaderMap, String> {
    let mut value = HeaderValue::from_str(&format!("Bearer {token}")).map_err(|_| "its token fits into no header")?;
    value.set_sensitive(true);
    Ok(HeaderMap::from_iter([(AUTHORIZATION, value)]))
}

pub(super) fn url(text: &str) -> Result<Url, String> {
    Url::parse(text).map_err(|_| "its address cannot be read".to_owned())
}

/// Whatever comes of the rest: the status is there.
async fn start_of(mut response: Response) -> String {
    let mut body = Vec::new();
    while body.len() < LONGEST_BODY_BYTES
        && let Ok(Some(chunk)) = response.chunk().await
    {
        body.extend_from_slice(&chunk[..chunk.len().min(LONGEST_BODY_BYTES - body.len())]);
    }
    String::from_utf8_lossy(&body).into_owned()
}

/// In seconds; the form with a date needs a clock, and no service here has it.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds).min(LONGEST_RETRY_AFTER))
}
