//! The real clock. The only place below `main` that reads it.

use std::pin::Pin;

use chrono::{DateTime, Duration, Utc};

use crate::engine::Clock;

pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }

    fn sleep(&self, pause: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        // A negative pause has passed already.
        Box::pin(tokio::time::sleep(pause.to_std().unwrap_or_default()))
    }
}
