//! `check`: the ledger against itself.

use serde_json::Value;

use super::{house, json};

#[tokio::test(flavor = "multi_thread")]
async fn a_ledger_that_agrees_with_itself_says_so_and_one_that_was_written_to_says_where_it_does_not() {
    let house = house().await;
    assert_eq!(house.done(&["check"]), "2 orders: every sum, step and day agrees\n");
    assert_eq!(json(&house.done(&["check", "--json"]))["differences"], Value::Array(Vec::new()));
    let sql = house.sql().await;
    assert_eq!(
        sql.ask("SELECT kind || ' ' || amount || ' ' || by FROM movements ORDER BY id"),
        "authorized 1000 other,captured 1000 ecpayd,refunded 300 ecpayd"
    );
    sql.does(
        "DROP TRIGGER events_are_not_changed;
         UPDATE events SET detail = json_set(detail, '$.card.net', 1) WHERE kind = 'observed' AND json_extract(detail, '$.card.net') = 700",
    );
    let told = house.tell(&["check"]);
    let said = told.error(1);
    assert_eq!(said, "2 differences in 2 orders");
    assert!(
        told.out.contains("the schema is not the one that was shipped: trigger events_are_not_changed is missing\n")
    );
    assert!(told.out.contains("3002607 P1: event "), "{}", told.out);
    assert!(told.out.contains("shows NT$999 refunded, and the movements up to it come to NT$300\n"), "{}", told.out);
    let chinese = house.tell(&["check", "--lang", "zh-TW"]);
    assert!(chinese.error(1).contains("2 筆訂單，2 項不符"));
    assert!(chinese.out.contains("顯示退刷 NT$999，到該事件為止的異動合計為 NT$300"), "{}", chinese.out);
    let found = house.tell(&["check", "--json"]);
    found.error(1);
    let found = json(&found.out);
    assert_eq!(found["orders"], 2);
    let codes: Vec<&str> =
        found["differences"].as_array().expect("a list").iter().filter_map(|d| d["code"].as_str()).collect();
    assert!(codes.contains(&"schema") && codes.contains(&"look"), "{codes:?}");
}
