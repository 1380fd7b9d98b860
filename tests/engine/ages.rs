//! What is not finished is told by its age, whatever the reason; and no end is believed at once.

use chrono::Duration;
use ecpayd::config::Settings;
use ecpayd::domain::action::Action;
use ecpayd::domain::ids::{MerchantId, MerchantTradeNo};
use ecpayd::ledger::{LedgerError, Pause, Resolve, VoidRefund};
use ecpayd::simulator::bank::{Kind, Paid, Undo, Undone};
use ecpayd::simulator::{Fault, FaultKind, OnCall};
use serde_json::Value;

use crate::harness::{MERCHANT, Shop, days, minutes, number, other_merchant, shop};
use crate::wire::settling;

/// An alert with its stage, in the order in which they were raised.
async fn raised(shop: &mut Shop, no: &str) -> Vec<(String, String)> {
    let alerts = "SELECT kind, stage FROM alerts WHERE merchant_trade_no = ? ORDER BY id";
    shop.sql.rows(alerts, [no], |row| row.all())
}

fn looks_fail(shop: &Shop, no: &str) {
    let no = MerchantTradeNo::parse(no).expect("a number");
    let fault = Fault::any(FaultKind::Status { code: 500 });
    shop.sim.strike(Fault { call: OnCall::CardDetail, merchant_trade_no: Some(no), times: Fault::ENDLESS, ..fault });
}

async fn pause(shop: &Shop) {
    let pause = Pause::all(None, "a test", shop.now());
    shop.ledger().write(pause).await.expect("a known merchant");
}

/// Each of these kept an authorized order silent to day 90.
#[tokio::test]
async fn an_authorized_order_is_told_ever_louder_whatever_keeps_it_from_its_capture() {
    for cause in ["unknown word", "http 500", "paused", "clocks", "amount", "hold"] {
        let mut shop = shop().await;
        let sold_at = shop.now();
        shop.order("A1", Kind::Card, 1000).await;
        shop.run_until(sold_at + days(2)).await;
        match cause {
            "unknown word" => shop.wire.bend(Some(settling)),
            "http 500" => looks_fail(&shop, "A1"),
            "paused" => pause(&shop).await,
            "clocks" => shop.skew(400),
            "amount" => shop.sql.does("UPDATE orders SET expected_amount = 999"),
            _ => shop.set_capture("A1", "hold").await,
        }
        // The daemon is awake now and then, and in the morning of these days.
        for day in [18, 20, 21, 60, 70, 75, 78, 79] {
            shop.sleep_until(sold_at + days(day) + minutes(1));
            shop.settle().await;
            shop.engine().raise_stages().await.expect("the ledger holds");
        }
        let told = raised(&mut shop, "A1").await;
        let has = |kind: &str, stage: &str| told.iter().any(|(k, s)| k == kind && s == stage);
        for (kind, stage) in
            [("capture_ending", "1d"), ("capture_overdue", ""), ("expiring", "day 60"), ("expiring", "day 79")]
        {
            assert!(has(kind, stage), "{cause}: {kind} {stage} is missing of {told:?}");
        }
        assert_eq!(shop.letters("A1"), "", "{cause}");
        let open: Vec<String> = shop.alerts().await.into_iter().map(|a| a.kind).collect();
        assert!(open.contains(&"capture_overdue".to_owned()), "{cause}: {open:?}");
    }
}

fn without_merchant(settings: &mut Settings) {
    settings.merchants.retain(|m| m.merchant_id.as_str() == MERCHANT);
}

#[tokio::test]
async fn rows_of_a_merchant_that_is_not_in_the_settings_are_told_and_grow_older_aloud() {
    let other = "3002608";
    let mut shop =
        Shop::open(crate::harness::at("2026-08-03 12:00:00"), |setup| setup.merchants.push(other_merchant(other)))
            .await;
    let sold_at = shop.now();
    shop.sold(other, "A1", Kind::Card, 1000, sold_at, Paid::Yes);
    shop.register(other, "A1", "auto").await;
    shop.settle().await;
    let mut all = Vec::new();
    shop.restart_with(|settings| {
        all = settings.merchants.clone();
        without_merchant(settings);
    })
    .await;
    let missing = shop.alert("merchant_missing").await.expect("an alert");
    assert_eq!(missing.severity, "critical");
    assert!(missing.message.contains("3002608") && missing.message.contains("1 unfinished"), "{}", missing.message);
    for day in [18, 20, 21, 60, 79] {
        shop.sleep_until(sold_at + days(day) + minutes(1));
        shop.engine().raise_stages().await.expect("the ledger holds");
    }
    let told = raised(&mut shop, "A1").await;
    let stage = |kind: &str, stage: &str| (kind.to_owned(), stage.to_owned());
    for expected in [
        stage("capture_ending", "3d"),
        stage("capture_ending", "1d"),
        stage("capture_overdue", ""),
        stage("expiring", "day 79"),
    ] {
        assert!(told.contains(&expected), "{expected:?} is missing of {told:?}");
    }
    shop.restart_with(|settings| settings.merchants = all).await;
    assert!(shop.alert("merchant_missing").await.is_none(), "it is in them again");
}

