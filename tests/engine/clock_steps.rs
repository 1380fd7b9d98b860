//! Our clock is set back and forth by an hour, at any moment; the gateway's is right all the time.

use std::time::Duration as StdDuration;

use chrono::{DateTime, Duration, Utc};
use ecpayd::domain::action::Action;
use ecpayd::domain::calendar::taipei;
use ecpayd::domain::policy::CapturePolicy;
use ecpayd::ledger::ClockSeen;
use ecpayd::simulator::FaultKind;
use ecpayd::simulator::bank::{By, Kind};
use fastrand::Rng;

use crate::harness::{Shop, at, days, minutes};

const ORDERS: usize = 18;

/// Steps of the clock in one life.
const STEPS: usize = 40;

/// What the daemon does each minute, and lives on for a while of true time.
async fn live(shop: &mut Shop, time: Duration) {
    let now = shop.now();
    shop.ledger().write(ClockSeen { now }).await.expect("the ledger holds");
    shop.run_for(time).await;
}

/// Somewhere in the middle of the daemon's work: it is set while calls are under way.
async fn step_at_any_moment(shop: &Shop, rng: &mut Rng, by: Duration) {
    let moment = StdDuration::from_micros(rng.u64(0..8000));
    let set = async {
        tokio::time::sleep(moment).await;
        shop.step_clock(by);
    };
    tokio::join!(shop.settle(), set);
}

/// A part of every third, all of every third, nothing of the rest.
async fn ask_for_refunds(shop: &mut Shop, rng: &mut Rng, asked: &mut [bool]) {
    for (n, asked) in asked.iter_mut().enumerate().filter(|(n, asked)| n % 3 != 2 && !**asked) {
        if rng.u8(0..6) == 0 {
            let amount = if n % 3 == 0 { Some(300) } else { None };
            shop.refund(&format!("S{n}"), amount, &format!("rma-{n}")).await;
            *asked = true;
        }
    }
}

fn in_the_window(moment: DateTime<Utc>) -> bool {
    let time = taipei(moment).format("%H:%M:%S").to_string();
    ("20:15:00".."20:30:00").contains(&time.as_str())
}

async fn play(seed: u64) {
    let mut rng = Rng::with_seed(seed);
    let mut shop = Shop::open(at("2026-08-03 19:15:00"), |setup| {
        setup.policy.capture = CapturePolicy::Immediate;
        setup.policy.poll_settling = Duration::hours(1);
    })
    .await;
    let mut asked = [false; ORDERS];
    let (mut sold, mut steps) = (0, 0);
    while sold < ORDERS || steps < STEPS || !asked.iter().enumerate().all(|(n, asked)| *asked || n % 3 == 2) {
        if sold < ORDERS {
            shop.order(&format!("S{sold}"), Kind::Card, 1000).await;
            sold += 1;
        }
        ask_for_refunds(&mut shop, &mut rng, &mut asked[..sold]).await;
        let fault = [FaultKind::LostAfter, FaultKind::LostBefore, FaultKind::Delayed { s: 300 }];
        if steps < STEPS / 2 && rng.u8(0..3) == 0 {
            shop.strike(Action::ALL[rng.usize(0..4)], fault[rng.usize(0..3)], 1);
        }
        let ahead = shop.ahead();
        // An hour ahead, an hour behind, or right again; as often as not it is put right.
        let wanted = [minutes(0), minutes(0), minutes(60), minutes(-60)][rng.usize(0..4)];
        step_at_any_moment(&shop, &mut rng, wanted - ahead).await;
        steps += 1;
        // What is sold falls about the closing window, by either clock; the rest crosses it again.
        let longest = if sold < ORDERS { 12 } else { 90 };
        live(&mut shop, minutes(rng.i64(1..longest))).await;
    }
    shop.step_clock(-shop.ahead());
    live(&mut shop, days(2)).await;

    for n in 0..ORDERS {
        let no = format!("S{n}");
        let truth = shop.truth(&no);
        let told = format!("seed {seed}, {no}: {truth:?}");
        match n % 3 {
            0 => assert_eq!((truth.captured, truth.refunded), (1000, 300), "{told}"),
            1 => assert!(truth.void || truth.refunded == 1000, "{told}"),
            _ => assert_eq!((truth.captured, truth.refunded), (1000, 0), "{told}"),
        }
        if n % 3 != 2 {
            assert_eq!(shop.refund_state(&format!("rma-{n}")).await, "done", "{told}");
        }
    }
    let late: Vec<_> = shop.sim.with_bank(|bank, _| {
        let of_api = bank.actions().iter().filter(|a| a.by == By::Api && in_the_window(a.at));
        of_api.map(|a| (a.merchant_trade_no.to_string(), a.action, a.at)).collect()
    });
    // A request that was held up on the way may arrive within it; none was sent there.
    let late = late.into_iter().filter(|(no, action, at)| {
        let stamps = shop.sent(no).into_iter().filter(|s| s.action == *action).map(|s| s.stamp_s);
        !stamps.into_iter().any(|stamp| (1..=300).contains(&(at.timestamp() - stamp)))
    });
    assert_eq!(late.collect::<Vec<_>>(), Vec::new(), "seed {seed}: calls in the closing window by the gateway's clock");
    shop.assert_books_agree().await;
}

#[tokio::test]
async fn a_clock_that_steps_by_an_hour_at_any_moment_moves_no_money_twice_and_none_in_the_window() {
    // ECPAYD_CLOCKS=20 plays more of them.
    let lives = std::env::var("ECPAYD_CLOCKS").map_or(2, |n| n.parse().expect("a number"));
    for seed in 0..lives {
        play(seed).await;
    }
}
