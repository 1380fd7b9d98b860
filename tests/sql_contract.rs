//! The contract of the ledger's tables, as a shop meets it: plain SQL from outside.

#[path = "sql_contract/books.rs"]
mod books;
mod support;
#[path = "sql_contract/vouchers.rs"]
mod vouchers;

use std::io::Write as _;
use std::process::{Command, Stdio};

use chrono::NaiveDateTime;
use ecpayd::domain::action::Action;
use ecpayd::simulator::{Fault, FaultKind};
use serde_json::{Value, json};
use support::{BRISK, House, LedgerHandle, add_order, add_refund, ask, does, gateway, paid, refused};

const TAKEN: &str = "";
const NUMBER: &str = "merchant_trade_no must be 1 to 20 letters and digits";
const PARTS: &str = "installments must be the number of parts, from 2 to 99; 0 for an order paid at once";
const DOLLARS: &str = "must be a whole number of New Taiwan dollars from 1 to 2147483647";
const READABLE: &str = "request_key must be text in UTF-8, neither blank nor with control characters";
const DATE: &str = "created_at is the time of the INSERT, in milliseconds since 1970: leave it out, and see that this computer's clock is right";
const KEY: &str = "request_key must be a text of 1 to 200 characters";
const LEFT: &str = "amount is more than what is left of the order, counting the refunds already asked for";
const UNKNOWN: &str = "merchant_id is not in the settings of ecpayd";
const REPLACED: &str = "the order is in the ledger already and is never replaced";

