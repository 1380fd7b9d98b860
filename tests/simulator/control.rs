use serde_json::{Value, json};

use ecpayd::simulator::Running;

use crate::scene::served;

async fn set(running: &Running, client: &reqwest::Client, path: &str, body: Value) -> (u16, Value) {
    let url = format!("{}/sim/{path}", running.url());
    let answer = client.post(url).body(body.to_string()).send().await.expect("an answer");
    let status = answer.status().as_u16();
    (status, serde_json::from_slice(&answer.bytes().await.expect("a body")).expect("JSON"))
}

async fn read(running: &Running, client: &reqwest::Client, path: &str) -> Value {
    let answer = client.get(format!("{}/sim/{path}", running.url())).send().await.expect("an answer");
    serde_json::from_slice(&answer.bytes().await.expect("a body")).expect("JSON")
}

#[tokio::test]
async fn a_quarter_is_lived_through_by_control_calls_alone() {
    let (sim, client) = served().await;
    let new = json!({ "merchant_trade_no": "A1", "amount": 900, "stage": 3, "authorized_at": "2026-07-30 10:00:00" });
    let (status, truth) = set(&sim, &client, "orders", new).await;
    assert_eq!((status, &truth["kind"], &truth["status"]), (200, &json!("installments"), &json!("authorized")));

    let (_, settings) = set(&sim, &client, "merchants/3002607", json!({ "balance": 500, "shrink": true })).await;
    assert_eq!((&settings["terms"]["balance"], &settings["terms"]["shrink"]), (&json!(500), &json!(true)));
    let (_, done) = set(&sim, &client, "orders/A1/dashboard", json!({ "action": "C", "amount": 900 })).await;
    assert_eq!((&done["effect"], &done["order"]["captured"]), (&json!(true), &json!(900)));
    let (_, short) = set(&sim, &client, "orders/A1/dashboard", json!({ "action": "R", "amount": 900 })).await;
    assert!(short["refused"].as_str().is_some_and(|text| text.contains("餘額不足")));
    set(&sim, &client, "merchants/3002607", json!({ "balance": null })).await;

    let (_, clock) = set(&sim, &client, "clock", json!({ "now": "2026-08-02 09:00:00" })).await;
    assert_eq!(clock, json!({ "now": "2026-08-02 09:00:00", "running": false }));
    let shown = read(&sim, &client, "orders/A1").await;
    assert_eq!(shown["status"], "captured");
    assert_eq!(shown["actions"].as_array().map(Vec::len), Some(2));
    assert_eq!(shown["actions"][1]["effect"], false);
    assert_eq!(read(&sim, &client, "actions").await, shown["actions"]);
}

#[tokio::test]
async fn an_unpaid_order_is_paid_by_hand() {
    let (sim, client) = served().await;
    let new = json!({ "merchant_trade_no": "A1", "amount": 900, "payment": "unpaid" });
    let (_, truth) = set(&sim, &client, "orders", new).await;
    assert_eq!((&truth["payment"], &truth["status"]), (&json!("unpaid"), &Value::Null));
    let (_, truth) = set(&sim, &client, "orders/A1/pay", json!({})).await;
    assert_eq!((&truth["payment"], &truth["status"]), (&json!("paid"), &json!("authorized")));
    assert_eq!(set(&sim, &client, "orders/A1/pay", json!({})).await.0, 400);
}

#[tokio::test]
async fn faults_are_told_listed_and_taken_back() {
    let (sim, client) = served().await;
    let fault = json!({ "call": "do_action", "action": "R", "kind": "late", "ms": 5, "times": 2 });
    let (_, waiting) = set(&sim, &client, "faults", fault).await;
    assert_eq!((&waiting[0]["kind"], &waiting[0]["times"]), (&json!("late"), &json!(2)));
    let cleared = client.delete(format!("{}/sim/faults", sim.url())).send().await.expect("an answer");
    assert_eq!(cleared.bytes().await.expect("a body").as_ref(), b"[]");
}

