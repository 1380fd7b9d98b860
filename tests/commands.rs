//! The commands of a person: what they do, and the one line that they say when they cannot.

#[path = "commands/check.rs"]
mod check;
#[path = "commands/health.rs"]
mod health;
#[path = "commands/languages.rs"]
mod languages;
#[path = "commands/refunds.rs"]
mod refunds;
#[path = "commands/strangers.rs"]
mod strangers;
mod support;
#[path = "commands/vouchers.rs"]
mod vouchers;

use ecpayd::domain::action::Action;
use ecpayd::simulator::{Fault, FaultKind};
use serde_json::Value;
use support::{BRISK, House, MERCHANT, add_order, add_refund, ask, does, gateway, paid};

/// A captured order P1 of NT$1000 with 300 refunded, and an order A1 that was never looked at.
async fn house() -> House {
    let bank = gateway().await;
    let house = House::new(&bank.url(), BRISK);
    house.done(&["run", "--once"]);
    let mut sql = house.sql().await;
    paid(&bank.handle, "P1", 1000);
    add_order(&mut sql, "P1").await;
    house.done(&["run", "--once"]);
    add_refund(&mut sql, "P1", Some(300), "k1").await;
    house.done(&["run", "--once"]);
    house.done(&["orders", "add", "A1", "--expected-amount", "500", "--hold", "--memo", "gift"]);
    house
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|e| panic!("{e}: {text}"))
}

/// Field names in the order of the text.
fn fields(value: &Value) -> String {
    let mut names: Vec<_> = value.as_object().expect("an object").keys().cloned().collect();
    names.sort();
    names.join(",")
}

async fn columns(house: &House, view: &str) -> String {
    let query = "SELECT group_concat(name) FROM (SELECT name FROM pragma_table_info(?) ORDER BY name)";
    house.sql().await.value(query, [view])
}

