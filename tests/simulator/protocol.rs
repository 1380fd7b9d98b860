use chrono::Duration;
use ecpayd::gateway::wire::cipher::Keys;
use ecpayd::simulator::bank::{Dialect, Kind, Paid};
use ecpayd::simulator::{Call, Fault, FaultKind, SimMerchant, Simulator};
use serde_json::{Value, json};

use crate::scene::{
    MERCHANT, action_data, ask, at, envelope, opened, options, order, order_data, sealed, simulator, stage_keys, truth,
};

#[test]
fn an_order_is_captured_refunded_and_seen_so() {
    let sim = simulator();
    let trade_no = order(&sim, "A1", Kind::Card, Paid::Yes);
    let seen = ask(&sim, Call::CardDetail, &order_data("A1"));
    assert_eq!((&seen["RtnValue"]["Status"], &seen["RtnValue"]["ClsAmt"]), (&json!("Authorized"), &json!(0)));
    assert_eq!((seen.get("RtnCode"), &seen["CloseData"]), (None, &json!({})));

    let done = ask(&sim, Call::DoAction, &action_data("A1", &trade_no, "C", 1000));
    assert_eq!((&done["RtnCode"], &done["TradeNo"]), (&json!(1), &json!(trade_no)));
    ask(&sim, Call::DoAction, &action_data("A1", &trade_no, "R", 300));
    sim.set_clock(at("2026-08-02 03:00:00"));
    let seen = ask(&sim, Call::CardDetail, &order_data("A1"));
    let row = |amount: i64| json!({ "Status": "Captured", "Amount": amount, "DateTime": "2026/08/01 12:00:00" });
    assert_eq!(seen["CloseData"], json!([row(-300), row(1000)]));
    assert_eq!(seen["RtnValue"]["Status"], "Captured");
    assert_eq!(truth(&sim, "A1").net, 700);
}

#[test]
fn a_refused_action_is_answered_with_the_orders_own_numbers() {
    let sim = simulator();
    let trade_no = order(&sim, "A1", Kind::Card, Paid::Yes);
    let refused = ask(&sim, Call::DoAction, &action_data("A1", &trade_no, "R", 300));
    assert_ne!(refused["RtnCode"], 1);
    assert_eq!(refused["RtnMsg"], "更新失敗.(error_amount_R)");
    assert_eq!((&refused["MerchantTradeNo"], &refused["TradeNo"]), (&json!("A1"), &json!(trade_no)));
    assert_eq!(truth(&sim, "A1").net, 0);
}

#[test]
fn an_order_unknown_foreign_or_not_by_card_has_one_answer() {
    let sim = simulator();
    order(&sim, "ATM1", Kind::Atm, Paid::Yes);
    order(&sim, "UNPAID1", Kind::Card, Paid::No);
    for no in ["NOBODY1", "ATM1", "UNPAID1"] {
        let answer = ask(&sim, Call::CardDetail, &order_data(no));
        assert_eq!(answer, json!({ "RtnCode": 10_000_185, "RtnMsg": "Cant not find the trade data" }), "{no}");
    }
    let answer = ask(&sim, Call::QueryOrder, &order_data("NOBODY1"));
    assert_eq!(answer, json!({ "RtnCode": 10_200_047, "RtnMsg": "Cant not find the trade data" }));
    order(&sim, "PENDING1", Kind::Card, Paid::BankPending);
    assert_eq!(ask(&sim, Call::CardDetail, &order_data("PENDING1")), json!({ "RtnMsg": "error_nopay" }));
}

