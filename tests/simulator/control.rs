use serde_json::{Value, json};

use ecpayd::simulator::{Call, Running};

use crate::scene::{MERCHANT, NOON, action_data, ask, at, envelope, order_data, post, sealed, served};

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
async fn faults_of_one_order_end_by_the_banks_time_and_refunds_are_undone() {
    let (sim, client) = served().await;
    let (_, truth) = set(&sim, &client, "orders", json!({ "merchant_trade_no": "A1", "amount": 900 })).await;
    let fault = json!({ "kind": "status", "code": 500, "merchant_trade_no": "A1", "for": "2d" });
    let (_, waiting) = set(&sim, &client, "faults", fault).await;
    assert_eq!((&waiting[0]["until"], &waiting[0]["times"]), (&json!("2026-08-03 12:00:00"), &Value::Null));
    set(&sim, &client, "clock", json!({ "forward": "2d" })).await;
    assert_eq!(read(&sim, &client, "faults").await, json!([]));

    set(&sim, &client, "orders/A1/dashboard", json!({ "action": "C", "amount": 900 })).await;
    let late = json!({ "kind": "effect_later", "s": 60, "action": "R", "merchant_trade_no": "A1" });
    set(&sim, &client, "faults", late).await;
    let trade_no = truth["trade_no"].as_str().expect("a number");
    assert_ne!(ask(&sim.handle, Call::DoAction, &action_data("A1", trade_no, "R", 300))["RtnCode"], 1);
    assert_eq!(read(&sim, &client, "orders/A1").await["actions"][1]["arrives_at"], "2026-08-03 12:01:00");
    set(&sim, &client, "clock", json!({ "forward": "1m" })).await;
    let shown = read(&sim, &client, "orders/A1").await;
    assert_eq!((&shown["refunded"], &shown["actions"][1]["asked_at"]), (&json!(300), &json!("2026-08-03 12:00:00")));

    let (_, undone) = set(&sim, &client, "orders/A1/undo", json!({ "what": "refund", "vanishes": true })).await;
    assert_eq!((&undone["refunded"], &undone["authorizations"][0]["undone"][0]["amount"]), (&json!(0), &json!(-300)));
    let says = json!({ "payment_type": "NewPay_Card" });
    assert_eq!(set(&sim, &client, "orders/A1/says", says).await.1["paid_by"], "NewPay_Card");
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
        ("merchants/3002607", json!({ "balanse": 3 }), "unknown field balanse; known are aio, aio_on_json, balance"),
        ("merchants/3002607", json!({ "balance": "much" }), "balance: "),
        ("merchants/3002607", json!({ "daily_auto_close": true, "dialect": "fr" }), "dialect: "),
        ("vouchers", json!({ "tickets": [{ "amount": 5 }] }), "merchant_trade_no or a free_trade_no"),
        ("vouchers", json!({ "merchant_trade_no": "V1", "tickets": [] }), "1 to 99999 tickets"),
        ("vouchers", json!({ "merchant_trade_no": "V1", "tickets": [{ "amount": 5, "count": 100_000 }] }), "99999"),
        ("vouchers/V9/redeem", json!({ "count": 1 }), "voucher order V9 is not known"),
        ("vouchers/V9/redeem", json!({ "count": 0 }), "name the tickets"),
        ("orders", json!([]), "must be a JSON object"),
        ("orders", json!({ "merchant_trade_no": "A2", "amount": 1.5 }), "amount: "),
        ("orders", json!({ "merchant_trade_no": 12, "amount": 9 }), "merchant_trade_no: "),
        ("orders", json!({ "merchant_trade_no": "A2", "amount": 9, "authorized_ago": "soon" }), "'soon' is not a span"),
        (
            "orders",
            json!({ "merchant_trade_no": "A2", "amount": 9, "authorized_ago": "1d", "authorized_at": "2026-07-01 10:00:00" }),
            "cannot both",
        ),
        ("orders/A1/pay?merchant=3002607", json!({}), "merchant"),
        ("orders/A1/dashboard", json!({ "action": "C", "amount": 900, "by": "me" }), "by: "),
        ("merchants/3002607", json!({ "balance": -5 }), "balance must be 0 or more"),
        ("merchants/3002607", json!({ "voucher_confirm_h": 4_294_967_295_u32 }), "at most 87600 hours"),
        ("faults", json!({ "kind": "cut", "for": 3 }), "not a span"),
        ("faults", json!({ "kind": "cut", "until": "2026-08-02 12:00:00" }), "say for how long"),
        ("faults", json!({ "kind": "effect_later", "s": 5, "answer": "soon" }), "soon"),
        ("faults", json!({ "kind": "effect_later", "s": 5, "call": "card_detail" }), "strikes only do_action"),
        ("faults", json!({ "kind": "bare", "call": "query_order" }), "strikes only do_action"),
        ("faults", json!({ "kind": "not_found", "call": "do_action" }), "strikes only query_order and card_detail"),
        ("orders/A1/undo", json!({ "what": "refund" }), "order A1 has no refund"),
        ("orders/A1/undo", json!({ "what": "void" }), "what: "),
        ("faults", json!({ "kind": "cut", "times": -1 }), "times: "),
        ("faults", json!({ "kind": "cut", "times": 0 }), "times must be 1 or more"),
        ("faults", json!({ "kind": "cut", "rate": 0 }), "rate must be more than 0"),
        (
            "faults",
            json!({ "kind": "wrong_checksum", "call": "do_action" }),
            "strikes only query_order and query_order_info and",
        ),
        ("faults", json!({ "kind": "refused", "call": "card_detail" }), "strikes only do_action"),
        ("faults", json!({ "kind": "check_failed", "call": "query_order" }), "strikes only card_detail"),
        ("faults", json!({ "kind": "check_failed", "action": "R" }), "only do_action has an action"),
        (
            "faults",
            json!({ "kind": "lost_after", "call": "card_detail", "action": "R" }),
            "only do_action has an action",
        ),
        ("faults", json!({ "kind": "cut", "merchant_trade_no": "A1", "voucher_no": "V1" }), "cannot both"),
        (
            "vouchers",
            json!({ "merchant_trade_no": "V1", "tickets": [{ "amount": 5, "expires_on": "9999-12-31" }] }),
            "2199",
        ),
        (
            "vouchers",
            json!({ "merchant_trade_no": "V1", "tickets": [{ "amount": 5 }], "customer": { "nmae": "Lin" } }),
            "customer.nmae: ",
        ),
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

#[tokio::test]
async fn what_is_no_control_call_is_told_as_json_too() {
    let (sim, client) = served().await;
    for (method, path, status, part) in [
        ("GET", "nothing", 404, "there is no control call /sim/nothing"),
        ("GET", "", 404, "/sim/"),
        ("GET", "orders/", 404, "/sim/orders/"),
        ("DELETE", "orders", 405, "/sim/orders does not take DELETE"),
        ("GET", "orders/A1/pay", 405, "does not take GET"),
        ("GET", "orders?merchant_id=bad!id", 400, "merchant_id"),
        ("GET", "orders/%ff", 400, "UTF-8"),
        ("GET", "merchants/1", 400, "merchant 1 is not known"),
    ] {
        let url = format!("{}/sim/{path}", sim.url());
        let answer = client.request(method.parse().expect("a method"), url).send().await.expect("an answer");
        assert_eq!(answer.status().as_u16(), status, "{method} {path}");
        let told: Value = serde_json::from_slice(&answer.bytes().await.expect("a body")).expect("JSON");
        assert!(told["error"].as_str().is_some_and(|error| error.contains(part)), "{method} {path}: {told}");
    }
    let huge = client.post(format!("{}/sim/orders", sim.url())).body(vec![b' '; 3_000_000]).send().await;
    let told: Value = serde_json::from_slice(&huge.expect("an answer").bytes().await.expect("a body")).expect("JSON");
    assert!(told["error"].is_string(), "{told}");
}

#[tokio::test]
async fn an_action_on_its_way_is_seen_and_one_that_comes_too_late_is_written_down() {
    let (sim, client) = served().await;
    for (no, s, effect) in [("A1", 300, true), ("A2", 700, false)] {
        let (_, truth) = set(&sim, &client, "orders", json!({ "merchant_trade_no": no, "amount": 900 })).await;
        let trade_no = truth["trade_no"].as_str().expect("a number").to_owned();
        set(&sim, &client, "faults", json!({ "kind": "delayed", "s": s, "merchant_trade_no": no })).await;
        post(&sim, &client, Call::DoAction, &action_data(no, &trade_no, "C", 900)).await.expect_err("no answer");
        let coming = read(&sim, &client, &format!("orders/{no}")).await["actions"][0].clone();
        assert_eq!((&coming["effect"], &coming["action"]), (&Value::Null, &json!("C")), "{coming}");
        assert!(coming["arrives_at"].is_string());
        set(&sim, &client, "clock", json!({ "forward": format!("{s}s") })).await;
        let came = read(&sim, &client, &format!("orders/{no}")).await["actions"].clone();
        assert_eq!((came.as_array().map(Vec::len), &came[0]["effect"]), (Some(1), &json!(effect)), "{came}");
    }
    let (ours, none) =
        (read(&sim, &client, "actions?merchant_id=3002607").await, read(&sim, &client, "actions?merchant_id=1").await);
    assert_eq!((ours.as_array().map(Vec::len), none), (Some(2), json!([])));
}

#[tokio::test]
async fn customer_service_captures_after_day_21_and_nobody_else() {
    let (sim, client) = served().await;
    let new = json!({ "merchant_trade_no": "A1", "amount": 900, "authorized_ago": "34d" });
    assert_eq!(set(&sim, &client, "orders", new).await.1["authorizations"][0]["authorized_at"], "2026-06-28 12:00:00");
    for (by, effect) in [("dashboard", false), ("service", true)] {
        let hand = json!({ "action": "C", "amount": 900, "by": by });
        assert_eq!(set(&sim, &client, "orders/A1/dashboard", hand).await.1["effect"], effect, "{by}");
    }
    assert_eq!(read(&sim, &client, "actions").await[1]["by"], "service");
}

#[tokio::test]
async fn the_card_detail_says_what_it_is_told_to() {
    let (sim, client) = served().await;
    set(&sim, &client, "orders", json!({ "merchant_trade_no": "A1", "amount": 900 })).await;
    for (told, said) in [(json!("Settling"), "Settling"), (Value::Null, "Authorized")] {
        let (_, truth) = set(&sim, &client, "orders/A1/says", json!({ "status": told })).await;
        assert_eq!((&truth["says"], &truth["status"]), (&told, &json!("authorized")));
        assert_eq!(ask(&sim.handle, Call::CardDetail, &order_data("A1"))["RtnValue"]["Status"], said);
    }
    set(&sim, &client, "faults", json!({ "kind": "check_failed" })).await;
    assert_eq!(ask(&sim.handle, Call::QueryOrder, &order_data("A1"))["RtnCode"], 1);
    assert_eq!(ask(&sim.handle, Call::CardDetail, &order_data("A1")), json!({ "RtnMsg": "error" }));
}

#[tokio::test]
async fn a_caller_that_cannot_move_its_clock_is_believed_where_stamps_are_the_computers() {
    let (sim, client) = served().await;
    set(&sim, &client, "orders", json!({ "merchant_trade_no": "A1", "amount": 900 })).await;
    set(&sim, &client, "clock", json!({ "now": "2026-08-09 20:20:00" })).await;
    let by_the_computer =
        || envelope(&sim.handle.exchange(Call::QueryOrder, &sealed(&order_data("A1"), at(NOON))).body);
    assert_eq!(by_the_computer().trans_msg, "Timestamp Error");
    let (_, clock) = set(&sim, &client, "clock", json!({ "stamps": "computer" })).await;
    assert_eq!(clock, json!({ "now": "2026-08-09 20:20:00", "running": false, "stamps": "computer" }));
    let answer = by_the_computer();
    assert_eq!((answer.trans_code, answer.rp_header.timestamp), (1, Some(at(NOON).timestamp())));
    // Nor does a request that is held up grow old by the bank's leap.
    let by_the_bank =
        envelope(&sim.handle.exchange(Call::QueryOrder, &sealed(&order_data("A1"), sim.handle.now())).body);
    assert_eq!(by_the_bank.trans_msg, "Timestamp Error");
}

#[tokio::test]
async fn a_silence_is_shown_and_lifted_and_holds_for_what_cannot_be_read() {
    let (sim, client) = served().await;
    set(&sim, &client, "faults", json!({ "kind": "forbidden" })).await;
    let status = |body: Vec<u8>| sim.handle.exchange(Call::QueryOrder, &body).status;
    assert_eq!(status(sealed(&order_data("A1"), at(NOON))), 403);
    let wrong = json!({ "MerchantID": MERCHANT, "RqHeader": { "Timestamp": at(NOON).timestamp() }, "Data": "x" });
    assert_eq!(status(wrong.to_string().into_bytes()), 403);
    assert_eq!(read(&sim, &client, "merchants/3002607").await["forbidden_until"], "2026-08-01 12:30:00");
    client.delete(format!("{}/sim/faults", sim.url())).send().await.expect("an answer");
    assert_eq!(read(&sim, &client, "merchants").await[0]["forbidden_until"], Value::Null);
    assert_eq!(status(sealed(&order_data("A1"), at(NOON))), 200);
    set(&sim, &client, "merchants/3002607", json!({ "calls_a_minute": 2 })).await;
    let statuses: Vec<u16> = (0..4).map(|_| status(wrong.to_string().into_bytes())).collect();
    assert_eq!(statuses, [200, 200, 403, 403]);
}