/// What a shop writes, in this order, and the sentence that it reads; none where it is taken.
/// P1 has NT$1000 of which 300 went back by refund 1; refund 2, of P2, is under way.
#[rustfmt::skip]
const WRITES: &[(&str, &str)] = &[
    ("INSERT INTO orders (merchant_id, merchant_trade_no) VALUES ('3002607', '20180914001')", TAKEN),
    ("INSERT INTO orders (merchant_id, merchant_trade_no, expected_amount, capture, memo) VALUES ('3002607', 'A2', 1, 'hold', 'gift')", TAKEN),
    ("INSERT INTO orders (merchant_id, merchant_trade_no, trade_no, expected_amount) VALUES ('3002607', 'A3', '2601010000000001', 2147483647)", TAKEN),
    ("INSERT INTO orders (merchant_id, merchant_trade_no) VALUES ('9', 'B1')", UNKNOWN),
    ("INSERT INTO orders (merchant_id, merchant_trade_no) VALUES (NULL, 'B1')", UNKNOWN),
    ("INSERT INTO orders (merchant_id, merchant_trade_no) VALUES ('3002607', '')", NUMBER),
    ("INSERT INTO orders (merchant_id, merchant_trade_no) VALUES ('3002607', NULL)", NUMBER),
    ("INSERT INTO orders (merchant_id) VALUES ('3002607')", NUMBER),
    ("INSERT INTO orders (merchant_id, merchant_trade_no) VALUES ('3002607', 'a b')", NUMBER),
    ("INSERT INTO orders (merchant_id, merchant_trade_no) VALUES ('3002607', '訂單')", NUMBER),
    ("INSERT INTO orders (merchant_id, merchant_trade_no) VALUES ('3002607', '123456789012345678901')", NUMBER),
    ("INSERT OR IGNORE INTO orders (merchant_id, merchant_trade_no) VALUES ('3002607', 'a-b')", NUMBER),
    ("INSERT INTO orders (merchant_id, merchant_trade_no) VALUES ('3002607', x'4131')", "cannot store BLOB value in TEXT column orders.merchant_trade_no"),
    ("INSERT INTO orders (merchant_id, merchant_trade_no, trade_no) VALUES ('3002607', 'B1', '')", "trade_no must be 1 to 20 letters and digits"),
    ("INSERT INTO orders (merchant_id, merchant_trade_no, expected_amount) VALUES ('3002607', 'B1', 0)", DOLLARS),
    ("INSERT INTO orders (merchant_id, merchant_trade_no, expected_amount) VALUES ('3002607', 'B1', -1)", DOLLARS),
    ("INSERT INTO orders (merchant_id, merchant_trade_no, expected_amount) VALUES ('3002607', 'B1', 2147483648)", DOLLARS),
    ("INSERT INTO orders (merchant_id, merchant_trade_no, expected_amount) VALUES ('3002607', 'B1', 'much')", "cannot store TEXT value in INTEGER column orders.expected_amount"),
    ("INSERT INTO orders (merchant_id, merchant_trade_no, expected_amount) VALUES ('3002607', 'B1', 1.5)", "cannot store REAL value in INTEGER column orders.expected_amount"),
    ("INSERT INTO orders (merchant_id, merchant_trade_no, capture) VALUES ('3002607', 'B1', 'Now')", "capture must be one of auto, now, hold"),
    ("INSERT INTO orders (merchant_id, merchant_trade_no, capture) VALUES ('3002607', 'B1', NULL)", "capture must be one of auto, now, hold"),
    ("INSERT INTO orders (merchant_id, merchant_trade_no) VALUES ('3002607', '20180914001')", "the_order_is_in_the_ledger_already"),
    ("INSERT OR IGNORE INTO orders (merchant_id, merchant_trade_no) VALUES ('3002607', '20180914001')", TAKEN),
    ("INSERT OR REPLACE INTO orders (merchant_id, merchant_trade_no) VALUES ('3002607', '20180914001')", REPLACED),
    ("REPLACE INTO orders (id, merchant_id, merchant_trade_no) VALUES (1, '3002607', 'B1')", REPLACED),
    ("UPDATE orders SET capture = 'now' WHERE merchant_trade_no = '20180914001'", TAKEN),
    ("UPDATE orders SET capture = 'hold' WHERE merchant_trade_no = '20180914001'", TAKEN),
    ("UPDATE orders SET capture = 'later' WHERE merchant_trade_no = '20180914001'", "capture must be one of auto, now, hold"),
    ("UPDATE orders SET expected_amount = 0 WHERE merchant_trade_no = '20180914001'", DOLLARS),
    ("INSERT INTO orders (merchant_id, merchant_trade_no, installments) VALUES ('3002607', 'IN0', 0), ('3002607', 'IN2', 2), ('3002607', 'IN99', 99)", TAKEN),
    ("INSERT INTO orders (merchant_id, merchant_trade_no, installments) VALUES ('3002607', 'IN1', 1)", PARTS),
    ("INSERT INTO orders (merchant_id, merchant_trade_no, installments) VALUES ('3002607', 'IN1', 100)", PARTS),
    ("UPDATE orders SET installments = -1 WHERE merchant_trade_no = 'IN0'", PARTS),
    ("UPDATE orders SET installments = 'three' WHERE merchant_trade_no = 'IN0'", "cannot store TEXT value in INTEGER column orders.installments"),
    ("UPDATE orders SET installments = NULL WHERE merchant_trade_no = 'IN0'", TAKEN),
    ("UPDATE orders SET merchant_trade_no = 'B1' WHERE merchant_trade_no = '20180914001'", "only capture, expected_amount, installments and memo of an order may be changed"),
    ("UPDATE OR REPLACE orders SET id = 1 WHERE merchant_trade_no = '20180914001'", "only capture, expected_amount, installments and memo of an order may be changed"),
    ("UPDATE orders SET rowid = 99 WHERE merchant_trade_no = '20180914001'", "only capture, expected_amount, installments and memo of an order may be changed"),
    ("INSERT INTO orders (merchant_id, merchant_trade_no) VALUES ('3002607', 'N1' || char(0) || ';')", "merchant_trade_no must be 1 to 20 letters and digits"),
    ("DELETE FROM orders WHERE merchant_trade_no = '20180914001'", "orders are never deleted"),
    ("INSERT INTO orders (id, merchant_id, merchant_trade_no) VALUES (9223372036854775807, '3002607', 'Z1')", "id is given by the ledger: leave it out"),
    ("INSERT INTO refund_intents (id, merchant_id, merchant_trade_no, amount, request_key) VALUES (9223372036854775807, '3002607', 'P1', 1, 'z1')", "id is given by the ledger: leave it out"),
    // Refunds: what an amount and a key may be.
    ("INSERT INTO refund_intents (merchant_id, merchant_trade_no, amount, request_key) VALUES ('9', 'P1', 1, 'b1')", UNKNOWN),
    ("INSERT INTO refund_intents (merchant_id, merchant_trade_no, amount, request_key) VALUES ('3002607', 'P 1', 1, 'b1')", NUMBER),
    ("INSERT INTO refund_intents (merchant_id, merchant_trade_no, amount, request_key) VALUES ('3002607', 'P1', 0, 'b1')", DOLLARS),
    ("INSERT INTO refund_intents (merchant_id, merchant_trade_no, amount, request_key) VALUES ('3002607', 'P1', -300, 'b1')", DOLLARS),
    ("INSERT INTO refund_intents (merchant_id, merchant_trade_no, amount, request_key) VALUES ('3002607', 'P1', 99999999999, 'b1')", DOLLARS),
    ("INSERT INTO refund_intents (merchant_id, merchant_trade_no, amount, request_key) VALUES ('3002607', 'P1', 'all', 'b1')", "cannot store TEXT value in INTEGER column refund_intents.amount"),
    ("INSERT INTO refund_intents (merchant_id, merchant_trade_no, amount, request_key) VALUES ('3002607', 'P1', 0.5, 'b1')", "cannot store REAL value in INTEGER column refund_intents.amount"),
    ("INSERT INTO refund_intents (merchant_id, merchant_trade_no, amount, request_key) VALUES ('3002607', 'P1', 1, '')", KEY),
    ("INSERT INTO refund_intents (merchant_id, merchant_trade_no, amount) VALUES ('3002607', 'P1', 1)", KEY),
    ("INSERT INTO refund_intents (merchant_id, merchant_trade_no, amount, request_key) VALUES ('3002607', 'P1', 1, hex(zeroblob(101)))", KEY),
    ("INSERT INTO refund_intents (merchant_id, merchant_trade_no, amount, request_key, cancel) VALUES ('3002607', 'P1', 1, 'b1', 1)", "cancel is set by an UPDATE of a refund, not by its INSERT"),
    ("INSERT INTO refund_intents (merchant_id, merchant_trade_no, amount, request_key) VALUES ('3002607', 'P1', 1, '  ')", READABLE),
    ("INSERT INTO refund_intents (merchant_id, merchant_trade_no, amount, request_key) VALUES ('3002607', 'P1', 1, 'b1' || char(10) || 'b2')", READABLE),
    ("INSERT INTO refund_intents (merchant_id, merchant_trade_no, amount, request_key) VALUES ('3002607', 'P1', 1, 'b1' || char(0) || 'b2')", READABLE),
    ("INSERT INTO refund_intents (merchant_id, merchant_trade_no, amount, request_key) VALUES ('3002607', 'P1', 1, CAST(x'B068B36630303031' AS TEXT))", READABLE),
    ("INSERT INTO refund_intents (merchant_id, merchant_trade_no, amount, request_key) VALUES ('3002607', 'P1', 1, CAST(x'E5BC' AS TEXT))", READABLE),
    ("INSERT INTO refund_intents (merchant_id, merchant_trade_no, amount, request_key) VALUES ('3002607', 'P1', 1, hex(zeroblob(99)) || 'b' || CAST(x'80' AS TEXT))", READABLE),
    // When it was asked for is not the shop's to say, least of all in seconds.
    ("INSERT INTO refund_intents (merchant_id, merchant_trade_no, amount, request_key, created_at) VALUES ('3002607', 'P1', 1, 'b1', 1785556800)", DATE),
    ("INSERT INTO orders (merchant_id, merchant_trade_no, created_at) VALUES ('3002607', 'D1', 9223372036854775807)", DATE),
    // No more than what is left, counting what is asked for.
    ("INSERT INTO refund_intents (merchant_id, merchant_trade_no, amount, request_key) VALUES ('3002607', 'P1', 701, 'b1')", LEFT),
    ("INSERT INTO refund_intents (merchant_id, merchant_trade_no, amount, request_key, reason) VALUES ('3002607', 'P1', 400, 'k3', 'broken lid')", TAKEN),
    ("INSERT INTO refund_intents (merchant_id, merchant_trade_no, amount, request_key) VALUES ('3002607', 'P1', 301, 'b1')", LEFT),
    ("INSERT INTO refund_intents (merchant_id, merchant_trade_no, amount, request_key) VALUES ('3002607', 'P1', 300, 'k4')", TAKEN),
    ("INSERT INTO refund_intents (merchant_id, merchant_trade_no, amount, request_key) VALUES ('3002607', 'P1', 1, 'b1')", LEFT),
    ("UPDATE refund_intents SET cancel = 1 WHERE request_key = 'k4'", TAKEN),
    ("UPDATE refund_intents SET cancel = 1 WHERE request_key = 'k4'", TAKEN),
    ("UPDATE refund_intents SET cancel = 0 WHERE request_key = 'k4'", "cancel can only be set to 1"),
    ("INSERT INTO refund_intents (merchant_id, merchant_trade_no, amount, request_key) VALUES ('3002607', 'P1', 300, 'k5')", TAKEN),
    ("INSERT INTO refund_intents (merchant_id, merchant_trade_no, amount, request_key) VALUES ('3002607', 'P2', 801, 'b1')", LEFT),
    // A key is used once, also that of a refund that was canceled.
    ("INSERT INTO refund_intents (merchant_id, merchant_trade_no, amount, request_key) VALUES ('3002607', 'NEW1', 1, 'k4')", "a_refund_with_this_request_key_is_in_the_ledger_already"),
    ("INSERT OR IGNORE INTO refund_intents (merchant_id, merchant_trade_no, amount, request_key) VALUES ('3002607', 'NEW1', 1, 'k4')", TAKEN),
    ("INSERT OR REPLACE INTO refund_intents (merchant_id, merchant_trade_no, amount, request_key) VALUES ('3002607', 'NEW1', 1, 'k4')", "request_key was used already and a refund is never replaced"),
    ("REPLACE INTO refund_intents (id, merchant_id, merchant_trade_no, amount, request_key) VALUES (1, '3002607', 'NEW1', 1, 'b1')", "request_key was used already and a refund is never replaced"),
    ("INSERT INTO refund_intents (merchant_id, merchant_trade_no, amount, request_key) VALUES ('3002607', 'P1', 400, 'k3')", "a_refund_with_this_request_key_is_in_the_ledger_already"),
    // An order that nobody has registered is registered by its refund.
    ("INSERT INTO refund_intents (merchant_id, merchant_trade_no, request_key) VALUES ('3002607', 'NEW2', 'k6')", TAKEN),
    ("UPDATE refund_intents SET cancel = 1 WHERE id = 1", "the refund has ended already"),
    ("UPDATE refund_intents SET cancel = 1 WHERE id = 2", "the refund has begun: money may be moving, it can no longer be canceled"),
    ("UPDATE refund_intents SET amount = 2 WHERE request_key = 'k5'", "a refund is never changed: cancel it and insert another"),
    ("DELETE FROM refund_intents WHERE request_key = 'k5'", "refunds are never deleted: cancel one with UPDATE refund_intents SET cancel = 1"),
    // History and the record of calls.
    ("DELETE FROM events", "events are append-only"),
    ("UPDATE events SET kind = 'nothing'", "events are append-only"),
    ("UPDATE OR IGNORE events SET id = 1 WHERE id = 2", "events are append-only"),
    ("INSERT OR REPLACE INTO events (id, at, kind) VALUES (1, 0, 'forged')", "events are append-only"),
    ("DELETE FROM attempts", "attempts are never deleted"),
    ("UPDATE attempts SET amount = 1", "what an attempt was is never changed"),
    ("INSERT OR REPLACE INTO attempts (id, order_id, action, amount, trade_no, before_status, before_net, started_at) VALUES (1, 1, 'C', 1, '1', 'Authorized', 0, 0)", "attempts are never replaced"),
];

