//! Invariant 5: every authorized order that is not on hold is captured before day 21 as long as the gateway
//! answers at all in the day before, or an alert says why not.

use std::time::Duration as StdDuration;

use chrono::Duration;
use ecpayd::domain::action::Action;
use ecpayd::domain::policy::CapturePolicy;
use ecpayd::simulator::bank::{Kind, Paid};
use ecpayd::simulator::{Fault, FaultKind, OnCall};

use crate::harness::{MERCHANT, Shop, at, days, minutes, number, other_merchant, shop};
use crate::invariant_1_once::FAULTS;

#[tokio::test]
async fn invariant_5_an_order_is_captured_two_days_before_the_limit_and_not_earlier() {
    let mut shop = shop().await;
    shop.order("A1", Kind::Card, 1000).await;
    let sold_at = shop.now();
    shop.run_until(sold_at + days(19) - minutes(1)).await;
    assert_eq!(shop.letters("A1"), "");
    shop.run_until(sold_at + days(19) + minutes(1)).await;
    assert_eq!((shop.letters("A1").as_str(), shop.truth("A1").captured), ("C", 1000));
    shop.run_for(days(2)).await;
    assert_eq!(shop.state("A1").await, "captured");
    shop.assert_books_agree().await;
}

#[tokio::test]
async fn invariant_5_no_fault_on_the_day_before_keeps_an_order_from_being_captured() {
    for (kind, _) in FAULTS {
        let mut shop = shop().await;
        shop.order("A1", Kind::Card, 1000).await;
        let sold_at = shop.now();
        shop.run_until(sold_at + days(19) - minutes(5)).await;
        shop.strike(Action::C, kind, 2);
        shop.strike_looks(OnCall::CardDetail, kind, 3);
        shop.run_until(sold_at + days(21)).await;
        assert_eq!(shop.truth("A1").captured, 1000, "{kind:?}");
        shop.assert_books_agree().await;
    }
}

#[tokio::test]
async fn invariant_5_a_gateway_that_is_away_when_captures_are_due_is_told_and_caught_up_with() {
    let mut shop = shop().await;
    shop.order("A1", Kind::Card, 1000).await;
    let sold_at = shop.now();
    shop.run_until(sold_at + days(19) - minutes(5)).await;
    shop.wire.unplug(true);
    shop.run_until(sold_at + days(19) + minutes(120)).await;
    assert_eq!(shop.alert("capture_failing").await.expect("an alert").severity, "critical");
    assert!(shop.alert("gateway_down").await.is_some());
    shop.run_until(sold_at + days(21) - minutes(15)).await;
    shop.wire.unplug(false);
    shop.run_until(sold_at + days(21)).await;
    assert_eq!(shop.truth("A1").captured, 1000);
    assert_eq!(shop.alerts().await, []);
    shop.assert_books_agree().await;
}

json_only! {
    #[tokio::test]
    async fn invariant_5_captures_that_go_unanswered_are_told_and_asked_again_until_they_work() {
        let mut shop = shop().await;
        shop.order("A1", Kind::Card, 1000).await;
        shop.set_capture("A1", "now").await;
        shop.strike(Action::C, FaultKind::LostBefore, 9);
        shop.run_for(minutes(90)).await;
        assert_eq!(shop.letters("A1"), "CCC");
        assert_eq!(shop.alert("capture_failing").await.expect("an alert").severity, "critical");
        // A shop that writes to the order asks for the capture anew.
        shop.set_capture("A1", "now").await;
        shop.run_for(minutes(1)).await;
        assert_eq!(shop.letters("A1"), "CCCC");
        shop.run_for(days(4)).await;
        assert_eq!((shop.letters("A1").as_str(), shop.truth("A1").captured), ("CCCCCCCCCC", 1000));
        assert_eq!(shop.alerts().await, []);
        shop.assert_books_agree().await;
    }
}

