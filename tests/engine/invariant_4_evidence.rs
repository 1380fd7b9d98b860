//! Invariant 4: no money action from a stale observation, an unknown status, or a wrong order number in an answer.

use std::path::PathBuf;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use ecpayd::domain::action::Action;
use ecpayd::simulator::bank::{Dialect, Kind, Paid};
use ecpayd::simulator::{FaultKind, OnCall};
use serde_json::{Value, json};

use crate::harness::{MERCHANT, days, minutes, shop};
use crate::ledger::LedgerHandle;
use crate::wire::{Bend, settling, without_its_time};

json_only! {
    #[tokio::test]
    async fn invariant_4_what_a_person_did_at_the_dashboard_since_the_last_look_is_seen_before_any_call() {
        let mut shop = shop().await;
        for no in ["CAPTURED", "VOIDED", "REFUNDED"] {
            shop.order(no, Kind::Card, 1000).await;
        }
        shop.settle().await;
        shop.by_hand("CAPTURED", Action::C, 1000).expect("by hand");
        shop.by_hand("VOIDED", Action::N, 1000).expect("by hand");
        shop.by_hand("REFUNDED", Action::C, 1000).expect("by hand");
        shop.by_hand("REFUNDED", Action::R, 1000).expect("by hand");
        shop.sleep_until(shop.now() + minutes(2));
        for no in ["CAPTURED", "VOIDED", "REFUNDED"] {
            shop.set_capture(no, "now").await;
        }
        for no in ["VOIDED", "REFUNDED"] {
            shop.refund(no, None, no).await;
        }
        shop.run_for(days(23)).await;
        assert_eq!(["CAPTURED", "VOIDED", "REFUNDED"].map(|no| shop.letters(no)), ["", "", ""]);
        for no in ["VOIDED", "REFUNDED"] {
            assert_eq!(shop.refund_state(no).await, "rejected");
        }
        let told = shop.alert("external_change").await.expect("an alert");
        assert_eq!(told.merchant_trade_no.as_deref(), Some("VOIDED"));
        shop.assert_books_agree().await;
    }
}

#[tokio::test]
async fn invariant_4_a_status_outside_the_table_stops_money_until_it_is_readable_again() {
    let mut shop = shop().await;
    shop.order_captured("A1", 1000).await;
    shop.order("A2", Kind::Card, 1000).await;
    shop.settle().await;
    shop.wire.bend(Some(settling));
    shop.sleep_until(shop.now() + minutes(2));
    shop.refund("A1", Some(300), "k").await;
    shop.set_capture("A2", "now").await;
    shop.run_for(days(2)).await;
    assert_eq!((shop.letters("A1"), shop.letters("A2")), (String::new(), String::new()));
    assert_eq!((shop.state("A1").await.as_str(), shop.refund_state("k").await.as_str()), ("review", "review"));
    assert_eq!(shop.alerts().await.iter().filter(|a| a.kind == "unknown_status").count(), 2);
    let posts = shop.wire.posts();
    shop.run_for(days(2)).await;
    assert!(shop.wire.posts() - posts < 40, "{} looks in two days", shop.wire.posts() - posts);
    shop.wire.bend(None);
    shop.run_for(days(1)).await;
    shop.assert_done("k", 300, "R").await;
    assert_eq!((shop.letters("A1").as_str(), shop.letters("A2").as_str()), ("R", "C"));
    assert_eq!(shop.alerts().await, []);
    shop.assert_books_agree().await;
}

#[tokio::test]
async fn invariant_4_answers_of_another_order_are_not_believed() {
    let mut shop = shop().await;
    shop.order_captured("A1", 1000).await;
    shop.sleep_until(shop.now() + minutes(2));
    shop.refund("A1", Some(300), "k").await;
    shop.strike_looks(OnCall::CardDetail, FaultKind::WrongOrderNumber, 4);
    shop.settle().await;
    assert_eq!(shop.letters("A1"), "");
    shop.run_for(minutes(60)).await;
    shop.assert_done("k", 300, "R").await;
    shop.assert_books_agree().await;
}

