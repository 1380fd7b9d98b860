//! Time as an argument: the daemon hands in the real one, the demo its own.

use std::pin::Pin;
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Duration, Utc};

pub trait Clock: Send + Sync {
    fn now(&self) -> DateTime<Utc>;

    /// Returns when `pause` has passed on this clock.
    fn sleep(&self, pause: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>>;
}

/// A clock that stands still until it is moved: for the demo and for tests.
///
/// A sleep moves it at once, so waiting costs no time. `follow` is told of every move.
pub struct ManualClock {
    now: Mutex<DateTime<Utc>>,
    follow: Box<dyn Fn(DateTime<Utc>) + Send + Sync>,
}

impl ManualClock {
    pub fn new(start: DateTime<Utc>, follow: impl Fn(DateTime<Utc>) + Send + Sync + 'static) -> Self {
        follow(start);
        Self { now: Mutex::new(start), follow: Box::new(follow) }
    }

    /// Moves to `at`; a time that has passed already changes nothing.
    pub fn advance_to(&self, at: DateTime<Utc>) {
        self.change(|now| at.max(now));
    }

    /// Steps by so much, back as well, as a clock does that somebody sets.
    pub fn step(&self, by: Duration) {
        self.change(|now| now + by);
    }

    fn change(&self, then: impl FnOnce(DateTime<Utc>) -> DateTime<Utc>) {
        // A plain value: a panic elsewhere leaves nothing half done here.
        let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        *now = then(*now);
        (self.follow)(*now);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> DateTime<Utc> {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn sleep(&self, pause: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        self.advance_to(self.now() + pause);
        Box::pin(tokio::task::yield_now())
    }
}
