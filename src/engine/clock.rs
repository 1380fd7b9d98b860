//! Time as an argument: the daemon hands in the real one, the demo its own.

use std::pin::Pin;

use chrono::{DateTime, Duration, Utc};

pub trait Clock: Send + Sync {
    fn now(&self) -> DateTime<Utc>;

    /// Returns when `pause` has passed on this clock.
    fn sleep(&self, pause: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>>;
}
