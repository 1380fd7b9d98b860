//! The statement that is fetched once a day: when, and of which days.

use chrono::{DateTime, Days, Duration, NaiveDate, NaiveTime, Utc};

use super::calendar::taipei;

/// Rows are settled and paid out within this; what changes in them later is seen by the next files.
const BACK: Days = Days::new(10);

/// Shorter than any month, which is the most that ECPay gives out in a file.
const LONGEST: Days = Days::new(28);

/// Until it is tried again on the same day.
const RETRY: Duration = Duration::hours(1);

/// So long nobody has to hear of it.
const QUIET: Duration = Duration::days(3);

/// How far the fetch of a merchant has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Nightly {
    pub tried_at: Option<DateTime<Utc>>,
    /// The day of the last one that brought a file.
    pub fetched_on: Option<NaiveDate>,
    pub failing_since: Option<DateTime<Utc>>,
}

impl Nightly {
    /// Once a day from `at` on, whenever the daemon runs. A day that lies ahead was told by a clock that was set back.
    pub fn is_due(&self, at: NaiveTime, now: DateTime<Utc>) -> bool {
        let civil = taipei(now);
        let rests =
            self.failing_since.is_some() && self.tried_at.is_some_and(|tried| tried <= now && now - tried < RETRY);
        civil.time() >= at && self.fetched_on != Some(civil.date_naive()) && !rests
    }

    /// Up to yesterday, and further back where some were missed.
    pub fn days(&self, now: DateTime<Utc>) -> (NaiveDate, NaiveDate) {
        let today = taipei(now).date_naive();
        let usual = today - BACK;
        let from = self.fetched_on.map_or(usual, |last| (last - BACK).clamp(today - LONGEST, usual));
        (from, today - Days::new(1))
    }

    /// Whether a failure now is told by an alert.
    pub fn is_told(&self, now: DateTime<Utc>) -> bool {
        self.failing_since.is_some_and(|since| now - since >= QUIET)
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDateTime;

    use super::*;
    use crate::domain::calendar::from_taipei;

    fn at(text: &str) -> DateTime<Utc> {
        from_taipei(NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").expect("a civil time"))
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    #[test]
    fn a_statement_is_fetched_once_a_day_and_after_a_failure_by_the_hour() {
        let fetch_at = NaiveTime::from_hms_opt(14, 30, 0).expect("a time");
        // A person's command asks too, and puts off nothing.
        let by_hand = Nightly { tried_at: Some(at("2026-08-05 14:29")), ..Nightly::default() };
        assert!(by_hand.is_due(fetch_at, at("2026-08-05 14:30")));
        for (tried_at, fetched_on, now, due) in [
            (None, None, "2026-08-05 14:29", false),
            (None, None, "2026-08-05 14:30", true),
            // Not yet today's, however long ago the last one was.
            (Some("2026-08-01 14:30"), Some("2026-08-01"), "2026-08-05 09:00", false),
            (Some("2026-08-01 14:30"), Some("2026-08-01"), "2026-08-05 23:00", true),
            (Some("2026-08-05 14:30"), Some("2026-08-05"), "2026-08-05 23:00", false),
            (Some("2026-08-05 14:30"), Some("2026-08-04"), "2026-08-05 15:29", false),
            (Some("2026-08-05 14:30"), Some("2026-08-04"), "2026-08-05 15:30", true),
            // By a clock that ran ahead.
            (Some("2026-08-09 14:30"), Some("2026-08-09"), "2026-08-05 14:30", true),
        ] {
            let nightly = Nightly {
                tried_at: tried_at.map(at),
                fetched_on: fetched_on.map(day),
                failing_since: tried_at.map(at),
            };
            assert_eq!(nightly.is_due(fetch_at, at(now)), due, "{tried_at:?} {fetched_on:?} at {now}");
        }
    }

    #[test]
    fn a_file_is_of_the_last_days_and_of_those_that_were_missed_as_far_as_one_file_goes() {
        for (fetched_on, from) in [
            (None, "2026-03-21"),
            (Some("2026-03-30"), "2026-03-20"),
            (Some("2026-03-31"), "2026-03-21"),
            (Some("2026-04-09"), "2026-03-21"),
            (Some("2026-01-01"), "2026-03-03"),
        ] {
            let nightly = Nightly { fetched_on: fetched_on.map(day), ..Nightly::default() };
            assert_eq!(nightly.days(at("2026-03-31 15:00")), (day(from), day("2026-03-30")), "{fetched_on:?}");
        }
    }

    #[test]
    fn a_failure_is_told_after_three_days() {
        let nightly = Nightly { failing_since: Some(at("2026-08-01 14:30")), ..Nightly::default() };
        assert_eq!(["2026-08-04 14:29", "2026-08-04 14:30"].map(|now| nightly.is_told(at(now))), [false, true]);
        assert!(!Nightly::default().is_told(at("2026-08-04 14:30")));
    }
}
