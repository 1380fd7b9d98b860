//! What a lane knows of its gateway: failing, limiting, and which alerts it has told.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Duration, Utc};

use crate::domain::alert::AlertKind;
use crate::domain::cadence;

/// From so many rows on that fail one after the other the lane tries one at a time, ever more rarely.
/// From so many failures of one row in a row on, while no other is answered, an alert says so.
pub(in crate::engine) const FAILURES: u32 = 3;

/// So many answers in a row, over so long, say that our calls are not taken: a single one is
/// also what a gateway says that is being worked on.
const REJECTIONS: u32 = 3;
const REJECTED_FOR: Duration = Duration::minutes(5);

/// After so many failures in a row the tries at one order have lasted longer than that.
pub(in crate::engine) const REJECTED_TRIES: u32 = 5;

/// Between two tries at a gateway that does not answer.
const LONGEST_PAUSE: Duration = Duration::minutes(5);

#[derive(Default)]
pub(in crate::engine) struct Health {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Since when calls are not taken, and how many answers said so.
    rejected: Option<(DateTime<Utc>, u32)>,
    /// Rows whose calls fail, and whose fault it seems to be.
    failing: BTreeMap<i64, Fault>,
    /// Failures in a row while the gateway seems not to answer.
    strikes: u32,
    down_until: Option<DateTime<Utc>>,
    silent_until: Option<DateTime<Utc>>,
    /// Rows that were answered well since the last 403, as far as there are two.
    answered: Vec<i64>,
    /// True: this process has raised it; false: closed it. Of the others the last run's may be open.
    told: BTreeMap<&'static str, bool>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    /// Nobody has been answered since the row began to fail.
    Gateways,
    /// Others have been: what it brings says nothing of the gateway.
    Rows,
}

/// Whether a row brought the 403 that its call was answered with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::engine) enum Blame {
    /// It was under way when another call was answered so.
    None,
    /// Nobody else has been answered well since the last one.
    Maybe,
    /// Others have.
    Alone,
}

impl State {
    fn is_silent(&self, now: DateTime<Utc>) -> bool {
        cadence::silence(self.silent_until, now).is_some()
    }

    /// A pause that is longer than any we make was computed by a clock that has been set back since.
    fn quiet_until(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        cadence::silence(self.silent_until, now)
            .max(self.down_until.filter(|until| *until > now && *until <= now + LONGEST_PAUSE))
    }
}

impl Health {
    fn state(&self) -> MutexGuard<'_, State> {
        // Counters only: a panic elsewhere leaves nothing half done here.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many orders may be sent out, of `free` places.
    pub(in crate::engine) fn allowance(&self, free: usize, in_flight: usize, now: DateTime<Utc>) -> usize {
        let state = self.state();
        if state.quiet_until(now).is_some() {
            0
        } else if state.down_until.is_some() {
            free.min(1_usize.saturating_sub(in_flight))
        } else {
            free
        }
    }

    /// The gateway seems not to answer: what is sent is a probe.
    pub(in crate::engine) fn is_down(&self) -> bool {
        self.state().down_until.is_some()
    }

    /// Nothing is sent before.
    pub(in crate::engine) fn quiet_until(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.state().quiet_until(now)
    }

    pub(in crate::engine) fn succeeded(&self, row: i64) {
        let mut state = self.state();
        state.rejected = None;
        state.failing.remove(&row);
        state.failing.values_mut().for_each(|fault| *fault = Fault::Rows);
        state.strikes = 0;
        state.down_until = None;
        if state.answered.len() < 2 && !state.answered.contains(&row) {
            state.answered.push(row);
        }
    }

    /// Others have been answered since the row began to fail.
    pub(in crate::engine) fn blames(&self, row: i64) -> bool {
        self.state().failing.get(&row) == Some(&Fault::Rows)
    }

    /// A call was taken, whatever the answer was.
    pub(in crate::engine) fn taken(&self) {
        self.state().rejected = None;
    }

    /// A call was not taken. Returns whether that has been so for long enough to be believed.
    pub(in crate::engine) fn rejected(&self, now: DateTime<Utc>) -> bool {
        let mut state = self.state();
        // A clock that was set back begins anew.
        let before = state.rejected.filter(|(since, _)| *since <= now);
        let (since, answers) = before.map_or((now, 1), |(since, answers)| (since, answers.saturating_add(1)));
        state.rejected = Some((since, answers));
        answers >= REJECTIONS && now - since >= REJECTED_FOR
    }

    /// Returns whether the gateway seems not to answer. `row_failures`: how often the row has failed in a row.
    pub(in crate::engine) fn failed(&self, row: i64, row_failures: u32, now: DateTime<Utc>) -> bool {
        let mut state = self.state();
        let fault = *state.failing.entry(row).or_insert(Fault::Gateways);
        if fault == Fault::Rows {
            return false;
        }
        let rows = state.failing.values().filter(|fault| **fault == Fault::Gateways).count();
        if rows >= FAILURES as usize {
            let pause = Duration::seconds(5) * 2_i32.pow(state.strikes.min(6));
            state.down_until = Some(now + pause.min(LONGEST_PAUSE));
            state.strikes += 1;
        }
        rows >= FAILURES as usize || row_failures >= FAILURES
    }

    /// A call for a row was answered with 403.
    pub(in crate::engine) fn limited(&self, row: i64, until: DateTime<Utc>, now: DateTime<Utc>) -> Blame {
        let mut state = self.state();
        let silent = state.is_silent(now);
        state.silent_until = Some(until);
        if silent {
            return Blame::None;
        }
        let others = std::mem::take(&mut state.answered).into_iter().any(|answered| answered != row);
        if others { Blame::Alone } else { Blame::Maybe }
    }

