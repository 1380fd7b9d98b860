//! What a lane needs to begin a step, and what becomes of the daemon when one ends by itself.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration as StdDuration;

use chrono::{DateTime, Duration, Utc};
use ecpayd::domain::ids::MerchantId;
use ecpayd::engine::{Clock, Engine, LaneSettings, Merchant, Shared, StatementPace, Tally};
use ecpayd::gateway::Access;
use ecpayd::gateway::transport::{Posted, Purpose, Transport};
use ecpayd::gateway::wire::cipher::Keys;
use ecpayd::ledger::Ledger;
use ecpayd::rehearsal::Setup;
use ecpayd::simulator::bank::{Kind, Paid};
use tokio::sync::{Notify, watch};

use crate::harness::{MERCHANT, Shop, at, other_merchant};
use crate::ledger::{AddOrder, LedgerHandle};
use crate::wire::Wire;

/// Longer than anything takes here; a bound, so that what never ends fails.
const PATIENCE: StdDuration = StdDuration::from_secs(60);

/// Panics once, in whichever lane asks it first.
struct Failing {
    now: DateTime<Utc>,
    fails: AtomicBool,
}

impl Clock for Failing {
    fn now(&self) -> DateTime<Utc> {
        assert!(!self.fails.swap(false, Ordering::SeqCst), "a bug");
        self.now
    }

    fn sleep(&self, _: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(tokio::task::yield_now())
    }
}

/// A daemon on a ledger of its own.
async fn daemon(shop: &mut Shop, clock: &Arc<Failing>, transport: Arc<dyn Transport>) -> Engine {
    shop.stage.settings.database_path.set_extension("other");
    let daemon = ecpayd::daemon::open(&shop.stage.settings, clock.clone(), transport);
    daemon.await.expect("the daemon starts")
}

async fn opened(change: impl FnOnce(&mut Setup)) -> (Shop, Arc<Failing>) {
    let shop = Shop::open(at("2026-08-03 12:00:00"), change).await;
    let clock = Arc::new(Failing { now: shop.now(), fails: AtomicBool::new(false) });
    (shop, clock)
}

/// One merchant would be looked after by nobody, and the process would look well.
#[tokio::test]
async fn a_lane_that_ends_by_itself_ends_the_daemon_with_an_error() {
    let (mut shop, clock) = opened(|s| s.merchants.push(other_merchant("3000001"))).await;
    let wire = shop.wire.clone();
    let engine = daemon(&mut shop, &clock, wire).await;
    let (wake, woken) = watch::channel(0);
    let stopping = watch::Sender::new(false);

    let (ended, ()) = tokio::join!(tokio::time::timeout(PATIENCE, engine.run(&woken, &stopping)), async {
        clock.fails.store(true, Ordering::SeqCst);
        wake.send_replace(1);
    });

    let error = ended.expect("the other lanes stop too").expect_err("a lane has ended");
    assert!(error.to_string().starts_with("a bug in ecpayd has ended its work for merchant 300"), "{error}");
    assert!(*stopping.borrow(), "the daemon's loop sees it");
}

/// Money calls are on their way until they are let go.
struct Slow {
    wire: Arc<Wire>,
    sent: Notify,
    let_go: Notify,
}

impl Transport for Slow {
    fn post<'a>(&'a self, url: &'a str, body: Vec<u8>, purpose: Purpose) -> Posted<'a> {
        Box::pin(async move {
            if purpose == Purpose::Money {
                self.sent.notify_one();
                self.let_go.notified().await;
            }
            self.wire.post(url, body, purpose).await
        })
    }
}

#[tokio::test]
async fn a_lane_that_ends_by_itself_finishes_its_calls_in_flight() {
    // One lane, so that it is this one that fails.
    let (mut shop, clock) = opened(|s| s.merchants[0].vouchers = false).await;
    let slow = Arc::new(Slow { wire: shop.wire.clone(), sent: Notify::new(), let_go: Notify::new() });
    let engine = daemon(&mut shop, &clock, slow.clone()).await;
    shop.sold(MERCHANT, "A1", Kind::Card, 1000, shop.now(), Paid::Yes);
    let sql = LedgerHandle::open(&shop.stage.settings.database_path);
    let order = AddOrder { merchant: MERCHANT, no: "A1", capture: Some("now"), ..AddOrder::default() };
    sql.order(&order).expect("a new order");
    let (wake, woken) = watch::channel(0);
    let stopping = watch::Sender::new(false);

    let (ended, ()) = tokio::join!(tokio::time::timeout(PATIENCE, engine.run(&woken, &stopping)), async {
        slow.sent.notified().await;
        clock.fails.store(true, Ordering::SeqCst);
        wake.send_replace(1);
        // Until the lane has failed, and long enough for all to stop if nobody waited for the call.
        let mut stopped = stopping.subscribe();
        let _ = tokio::time::timeout(StdDuration::from_millis(300), stopped.wait_for(|stopping| *stopping)).await;
        assert!(!clock.fails.load(Ordering::SeqCst), "a lane has failed");
        slow.let_go.notify_one();
    });

    ended.expect("the lanes stop").expect_err("a lane has ended");
    let outcome = "SELECT action || ' ' || state FROM attempts";
    assert_eq!(sql.value::<String>(outcome, ()), "C accepted");
}

/// A person's command holds the ledger too, beside the daemon that has its lock.
#[tokio::test]
async fn a_lane_without_the_ledgers_lease_begins_no_step() {
    let shop = Shop::open(at("2026-08-03 12:00:00"), |_| {}).await;
    shop.sold(MERCHANT, "A1", Kind::Card, 1000, shop.now(), Paid::Yes);
    let order = AddOrder { merchant: MERCHANT, no: "A1", capture: Some("now"), ..AddOrder::default() };
    shop.sql.order(&order).expect("a new order");
    let id = shop.sql.value("SELECT id FROM orders", ());
    let ledger = Ledger::attach(&shop.stage.settings.database_path).expect("beside the daemon");
    assert!(!ledger.has_lease(), "the daemon has it");
    let shared = Shared {
        ledger,
        policy: shop.stage.settings.policy.clone(),
        clock: shop.clock(),
        tally: Tally::default(),
        statements: StatementPace::default(),
    };
    let keys = Keys::new("pwFHCqoQZGmho4w6", "EkRm7iFT261dpevs").expect("the public stage keys");
    let merchant_id = MerchantId::parse(MERCHANT).expect("a merchant's number");
    let base_url = shop.stage.url.clone();
    let card = Access { merchant_id: merchant_id.clone(), platform_id: None, base_url, keys };
    let lane = LaneSettings { min_interval: Duration::zero(), concurrency: 1, cooldown: Duration::zero() };
    let merchant = Merchant { card, form: None, daily_auto_close: false, voucher: None, lane };
    let wire: Arc<dyn Transport> = shop.wire.clone();
    let engine = Engine::new(Arc::new(shared), &wire, vec![merchant]);

    shop.stage.settle(&engine).await.expect("nothing is begun");
    engine.work_on(&merchant_id, id).await.expect("it is left as it is");

    assert_eq!(shop.letters("A1"), "");
    assert!(shop.wire.posts() == 0, "not even a look");
    shop.settle().await;
    assert_eq!(shop.letters("A1"), "C", "the daemon itself goes on");
}
