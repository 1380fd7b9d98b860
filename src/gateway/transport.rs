//! Bytes out, bytes in: the seam at which tests and the simulator take the network's place.

mod client;
mod guarded;

use std::error::Error;
use std::fmt;
use std::pin::Pin;
use std::time::Duration;

use chrono::DateTime;
use http::header::{ACCEPT, CONTENT_TYPE, DATE, USER_AGENT};
use http::{HeaderMap, HeaderValue, Request};
use http_body_util::BodyExt as _;
use hyper_util::client::legacy;
use tokio::time::timeout;

use self::client::Http;
use self::guarded::{Guarded, was_kept_back};
use crate::domain::action::Leave;

/// Far above any answer of the gateway; what is longer is not one.
const LONGEST_BODY_BYTES: usize = 1024 * 1024;
/// A month of a large shop: two hundred thousand rows.
const LONGEST_STATEMENT_BYTES: usize = 64 * 1024 * 1024;

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
    query: Http,
    money: Http,
    timeout: Duration,
}

impl HttpTransport {
    /// `timeout` bounds a whole call, from the look-up of the name to the last byte of the body.
    pub fn new(timeout: Duration) -> Result<Self, SetupError> {
        Ok(Self { query: Http::of_queries(timeout)?, money: Http::of_money(timeout)?, timeout })
    }

    async fn send(&self, url: &str, body: Guarded, purpose: Purpose) -> Result<HttpAnswer, TransportError> {
        let (client, longest) = match purpose {
            Purpose::Query => (&self.query, LONGEST_BODY_BYTES),
            Purpose::Statement => (&self.query, LONGEST_STATEMENT_BYTES),
            Purpose::Money => (&self.money, LONGEST_BODY_BYTES),
        };
        let request = Request::post(url)
            .header(CONTENT_TYPE, content_type_of(body.bytes()))
            .header(ACCEPT, HeaderValue::from_static("*/*"))
            .header(USER_AGENT, HeaderValue::from_static(concat!("ecpayd/", env!("CARGO_PKG_VERSION"))))
            .body(body)
            .map_err(|error| TransportError::NotSent(error.to_string()))?;
        let sent = timeout(self.timeout, answer(client, request, longest)).await;
        sent.unwrap_or_else(|_| Err(TransportError::Lost("operation timed out".to_owned())))
    }
}

async fn answer(client: &Http, request: Request<Guarded>, longest: usize) -> Result<HttpAnswer, TransportError> {
    let response = client.send(request).await.map_err(|error| classify(&error))?;
    let status = response.status().as_u16();
    let date_s = date_s(response.headers());
    let (mut coming, mut body) = (response.into_body(), Vec::new());
    while let Some(frame) = coming.frame().await {
        let frame = frame.map_err(|error| lost_body(&error, status))?;
        // What is no data is a trailer.
        let Ok(chunk) = frame.into_data() else { continue };
        if body.len() + chunk.len() > longest {
            let why = format!("http {status} with a body above {longest} bytes, cut off");
            return Err(TransportError::Lost(why));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(HttpAnswer { status, date_s, body })
}

impl Transport for HttpTransport {
    fn post<'a>(&'a self, url: &'a str, body: Vec<u8>, purpose: Purpose) -> Posted<'a> {
        Box::pin(self.send(url, Guarded::freely(body), purpose))
    }

    fn post_money<'a>(&'a self, url: &'a str, body: Vec<u8>, leave: Leave) -> Posted<'a> {
        Box::pin(self.send(url, Guarded::while_it_may(body, leave), Purpose::Money))
    }
}

/// JSON requests are objects, and no field of a form has a name that begins like one.
fn content_type_of(body: &[u8]) -> HeaderValue {
    HeaderValue::from_static(match body.first() {
        Some(b'{') | None => "application/json",
        Some(_) => "application/x-www-form-urlencoded",
    })
}

fn date_s(headers: &HeaderMap) -> Option<i64> {
    let date = headers.get(DATE)?.to_str().ok()?;
    DateTime::parse_from_rfc2822(date).ok().map(|at| at.timestamp())
}

/// A connect error comes from the name look-up, the socket or the TLS handshake, all of
/// which end before the request is handed to the connection.
fn classify(error: &legacy::Error) -> TransportError {
    let why = root(error);
    if error.is_connect() || was_kept_back(error) { TransportError::NotSent(why) } else { TransportError::Lost(why) }
}

fn lost_body(error: &hyper::Error, status: u16) -> TransportError {
    TransportError::Lost(format!("http {status}, then {}", root(error)))
}

/// The innermost cause: hyper's own text says only that sending failed.
fn root(error: &dyn Error) -> String {
    let mut deepest = error;
    while let Some(cause) = deepest.source() {
        deepest = cause;
    }
    deepest.to_string()
}
