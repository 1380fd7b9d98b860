//! The outer JSON of an answer, and its HTTP status, to each of the three calls.
//!
//! A first line of three digits is the status. `@ORDER@`, `@DETAIL@` and `@ACTION@` stand for
//! `Data` of good answers, which no fuzzer could seal by itself.

use std::sync::LazyLock;

use ecpayd::domain::action::{Action, Outcome};
use ecpayd::gateway::client::LookError;
use serde_json::{Value, json};

use super::scripted::{self, AMOUNT, GWSR, MERCHANT, ORDER, STAMP_S, TRADE_NO, at_once, gateway, keys};
use super::{decoder, oracle};

static SEALED: LazyLock<[(&str, String); 3]> = LazyLock::new(|| {
    let order = json!({"RtnCode": 1, "MerchantID": MERCHANT, "OrderInfo": {"MerchantTradeNo": ORDER,
        "TradeNo": TRADE_NO, "TradeAmt": AMOUNT, "TradeStatus": "1", "PaymentType": "Credit_CreditCard"}});
    let detail = json!({"RtnMsg": "", "RtnValue": {"TradeID": GWSR, "Amount": AMOUNT, "ClsAmt": 0,
        "AuthTime": "2026/08/01 09:30:52", "Status": "Authorized"}, "CloseData": {}});
    let action = json!({"RtnCode": 1, "RtnMsg": "", "MerchantTradeNo": ORDER, "TradeNo": TRADE_NO});
    [("@ORDER@", order), ("@DETAIL@", detail), ("@ACTION@", action)]
        .map(|(name, json)| (name, keys().seal(&json.to_string())))
});

pub fn check(data: &[u8]) {
    let (status, body) = status_line(data);
    // Not UTF-8 is sent as it is: the client has to bear that too.
    let body = match std::str::from_utf8(body) {
        Ok(text) => SEALED.iter().fold(text.to_owned(), |text, (name, data)| text.replace(name, data)).into_bytes(),
        Err(_) => body.to_vec(),
    };
    let tree: Option<Value> = serde_json::from_slice(&body).ok();
    let may_count = status == 200 && tree.as_ref().is_none_or(is_good);
    let call = || gateway(status, body.clone());
    let looks = [
        at_once(call().query_order(&scripted::order(), STAMP_S)).map(|dated| dated.gateway_clock_s),
        at_once(call().card_detail(&scripted::paid(true), &scripted::order(), None, STAMP_S))
            .map(|dated| dated.gateway_clock_s),
    ];
    for look in looks {
        match look {
            Ok(clock) => {
                assert!(may_count, "http {status}: {tree:?}");
                let written = tree.as_ref().map(|tree| oracle::whole(&tree["RpHeader"]["Timestamp"]));
                assert!(written.is_none_or(|written| written == clock), "{clock:?} read of {tree:?}");
            }
            Err(error) => {
                decoder::told(&error, &String::from_utf8_lossy(&body));
                assert_eq!(error == LookError::RateLimited, status == 403);
            }
        }
    }
    let acted = at_once(call().act(scripted::attempt(Action::R)));
    assert_eq!(acted.rate_limited, status == 403);
    match acted.outcome {
        Outcome::Accepted | Outcome::Refused { .. } => assert!(may_count, "http {status}: {tree:?}"),
        Outcome::Unknown { .. } => {}
        Outcome::NotSent { why } => panic!("the request went out: {why}"),
    }
}

fn status_line(data: &[u8]) -> (u16, &[u8]) {
    match data {
        [a @ b'1'..=b'5', b @ b'0'..=b'9', c @ b'0'..=b'9', b'\n', body @ ..] => {
            let digit = |d: &u8| u16::from(d - b'0');
            (digit(a) * 100 + digit(b) * 10 + digit(c), body)
        }
        body => (200, body),
    }
}

/// An object with TransCode 1 that names our merchant or none.
fn is_good(tree: &Value) -> bool {
    tree.is_object() && oracle::whole(&tree["TransCode"]) == Some(1) && oracle::is_our_merchant(tree)
}
