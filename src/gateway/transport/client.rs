//! The HTTP client: connections, TLS, limits of time.
//!
//! hyper without reqwest's layers above it: those parse each address three times over and serve redirects, proxies and
//! cookies, none of which a call to the gateway may have. They were a tenth of what a captured order costs.

use std::error::Error;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use http::{Request, Response, Uri};
use hyper::body::Incoming;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder, MaybeHttpsStream};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::{self, Client};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use rustls::ClientConfig;
use rustls_platform_verifier::BuilderVerifierExt as _;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tower_service::Service;

use super::SetupError;
use super::guarded::Guarded;

const LONGEST_CONNECT: Duration = Duration::from_secs(10);
/// A connection that nobody has used for so long is closed.
const IDLE: Duration = Duration::from_secs(90);
const KEEPALIVE: Duration = Duration::from_secs(15);

pub(super) struct Http(Client<InTime, Guarded>);

impl Http {
    /// Calls share connections. hyper sends a request again when a connection that was used before has died before a
    /// byte of it was written.
    pub(super) fn of_queries(limit: Duration) -> Result<Self, SetupError> {
        Ok(Self(settings().build(InTime::of(limit)?)))
    }

    /// Each call has a connection of its own and is handed to it once: that a connection seems to have died before
    /// anything was written is not enough where money moves.
    pub(super) fn of_money(limit: Duration) -> Result<Self, SetupError> {
        let once = settings().pool_max_idle_per_host(0).retry_canceled_requests(false).build(InTime::of(limit)?);
        Ok(Self(once))
    }

    pub(super) async fn send(&self, request: Request<Guarded>) -> Result<Response<Incoming>, legacy::Error> {
        self.0.request(request).await
    }
}

fn settings() -> legacy::Builder {
    let mut settings = Client::builder(TokioExecutor::new());
    settings.pool_timer(TokioTimer::new()).pool_idle_timeout(IDLE);
    settings
}

/// Connections that are there in time, with their name looked up and their TLS agreed, or not at all.
#[derive(Clone)]
struct InTime {
    connector: HttpsConnector<HttpConnector>,
    longest: Duration,
}

impl InTime {
    fn of(limit: Duration) -> Result<Self, SetupError> {
        // An error means that a provider is installed already, which serves as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let trust = ClientConfig::builder().with_platform_verifier().map_err(|e| SetupError(e.to_string()))?;
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_keepalive(Some(KEEPALIVE));
        let https = HttpsConnectorBuilder::new().with_tls_config(trust.with_no_client_auth()).https_or_http();
        // Before the whole call's: it tells that nothing was sent, and the other one cannot.
        let longest = (limit * 9 / 10).min(LONGEST_CONNECT);
        Ok(Self { connector: https.enable_http1().wrap_connector(tcp), longest })
    }
}

type Failed = Box<dyn Error + Send + Sync>;

impl Service<Uri> for InTime {
    type Response = MaybeHttpsStream<TokioIo<TcpStream>>;
    type Error = Failed;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Failed>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Failed>> {
        self.connector.poll_ready(context)
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let (connecting, longest) = (self.connector.call(uri), self.longest);
        Box::pin(async move {
            let in_time = timeout(longest, connecting).await;
            in_time.unwrap_or_else(|_| Err(format!("no connection within {} s", longest.as_secs_f32()).into()))
        })
    }
}
