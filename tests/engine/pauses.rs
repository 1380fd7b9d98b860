//! A pause that comes while a call is under way to its attempt.

use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};

use chrono::{DateTime, Duration, Utc};
use ecpayd::domain::policy::PartialOnAuthorized;
use ecpayd::engine::{Clock, ManualClock};
use ecpayd::rehearsal::Setup;
use ecpayd::simulator::bank::Kind;

use crate::harness::{Shop, at};
use crate::ledger::LedgerHandle;

/// Somebody pauses refunds at the moment at which the time is read for the so many-th time.
struct Pausing {
    clock: Arc<ManualClock>,
    ledger: PathBuf,
    readings: AtomicUsize,
    pauses_at: usize,
    /// Attempts that had begun by then.
    begun: AtomicI64,
}

impl Clock for Pausing {
    fn now(&self) -> DateTime<Utc> {
        if self.readings.fetch_add(1, Ordering::Relaxed) == self.pauses_at {
            let sql = LedgerHandle::open(&self.ledger);
            sql.does("INSERT INTO pauses (merchant_id, action, at, by) VALUES ('3002607', 'refund', 1, 'Mei')");
            self.begun.store(sql.value("SELECT count(*) FROM attempts", ()), Ordering::Relaxed);
        }
        self.clock.now()
    }

    fn sleep(&self, pause: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        self.clock.sleep(pause)
    }
}

/// The capture that a refund needs is a part of the refund, for the ledger's last word as for the plan.
#[tokio::test]
async fn a_pause_of_refunds_begins_no_attempt_whenever_it_is_committed() {
    let (mut captured, mut kept_back) = (0, 0);
    for pauses_at in 0.. {
        let change = |setup: &mut Setup| {
            setup.policy.partial_on_authorized = PartialOnAuthorized::Capture;
            setup.merchants[0].vouchers = false;
        };
        let mut shop = Shop::open(at("2026-08-03 12:00:00"), change).await;
        shop.order("A1", Kind::Card, 1000).await;
        shop.refund("A1", Some(300), "k").await;
        let clock = Arc::new(Pausing {
            clock: shop.clock(),
            ledger: shop.stage.settings.database_path.clone(),
            readings: AtomicUsize::new(0),
            pauses_at,
            begun: AtomicI64::new(0),
        });
        shop.reopen_with(clock.clone()).await;
        shop.settle().await;
        if clock.readings.load(Ordering::Relaxed) <= pauses_at {
            break;
        }
        let begun: i64 = shop.sql.value("SELECT count(*) FROM attempts", ());
        assert_eq!(begun, clock.begun.load(Ordering::Relaxed), "paused at reading {pauses_at}");
        if shop.truth("A1").captured > 0 { captured += 1 } else { kept_back += 1 }
    }
    assert!(captured > 0 && kept_back > 0, "{captured} captured, {kept_back} kept back");
}