/// An hour of 5xx in the last day, as a maintenance has it: the other hours are enough.
#[tokio::test]
async fn invariant_5_an_hour_of_outage_on_the_last_day_gives_no_capture_up() {
    let mut shop = shop().await;
    let sold_at = shop.now();
    for n in 0..10 {
        shop.order(&format!("A{n}"), Kind::Card, 1000).await;
    }
    shop.run_until(sold_at + days(20)).await;
    for n in 0..10 {
        assert_eq!(shop.truth(&format!("A{n}")).captured, 1000, "two days ahead");
    }
    for n in 0..10 {
        shop.sold(MERCHANT, &format!("B{n}"), Kind::Card, 1000, shop.now() - days(20), Paid::Yes);
        shop.register(MERCHANT, &format!("B{n}"), "auto").await;
    }
    // Three calls of each.
    shop.strike(Action::C, FaultKind::Status { code: 503 }, 30);
    shop.run_for(Duration::hours(23)).await;
    for n in 0..10 {
        assert_eq!(shop.truth(&format!("B{n}")).captured, 1000, "B{n}: {}", shop.letters(&format!("B{n}")));
    }
}

#[tokio::test]
async fn invariant_5_past_the_limit_one_capture_is_tried_and_a_person_is_called() {
    let mut shop = shop().await;
    let long_ago = shop.now() - days(22);
    shop.sold(MERCHANT, "A1", Kind::Card, 1000, long_ago, Paid::Yes);
    shop.register(MERCHANT, "A1", "auto").await;
    shop.run_for(days(5)).await;
    assert_eq!(shop.attempt_states("A1").await, ["C refused"]);
    assert_eq!(shop.alert("capture_overdue").await.expect("an alert").severity, "critical");
    shop.assert_books_agree().await;
}

#[tokio::test]
async fn invariant_5_a_crowd_of_one_minute_is_captured_in_time_and_starves_no_refund() {
    const CROWD: usize = 300;
    let mut shop = Shop::open(at("2026-08-03 12:00:00"), |setup| {
        setup.gateway.min_interval = StdDuration::from_millis(200);
        setup.policy.poll_authorized = days(10);
    })
    .await;
    shop.order_captured("OTHER", 1000).await;
    let sold_at = shop.now();
    for n in 0..CROWD {
        let moment = sold_at + Duration::milliseconds(i64::try_from(n).expect("small") * 150);
        shop.sold(MERCHANT, &format!("A{n}"), Kind::Card, 100, moment, Paid::Yes);
        shop.register(MERCHANT, &format!("A{n}"), "auto").await;
    }
    // First looks of all: a refund that comes among them does not wait for them.
    shop.refund("OTHER", Some(10), "among looks").await;
    let asked_at = shop.now().timestamp();
    shop.settle().await;
    let refund = shop.sent("OTHER")[0].stamp_s - asked_at;
    assert!(refund < 10 && (shop.now().timestamp() - asked_at) > 60, "the refund waited for {refund} s");
    shop.run_until(sold_at + days(19) - Duration::seconds(1)).await;
    let early = (0..CROWD).filter(|n| shop.truth(&format!("A{n}")).captured > 0).count();
    assert!(early > CROWD / 2, "a crowd is spread to minutes before its deadline: {early}");
    shop.refund("OTHER", Some(10), "among captures").await;
    shop.run_until(sold_at + days(19) + minutes(5)).await;
    shop.assert_done("among captures", 10, "R").await;
    for n in 0..CROWD {
        let truth = shop.truth(&format!("A{n}"));
        let (authorization, captured) = (&truth.authorizations[0], truth.captured);
        assert_eq!(captured, 100, "A{n}");
        let moved = authorization.authorized_at + days(19) - authorization.rows[0].at;
        assert!(moved < Duration::hours(6) && moved > -minutes(5), "A{n} was captured {moved} early");
    }
    shop.assert_books_agree().await;
}

