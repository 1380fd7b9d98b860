//! Invariant 1: a refund intent moves its amount at most once, whatever times out.

use chrono::Duration;
use ecpayd::domain::action::Action;
use ecpayd::ledger::Resolve;
use ecpayd::simulator::bank::Kind;
use ecpayd::simulator::{Fault, FaultKind, OnCall};

use crate::harness::{Shop, at, days, minutes, number, shop};

/// Everything that can go wrong with an answer, and whether the call took effect all the same.
pub const FAULTS: [(FaultKind, bool); 12] = [
    (FaultKind::LostBefore, false),
    (FaultKind::LostAfter, true),
    (FaultKind::Status { code: 500 }, false),
    (FaultKind::StatusAfter { code: 500 }, true),
    (FaultKind::Html, true),
    (FaultKind::Cut, true),
    (FaultKind::WrongKey, true),
    (FaultKind::WrongOrderNumber, true),
    (FaultKind::Late { ms: 900 }, true),
    (FaultKind::Slow { ms: 30 }, true),
    (FaultKind::Delayed { s: 300 }, true),
    (FaultKind::Forbidden, false),
];

/// Orders in every state that a money call is made from, each with a wish that needs it.
async fn every_action(shop: &mut Shop) {
    shop.order_captured("RAFTER", 1000).await;
    shop.order_to_be_captured("RBEFORE", Kind::Card, 1000).await;
    shop.order_to_be_captured("CALLBACK", Kind::Card, 1000).await;
    shop.order_to_be_captured("ABANDON", Kind::Card, 1000).await;
    for no in ["VOID", "CAPTURE"] {
        shop.order(no, Kind::Card, 1000).await;
    }
    shop.settle().await;
    shop.refund("RAFTER", Some(300), "r-after").await;
    shop.refund("RBEFORE", Some(300), "r-before").await;
    shop.refund("CALLBACK", None, "e").await;
    shop.refund("ABANDON", Some(1000), "e-n").await;
    shop.refund("VOID", None, "n").await;
    shop.set_capture("CAPTURE", "now").await;
}

const STRUCK: [(&str, Action, &str); 6] = [
    ("RAFTER", Action::R, "R"),
    ("RBEFORE", Action::R, "R"),
    ("CALLBACK", Action::E, "EN"),
    ("ABANDON", Action::N, "EN"),
    ("VOID", Action::N, "N"),
    ("CAPTURE", Action::C, "C"),
];

async fn assert_every_wish_came_true_once(shop: &mut Shop, kind: FaultKind) {
    for (key, amount, method) in
        [("r-after", 300, "R"), ("r-before", 300, "R"), ("e", 1000, "E+N"), ("e-n", 1000, "E+N"), ("n", 1000, "N")]
    {
        shop.assert_done(key, amount, method).await;
    }
    for no in ["RAFTER", "RBEFORE"] {
        assert_eq!((shop.truth(no).captured, shop.truth(no).refunded), (1000, 300), "{kind:?}");
    }
    for no in ["CALLBACK", "ABANDON", "VOID"] {
        assert!(shop.truth(no).void, "{kind:?}");
        assert_eq!(shop.state(no).await, "voided", "{kind:?}");
    }
    assert_eq!((shop.truth("CAPTURE").captured, shop.truth("CAPTURE").refunded), (1000, 0), "{kind:?}");
    assert_eq!(shop.state("CAPTURE").await, "to_be_captured", "{kind:?}");
    shop.assert_books_agree().await;
}

json_only! {
    #[tokio::test]
    async fn invariant_1_every_fault_on_every_action_moves_the_money_exactly_once() {
        for (kind, takes_effect) in FAULTS {
            let mut shop = shop().await;
            every_action(&mut shop).await;
            // A 403 is for the whole merchant.
            for (no, action, _) in STRUCK.into_iter().skip(if kind == FaultKind::Forbidden { 5 } else { 0 }) {
                let merchant_trade_no = Some(number(no));
                shop.sim.strike(Fault { merchant_trade_no, ..Fault::on(action, kind) });
            }
            shop.run_for(minutes(180)).await;
            assert_every_wish_came_true_once(&mut shop, kind).await;
            for (no, action, letters) in STRUCK.into_iter().filter(|_| kind != FaultKind::Forbidden) {
                // Without effect, the struck call alone is sent again, once.
                let again = if takes_effect { "" } else { action.letter() };
                let expected = letters.replace(action.letter(), &format!("{}{again}", action.letter()));
                assert_eq!(shop.letters(no), expected, "{kind:?} on {no}");
            }
        }
    }
}

