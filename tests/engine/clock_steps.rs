//! Our clock is set back and forth by an hour, at any moment; the gateway's is right all the time.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration as StdDuration;

use chrono::{DateTime, Duration, Utc};
use ecpayd::domain::action::Action;
use ecpayd::domain::action::Leave;
use ecpayd::domain::calendar::taipei;
use ecpayd::domain::policy::CapturePolicy;
use ecpayd::engine::{Clock, ManualClock};
use ecpayd::gateway::transport::{Posted, Purpose, Transport};
use ecpayd::ledger::ClockSeen;
use ecpayd::simulator::FaultKind;
use ecpayd::simulator::bank::{By, Kind, Paid};
use fastrand::Rng;

use crate::harness::{MERCHANT, Shop, at, days, minutes};
use crate::ledger::{AddOrder, LedgerHandle};
use crate::wire::Wire;

const ORDERS: usize = 18;

/// Steps of the clock in one life.
const STEPS: usize = 40;

/// What the daemon does each minute, and lives on for a while of true time.
async fn live(shop: &mut Shop, time: Duration) {
    let now = shop.now();
    shop.ledger().write(ClockSeen { now, passed: true }).await.expect("the ledger holds");
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

json_only! {
    #[tokio::test]
    async fn a_clock_that_steps_by_an_hour_at_any_moment_moves_no_money_twice_and_none_in_the_window() {
        // ECPAYD_CLOCKS=20 plays more of them.
        let lives = std::env::var("ECPAYD_CLOCKS").map_or(2, |n| n.parse().expect("a number"));
        for seed in 0..lives {
            play(seed).await;
        }
    }
}

/// Something happens to the machine while the next money call connects.
struct Connecting {
    wire: Arc<Wire>,
    meanwhile: Mutex<Option<Box<dyn FnOnce() + Send>>>,
}

impl Transport for Connecting {
    fn post<'a>(&'a self, url: &'a str, body: Vec<u8>, purpose: Purpose) -> Posted<'a> {
        self.wire.post(url, body, purpose)
    }

    fn post_money<'a>(&'a self, url: &'a str, body: Vec<u8>, leave: Leave) -> Posted<'a> {
        if let Some(meanwhile) = self.meanwhile.lock().unwrap_or_else(PoisonError::into_inner).take() {
            meanwhile();
        }
        self.wire.post_money(url, body, leave)
    }
}

/// What became of the attempts to capture one order, when this happened during the first.
async fn captured_while(start: &str, meanwhile: fn(&ManualClock)) -> String {
    let mut shop = Shop::open(at(start), |_| {}).await;
    let clock = shop.clock();
    let moved: Box<dyn FnOnce() + Send> = Box::new({
        let clock = clock.clone();
        move || meanwhile(&clock)
    });
    let transport = Arc::new(Connecting { wire: shop.wire.clone(), meanwhile: Mutex::new(Some(moved)) });
    shop.stage.settings.database_path.set_extension("other");
    let engine = shop.stage.daemon_over(transport).await.expect("the daemon starts");
    shop.sold(MERCHANT, "A1", Kind::Card, 1000, shop.now(), Paid::Yes);
    let sql = LedgerHandle::open(&shop.stage.settings.database_path);
    let order = AddOrder { merchant: MERCHANT, no: "A1", capture: Some("now"), ..AddOrder::default() };
    sql.order(&order).expect("a new order");
    for _ in 0..3 {
        shop.stage.settle(&engine).await.expect("the ledger holds");
        clock.advance_to(clock.now() + minutes(10));
    }
    let calls = shop.sim.with_bank(|bank, _| bank.actions().len());
    let attempts = "SELECT group_concat(state || ' ' || text, ', ') FROM (SELECT * FROM attempts ORDER BY id)";
    let attempts: String = sql.value(attempts, ());
    format!("{attempts}; {calls} at the bank")
}

#[tokio::test]
async fn a_money_call_of_a_machine_that_slept_or_whose_clock_was_set_on_the_way_does_not_go_out() {
    for (start, meanwhile, became) in [
        ("2026-08-03 12:00:00", (|_| {}) as fn(&ManualClock), "applied ; 1 at the bank"),
        (
            "2026-08-03 12:00:00",
            |clock| clock.advance_to(clock.now() + Duration::seconds(9)),
            "applied ; 1 at the bank",
        ),
        (
            "2026-08-03 12:00:00",
            |clock| clock.advance_to(clock.now() + Duration::seconds(16)),
            "not_sent on its way: that took 16 s, and the plan is old, applied ; 1 at the bank",
        ),
        // Suspended, and the civil clock was not put right yet.
        (
            "2026-08-03 12:00:00",
            |clock| clock.suspend(Duration::hours(2)),
            "not_sent on its way: the clock was set by -7200 s meanwhile, applied ; 1 at the bank",
        ),
        (
            "2026-08-03 12:00:00",
            |clock| clock.step(Duration::seconds(4)),
            "not_sent on its way: the clock was set by 4 s meanwhile, applied ; 1 at the bank",
        ),
    ] {
        assert_eq!(captured_while(start, meanwhile).await, became, "{start}");
    }
}

#[tokio::test]
async fn a_money_call_does_not_go_out_when_the_closing_window_has_come_near_on_the_way() {
    let became =
        captured_while("2026-08-03 20:12:55", |clock| clock.advance_to(clock.now() + Duration::seconds(9))).await;
    assert!(became.starts_with("not_sent on its way: "), "{became}");
    assert!(became.ends_with("applied ; 1 at the bank"), "{became}");
}
