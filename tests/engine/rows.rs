//! One row never takes the place of others: rows whose calls alone fail, beside rows that are answered.

use ecpayd::simulator::bank::{Kind, Paid};
use ecpayd::simulator::{Fault, FaultKind, OnCall};

use crate::harness::{MERCHANT, Shop, at, days, minutes, number, shop};

impl Shop {
    /// From now on each call for this order is struck, without end.
    fn strike_order(&self, no: &str, call: OnCall, kind: FaultKind) {
        let no = Some(number(no));
        self.sim.strike(Fault { call, merchant_trade_no: no, times: Fault::ENDLESS, ..Fault::any(kind) });
    }

    /// An order with a refund whose looks alone fail.
    async fn refund_that_is_never_looked_at(&mut self, no: &str) {
        self.order_to_be_captured(no, Kind::Card, 1000).await;
        self.strike_order(no, OnCall::Any, FaultKind::Status { code: 500 });
        self.refund(no, Some(300), no).await;
    }

    /// How often its calls brought the merchant a silence.
    async fn silences(&mut self) -> i64 {
        self.sql.value("SELECT count(*) FROM events WHERE kind = 'rate_limited'", ())
    }

    async fn alert_of(&mut self, no: &str, kind: &str) -> Option<String> {
        let of_order = |a: &crate::books::AlertRow| a.kind == kind && a.merchant_trade_no.as_deref() == Some(no);
        self.alerts().await.into_iter().find(of_order).map(|a| format!("{}: {}", a.severity, a.message))
    }
}

#[tokio::test]
async fn an_order_whose_looks_alone_fail_keeps_no_other_from_its_capture() {
    let mut shop = shop().await;
    shop.order("A1", Kind::Card, 1000).await;
    let limit = shop.now() + days(21);
    shop.settle().await;
    shop.run_until(limit - days(2)).await;
    shop.refund_that_is_never_looked_at("X1").await;
    shop.run_until(limit - minutes(30)).await;
    assert_eq!(shop.truth("A1").captured, 1000);
    assert_ne!(shop.refund_state("X1").await, "done");
    assert!(shop.alert("gateway_down").await.is_none(), "the gateway answers");
    // Where nothing stands in its way any more, it is done within the hour that it rests at most.
    shop.sim.clear_faults();
    shop.run_for(minutes(61)).await;
    shop.assert_done("X1", 300, "R").await;
    shop.assert_books_agree().await;
}

/// Enough to be due at each probe, however long each rests.
#[tokio::test]
async fn many_orders_that_fail_by_themselves_leave_the_others_a_probe() {
    let mut shop = shop().await;
    for n in 0..20 {
        shop.order_to_be_captured(&format!("X{n}"), Kind::Card, 1000).await;
    }
    for n in 0..20 {
        shop.strike_order(&format!("X{n}"), OnCall::Any, FaultKind::Status { code: 500 });
        shop.refund(&format!("X{n}"), Some(300), &format!("X{n}")).await;
    }
    shop.run_for(minutes(300)).await;
    assert!(shop.alert("gateway_down").await.is_some(), "nobody is answered");
    shop.order("A1", Kind::Card, 1000).await;
    shop.set_capture("A1", "now").await;
    shop.run_for(minutes(10)).await;
    assert_eq!(shop.truth("A1").captured, 1000);
    assert!(shop.alert("gateway_down").await.is_none(), "the gateway answers");
    // What is known to fail by itself puts the lane down no more.
    shop.run_for(days(1)).await;
    assert!(shop.alert("gateway_down").await.is_none());
}

#[tokio::test]
async fn an_order_that_alone_brings_403_is_set_aside_and_the_others_go_on() {
    let mut shop = shop().await;
    shop.order_to_be_captured("X1", Kind::Card, 1000).await;
    shop.strike_order("X1", OnCall::Any, FaultKind::Forbidden);
    shop.refund("X1", Some(300), "k").await;
    for n in 0..8 {
        shop.order(&format!("A{n}"), Kind::Card, 1000).await;
        shop.set_capture(&format!("A{n}"), "now").await;
        shop.run_for(minutes(60)).await;
        assert_eq!(shop.truth(&format!("A{n}")).captured, 1000, "{n}");
    }
    let told = shop.alert_of("X1", "rate_limited").await.expect("an alert");
    assert!(told.starts_with("warning: the gateway answers calls for this order alone with http 403"), "{told}");
    let silences = shop.silences().await;
    assert!((3..=6).contains(&silences), "{silences}");

    // A day, then longer: two more in the next four days.
    shop.run_for(days(4)).await;
    assert!(shop.silences().await <= silences + 2);
    assert!(shop.alert_of("X1", "rate_limited").await.is_some());
    // The shop's write wakes it; one more 403 and it rests again.
    let silences = shop.silences().await;
    shop.set_capture("X1", "hold").await;
    shop.run_for(days(1)).await;
    assert_eq!(shop.silences().await, silences + 1);
    assert!(shop.alert_of("X1", "rate_limited").await.is_some());

    shop.sim.clear_faults();
    shop.set_capture("X1", "auto").await;
    shop.run_for(minutes(5)).await;
    assert_eq!(shop.alert_of("X1", "rate_limited").await, None);
    shop.assert_done("k", 300, "R").await;
    shop.assert_books_agree().await;
}

