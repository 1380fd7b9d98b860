//! Invariant 3: no DoAction inside the closing window, nor one whose answer or second step could fall into it.
//!
//! That nothing at all was begun between 20:13 and 20:32 is asserted by every `assert_books_agree`.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use chrono::{DateTime, Duration, Utc};
use ecpayd::domain::action::Action;
use ecpayd::engine::{Clock, ManualClock};
use ecpayd::rehearsal::Setup;
use ecpayd::simulator::FaultKind;
use ecpayd::simulator::bank::{Kind, Paid};

use crate::harness::{MERCHANT, Shop, at, days, minutes};
use crate::wire::Death;

async fn auto_closing(start: &str) -> Shop {
    Shop::open(at(start), |setup| setup.merchants[0].at_bank.daily_auto_close = true).await
}

/// When the first money call of an order left, in Taipei.
fn first_sent(shop: &Shop, no: &str) -> String {
    let stamp = shop.sent(no).first().expect("a call").stamp_s;
    let utc = chrono::DateTime::from_timestamp(stamp, 0).expect("a time");
    ecpayd::domain::calendar::show(utc)
}

json_only! {
    #[tokio::test]
    async fn invariant_3_a_call_back_whose_abandon_could_fall_into_the_window_waits_for_its_end() {
        // With calls of up to a minute, E, a look and N may last until 20:15:00 from 20:10:00 on.
        let mut shop = Shop::open(at("2026-08-03 20:00:00"), |setup| setup.policy.timeout = Duration::seconds(60)).await;
        shop.order_to_be_captured("LATE", Kind::Card, 1000).await;
        shop.sleep_until(at("2026-08-03 20:10:01"));
        shop.refund("LATE", None, "k").await;
        shop.settle().await;
        assert_eq!(shop.letters("LATE"), "");
        let refund = shop.refund_row("k").await;
        assert!(refund.state == "waiting" && refund.detail.contains("closing window"), "{refund:?}");
        shop.run_until(at("2026-08-03 21:00:00")).await;
        shop.assert_done("k", 1000, "E+N").await;
        assert_eq!(first_sent(&shop, "LATE"), "2026-08-03 20:32:00");
        shop.assert_books_agree().await;
    }
}

#[tokio::test]
async fn invariant_3_single_steps_go_out_until_the_guard_and_not_after() {
    let mut shop = Shop::open(at("2026-08-03 20:12:40"), |_| {}).await;
    shop.order("C1", Kind::Card, 100).await;
    shop.order_to_be_captured("E1", Kind::Card, 100).await;
    shop.refund("E1", None, "e").await;
    shop.set_capture("C1", "now").await;
    shop.settle().await;
    assert_eq!((shop.letters("C1").as_str(), shop.letters("E1").as_str()), ("C", ""));
    shop.sleep_until(at("2026-08-03 20:13:00"));
    shop.order("C2", Kind::Card, 100).await;
    shop.set_capture("C2", "now").await;
    shop.captured_in_the_past("R1", 100).await;
    shop.refund("R1", Some(40), "r").await;
    shop.order("N1", Kind::Card, 100).await;
    shop.refund("N1", None, "n").await;
    shop.run_until(at("2026-08-03 20:31:59")).await;
    assert_eq!(["C2", "R1", "N1", "E1"].map(|no| shop.letters(no)), ["", "", "", ""]);
    shop.run_until(at("2026-08-03 20:40:00")).await;
    assert_eq!(["C2", "R1", "N1", "E1"].map(|no| shop.letters(no)), ["C", "R", "N", "EN"]);
    shop.assert_books_agree().await;
}

#[tokio::test]
async fn invariant_3_deadlines_that_fall_into_the_window_are_captured_around_it_and_in_time() {
    let mut shop = Shop::open(at("2026-08-03 20:10:00"), |_| {}).await;
    for minute in 10..35 {
        let sold_at = at("2026-08-03 20:00:00") + minutes(minute);
        shop.sleep_until(sold_at);
        shop.order(&format!("A{minute}"), Kind::Card, 100).await;
    }
    shop.run_for(days(21)).await;
    for minute in 10..35 {
        let truth = shop.truth(&format!("A{minute}"));
        let row = &truth.authorizations[0].rows[0];
        assert!(row.at < truth.authorizations[0].authorized_at + days(21), "{truth:?}");
        assert_eq!(truth.captured, 100);
    }
    shop.assert_books_agree().await;
}

#[tokio::test]
async fn invariant_3_a_closing_between_call_back_and_abandon_is_seen_and_planned_anew() {
    let mut shop = auto_closing("2026-08-03 20:05:00").await;
    shop.terms(|terms| terms.closes_called_back = true);
    shop.order_to_be_captured("A1", Kind::Card, 1000).await;
    shop.sleep_until(at("2026-08-03 20:09:00"));
    shop.refund("A1", None, "k").await;
    shop.strike(Action::N, FaultKind::LostBefore, 1);
    shop.run_until(at("2026-08-03 20:31:00")).await;
    // The evening's run has captured the order again, and nothing was sent meanwhile.
    assert_eq!((shop.letters("A1").as_str(), shop.truth("A1").captured), ("EN", 1000));
    // What the closing took is called back in the morning at the earliest; by then the bank has claimed it.
    shop.run_until(at("2026-08-04 05:59:00")).await;
    assert_eq!(shop.letters("A1"), "EN");
    shop.run_until(at("2026-08-04 06:30:00")).await;
    shop.assert_done("k", 1000, "R").await;
    assert_eq!(shop.letters("A1"), "ENR");
    shop.assert_books_agree().await;
}

