//! What every request passes before it is looked at, and what every answer bears.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};

use super::host::Hosts;
use super::pace::Pace;
use super::site::HttpOptions;
use super::socket::Peer;
use super::token::Token;
use super::tries::Tries;

/// However slow the disk, nobody waits longer for an answer.
pub const LONGEST: Duration = Duration::from_secs(5);

/// Tells no numbers, and is asked by those who have no token.
const OPEN_TO_ALL: &str = "/healthz";

const HEADERS: [(HeaderName, &str); 5] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
];

pub struct Guard {
    hosts: Hosts,
    token: Option<Token>,
    tries: Mutex<Tries>,
    pace: Pace,
}

impl Guard {
    /// `listening`: the address with the port that the system has given.
    pub fn new(options: &HttpOptions, listening: SocketAddr) -> Self {
        Self {
            hosts: Hosts::new(listening, &options.hosts),
            token: options.token.clone().map(Token::new),
            tries: Mutex::default(),
            pace: Pace::new(tokio::time::Instant::now()),
        }
    }

    /// The refusal, if there is one.
    fn refuses(&self, request: &Request, peer: Peer) -> Option<Response> {
        self.of_another_host(request)
            .or_else(|| of_another_method(request.method()))
            .or_else(|| from_another_site(request.headers()))
            .or_else(|| self.without_token(request, peer))
    }

    fn of_another_host(&self, request: &Request) -> Option<Response> {
        let mut named = request.headers().get_all(header::HOST).iter();
        let host = named.next().and_then(|host| host.to_str().ok()).filter(|_| named.next().is_none());
        // A request that is meant for a proxy names the host twice.
        let target = request.uri().authority().is_none_or(|authority| self.hosts.allow(authority.as_str()));
        let ours = target && host.is_some_and(|host| self.hosts.allow(host));
        let sentence = "this is not a name of this page: add it to http.hosts in the settings of ecpayd\n";
        (!ours).then(|| (StatusCode::MISDIRECTED_REQUEST, sentence).into_response())
    }

    fn without_token(&self, request: &Request, Peer(address): Peer) -> Option<Response> {
        let token = self.token.as_ref().filter(|_| request.uri().path() != OPEN_TO_ALL)?;
        let Some(told) = request.headers().get(header::AUTHORIZATION) else { return Some(asks_for_token()) };
        let now = Instant::now();
        let mut tries = self.tries.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(wait) = tries.barred(address, now) {
            let seconds = HeaderValue::from(wait.as_secs() + 1);
            let sentence = "too many wrong tokens from this address: wait a minute\n";
            return Some((StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, seconds)], sentence).into_response());
        }
        if token.is_right(told) {
            return None;
        }
        tries.note_wrong(address, now);
        Some(asks_for_token())
    }
}

fn of_another_method(method: &Method) -> Option<Response> {
    let allow = [(header::ALLOW, HeaderValue::from_static("GET, HEAD"))];
    let sentence = "this page only shows: GET and HEAD\n";
    (method != Method::GET && method != Method::HEAD)
        .then(|| (StatusCode::METHOD_NOT_ALLOWED, allow, sentence).into_response())
}

/// A link from elsewhere may lead here; what another site's page fetches by itself may not.
fn from_another_site(headers: &HeaderMap) -> Option<Response> {
    let is = |name: &str, value: &str| headers.get(name).is_some_and(|told| told == value);
    let fetched = is("sec-fetch-site", "cross-site") && !is("sec-fetch-mode", "navigate");
    let sentence = "the page of another site may not read this one\n";
    fetched.then(|| (StatusCode::FORBIDDEN, sentence).into_response())
}

fn asks_for_token() -> Response {
    let by = [(header::WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"ecpayd\", charset=\"UTF-8\""))];
    let sentence = "give the token of http.token, as Bearer or as the password of any user\n";
    (StatusCode::UNAUTHORIZED, by, sentence).into_response()
}

/// Puts the guard before the routes, and the headers on every answer, refusals too.
pub fn around(routes: Router, guard: Guard) -> Router {
    routes.layer(middleware::from_fn_with_state(Arc::new(guard), pass))
}

async fn pass(
    State(guard): State<Arc<Guard>>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    request: Request,
    next: Next,
) -> Response {
    guard.pace.turn().await;
    let mut response = match guard.refuses(&request, peer) {
        Some(refusal) => refusal,
        None => tokio::time::timeout(LONGEST, next.run(request)).await.unwrap_or_else(|_| too_slow()),
    };
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

pub fn too_slow() -> Response {
    let sentence = "the page was not ready within 5 s: the disk or the machine is busy; try again\n";
    (StatusCode::SERVICE_UNAVAILABLE, sentence).into_response()
}