/// What all of it leaves.
const LEAVES: &[(&str, &str)] = &[
    (
        "SELECT group_concat(merchant_trade_no) FROM (SELECT * FROM orders ORDER BY id)",
        "P1,P2,20180914001,A2,A3,IN0,IN2,IN99,NEW2",
    ),
    (
        "SELECT group_concat(request_key || ' ' || state, ', ') FROM (SELECT * FROM refund_status ORDER BY id)",
        "k1 done, k2 running, k3 queued, k4 canceled, k5 queued, k6 queued",
    ),
    ("SELECT reason FROM refund_intents WHERE request_key = 'k3'", "broken lid"),
    ("SELECT capture FROM order_status WHERE merchant_trade_no = '20180914001'", "hold"),
    (MISCOUNTED, "0"),
    ("SELECT sum(count) FROM order_counts", "9"),
];

/// States whose count is not that of their orders.
const MISCOUNTED: &str = "SELECT (SELECT count(*) FROM order_counts c WHERE count <> (SELECT count(*) FROM order_state s
                                   WHERE s.merchant_id = c.merchant_id AND s.state = c.state))
                               + (SELECT count(*) FROM voucher_counts c WHERE count <> (SELECT count(*) FROM voucher_state s
                                   WHERE s.merchant_id = c.merchant_id AND s.state = c.state))";

