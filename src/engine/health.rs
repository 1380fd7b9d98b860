//! What a lane knows of its gateway: failing, limiting, and which alerts it has told.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Duration, Utc};

use crate::domain::alert::AlertKind;

/// From so many failures in a row the lane sends one order at a time, ever more rarely.
pub(super) const FAILURES: u32 = 3;

#[derive(Default)]
pub(super) struct Health {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    failures: u32,
    /// Some look has been answered since the start.
    reached: bool,
    down_until: Option<DateTime<Utc>>,
    silent_until: Option<DateTime<Utc>>,
    /// True: this process has raised it; false: closed it. Of the others the last run's may be open.
    told: BTreeMap<&'static str, bool>,
}

impl Health {
    fn state(&self) -> MutexGuard<'_, State> {
        // Counters only: a panic elsewhere leaves nothing half done here.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many orders may be sent out, of `free` places.
    pub(super) fn allowance(&self, free: usize, in_flight: usize, now: DateTime<Utc>) -> usize {
        let state = self.state();
        match (state.silent_until, state.down_until) {
            (Some(until), _) if until > now => 0,
            (_, Some(until)) if until > now => 0,
            (_, Some(_)) => free.min(1_usize.saturating_sub(in_flight)),
            _ => free,
        }
    }

    /// Nothing is sent before.
    pub(super) fn quiet_until(&self) -> Option<DateTime<Utc>> {
        let state = self.state();
        state.silent_until.max(state.down_until)
    }

    pub(super) fn succeeded(&self) {
        let mut state = self.state();
        state.failures = 0;
        state.reached = true;
        state.down_until = None;
    }

    /// Returns how many failures there were in a row.
    pub(super) fn failed(&self, now: DateTime<Utc>) -> u32 {
        let mut state = self.state();
        state.failures += 1;
        if state.failures >= FAILURES {
            let pause = Duration::seconds(5) * 2_i32.pow((state.failures - FAILURES).min(6));
            state.down_until = Some(now + pause.min(Duration::minutes(5)));
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
    pub(super) fn silent_until(&self) -> Option<DateTime<Utc>> {
        self.state().silent_until
    }

    /// Whether the ledger has been told that this alert is open (or closed).
    pub(super) fn has_told(&self, kind: AlertKind, open: bool) -> bool {
        self.state().told.get(kind.word()) == Some(&open)
    }

    pub(super) fn told(&self, kind: AlertKind, open: bool) {
        self.state().told.insert(kind.word(), open);
    }
}
