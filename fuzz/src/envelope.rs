//! The outer JSON of an answer, and its HTTP status, to each of the five calls.
//!
//! A first line of three digits is the status. `@ORDER@`, `@DETAIL@`, `@ACTION@`, `@VOUCHER@` and
//! `@REFUNDS@` stand for `Data` of good answers, which no fuzzer could seal by itself; `@SUM:ORDER@`
//! and so on for their checksums.

use std::sync::LazyLock;

use ecpayd::domain::action::{Action, Outcome};
use ecpayd::domain::ids::VoucherTradeNo;
use ecpayd::gateway::LookError;
use ecpayd::gateway::wire::checksum;
use serde_json::{Value, json};

use super::scripted::{
    self, AMOUNT, GWSR, MERCHANT, ORDER, STAMP_S, TRADE_NO, at_once, gateway, keys, voucher_gateway,
};
use super::{oracle, vouchers};

struct Good {
    name: &'static str,
    data: String,
    checksum: String,
}

static SEALED: LazyLock<[Good; 5]> = LazyLock::new(|| {
    let order = json!({"RtnCode": 1, "MerchantID": MERCHANT, "OrderInfo": {"MerchantTradeNo": ORDER,
        "TradeNo": TRADE_NO, "TradeAmt": AMOUNT, "TradeStatus": "1", "PaymentType": "Credit_CreditCard"}});
    let detail = json!({"RtnMsg": "", "RtnValue": {"TradeID": GWSR, "Amount": AMOUNT, "ClsAmt": 0,
        "AuthTime": "2026/08/01 09:30:52", "Status": "Authorized"}, "CloseData": {}});
    let action = json!({"RtnCode": 1, "RtnMsg": "", "MerchantTradeNo": ORDER, "TradeNo": TRADE_NO});
    let voucher = json!({"RtnCode": 1, "MerchantTradeNo": ORDER, "Status": 1, "TotalCount": 1, "TradeAmount": 100,
        "UnUsedCount": 1, "UnUsedAmount": 100, "TicketList": [{"TicketNo": "CX1", "UseStatus": 1, "TicketAmount": 100}]});
    let refunds = json!({"RtnCode": 1, "MerchantTradeNo": ORDER, "TradeAmount": 100, "TotalRefundAmount": 0});
    let all = [("ORDER", order), ("DETAIL", detail), ("ACTION", action), ("VOUCHER", voucher), ("REFUNDS", refunds)];
    all.map(|(name, json)| {
        let json = json.to_string();
        Good { name, data: keys().seal(&json), checksum: checksum::of(&keys(), &json) }
    })
});

pub fn check(data: &[u8]) {
    let (status, body) = status_line(data);
    // Not UTF-8 is sent as it is: the client has to bear that too.
    let body = match std::str::from_utf8(body) {
        Ok(text) => SEALED.iter().fold(text.to_owned(), unsealed).into_bytes(),
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
                // What no clock shows is no time.
                let whole = |tree: &Value| oracle::whole(&tree["RpHeader"]["Timestamp"]).filter(|at| *at > 0);
                let written = tree.as_ref().map(whole);
                assert!(written.is_none_or(|written| written == clock), "{clock:?} read of {tree:?}");
            }
            Err(error) => {
                oracle::told(&error, &String::from_utf8_lossy(&body));
                assert_eq!(error == LookError::RateLimited, status == 403);
            }
        }
    }
    for look in voucher_looks(status, &body) {
        match look {
            Ok(()) => assert!(may_count && tree.as_ref().is_none_or(is_signed), "http {status}: {tree:?}"),
            Err(error) => {
                oracle::told(&error, &String::from_utf8_lossy(&body));
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

fn unsealed(text: String, good: &Good) -> String {
    let (data, sum) = (format!("@{}@", good.name), format!("@SUM:{}@", good.name));
    text.replace(&data, &good.data).replace(&sum, &good.checksum)
}

fn voucher_looks(status: u16, body: &[u8]) -> [Result<(), LookError>; 3] {
    let call = || voucher_gateway(status, body.to_vec());
    let [sold, given] = vouchers::numbers().map(|(number, ..)| at_once(call().query_order(&number, None, STAMP_S)));
    let order = VoucherTradeNo::parse(ORDER).expect("a number");
    let refunds = at_once(call().query_refunds(&order, STAMP_S));
    [sold.map(drop), given.map(drop), refunds.map(drop)]
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

/// With the checksum of an answer that really was sealed.
fn is_signed(tree: &Value) -> bool {
    let claimed = tree["CheckMacValue"].as_str().unwrap_or_default();
    SEALED.iter().any(|good| good.checksum.eq_ignore_ascii_case(claimed.trim()))
}

/// An object with TransCode 1 that names our merchant or none.
fn is_good(tree: &Value) -> bool {
    tree.is_object() && oracle::whole(&tree["TransCode"]) == Some(1) && oracle::is_our_merchant(tree)
}
