//! Requests to the stand-in gateway. Each line is one:
//!
//! - `o`, `d` or `a` and JSON: the payload of an order query, a card detail or an action, sealed here;
//! - `O`, `D` or `A` and anything: the body as it stands;
//! - `+` and digits: so many seconds pass.

use std::sync::Arc;

use chrono::{DateTime, Duration};
use ecpayd::domain::ids::{MerchantId, MerchantTradeNo};
use ecpayd::domain::money::Twd;
use ecpayd::gateway::wire::envelope::{AnswerEnvelope, RequestEnvelope, RqHeader};
use ecpayd::simulator::bank::{Kind, NewOrder, Paid};
use ecpayd::simulator::{Call, Delivery, Options, SimHandle, Simulator};
use serde_json::Value;

use super::scripted::{MERCHANT, STAMP_S, keys};

const ORDERS: [(&str, Kind); 5] =
    [("A1", Kind::Card), ("A2", Kind::Card), ("I1", Kind::Installments(3)), ("U1", Kind::UnionPay), ("T1", Kind::Atm)];

/// Enough for a life of an order, and a bound for one input.
const MOST_LINES: usize = 40;

pub fn check(data: &[u8]) {
    let sim = simulator();
    for line in data.split(|b| *b == b'\n').take(MOST_LINES) {
        let Some((first, rest)) = line.split_first() else { continue };
        let call = match first.to_ascii_lowercase() {
            b'o' => Call::QueryOrder,
            b'd' => Call::CardDetail,
            b'a' => Call::DoAction,
            b'+' => {
                let seconds = std::str::from_utf8(rest).ok().and_then(|text| text.parse::<u32>().ok());
                sim.set_clock(sim.now() + Duration::seconds(i64::from(seconds.unwrap_or(0))));
                continue;
            }
            _ => continue,
        };
        let body = if first.is_ascii_lowercase() { sealed(&sim, rest) } else { rest.to_vec() };
        answered(&sim, call, &body);
        books(&sim);
    }
}

fn simulator() -> SimHandle {
    let now = DateTime::from_timestamp(STAMP_S, 0).expect("a time");
    let sim = Simulator::without_server(Options::new(Arc::new(move || now))).expect("good options");
    sim.set_clock(now);
    for (no, kind) in ORDERS {
        let new = NewOrder {
            merchant_id: MerchantId::parse(MERCHANT).expect("a number"),
            merchant_trade_no: MerchantTradeNo::parse(no).expect("a number"),
            kind,
            amount: Twd::new(1000).expect("an amount"),
            created_at: now,
            paid: Paid::Yes,
        };
        sim.with_bank(|bank, now| bank.create(new, now)).expect("a new order");
    }
    sim
}

fn sealed(sim: &SimHandle, payload: &[u8]) -> Vec<u8> {
    let mut payload = String::from_utf8_lossy(payload).into_owned();
    // The bank gives each order a number that only it knows: `#A1` stands for that of A1.
    for (no, _) in ORDERS {
        let id = MerchantId::parse(MERCHANT).expect("a number");
        let number = MerchantTradeNo::parse(no).expect("a number");
        let trade_no = sim.with_bank(|bank, _| bank.order(&id, &number).map(|order| order.trade_no.to_string()));
        payload = payload.replace(&format!("#{no}"), &trade_no.unwrap_or_default());
    }
    let request = RequestEnvelope {
        merchant_id: MERCHANT.to_owned(),
        rq_header: RqHeader { timestamp: sim.now().timestamp() },
        data: keys().seal(&payload),
    };
    serde_json::to_vec(&request).expect("plain data")
}

/// Always whole, always an envelope, and always readable with the sender's keys.
fn answered(sim: &SimHandle, call: Call, body: &[u8]) {
    let reply = sim.exchange(call, body);
    assert_eq!((reply.status, reply.delivery), (200, Delivery::Whole));
    let answer: AnswerEnvelope = serde_json::from_slice(&reply.body).expect("an envelope");
    if answer.trans_code == 1 {
        let json = keys().open(&answer.data).expect("sealed with the sender's keys");
        let data: Value = serde_json::from_str(&json).expect("JSON");
        assert!(data.is_object() && data.get("RtnMsg").or(data.get("RtnValue")).is_some(), "{data}");
    } else {
        assert_eq!(answer.data, "");
    }
}

/// What the bank holds adds up after each request.
fn books(sim: &SimHandle) {
    sim.with_bank(|bank, _| {
        for order in bank.orders() {
            let truth = order.truth();
            assert!(truth.refunded <= truth.captured && truth.captured <= truth.amount.dollars(), "{truth:?}");
            assert!(truth.refunded >= 0 && truth.net == truth.captured - truth.refunded, "{truth:?}");
        }
    });
}
