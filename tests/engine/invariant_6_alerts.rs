//! Invariant 6: no order comes near day 80 without alerts that grew louder.

use ecpayd::domain::action::Action;
use ecpayd::domain::record::{Kept, Wanted};
use ecpayd::ledger::{LedgerError, MerchantTerms, Reconcile};
use ecpayd::simulator::bank::{Kind, Paid};
use ecpayd::simulator::{Fault, FaultKind, OnCall};

use crate::books::civil;
use crate::harness::{MERCHANT, Shop, at, days, shop};
use crate::wire::settling;

type Stage = (String, String, String, Option<i64>, Option<i64>);

#[tokio::test]
async fn invariant_6_an_order_on_hold_is_told_ever_louder_until_it_expires() {
    let mut shop = shop().await;
    shop.order("A1", Kind::Card, 1000).await;
    shop.set_capture("A1", "hold").await;
    shop.run_until(at("2026-10-29 12:00:00")).await;
    let stages = "SELECT stage, severity, strftime('%Y-%m-%d %H:%M:%S', raised_at / 1000 + 28800, 'unixepoch'), days_left, closed_at
                    FROM alerts WHERE kind = 'expiring' ORDER BY id";
    let told: Vec<Stage> = shop.sql.rows(stages, (), |row| row.all());
    let short: Vec<(&str, &str, i64)> = told
        .iter()
        .map(|(stage, severity, _, left, _)| (stage.as_str(), severity.as_str(), left.unwrap_or(-1)))
        .collect();
    assert_eq!(
        short,
        [
            ("day 60", "notice", 30),
            ("day 70", "warning", 20),
            ("day 75", "critical", 15),
            ("day 78", "critical", 12),
            ("day 79", "critical", 11),
        ]
    );
    for (stage, _, raised_at, _, closed_at) in &told {
        let day: i64 = stage.trim_start_matches("day ").parse().expect("a day");
        let raised = civil(raised_at);
        let morning = at("2026-08-03 09:00:00") + days(day);
        assert!(
            raised >= morning - days(1) && raised <= morning + chrono::Duration::minutes(1),
            "{stage} at {raised_at}"
        );
        assert_eq!(*closed_at, None, "{stage} closed although the order is still open");
    }
    assert_eq!(shop.letters("A1"), "");
    shop.run_until(at("2026-11-01 11:59:00")).await;
    assert_eq!(shop.state("A1").await, "authorized");
    shop.run_until(at("2026-11-02 12:00:00")).await;
    assert_eq!(shop.state("A1").await, "expired");
    assert_eq!(shop.alert("expired").await.expect("an alert").severity, "critical");
    assert!(shop.alert("expiring").await.is_none());
    shop.assert_books_agree().await;
}

#[tokio::test]
async fn invariant_6_an_order_that_could_not_be_captured_is_told_as_loud() {
    let mut shop = shop().await;
    shop.order("A1", Kind::Card, 1000).await;
    shop.run_until(at("2026-08-20 12:00:00")).await;
    // Away over the capture's time, and again over the last stages, which are raised without a look.
    shop.wire.unplug(true);
    shop.run_until(at("2026-08-25 12:00:00")).await;
    assert_eq!(shop.alert("capture_failing").await.expect("an alert").severity, "critical");
    shop.wire.unplug(false);
    shop.run_until(at("2026-10-19 12:00:00")).await;
    assert_eq!(shop.attempt_states("A1").await, ["C refused"]);
    shop.wire.unplug(true);
    shop.run_until(at("2026-10-22 12:00:00")).await;
    let kinds: Vec<String> = shop.sql.values("SELECT stage FROM alerts WHERE kind = 'expiring' ORDER BY id", ());
    assert_eq!(kinds, ["day 60", "day 70", "day 75", "day 78", "day 79"]);
    assert_eq!(shop.alert("capture_overdue").await.expect("an alert").severity, "critical");
    shop.assert_books_agree().await;
}

#[tokio::test]
async fn invariant_6_alerts_close_by_themselves_when_the_order_is_captured_after_all() {
    let mut shop = shop().await;
    shop.order("A1", Kind::Card, 1000).await;
    shop.set_capture("A1", "hold").await;
    shop.run_until(at("2026-10-14 12:00:00")).await;
    let kinds: Vec<String> = shop.alerts().await.into_iter().map(|a| a.kind).collect();
    assert_eq!(kinds, ["capture_overdue", "expiring", "expiring"]);
    // Past day 21 only the vendor's people can capture; seen here as a void.
    shop.by_hand("A1", ecpayd::domain::action::Action::N, 1000).expect("by hand");
    shop.run_for(days(2)).await;
    assert_eq!(shop.state("A1").await, "voided");
    let kinds: Vec<String> = shop.alerts().await.into_iter().map(|a| a.kind).collect();
    assert_eq!(kinds, ["external_change"]);
}