#[tokio::test(flavor = "multi_thread")]
async fn json_has_the_field_names_of_the_views() {
    let house = house().await;
    let (orders, refunds) = (columns(&house, "order_status").await, columns(&house, "refund_status").await);
    let list = json(&house.done(&["orders", "list", "--json"]));
    assert_eq!(list.as_array().map(Vec::len), Some(2));
    assert_eq!(fields(&list[0]), orders);
    assert_eq!(list[0]["merchant_trade_no"], "A1", "newest first");

    let show = json(&house.done(&["show", "P1", "--json"]));
    let own = fields(&show)
        .split(',')
        .filter(|f| !["refunds", "attempts", "movements", "events", "vouchers"].contains(f))
        .collect::<Vec<_>>()
        .join(",");
    assert_eq!(own, orders);
    assert_eq!(fields(&show["refunds"][0]), refunds);
    assert_eq!(fields(&show["events"][0]), columns(&house, "order_events").await);
    // Those of the order stand in it once.
    let of_order = ["merchant_id", "merchant_trade_no", "trade_no"];
    let moved = columns(&house, "movements").await;
    let moved = moved.split(',').filter(|column| !of_order.contains(column)).collect::<Vec<_>>().join(",");
    assert_eq!(fields(&show["movements"][0]), moved);
    assert_eq!((&show["state"], &show["captured_amount"]), (&"to_be_captured".into(), &1000.into()));

    let explain = json(&house.done(&["explain", "P1", "--json"]));
    for field in ["merchant_id", "merchant_trade_no", "next_step", "next_step_at"] {
        assert!(!explain[field].is_null() && orders.contains(field), "{field}: {explain}");
    }
    let (reason, why) = (&explain["reason"], "the capture is to be claimed from the bank");
    assert_eq!((reason, &explain["why"]), (&serde_json::json!({ "code": "settling" }), &why.into()));
    add_refund(&mut house.sql().await, "A1", None, "k2").await;
    let mut sql = house.sql().await;
    does(&mut sql, "INSERT INTO alerts (kind, severity, merchant_id, message, raised_at) VALUES ('gateway_down', 'warning', '3002607', 'x', 0)").await;
    let alerts = json(&house.done(&["alerts", "--json"]));
    assert_eq!(fields(&alerts[0]), columns(&house, "open_alerts").await);
    let status = json(&house.done(&["status", "--json"]));
    assert_eq!(status["open_refunds"].as_array().map(Vec::len), Some(1));
    assert_eq!(fields(&status["open_refunds"][0]), refunds);
    assert_eq!(status["open_alerts"], alerts);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_command_does_the_same_as_its_sql() {
    let house = house().await;
    let mut sql = house.sql().await;
    let a1 = "SELECT capture || ' ' || ifnull(expected_amount, '-') || ' ' || ifnull(memo, '-') FROM orders WHERE merchant_trade_no = 'A1'";
    assert_eq!(ask(&mut sql, a1).await, "hold 500 gift");
    house.done(&["orders", "capture", "A1"]);
    assert_eq!(ask(&mut sql, a1).await, "now 500 gift");
    house.done(&["orders", "release", "A1", "--merchant", MERCHANT]);
    assert_eq!(ask(&mut sql, a1).await, "auto 500 gift");
    house.done(&["orders", "hold", "A1"]);
    assert_eq!(ask(&mut sql, a1).await, "hold 500 gift");

    assert!(house.done(&["refund", "P1", "--amount", "200", "--key", "k2", "--reason", "lid"]).contains("NT$200"));
    assert!(house.done(&["refund", "P1"]).contains("all that is left"));
    assert!(house.done(&["show", "P1"]).contains("lid"));
    let show = json(&house.done(&["show", "P1", "--json"]));
    assert_eq!((&show["memo"], &show["refunds"][1]["comment"]), (&Value::Null, &"lid".into()));
    assert!(house.done(&["show", "A1"]).contains("gift"));
    does(&mut sql, "UPDATE orders SET memo = 'a' || char(10) || 'state          captured' || char(27) || '[2J' WHERE merchant_trade_no = 'A1'").await;
    let shown = house.done(&["show", "A1"]);
    assert!(shown.contains("memo           a state          captured [2J\n"), "{shown}");
    assert!(house.done(&["orders", "capture", "P1"]).contains("has been captured already"));
    let refunds = "SELECT group_concat(ifnull(amount, 'all')) FROM refund_intents";
    assert_eq!(ask(&mut sql, refunds).await, "300,200,all");
    house.done(&["orders", "add", "A2", "--capture"]);
    assert_eq!(ask(&mut sql, "SELECT capture FROM orders WHERE merchant_trade_no = 'A2'").await, "now");

    assert!(house.done(&["orders", "list", "--state", "registered"]).contains("A2"));
    assert!(house.done(&["orders", "list", "--limit", "1"]).contains("A2"));
    assert!(house.done(&["orders", "list", "--state", "expired"]).contains("no orders"));
    assert!(house.done(&["show", "P1"]).contains("k1"));
    assert!(house.done(&["explain", "A1"]).contains("because"));
    assert!(house.done(&["alerts"]).contains("no open alerts"));
    house.done(&["pause", MERCHANT]);
    assert!(house.done(&["status"]).contains("paused by"));
    assert!(house.done(&["pause"]).contains("paused already"));
    house.done(&["resume", "--only", "capture"]);
    let status = house.done(&["status"]);
    assert!(
        status.contains("refunds of merchant 3002607 paused by") && status.contains("--only refund lets them go on")
    );
    house.done(&["pause", MERCHANT, "--only", "capture", "--why", "stock count", "--for", "2h"]);
    let pauses = json(&house.done(&["status", "--json"]))["pauses"].clone();
    assert_eq!((&pauses[0]["action"], &pauses[0]["why"]), (&"capture".into(), &"stock count".into()));
    assert_eq!(fields(&pauses[1]), "action,at,by,merchant_id,until,why");
    house.done(&["resume"]);
    assert!(!house.done(&["status"]).contains("paused by"));
    let events = "SELECT group_concat(kind) FROM events WHERE kind IN ('paused', 'resumed')";
    assert_eq!(ask(&mut sql, events).await, "paused,paused,resumed,paused,resumed");
    assert!(house.done(&["check-config"]).contains(MERCHANT));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fails_ends_with_1_and_one_line_that_names_the_thing() {
    let house = house().await;
    for (arguments, part) in [
        (&["show", "NOBODY"][..], "order NOBODY is not in the ledger"),
        (&["explain", "NOBODY"], "order NOBODY"),
        (&["orders", "capture", "NOBODY"], "order NOBODY"),
        (&["show", "P1", "--merchant", "9"], "order P1"),
        (&["orders", "add", "P1"], "order P1 is in the ledger already"),
        (&["orders", "add", "B1", "--merchant", "9"], "merchant_id is not in the settings"),
        (&["refund", "P1", "--amount", "701"], "more than what is left"),
        (&["refund", "P1", "--key", "k1"], "request_key k1 was used already, by refund 1"),
        (&["alerts", "ack", "77"], "no open alert 77"),
        (&["resolve", "99", "--applied", "--by", "Lin"], "no attempt 99"),
        (&["resolve", "1", "--applied", "--by", "Lin"], "attempt 1 is not in review"),
        (&["pause", "9"], "merchant 9"),
        (&["resume", "9"], "merchant 9"),
    ] {
        let told = house.tell(arguments);
        let said = told.error(1);
        assert!(said.contains(part), "{arguments:?}: {said}");
    }
    let counts = "SELECT (SELECT count(*) FROM orders) || ' ' || (SELECT count(*) FROM refund_intents)";
    assert_eq!(ask(&mut house.sql().await, counts).await, "2 1", "nothing was written");
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_usage_ends_with_2_and_one_line_that_names_the_thing() {
    let house = house().await;
    for (arguments, part) in [
        (&["refund", "P1", "--amount", "abc"][..], "'abc' is not a whole number of New Taiwan dollars"),
        (&["refund", "P1", "--amount", "0"], "'0' is not"),
        (&["refund", "P1", "--amount", "1.5"], "'1.5' is not"),
        (&["refund", "P1", "--amount", "99999999999"], "'99999999999' is not"),
        (&["refund", "P1", "--amount=-1"], "'-1' is not"),
        (&["refund", "P 1"], "P 1"),
        (&["orders", "add", "123456789012345678901"], "123456789012345678901"),
        (&["orders", "add", "A9", "--capture", "--hold"], "--hold"),
        (&["orders", "list", "--state", "paid"], "there is no state 'paid'"),
        (&["show"], "<TRADE_NO>"),
        (&["resolve", "1", "--by", "Lin"], "--applied"),
        (&["resolve", "1", "--applied"], "--by"),
        (&["resolve", "1", "--applied", "--not-applied", "--by", "Lin"], "--not-applied"),
        (&["alerts", "ack", "first"], "first"),
        (&["alerts", "ack", "1", "--by", " "], "a name of 1 to 100 characters"),
        (&["resolve", "1", "--applied", "--by", ""], "a name of 1 to 100 characters"),
        (&["resolve", "1", "--applied", "--by", "Lin\n2026-08-01  refund 9 done"], "on one line"),
        (&["orders", "list", "--limit", "0"], "0"),
        (&["vouchers", "list", "--limit", "0"], "0"),
        (&["statsu"], "statsu"),
        (&["pause", "no merchant"], "no merchant"),
        (&["--config", "elsewhere.toml", "status"], "--config"),
    ] {
        let told = house.tell(arguments);
        let said = told.error(2);
        assert!(said.contains(part), "{arguments:?}: {said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn where_several_merchants_have_an_order_one_has_to_be_named() {
    let house = House::without_gateway(BRISK);
    house.settle_in(&[MERCHANT, "2000132"], "http://127.0.0.1:9", BRISK);
    house.done(&["run", "--once"]);
    for arguments in [&["orders", "add", "A1"][..], &["refund", "A1"]] {
        assert!(house.tell(arguments).error(2).contains("--merchant"));
    }
    for merchant in [MERCHANT, "2000132"] {
        house.done(&["orders", "add", "A1", "--merchant", merchant]);
    }
    for arguments in [&["show", "A1"][..], &["explain", "A1"], &["orders", "hold", "A1"]] {
        let told = house.tell(arguments);
        let said = told.error(2);
        assert!(said.contains("order A1") && said.contains("--merchant"), "{said}");
    }
    house.done(&["orders", "hold", "A1", "--merchant", "2000132"]);
    house.done(&["refund", "A1", "--merchant", "2000132"]);
    let held = "SELECT group_concat(merchant_id) FROM order_status WHERE capture = 'hold'";
    assert_eq!(ask(&mut house.sql().await, held).await, "2000132");
    assert!(house.done(&["show", "A1", "--merchant", "2000132"]).contains("Refunds"));
    assert!(!house.done(&["show", "A1", "--merchant", MERCHANT]).contains("Refunds"));
    assert!(house.done(&["pause"]).contains("2 merchant"));
    assert!(house.done(&["resume", "2000132"]).contains("1 merchant"));
}

/// The shop has registered one authorization twice, once by its own number.
#[tokio::test(flavor = "multi_thread")]
async fn two_rows_of_one_authorization_are_told_apart() {
    let bank = gateway().await;
    let house = House::new(&bank.url(), BRISK);
    house.done(&["run", "--once"]);
    paid(&bank.handle, "P1", 1000);
    house.done(&["orders", "add", "P1"]);
    house.done(&["run", "--once"]);
    let authorization = support::truth(&bank.handle, "P1").trade_no;
    house.done(&["orders", "add", "P1", "--authorization", &authorization]);
    house.done(&["run", "--once"]);
    let list = json(&house.done(&["orders", "list", "--json"]));
    let states: Vec<_> = list.as_array().expect("rows").iter().map(|o| o["state"].clone()).collect();
    assert_eq!(states, ["review", "to_be_captured"]);
    let show = ["show", "P1", "--json", "--authorization", &authorization];
    assert_eq!(json(&house.done(&show))["state"], "review");
    assert_eq!(json(&house.done(&show[..3]))["state"], "to_be_captured");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_acts_on_the_authorization_that_was_named_and_on_no_other() {
    let bank = gateway().await;
    let house = House::new(&bank.url(), BRISK);
    house.done(&["run", "--once"]);
    paid(&bank.handle, "P1", 1000);
    house.done(&["orders", "add", "P1"]);
    house.done(&["run", "--once"]);
    for command in [&["orders", "capture", "P1"][..], &["orders", "hold", "P1"], &["show", "P1"], &["explain", "P1"]] {
        let told = house.tell(&[command, &["--authorization", "2601010000000009"]].concat());
        assert!(told.error(1).contains("order P1 has no authorization 2601010000000009 in the ledger"), "{told:?}");
    }
    let authorization = support::truth(&bank.handle, "P1").trade_no;
    house.done(&["orders", "hold", "P1", "--authorization", &authorization]);
    assert_eq!(json(&house.done(&["show", "P1", "--json"]))["capture"], "hold");

    // Of P2 only a later authorization is in the ledger, and the refund of the order is not of that.
    house.done(&["orders", "add", "P2", "--authorization", "2601010000000009"]);
    let told = house.tell(&["refund", "P2"]);
    assert!(told.error(1).contains("name the trade_no of the authorization to refund"), "{told:?}");
    house.done(&["refund", "P2", "--amount", "5", "--authorization", "2601010000000009"]);
    let mut sql = house.sql().await;
    let of = "SELECT o.trade_no FROM refunds r JOIN orders o ON o.id = r.order_id";
    assert_eq!(ask(&mut sql, of).await, "2601010000000009");
    assert_eq!(ask(&mut sql, "SELECT count(*) FROM orders").await, "2");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refund_names_its_merchant_only_where_several_have_the_order() {
    let bank = gateway().await;
    let house = House::without_gateway(BRISK);
    house.settle_in(&["3002607", "3002599"], &bank.url(), BRISK);
    house.done(&["run", "--once"]);
    house.done(&["orders", "add", "A1", "--merchant", "3002607"]);
    house.done(&["refund", "A1", "--amount", "100"]);
    let nobodys = house.tell(&["refund", "A2"]);
    assert!(nobodys.error(2).contains("choose one with --merchant"), "{nobodys:?}");
    house.done(&["orders", "add", "A1", "--merchant", "3002599"]);
    let both = house.tell(&["refund", "A1", "--amount", "100"]);
    assert!(both.error(2).contains("known at several merchants"), "{both:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_left_out_of_a_list_is_said() {
    let house = House::without_gateway(BRISK);
    house.done(&["run", "--once"]);
    let mut sql = house.sql().await;
    for n in 0..12 {
        add_refund(&mut sql, &format!("A{n}"), Some(1), &format!("k{n}")).await;
    }
    assert!(house.done(&["status"]).contains("Open refunds (10 of 12)"));
    let status = json(&house.done(&["status", "--json"]));
    assert_eq!((status["open_refunds"].as_array().map(Vec::len), &status["open_refund_count"]), (Some(12), &12.into()));
    assert!(house.done(&["orders", "list", "--limit", "11"]).contains("the newest 11; --limit shows more"));
    assert!(!house.done(&["orders", "list", "--limit", "12"]).contains("--limit"));
}

#[test]
fn the_simulator_says_what_is_wrong_with_what_it_was_given() {
    for (arguments, code, why) in [
        (&["--hash-key", "short"][..], 2, "merchant 3002607: "),
        (&["--listen", "0.0.0.0:0"], 2, "0.0.0.0:0 is not a loopback address"),
        (&["--state", "/nonexistent/state.json"], 1, "No such file or directory"),
    ] {
        let mut command = support::ecpayd();
        command.arg("simulator").args(["--listen", "127.0.0.1:0"]).args(arguments);
        if arguments[0] == "--listen" {
            command = support::ecpayd();
            command.arg("simulator").args(arguments);
        }
        let told = support::told(command);
        assert!(told.error(code).contains(why), "{told:?}");
    }
}

/// A refund whose answer was lost, and money that another hand moved meanwhile.
#[tokio::test(flavor = "multi_thread")]
async fn a_person_settles_an_attempt_in_review() {
    for (verdict, state, money) in [("--applied", "applied", "done 200"), ("--not-applied", "not_applied", "waiting 0")]
    {
        let bank = gateway().await;
        let house = House::new(&bank.url(), BRISK);
        house.done(&["run", "--once"]);
        let mut sql = house.sql().await;
        paid(&bank.handle, "P1", 1000);
        add_order(&mut sql, "P1").await;
        house.done(&["run", "--once"]);
        bank.handle.strike(Fault::on(Action::R, FaultKind::Forbidden));
        add_refund(&mut sql, "P1", Some(200), "k1").await;
        house.tell(&["run", "--once"]);
        let attempt = ask(&mut sql, "SELECT max(id) FROM attempts").await;
        let told = house.tell(&["resolve", &attempt, verdict, "--by", "Lin"]);
        assert!(told.error(1).contains("still being settled by looks"), "{told:?}");
        does(&mut sql, "UPDATE attempts SET state = 'review', finished_at = 1 WHERE action = 'R'").await;
        does(&mut sql, "UPDATE refunds SET state = 'review'").await;

        let said = house.done(&["resolve", &attempt, verdict, "--by", "Lin"]);
        assert!(said.contains("Lin") && said.contains(&attempt), "{said}");
        let settled = "SELECT state || ' ' || resolved_by FROM attempts WHERE action = 'R'";
        assert_eq!(ask(&mut sql, settled).await, format!("{state} Lin"));
        assert_eq!(ask(&mut sql, "SELECT state || ' ' || refunded_amount FROM refund_status").await, money);
        let by = "SELECT json_extract(detail, '$.by') FROM events WHERE kind GLOB 'attempt*applied' ORDER BY id DESC LIMIT 1";
        assert_eq!(ask(&mut sql, by).await, "Lin");
        assert!(house.tell(&["resolve", &attempt, verdict, "--by", "Lin"]).error(1).contains("not in review"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alert_is_acknowledged_by_name() {
    let house = house().await;
    let mut sql = house.sql().await;
    does(&mut sql, "INSERT INTO alerts (kind, severity, merchant_id, message, raised_at) VALUES ('external_change', 'warning', '3002607', 'by hand', 0)").await;
    assert!(house.done(&["alerts"]).contains("by hand"));
    house.done(&["alerts", "ack", "1", "--by", "Lin"]);
    assert_eq!(ask(&mut sql, "SELECT acked_by FROM open_alerts").await, "Lin");
    assert!(house.tell(&["alerts", "ack", "1", "--by", "Wang"]).error(1).contains("was acknowledged by Lin before"));
    assert_eq!(ask(&mut sql, "SELECT acked_by FROM open_alerts").await, "Lin");
    assert!(house.done(&["alerts"]).contains("Lin"));
}

#[test]
fn settings_that_are_not_there_are_named() {
    let mut command = support::ecpayd();
    command.args(["--config", "/elsewhere/config.toml", "status"]);
    let told = support::told(command);
    assert!(told.error(2).contains("/elsewhere/config.toml: no such file"), "{told:?}");
}

#[test]
fn an_address_of_another_product_of_ecpay_is_refused_with_the_right_one() {
    for (host, right) in [("vendor", "ecpayment"), ("ecticket", "ecpayment")] {
        let house = House::without_gateway(BRISK);
        house.settle_in(&[MERCHANT], &format!("https://{host}.ecpay.com.tw"), BRISK);
        for command in [&["check-config"][..], &["run", "--once"]] {
            let told = house.tell(command);
            let said = told.err.lines().find(|line| line.contains("base_url")).unwrap_or_default();
            assert_eq!(told.code, Some(2), "{told:?}");
            assert!(said.contains(&format!("names {host}.ecpay.com.tw")), "{told:?}");
            assert!(said.contains(&format!("\"https://{right}.ecpay.com.tw\"")), "{told:?}");
        }
    }
}

#[test]
fn check_config_tells_every_problem_at_once() {
    let house =
        House::without_gateway("[capture]\npolicy = \"late\"\ndeadline_days = 22\n[gatway]\ntimeout = \"1s\"\n");
    let told = house.tell(&["check-config"]);
    assert_eq!((told.code, told.err.lines().count()), (Some(2), 3), "{told:?}");
    for part in ["capture.policy", "capture.deadline_days", "gatway"] {
        assert!(told.err.contains(part), "{part}: {}", told.err);
    }
    assert!(told.err.lines().all(|line| line.starts_with("ecpayd: ") && line.contains("config.toml")), "{}", told.err);
}

#[test]
fn help_and_version_are_printed_and_end_with_0() {
    for arguments in [&["--help"][..], &["refund", "--help"], &["--version"]] {
        let house = House::without_gateway("");
        assert!(house.done(arguments).contains("ecpayd"), "{arguments:?}");
    }
}