#[tokio::test]
async fn invariant_4_clocks_apart_stop_money_until_they_agree() {
    for skew_s in [301, -301, 550] {
        let mut shop = shop().await;
        shop.order_captured("A1", 1000).await;
        shop.skew(skew_s);
        shop.sleep_until(shop.now() + minutes(2));
        shop.refund("A1", Some(300), "k").await;
        shop.run_for(minutes(120)).await;
        assert_eq!((shop.letters("A1").as_str(), shop.refund_state("k").await.as_str()), ("", "waiting"));
        assert_eq!(shop.alert("clock_skew").await.expect("an alert").severity, "critical");
        shop.skew(0);
        shop.run_for(minutes(60)).await;
        shop.assert_done("k", 300, "R").await;
        assert!(shop.alert("clock_skew").await.is_none());
        shop.assert_books_agree().await;
    }
}

#[tokio::test]
async fn invariant_4_a_gateway_that_tells_no_time_stops_money_until_it_does() {
    let mut shop = shop().await;
    shop.order_captured("A1", 1000).await;
    shop.wire.without_time(true);
    shop.sleep_until(shop.now() + minutes(2));
    shop.refund("A1", Some(300), "k").await;
    shop.run_for(minutes(120)).await;
    assert_eq!((shop.letters("A1").as_str(), shop.refund_state("k").await.as_str()), ("", "waiting"));
    let alert = shop.alert("clock_skew").await.expect("an alert");
    assert!(alert.severity == "critical" && alert.message.contains("neither RpHeader.Timestamp nor a Date"));
    shop.wire.without_time(false);
    shop.run_for(minutes(60)).await;
    shop.assert_done("k", 300, "R").await;
    assert!(shop.alert("clock_skew").await.is_none());
    shop.assert_books_agree().await;
}

#[tokio::test]
async fn invariant_4_clocks_too_far_apart_for_any_answer_stop_money_too() {
    let mut shop = shop().await;
    shop.order_captured("A1", 1000).await;
    shop.skew(3600);
    shop.sleep_until(shop.now() + minutes(2));
    shop.refund("A1", Some(300), "k").await;
    shop.run_for(minutes(120)).await;
    assert_eq!(shop.letters("A1"), "");
    assert!(shop.alerts().await.iter().any(|a| a.severity == "critical"), "{:?}", shop.alerts().await);
    shop.skew(0);
    shop.run_for(minutes(60)).await;
    shop.assert_done("k", 300, "R").await;
    assert_eq!(shop.alerts().await, []);
    shop.assert_books_agree().await;
}

#[tokio::test]
async fn invariant_4_an_amount_that_the_shop_does_not_expect_is_not_captured() {
    let mut shop = shop().await;
    let now = shop.now();
    shop.sold(MERCHANT, "A1", Kind::Card, 1000, now, Default::default());
    shop.try_register(MERCHANT, "A1", None, Some(900), "now").await.expect("a new order");
    shop.run_for(days(22)).await;
    assert_eq!(shop.letters("A1"), "");
    assert_eq!(shop.alert("amount_mismatch").await.expect("an alert").severity, "warning");
    // A refund of it is no capture: the card is given free.
    shop.refund("A1", None, "k").await;
    shop.run_for(minutes(30)).await;
    shop.assert_done("k", 1000, "N").await;
    shop.assert_books_agree().await;
}

#[tokio::test]
async fn invariant_4_the_shop_agrees_and_the_capture_goes_on() {
    let mut shop = shop().await;
    let now = shop.now();
    shop.sold(MERCHANT, "A1", Kind::Card, 1000, now, Default::default());
    shop.try_register(MERCHANT, "A1", None, Some(900), "now").await.expect("a new order");
    shop.run_for(days(2)).await;
    shop.sql.does("UPDATE orders SET expected_amount = 1000");
    shop.run_for(minutes(5)).await;
    assert_eq!((shop.letters("A1").as_str(), shop.alerts().await), ("C", Vec::new()));
}

