//! The gateway's client with a transport that answers at once with given bytes.

use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use ecpayd::domain::action::{Action, CommittedAttempt, Leave, MoneyCall};
use ecpayd::domain::facts::CardKind;
use ecpayd::domain::ids::{MerchantId, MerchantTradeNo, TradeNo};
use ecpayd::domain::money::Twd;
use ecpayd::gateway::Access;
use ecpayd::gateway::card::{CardGateway, PaidOrder};
use ecpayd::gateway::transport::{HttpAnswer, Posted, Purpose, Transport};
use ecpayd::gateway::voucher::VoucherGateway;
use ecpayd::gateway::wire::checksum;
use ecpayd::gateway::wire::cipher::Keys;
use serde_json::json;

/// ECPay's public stage merchant and its keys, which are no secrets.
pub const MERCHANT: &str = "3002607";
pub const HASH_KEY: &str = "pwFHCqoQZGmho4w6";
pub const HASH_IV: &str = "EkRm7iFT261dpevs";

/// The order that is asked about, and what is known of it.
pub const ORDER: &str = "A1";
pub const TRADE_NO: &str = "2608011000001";
pub const LATER_TRADE_NO: &str = "2609011000002";
pub const GWSR: i64 = 14_521_552;
pub const AMOUNT: i64 = 1000;

/// 2026-08-01 12:00:00 in Taipei.
pub const STAMP_S: i64 = 1_785_556_800;

pub fn keys() -> Keys {
    Keys::new(HASH_KEY, HASH_IV).expect("16 bytes each")
}

/// The body of a good answer around a payload, to a card call or to a voucher call.
pub fn enveloped(json: &str) -> Vec<u8> {
    let answer = json!({"MerchantID": MERCHANT, "RpHeader": {"Timestamp": STAMP_S}, "TransCode": 1,
        "TransMsg": "Success", "Data": keys().seal(json), "CheckMacValue": checksum::of(&keys(), json)});
    answer.to_string().into_bytes()
}

struct Always(u16, Vec<u8>);

impl Transport for Always {
    fn post<'a>(&'a self, _: &'a str, _: Vec<u8>, _: Purpose) -> Posted<'a> {
        Box::pin(async { Ok(HttpAnswer { status: self.0, date_s: None, body: self.1.clone() }) })
    }
}

fn access() -> Access {
    Access {
        merchant_id: MerchantId::parse(MERCHANT).expect("a number"),
        platform_id: None,
        base_url: "https://gateway.example".to_owned(),
        keys: keys(),
    }
}

pub fn gateway(status: u16, body: Vec<u8>) -> CardGateway {
    CardGateway::new(Arc::new(Always(status, body)), access())
}

pub fn voucher_gateway(status: u16, body: Vec<u8>) -> VoucherGateway {
    VoucherGateway::new(Arc::new(Always(status, body)), access())
}

pub fn order() -> MerchantTradeNo {
    MerchantTradeNo::parse(ORDER).expect("a number")
}

pub fn trade_no(text: &str) -> TradeNo {
    TradeNo::parse(text).expect("a number")
}

/// What the order query has told before the card detail is asked.
pub fn paid(known: bool) -> PaidOrder {
    PaidOrder {
        trade_no: trade_no(TRADE_NO),
        amount: known.then(|| Twd::new(AMOUNT).expect("an amount")),
        gwsr: known.then_some(GWSR),
        payment_type: "Credit_CreditCard".to_owned(),
        kind: CardKind::default(),
        paid_at: None,
        recurring: !known,
        charges: None,
        periods: None,
        fee_milli: None,
    }
}

/// Stands for an attempt on disk.
pub struct Token(MoneyCall);

impl CommittedAttempt for Token {
    fn call(&self) -> &MoneyCall {
        &self.0
    }

    fn leave(&self) -> Leave {
        Arc::new(|| Ok(()))
    }
}

pub fn attempt(action: Action) -> Token {
    Token(MoneyCall {
        merchant_id: MerchantId::parse(MERCHANT).expect("a number"),
        merchant_trade_no: order(),
        trade_no: trade_no(TRADE_NO),
        action,
        amount: Twd::new(AMOUNT).expect("an amount"),
        stamp_s: STAMP_S,
    })
}

/// Nothing in these calls waits, so one poll is all.
pub fn at_once<T>(call: impl Future<Output = T>) -> T {
    match pin!(call).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(answer) => answer,
        Poll::Pending => panic!("the scripted transport answers at once"),
    }
}
