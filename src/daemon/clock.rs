//! The real clock. The only place below `main` that reads it.

use std::pin::Pin;

use chrono::{DateTime, Duration, Utc};

use rustix::time::{ClockId, clock_gettime};

use crate::engine::Clock;

/// While the machine is suspended.
#[cfg(target_os = "linux")]
const GOES_ON: ClockId = ClockId::Boottime;
#[cfg(not(target_os = "linux"))]
const GOES_ON: ClockId = ClockId::Monotonic;

pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }

    fn run(&self) -> Duration {
        let time = clock_gettime(GOES_ON);
        Duration::seconds(time.tv_sec) + Duration::nanoseconds(time.tv_nsec)
    }

    fn sleep(&self, pause: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        // A negative pause has passed already.
        Box::pin(tokio::time::sleep(pause.to_std().unwrap_or_default()))
    }
}
