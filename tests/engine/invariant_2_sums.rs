//! Invariant 2: the refunds of an order never add up to more than its amount.

use ecpayd::domain::action::Action;
use ecpayd::ledger::{LedgerError, VoidRefund};
use ecpayd::simulator::FaultKind;
use ecpayd::simulator::bank::{Kind, Paid};

use crate::harness::{MERCHANT, Shop, at, days, minutes, shop};

#[tokio::test]
async fn invariant_2_parts_add_up_to_the_amount_and_the_next_is_refused_at_the_insert() {
    let mut shop = shop().await;
    shop.order_captured("A1", 1000).await;
    for key in ["a", "b", "c"] {
        shop.refund("A1", Some(300), key).await;
    }
    let refused = shop.try_refund("A1", Some(101), "d").await.expect_err("100 are left").to_string();
    assert!(refused.contains("more than what is left"), "{refused}");
    shop.run_for(minutes(60)).await;
    let refused = shop.try_refund("A1", Some(101), "d").await.expect_err("100 are left").to_string();
    assert!(refused.contains("more than what is left"), "{refused}");
    shop.refund("A1", None, "rest").await;
    shop.run_for(minutes(60)).await;
    for key in ["a", "b", "c"] {
        shop.assert_done(key, 300, "R").await;
    }
    shop.assert_done("rest", 100, "R").await;
    assert_eq!((shop.truth("A1").refunded, shop.state("A1").await.as_str()), (1000, "refunded"));
    assert!(shop.try_refund("A1", Some(1), "e").await.is_err());
    shop.refund("A1", None, "nothing").await;
    shop.run_for(minutes(60)).await;
    assert_eq!(shop.refund_state("nothing").await, "rejected");
    assert_eq!(shop.letters("A1"), "RRRR");
    shop.assert_books_agree().await;
}

#[tokio::test]
async fn invariant_2_refunds_queued_before_the_amount_is_known_are_held_to_it() {
    let mut shop = shop().await;
    let yesterday = shop.now() - days(1);
    shop.sold(MERCHANT, "A1", Kind::Card, 1000, yesterday, Paid::Yes);
    shop.by_hand("A1", Action::C, 1000).expect("a capture");
    for (key, amount) in [("a", Some(600)), ("b", Some(600)), ("c", Some(400)), ("d", None)] {
        shop.refund("A1", amount, key).await;
    }
    shop.run_for(days(1)).await;
    shop.assert_done("a", 600, "R").await;
    shop.assert_done("c", 400, "R").await;
    for key in ["b", "d"] {
        assert_eq!(shop.refund_state(key).await, "rejected");
    }
    assert_eq!(shop.truth("A1").refunded, 1000);
    assert_eq!(shop.alerts().await.iter().filter(|a| a.kind == "refund_rejected").count(), 2);
    shop.assert_books_agree().await;
}

#[tokio::test]
async fn invariant_2_refunds_by_hand_count_and_are_told() {
    for shrink in [false, true] {
        let mut shop = shop().await;
        shop.terms(|terms| terms.shrink = shrink);
        shop.order_to_be_captured("A1", Kind::Card, 1000).await;
        shop.by_hand("A1", Action::R, 700).expect("a refund by hand");
        shop.sleep_until(shop.now() + minutes(2));
        shop.refund("A1", Some(600), "k").await;
        shop.run_for(minutes(30)).await;
        let refund = shop.refund_row("k").await;
        assert_eq!(refund.state, "rejected", "{}", refund.detail);
        assert!(shop.alert("external_change").await.is_some(), "shrink {shrink}");
        shop.refund("A1", None, "rest").await;
        shop.run_for(minutes(30)).await;
        shop.assert_done("rest", 300, "R").await;
        assert_eq!((shop.truth("A1").refunded, shop.letters("A1").as_str()), (1000, "R"));
        shop.assert_books_agree().await;
    }
}

#[tokio::test]
async fn invariant_2_another_amount_moved_by_hand_while_ours_is_unanswered_goes_to_a_person() {
    let mut shop = shop().await;
    shop.order_captured("A1", 1000).await;
    shop.refund("A1", Some(300), "k").await;
    shop.strike(Action::R, FaultKind::LostBefore, 1);
    shop.settle().await;
    shop.by_hand("A1", Action::R, 450).expect("a refund by hand");
    shop.run_for(days(2)).await;
    assert_eq!(shop.refund_state("k").await, "review");
    assert!(shop.alert("refund_review").await.is_some());
    assert_eq!((shop.truth("A1").refunded, shop.letters("A1").as_str()), (450, "R"));
    shop.assert_books_agree().await;
}