async fn house() -> House {
    let bank = gateway().await;
    let house = House::new(&bank.url(), BRISK);
    house.done(&["run", "--once"]);
    let mut sql = house.sql().await;
    for (no, amount, key) in [("P1", 300, "k1"), ("P2", 200, "k2")] {
        paid(&bank.handle, no, 1000);
        add_order(&mut sql, no).await;
        house.done(&["run", "--once"]);
        if no == "P2" {
            bank.handle.strike(Fault::on(Action::R, FaultKind::LostBefore));
        }
        add_refund(&mut sql, no, Some(amount), key).await;
        house.tell(&["run", "--once"]);
    }
    house
}

async fn check(sql: &mut LedgerHandle, leaves: &[(&'static str, &str)]) {
    for (query, expected) in leaves {
        assert_eq!(ask(sql, query).await, *expected, "{query}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_bad_row_is_refused_with_a_sentence() {
    let house = house().await;
    let mut sql = house.sql().await;
    for (statement, sentence) in WRITES {
        if *sentence == TAKEN {
            does(&mut sql, statement).await;
        } else {
            let said = refused(&mut sql, statement).await;
            assert!(said.contains(sentence), "{statement}: {said}");
        }
    }
    check(&mut sql, LEAVES).await;
}

/// "Write it if it is not there": first all of it, then all of it again. With a conflict target and without.
#[rustfmt::skip]
const IF_NOT_THERE: &[&str] = &[
    "INSERT INTO orders (merchant_id, merchant_trade_no) VALUES ('3002607', 'C1') ON CONFLICT DO NOTHING",
    "INSERT OR IGNORE INTO orders (merchant_id, merchant_trade_no) VALUES ('3002607', 'C2')",
    "INSERT INTO orders (merchant_id, merchant_trade_no) VALUES ('3002607', 'C3') ON CONFLICT (merchant_id, merchant_trade_no) WHERE trade_no IS NULL DO NOTHING",
    "INSERT INTO orders (merchant_id, merchant_trade_no) VALUES ('3002607', 'C3') ON CONFLICT (merchant_trade_no, merchant_id) WHERE trade_no IS NULL DO NOTHING",
    "INSERT INTO orders (merchant_id, merchant_trade_no, trade_no) VALUES ('3002607', 'C3', '2601010000000071') ON CONFLICT (merchant_id, merchant_trade_no, trade_no) WHERE trade_no IS NOT NULL DO NOTHING",
    "INSERT INTO orders (merchant_id, merchant_trade_no, trade_no) VALUES ('3002607', 'C3', '2601010000000072') ON CONFLICT (merchant_id, merchant_trade_no, trade_no) WHERE trade_no IS NOT NULL DO NOTHING",
    "INSERT INTO refund_intents (merchant_id, merchant_trade_no, amount, request_key) VALUES ('3002607', 'C1', 300, 'c1 \"quoted\" \\ 退貨') ON CONFLICT (request_key) DO NOTHING",
    "INSERT INTO refund_intents (merchant_id, merchant_trade_no, amount, request_key) VALUES ('3002607', 'C1', 300, 'c2') ON CONFLICT DO NOTHING",
];

/// The other statements of a shop, once all of that is there.
#[rustfmt::skip]
const WISHES: &[(&str, &str)] = &[
    ("INSERT INTO orders (merchant_id, merchant_trade_no) VALUES ('3002607', 'C3')", "the_order_is_in_the_ledger_already"),
    ("INSERT INTO orders (merchant_id, merchant_trade_no, trade_no) VALUES ('3002607', 'C3', '2601010000000072')", "the_order_is_in_the_ledger_already"),
    ("INSERT INTO refund_intents (merchant_id, merchant_trade_no, amount, request_key) VALUES ('3002607', 'C1', 300, 'c2')", "a_refund_with_this_request_key_is_in_the_ledger_already"),
    ("INSERT INTO orders (merchant_id, merchant_trade_no) VALUES ('3002607', 'c-4') ON CONFLICT DO NOTHING", NUMBER),
    ("UPDATE orders SET capture = 'now', expected_amount = 5 WHERE merchant_trade_no = 'C1'", TAKEN),
    ("UPDATE orders SET memo = 'gift' WHERE merchant_trade_no = 'C1'", TAKEN),
    ("UPDATE refund_intents SET cancel = 1 WHERE request_key = 'c2'", TAKEN),
    ("SELECT count(*) FROM order_status JOIN refund_status USING (merchant_trade_no) JOIN open_alerts JOIN order_events", TAKEN),
];

const CONFLICTS_LEAVE: &[(&str, &str)] = &[
    (
        "SELECT group_concat(merchant_trade_no || ifnull(' ' || substr(trade_no, 15), '')) FROM (SELECT * FROM orders WHERE merchant_trade_no GLOB 'C*' ORDER BY id)",
        "C1,C2,C3,C3 71,C3 72",
    ),
    (
        "SELECT group_concat(state) FROM (SELECT state FROM refund_status WHERE merchant_trade_no = 'C1' ORDER BY id)",
        "queued,canceled",
    ),
    ("SELECT count(*) FROM order_events WHERE merchant_trade_no GLOB 'C*' AND kind = 'order_registered'", "5"),
    (
        "SELECT json_extract(detail, '$.request_key') FROM order_events WHERE kind = 'refund_queued' AND merchant_trade_no = 'C1' ORDER BY id LIMIT 1",
        "c1 \"quoted\" \\ 退貨",
    ),
    ("SELECT count(*) FROM order_events WHERE NOT json_valid(detail)", "0"),
    (
        "SELECT group_concat(detail, ' ') FROM (SELECT detail FROM order_events WHERE merchant_trade_no = 'C3' OR kind = 'order_changed' ORDER BY id)",
        r#"{"capture":"auto","expected_amount":null,"installments":null,"trade_no":null} {"capture":"auto","expected_amount":null,"installments":null,"trade_no":"2601010000000071"} {"capture":"auto","expected_amount":null,"installments":null,"trade_no":"2601010000000072"} {"capture":"now","expected_amount":5,"installments":null}"#,
    ),
];

#[tokio::test(flavor = "multi_thread")]
async fn a_hardened_shop_writes_what_is_not_there_with_a_conflict_target_and_without() {
    let house = house().await;
    let shop = LedgerHandle::hardened(&house.ledger());
    for statement in IF_NOT_THERE.iter().chain(IF_NOT_THERE) {
        shop.does(statement);
    }
    for (statement, sentence) in WISHES {
        let said = shop.tries(statement).err().map(|e| e.to_string()).unwrap_or_default();
        assert!(said.contains(sentence) && said.is_empty() == sentence.is_empty(), "{statement}: {said}");
    }
    check(&mut house.sql().await, CONFLICTS_LEAVE).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hardened_shop_in_python_does_the_same() {
    let house = house().await;
    let untrusted = std::iter::once(&"PRAGMA trusted_schema = OFF").chain(IF_NOT_THERE).chain(IF_NOT_THERE);
    let writes: Vec<_> = untrusted.map(|statement| (*statement, TAKEN)).chain(WISHES.iter().copied()).collect();
    if python_reads_the_same(&house, &writes) {
        check(&mut house.sql().await, CONFLICTS_LEAVE).await;
    }
}

const PYTHON: &str = r"
import json, sqlite3, sys
ledger = sqlite3.connect(sys.argv[1], isolation_level=None)
said = []
for statement in json.load(sys.stdin):
    try:
        ledger.execute(statement)
        said.append('')
    except sqlite3.Error as error:
        said.append(str(error))
json.dump({'version': sqlite3.sqlite_version_info, 'said': said}, sys.stdout)
";

/// Another SQLite, older than the daemon's, in a shop that is not written in Rust. False: there is none.
fn python_reads_the_same(house: &House, writes: &[(&str, &str)]) -> bool {
    let version = ["-c", "import sqlite3, sys; sys.exit(sqlite3.sqlite_version_info < (3, 37))"];
    if !Command::new("python3").args(version).status().is_ok_and(|s| s.success()) {
        eprintln!("left out: no python3 with an SQLite of 3.37 or newer");
        return false;
    }
    let mut python = Command::new("python3")
        .args(["-c", PYTHON])
        .arg(house.ledger())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3 starts");
    let statements: Vec<_> = writes.iter().map(|(statement, _)| statement).collect();
    let mut input = python.stdin.take().expect("its input");
    input.write_all(json!(statements).to_string().as_bytes()).expect("it reads");
    drop(input);
    let output = python.wait_with_output().expect("python3 ends");
    let told: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    for (index, (statement, sentence)) in writes.iter().enumerate() {
        let said = told["said"][index].as_str().expect("a sentence");
        assert!(said.contains(sentence) && said.is_empty() == sentence.is_empty(), "{statement}: {said}");
    }
    true
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shop_in_python_reads_the_same_sentences() {
    let house = house().await;
    if python_reads_the_same(&house, WRITES) {
        check(&mut house.sql().await, LEAVES).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn views_have_the_columns_of_the_contract_in_its_order() {
    let house = house().await;
    let mut sql = house.sql().await;
    for (query, columns) in [
        (
            "SELECT group_concat(name, ', ') FROM pragma_table_info('order_status')",
            "merchant_id, merchant_trade_no, trade_no, state, amount, captured_amount, refunded_amount, payment_type, \
             capture, authorized_at, capture_by, expires_at, next_step, next_step_at, last_checked_at, last_error, \
             registered_at, captured_at, memo, rule, reason",
        ),
        (
            "SELECT group_concat(name, ', ') FROM pragma_table_info('refund_status')",
            "id, merchant_id, merchant_trade_no, amount, request_key, state, refunded_amount, method, detail, created_at, updated_at, \
             rule, reason, ended_at, comment",
        ),
        (
            "SELECT group_concat(name, ', ') FROM pragma_table_info('open_alerts')",
            "id, kind, severity, merchant_id, merchant_trade_no, message, raised_at, acked_by, rule, reason",
        ),
        (
            "SELECT group_concat(name, ', ') FROM pragma_table_info('order_events')",
            "id, at, merchant_id, merchant_trade_no, kind, detail",
        ),
    ] {
        assert_eq!(ask(&mut sql, query).await, columns);
    }
    assert_eq!(ask(&mut sql, "SELECT version FROM contract").await, "1");
    let loose =
        "SELECT group_concat(name) FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND strict = 0
                  AND name NOT LIKE 'sqlite_%' AND name <> '_sqlx_migrations'";
    assert_eq!(ask(&mut sql, loose).await, "", "tables that are not STRICT");
}

#[tokio::test(flavor = "multi_thread")]
async fn times_are_shown_as_text_in_taipei_and_details_are_json() {
    let house = house().await;
    let mut sql = house.sql().await;
    for (shown, raw) in [
        ("SELECT at FROM order_events ORDER BY id", "SELECT at FROM events ORDER BY id"),
        ("SELECT created_at FROM refund_status ORDER BY id", "SELECT created_at FROM refund_intents ORDER BY id"),
        ("SELECT authorized_at FROM order_status", "SELECT authorized_at FROM order_state"),
        ("SELECT last_checked_at FROM order_status", "SELECT last_checked_at FROM order_state"),
    ] {
        let (shown, raw) = (ask(&mut sql, shown).await, ask(&mut sql, raw).await);
        assert!(shown.len() >= 19 && shown.split(',').count() == raw.split(',').count(), "{shown}");
        for (text, ms) in shown.split(',').zip(raw.split(',')) {
            let civil = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S").expect(text);
            let ms: i64 = ms.parse().expect("milliseconds");
            assert_eq!(civil.and_utc().timestamp(), ms / 1000 + 8 * 3600, "Asia/Taipei");
        }
    }
    assert_eq!(ask(&mut sql, "SELECT count(*) FROM order_events WHERE NOT json_valid(detail)").await, "0");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_follows_the_policy_and_is_due_at_once_after_any_write() {
    let house = House::without_gateway(BRISK);
    house.done(&["run", "--once"]);
    let mut sql = house.sql().await;
    add_order(&mut sql, "A1").await;
    let status = "SELECT state || ' ' || capture || ' ' || captured_amount || ' ' || refunded_amount FROM order_status";
    assert_eq!(ask(&mut sql, status).await, "registered auto 0 0");
    let next = "SELECT next_step || ' ' || (next_step_at = (SELECT strftime('%Y-%m-%d %H:%M:%S', created_at / 1000 + 28800, 'unixepoch') FROM orders)) FROM order_status";
    assert_eq!(ask(&mut sql, next).await, "look 1", "from the first moment");
    let due = "SELECT next_at FROM order_state";
    assert_eq!(ask(&mut sql, due).await, "0");
    house.done(&["run", "--once"]);
    for write in [
        "UPDATE orders SET capture = 'now'",
        "UPDATE orders SET expected_amount = 5",
        "INSERT INTO refund_intents (merchant_id, merchant_trade_no, request_key) VALUES ('3002607', 'A1', 'k')",
        "UPDATE refund_intents SET cancel = 1",
    ] {
        does(&mut sql, "UPDATE order_state SET next_at = 4102444800000").await;
        does(&mut sql, write).await;
        assert_eq!(ask(&mut sql, due).await, "0", "{write}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn states_are_the_words_of_the_contract_and_no_others() {
    let house = house().await;
    let mut sql = house.sql().await;
    let words =
        "registered unpaid authorized to_be_captured captured refunded voided expired not_card not_found review";
    assert_eq!(ecpayd::domain::order::OrderState::ALL.iter().map(|s| s.word()).collect::<Vec<_>>().join(" "), words);
    does(&mut sql, "BEGIN").await;
    // All were looked at: of the words only the first is one that they cannot go back to.
    for word in words.split(' ') {
        let set = sql.write("UPDATE order_state SET state = ?", [word]);
        assert_eq!(set.is_ok(), word != "registered", "{word}: {set:?}");
    }
    assert_eq!(ask(&mut sql, "SELECT count(DISTINCT state) FROM order_state").await, "1");
    for word in ["", "Captured", "paid"] {
        assert!(sql.write("UPDATE order_state SET state = ?", [word]).is_err(), "{word}");
    }
    for word in ["queued", "running", "waiting", "rejected", "review"] {
        does(&mut sql, "SAVEPOINT word").await;
        let set = sql.write("UPDATE refunds SET state = ? WHERE state = 'running'", [word]);
        assert!(set.is_ok(), "{word}: {set:?}");
        // Ends are final.
        does(&mut sql, "ROLLBACK TO word").await;
    }
    for word in ["", "Running", "refunded"] {
        assert!(sql.write("UPDATE refunds SET state = ? WHERE intent_id = 2", [word]).is_err());
    }
}
