//! What needs somebody: one entry for each cause, what to type, and how the daemon is.

use chrono::Duration;

use crate::http::get;
use crate::ledger::MERCHANT;
use crate::stage::Stage;

/// The entries of a page.
fn tasks(page: &str) -> Vec<&str> {
    let list =
        page.split("<ol class=\"tasks\">").nth(1).and_then(|rest| rest.split("</ol>").next()).unwrap_or_default();
    list.split("<li ").skip(1).collect()
}

#[tokio::test]
async fn an_order_past_its_days_is_one_entry_and_its_money_is_counted_once() {
    let stage = Stage::open().await;
    for (no, dollars) in [("HELD1", 1000), ("HELD2", 500)] {
        stage.sell(MERCHANT, no, dollars);
        stage.sql.set_capture(MERCHANT, no, "hold");
        stage.live_for(Duration::days(1)).await;
    }
    stage.live_for(Duration::days(75)).await;
    let pages = stage.pages(|_| {}).await;
    let page = get(pages.at, "/?lang=en").await.body;
    let found = tasks(&page);
    assert_eq!(found.len(), 1, "overdue and abandoned soon is one thing to do: {found:?}");
    for shown in
        ["abandoned soon: 2 orders", "NT$1,500 in all", "The orders (2)", "<code class=\"cmd\">ecpayd refund HELD1<"]
    {
        assert!(found[0].contains(shown), "{shown}: {}", found[0]);
    }
    let alerts = get(pages.at, "/alerts?lang=en").await.body;
    assert!(alerts.contains("<small>capture_overdue, expiring"), "all of its kinds are named");
}

#[tokio::test]
async fn of_equally_loud_entries_the_one_whose_money_is_lost_first_comes_first() {
    let stage = Stage::open().await;
    stage.sell(MERCHANT, "OLD1", 1000);
    stage.sql.set_capture(MERCHANT, "OLD1", "hold");
    stage.live_for(Duration::days(56)).await;
    // Day 21 of this one ends within a day, long before day 90 of the other.
    stage.sell("2000132", "NEW1", 500);
    stage.sql.set_capture("2000132", "NEW1", "hold");
    stage.live_for(Duration::days(20) + Duration::hours(6)).await;
    let pages = stage.pages(|_| {}).await;
    let page = get(pages.at, "/?lang=en").await.body;
    let found = tasks(&page);
    let place = |no: &str| found.iter().position(|task| task.contains(no)).expect("it is told");
    assert!(place("NEW1") < place("OLD1"), "{found:?}");
    assert!(page.contains("Sorted by what is lost first."), "{page}");
}

#[tokio::test]
async fn beside_each_problem_stands_the_command_that_mends_it_with_all_that_is_known() {
    let stage = Stage::open().await;
    for (kind, number, reason) in [
        ("unregistered", "'GHOST1'", "{}"),
        (
            "delivery_failing",
            "NULL",
            r#"{"code":"delivery_failing","channel":"mail","error":"x","tries":3,"next_at":"2026-08-03 13:00:00"}"#,
        ),
        ("statement_differs", "NULL", "{}"),
    ] {
        stage.sql.does(&format!(
            "INSERT INTO alerts (kind, severity, stage, merchant_id, merchant_trade_no, message, reason, raised_at)
             VALUES ('{kind}', 'critical', '', '2000132', {number}, 'said', '{reason}', 1785729600000)"
        ));
    }
    let pages = stage.pages(|_| {}).await;
    for (lang, page) in [("en", get(pages.at, "/?lang=en").await.body), ("zh", get(pages.at, "/?lang=zh").await.body)] {
        for command in ["orders add GHOST1 --merchant 2000132", "alerts test mail", "reconcile --merchant 2000132"] {
            assert!(page.contains(&format!("<code class=\"cmd\">ecpayd {command}</code>")), "{lang}: {command}");
        }
    }
}

#[tokio::test]
async fn what_is_in_the_daemons_way_is_said_in_the_readers_language_and_what_has_a_banner_only_there() {
    let stage = Stage::open().await;
    stage.pause().await;
    let hampered = |v: &mut ecpayd::domain::health::Vitals| (v.messages_stuck, v.merchants_paused) = (2, 1);
    let pages = stage.pages(|site| site.vitals = stage.vitals(hampered)).await;
    let (english, chinese) = (get(pages.at, "/?lang=en").await.body, get(pages.at, "/?lang=zh").await.body);
    assert!(english.contains("Not well</b> degraded: 2 messages could not be delivered yet</aside>"), "{english}");
    assert!(chinese.contains("異常</b> 受阻："), "{chinese}");
    assert!(!chinese.contains("degraded") && english.contains(", last pass 3 s ago"));
    drop(pages);
    let paused = |v: &mut ecpayd::domain::health::Vitals| v.merchants_paused = 1;
    let pages = stage.pages(|site| site.vitals = stage.vitals(paused)).await;
    let page = get(pages.at, "/?lang=en").await.body;
    assert!(page.contains("stock count") && !page.contains("Not well"), "the pause has said it");
    drop(pages);
    let hangs = |v: &mut ecpayd::domain::health::Vitals| v.passed_at = v.passed_at.map(|at| at - Duration::minutes(6));
    let pages = stage.pages(|site| site.vitals = stage.vitals(hangs)).await;
    let page = get(pages.at, "/gateway?lang=en").await.body;
    assert!(page.contains("<b class=\"mark crit\">Not well</b> unhealthy: no pass"), "{page}");
    assert!(page.contains(", last pass 363 s ago"), "{page}");
}

