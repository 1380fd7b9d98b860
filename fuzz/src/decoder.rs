//! The payload of an answer, sealed as the gateway seals it, through the three card calls and
//! into the plan, and through the two voucher calls.

use ecpayd::domain::action::{Action, Outcome};
use ecpayd::domain::facts::{CardFacts, Seen};
use ecpayd::domain::ids::VoucherTradeNo;
use ecpayd::gateway::card::{OrderSeen, PaidOrder};
use peak_alloc::PeakAlloc;
use serde_json::Value;

use super::scripted::{
    self, AMOUNT, GWSR, LATER_TRADE_NO, ORDER, STAMP_S, TRADE_NO, at_once, enveloped, gateway, voucher_gateway,
};
use super::{facts, oracle, vouchers};

/// Reading a body may take this many times its length at its peak, the body itself and all copies
/// counted: `Data` as text, without blanks, as bytes, decrypted, decoded, which make 5, and the
/// closing rows, whose shortest spelling takes 17 bytes on the wire for a row of 56, in a list
/// that doubles as it grows. The checksum of a voucher's answer escapes the text once more, three
/// bytes for one. Measured: 9.5 for such rows and for such a checksum, 5.0 for all else.
pub const PEAK_PER_BYTE: usize = 12;

/// And this much whatever the length.
pub const PEAK_AT_LEAST: usize = 16 * 1024;

pub fn check(data: &[u8]) {
    let json = String::from_utf8_lossy(data);
    let tree = serde_json::from_str(&json).ok();
    let body = enveloped(&json);
    order_query(&json, &body, tree.as_ref());
    for (paid, asked) in
        [(scripted::paid(true), None), (scripted::paid(false), None), (scripted::paid(false), Some(LATER_TRADE_NO))]
    {
        card_detail(&json, &body, tree.as_ref(), &paid, asked);
    }
    for action in Action::ALL {
        money_call(&json, &body, tree.as_ref(), action);
    }
    vouchers::check(&json, &body, tree.as_ref());
}

/// Each of the five calls takes no more memory than its body warrants, as `heap` counts it.
pub fn is_frugal(body: &[u8], heap: &PeakAlloc) {
    let [(number, ..), _] = vouchers::numbers();
    let voucher = VoucherTradeNo::parse(number.as_str()).expect("a number");
    for call in 0..5 {
        let before = heap.current_usage();
        heap.reset_peak_usage();
        let copy = body.to_vec();
        match call {
            0 => drop(at_once(gateway(200, copy).query_order(&scripted::order(), STAMP_S))),
            1 => {
                drop(at_once(gateway(200, copy).card_detail(&scripted::paid(true), &scripted::order(), None, STAMP_S)))
            }
            2 => drop(at_once(gateway(200, copy).act(scripted::attempt(Action::R)))),
            3 => drop(at_once(voucher_gateway(200, copy).query_order(&number, None, STAMP_S))),
            _ => drop(at_once(voucher_gateway(200, copy).query_refunds(&voucher, STAMP_S))),
        }
        let peak = heap.peak_usage() - before;
        let bound = PEAK_PER_BYTE * body.len() + PEAK_AT_LEAST;
        assert!(peak <= bound, "call {call}: {peak} bytes for a body of {}, above {bound}", body.len());
    }
}

fn order_query(json: &str, body: &[u8], tree: Option<&Value>) {
    let seen = match at_once(gateway(200, body.to_vec()).query_order(&scripted::order(), STAMP_S)) {
        Ok(dated) => dated.answer,
        Err(error) => return oracle::told(&error, json),
    };
    // Too deep for a tree, in a place that nobody reads.
    let Some(tree) = tree else { return };
    let order = &tree["OrderInfo"];
    let named = oracle::text(&order["MerchantTradeNo"]);
    assert!(tree.is_object() && oracle::is_our_merchant(tree), "another merchant's answer: {seen:?}");
    assert!(named.as_deref().is_none_or(|no| no == ORDER), "another order's answer: {seen:?}");
    assert!(seen == OrderSeen::NotFound || named.is_some(), "an answer without a number: {seen:?}");
    if let OrderSeen::Paid(paid) = &seen {
        assert_eq!(oracle::whole(&tree["RtnCode"]), Some(1));
        assert_eq!(oracle::text(&order["TradeNo"]).as_deref(), Some(paid.trade_no.as_str()));
        let amounts = [&order["TradeAmt"], &tree["CardInfo"]["Amount"]].map(oracle::whole);
        let amount = paid.amount.map(|a| a.dollars());
        assert!(amount.is_none() || amounts.contains(&amount), "{paid:?}");
    }
    facts::through_the_plan(match seen {
        OrderSeen::NotFound => Seen::NotFound,
        OrderSeen::Unpaid { amount } => Seen::Unpaid { amount },
        OrderSeen::NotCard { amount, payment_type } => Seen::NotCard { amount, payment_type },
        OrderSeen::Unclear { raw } => Seen::Unclear { raw },
        OrderSeen::Paid(_) => return,
    });
}

