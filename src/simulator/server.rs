//! The simulator over HTTP: the card calls, the voucher calls and the control calls, on loopback only.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use chrono::DateTime;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::bank::{Bank, Terms};
use super::control;
use super::desk::{Delivery, Desk, Reply};
use super::handle::{Clock, SimHandle};
use super::protocol::{Call, Keyring};
use super::socket::{Breakable, Line};
use crate::domain::ids::{BadNumber, MerchantId};
use crate::gateway::wire::cipher::{KeyError, Keys};

/// A slow answer may outlive the server by no more than this.
const SHUTDOWN_WAIT: Duration = Duration::from_secs(1);

/// The vendor's public stage merchants, whose keys are no secrets.
const STAGE: (&str, &str, &str) = ("3002607", "pwFHCqoQZGmho4w6", "EkRm7iFT261dpevs");
/// Those of the public stage voucher merchant 3362787, for every merchant that is told no others.
pub const STAGE_VOUCHER_KEYS: (&str, &str) = ("c539115ea7674f20", "86f625e60cb1473a");
/// Nobody's: with those of a stage merchant its own answers would open.
const WRONG_KEYS: (&str, &str) = ("NobodysHashKey00", "NobodysHashIV000");

/// A merchant with made-up or public keys. Never put real ones here.
#[derive(Clone)]
pub struct SimMerchant {
    pub merchant_id: String,
    pub hash_key: String,
    pub hash_iv: String,
    /// The platform that may call for this merchant. Unless it is a merchant of the list itself, it
    /// has the merchant's keys.
    pub platform_id: Option<String>,
    pub daily_auto_close: bool,
    pub balance: Option<i64>,
    /// Its orders are made by 全方位金流 (AIO).
    pub aio: bool,
}

impl SimMerchant {
    pub fn stage() -> Self {
        let (merchant_id, hash_key, hash_iv) = STAGE;
        Self {
            merchant_id: merchant_id.to_owned(),
            hash_key: hash_key.to_owned(),
            hash_iv: hash_iv.to_owned(),
            platform_id: None,
            daily_auto_close: false,
            balance: None,
            aio: false,
        }
    }
}

pub struct Options {
    pub merchants: Vec<SimMerchant>,
    pub clock: Clock,
}

impl Options {
    /// The public stage merchant.
    pub fn new(clock: Clock) -> Self {
        Self { merchants: vec![SimMerchant::stage()], clock }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("{0} is not a loopback address")]
    NotLoopback(SocketAddr),
    #[error("cannot listen on {listen}")]
    Listen { listen: SocketAddr, source: io::Error },
    #[error("merchant {merchant_id}")]
    Keys { merchant_id: String, source: KeyError },
    #[error("merchant")]
    Merchant(#[from] BadNumber),
}

pub struct Simulator;

impl Simulator {
    /// The simulator without a server: its handle answers requests in the same process.
    pub fn without_server(options: Options) -> Result<SimHandle, StartError> {
        let mut bank = Bank::new((options.clock)());
        let mut keyring = Keyring::default();
        for merchant in &options.merchants {
            let id = MerchantId::parse(&merchant.merchant_id)?;
            let platform = merchant.platform_id.as_deref().map(MerchantId::parse).transpose()?;
            let keys = keys(&merchant.merchant_id, &merchant.hash_key, &merchant.hash_iv)?;
            let SimMerchant { daily_auto_close, balance, aio, .. } = *merchant;
            bank.add_merchant(id.clone(), Terms { daily_auto_close, balance, aio, ..Terms::default() });
            let voucher_keys = self::keys(&merchant.merchant_id, STAGE_VOUCHER_KEYS.0, STAGE_VOUCHER_KEYS.1)?;
            keyring.add(id, keys, voucher_keys, platform);
        }
        let wrong_keys = keys("of the wrong_key fault", WRONG_KEYS.0, WRONG_KEYS.1)?;
        Ok(SimHandle::new(options.clock, Desk::new(bank, keyring, wrong_keys)))
    }

    pub async fn start(listen: SocketAddr, options: Options) -> Result<Running, StartError> {
        Self::serve(listen, Self::without_server(options)?).await
    }

    /// Puts a server before a bank.
    pub async fn serve(listen: SocketAddr, handle: SimHandle) -> Result<Running, StartError> {
        if !listen.ip().is_loopback() {
            return Err(StartError::NotLoopback(listen));
        }
        let cannot_listen = |source| StartError::Listen { listen, source };
        let listener = TcpListener::bind(listen).await.map_err(cannot_listen)?;
        let addr = listener.local_addr().map_err(cannot_listen)?;
        let (stop, stopped) = oneshot::channel::<()>();
        let app = routes(handle.clone()).into_make_service_with_connect_info::<Line>();
        let server = tokio::spawn(async move {
            // The sender's end is dropped with `Running`, which stops the server as well.
            let stopped = async move { drop(stopped.await) };
            let served = axum::serve(Breakable(listener), app).with_graceful_shutdown(stopped).await;
            if let Err(error) = served {
                tracing::error!(%error, "the simulator stopped serving");
            }
        });
        Ok(Running { addr, handle, stop, server })
    }
}

fn keys(merchant_id: &str, key: &str, iv: &str) -> Result<Keys, StartError> {
    Keys::new(key, iv).map_err(|source| StartError::Keys { merchant_id: merchant_id.to_owned(), source })
}

/// A server that goes on until this is shut down or dropped.
pub struct Running {
    pub addr: SocketAddr,
    pub handle: SimHandle,
    stop: oneshot::Sender<()>,
    server: JoinHandle<()>,
}

impl Running {
    /// `http://127.0.0.1:port`
    pub fn url(&self) -> String {
        format!("http://{}", self.addr)
    }

    pub async fn shutdown(self) {
        let Self { stop, mut server, .. } = self;
        drop(stop);
        if tokio::time::timeout(SHUTDOWN_WAIT, &mut server).await.is_err() {
            server.abort();
        }
    }
}

fn routes(handle: SimHandle) -> Router {
    let mut router = control::routes();
    for call in Call::ALL {
        let answer = move |State(handle): State<SimHandle>, ConnectInfo(line): ConnectInfo<Line>, body: Bytes| async move {
            let reply = handle.exchange(call, &body);
            if let Delivery::After { ms } = reply.delivery {
                tokio::time::sleep(Duration::from_millis(ms)).await;
            }
            line.deliver(reply.delivery, reply.body.len());
            response(reply)
        };
        router = router.route(call.path(), post(answer));
    }
    router.with_state(handle)
}

fn response(reply: Reply) -> Response {
    let status = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let content_type = [(header::CONTENT_TYPE, HeaderValue::from_static(reply.content_type))];
    let mut response = (status, content_type, reply.body).into_response();
    let date = reply.date_s.and_then(|at| DateTime::from_timestamp(at, 0));
    if let Some(date) =
        date.and_then(|at| HeaderValue::from_str(&at.format("%a, %d %b %Y %H:%M:%S GMT").to_string()).ok())
    {
        response.headers_mut().insert(header::DATE, date);
    }
    response
}
