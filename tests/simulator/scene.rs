use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, NaiveDateTime, Utc};
use ecpayd::domain::calendar::from_taipei;
use ecpayd::domain::ids::{MerchantId, MerchantTradeNo};
use ecpayd::domain::money::Twd;
use ecpayd::gateway::wire::cipher::Keys;
use ecpayd::gateway::wire::envelope::{AnswerEnvelope, RequestEnvelope, RqHeader};
use ecpayd::simulator::bank::{Kind, NewOrder, Paid, Truth};
use ecpayd::simulator::{Call, Options, Running, SimHandle, Simulator};
use serde_json::{Value, json};

pub const MERCHANT: &str = "3002607";
pub const NOON: &str = "2026-08-01 12:00:00";

pub fn at(text: &str) -> DateTime<Utc> {
    from_taipei(NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S").expect("a civil time"))
}

pub fn stage_keys() -> Keys {
    Keys::new("pwFHCqoQZGmho4w6", "EkRm7iFT261dpevs").expect("the public stage keys")
}

pub fn options() -> Options {
    Options::new(Arc::new(|| at(NOON)))
}

/// A simulator without a socket, standing at noon.
pub fn simulator() -> SimHandle {
    Simulator::without_server(options()).expect("good options")
}

/// A simulator behind a real port, standing at noon, and a client that retries nothing.
pub async fn served() -> (Running, reqwest::Client) {
    served_by(options()).await
}

pub async fn served_by(options: Options) -> (Running, reqwest::Client) {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let running = Simulator::start(([127, 0, 0, 1], 0).into(), options).await.expect("a free port");
    let client = reqwest::Client::builder()
        .no_proxy()
        .retry(reqwest::retry::never())
        .timeout(Duration::from_secs(60))
        .build()
        .expect("a client");
    (running, client)
}

/// An order of NT$1000 of the merchant, paid at the bank's present time.
pub fn order(sim: &SimHandle, no: &str, kind: Kind, paid: Paid) -> String {
    let new = |now| NewOrder {
        merchant_id: MerchantId::parse(MERCHANT).expect("an id"),
        merchant_trade_no: MerchantTradeNo::parse(no).expect("a number"),
        kind,
        amount: Twd::new(1000).expect("an amount"),
        created_at: now,
        paid,
    };
    sim.with_bank(|bank, now| bank.create(new(now), now)).expect("a new order").trade_no
}

pub fn truth(sim: &SimHandle, no: &str) -> Truth {
    let merchant_id = MerchantId::parse(MERCHANT).expect("an id");
    let no = MerchantTradeNo::parse(no).expect("a number");
    sim.with_bank(|bank, _| bank.order(&merchant_id, &no).expect("the order").truth())
}

pub fn order_data(no: &str) -> Value {
    json!({ "MerchantID": MERCHANT, "MerchantTradeNo": no })
}

pub fn action_data(no: &str, trade_no: &str, action: &str, amount: i64) -> Value {
    json!({ "MerchantID": MERCHANT, "MerchantTradeNo": no, "TradeNo": trade_no, "Action": action, "TotalAmount": amount })
}

pub fn sealed(data: &Value, stamp: DateTime<Utc>) -> Vec<u8> {
    let request = RequestEnvelope {
        merchant_id: MERCHANT.to_owned(),
        rq_header: RqHeader { timestamp: stamp.timestamp() },
        data: stage_keys().seal(&data.to_string()),
    };
    serde_json::to_vec(&request).expect("plain data")
}

pub fn envelope(bytes: &[u8]) -> AnswerEnvelope {
    serde_json::from_slice(bytes).expect("an answer")
}

pub fn opened(bytes: &[u8]) -> Value {
    let answer = envelope(bytes);
    assert_eq!(answer.trans_code, 1, "{}", answer.trans_msg);
    serde_json::from_str(&stage_keys().open(&answer.data).expect("sealed with the merchant's keys")).expect("JSON")
}

/// A call in the same process.
pub fn ask(sim: &SimHandle, call: Call, data: &Value) -> Value {
    opened(&sim.exchange(call, &sealed(data, sim.now())).body)
}

/// The same over the wire.
pub async fn post(
    running: &Running,
    client: &reqwest::Client,
    call: Call,
    data: &Value,
) -> reqwest::Result<reqwest::Response> {
    let url = format!("{}{}", running.url(), call.path());
    client.post(url).body(sealed(data, running.handle.now())).send().await
}