#[tokio::test]
async fn a_number_that_the_gateway_does_not_know_is_told_and_never_forgotten() {
    let mut shop = shop().await;
    shop.register(MERCHANT, "MISTYPED", "auto").await;
    shop.register(MERCHANT, "SHIPPED", "now").await;
    shop.run_for(minutes(50)).await;
    assert!(shop.alert("order_unknown").await.is_none());
    shop.run_for(Duration::hours(2)).await;
    let told = |alerts: Vec<crate::books::AlertRow>| -> Vec<String> {
        let of = alerts.into_iter().filter(|a| a.kind == "order_unknown");
        of.filter_map(|a| a.merchant_trade_no).collect()
    };
    assert_eq!(told(shop.alerts().await), ["SHIPPED"]);
    shop.run_for(days(2)).await;
    assert_eq!(told(shop.alerts().await), ["SHIPPED", "MISTYPED"]);
    shop.run_for(days(60)).await;
    assert_eq!(told(shop.alerts().await), ["SHIPPED", "MISTYPED"], "given up only with an alert that stays");
}

#[tokio::test]
async fn a_refund_whose_looks_fail_is_told_by_the_hour_and_by_the_day() {
    let mut shop = shop().await;
    shop.order_captured("A1", 1000).await;
    looks_fail(&shop, "A1");
    shop.refund("A1", Some(300), "k").await;
    let asked_at = shop.now();
    for (hours, stage) in [(5, "refund 1 4h"), (25, "refund 1 1d"), (73, "refund 1 3d")] {
        shop.run_until(asked_at + Duration::hours(hours)).await;
        let told = raised(&mut shop, "A1").await;
        assert!(told.iter().any(|(k, s)| k == "refund_waiting" && s == stage), "{told:?}");
    }
}

/// The rows of an order whose refunds are gone: the bank has undone them.
fn undone(data: &mut Value) {
    if let Some(rows) = data["CloseData"].as_array_mut() {
        rows.retain(|row| row["Amount"].as_i64().is_none_or(|amount| amount > 0));
    }
}

#[tokio::test]
async fn a_refund_that_the_bank_undoes_is_told_and_left_again_once_a_person_has_said_so() {
    let mut shop = shop().await;
    shop.order_captured("A1", 1000).await;
    shop.refund("A1", Some(300), "k").await;
    shop.run_for(minutes(5)).await;
    shop.assert_done("k", 300, "R").await;
    shop.wire.bend(Some(undone));
    shop.run_for(minutes(20)).await;
    let told = shop.alert("refund_undone").await.expect("an alert");
    assert_eq!(told.severity, "critical");
    assert!(told.message.contains("ecpayd refunds void"), "{}", told.message);
    // Nothing more goes back while it is not known what became of it.
    shop.refund("A1", Some(300), "again").await;
    shop.run_for(minutes(20)).await;
    assert_eq!((shop.letters("A1").as_str(), shop.refund_state("again").await.as_str()), ("R", "review"));

    let void = |refund_id| VoidRefund {
        refund_id,
        by: "the accountant".to_owned(),
        why: "ECPay says so".to_owned(),
        now: shop.now(),
    };
    let refused = shop.ledger().write(void(2)).await;
    assert!(matches!(&refused, Err(LedgerError::Refused(why)) if why.contains("is review, not done")), "{refused:?}");
    shop.ledger().write(void(1)).await.expect("a refund that is done");
    let twice = shop.ledger().write(void(1)).await;
    assert!(matches!(&twice, Err(LedgerError::Refused(why)) if why.contains("undone by the accountant")), "{twice:?}");
    let row = shop.refund_row("k").await;
    assert_eq!((row.state.as_str(), row.refunded_amount), ("done", 0));
    assert!(row.detail.contains("the accountant") && row.detail.contains("ECPay says so"), "{}", row.detail);
    shop.run_for(minutes(5)).await;
    assert_eq!(shop.letters("A1"), "RR", "what it gave back is left again");
    assert!(shop.alert("refund_undone").await.is_none());
}

