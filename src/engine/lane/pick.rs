//! Which of the rows that are due is next.

use std::collections::{HashMap, VecDeque};

use crate::domain::plan::Rank;
use crate::ledger::Due;

/// What is due, the most urgent first, apart from that whose last looks have failed.
#[derive(Default)]
pub(in crate::engine) struct List {
    sound: VecDeque<Due>,
    failing: VecDeque<Due>,
}

/// How a lane's places and calls are shared out.
#[derive(Clone, Copy, Debug)]
pub(in crate::engine) struct Shares {
    /// Calls in flight at most.
    pub places: usize,
    /// Rows in work at most, refunds apart.
    pub rows: usize,
    /// Rows in work.
    pub busy: usize,
    /// How many of them are failing.
    pub busy_failing: usize,
    /// How many more calls were made for sound rows than for failing ones.
    pub balance: i64,
}

impl Shares {
    /// Beside sound rows that wait, a failing one needs a call of theirs for each of its own.
    fn lets_failing_go(&self, sound_waits: bool) -> bool {
        let in_work = i64::try_from(self.busy_failing).unwrap_or(i64::MAX);
        self.busy < self.rows
            && self.busy_failing < (self.places / 2).max(1)
            && (!sound_waits || self.balance > in_work)
    }
}

/// Which rows were tried while the gateway seems not to answer.
#[derive(Default)]
pub(in crate::engine) struct Probed {
    count: u64,
    rows: HashMap<i64, u64>,
    /// By rank, and apart by whether they are failing.
    ranks: HashMap<(bool, u8), u64>,
}

impl List {
    pub(in crate::engine) fn of(due: impl Iterator<Item = Due>) -> Self {
        let (failing, sound) = due.partition(|due| due.failing);
        Self { sound, failing }
    }

    pub(in crate::engine) fn is_empty(&self) -> bool {
        self.sound.is_empty() && self.failing.is_empty()
    }

    /// The next row, if there is room for it. Refunds have room of their own, one for each call: a shop's new row never
    /// waits for routine looks to end, only for a place among the calls.
    pub(in crate::engine) fn next(&mut self, shares: Shares) -> Option<Due> {
        if shares.lets_failing_go(!self.sound.is_empty())
            && let Some(failing) = self.failing.pop_front()
        {
            return Some(failing);
        }
        let has_room = |due: &&Due| due.rank == Rank::Refund as u8 || shares.busy < shares.rows;
        self.sound.front().filter(has_room)?;
        self.sound.pop_front()
    }

    /// The row that was tried longest ago, none of a rank whose turn is later: neither one row nor many
    /// of one kind, which may fail by themselves, keep the others from showing that the gateway answers.
    pub(in crate::engine) fn probe(&mut self, probed: &mut Probed) -> Option<Due> {
        let waiting = self.sound.iter().chain(&self.failing);
        let next = if deliberate!(ProbesTheSameRow) {
            waiting.min_by_key(|due| due.rank)
        } else {
            waiting.min_by_key(|due| probed.last(due))
        };
        let next = next.copied()?;
        self.sound.retain(|due| due.id != next.id);
        self.failing.retain(|due| due.id != next.id);
        probed.note(next);
        Some(next)
    }
}

impl Probed {
    /// When a row, and one of its rank, was tried last.
    fn last(&self, due: &Due) -> (u64, u64) {
        let row = self.rows.get(&due.id).copied().unwrap_or(0);
        (row, self.ranks.get(&(due.failing, due.rank)).copied().unwrap_or(0))
    }

    fn note(&mut self, due: Due) {
        self.count += 1;
        self.rows.insert(due.id, self.count);
        self.ranks.insert((due.failing, due.rank), self.count);
    }
}

#[cfg(test)]
mod tests;