    /// An answer to a call that was under way when the 403 came does not end the silence.
    pub(in crate::engine) fn silent_until(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        cadence::silence(self.state().silent_until, now)
    }

    /// Whether the ledger has been told that this alert is open (or closed).
    pub(in crate::engine) fn has_told(&self, kind: AlertKind, open: bool) -> bool {
        self.state().told.get(kind.word()) == Some(&open)
    }

    pub(in crate::engine) fn told(&self, kind: AlertKind, open: bool) {
        self.state().told.insert(kind.word(), open);
    }

    /// The ledger is to be told again, whatever it was told before.
    pub(in crate::engine) fn forget(&self, kind: AlertKind) {
        self.state().told.remove(kind.word());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;

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
            (&[3600, 3750, 0, 150, 300], true),
        ] {
            assert_eq!(believed(times), expected, "{times:?}");
        }
        let resets: [fn(&Health); 2] = [Health::taken, |health| health.succeeded(1)];
        for reset in resets {
            let health = Health::default();
            assert_eq!([0, 150].map(|s| health.rejected(at(s))), [false; 2]);
            reset(&health);
            assert_eq!([300, 450, 599].map(|s| health.rejected(at(s))), [false; 3]);
            assert!(health.rejected(at(600)));
        }
    }

    #[test]
    fn a_pause_computed_by_a_clock_that_was_set_back_holds_nobody_up() {
        let (ahead, back) = (NOW + Duration::days(200), NOW);
        let health = Health::default();
        health.limited(1, ahead + Duration::minutes(30), ahead);
        for row in 0..i64::from(FAILURES) {
            health.failed(row, 1, ahead);
        }
        assert_eq!(health.allowance(4, 0, ahead), 0);
        assert_eq!((health.allowance(4, 0, back), health.quiet_until(back)), (1, None));
        assert_eq!(health.silent_until(back), None);
    }

    /// Each: which rows failed (-) and which were answered, one after the other; whether the lane is down then.
    #[test]
    fn rows_put_a_lane_down_by_their_number_and_none_by_itself() {
        for (calls, down) in [
            (&[-1, -1, -1, -1, -1, -1][..], false),
            (&[-1, -2, -1, -2, -1, -2], false),
            (&[-1, -2, -3], true),
            (&[-1, -1, -2, -2, -3], true),
            (&[-1, -2, 4, -3], false),
            (&[-1, -2, -3, 4], false),
            (&[-1, -2, -3, 1], false),
            // The first three are known to fail by themselves.
            (&[-1, -2, -3, 4, -1, -2, -3], false),
            (&[-1, -2, -3, 4, -1, -2, -3, -4, -5], false),
            (&[-1, -2, -3, 4, -4, -5, -6], true),
            // It was answered since.
            (&[-1, 2, 1, -1, -2, -3], true),
        ] {
            let health = Health::default();
            for call in calls {
                match *call {
                    row @ 1.. => health.succeeded(row),
                    row => _ = health.failed(-row, 1, NOW),
                }
            }
            assert_eq!(health.is_down(), down, "{calls:?}");
        }
    }

    #[test]
    fn one_row_that_fails_tells_of_the_gateway_until_another_is_answered() {
        let health = Health::default();
        let told: Vec<bool> = (1..5).map(|failures| health.failed(1, failures, NOW)).collect();
        assert_eq!(told, [false, false, true, true]);
        health.succeeded(2);
        assert!(!health.failed(1, 5, NOW));
        health.succeeded(1);
        assert!(health.failed(1, 3, NOW), "it was answered since");
    }

    #[test]
    fn a_probe_at_a_row_that_fails_by_itself_puts_off_no_other_probe() {
        let health = Health::default();
        health.failed(9, 1, NOW);
        health.succeeded(1);
        for row in 1..4 {
            health.failed(row, 1, NOW);
        }
        let later = health.quiet_until(NOW).expect("a pause");
        health.failed(9, 2, later);
        assert_eq!((health.is_down(), health.quiet_until(later)), (true, None));
        health.failed(1, 2, later);
        assert_eq!(health.quiet_until(later), Some(later + Duration::seconds(10)));
    }

    /// Each: who was answered well (positive) and who was answered with 403 (negative), each after the
    /// last silence but for those after a 0, which were under way; whom it is laid on.
    #[test]
    fn a_row_alone_brings_403_where_others_are_answered_in_between() {
        use Blame::{Alone, Maybe, None};
        for (calls, blame) in [
            (&[-1, -1, -1][..], &[Maybe, Maybe, Maybe][..]),
            (&[1, -1, 1, -1], &[Maybe, Maybe]),
            (&[2, -1, 2, -1, 3, 2, -1], &[Alone, Alone, Alone]),
            (&[1, 2, -1, 1, -1], &[Alone, Maybe]),
            (&[2, -1, -2], &[Alone, Maybe]),
            (&[2, 3, -2, 3, -1, -2, 1, -2], &[Alone, Alone, Maybe, Alone]),
            (&[2, -1, 0, -2, 3, -1], &[Alone, None, Alone]),
        ] {
            let (health, mut now) = (Health::default(), NOW);
            let (mut told, mut under_way) = (Vec::new(), false);
            for call in calls {
                match *call {
                    0 => under_way = true,
                    row @ 1.. => health.succeeded(row),
                    row => {
                        now += Duration::minutes(if std::mem::take(&mut under_way) { 0 } else { 30 });
                        told.push(health.limited(-row, now + Duration::minutes(30), now));
                    }
                }
            }
            assert_eq!(told, blame, "{calls:?}");
        }
    }
}