#[tokio::test]
async fn an_order_of_several_in_an_entry_shows_its_own_command() {
    let stage = Stage::open().await;
    for no in ["LATE1", "LATE2"] {
        stage.sell(MERCHANT, no, 1000);
        stage.sql.set_capture(MERCHANT, no, "hold");
    }
    // Another merchant's order of the same number has nothing to do with it.
    stage.live_for(Duration::days(22)).await;
    stage.sell("2000132", "LATE2", 70);
    stage.live_for(Duration::hours(1)).await;
    stage.pause().await;
    let pages = stage.pages(|_| {}).await;
    for no in ["LATE1", "LATE2"] {
        let page = get(pages.at, &format!("/orders/{MERCHANT}/{no}?lang=en")).await.body;
        let found = tasks(&page);
        let typed: Vec<&str> =
            found[0].split("<code class=\"cmd\">").skip(1).filter_map(|c| c.split('<').next()).collect();
        assert_eq!(typed, [format!("ecpayd refund {no}")], "{no}");
    }
    let other = get(pages.at, "/orders/2000132/LATE2?lang=en").await.body;
    assert!(!other.contains("class=\"cmd\""), "{other}");
}

#[tokio::test]
async fn the_history_of_an_order_tells_who_did_what_about_it() {
    let stage = Stage::open().await;
    stage.sell(MERCHANT, "LATE1", 1000);
    stage.sql.set_capture(MERCHANT, "LATE1", "hold");
    stage.live_for(Duration::days(22)).await;
    stage
        .sql
        .does("UPDATE alerts SET acked_by = 'admin2', acked_at = raised_at + 60000 WHERE kind = 'capture_overdue'");
    stage.pause().await;
    stage.sql.add_refund("LATE1", None, "rma-1");
    stage.live_for(Duration::hours(1)).await;
    let noted = (stage.now() + Duration::minutes(1)).timestamp_millis();
    stage.sql.does(&format!(
        "INSERT INTO refund_allowances (request_key, allowance_no, amount, noted_at) VALUES ('rma-1', 'AB12345678', 300, {noted})"
    ));
    let pages = stage.pages(|_| {}).await;
    for (lang, told) in [
        (
            "en",
            [
                "alert, critical: capture overdue",
                "admin2 has seen the alert: capture overdue",
                "paused by admin1",
                "the shop notes allowance AB12345678 of NT$300 for refund 1",
            ],
        ),
        (
            "zh",
            [
                "警告（嚴重）：逾期未關帳",
                "admin2 已看過警告：逾期未關帳",
                "已由 admin1 暫停",
                "折讓單 AB12345678，300 元",
            ],
        ),
    ] {
        let page = get(pages.at, &format!("/orders/{MERCHANT}/LATE1?lang={lang}")).await.body;
        let history = page.split("id=\"hi\"").nth(1).expect("a history");
        let places: Vec<Option<usize>> = told.iter().map(|line| history.find(line)).collect();
        assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{places:?}: {history}");
    }
}

#[tokio::test]
async fn a_restored_ledger_is_told_in_the_readers_language_and_without_its_path() {
    let stage = Stage::open().await;
    stage.sell(MERCHANT, "A1", 1000);
    stage.live_for(Duration::hours(1)).await;
    stage.sql.does_unguarded(
        "INSERT INTO restores (noticed_at, newest_attempt, reason) VALUES (1785729600000, 0, 'its marker /srv/l.db.mark is not there')",
    );
    let pages = stage.pages(|_| {}).await;
    for (lang, told) in [
        ("en", "may be an older copy, as was noticed at 2026-08-03 12:00"),
        ("zh", "這份帳本可能是較舊的副本（2026-08-03 12:00 發現"),
    ] {
        let page = get(pages.at, &format!("/refunds?lang={lang}")).await.body;
        assert!(page.contains(told) && !page.contains("marker") && !page.contains("/srv"), "{page}");
    }
}
