//! When a statement may be asked for: one a minute and address, whosever it is.

use chrono::{DateTime, Duration, NaiveTime, Utc};

#[derive(Clone, Copy, Debug)]
pub struct StatementPace {
    /// When the day's statement is fetched, Asia/Taipei. None: never.
    pub fetch_at: Option<NaiveTime>,
    pub interval: Duration,
}

impl Default for StatementPace {
    fn default() -> Self {
        Self { fetch_at: None, interval: Duration::seconds(61) }
    }
}

impl StatementPace {
    /// By a clock that was set back nobody waits for what is to come.
    pub(in crate::engine) fn allows(&self, last: Option<DateTime<Utc>>, now: DateTime<Utc>) -> bool {
        last.is_none_or(|last| last > now || now - last >= self.interval)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_statements_are_an_interval_apart_by_whatever_clock() {
        let at = |seconds| DateTime::UNIX_EPOCH + Duration::seconds(seconds);
        let pace = StatementPace::default();
        for (last, now, allowed) in
            [(None, 0, true), (Some(0), 0, false), (Some(0), 60, false), (Some(0), 61, true), (Some(500), 0, true)]
        {
            assert_eq!(pace.allows(last.map(at), at(now)), allowed, "{last:?} {now}");
        }
    }
}
