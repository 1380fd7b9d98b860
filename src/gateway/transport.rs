//! Bytes out, bytes in: the seam at which tests and the simulator take the network's place.

mod guarded;

use std::error::Error;
use std::fmt;
use std::pin::Pin;
use std::time::Duration;

use chrono::DateTime;
use reqwest::header::{CONTENT_TYPE, DATE, HeaderMap, HeaderValue};
use reqwest::{Body, Client, redirect, retry, tls};

use self::guarded::{Guarded, was_kept_back};
use crate::domain::action::Leave;

/// Far above any answer of the gateway; what is longer is not one.
const LONGEST_BODY_BYTES: usize = 1024 * 1024;
/// A month of a large shop: two hundred thousand rows.
const LONGEST_STATEMENT_BYTES: usize = 64 * 1024 * 1024;
const LONGEST_CONNECT: Duration = Duration::from_secs(10);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Changes nothing, may be asked again.
    Query,
    /// As a query, and its answer may be long.
    Statement,
    /// Moves money: its bytes go out at most once.
    Money,
}

pub struct HttpAnswer {
    pub status: u16,
    /// The header `Date`, Unix seconds.
    pub date_s: Option<i64>,
    pub body: Vec<u8>,
}

impl fmt::Debug for HttpAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HttpAnswer({}, {} bytes)", self.status, self.body.len())
    }
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    /// Provably failed before a byte of the request went out.
    #[error("{0}")]
    NotSent(String),
    /// Everything else: the request may have arrived.
    #[error("{0}")]
    Lost(String),
}

pub type Posted<'a> = Pin<Box<dyn Future<Output = Result<HttpAnswer, TransportError>> + Send + 'a>>;

pub trait Transport: Send + Sync {
    /// One POST of JSON or of a form. It is never repeated, neither here nor below.
    fn post<'a>(&'a self, url: &'a str, body: Vec<u8>, purpose: Purpose) -> Posted<'a>;

    /// The same of a money call, which goes out only while it may: asked as late as possible, since
    /// whatever is between the question and the first byte may take any time on a machine that sleeps.
    fn post_money<'a>(&'a self, url: &'a str, body: Vec<u8>, leave: Leave) -> Posted<'a> {
        Box::pin(async move {
            leave().map_err(TransportError::NotSent)?;
            self.post(url, body, Purpose::Money).await
        })
    }
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the http client cannot be set up: {0}")]
pub struct SetupError(String);

pub struct HttpTransport {
    query: Client,
    money: Client,
}

impl HttpTransport {
    /// `timeout` bounds a whole call, from the look-up of the name to the last byte of the body.
    pub fn new(timeout: Duration) -> Result<Self, SetupError> {
        // An error means that a provider is installed already, which serves as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let build = |builder: reqwest::ClientBuilder| builder.build().map_err(|e| SetupError(root(&e)));
        // hyper sends a request again when a reused connection seems to have died before it
        // was written. "Seems" is not enough for money: each of its calls gets a new connection.
        let money = settings(timeout).pool_max_idle_per_host(0);
        Ok(Self { query: build(settings(timeout))?, money: build(money)? })
    }

    async fn send(
        &self,
        url: &str,
        content_type: HeaderValue,
        body: impl Into<Body>,
        purpose: Purpose,
    ) -> Result<HttpAnswer, TransportError> {
        let client = match purpose {
            Purpose::Query | Purpose::Statement => &self.query,
            Purpose::Money => &self.money,
        };
        let longest = match purpose {
            Purpose::Query | Purpose::Money => LONGEST_BODY_BYTES,
            Purpose::Statement => LONGEST_STATEMENT_BYTES,
        };
        let request = client.post(url).header(CONTENT_TYPE, content_type).body(body);
        let mut response = request.send().await.map_err(classify)?;
        let status = response.status().as_u16();
        let date_s = date_s(response.headers());
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|e| lost_body(e, status))? {
            if body.len() + chunk.len() > longest {
                let why = format!("http {status} with a body above {longest} bytes, cut off");
                return Err(TransportError::Lost(why));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(HttpAnswer { status, date_s, body })
    }
}

impl Transport for HttpTransport {
    fn post<'a>(&'a self, url: &'a str, body: Vec<u8>, purpose: Purpose) -> Posted<'a> {
        Box::pin(self.send(url, content_type_of(&body), body, purpose))
    }

    fn post_money<'a>(&'a self, url: &'a str, body: Vec<u8>, leave: Leave) -> Posted<'a> {
        let content_type = content_type_of(&body);
        let body = Body::wrap(Guarded { leave, body: Some(body.into()) });
        Box::pin(self.send(url, content_type, body, Purpose::Money))
    }
}

/// JSON requests are objects, and no field of a form has a name that begins like one.
fn content_type_of(body: &[u8]) -> HeaderValue {
    HeaderValue::from_static(match body.first() {
        Some(b'{') | None => "application/json",
        Some(_) => "application/x-www-form-urlencoded",
    })
}

fn settings(timeout: Duration) -> reqwest::ClientBuilder {
    Client::builder()
        .user_agent(concat!("ecpayd/", env!("CARGO_PKG_VERSION")))
        .no_proxy()
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .http1_only()
        .tls_version_min(tls::Version::TLS_1_2)
        .connect_timeout(timeout.min(LONGEST_CONNECT))
        .timeout(timeout)
}

fn date_s(headers: &HeaderMap) -> Option<i64> {
    let date = headers.get(DATE)?.to_str().ok()?;
    DateTime::parse_from_rfc2822(date).ok().map(|at| at.timestamp())
}

/// A connect error comes from the name look-up, the socket or the TLS handshake, all of
/// which end before the request is handed to the connection.
fn classify(error: reqwest::Error) -> TransportError {
    let not_sent = error.is_connect() || error.is_builder() || was_kept_back(&error);
    let why = root(&error.without_url());
    if not_sent { TransportError::NotSent(why) } else { TransportError::Lost(why) }
}

fn lost_body(error: reqwest::Error, status: u16) -> TransportError {
    TransportError::Lost(format!("http {status}, then {}", root(&error.without_url())))
}

/// The innermost cause: reqwest's own text says only that sending failed.
fn root(error: &dyn Error) -> String {
    let mut deepest = error;
    while let Some(cause) = deepest.source() {
        deepest = cause;
    }
    deepest.to_string()
}
