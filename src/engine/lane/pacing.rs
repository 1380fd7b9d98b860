//! Calls a minimum interval apart. The gateway publishes no rate and answers 403 above it.

use chrono::{DateTime, Duration, Utc};

/// A clock that runs back by no more than this many intervals is two callers reading it in turn.
const JITTER_INTERVALS: i32 = 3;

#[derive(Clone, Debug)]
pub struct Pacer {
    min_interval: Duration,
    /// The first instant that is not given away.
    free: DateTime<Utc>,
    /// The latest `now` seen since the clock was last set back.
    latest_now: DateTime<Utc>,
}

impl Pacer {
    pub fn new(min_interval: Duration) -> Self {
        let past = DateTime::<Utc>::MIN_UTC;
        Self { min_interval: min_interval.max(Duration::zero()), free: past, latest_now: past }
    }

    /// The instant at which the next call may go, never before `now`.
    ///
    /// Instants are given in order and an interval apart. When the clock is set back, what
    /// is given away already moves back with it: callers wait for each other, not for the
    /// clock to catch up.
    pub fn reserve(&mut self, now: DateTime<Utc>) -> DateTime<Utc> {
        let set_back = self.latest_now - now;
        if set_back > self.min_interval * JITTER_INTERVALS {
            self.free -= set_back;
            self.latest_now = now;
        }
        self.latest_now = self.latest_now.max(now);
        let at = self.free.max(now);
        self.free = at + self.min_interval;
        at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: i64) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(1_785_547_852_000 + ms).expect("an instant")
    }

    fn pacer() -> Pacer {
        Pacer::new(Duration::milliseconds(200))
    }

    #[test]
    fn calls_of_one_instant_are_spread_an_interval_apart() {
        let mut pacer = pacer();
        let given: Vec<_> = (0..4).map(|_| pacer.reserve(at(0))).collect();
        assert_eq!(given, [at(0), at(200), at(400), at(600)]);
        assert_eq!(pacer.reserve(at(5_000)), at(5_000));
        assert_eq!(pacer.reserve(at(5_050)), at(5_200));
    }

    #[test]
    fn a_little_jitter_of_now_keeps_the_order_and_the_distance() {
        let mut pacer = pacer();
        let given: Vec<_> = [100, 90, 110, 0].map(|ms| pacer.reserve(at(ms))).into();
        assert_eq!(given, [at(100), at(300), at(500), at(700)]);
    }

    #[test]
    fn a_clock_set_back_by_an_hour_makes_nobody_wait_for_it() {
        let mut pacer = pacer();
        let hour = 3_600_000;
        assert_eq!(pacer.reserve(at(hour)), at(hour));
        assert_eq!(pacer.reserve(at(0)), at(200));
        assert_eq!(pacer.reserve(at(0)), at(400));
        assert_eq!(pacer.reserve(at(hour)), at(hour));
    }

    #[test]
    fn many_small_steps_back_do_not_add_up() {
        let mut pacer = pacer();
        for step in 0..100 {
            let now = at(-100 * step);
            assert!(pacer.reserve(now) - now <= Duration::milliseconds(200 * (step + 1) + 600));
        }
        let mut slow = self::pacer();
        for step in 0..100 {
            let now = at(-300 * step);
            let queue = Duration::milliseconds(200 * (step + 1));
            assert!(slow.reserve(now) - now <= queue + Duration::milliseconds(600), "{step}");
        }
    }
}