/// What was given back in parts or as a whole and is undone: all of the order can be refunded again.
#[tokio::test]
async fn after_a_refund_was_undone_and_void_the_whole_order_is_refunded_again() {
    for parts in [&[1000][..], &[300, 700]] {
        let mut shop = shop().await;
        shop.order_captured("A1", 1000).await;
        for (amount, key) in parts.iter().zip(["k1", "k2"]) {
            shop.refund("A1", Some(*amount), key).await;
            shop.run_for(minutes(5)).await;
            shop.assert_done(key, *amount, "R").await;
        }
        for _ in parts {
            let (merchant, undo) = (MerchantId::parse(MERCHANT).expect("an id"), Undo::of(Undone::Refund));
            let undone = shop.sim.with_bank(|bank, now| bank.undo(&merchant, &number("A1"), &undo, now));
            undone.expect("a refund");
        }
        shop.run_for(minutes(20)).await;
        assert!(shop.alert("refund_undone").await.is_some(), "{parts:?}");
        for refund_id in (1..).take(parts.len()) {
            let (by, why) = ("the accountant".to_owned(), "ECPay says so".to_owned());
            shop.ledger().write(VoidRefund { refund_id, by, why, now: shop.now() }).await.expect("it is done");
        }
        shop.refund("A1", None, "again").await;
        shop.run_for(minutes(20)).await;
        shop.assert_done("again", 1000, "R").await;
        assert_eq!(
            (shop.truth("A1").refunded, shop.alert("refund_undone").await.is_some()),
            (1000, false),
            "{parts:?}"
        );
    }
}

/// Refused in words, and taken effect two seconds later: rejected, and asked for again under a new key.
#[tokio::test]
async fn a_refusal_that_took_effect_all_the_same_is_asked_about_before_the_next_r() {
    let mut shop = shop().await;
    shop.order_captured("A1", 1000).await;
    shop.strike(Action::R, FaultKind::Refused, 1);
    shop.refund("A1", Some(300), "k").await;
    shop.run_for(minutes(1)).await;
    assert_eq!(shop.refund_state("k").await, "rejected");
    shop.by_hand("A1", Action::R, 300).expect("the effect that came late");
    shop.refund("A1", Some(300), "again").await;
    shop.run_for(minutes(30)).await;
    let row = shop.refund_row("again").await;
    assert_eq!((shop.letters("A1").as_str(), row.state.as_str()), ("R", "review"), "{}", row.detail);
    let told = shop.alert("external_change").await.expect("an alert");
    assert_eq!(told.severity, "critical", "it is the amount of one of our own calls");
    // It was that refund, as the person says: nothing more goes back for it.
    let resolve = Resolve { attempt_id: 2, applied: true, by: "the accountant".to_owned(), now: shop.now() };
    shop.ledger().write(resolve).await.expect("an attempt in review");
    shop.run_for(days(11)).await;
    shop.assert_done("again", 300, "R").await;
    assert_eq!((shop.letters("A1").as_str(), shop.truth("A1").refunded), ("R", 300));
}

/// NT$600 went back for one key: the person had looked before the effect came.
#[tokio::test]
async fn a_persons_word_that_has_grown_old_sends_nothing() {
    let mut shop = shop().await;
    shop.order_captured("A1", 1000).await;
    shop.wire.lie_once(Action::R);
    shop.refund("A1", Some(300), "k").await;
    shop.run_for(days(2)).await;
    assert_eq!(shop.refund_state("k").await, "review");
    shop.by_hand("A1", Action::R, 300).expect("the effect that came late");
    let now = shop.now();
    let word = |attempt_id, applied| Resolve { attempt_id, applied, by: "the accountant".to_owned(), now };
    shop.ledger().write(word(1, false)).await.expect("an attempt in review");
    shop.run_for(days(2)).await;
    let row = shop.refund_row("k").await;
    assert_eq!((shop.letters("A1").as_str(), row.state.as_str()), ("R", "review"), "{}", row.detail);
    assert!(shop.alert("refund_review").await.is_some());
    shop.ledger().write(word(2, true)).await.expect("the question");
    shop.run_for(minutes(5)).await;
    shop.assert_done("k", 300, "R").await;
    assert_eq!(shop.truth("A1").refunded, 300);
}

#[tokio::test]
async fn each_end_is_looked_at_again_and_then_the_order_is_left_alone() {
    let mut shop = shop().await;
    shop.order_captured("A1", 1000).await;
    shop.refund("A1", Some(300), "k").await;
    shop.run_for(minutes(5)).await;
    let (posts, ended_at) = (shop.wire.posts(), shop.now());
    shop.run_until(ended_at + days(40)).await;
    assert_eq!(shop.wire.posts() - posts, 4, "after a quarter of an hour, a day, three and ten");
    let next: Option<i64> = shop.sql.value("SELECT next_at FROM order_state", ());
    assert_eq!(next, None);
}
