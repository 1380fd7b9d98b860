//! How many commits there were, and how long they took.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

#[derive(Default)]
pub(super) struct Commits {
    made: AtomicU64,
    nanos: AtomicU64,
}

impl Commits {
    pub(super) fn note(&self, began: Instant) {
        let nanos = u64::try_from(began.elapsed().as_nanos()).unwrap_or(u64::MAX);
        self.nanos.fetch_add(nanos, Ordering::Relaxed);
        self.made.fetch_add(1, Ordering::Relaxed);
    }

    /// With their time together, in seconds.
    pub(super) fn so_far(&self) -> (u64, f64) {
        let time = Duration::from_nanos(self.nanos.load(Ordering::Relaxed));
        (self.made.load(Ordering::Relaxed), time.as_secs_f64())
    }
}