#[tokio::test]
async fn invariant_5_the_alert_of_a_limited_merchant_tells_of_the_newest_silence() {
    let mut shop = Shop::open(at("2026-08-03 12:00:00"), |_| {}).await;
    shop.strike_looks(OnCall::Any, FaultKind::Forbidden, 1);
    shop.order("A1", Kind::Card, 1000).await;
    shop.settle().await;
    let first = shop.alert("rate_limited").await.expect("an alert");
    shop.strike_looks(OnCall::Any, FaultKind::Forbidden, 1);
    shop.run_for(minutes(31)).await;
    let second = shop.alert("rate_limited").await.expect("an alert");
    assert!(first.message.contains("no calls until 2026-08-03 12:30"), "{first:?}");
    assert!(second.message.contains("no calls until 2026-08-03 13:0"), "{second:?}");
    assert_eq!(first.raised_at, second.raised_at, "raised once");
}

#[tokio::test]
async fn invariant_5_a_limited_merchant_is_left_in_peace_over_a_restart_and_holds_up_no_other() {
    let mut shop = Shop::open(at("2026-08-03 12:00:00"), |setup| setup.merchants.push(other_merchant("2000999"))).await;
    shop.order_captured("A1", 1000).await;
    shop.sleep_until(shop.now() + minutes(2));
    shop.refund("A1", Some(300), "k").await;
    shop.strike_looks(OnCall::Any, FaultKind::Forbidden, 1);
    shop.settle().await;
    let (silent_from, posts) = (shop.now(), shop.wire.posts());
    assert!(shop.alert("rate_limited").await.is_some());
    shop.reopen().await;
    shop.order("A2", Kind::Card, 100).await;
    shop.set_capture("A2", "now").await;
    shop.run_until(silent_from + minutes(29)).await;
    assert_eq!(shop.wire.posts(), posts, "a call during the silence");
    let now = shop.now();
    shop.sold("2000999", "B1", Kind::Card, 500, now, Paid::Yes);
    shop.register("2000999", "B1", "now").await;
    shop.settle().await;
    assert_eq!(shop.truth_of("2000999", "B1").captured, 500);
    shop.run_until(silent_from + minutes(40)).await;
    shop.assert_done("k", 300, "R").await;
    assert_eq!((shop.letters("A2").as_str(), shop.alerts().await), ("C", Vec::new()));
    shop.assert_books_agree().await;
}

#[tokio::test]
async fn invariant_5_after_a_403_only_what_was_in_flight_goes_out() {
    let mut shop = shop().await;
    for n in 0..40 {
        shop.order(&format!("A{n}"), Kind::Card, 100).await;
        shop.refund(&format!("A{n}"), None, &format!("k{n}")).await;
    }
    let merchant_trade_no = Some(number("A20"));
    shop.sim.strike(Fault { merchant_trade_no, ..Fault::any(FaultKind::Forbidden) });
    shop.settle().await;
    assert!(shop.wire.posts() > 20);
    assert_eq!(shop.wire.in_spite_of_403(), 0);
    shop.run_for(minutes(60)).await;
    for n in 0..40 {
        assert_eq!(shop.state(&format!("A{n}")).await, "voided");
    }
}

#[tokio::test]
async fn invariant_5_each_policy_captures_when_it_says() {
    for (policy, auto_close, expected) in [
        (CapturePolicy::Immediate, false, "C"),
        (CapturePolicy::Immediate, true, ""),
        (CapturePolicy::Manual, false, ""),
    ] {
        let mut shop = Shop::open(at("2026-08-03 12:00:00"), |setup| {
            setup.policy.capture = policy;
            setup.merchants[0].at_bank.daily_auto_close = auto_close;
        })
        .await;
        shop.order("A1", Kind::Card, 1000).await;
        shop.order("HELD", Kind::Card, 1000).await;
        shop.set_capture("HELD", "hold").await;
        shop.run_for(days(2)).await;
        assert_eq!(shop.letters("A1"), expected, "{policy:?}, auto close {auto_close}");
        assert_eq!(shop.letters("HELD"), "");
        if policy == CapturePolicy::Manual {
            shop.set_capture("A1", "now").await;
            shop.settle().await;
            assert_eq!(shop.letters("A1"), "C");
        }
        shop.assert_books_agree().await;
    }
}
