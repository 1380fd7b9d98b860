//! What the lanes have done since the start, for whoever counts.

use std::sync::atomic::{AtomicU64, Ordering};

use chrono::Duration;

use super::traffic::Traffic;
use crate::domain::action::{Action, Outcome};

/// What became of a money call, in the order of the counters.
pub const OUTCOMES: [&str; 4] = ["accepted", "refused", "unknown", "not_sent"];

#[derive(Debug, Default)]
pub struct Tally {
    /// By the hour, for the ledger.
    pub traffic: Traffic,
    attempts: [[AtomicU64; OUTCOMES.len()]; Action::ALL.len()],
    turns: AtomicU64,
    waited_ms: AtomicU64,
}

impl Tally {
    pub(super) fn attempt(&self, action: Action, outcome: &Outcome) {
        let outcome = match outcome {
            Outcome::Accepted => 0,
            Outcome::Refused { .. } => 1,
            Outcome::Unknown { .. } => 2,
            Outcome::NotSent { .. } => 3,
        };
        let action = Action::ALL.iter().position(|known| *known == action);
        if let Some(counter) = action.and_then(|action| self.attempts.get(action)?.get(outcome)) {
            counter.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// A call has had to wait for its place and its turn.
    pub(super) fn turn(&self, waited: Duration) {
        self.turns.fetch_add(1, Ordering::Relaxed);
        self.waited_ms.fetch_add(u64::try_from(waited.num_milliseconds()).unwrap_or(0), Ordering::Relaxed);
    }

    /// By action and outcome.
    pub fn attempts(&self) -> impl Iterator<Item = (Action, &'static str, u64)> + '_ {
        Action::ALL.iter().zip(&self.attempts).flat_map(|(action, counters)| {
            OUTCOMES.iter().zip(counters).map(|(word, n)| (*action, *word, n.load(Ordering::Relaxed)))
        })
    }

    /// Calls that had their turn, and how long they have waited for it together.
    pub fn waits(&self) -> (u64, Duration) {
        let ms = i64::try_from(self.waited_ms.load(Ordering::Relaxed)).unwrap_or(i64::MAX);
        (self.turns.load(Ordering::Relaxed), Duration::milliseconds(ms))
    }
}