#[tokio::test]
async fn invariant_3_an_order_captured_again_overnight_is_refunded_by_r() {
    let mut shop = auto_closing("2026-08-03 20:05:00").await;
    shop.terms(|terms| terms.closes_called_back = true);
    shop.order_to_be_captured("A1", Kind::Card, 1000).await;
    shop.sleep_until(at("2026-08-03 20:09:00"));
    shop.refund("A1", None, "k").await;
    // E, the look after it, and the daemon is gone before N until the next morning.
    shop.wire.die_at(4, Death::BeforeSending);
    assert!(shop.settle_or_die().await);
    assert_eq!(shop.letters("A1"), "E");
    shop.sleep_until(at("2026-08-04 10:00:00"));
    shop.reopen().await;
    shop.run_for(minutes(60)).await;
    shop.assert_done("k", 1000, "R").await;
    assert_eq!((shop.letters("A1").as_str(), shop.truth("A1").refunded), ("ER", 1000));
    shop.assert_books_agree().await;
}

#[tokio::test]
async fn invariant_3_what_was_seen_before_the_closing_decides_nothing_after_it() {
    let mut shop = auto_closing("2026-08-03 19:00:00").await;
    shop.order("A1", Kind::Card, 1000).await;
    shop.settle().await;
    assert_eq!(shop.state("A1").await, "authorized");
    shop.sleep_until(at("2026-08-03 20:32:05"));
    shop.refund("A1", None, "k").await;
    shop.run_for(minutes(5)).await;
    // The vendor has captured it at 20:15: N would have been refused, and E has to wait for the morning.
    assert_eq!(shop.letters("A1"), "");
    shop.run_until(at("2026-08-04 06:30:00")).await;
    assert_eq!(shop.letters("A1"), "R");
    shop.assert_done("k", 1000, "R").await;
    shop.assert_books_agree().await;
}

#[tokio::test]
async fn invariant_3_an_order_that_the_vendor_closes_is_not_captured_by_us() {
    let mut shop = auto_closing("2026-08-03 12:00:00").await;
    shop.order("A1", Kind::Card, 1000).await;
    shop.run_for(days(22)).await;
    assert_eq!((shop.letters("A1").as_str(), shop.state("A1").await.as_str()), ("", "captured"));
    assert_eq!(shop.alerts().await, []);
    shop.assert_books_agree().await;
}

impl Shop {
    /// Registered now; captured and claimed two days ago.
    async fn captured_in_the_past(&mut self, no: &str, amount: i64) {
        let sold_at = self.now() - days(2);
        self.sold(MERCHANT, no, Kind::UnionPay, amount, sold_at, Paid::Yes);
        self.register(MERCHANT, no, "auto").await;
    }
}

/// Jumps ahead at one of its readings, as time does for a process that was not given any.
struct Jumping {
    clock: Arc<ManualClock>,
    readings: AtomicUsize,
    jumps_at: usize,
    by: Duration,
}

impl Clock for Jumping {
    fn now(&self) -> DateTime<Utc> {
        if self.readings.fetch_add(1, Ordering::Relaxed) == self.jumps_at {
            self.clock.step(self.by);
        }
        self.clock.now()
    }

    fn sleep(&self, pause: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        self.clock.sleep(pause)
    }
}

json_only! {
    /// ECPay's clock is ahead of ours and decides: wherever the daemon loses nine seconds, no call leaves
    /// so late that its answer could come within ECPay's closing.
    #[tokio::test]
    async fn invariant_3_a_call_that_was_held_up_after_its_plan_is_checked_by_both_clocks_once_more() {
        let start = at("2026-08-03 20:10:25");
        let (mut sent, mut waited) = (0, 0);
        for jumps_at in 0.. {
            let one_lane = |setup: &mut Setup| {
                setup.policy.window.guard = Duration::zero();
                setup.merchants[0].vouchers = false;
            };
            let mut shop = Shop::open(start, one_lane).await;
            shop.captured_in_the_past("A1", 1000).await;
            shop.refund("A1", Some(300), "k").await;
            shop.skew(240);
            let clock = Jumping { clock: shop.clock(), readings: AtomicUsize::new(0), jumps_at, by: Duration::seconds(9) };
            let clock = Arc::new(clock);
            shop.reopen_with(clock.clone()).await;
            shop.settle().await;
            if clock.readings.load(Ordering::Relaxed) <= jumps_at {
                break;
            }
            let refunds = shop.truth("A1").authorizations[0].rows.iter().filter(|row| row.amount < 0).count();
            for action in shop.sim.with_bank(|bank, _| bank.actions().to_vec()).iter().filter(|a| a.action == Action::R) {
                let seconds = (action.at - at("2026-08-03 20:14:30")).num_seconds();
                assert!(seconds <= 0, "jump at reading {jumps_at}: sent {seconds} s too late");
            }
            if refunds == 0 { waited += 1 } else { sent += 1 }
        }
        assert!(sent > 0 && waited > 0, "{sent} sent, {waited} waited");
    }
}