#[tokio::test]
async fn invariant_1_every_fault_on_every_look_delays_and_repeats_nothing() {
    for (kind, _) in FAULTS {
        for (call, times) in [(OnCall::CardDetail, 1), (OnCall::CardDetail, 9), (OnCall::QueryOrder, 2)] {
            let mut shop = shop().await;
            every_action(&mut shop).await;
            shop.order("LATER", Kind::Card, 500).await;
            shop.refund("LATER", None, "later").await;
            shop.strike_looks(call, kind, times);
            shop.run_for(minutes(360)).await;
            assert_every_wish_came_true_once(&mut shop, kind).await;
            shop.assert_done("later", 500, "N").await;
            // A 403 may meet the money calls of other orders that are in flight with it.
            for (no, _, letters) in STRUCK.into_iter().filter(|_| kind != FaultKind::Forbidden) {
                assert_eq!(shop.letters(no), letters, "{kind:?} on {call:?}");
            }
        }
    }
}

#[tokio::test]
async fn invariant_1_a_refund_whose_answer_was_lost_after_its_effect_is_settled_by_the_next_look() {
    let mut shop = shop().await;
    shop.order_captured("A1", 1000).await;
    shop.refund("A1", Some(300), "k").await;
    shop.strike(Action::R, FaultKind::LostAfter, 1);
    let before = shop.now();
    shop.settle().await;
    shop.assert_done("k", 300, "R").await;
    assert!(
        shop.now() - before < Duration::seconds(5),
        "no waiting for the validity of a call that has shown its effect"
    );
    shop.run_for(days(3)).await;
    assert_eq!(shop.letters("A1"), "R");
    shop.assert_books_agree().await;
}

json_only! {
    #[tokio::test]
    async fn invariant_1_a_refund_lost_before_its_effect_is_sent_again_only_after_validity_skew_and_two_looks() {
        let mut shop = shop().await;
        shop.order_captured("A1", 1000).await;
        shop.refund("A1", Some(300), "k").await;
        shop.strike(Action::R, FaultKind::LostBefore, 1);
        shop.run_for(minutes(60)).await;
        shop.assert_done("k", 300, "R").await;
        let sent = shop.sent("A1");
        assert_eq!(sent.len(), 2);
        let apart_s = sent[1].stamp_s - sent[0].stamp_s;
        // 10 minutes of validity, 5 of skew, 1 between two looks that show nothing.
        assert!((16 * 60..20 * 60).contains(&apart_s), "{apart_s} s");
        assert_eq!(shop.attempt_states("A1").await, ["R not_applied", "R applied"]);
        shop.assert_books_agree().await;
    }
}

json_only! {
    #[tokio::test]
    async fn invariant_1_an_effect_that_comes_late_is_recognized_and_not_sent_again() {
        // The gateway's clock may differ from ours by up to five minutes either way.
        for skew_s in [0, -290, 290] {
            for delay_s in [1, 300, 580] {
                let mut shop = shop().await;
                shop.order_captured("A1", 1000).await;
                shop.order_to_be_captured("A2", Kind::Card, 800).await;
                shop.order("A3", Kind::Card, 700).await;
                shop.settle().await;
                shop.skew(skew_s);
                shop.refund("A1", Some(300), "part").await;
                shop.refund("A2", None, "full").await;
                shop.set_capture("A3", "now").await;
                for action in [Action::R, Action::E, Action::N, Action::C] {
                    shop.strike(action, FaultKind::Delayed { s: delay_s }, 1);
                }
                shop.run_for(minutes(90)).await;
                shop.assert_done("part", 300, "R").await;
                shop.assert_done("full", 800, "E+N").await;
                let letters = ["A1", "A2", "A3"].map(|no| shop.letters(no));
                // A gateway that is ahead finds the request older than it is, and refuses it once more than 10 minutes old.
                let arrives = skew_s + i64::from(delay_s) <= 600;
                let expected = if arrives { ["R", "EN", "C"] } else { ["RR", "EENN", "CC"] };
                assert_eq!(letters, expected, "skew {skew_s} s, delay {delay_s} s");
                assert_eq!((shop.truth("A1").refunded, shop.truth("A2").void), (300, true));
                shop.assert_books_agree().await;
            }
        }
    }
}

