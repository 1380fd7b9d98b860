//! Pauses that every service keeps alike.

use chrono::{DateTime, Duration, Utc};

/// The settings allow no longer `cooldown`.
const LONGEST_SILENCE: Duration = Duration::days(1);

/// The longest pause of what grows slower with its age.
const ROUTINE: Duration = Duration::days(1);

/// Between looks at what may still come: an eighth of the time for which it had been known at the last look, from
/// `least` up to a day. Of the time until now it would grow while it is waited for, and the look never be reached.
pub fn slower_with_age(known: Duration, least: Duration) -> Duration {
    Duration::seconds(known.num_seconds() / 8).clamp(least, ROUTINE.max(least))
}

/// The silence that is in force. One that would last longer than any we keep was begun under a clock that ran ahead.
pub fn silence(until: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    until.filter(|until| *until > now && *until <= now + LONGEST_SILENCE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_grow_slower_up_to_a_day_and_never_quicker_than_the_settings() {
        let (minutes, hours) = (Duration::minutes, Duration::hours);
        for (known, least, pause) in [
            (hours(0), minutes(10), minutes(10)),
            (hours(1), minutes(10), minutes(10)),
            (hours(4), minutes(10), minutes(30)),
            (hours(24 * 8), minutes(10), hours(24)),
            (hours(24 * 80), minutes(10), hours(24)),
            (hours(24 * 80), hours(48), hours(48)),
        ] {
            assert_eq!(slower_with_age(known, least), pause, "{known} {least}");
        }
    }

    #[test]
    fn a_silence_ends_by_itself_and_one_of_another_clock_holds_nobody_up() {
        let now = DateTime::UNIX_EPOCH + Duration::days(20_000);
        for (ahead, holds) in [(0, false), (1, true), (86_400, true), (86_401, false)] {
            let until = now + Duration::seconds(ahead);
            assert_eq!(silence(Some(until), now), holds.then_some(until), "{ahead} s ahead");
        }
        assert_eq!(silence(None, now), None);
    }
}
