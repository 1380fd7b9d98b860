//! What becomes of the daemon when one merchant's lane ends by itself.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration as StdDuration;

use chrono::{DateTime, Duration, Utc};
use ecpayd::engine::Clock;
use tokio::sync::watch;

use crate::harness::{Shop, at, other_merchant};

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

/// One merchant would be looked after by nobody, and the process would look well.
#[tokio::test]
async fn a_lane_that_ends_by_itself_ends_the_daemon_with_an_error() {
    let shop = Shop::open(at("2026-08-03 12:00:00"), |s| s.merchants.push(other_merchant("3000001"))).await;
    let settings = ecpayd::config::Settings {
        database_path: shop.settings.database_path.with_extension("other"),
        ..shop.settings.clone()
    };
    let clock = Arc::new(Failing { now: shop.now(), fails: AtomicBool::new(false) });
    let engine = ecpayd::daemon::open(&settings, clock.clone(), shop.wire.clone()).await.expect("the daemon starts");
    let (wake, woken) = watch::channel(0);
    let stopping = watch::Sender::new(false);

    let (ended, ()) =
        tokio::join!(tokio::time::timeout(StdDuration::from_secs(60), engine.run(&woken, &stopping)), async {
            clock.fails.store(true, Ordering::SeqCst);
            wake.send_replace(1);
        });

    let error = ended.expect("the other lanes stop too").expect_err("a lane has ended");
    assert!(error.to_string().starts_with("a lane ended badly: "), "{error}");
    assert!(*stopping.borrow(), "the daemon's loop hears of it");
}