json_only! {
    #[tokio::test]
    async fn invariant_1_an_accepted_refund_that_no_look_shows_is_never_sent_again() {
        let mut shop = shop().await;
        shop.order_captured("A1", 1000).await;
        shop.refund("A1", Some(300), "k").await;
        shop.wire.lie_once(Action::R);
        shop.run_for(minutes(23 * 60)).await;
        assert_eq!(shop.refund_state("k").await, "running");
        shop.run_for(days(10)).await;
        assert_eq!(shop.letters("A1"), "R");
        assert_eq!(shop.refund_state("k").await, "review");
        assert_eq!(shop.alert("refund_review").await.expect("an alert").severity, "critical");
        assert_eq!(shop.truth("A1").refunded, 0);
        shop.assert_books_agree().await;
    }
}

json_only! {
    #[tokio::test]
    async fn invariant_1_other_accepted_calls_without_effect_are_repeated_since_they_cannot_add_up() {
        let mut shop = shop().await;
        shop.order_to_be_captured("A1", Kind::Card, 800).await;
        shop.order("A2", Kind::Card, 700).await;
        shop.order("A3", Kind::Card, 600).await;
        for action in [Action::E, Action::C] {
            shop.wire.lie_once(action);
            if action == Action::E {
                shop.refund("A1", None, "full").await;
            } else {
                shop.set_capture("A2", "now").await;
            }
            shop.run_for(minutes(30)).await;
        }
        shop.wire.lie_once(Action::N);
        shop.refund("A3", None, "void").await;
        shop.run_for(minutes(30)).await;
        assert_eq!(["A1", "A2", "A3"].map(|no| shop.letters(no)), ["EEN", "CC", "NN"]);
        shop.assert_done("full", 800, "E+N").await;
        shop.assert_done("void", 600, "N").await;
        shop.assert_books_agree().await;
    }
}

json_only! {
    #[tokio::test]
    async fn invariant_1_three_unanswered_refunds_end_in_review_with_an_alert_and_stay_there() {
        let mut shop = Shop::open(at("2026-08-03 08:00:00"), |_| {}).await;
        shop.order_captured("A1", 1000).await;
        shop.settle().await;
        shop.refund("A1", Some(300), "k").await;
        shop.strike(Action::R, FaultKind::LostBefore, 20);
        shop.run_for(minutes(120)).await;
        for _ in 0..3 {
            assert_eq!(shop.letters("A1"), "RRR");
            let refund = shop.refund_row("k").await;
            assert_eq!(refund.state, "review", "{}", refund.detail);
            let alert = shop.alert("refund_review").await.expect("an alert");
            assert_eq!(alert.severity, "critical");
            // The same alert is not raised again day after day.
            assert!(crate::books::civil(&alert.raised_at) < at("2026-08-05 12:00:00"), "{alert:?}");
            shop.assert_books_agree().await;
            shop.run_for(days(2)).await;
        }
    }
}

json_only! {
    #[tokio::test]
    async fn invariant_1_what_cannot_act_twice_is_asked_again_until_it_works() {
        for (action, letters, method) in [(Action::E, "EEEEEEN", "E+N"), (Action::N, "NNNNNN", "N")] {
            let mut shop = Shop::open(at("2026-08-03 08:00:00"), |_| {}).await;
            match action {
                Action::E => shop.order_to_be_captured("A1", Kind::Card, 1000).await,
                _ => shop.order("A1", Kind::Card, 1000).await,
            }
            shop.settle().await;
            shop.refund("A1", None, "k").await;
            shop.strike(action, FaultKind::LostBefore, 5);
            shop.run_for(minutes(90)).await;
            assert_eq!(shop.refund_state("k").await, "waiting");
            assert!(shop.alert("refund_review").await.is_none());
            shop.run_for(minutes(540)).await;
            assert_eq!(shop.letters("A1"), letters);
            shop.assert_done("k", 1000, method).await;
            shop.assert_books_agree().await;
        }
    }
}

