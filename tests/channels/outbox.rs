//! A real daemon with channels in its settings: killed in the middle of a delivery, and beside a receiver that hangs.

use ecpayd::deliver::channel::Heartbeat;
use ecpayd::domain::action::Action;

use super::receiver::{Behaviour, Receiver, answer};
use super::support::{BRISK, House, gateway, paid, truth, until};

fn webhook(kind: &str, receiver: &Receiver) -> String {
    let kind_key =
        if kind == "alerts" { "kind = \"webhook\"\nmin_severity = \"notice\"\nlanguage = \"en\"\n" } else { "" };
    format!(
        "[[{kind}.channel]]\n{kind_key}url = \"http://{}/hook\"\nsecret = \"0123456789abcdef0123456789abcdef\"\n",
        receiver.at
    )
}

/// The day's digest is another message, which is due or not by the time at which the test runs.
const ALERTS_ALONE: &str = "[alerts]\ndigest = \"\"\n";

#[tokio::test(flavor = "multi_thread")]
async fn a_daemon_that_is_killed_in_the_middle_of_a_delivery_makes_it_again_under_the_same_key() {
    let bank = gateway().await;
    let (deaf, well) = (Receiver::new(Behaviour::Hang).await, Receiver::new(answer(204, "", "")).await);
    let house = House::new(&bank.url(), &format!("{BRISK}{ALERTS_ALONE}{}", webhook("alerts", &deaf)));
    paid(&bank.handle, "A1", 1000);
    let daemon = house.started().await;
    let sql = house.sql().await;
    sql.does("INSERT INTO orders (merchant_id, merchant_trade_no, expected_amount) VALUES ('3002607', 'A1', 999)");
    until("the alert is on its way", async || !deaf.asked().is_empty()).await;
    daemon.kill();
    let first = deaf.asked()[0].headers["webhook-id"].clone();
    assert_eq!(sql.ask("SELECT tries || ' ' || (sent_at IS NULL) FROM messages"), "0 1");

    house.settle_in(&["3002607"], &bank.url(), &format!("{BRISK}{ALERTS_ALONE}{}", webhook("alerts", &well)));
    for _ in 0..2 {
        house.done(&["run", "--once"]);
    }
    let alerts: Vec<_> = well.asked().into_iter().filter(|asked| asked.json()["type"] == "alerts").collect();
    assert_eq!(alerts.len(), 1, "delivered once");
    assert_eq!(alerts[0].headers["webhook-id"], first);
    assert_eq!(alerts[0].json()["alerts"][0]["kind"], "amount_mismatch");
    assert_eq!(sql.ask("SELECT count(*) FROM messages WHERE sent_at IS NULL"), "0");
}

#[tokio::test(flavor = "multi_thread")]
async fn receivers_that_hang_hold_up_neither_captures_nor_the_end_of_the_daemon() {
    let bank = gateway().await;
    let (deaf, shop) = (Receiver::new(Behaviour::Hang).await, Receiver::new(Behaviour::Hang).await);
    let settings = format!("{BRISK}{}{}", webhook("alerts", &deaf), webhook("events", &shop));
    let house = House::new(&bank.url(), &settings);
    let daemon = house.started().await;
    let sql = house.sql().await;
    paid(&bank.handle, "B1", 1000);
    sql.does("INSERT INTO orders (merchant_id, merchant_trade_no, expected_amount) VALUES ('3002607', 'B1', 999)");
    until("the alert hangs", async || !deaf.asked().is_empty()).await;
    for n in 0..20 {
        let no = format!("A{n}");
        paid(&bank.handle, &no, 1000);
        sql.does(&format!(
            "INSERT INTO orders (merchant_id, merchant_trade_no, capture) VALUES ('3002607', '{no}', 'now')"
        ));
    }
    let captured = "SELECT count(*) FROM order_state WHERE state = 'to_be_captured' OR state = 'captured'";
    until("all are captured", async || sql.ask(captured) == "20").await;
    assert!(truth(&bank.handle, "A7").captured > 0, "{:?}", Action::C);
    assert!(daemon.stop().await.success());
    // What was on its way is due again, and nothing of it is lost.
    assert_ne!(sql.ask("SELECT count(*) FROM messages WHERE next_at IS NOT NULL"), "0");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shop_is_told_that_a_refund_is_done_by_a_call_that_it_can_verify() {
    let bank = gateway().await;
    let shop = Receiver::new(answer(200, "", "")).await;
    let house = House::new(&bank.url(), &format!("{BRISK}{}", webhook("events", &shop)));
    house.done(&["run", "--once"]);
    let sql = house.sql().await;
    paid(&bank.handle, "A1", 1000);
    sql.does("INSERT INTO orders (merchant_id, merchant_trade_no, capture) VALUES ('3002607', 'A1', 'now')");
    house.done(&["run", "--once"]);
    sql.does("INSERT INTO refund_intents (merchant_id, merchant_trade_no, amount, request_key) VALUES ('3002607', 'A1', 300, 'rma-1')");
    house.done(&["run", "--once"]);
    let told = shop.asked();
    let done = told.iter().find(|asked| asked.json()["type"] == "refund_done").expect("told of");
    assert_eq!(done.json()["refund"]["request_key"], "rma-1");
    assert_eq!(done.json()["merchant_trade_no"], "A1");
    assert!(done.headers["webhook-signature"].starts_with("v1,") && done.headers.contains_key("webhook-timestamp"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_heartbeat_is_one_call_with_a_line_of_state_and_says_why_it_was_not_taken() {
    let (well, ill) = (Receiver::new(answer(200, "", "OK")).await, Receiver::new(answer(500, "", "")).await);
    let heartbeat = |receiver: &Receiver| {
        Heartbeat::new(&format!("http://{}/ping/s3cr3t?rid=1", receiver.at).into()).expect("an address")
    };
    heartbeat(&well).beat("degraded: money actions are paused for 1 merchant").await.expect("taken");
    let asked = well.asked();
    assert_eq!((asked.len(), asked[0].what.as_str()), (1, "POST /ping/s3cr3t?rid=1"));
    assert_eq!(asked[0].json()["status"], "degraded: money actions are paused for 1 merchant");
    let why = heartbeat(&ill).beat("ok").await.expect_err("a failure").to_string();
    assert!(why.contains("127.0.0.1") && why.contains("500") && !why.contains("s3cr3t"), "{why}");
}