#[tokio::test]
async fn invariant_4_one_authorization_under_two_rows_is_for_a_person() {
    let mut shop = shop().await;
    shop.order_captured("A1", 1000).await;
    let own = shop.truth("A1").trade_no;
    shop.try_register(MERCHANT, "A1", Some(&own), None, "auto").await.expect("another number in our eyes");
    shop.settle().await;
    let states: Vec<String> = shop.sql.values("SELECT state FROM order_status ORDER BY trade_no IS NULL", ());
    assert!(states.contains(&"review".to_owned()) && states.contains(&"captured".to_owned()), "{states:?}");
    shop.refund_authorization("A1", Some(&own), Some(700), "by number").await.expect("a refund");
    shop.run_for(days(1)).await;
    let first = shop.refund_state("by number").await;
    shop.try_refund("A1", Some(700), "by order").await.ok();
    shop.run_for(days(1)).await;
    assert!(shop.truth("A1").refunded <= 1000, "{first}");
    assert!(shop.letters("A1").len() <= 1, "{}", shop.letters("A1"));
    assert!(shop.alert("unknown_status").await.is_some());
}

json_only! {
    #[tokio::test]
    async fn invariant_4_every_dialect_of_the_gateway_leads_to_the_same_calls() {
        for (dialect, header_lags, card_info, numeric) in [
            (Dialect::Chinese, true, false, true),
            (Dialect::Chinese, false, true, false),
            (Dialect::English, true, false, false),
        ] {
            let mut shop = shop().await;
            shop.terms(|terms| {
                (terms.dialect, terms.header_lags) = (dialect, header_lags);
                (terms.card_info, terms.numeric_merchant_id) = (card_info, numeric);
            });
            shop.order_to_be_captured("A1", Kind::Card, 1000).await;
            shop.order_to_be_captured("A2", Kind::Card, 1000).await;
            shop.order("A3", Kind::Card, 1000).await;
            shop.refund("A1", Some(300), "part").await;
            shop.refund("A2", None, "full").await;
            shop.refund("A3", None, "void").await;
            shop.run_for(minutes(30)).await;
            assert_eq!(["A1", "A2", "A3"].map(|no| shop.letters(no)), ["R", "EN", "N"]);
            shop.assert_books_agree().await;
        }
    }
}

/// ECPay refuses what was stamped more than ten minutes ago, whatever the keys are.
#[tokio::test]
async fn a_clock_so_wrong_that_no_call_is_taken_is_told_as_the_clock_and_not_as_the_keys() {
    let mut shop = shop().await;
    shop.order("A1", Kind::Card, 1000).await;
    shop.skew(3600);
    shop.sleep_until(shop.now() + days(2));
    shop.settle().await;
    assert_eq!(shop.alert("clock_skew").await.expect("an alert").severity, "critical");
    assert!(shop.alert("bad_credentials").await.is_none());
    shop.skew(0);
    shop.sleep_until(shop.now() + days(1));
    shop.settle().await;
    assert!(shop.alert("clock_skew").await.is_none());
}

#[tokio::test]
async fn answers_about_an_order_that_cannot_be_read_are_told_and_move_nothing() {
    let mut shop = shop().await;
    shop.order_captured("A1", 1000).await;
    shop.order("A2", Kind::Card, 1000).await;
    shop.order("A3", Kind::Card, 500).await;
    shop.wire.bend(Some(without_its_time));
    shop.refund("A1", Some(300), "k").await;
    shop.run_for(days(1)).await;
    assert_eq!((shop.letters("A1").as_str(), shop.refund_state("k").await.as_str()), ("", "waiting"));
    let told: Vec<_> = shop.alerts().await.into_iter().filter(|a| a.kind == "unknown_status").collect();
    assert_eq!(told.len(), 3, "{told:?}");
    assert!(told[0].message.contains("card detail without AuthTime"), "{told:?}");
    shop.engine().raise_stages().await.expect("the ledger holds");
    let unreadable = |a: &&crate::books::AlertRow| a.kind == "unknown_status";
    assert_eq!(shop.alerts().await.iter().filter(unreadable).count(), 3, "the morning takes none of them back");
    // And by their age: two orders that nobody has seen yet, and a refund that waits.
    let mut by_age: Vec<String> = shop.alerts().await.into_iter().map(|a| a.kind).collect();
    by_age.retain(|kind| kind != "unknown_status");
    by_age.sort();
    by_age.dedup();
    assert_eq!(by_age, ["order_unknown", "refund_waiting"]);
    assert!(shop.alert("gateway_down").await.is_none(), "the gateway answers");
    shop.wire.bend(None);
    shop.run_for(days(1)).await;
    shop.assert_done("k", 300, "R").await;
    assert_eq!(shop.alerts().await, []);
}

