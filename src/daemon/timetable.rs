//! What recurs, and when it is due: by the civil time, whoever asks.
//!
//! The question is put every few seconds of a clock that nobody can set, and by the scheduler at the
//! civil times themselves. Whichever comes first does the work; what one misses the other makes good.

use std::time::Duration as StdDuration;

use chrono::{DateTime, Duration, NaiveDate, NaiveTime, Utc};

use crate::domain::calendar::taipei;

/// So often the timetable is asked, whatever the civil clock does meanwhile.
pub(super) const ASKED_EVERY: StdDuration = StdDuration::from_secs(15);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tick {
    /// Look for due rows, and for orders that were put to sleep by a clock that ran ahead.
    Sweep,
    /// Alerts that follow from the age of what is not finished.
    Ages,
    /// The morning's alert stages.
    Stages,
    Housekeeping,
    /// The day's statements: whose turn it is, the ledger knows over restarts.
    Statements,
}

impl Tick {
    pub(super) const ALL: [Self; 5] = [Self::Sweep, Self::Ages, Self::Stages, Self::Housekeeping, Self::Statements];

    fn recurs(self) -> Recurs {
        match self {
            Self::Sweep => Recurs::Every(Duration::minutes(1)),
            Self::Ages => Recurs::Every(Duration::hours(1)),
            Self::Statements => Recurs::Every(Duration::seconds(30)),
            // Before people in Taiwan begin their day at work.
            Self::Stages => Recurs::Daily { hour: 9, minute: 0 },
            Self::Housekeeping => Recurs::Daily { hour: 4, minute: 40 },
        }
    }

    /// For the scheduler: seconds first. None: no civil time of its own.
    pub(super) fn cron(self) -> Option<String> {
        match self.recurs() {
            Recurs::Every(_) => None,
            Recurs::Daily { hour, minute } => Some(format!("0 {minute} {hour} * * *")),
        }
    }
}

#[derive(Clone, Copy, Debug)]
enum Recurs {
    Every(Duration),
    /// At this time of Asia/Taipei.
    Daily {
        hour: u32,
        minute: u32,
    },
}

impl Recurs {
    /// Never done, or not since it was due last; and done by a clock that has been set back since.
    fn is_due(self, done: Option<DateTime<Utc>>, now: DateTime<Utc>) -> bool {
        let Some(done) = done else { return true };
        match self {
            Self::Every(pause) => done > now || now - done >= pause,
            Self::Daily { hour, minute } => day_of(done, hour, minute) != day_of(now, hour, minute),
        }
    }
}

/// The day whose work is done then: it begins at this time of day.
fn day_of(at: DateTime<Utc>, hour: u32, minute: u32) -> NaiveDate {
    let begins = NaiveTime::from_hms_opt(hour, minute, 0).unwrap_or_default();
    let civil = taipei(at);
    let today = civil.date_naive();
    if civil.time() < begins { today - chrono::Days::new(1) } else { today }
}

/// When each was done last, as far as this process knows.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Timetable {
    sweep: Option<DateTime<Utc>>,
    ages: Option<DateTime<Utc>>,
    stages: Option<DateTime<Utc>>,
    housekeeping: Option<DateTime<Utc>>,
    statements: Option<DateTime<Utc>>,
}

impl Timetable {
    pub(super) fn is_due(&self, tick: Tick, now: DateTime<Utc>) -> bool {
        let done = match tick {
            Tick::Sweep => self.sweep,
            Tick::Ages => self.ages,
            Tick::Stages => self.stages,
            Tick::Housekeeping => self.housekeeping,
            Tick::Statements => self.statements,
        };
        tick.recurs().is_due(done, now)
    }

    pub(super) fn is_done(&mut self, tick: Tick, at: DateTime<Utc>) {
        *self.place(tick) = Some(at);
    }

    /// To be done at the next question.
    pub(super) fn has_failed(&mut self, tick: Tick) {
        *self.place(tick) = None;
    }