#[tokio::test]
async fn an_order_whose_money_calls_alone_bring_403_is_set_aside_and_tried_up_to_the_end_of_its_time() {
    let mut shop = shop().await;
    shop.order("X1", Kind::Card, 1000).await;
    let limit = shop.now() + days(21);
    shop.settle().await;
    shop.run_until(limit - days(3)).await;
    shop.order("B1", Kind::Card, 1000).await;
    shop.settle().await;
    shop.strike_order("X1", OnCall::DoAction, FaultKind::Forbidden);
    shop.set_capture("X1", "now").await;
    for n in 0..12 {
        shop.order(&format!("A{n}"), Kind::Card, 1000).await;
        shop.set_capture(&format!("A{n}"), "now").await;
        shop.run_for(minutes(60)).await;
    }
    // Which of two calls that were under way together is to blame is not known at first.
    for n in 0..11 {
        assert_eq!(shop.truth(&format!("A{n}")).captured, 1000, "{n}");
    }
    assert!(shop.alert_of("X1", "rate_limited").await.is_some());
    assert!(shop.silences().await <= 6, "{}", shop.silences().await);
}

#[tokio::test]
async fn beside_many_rows_that_fail_at_least_half_of_the_calls_are_for_those_that_are_answered() {
    let mut shop = Shop::open(at("2026-08-03 12:00:00"), |setup| setup.gateway.concurrency = 1).await;
    for n in 0..30 {
        shop.order(&format!("A{n}"), Kind::Card, 1000).await;
    }
    shop.settle().await;
    for n in 0..30 {
        shop.refund_that_is_never_looked_at(&format!("X{n}")).await;
        // Somebody is answered in between: the lane is up.
        shop.sold(MERCHANT, &format!("B{n}"), Kind::Card, 1000, shop.now(), Paid::Yes);
        shop.register(MERCHANT, &format!("B{n}"), "hold").await;
        shop.settle().await;
    }
    shop.run_for(minutes(240)).await;
    let failing = "SELECT count(*) FROM order_state WHERE failing = 1";
    assert_eq!(shop.sql.value::<i64>(failing, ()), 30);

    // All are due at once.
    let before = shop.wire.asked().len();
    shop.sql.does("UPDATE orders SET memo = 'looked at again'");
    shop.settle().await;

    let asked = shop.wire.asked().split_off(before);
    let last_sound = asked.iter().rposition(|no| !no.starts_with('X')).expect("a call");
    let (mut sound, mut failing) = (0, 0);
    for no in &asked[..=last_sound] {
        *(if no.starts_with('X') { &mut failing } else { &mut sound }) += 1;
        assert!(failing <= sound + 1, "{failing} beside {sound}");
    }
    assert!(sound >= 60 && failing >= 25, "{failing} beside {sound}: each has its half");
    assert_eq!(asked.iter().filter(|no| no.starts_with('X')).count(), 30, "each is tried once");
}

/// With no other order to be asked in between, nothing says that it is the order that brings it.
#[tokio::test]
async fn an_order_whose_every_look_is_answered_with_403_is_told_of_though_nobody_knows_whose_fault_it_is() {
    let mut shop = shop().await;
    shop.sold(MERCHANT, "X1", Kind::Card, 1000, shop.now(), Paid::No);
    shop.sql.add_order("X1");
    shop.settle().await;
    assert_eq!(shop.sql.ask("SELECT state FROM order_status"), "unpaid");
    shop.strike_order("X1", OnCall::Any, FaultKind::Forbidden);
    shop.run_for(days(4)).await;
    let told = shop.alert_of("X1", "unknown_status").await.expect("it is told of");
    assert!(told.starts_with("warning: ") && told.contains("403"), "{told}");
    shop.sim.clear_faults();
    shop.run_for(days(2)).await;
    assert_eq!(shop.alert_of("X1", "unknown_status").await, None, "looked at again");
}
