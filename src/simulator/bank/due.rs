//! When each of many things is due next.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use chrono::{DateTime, Utc};

/// Costs what is touched, however many things wait.
#[derive(Debug, Default)]
pub(super) struct Due {
    heap: BinaryHeap<Reverse<(DateTime<Utc>, usize)>>,
    /// The one time that counts for each place; what else the heap holds is out of date.
    of: Vec<Option<DateTime<Utc>>>,
}

impl Due {
    /// Replaces what was told for this place before.
    pub fn set(&mut self, place: usize, at: Option<DateTime<Utc>>) {
        if place >= self.of.len() {
            self.of.resize(place + 1, None);
        }
        if self.of[place] == at {
            return;
        }
        self.of[place] = at;
        if let Some(at) = at {
            self.heap.push(Reverse((at, place)));
        }
    }

    /// The next place that is due by `now`, which is then due no more.
    pub fn pop(&mut self, now: DateTime<Utc>) -> Option<usize> {
        while let Some(Reverse((at, place))) = self.heap.peek().copied().filter(|Reverse((at, _))| *at <= now) {
            self.heap.pop();
            if self.of[place] == Some(at) {
                self.of[place] = None;
                return Some(place);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::at;
    use super::*;

    #[test]
    fn the_last_time_told_is_the_one_that_counts() {
        let mut due = Due::default();
        let [early, noon, late] = ["09:00", "12:00", "18:00"].map(|time| at(&format!("2026-08-01 {time}:00")));
        due.set(0, Some(early));
        due.set(0, Some(late));
        due.set(1, Some(noon));
        due.set(2, Some(noon));
        due.set(2, None);
        assert_eq!(due.pop(early), None);
        assert_eq!([due.pop(noon), due.pop(noon)], [Some(1), None]);
        assert_eq!([due.pop(late), due.pop(late)], [Some(0), None]);
        due.set(0, Some(early));
        due.set(0, Some(early));
        assert_eq!([due.pop(late), due.pop(late)], [Some(0), None]);
    }
}
