//! When a statement may be asked for: one a minute and address, whosever it is.

use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Duration, NaiveTime, Utc};

#[derive(Debug)]
pub struct StatementPace {
    /// When the day's statement is fetched, Asia/Taipei. None: never.
    pub fetch_at: Option<NaiveTime>,
    pub interval: Duration,
    last: Mutex<Option<DateTime<Utc>>>,
}

impl Default for StatementPace {
    fn default() -> Self {
        Self::new(None, Duration::seconds(61))
    }
}

impl StatementPace {
    pub fn new(fetch_at: Option<NaiveTime>, interval: Duration) -> Self {
        Self { fetch_at, interval, last: Mutex::default() }
    }

    /// Takes the place of one call, if there is one now. By a clock that was set back nobody waits for what is to come.
    pub(in crate::engine) fn takes(&self, now: DateTime<Utc>) -> bool {
        // A plain value: a panic elsewhere leaves nothing half done here.
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if last.is_some_and(|last| last <= now && now - last < self.interval) {
            return false;
        }
        *last = Some(now);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_statements_are_an_interval_apart_by_whatever_clock() {
        let at = |seconds| DateTime::UNIX_EPOCH + Duration::seconds(seconds);
        let pace = StatementPace::default();
        let taken: Vec<bool> = [1000, 1060, 1061, 1062, 500, 560, 561].map(|second| pace.takes(at(second))).into();
        assert_eq!(taken, [true, false, true, false, true, false, true]);
    }
}