#[tokio::test]
async fn invariant_1_a_refund_refused_in_words_and_made_all_the_same_is_a_persons_to_settle() {
    for (kind, amount, letters) in [("R", Some(300), "R"), ("N", None, "N")] {
        let mut shop = shop().await;
        if kind == "R" {
            shop.order_captured("A1", 1000).await;
        } else {
            shop.order("A1", Kind::Card, 1000).await;
        }
        shop.refund("A1", amount, "k").await;
        shop.strike(if kind == "R" { Action::R } else { Action::N }, FaultKind::RefusedAfter, 1);
        shop.run_for(days(2)).await;
        assert_eq!((shop.letters("A1").as_str(), shop.refund_state("k").await.as_str()), (letters, "review"));
        let refused = shop.cancel("k").await.expect_err("money may have moved").to_string();
        assert!(refused.contains("has begun"), "{refused}");
        let attempt_id = shop.in_review().await.expect("an attempt in review");
        let resolve = Resolve { attempt_id, applied: true, by: "Mei".to_owned(), now: shop.now() };
        shop.ledger().write(resolve).await.expect("an attempt in review");
        shop.run_for(days(2)).await;
        assert_eq!(shop.letters("A1"), letters);
        shop.assert_done("k", amount.unwrap_or(1000), kind).await;
        shop.assert_books_agree().await;
    }
}

#[tokio::test]
async fn what_somebody_did_at_the_dashboard_before_a_refund_was_asked_for_is_seen_before_its_call() {
    let mut shop = shop().await;
    shop.order_captured("R1", 900).await;
    shop.order("N1", Kind::Card, 900).await;
    for no in ["R1", "N1"] {
        // A look, of just now.
        shop.set_capture(no, "hold").await;
    }
    shop.settle().await;
    shop.by_hand("R1", Action::R, 300).expect("a refund by hand");
    shop.by_hand("N1", Action::N, 900).expect("a void by hand");
    shop.refund("R1", Some(700), "r").await;
    shop.refund("N1", None, "n").await;
    shop.settle().await;
    for (no, key, why) in [("R1", "r", "more than what is left, NT$600"), ("N1", "n", "the order is void")] {
        let row = shop.refund_row(key).await;
        assert!(row.state == "rejected" && row.detail.contains(why), "{row:?}");
        assert_eq!(shop.letters(no), "", "nothing is asked for that cannot be");
    }
}

#[tokio::test]
async fn invariant_1_a_refused_refund_is_not_taken_back_before_a_look_shows_that_nothing_moved() {
    let mut shop = shop().await;
    shop.order_captured("A1", 1000).await;
    shop.strike(Action::R, FaultKind::RefusedAfter, 1);
    let bank = shop.sim.clone();
    shop.wire.once_answered(Action::R, move || {
        bank.strike(Fault { call: OnCall::CardDetail, times: 3, ..Fault::any(FaultKind::LostBefore) });
    });
    shop.refund("A1", Some(300), "k").await;
    shop.settle().await;
    assert_eq!((shop.letters("A1").as_str(), shop.truth("A1").refunded), ("R", 300));
    assert_eq!(shop.refund_state("k").await, "running");
    let refused = shop.cancel("k").await.expect_err("money may have moved").to_string();
    assert!(refused.contains("has begun"), "{refused}");
    shop.run_for(days(1)).await;
    assert_eq!((shop.letters("A1").as_str(), shop.refund_state("k").await.as_str()), ("R", "review"));
}

/// Whoever wrote the row, and whatever of its guards the ledger has lost.
#[tokio::test(flavor = "multi_thread")]
async fn a_refund_that_has_moved_its_money_gets_no_second_call_whatever_its_row_says() {
    let mut shop = shop().await;
    shop.meddled = true;
    shop.order_captured("MEDDLED", 1000).await;
    shop.settle().await;
    shop.refund("MEDDLED", Some(300), "k").await;
    shop.settle().await;
    shop.assert_done("k", 300, "R").await;
    let meddle = "DROP TRIGGER refunds_keep_their_end;
        UPDATE refunds SET state = 'queued', refunded_amount = 0, method = NULL;
        UPDATE order_state SET next_at = 0, rank = 0, revision = revision + 1;";
    shop.sql.does(meddle); // Nothing guards it.
    shop.sleep_until(shop.now() + days(1));
    let seen = "SELECT observation FROM order_state";
    let seen_before = shop.sql.ask(seen);
    let refused = shop.stage.settle(shop.engine()).await.expect_err("it is reported");
    assert!(refused.to_string().contains("has moved its money already"), "{refused}");
    assert_eq!((shop.letters("MEDDLED"), shop.truth("MEDDLED").refunded), ("R".to_owned(), 300));
    assert_ne!(shop.sql.ask(seen), seen_before, "what the look before it has shown is kept all the same");
}
