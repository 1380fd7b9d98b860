//! Servers at the other end: one that always gives the same answer, and one that notes when it first
//! heard of an order. Each on a thread of its own.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use ecpayd::gateway::wire::cipher::Keys;
use ecpayd::simulator::{Call, Options, SimHandle, Simulator};
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};

use crate::common::books::{merchant, number};

const KEY: &str = "pwFHCqoQZGmho4w6";
const IV: &str = "EkRm7iFT261dpevs";

/// As long as a card detail of the simulator.
const FIXED_ANSWER: &str = include_str!("answer.json");

const LOOPBACK: ([u8; 4], u16) = ([127, 0, 0, 1], 0);

/// So that what the gateway takes of the processors can be told apart.
pub fn own_thread() -> Runtime {
    let runtime = Builder::new_multi_thread().worker_threads(1).thread_name("gateway").enable_all().build();
    runtime.expect("a runtime")
}

/// Paid by card; one after another from `first` on.
pub fn sell(bank: &SimHandle, first: i64, orders: i64, at: chrono::DateTime<chrono::Utc>) {
    use ecpayd::domain::money::Twd;
    use ecpayd::simulator::bank::{Kind, NewOrder, Paid};
    bank.with_bank(|bank, now| {
        for order in first..first + orders {
            let new = NewOrder {
                merchant_id: merchant(),
                merchant_trade_no: number(order),
                kind: Kind::Card,
                amount: Twd::new(1200).expect("an amount"),
                created_at: at,
                paid: Paid::Yes,
            };
            bank.create(new, now).expect("a new order");
        }
    });
}

/// Reads a request and answers always the same.
pub struct Fixed {
    pub url: String,
    _runtime: Runtime,
}

impl Fixed {
    pub fn start() -> Self {
        async fn answer(body: axum::body::Bytes) -> Response {
            std::hint::black_box(body);
            ([(header::CONTENT_TYPE, "application/json")], FIXED_ANSWER).into_response()
        }
        let runtime = own_thread();
        let addr = runtime.block_on(serve(Router::new().fallback(answer)));
        Self { url: format!("http://{addr}"), _runtime: runtime }
    }
}

/// The simulator's answers, and when each order was first heard of.
pub struct Noting {
    pub url: String,
    pub bank: SimHandle,
    heard: Arc<Heard>,
    _runtime: Runtime,
}

struct Heard {
    bank: SimHandle,
    keys: Keys,
    first: Mutex<HashMap<String, Instant>>,
}

impl Noting {
    /// With the clock of this machine.
    pub fn start() -> Self {
        let bank = Simulator::without_server(Options::new(Arc::new(chrono::Utc::now))).expect("the stage merchant");
        let keys = Keys::new(KEY, IV).expect("the public stage keys");
        let heard = Arc::new(Heard { bank: bank.clone(), keys, first: Mutex::default() });
        let runtime = own_thread();
        let addr = runtime.block_on(serve(Router::new().fallback(note).with_state(heard.clone())));
        Self { url: format!("http://{addr}"), bank, heard, _runtime: runtime }
    }

    pub fn heard_of(&self, number: &str) -> Option<Instant> {
        self.heard.first.lock().expect("no panic under it").get(number).copied()
    }
}

async fn note(State(heard): State<Arc<Heard>>, request: Request) -> Response {
    let at = Instant::now();
    let path = request.uri().path().to_owned();
    let body = to_bytes(request.into_body(), 1 << 20).await.unwrap_or_default();
    let call = Call::ALL.into_iter().find(|call| call.path() == path);
    // The reference names the order in its path.
    let named = path.strip_prefix("/bare/").map(str::to_owned).or_else(|| heard.order_in(&body));
    if let Some(number) = named {
        heard.first.lock().expect("no panic under it").entry(number).or_insert(at);
    }
    let Some(call) = call else { return StatusCode::OK.into_response() };
    let reply = heard.bank.exchange(call, &body);
    ([(header::CONTENT_TYPE, reply.content_type)], Body::from(reply.body)).into_response()
}

impl Heard {
    fn order_in(&self, body: &[u8]) -> Option<String> {
        let envelope: serde_json::Value = serde_json::from_slice(body).ok()?;
        let data = self.keys.open(envelope.get("Data")?.as_str()?).ok()?;
        let data: serde_json::Value = serde_json::from_str(&data).ok()?;
        data.get("MerchantTradeNo")?.as_str().map(str::to_owned)
    }
}

async fn serve(router: Router) -> SocketAddr {
    let listener = TcpListener::bind(SocketAddr::from(LOOPBACK)).await.expect("a free port");
    let addr = listener.local_addr().expect("its port");
    tokio::spawn(async move { axum::serve(listener, router).await });
    addr
}
