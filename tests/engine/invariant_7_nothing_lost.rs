//! Invariant 7: nothing that was committed is lost, and nothing is silently dropped: every row ends done,
//! rejected with a reason, or in review with an alert.

use ecpayd::domain::action::Action;
use ecpayd::ledger::{Pause, Resolve, Resume};
use ecpayd::simulator::FaultKind;
use ecpayd::simulator::bank::{Kind, Paid};

use crate::harness::{MERCHANT, days, minutes, shop};

#[tokio::test]
async fn invariant_7_rows_written_while_the_daemon_was_away_are_taken_up() {
    let mut shop = shop().await;
    shop.order_captured("A1", 1000).await;
    shop.order("A2", Kind::Card, 500).await;
    shop.refund("A1", Some(300), "k").await;
    shop.set_capture("A2", "now").await;
    shop.reopen().await;
    shop.run_for(minutes(5)).await;
    shop.assert_done("k", 300, "R").await;
    assert_eq!(shop.letters("A2"), "C");
    shop.assert_books_agree().await;
}

#[tokio::test]
async fn invariant_7_an_order_that_is_not_found_and_then_paid_is_taken_up() {
    for paid in [Paid::No, Paid::BankPending, Paid::Unauthorized] {
        let mut shop = shop().await;
        shop.register(MERCHANT, "A1", "now").await;
        shop.refund("A1", Some(300), "k").await;
        shop.run_for(days(1)).await;
        assert_eq!(shop.state("A1").await, "not_found");
        let now = shop.now();
        shop.sold(MERCHANT, "A1", Kind::Card, 1000, now, paid);
        shop.run_for(days(2)).await;
        assert_eq!((shop.state("A1").await.as_str(), shop.refund_state("k").await.as_str()), ("unpaid", "waiting"));
        let id = ecpayd::domain::ids::MerchantId::parse(MERCHANT).expect("an id");
        let no = crate::harness::number("A1");
        shop.sim.with_bank(|bank, now| bank.pay(&id, &no, now)).expect("paid");
        shop.run_for(days(2)).await;
        shop.assert_done("k", 300, "R").await;
        assert_eq!(shop.letters("A1"), "CR", "{paid:?}");
        shop.assert_books_agree().await;
    }
}

#[tokio::test]
async fn invariant_7_a_refund_of_an_order_that_is_never_paid_is_rejected_with_a_reason() {
    let mut shop = shop().await;
    let now = shop.now();
    shop.sold(MERCHANT, "UNPAID", Kind::Card, 1000, now, Paid::No);
    shop.register(MERCHANT, "UNPAID", "auto").await;
    shop.refund("UNPAID", None, "k").await;
    shop.refund("NOBODY", Some(5), "typo").await;
    shop.run_for(days(29)).await;
    assert_eq!(
        (shop.refund_state("k").await.as_str(), shop.refund_state("typo").await.as_str()),
        ("waiting", "waiting")
    );
    shop.run_for(days(3)).await;
    for key in ["k", "typo"] {
        let refund = shop.refund_row(key).await;
        assert!(refund.state == "rejected" && refund.detail.contains("given up"), "{refund:?}");
    }
    assert_eq!(shop.alerts().await.iter().filter(|a| a.kind == "refund_rejected").count(), 2);
    let posts = shop.wire.posts();
    shop.run_for(days(30)).await;
    assert_eq!(shop.wire.posts(), posts, "what was given up is not asked about any more");
    shop.assert_books_agree().await;
}

#[tokio::test]
async fn invariant_7_a_shop_takes_a_refund_back_until_it_has_begun() {
    let mut shop = shop().await;
    shop.order("A1", Kind::Card, 1000).await;
    shop.refund("A1", Some(300), "waits").await;
    shop.settle().await;
    shop.cancel("waits").await.expect("not begun");
    shop.order_captured("A2", 1000).await;
    shop.refund("A2", Some(300), "begun").await;
    shop.strike(Action::R, FaultKind::LostBefore, 1);
    shop.settle().await;
    let refused = shop.cancel("begun").await.expect_err("it has begun").to_string();
    assert!(refused.contains("has begun"), "{refused}");
    shop.run_for(days(1)).await;
    shop.assert_done("begun", 300, "R").await;
    assert!(shop.cancel("begun").await.is_err());
    assert_eq!((shop.refund_state("waits").await.as_str(), shop.letters("A1").as_str()), ("canceled", ""));
    shop.assert_books_agree().await;
}