#[tokio::test]
async fn what_cannot_be_done_is_said_in_a_sentence() {
    let (sim, client) = served().await;
    set(&sim, &client, "orders", json!({ "merchant_trade_no": "A1", "amount": 900 })).await;
    for (path, body, part) in [
        ("orders", json!({ "merchant_trade_no": "A1", "amount": 900 }), "exists already"),
        ("orders", json!({ "merchant_trade_no": "a b", "amount": 900 }), "letters and digits"),
        ("orders", json!({ "merchant_trade_no": "A2", "amount": 0 }), "NT$0"),
        ("orders", json!({ "merchant_trade_no": "A2", "amount": 9, "kin": "card" }), "unknown field"),
        ("orders", json!({ "merchant_trade_no": "A2", "amount": 9, "stage": 3, "kind": "card" }), "stage"),
        ("orders", json!({ "merchant_trade_no": "A2", "amount": 9, "authorized_at": "now" }), "not a time"),
        ("orders", json!({ "merchant_trade_no": "A2", "amount": 9, "merchant_id": "1" }), "merchant 1"),
        ("orders/B1/pay", json!({}), "not known"),
        ("clock", json!({ "now": "2026-08-01 11:59:59" }), "cannot go back"),
        ("clock", json!({ "forward": "soon" }), "'soon' is not a span"),
        ("clock", json!({ "forward": "4000d" }), "ten years at most"),
        ("clock", json!({ "forward": "1d", "now": "2026-08-02" }), "cannot both"),
        ("clock", json!({ "speed": 0 }), "speed must be 1 to"),
        ("clock", json!({ "speed": 2, "running": false }), "has no speed"),
        ("faults", json!({ "kind": "cut", "rate": 1.5 }), "between 0 and 1"),
        ("faults", json!({ "kind": "cut", "time": 3 }), "unknown field time"),
        ("merchants/3002607", json!({ "balanse": 3 }), "unknown field balanse; known are balance"),
        ("merchants/3002607", json!({ "balance": "much" }), "balance: "),
        ("merchants/3002607", json!({ "daily_auto_close": true, "dialect": "fr" }), "dialect: "),
        ("vouchers", json!({ "tickets": [{ "amount": 5 }] }), "merchant_trade_no or a free_trade_no"),
        ("vouchers", json!({ "merchant_trade_no": "V1", "tickets": [] }), "1 to 99999 tickets"),
        ("vouchers", json!({ "merchant_trade_no": "V1", "tickets": [{ "amount": 5, "count": 100_000 }] }), "99999"),
        ("vouchers/V9/redeem", json!({ "count": 1 }), "voucher order V9 is not known"),
        ("vouchers/V9/redeem", json!({ "count": 0 }), "name the tickets"),
        ("faults", json!({ "kind": "storm" }), "storm"),
        ("faults", json!({ "kind": "status", "code": 99 }), "99"),
        ("merchants/1", json!({}), "merchant 1"),
    ] {
        let (status, answer) = set(&sim, &client, path, body).await;
        let error = answer["error"].as_str().unwrap_or_default();
        assert!(status == 400 && error.contains(part), "{path}: {status} {answer}");
    }
}

#[tokio::test]
async fn what_is_wrong_in_one_field_changes_no_other() {
    let (sim, client) = served().await;
    set(&sim, &client, "merchants/3002607", json!({ "daily_auto_close": true, "dialect": "fr" })).await;
    let merchants = read(&sim, &client, "merchants").await;
    assert_eq!(merchants[0]["terms"]["daily_auto_close"], false);
}

#[tokio::test]
async fn the_clock_leaps_stands_and_races() {
    let (sim, client) = served().await;
    for (body, shown) in [
        (json!({ "forward": "21d" }), json!({ "now": "2026-08-22 12:00:00", "running": true })),
        (json!({ "now": "2026-09-01" }), json!({ "now": "2026-09-01 00:00:00", "running": false })),
        (json!({ "forward": "90m" }), json!({ "now": "2026-09-01 01:30:00", "running": false })),
        (json!({ "speed": 60 }), json!({ "now": "2026-09-01 01:30:00", "running": true, "speed": 60 })),
        (json!({ "forward": "1h" }), json!({ "now": "2026-09-01 02:30:00", "running": true, "speed": 60 })),
        (json!({ "running": false }), json!({ "now": "2026-09-01 02:30:00", "running": false })),
    ] {
        assert_eq!(set(&sim, &client, "clock", body.clone()).await, (200, shown), "{body}");
    }
}

#[tokio::test]
async fn it_listens_on_loopback_only() {
    let options = crate::scene::options();
    assert!(ecpayd::simulator::Simulator::start(([0, 0, 0, 0], 0).into(), options).await.is_err());
}
