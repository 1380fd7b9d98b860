//! The periods of a recurring order (定期定額): each is charged by an authorization of its own.

use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};

/// A charge that is found so late can still be captured: the limit is 21 days.
const LONGEST_REST: i64 = 7;

/// What is told of them. Whatever is not told is taken for the worst: charged each day, without end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Periods {
    /// The longest that one lasts, in days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days: Option<i64>,
    /// How many there are to be, those that fail too (`ExecTimes`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<i64>,
    /// ECPay says that all are charged, or that it was ended.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ended: bool,
}

impl Periods {
    /// `PeriodType` is D, M or Y; one of them lasts `Frequency` of it (vendor page 信用卡定期定額, ?p=2868).
    pub fn of(period_type: Option<&str>, frequency: Option<i64>, times: Option<i64>) -> Self {
        let unit = match period_type.map(str::trim) {
            Some("D") => Some(1),
            Some("M") => Some(31),
            Some("Y") => Some(366),
            _ => None,
        };
        let sensible = |n: Option<i64>| n.filter(|n| (1..=999).contains(n));
        let days = unit.zip(sensible(frequency)).map(|(unit, frequency)| unit * frequency);
        Self { days, times: sensible(times), ended: false }
    }

    /// Whether another charge may come of an order whose first was authorized at `first`.
    pub fn go_on(&self, first: DateTime<Utc>, now: DateTime<Utc>) -> bool {
        let planned = self.days.zip(self.times).map(|(days, times)| first + Duration::days(days * (times + 1)));
        !self.ended && planned.is_none_or(|end| now <= end)
    }

    /// Between two looks for the next charge: an eighth of a period.
    pub fn rest(&self) -> Duration {
        Duration::days((self.days.unwrap_or(1) / 8).clamp(1, LONGEST_REST))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_gives_the_rest_and_the_end_and_what_is_not_told_gives_neither() {
        let first = DateTime::UNIX_EPOCH + Duration::days(20_000);
        for (period_type, frequency, times, rest, end) in [
            (Some("D"), Some(1), Some(12), 1, Some(13)),
            (Some("D"), Some(91), Some(999), 7, Some(91_000)),
            (Some("M"), Some(1), Some(12), 3, Some(31 * 13)),
            (Some("M"), Some(12), Some(2), 7, Some(31 * 36)),
            (Some("Y"), Some(1), Some(9), 7, Some(3660)),
            (Some("W"), Some(1), Some(9), 1, None),
            (Some("M"), Some(0), Some(9), 1, None),
            (Some("M"), Some(i64::MAX), Some(i64::MAX), 1, None),
            (Some("M"), Some(1), None, 3, None),
            (None, None, None, 1, None),
        ] {
            let periods = Periods::of(period_type, frequency, times);
            assert_eq!(periods.rest(), Duration::days(rest), "{periods:?}");
            let last = first + Duration::days(end.unwrap_or(400_000));
            assert!(periods.go_on(first, last), "{periods:?}");
            assert_eq!(periods.go_on(first, last + Duration::seconds(1)), end.is_none(), "{periods:?}");
            assert!(!Periods { ended: true, ..periods }.go_on(first, first), "{periods:?}");
        }
    }
}