#[test]
fn the_order_query_comes_in_its_recorded_shapes() {
    let sim = simulator();
    order(&sim, "A1", Kind::Installments(3), Paid::Yes);
    order(&sim, "A2", Kind::Card, Paid::No);
    let whole = ask(&sim, Call::QueryOrder, &order_data("A1"));
    assert_eq!((&whole["CardInfo"]["Stage"], &whole["OrderInfo"]["TradeStatus"]), (&json!(3), &json!("1")));
    assert!(whole["OrderInfo"]["ChargeFee"].as_f64().is_some_and(|fee| fee.fract() > 0.0));
    assert_eq!(ask(&sim, Call::QueryOrder, &order_data("A2"))["OrderInfo"]["TradeStatus"], "0");

    let merchant = ecpayd::domain::ids::MerchantId::parse(MERCHANT).expect("an id");
    sim.with_bank(|bank, now| {
        bank.change_terms(&merchant, now, |terms| {
            terms.card_info = false;
            terms.numeric_merchant_id = true;
            terms.dialect = Dialect::Chinese;
        })
    })
    .expect("the merchant");
    let bare = ask(&sim, Call::QueryOrder, &order_data("A1"));
    assert_eq!((bare.get("CardInfo"), &bare["MerchantID"]), (None, &json!(3_002_607)));
    assert_eq!(bare["OrderInfo"]["PaymentType"], "Credit_CreditCard3");
    assert_eq!(ask(&sim, Call::CardDetail, &order_data("A1"))["RtnValue"]["Status"], "已授權");
}

#[test]
fn a_stamp_holds_ten_minutes_either_way() {
    let sim = simulator();
    order(&sim, "A1", Kind::Card, Paid::Yes);
    for (seconds, holds) in [(-601, false), (-600, true), (600, true), (601, false)] {
        let body = sealed(&order_data("A1"), sim.now() + Duration::seconds(seconds));
        let answer = envelope(&sim.exchange(Call::QueryOrder, &body).body);
        assert_eq!(answer.trans_code == 1, holds, "{seconds} s");
    }
}

#[test]
fn a_broken_envelope_is_refused_outside_data() {
    let sim = simulator();
    let stamp = sim.now().timestamp();
    let data = stage_keys().seal(&order_data("A1").to_string());
    let other = Keys::new("5294y06JbISpM5x9", "v77hoKGq4kWxNNIS").expect("the public stage keys");
    let foreign = other.seal(&order_data("A1").to_string());
    for (body, what) in [
        (json!("text"), "not an object"),
        (json!({ "RqHeader": { "Timestamp": stamp }, "Data": data }), "no merchant"),
        (json!({ "MerchantID": "9999999", "RqHeader": { "Timestamp": stamp }, "Data": data }), "unknown merchant"),
        (json!({ "MerchantID": 3_002_607, "RqHeader": { "Timestamp": stamp }, "Data": data }), "number as merchant"),
        (json!({ "MerchantID": MERCHANT, "Data": data }), "no header"),
        (json!({ "MerchantID": MERCHANT, "RqHeader": { "Timestamp": stamp.to_string() }, "Data": data }), "text stamp"),
        (json!({ "MerchantID": MERCHANT, "RqHeader": { "Timestamp": stamp } }), "no data"),
        (json!({ "MerchantID": MERCHANT, "RqHeader": { "Timestamp": stamp }, "Data": foreign }), "another key"),
    ] {
        let reply = sim.exchange(Call::QueryOrder, body.to_string().as_bytes());
        let answer = envelope(&reply.body);
        assert_eq!((reply.status, answer.trans_code == 1, answer.data.as_str()), (200, false, ""), "{what}");
        assert!(!answer.trans_msg.is_empty(), "{what}");
    }
    assert_ne!(envelope(&sim.exchange(Call::QueryOrder, b"<html>").body).trans_code, 1);
}

#[test]
fn bad_fields_are_refused_inside_data_and_move_nothing() {
    let sim = simulator();
    let trade_no = order(&sim, "A1", Kind::Card, Paid::Yes);
    for (field, value) in [
        ("MerchantID", json!("3002608")),
        ("MerchantID", json!(3_002_607)),
        ("MerchantTradeNo", json!("")),
        ("MerchantTradeNo", json!("123456789012345678901")),
        ("TradeNo", Value::Null),
        ("TradeNo", json!(1)),
        ("Action", json!("X")),
        ("Action", json!("c")),
        ("TotalAmount", json!(0)),
        ("TotalAmount", json!(-1)),
        ("TotalAmount", json!("1000")),
        ("TotalAmount", json!(10.5)),
        ("PlatformID", json!("9999999")),
    ] {
        let mut data = action_data("A1", &trade_no, "C", 1000);
        data[field] = value.clone();
        let answer = ask(&sim, Call::DoAction, &data);
        assert!(answer["RtnCode"].as_i64().is_some_and(|code| code != 1), "{field} {value}: {answer}");
    }
    assert_eq!(truth(&sim, "A1").captured, 0);
    let mut data = order_data("A1");
    data["MerchantID"] = json!("3002608");
    assert_eq!(ask(&sim, Call::CardDetail, &data), json!({ "RtnMsg": "error_Stop" }));
}

