//! `refund` typed twice, and `refunds list / cancel`.

use std::io::Write as _;
use std::process::{Command, Stdio};

use ecpayd::simulator::Running;

use crate::support::{BRISK, House, MERCHANT, add_order, add_refund, ask, close, does, gateway, paid};
use crate::{columns, fields, json};

/// An order P1 of NT$1000 that is captured, at a gateway that goes on.
async fn house() -> (Running, House) {
    let bank = gateway().await;
    let house = House::new(&bank.url(), BRISK);
    house.done(&["run", "--once"]);
    let mut sql = house.sql().await;
    paid(&bank.handle, "P1", 1000);
    add_order(&mut sql, "P1").await;
    house.done(&["run", "--once"]);
    close(sql).await;
    (bank, house)
}

/// The command on a terminal of its own, where somebody types `answer`.
fn on_a_terminal(house: &House, arguments: &[&str], answer: &str) -> (bool, String) {
    let command = house.command(arguments);
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let line: Vec<String> = words.map(|word| format!("'{}'", word.to_str().expect("text"))).collect();
    let mut script = Command::new("script");
    script.args(["--quiet", "--return", "--command", &line.join(" "), "/dev/null"]);
    let mut child = script
        .env_remove("ECPAYD_CONFIG")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("script of util-linux");
    child.stdin.take().expect("a pipe").write_all(answer.as_bytes()).expect("typed");
    let output = child.wait_with_output().expect("its end");
    (output.status.success(), String::from_utf8_lossy(&output.stdout).into_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refund_typed_twice_asks_on_a_terminal_and_is_refused_elsewhere() {
    let (_bank, house) = house().await;
    let mut sql = house.sql().await;
    let count = "SELECT count(*) FROM refund_intents";
    house.done(&["refund", "P1", "--amount", "300"]);
    let told = house.tell(&["refund", "P1", "--amount", "300"]);
    let said = told.error(1);
    assert!(said.starts_with("order P1 has refund 1 of NT$300 already, asked for at "), "{said}");
    assert!(said.ends_with("and queued: if another one is meant, give it a --key of its own"), "{said}");
    assert_eq!(ask(&mut sql, count).await, "1");

    for answer in ["n\n", "\n"] {
        let (done, screen) = on_a_terminal(&house, &["refund", "P1", "--amount", "300"], answer);
        assert!(
            !done && screen.contains("Queue another one? [y/N]") && screen.contains("nothing was queued"),
            "{screen}"
        );
        assert_eq!(ask(&mut sql, count).await, "1");
    }
    let (done, screen) = on_a_terminal(&house, &["refund", "P1", "--amount", "300"], "y\n");
    assert!(done && screen.contains("refund 2 of NT$300 queued"), "{screen}");
    let (done, screen) = on_a_terminal(&house, &["refund", "P1", "--amount", "200"], "");
    assert!(done && !screen.contains("[y/N]"), "another amount is no repetition: {screen}");
    house.done(&["refund", "P1", "--amount", "200", "--key", "meant"]);
    assert_eq!(ask(&mut sql, count).await, "4");

    // One that has ended is as easily typed again; an hour later it is a thing of the past.
    house.done(&["run", "--once"]);
    assert_eq!(ask(&mut sql, "SELECT group_concat(DISTINCT state) FROM refunds").await, "done");
    assert!(house.tell(&["refund", "P1", "--amount", "200"]).error(1).contains("and done:"));
}

#[tokio::test(flavor = "multi_thread")]
async fn all_that_is_left_is_the_amount_that_is_left() {
    let (_bank, house) = house().await;
    house.done(&["refund", "P1"]);
    for arguments in [&["refund", "P1"][..], &["refund", "P1", "--amount", "1000"]] {
        let told = house.tell(arguments);
        assert!(told.error(1).contains("has refund 1 of all that is left already"), "{told:?}");
    }
    // Nothing is known of this order; two refunds of everything are the same all the same.
    house.done(&["refund", "N1"]);
    assert!(house.tell(&["refund", "N1"]).error(1).contains("order N1 has refund 2"));
    house.done(&["refund", "N1", "--amount", "5"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn refunds_are_listed_newest_first_with_the_field_names_of_the_view() {
    let (_bank, house) = house().await;
    assert_eq!(house.done(&["refunds", "list"]), "no open refunds\n");
    assert_eq!(house.done(&["refunds", "list", "--all"]), "no refunds\n");
    let mut sql = house.sql().await;
    add_refund(&mut sql, "P1", Some(100), "k1").await;
    house.done(&["run", "--once"]);
    assert_eq!(house.done(&["refunds", "list"]), "no open refunds\n");
    add_refund(&mut sql, "P1", None, "k2").await;
    let all = json(&house.done(&["refunds", "list", "--all", "--json"]));
    let keys: Vec<_> = all.as_array().expect("rows").iter().map(|r| (&r["request_key"], &r["state"])).collect();
    assert_eq!(keys, [(&"k2".into(), &"queued".into()), (&"k1".into(), &"done".into())]);
    assert_eq!(fields(&all[0]), columns(&house, "refund_status").await);
    assert_eq!(json(&house.done(&["refunds", "list", "--json"])).as_array().map(Vec::len), Some(1));
    let table = house.done(&["refunds", "list", "--all"]);
    assert!(table.contains("k1") && table.contains("k2") && !table.contains("--limit"), "{table}");
    assert!(house.done(&["refunds", "list", "--all", "--limit", "1"]).contains("the newest 1; --limit shows more"));
    assert!(house.tell(&["refunds", "list", "--limit", "0"]).error(2).contains('0'));
}

#[tokio::test(flavor = "multi_thread")]
async fn refunds_are_listed_by_state_and_by_merchant() {
    let (bank, house) = house().await;
    house.settle_in(&[MERCHANT, "2000132"], &bank.url(), BRISK);
    house.done(&["run", "--once"]);
    let mut sql = house.sql().await;
    add_refund(&mut sql, "P1", Some(100), "done").await;
    house.done(&["run", "--once"]);
    add_refund(&mut sql, "P1", Some(100), "queued").await;
    add_refund(&mut sql, "P1", Some(100), "canceled").await;
    does(&mut sql, "UPDATE refund_intents SET cancel = 1 WHERE request_key = 'canceled'").await;
    does(&mut sql, "INSERT INTO refund_intents (merchant_id, merchant_trade_no, request_key) VALUES ('2000132', 'P1', 'elsewhere')").await;
    let keys = |arguments: &[&str]| {
        let listed = json(&house.done(&[&["refunds", "list", "--json"], arguments].concat()));
        let keys: Vec<_> =
            listed.as_array().expect("rows").iter().map(|r| r["request_key"].as_str().expect("a key")).collect();
        keys.join(" ")
    };
    for (arguments, expected) in [
        (&[][..], "elsewhere queued"),
        (&["--all"], "elsewhere canceled queued done"),
        (&["--state", "queued"], "elsewhere queued"),
        (&["--state", "done"], "done"),
        (&["--state", "canceled", "--all"], "canceled"),
        (&["--state", "rejected"], ""),
        (&["--merchant", MERCHANT], "queued"),
        (&["--merchant", "2000132", "--all"], "elsewhere"),
        (&["--merchant", "2000132", "--state", "done"], ""),
        (&["--merchant", "9", "--all"], ""),
        (&["--all", "--limit", "2"], "elsewhere canceled"),
    ] {
        assert_eq!(keys(arguments), expected, "{arguments:?}");
    }
    let told = house.tell(&["refunds", "list", "--state", "paid"]);
    assert!(told.error(2).starts_with("there is no state 'paid'; the states are queued, running,"), "{told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refund_is_canceled_by_its_number_until_it_has_begun() {
    let (_bank, house) = house().await;
    let mut sql = house.sql().await;
    for key in ["k1", "k2", "k3"] {
        add_refund(&mut sql, "P1", Some(100), key).await;
    }
    assert_eq!(house.done(&["refunds", "cancel", "3"]), "refund 3 is canceled\n");
    assert_eq!(house.done(&["refunds", "cancel", "3"]), "refund 3 is canceled already\n");
    assert_eq!(
        ask(&mut sql, "SELECT state || cancel FROM refunds r JOIN refund_intents i ON i.id = r.intent_id WHERE id = 3")
            .await,
        "canceled1"
    );
    does(&mut sql, "UPDATE refunds SET state = 'running' WHERE intent_id = 2").await;
    let told = house.tell(&["refunds", "cancel", "2"]);
    assert_eq!(
        told.error(1),
        "refund 2 is running: the refund has begun: money may be moving, it can no longer be canceled"
    );
    house.done(&["run", "--once"]);
    assert_eq!(house.tell(&["refunds", "cancel", "1"]).error(1), "refund 1 is done: the refund has ended already");
    assert_eq!(house.tell(&["refunds", "cancel", "9"]).error(1), "there is no refund 9");
    assert!(house.tell(&["refunds", "cancel", "k1"]).error(2).contains("k1"));
    let canceled = "SELECT count(*) FROM events WHERE kind = 'refund_canceled' AND merchant_id = '3002607'";
    assert_eq!(ask(&mut sql, canceled).await, "1", "{MERCHANT}");
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_find_the_rule_and_the_reason_beside_each_sentence() {
    let (_bank, house) = house().await;
    let mut sql = house.sql().await;
    add_refund(&mut sql, "P1", Some(1000), "whole").await;
    house.done(&["run", "--once"]);
    add_refund(&mut sql, "P1", None, "again").await;
    house.done(&["run", "--once"]);
    let refunds = json(&house.done(&["refunds", "list", "--all", "--json"]));
    let (again, whole) = (&refunds[0], &refunds[1]);
    assert_eq!(again["state"], "rejected");
    assert!(
        again["rule"].as_str().is_some_and(|rule| !rule.is_empty()) && again["reason"]["code"].is_string(),
        "{again}"
    );
    assert!(again["ended_at"].is_string() && again["detail"].as_str().is_some_and(|detail| !detail.is_empty()));
    assert_eq!((&whole["state"], &whole["reason"]["code"]), (&"done".into(), &"call_took_effect".into()));
    let order = json(&house.done(&["show", "P1", "--json"]));
    assert!(order["rule"].is_string() && order["reason"]["code"].is_string(), "{order}");
    let alerts = json(&house.done(&["alerts", "--json"]));
    let rejected = alerts.as_array().expect("rows").iter().find(|a| a["kind"] == "refund_rejected").expect("an alert");
    assert_eq!((&rejected["rule"], &rejected["reason"]["code"]), (&again["rule"], &"refund_rejected".into()));
    assert_eq!(rejected["reason"]["why"]["code"], again["reason"]["code"]);
    // The same by SQL, as text that is JSON.
    let by_sql = "SELECT json_extract(reason, '$.code') FROM refund_status WHERE request_key = 'whole'";
    assert_eq!(ask(&mut sql, by_sql).await, "call_took_effect");
}
