//! Invariant 7: nothing that was committed is lost, and nothing is silently dropped: every row ends done,
//! rejected with a reason, or in review with an alert.

use ecpayd::domain::action::Action;
use ecpayd::domain::pause::PauseOf;
use ecpayd::ledger::{ClockSeen, Pause, Resolve, Resume};
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

json_only! {
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
    let pause = Pause::all(None, "Mei", shop.now());
    shop.ledger().write(pause).await.expect("paused");
    shop.refund("A1", Some(300), "k").await;
    shop.run_for(days(20) + minutes(60)).await;
    assert_eq!((shop.letters("A1").as_str(), shop.letters("A2").as_str()), ("", ""));
    shop.reopen().await;
    shop.run_for(minutes(60)).await;
    assert_eq!((shop.letters("A1").as_str(), shop.refund_state("k").await.as_str()), ("", "waiting"));
    assert_eq!(shop.alert("capture_failing").await.expect("a due capture is reported").severity, "critical");
    let resume = Resume { merchant_id: None, only: None, by: "Mei".to_owned(), now: shop.now() };
    shop.ledger().write(resume).await.expect("resumed");
    shop.run_for(minutes(5)).await;
    shop.assert_done("k", 300, "R").await;
    assert_eq!(shop.letters("A2"), "C");
    shop.assert_books_agree().await;
}

#[tokio::test]
async fn invariant_7_a_pause_of_refunds_lets_captures_go_on_and_ends_by_itself() {
    let mut shop = shop().await;
    shop.order_captured("A1", 1000).await;
    shop.order("A2", Kind::Card, 500).await;
    shop.settle().await;
    let until = Some(shop.now() + days(20) + minutes(90));
    let pause = Pause { only: Some(PauseOf::Refund), until, ..Pause::all(None, "Mei", shop.now()) };
    shop.ledger().write(pause).await.expect("paused");
    shop.refund("A1", Some(300), "k").await;
    shop.run_for(days(20) + minutes(60)).await;
    assert_eq!((shop.letters("A1").as_str(), shop.letters("A2").as_str()), ("", "C"));
    let why = "SELECT json_extract(reason, '$.of') || json_extract(reason, '$.until') FROM refund_status";
    assert!(shop.sql.ask(why).starts_with("refund2026-08-24"), "{}", shop.sql.ask(why));
    shop.run_for(minutes(35)).await;
    shop.assert_done("k", 300, "R").await;
    let now = shop.now();
    shop.ledger().write(ClockSeen { now, passed: true }).await.expect("the minute's sweep");
    assert_eq!(shop.sql.ask("SELECT count(*) FROM pauses"), "0", "it is gone");
    assert_eq!(shop.sql.ask("SELECT detail FROM events WHERE kind = 'resumed'"), "{\"what\":\"refund\"}");
    shop.assert_books_agree().await;
}

#[tokio::test]
async fn invariant_7_a_pause_never_shortens_another() {
    let shop = shop().await;
    let for_hours = |hours: Option<i64>, by: &str| Pause {
        until: hours.map(|hours| shop.now() + minutes(60 * hours)),
        ..Pause::all(None, by, shop.now())
    };
    for (hours, by, changes, holds) in [
        (Some(2), "first", 1, "first"),
        (Some(1), "shorter", 0, "first"),
        (Some(3), "longer", 1, "longer"),
        (None, "until ended", 1, "until ended"),
        (Some(9), "with an end", 0, "until ended"),
    ] {
        assert_eq!(shop.ledger().write(for_hours(hours, by)).await.expect("written"), changes, "{by}");
        assert_eq!(shop.sql.ask("SELECT DISTINCT by FROM pauses"), holds);
    }
}

#[tokio::test]
async fn invariant_7_a_pause_at_the_door_stops_the_next_call_before_the_ledger_knows_of_it() {
    let mut shop = shop().await;
    shop.order_captured("A1", 1000).await;
    shop.refund("A1", Some(300), "k").await;
    let asked = Pause { why: "a wrong price".to_owned(), ..Pause::all(None, "Mei", shop.now()) };
    shop.ledger().door().shut(&asked).expect("a file beside the ledger");
    shop.settle().await;
    assert_eq!(shop.letters("A1"), "", "nothing leaves");
    let why = "SELECT text FROM attempts WHERE state = 'not_sent'";
    assert!(shop.sql.ask(why).contains("a pause was asked for"), "{}", shop.sql.ask(why));
    assert_eq!(shop.ledger().take_pauses(shop.now()).await.expect("the ledger"), 1);
    assert!(!shop.ledger().door().is_shut());
    assert_eq!(
        shop.sql.ask("SELECT action || by || why FROM pauses"),
        "captureMeia wrong price,refundMeia wrong price"
    );
    // One that a daemon finds at its start.
    let resume = Resume { merchant_id: None, only: None, by: "Mei".to_owned(), now: shop.now() };
    shop.ledger().write(resume).await.expect("resumed");
    shop.ledger().door().shut(&asked).expect("a file beside the ledger");
    shop.reopen().await;
    assert_eq!(shop.sql.ask("SELECT count(*) FROM pauses"), "2");
    shop.run_for(days(1)).await;
    assert_eq!(shop.letters("A1"), "");
    let resume = Resume { merchant_id: None, only: None, by: "Mei".to_owned(), now: shop.now() };
    shop.ledger().write(resume).await.expect("resumed");
    shop.run_for(minutes(30)).await;
    shop.assert_done("k", 300, "R").await;
}

#[tokio::test]
async fn invariant_7_a_pause_that_comes_between_call_back_and_abandon_is_kept() {
    let mut shop = shop().await;
    shop.order_to_be_captured("A1", Kind::Card, 1000).await;
    shop.refund("A1", None, "k").await;
    shop.strike(Action::N, FaultKind::LostBefore, 1);
    shop.settle().await;
    let pause = Pause::all(None, "Mei", shop.now());
    shop.ledger().write(pause).await.expect("paused");
    shop.run_for(days(1)).await;
    assert_eq!(shop.letters("A1"), "EN");
    let resume = Resume { merchant_id: None, only: None, by: "Mei".to_owned(), now: shop.now() };
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