#[test]
fn a_platform_calls_for_its_own_merchants_only() {
    let member = |id: &str, platform: Option<&str>| SimMerchant {
        merchant_id: id.to_owned(),
        platform_id: platform.map(str::to_owned),
        ..SimMerchant::stage()
    };
    let merchants = vec![member(MERCHANT, None), member("1000001", Some(MERCHANT)), member("1000002", None)];
    let mut options = options();
    options.merchants = merchants;
    let sim = Simulator::without_server(options).expect("good options");
    let asked = |merchant: &str, platform: Option<&str>| {
        let data = json!({ "MerchantID": merchant, "MerchantTradeNo": "A1", "PlatformID": platform });
        opened(&sim.exchange(Call::QueryOrder, &sealed(&data, sim.now())).body)["RtnCode"].clone()
    };
    let read = json!(10_200_047);
    assert_eq!(asked("1000001", Some(MERCHANT)), read);
    assert_eq!(asked(MERCHANT, Some("")), read);
    assert_ne!(asked("1000001", None), read);
    assert_ne!(asked("1000002", Some(MERCHANT)), read);
    assert_ne!(asked("1000001", Some("1000002")), read);
}

#[test]
fn a_platform_that_is_no_merchant_here_calls_with_its_merchants_keys() {
    let mut options = options();
    options.merchants[0].platform_id = Some("3085340".to_owned());
    let sim = Simulator::without_server(options).expect("good options");
    order(&sim, "A1", Kind::Card, Paid::Yes);
    let data = json!({ "MerchantID": MERCHANT, "MerchantTradeNo": "A1", "PlatformID": "3085340" });
    let asked = |sender: &str| {
        let stamp = sim.now().timestamp();
        let data = stage_keys().seal(&data.to_string());
        let body = json!({ "MerchantID": sender, "RqHeader": { "Timestamp": stamp }, "Data": data });
        envelope(&sim.exchange(Call::QueryOrder, body.to_string().as_bytes()).body)
    };
    let answer = asked("3085340");
    assert_eq!((answer.trans_code, answer.merchant_id.as_str()), (1, "3085340"));
    let plain = stage_keys().open(&answer.data).expect("sealed with the merchant's keys");
    assert!(plain.contains("\"TradeStatus\":\"1\""), "{plain}");
    assert_ne!(asked("3085341").trans_code, 1);
    // It is no merchant: as one it is unknown.
    let own = json!({ "MerchantID": "3085340", "MerchantTradeNo": "A1" });
    let data = stage_keys().seal(&own.to_string());
    let body = json!({ "MerchantID": "3085340", "RqHeader": { "Timestamp": sim.now().timestamp() }, "Data": data });
    let answer = sim.exchange(Call::CardDetail, body.to_string().as_bytes());
    assert_eq!(opened(&answer.body), json!({ "RtnMsg": "error_Stop" }));
}

#[test]
fn the_keys_of_the_wrong_key_fault_are_nobodys() {
    let mut options = options();
    let (hash_key, hash_iv) = ("5294y06JbISpM5x9".to_owned(), "v77hoKGq4kWxNNIS".to_owned());
    options.merchants = vec![SimMerchant { hash_key, hash_iv, ..SimMerchant::stage() }];
    let keys = Keys::new("5294y06JbISpM5x9", "v77hoKGq4kWxNNIS").expect("the public stage keys");
    let sim = Simulator::without_server(options).expect("good options");
    sim.strike(Fault::any(FaultKind::WrongKey));
    let data = keys.seal(&order_data("A1").to_string());
    let body = json!({ "MerchantID": MERCHANT, "RqHeader": { "Timestamp": sim.now().timestamp() }, "Data": data });
    let answer = envelope(&sim.exchange(Call::QueryOrder, body.to_string().as_bytes()).body);
    assert!(keys.open(&answer.data).map_or(true, |plain| !plain.contains("RtnCode")));
}
