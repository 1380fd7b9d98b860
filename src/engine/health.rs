//! What a lane knows of its gateway: failing, limiting, and which alerts it has told.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Duration, Utc};

use crate::domain::alert::AlertKind;

/// From so many failures in a row the lane sends one order at a time, ever more rarely.
pub(super) const FAILURES: u32 = 3;

/// So many answers in a row, over so long, say that our calls are not taken: a single one is
/// also what a gateway says that is being worked on.
const REJECTIONS: u32 = 3;
const REJECTED_FOR: Duration = Duration::minutes(5);

/// After so many failures in a row the tries at one order have lasted longer than that.
pub(super) const REJECTED_TRIES: u32 = 5;

/// Between two tries at a gateway that does not answer.
const LONGEST_PAUSE: Duration = Duration::minutes(5);

/// The settings allow no longer `cooldown`.
const LONGEST_SILENCE: Duration = Duration::days(1);

#[derive(Default)]
pub(super) struct Health {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    failures: u32,
    /// Some look has been answered since the start.
    reached: bool,
    /// Since when calls are not taken, and how many answers said so.
    rejected: Option<(DateTime<Utc>, u32)>,
    down_until: Option<DateTime<Utc>>,
    silent_until: Option<DateTime<Utc>>,
    /// True: this process has raised it; false: closed it. Of the others the last run's may be open.
    told: BTreeMap<&'static str, bool>,
}

impl State {
    /// A pause that is longer than any we make was reckoned by a clock that has been set back since.
    fn quiet_until(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let holds = |until: &DateTime<Utc>, longest| *until > now && *until <= now + longest;
        let silent = self.silent_until.filter(|until| holds(until, LONGEST_SILENCE));
        silent.max(self.down_until.filter(|until| holds(until, LONGEST_PAUSE)))
    }
}

impl Health {
    fn state(&self) -> MutexGuard<'_, State> {
        // Counters only: a panic elsewhere leaves nothing half done here.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many orders may be sent out, of `free` places.
    pub(super) fn allowance(&self, free: usize, in_flight: usize, now: DateTime<Utc>) -> usize {
        let state = self.state();
        if state.quiet_until(now).is_some() {
            0
        } else if state.down_until.is_some() {
            free.min(1_usize.saturating_sub(in_flight))
        } else {
            free
        }
    }

    /// Nothing is sent before.
    pub(super) fn quiet_until(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.state().quiet_until(now)
    }

    pub(super) fn succeeded(&self) {
        let mut state = self.state();
        state.failures = 0;
        state.reached = true;
        state.rejected = None;
        state.down_until = None;
    }

    /// A call was taken, whatever the answer was.
    pub(super) fn taken(&self) {
        self.state().rejected = None;
    }

    /// A call was not taken. Returns whether that has been so for long enough to be believed.
    pub(super) fn rejected(&self, now: DateTime<Utc>) -> bool {
        let mut state = self.state();
        // A clock that was set back begins anew.
        let before = state.rejected.filter(|(since, _)| *since <= now);
        let (since, answers) = before.map_or((now, 1), |(since, answers)| (since, answers.saturating_add(1)));
        state.rejected = Some((since, answers));
        answers >= REJECTIONS && now - since >= REJECTED_FOR
    }

    /// Returns how many failures there were in a row.
    pub(super) fn failed(&self, now: DateTime<Utc>) -> u32 {
        let mut state = self.state();
        state.failures += 1;
        if state.failures >= FAILURES {
            let pause = Duration::seconds(5) * 2_i32.pow((state.failures - FAILURES).min(6));
            state.down_until = Some(now + pause.min(LONGEST_PAUSE));
        }
        state.failures
    }

    pub(super) fn reached(&self) -> bool {
        self.state().reached
    }

    pub(super) fn silence(&self, until: DateTime<Utc>) {
        self.state().silent_until = Some(until);
    }

    /// An answer to a call that was under way when the 403 came does not end the silence.
    pub(super) fn silent_until(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.state().silent_until.filter(|until| *until > now && *until <= now + LONGEST_SILENCE)
    }

    /// Whether the ledger has been told that this alert is open (or closed).
    pub(super) fn has_told(&self, kind: AlertKind, open: bool) -> bool {
        self.state().told.get(kind.word()) == Some(&open)
    }

    pub(super) fn told(&self, kind: AlertKind, open: bool) {
        self.state().told.insert(kind.word(), open);
    }

    /// The ledger is to be told again, whatever it was told before.
    pub(super) fn forget(&self, kind: AlertKind) {
        self.state().told.remove(kind.word());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_that_are_not_taken_are_believed_after_several_answers_over_minutes() {
        let at = |seconds| DateTime::UNIX_EPOCH + Duration::seconds(seconds);
        let believed = |times: &[i64]| {
            let health = Health::default();
            times.iter().fold(false, |_, seconds| health.rejected(at(*seconds)))
        };
        for (times, expected) in [
            (&[0][..], false),
            (&[0, 1, 2, 3, 4], false),
            (&[0, 300], false),
            (&[0, 150, 299], false),
            (&[0, 150, 300], true),
            // The clock was set back by an hour.
            (&[3600, 3750, 0, 150, 299], false),
        ] {
            assert_eq!(believed(times), expected, "{times:?}");
        }
        for reset in [Health::taken, Health::succeeded] {
            let health = Health::default();
            assert_eq!([0, 150].map(|s| health.rejected(at(s))), [false; 2]);
            reset(&health);
            assert_eq!([300, 450, 599].map(|s| health.rejected(at(s))), [false; 3]);
            assert!(health.rejected(at(600)));
        }
    }

    #[test]
    fn a_pause_reckoned_by_a_clock_that_was_set_back_holds_nobody_up() {
        let (ahead, back) = (DateTime::UNIX_EPOCH + Duration::days(200), DateTime::UNIX_EPOCH);
        let health = Health::default();
        health.silence(ahead + Duration::minutes(30));
        for _ in 0..FAILURES {
            health.failed(ahead);
        }
        assert_eq!(health.allowance(4, 0, ahead), 0);
        assert_eq!((health.allowance(4, 0, back), health.quiet_until(back)), (1, None));
        assert_eq!(health.silent_until(back), None);
    }
}