fn card_detail(json: &str, body: &[u8], tree: Option<&Value>, paid: &PaidOrder, asked: Option<&str>) {
    let later = asked.map(scripted::trade_no);
    let call = gateway(200, body.to_vec());
    let seen = match at_once(call.card_detail(paid, &scripted::order(), later.as_ref(), STAMP_S)) {
        Ok(dated) => dated.answer,
        Err(error) => return oracle::told(&error, json),
    };
    if let (Seen::Card(card), Some(tree)) = (&seen, tree) {
        of_the_authorization(card, tree, paid, asked);
        adds_up(card, tree);
    }
    facts::through_the_plan(seen);
}

fn of_the_authorization(card: &CardFacts, tree: &Value, paid: &PaidOrder, asked: Option<&str>) {
    let detail = &tree["RtnValue"];
    assert!(tree.is_object() && detail.is_object());
    assert_eq!(card.trade_no.as_str(), asked.unwrap_or(TRADE_NO));
    assert_eq!(oracle::whole(oracle::either(detail, "Amount", "amount")), Some(card.amount.dollars()));
    if paid.gwsr.is_some() {
        assert_eq!(oracle::whole(oracle::either(detail, "TradeID", "tradeid")), Some(GWSR), "another authorization's");
        assert_eq!(card.amount.dollars(), AMOUNT, "another order's amount");
    }
}

/// The net is the sum of the rows that are not canceled, and the state one that was written there.
fn adds_up(card: &CardFacts, tree: &Value) {
    let rows = oracle::rows(tree);
    let sum = oracle::net(&rows).expect("rows with known words and amounts");
    assert_eq!(card.listed, !rows.is_empty());
    let whole_without_rows = !card.listed && card.status.is_closing();
    let net = if whole_without_rows { i128::from(card.amount.dollars()) } else { sum };
    let net = net.clamp(i128::from(i64::MIN), i128::from(i64::MAX));
    assert_eq!(i128::from(card.net), net);
    let header = oracle::either(&tree["RtnValue"], "Status", "status");
    let words = rows.iter().map(|row| oracle::either(row, "Status", "status")).chain([header]);
    let written = words.filter_map(oracle::text).filter_map(|word| oracle::status(&word));
    assert!(written.map(|(english, _)| english).any(|word| word == card.status.english()), "{card:?}");
    assert!(!card.status.is_closing() || (0..=card.amount.dollars()).contains(&card.net), "{card:?}");
}

fn money_call(json: &str, body: &[u8], tree: Option<&Value>, action: Action) {
    let acted = at_once(gateway(200, body.to_vec()).act(scripted::attempt(action)));
    let code = tree.and_then(|tree| oracle::whole(&tree["RtnCode"]));
    let ours = tree.is_none_or(|tree| oracle::is_of_our_order(tree) && oracle::is_our_merchant(tree));
    match &acted.outcome {
        Outcome::Accepted => assert!(ours && (tree.is_none() || code == Some(1)), "{tree:?}"),
        Outcome::Refused { code: said, text } => {
            assert!(ours && (tree.is_none() || code == Some(*said)) && *said != 1, "{tree:?}");
            oracle::sentence(text, json);
        }
        Outcome::Unknown { why, .. } => oracle::sentence(why, json),
        Outcome::NotSent { why } => panic!("the request went out: {why}"),
    }
}