/// The morning's stages go by what the ledger holds while a look is on its way.
#[tokio::test]
async fn invariant_6_a_stage_raised_during_the_look_that_ends_its_cause_does_not_stay_open() {
    let mut shop = shop().await;
    shop.order("A1", Kind::Card, 1000).await;
    shop.set_capture("A1", "hold").await;
    shop.run_until(at("2026-10-02 08:00:00")).await;
    shop.sleep_until(at("2026-10-02 12:30:00"));
    shop.by_hand("A1", Action::N, 1000).expect("a void");
    shop.wire.hold_next_look();
    tokio::join!(shop.settle(), async {
        shop.wire.held().await;
        assert_eq!(shop.engine().raise_stages().await.expect("the ledger holds"), 1);
        shop.wire.release();
    });
    assert_eq!(shop.state("A1").await, "voided");
    assert!(shop.alert("expiring").await.is_none(), "{:?}", shop.alerts().await);
}

#[tokio::test]
async fn invariant_6_a_stage_made_from_what_is_no_longer_so_changes_no_alert() {
    let mut shop = shop().await;
    shop.order_captured("A1", 1000).await;
    shop.settle().await;
    let stage_of = |loaded: Kept, now| Reconcile {
        order_id: 1,
        merchant_id: loaded.situation.order.merchant_id,
        merchant_trade_no: loaded.situation.order.merchant_trade_no,
        revision: loaded.situation.order.revision,
        looked_at: loaded.situation.observation.map(|o| o.at),
        open: loaded.alerts,
        alerts: Wanted { alerts: Vec::new(), keep_others: false },
        now,
    };
    let before = shop.ledger().load(1, MerchantTerms::default()).await.expect("the order");
    shop.wire.bend(Some(settling));
    shop.refund("A1", Some(300), "k").await;
    shop.settle().await;
    let told = shop.alerts().await;
    assert!(told.iter().any(|a| a.kind == "refund_review"), "{told:?}");
    let stale = shop.ledger().write(stage_of(before, shop.now())).await;
    assert!(matches!(stale, Err(LedgerError::Stale)), "{stale:?}");
    assert_eq!(shop.alerts().await, told);
    let loaded = shop.ledger().load(1, MerchantTerms::default()).await.expect("the order");
    shop.ledger().write(stage_of(loaded, shop.now())).await.expect("what is still so");
    assert_eq!(shop.alerts().await, []);
}

#[tokio::test]
async fn invariant_6_a_crowd_authorized_at_one_instant_is_told_of_to_the_last_order() {
    // More than one page.
    const CROWD: usize = 210;
    let mut shop = Shop::open(at("2026-08-03 12:00:00"), |setup| setup.policy.poll_authorized = days(10)).await;
    let sold_at = shop.now() - days(58);
    for n in 0..CROWD {
        shop.sold(MERCHANT, &format!("A{n}"), Kind::Card, 100, sold_at, Paid::Yes);
        shop.register(MERCHANT, &format!("A{n}"), "hold").await;
    }
    shop.settle().await;
    assert!(shop.alert("expiring").await.is_none());
    shop.sleep_until(sold_at + days(60));
    assert_eq!(shop.engine().raise_stages().await.expect("the ledger holds"), CROWD as u64);
    assert_eq!(shop.engine().raise_stages().await.expect("the ledger holds"), 0);
}

/// A refund that is asked for after day 90 makes the daemon look once more.
#[tokio::test]
async fn invariant_6_an_order_that_was_voided_long_ago_is_no_expired_one_when_it_is_looked_at_again() {
    let mut shop = shop().await;
    shop.order("A1", Kind::Card, 1000).await;
    shop.settle().await;
    shop.by_hand("A1", Action::N, 1000).expect("a void");
    shop.run_for(days(95)).await;
    assert_eq!(shop.state("A1").await, "voided");
    shop.refund("A1", None, "late").await;
    shop.run_for(days(1)).await;
    assert_eq!(shop.refund_state("late").await, "rejected");
    assert_eq!(shop.state("A1").await, "voided");
    assert!(shop.alert("expired").await.is_none());
}

#[tokio::test]
async fn a_note_of_the_shop_takes_no_alert_back_before_a_look() {
    let mut shop = shop().await;
    shop.order("A1", Kind::Card, 1000).await;
    shop.strike(Action::C, FaultKind::Refused, Fault::ENDLESS);
    shop.run_for(days(23)).await;
    let told = shop.alerts().await;
    assert!(told.len() == 1 && told[0].kind == "capture_overdue", "{told:?}");
    shop.strike_looks(OnCall::CardDetail, FaultKind::LostBefore, 1);
    shop.sql.does("UPDATE orders SET memo = 'called ECPay' WHERE merchant_trade_no = 'A1'");
    shop.settle().await;
    for _ in 0..2 {
        assert_eq!(shop.alerts().await, told);
        shop.engine().raise_stages().await.expect("the ledger holds");
    }
    shop.run_for(days(1)).await;
    assert_eq!(shop.alerts().await, told);
}

#[tokio::test]
async fn a_note_on_an_order_that_is_over_costs_no_call() {
    let mut shop = shop().await;
    shop.order_captured("A1", 1000).await;
    shop.settle().await;
    let posts = shop.wire.posts();
    shop.sql.does("UPDATE orders SET memo = 'filed'");
    shop.settle().await;
    assert_eq!(shop.wire.posts(), posts);
}