#[tokio::test]
async fn invariant_2_a_person_who_presses_the_same_refund_while_ours_is_unanswered_has_done_ours() {
    let mut shop = shop().await;
    shop.order_captured("A1", 1000).await;
    shop.refund("A1", Some(300), "k").await;
    shop.strike(Action::R, FaultKind::LostBefore, 1);
    shop.settle().await;
    shop.by_hand("A1", Action::R, 300).expect("a refund by hand");
    shop.run_for(days(2)).await;
    shop.assert_done("k", 300, "R").await;
    assert_eq!((shop.truth("A1").refunded, shop.letters("A1").as_str()), (300, "R"));
}

json_only! {
    #[tokio::test]
    async fn invariant_2_many_parts_over_lost_answers_never_exceed_the_order() {
        for kind in [FaultKind::LostAfter, FaultKind::LostBefore, FaultKind::Delayed { s: 400 }, FaultKind::Cut] {
            let mut shop = shop().await;
            shop.terms(|terms| terms.shrink = kind == FaultKind::Cut);
            // One dollar more than the parts: together they would be one whole refund.
            shop.order_to_be_captured("A1", Kind::Card, 1001).await;
            for n in 0..5 {
                shop.refund("A1", Some(200), &format!("part {n}")).await;
            }
            shop.strike(Action::R, kind, 2);
            // Over the night, in which the bank claims capture and refunds.
            shop.run_for(days(1)).await;
            for n in 0..5 {
                shop.assert_done(&format!("part {n}"), 200, "R").await;
            }
            assert_eq!((shop.truth("A1").refunded, shop.state("A1").await.as_str()), (1000, "captured"), "{kind:?}");
            shop.assert_books_agree().await;
        }
    }
}

#[tokio::test]
async fn invariant_2_refunds_that_together_ask_for_the_whole_order_end_with_one_n() {
    for kind in [None, Some(FaultKind::LostAfter), Some(FaultKind::LostBefore), Some(FaultKind::Refused)] {
        for parts in [[Some(300), Some(700)], [Some(300), None]] {
            for captured in [false, true] {
                let mut shop = Shop::open(at("2026-08-03 08:00:00"), |_| {}).await;
                match captured {
                    true => shop.order_to_be_captured("A1", Kind::Card, 1000).await,
                    false => shop.order("A1", Kind::Card, 1000).await,
                }
                shop.settle().await;
                for (n, amount) in parts.into_iter().enumerate() {
                    shop.refund("A1", amount, &format!("part {n}")).await;
                }
                if let Some(kind) = kind {
                    shop.strike(Action::N, kind, 1);
                }
                shop.run_for(minutes(60)).await;
                let told = format!("{kind:?} {parts:?} {captured}: {:?}", shop.refund_row("part 0").await.detail);
                if kind == Some(FaultKind::Refused) {
                    // The first is rejected with the gateway's words, and the other goes on by itself.
                    assert_eq!(shop.refund_state("part 0").await, "rejected", "{told}");
                    assert!(!shop.truth("A1").void || parts[1].is_none(), "{told}");
                } else {
                    let method = if captured { "E+N" } else { "N" };
                    shop.assert_done("part 0", 300, method).await;
                    shop.assert_done("part 1", 700, method).await;
                    assert!(shop.truth("A1").void, "{told}");
                    assert_eq!(shop.state("A1").await, "voided");
                }
                shop.assert_books_agree().await;
                // Whoever was to end with it before: a refund is undone with the call that made it.
                if shop.refund_state("part 1").await == "done" {
                    let undone = declared_void(&shop, 2).await.expect("a call that took effect");
                    let alone = kind == Some(FaultKind::Refused);
                    assert_eq!(undone, if alone { vec![2] } else { vec![1, 2] }, "{told}");
                }
            }
        }
    }
}

async fn declared_void(shop: &Shop, refund_id: i64) -> Result<Vec<i64>, LedgerError> {
    let (by, why) = ("the accountant".to_owned(), "ECPay says so".to_owned());
    shop.ledger().write(VoidRefund { refund_id, by, why, now: shop.now() }).await
}