json_only! {
    /// The detail names no order: without a `Gwsr` beside it two of them have to agree.
    #[tokio::test]
    async fn an_order_without_card_info_is_known_by_two_details_that_agree() {
        let mut shop = shop().await;
        shop.terms(|terms| terms.card_info = false);
        shop.order("A1", Kind::Card, 1000).await;
        shop.settle().await;
        let posts = shop.wire.posts();
        shop.order("A2", Kind::Card, 1000).await;
        shop.settle().await;
        assert_eq!(shop.wire.posts() - posts, 3, "the order query, and two details");
        shop.run_for(days(2)).await;
        assert_eq!((shop.state("A1").await.as_str(), shop.state("A2").await.as_str()), ("authorized", "authorized"));
    }
}

/// The second of two details comes from somebody else's call.
fn of_another_in_turn(data: &mut Value) {
    static DETAILS: AtomicU32 = AtomicU32::new(0);
    if DETAILS.fetch_add(1, Ordering::Relaxed) % 2 == 1 {
        data["RtnValue"]["TradeID"] = 4_711.into();
    }
}

/// It says that there is no such order, as of one that is not by card.
fn unknown_in_turn(data: &mut Value) {
    static DETAILS: AtomicU32 = AtomicU32::new(0);
    if DETAILS.fetch_add(1, Ordering::Relaxed) % 2 == 1 {
        *data = json!({"RtnCode": 10_000_185, "RtnMsg": "Cant not find the trade data"});
    }
}

#[tokio::test]
async fn two_details_that_do_not_agree_bind_an_order_to_nothing() {
    for bend in [of_another_in_turn, unknown_in_turn] as [Bend; 2] {
        let mut shop = shop().await;
        shop.terms(|terms| terms.card_info = false);
        shop.wire.bend(Some(bend));
        // Right after the payment the detail may not know the order, and the look is made again.
        let earlier = shop.now() - minutes(30);
        shop.sold(MERCHANT, "A1", Kind::Card, 1000, earlier, Paid::Yes);
        shop.register(MERCHANT, "A1", "now").await;
        shop.run_for(days(1)).await;
        assert_eq!((shop.state("A1").await.as_str(), shop.letters("A1").as_str()), ("registered", ""));
        let told = shop.alert("unknown_status").await.expect("an alert").message;
        assert!(told.contains("do not agree"), "{told}");
        shop.wire.bend(None);
        shop.run_for(days(1)).await;
        assert_eq!((shop.letters("A1").as_str(), shop.alerts().await), ("C", Vec::new()));
    }
}

static NOTED: OnceLock<PathBuf> = OnceLock::new();

/// The shop writes while the answer is on its way.
fn noted_once(_: &mut Value) {
    static DONE: AtomicU32 = AtomicU32::new(0);
    if DONE.fetch_add(1, Ordering::Relaxed) == 0 {
        LedgerHandle::open(NOTED.get().expect("a ledger")).does("UPDATE orders SET memo = 'wait'");
    }
}

#[tokio::test]
async fn a_refund_is_not_rejected_by_a_look_that_a_write_of_the_shop_has_overtaken() {
    let mut shop = shop().await;
    shop.order("A1", Kind::Card, 1000).await;
    shop.by_hand("A1", Action::N, 1000).expect("a void by hand");
    shop.settle().await;
    NOTED.set(shop.stage.settings.database_path.clone()).expect("the only test of it");
    shop.wire.bend(Some(noted_once));
    let posts = shop.wire.posts();
    shop.refund("A1", None, "k").await;
    shop.settle().await;
    assert_eq!(shop.refund_state("k").await, "rejected");
    assert_eq!(shop.wire.posts() - posts, 2, "it is looked at again for what was written meanwhile");
}
