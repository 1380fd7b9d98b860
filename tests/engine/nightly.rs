//! The day's statement, fetched by itself and held against the ledger.

use chrono::NaiveTime;
use ecpayd::domain::action::Action;
use ecpayd::simulator::bank::{Kind, Paid, StatementTerms};
use ecpayd::simulator::{FaultKind, OnCall};

use crate::harness::{MERCHANT, Shop, at, days, minutes, number, other_merchant, shop};

/// A Monday at noon; the statement is fetched at 14:30 each day.
async fn fetching() -> Shop {
    let mut shop = shop().await;
    shop.restart_with(|settings| settings.fetch_statements = NaiveTime::from_hms_opt(14, 30, 0)).await;
    shop
}

async fn fetches(shop: &Shop) -> bool {
    shop.engine().fetch_statement().await.expect("the ledger holds")
}

/// Sold, captured by hand at ECPay, and registered by nobody.
fn stranger(shop: &Shop, no: &str, amount: i64) {
    shop.sold(MERCHANT, no, Kind::Card, amount, shop.now(), Paid::Yes);
    shop.by_hand(no, Action::C, amount).expect("a capture");
}

fn wrong(shop: &Shop, change: impl FnOnce(&mut StatementTerms)) {
    shop.terms(|terms| {
        terms.statement = StatementTerms::default();
        change(&mut terms.statement);
    });
}

async fn open(shop: &mut Shop, kind: &str) -> String {
    let select = format!(
        "SELECT ifnull(group_concat(ifnull(merchant_trade_no, '-') || ' ' || severity, '; '), '') FROM open_alerts WHERE kind = '{kind}'"
    );
    shop.sql.ask(&select)
}

async fn why_not(shop: &mut Shop) -> String {
    shop.sql.ask("SELECT ifnull(json_extract(error, '$.code'), '-') FROM statement_fetches")
}