#[tokio::test]
async fn invariant_7_a_person_settles_what_no_look_can() {
    for applied in [true, false] {
        let mut shop = shop().await;
        shop.order_captured("A1", 1000).await;
        shop.refund("A1", Some(300), "k").await;
        shop.wire.lie_once(Action::R);
        shop.run_for(days(2)).await;
        assert_eq!(shop.refund_state("k").await, "review");
        if applied {
            shop.by_hand("A1", Action::R, 300).expect("by hand");
        }
        let attempt_id = shop.sql.value("SELECT max(id) FROM attempts", ());
        let resolve = Resolve { attempt_id, applied, by: "Mei".to_owned(), now: shop.now() };
        shop.ledger().write(resolve).await.ok();
        shop.run_for(days(1)).await;
        shop.assert_done("k", 300, "R").await;
        assert_eq!(shop.truth("A1").refunded, 300);
        assert_eq!(shop.letters("A1"), if applied { "R" } else { "RR" });
        assert!(shop.alert("refund_review").await.is_none());
        shop.assert_books_agree().await;
    }
}

#[tokio::test]
async fn invariant_7_a_paused_merchant_moves_nothing_and_goes_on_where_it_was() {
    let mut shop = shop().await;
    shop.order_captured("A1", 1000).await;
    shop.order("A2", Kind::Card, 500).await;
    shop.settle().await;
    let pause = Pause { merchant_id: None, by: "Mei".to_owned(), now: shop.now() };
    shop.ledger().write(pause).await.expect("paused");
    shop.refund("A1", Some(300), "k").await;
    shop.run_for(days(20) + minutes(60)).await;
    assert_eq!((shop.letters("A1").as_str(), shop.letters("A2").as_str()), ("", ""));
    shop.reopen().await;
    shop.run_for(minutes(60)).await;
    assert_eq!((shop.letters("A1").as_str(), shop.refund_state("k").await.as_str()), ("", "waiting"));
    assert_eq!(shop.alert("capture_failing").await.expect("a due capture is reported").severity, "critical");
    let resume = Resume { merchant_id: None, by: "Mei".to_owned(), now: shop.now() };
    shop.ledger().write(resume).await.expect("resumed");
    shop.run_for(minutes(5)).await;
    shop.assert_done("k", 300, "R").await;
    assert_eq!(shop.letters("A2"), "C");
    shop.assert_books_agree().await;
}

#[tokio::test]
async fn invariant_7_a_pause_that_comes_between_call_back_and_abandon_is_kept() {
    let mut shop = shop().await;
    shop.order_to_be_captured("A1", Kind::Card, 1000).await;
    shop.refund("A1", None, "k").await;
    shop.strike(Action::N, FaultKind::LostBefore, 1);
    shop.settle().await;
    let pause = Pause { merchant_id: None, by: "Mei".to_owned(), now: shop.now() };
    shop.ledger().write(pause).await.expect("paused");
    shop.run_for(days(1)).await;
    assert_eq!(shop.letters("A1"), "EN");
    let resume = Resume { merchant_id: None, by: "Mei".to_owned(), now: shop.now() };
    shop.ledger().write(resume).await.expect("resumed");
    shop.run_for(minutes(5)).await;
    shop.assert_done("k", 1000, "E+N").await;
    assert_eq!(shop.letters("A1"), "ENN");
    shop.assert_books_agree().await;
}

#[tokio::test]
async fn invariant_7_a_refund_asked_for_while_a_capture_is_unanswered_waits_for_its_end() {
    for kind in [FaultKind::LostBefore, FaultKind::LostAfter, FaultKind::Delayed { s: 400 }] {
        let mut shop = shop().await;
        shop.order("A1", Kind::Card, 1000).await;
        shop.set_capture("A1", "now").await;
        shop.strike(Action::C, kind, 1);
        shop.settle().await;
        shop.refund("A1", None, "k").await;
        shop.run_for(minutes(60)).await;
        let expected = if kind == FaultKind::LostBefore { ("CN", "N") } else { ("CEN", "E+N") };
        assert_eq!(shop.letters("A1"), expected.0, "{kind:?}");
        shop.assert_done("k", 1000, expected.1).await;
        assert!(shop.truth("A1").void);
        shop.assert_books_agree().await;
    }
}