    fn place(&mut self, tick: Tick) -> &mut Option<DateTime<Utc>> {
        match tick {
            Tick::Sweep => &mut self.sweep,
            Tick::Ages => &mut self.ages,
            Tick::Stages => &mut self.stages,
            Tick::Housekeeping => &mut self.housekeeping,
            Tick::Statements => &mut self.statements,
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDateTime;

    use super::*;
    use crate::domain::calendar::from_taipei;

    fn at(text: &str) -> DateTime<Utc> {
        from_taipei(NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S").expect("a civil time"))
    }

    #[test]
    fn what_is_due_follows_from_when_it_was_done_and_what_time_it_is() {
        for (tick, done, now, due) in [
            (Tick::Sweep, "2026-08-03 12:00:00", "2026-08-03 12:00:59", false),
            (Tick::Sweep, "2026-08-03 12:00:00", "2026-08-03 12:01:00", true),
            (Tick::Sweep, "2026-08-03 12:00:00", "2026-08-09 12:00:00", true),
            // The clock has been set back, by little or by much.
            (Tick::Sweep, "2026-08-03 12:00:00", "2026-08-03 11:59:59", true),
            (Tick::Sweep, "2026-08-09 12:00:00", "2026-08-03 12:00:00", true),
            (Tick::Ages, "2026-08-03 12:00:00", "2026-08-03 12:59:59", false),
            (Tick::Ages, "2026-08-03 12:00:00", "2026-08-03 13:00:00", true),
            (Tick::Ages, "2026-08-09 12:00:00", "2026-08-03 12:00:00", true),
            (Tick::Stages, "2026-08-03 09:00:00", "2026-08-03 09:00:01", false),
            (Tick::Stages, "2026-08-03 09:00:00", "2026-08-04 08:59:59", false),
            (Tick::Stages, "2026-08-03 09:00:00", "2026-08-04 09:00:00", true),
            (Tick::Stages, "2026-08-03 23:59:59", "2026-08-04 00:00:01", false),
            // In the night, after a start: of the day before.
            (Tick::Stages, "2026-08-04 03:00:00", "2026-08-04 09:00:00", true),
            (Tick::Stages, "2026-08-04 08:59:59", "2026-08-04 09:00:00", true),
            // Missed for days; set ahead and put right, in the same hour and another day.
            (Tick::Stages, "2026-08-03 09:00:00", "2026-08-07 10:00:00", true),
            (Tick::Stages, "2026-08-09 12:00:00", "2026-08-03 12:00:00", true),
            (Tick::Stages, "2026-08-03 12:00:00", "2026-08-03 10:00:00", false),
            (Tick::Stages, "2026-08-03 09:00:05", "2026-08-03 08:59:55", true),
            (Tick::Housekeeping, "2026-08-03 04:40:00", "2026-08-04 04:39:59", false),
            (Tick::Housekeeping, "2026-08-03 04:40:00", "2026-08-04 04:40:00", true),
            (Tick::Housekeeping, "2026-08-09 12:00:00", "2026-08-03 12:00:00", true),
        ] {
            let mut timetable = Timetable::default();
            assert!(timetable.is_due(tick, at(now)), "never done");
            timetable.is_done(tick, at(done));
            assert_eq!(timetable.is_due(tick, at(now)), due, "{tick:?}, done {done}, now {now}");
            timetable.has_failed(tick);
            assert!(timetable.is_due(tick, at(now)), "it failed");
        }
    }

    /// A clock that runs, stands, jumps ahead and is put right: asked every few seconds, nothing waits
    /// longer than its pause and a question, and each morning's and night's work is done once for its day.
    #[test]
    fn asked_by_a_clock_that_nobody_can_set_nothing_is_missed_and_nothing_done_twice() {
        let mut timetable = Timetable::default();
        let mut now = at("2026-08-01 00:00:00");
        let mut done: Vec<(Tick, DateTime<Utc>)> = Vec::new();
        let step = Duration::seconds(15);
        for n in 0..4 * 60 * 24 * 10 {
            // For a day from the third on it is nine days ahead.
            now += match n {
                17_280 => Duration::days(9),
                23_040 => -Duration::days(9),
                _ => step,
            };
            for tick in Tick::ALL {
                if timetable.is_due(tick, now) {
                    timetable.is_done(tick, now);
                    done.push((tick, now));
                }
            }
            for (tick, pause) in [(Tick::Sweep, Duration::minutes(1)), (Tick::Ages, Duration::hours(1))] {
                let last = done.iter().rev().find(|(t, _)| *t == tick).map(|(_, at)| *at);
                assert!(last.is_some_and(|last| last <= now && now - last < pause), "{tick:?} at {now}");
            }
        }
        for (tick, hour, minute) in [(Tick::Stages, 9, 0), (Tick::Housekeeping, 4, 40)] {
            let mut days: Vec<NaiveDate> =
                done.iter().filter(|(t, _)| *t == tick).map(|(_, at)| day_of(*at, hour, minute)).collect();
            days.sort_unstable();
            let count = days.len();
            days.dedup();
            // The day on which the clock was put right had begun before it was set.
            assert!(count - days.len() <= 1, "{tick:?}: {count} for {} days", days.len());
            let first = day_of(at("2026-08-01 00:00:00"), hour, minute);
            assert!((0..10).all(|n| days.contains(&(first + chrono::Days::new(n)))), "{tick:?}: {days:?}");
        }
    }
}