json_only! {
    #[tokio::test(flavor = "multi_thread")]
    async fn a_paid_order_that_nobody_registered_is_told_after_one_nightly_fetch() {
        let mut shop = fetching().await;
        stranger(&shop, "STRANGER1", 1200);
        shop.sleep_until(at("2026-08-04 14:30:00"));
        assert!(fetches(&shop).await, "settled today: yesterday's file has it not yet");
        assert_eq!(open(&mut shop, "unregistered").await, "");
        shop.sleep_until(at("2026-08-05 14:29:59"));
        assert!(!fetches(&shop).await, "not before its time");
        shop.sleep_until(at("2026-08-05 14:30:00"));
        assert!(fetches(&shop).await);
        assert_eq!(open(&mut shop, "unregistered").await, "STRANGER1 warning");
        assert_eq!(
            shop.sql.ask(
                "SELECT merchant_trade_no || ' ' || gross || ' ' || fee || ' ' || net || ' ' || file FROM settlements"
            ),
            "STRANGER1 1200 34.0 1166.0 QueryTradeMedia 2026-07-25 to 2026-08-04"
        );

        shop.register(MERCHANT, "STRANGER1", "hold").await;
        shop.run_until(at("2026-08-06 14:30:00")).await;
        assert!(fetches(&shop).await);
        assert_eq!(open(&mut shop, "unregistered").await, "");
        assert_eq!(open(&mut shop, "statement_differs").await, "");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_is_fetched_once_a_day_whatever_is_started_again() {
    let mut shop = fetching().await;
    shop.sleep_until(at("2026-08-04 14:30:00"));
    assert!(fetches(&shop).await);
    for _ in 0..2 {
        shop.sleep_until(shop.now() + minutes(90));
        assert!(!fetches(&shop).await);
        shop.reopen().await;
    }
    shop.sleep_until(at("2026-08-05 23:00:00"));
    assert!(fetches(&shop).await);
    let calls = "SELECT group_concat(outcome || ' ' || calls) FROM traffic WHERE call = 'statement'";
    shop.engine().shared().tally.traffic.keep(shop.ledger()).await.expect("the ledger holds");
    assert_eq!(shop.sql.ask(calls), "answered 1", "since the last start");
    shop.restart_with(|settings| settings.fetch_statements = None).await;
    shop.sleep_until(at("2026-08-06 14:30:00"));
    assert!(!fetches(&shop).await, "nobody has asked for it");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_differs_is_told_until_a_later_file_agrees() {
    let mut shop = fetching().await;
    shop.order("CARD1", Kind::Card, 1000).await;
    shop.by_hand("CARD1", Action::C, 1000).expect("a capture");
    shop.run_until(at("2026-08-06 14:30:00")).await;
    wrong(&shop, |statement| statement.changes = Some(number("CARD1")));
    assert!(fetches(&shop).await);
    assert_eq!(open(&mut shop, "statement_differs").await, "- warning");
    wrong(&shop, |_| {});
    shop.run_until(at("2026-08-07 14:30:00")).await;
    assert!(fetches(&shop).await);
    assert_eq!(open(&mut shop, "statement_differs").await, "");
}

json_only! {
    #[tokio::test(flavor = "multi_thread")]
    async fn that_there_is_no_statement_is_kept_and_told_after_three_days() {
        let mut shop = fetching().await;
        wrong(&shop, |statement| statement.unavailable = true);
        let first = at("2026-08-04 14:30:00");
        for day in 0..4 {
            shop.sleep_until(first + days(day));
            assert!(fetches(&shop).await);
            assert_eq!(why_not(&mut shop).await, "statements_not_available");
            assert_eq!(open(&mut shop, "statement_differs").await.is_empty(), day < 3, "day {day}");
        }
        let told = shop.sql.ask("SELECT message FROM open_alerts WHERE kind = 'statement_differs'");
        assert!(told.starts_with("since 2026-08-04 14:30:00 no statement") && told.contains("TransCode 128"), "{told}");
        shop.sleep_until(shop.now() + minutes(59));
        assert!(!fetches(&shop).await, "by the hour");
        wrong(&shop, |_| {});
        shop.sleep_until(shop.now() + minutes(1));
        assert!(fetches(&shop).await);
        assert_eq!((why_not(&mut shop).await, open(&mut shop, "statement_differs").await), ("-".to_owned(), String::new()));
    }
}

json_only! {
    #[tokio::test(flavor = "multi_thread")]
    async fn a_file_that_was_cut_off_is_read_not_at_all() {
        let mut shop = fetching().await;
        for no in ["STRANGER1", "STRANGER2"] {
            stranger(&shop, no, 1200);
        }
        wrong(&shop, |statement| statement.cut = true);
        shop.sleep_until(at("2026-08-05 14:30:00"));
        assert!(fetches(&shop).await);
        assert_eq!(why_not(&mut shop).await, "statement_not_read");
        assert_eq!(shop.sql.ask("SELECT (SELECT count(*) FROM statements) + (SELECT count(*) FROM statement_rows)"), "0");
        assert_eq!(open(&mut shop, "unregistered").await, "");
    }
}

json_only! {
    #[tokio::test(flavor = "multi_thread")]
    async fn silence_is_kept_by_the_fetch_and_for_it() {
        let mut shop = fetching().await;
        shop.strike_looks(OnCall::QueryTradeMedia, FaultKind::Forbidden, 1);
        shop.sleep_until(at("2026-08-04 14:30:00"));
        assert!(fetches(&shop).await);
        assert_eq!(why_not(&mut shop).await, "statements_limited");
        assert_eq!(open(&mut shop, "rate_limited").await, "- warning");
        shop.order("CARD1", Kind::Card, 1000).await;
        shop.settle().await;
        assert_eq!(shop.sql.ask("SELECT state FROM order_status"), "registered", "no look either");
        shop.sleep_until(at("2026-08-04 15:30:00"));
        assert!(fetches(&shop).await);
        assert_eq!(why_not(&mut shop).await, "-");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_files_of_two_merchants_are_a_minute_apart() {
    let mut shop = Shop::open(at("2026-08-03 12:00:00"), |setup| setup.merchants.push(other_merchant("2000132"))).await;
    shop.restart_with(|settings| settings.fetch_statements = NaiveTime::from_hms_opt(14, 30, 0)).await;
    shop.sleep_until(at("2026-08-04 14:30:00"));
    let fetched = |shop: &mut Shop| shop.sql.ask("SELECT count(*) FROM statement_fetches WHERE error IS NULL");
    assert!(fetches(&shop).await);
    assert!(!fetches(&shop).await);
    assert_eq!(fetched(&mut shop), "1");
    shop.sleep_until(at("2026-08-04 14:31:01"));
    assert!(fetches(&shop).await);
    assert_eq!(fetched(&mut shop), "2");
}
