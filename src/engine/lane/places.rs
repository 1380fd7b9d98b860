//! Who has a place among the calls in flight, and who stands in line for one.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

pub(super) struct Places {
    calls: Arc<Semaphore>,
    /// Its holder is the one routine look that stands in line.
    line: Semaphore,
}

impl Places {
    pub(super) fn new(count: usize) -> Self {
        Self { calls: Arc::new(Semaphore::new(count)), line: Semaphore::new(1) }
    }

    /// A place for one call, in the order in which they are asked for. Of routine looks one alone stands
    /// in line: what is urgent is behind one of them at most, however many rows are in work.
    pub(super) async fn take(&self, is_routine: bool) -> Option<OwnedSemaphorePermit> {
        // Neither is ever closed; without a place the pace alone bounds the calls.
        let _first = if is_routine { self.line.acquire().await.ok() } else { None };
        self.calls.clone().acquire_owned().await.ok()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use proptest::prelude::*;
    use tokio::task::{JoinSet, yield_now};

    use super::*;

    /// In which order those that ask for a place, one after the other while all are taken, have one.
    async fn order(count: usize, asking: &[bool]) -> Vec<usize> {
        let places = Arc::new(Places::new(count));
        let mut held = Vec::new();
        for _ in 0..count {
            held.push(places.take(false).await);
        }
        let had = Arc::new(Mutex::new(Vec::new()));
        let mut waiting = JoinSet::new();
        for (i, is_routine) in asking.iter().copied().enumerate() {
            let (places, had) = (places.clone(), had.clone());
            waiting.spawn(async move {
                let place = places.take(is_routine).await;
                had.lock().expect("whole").push(i);
                // A call takes its time: others ask for the next place meanwhile.
                yield_now().await;
                drop(place);
            });
            yield_now().await;
        }
        drop(held);
        waiting.join_all().await;
        let had = had.lock().expect("whole");
        had.clone()
    }

    #[tokio::test]
    async fn what_is_urgent_stands_behind_one_routine_look_of_many() {
        assert_eq!(order(1, &[true, true, true, true, false, true]).await, [0, 4, 1, 2, 3, 5]);
    }

    proptest! {
        #[test]
        fn whoever_asks_has_a_place_and_no_urgent_one_is_behind_two_routine_looks(
            count in 1_usize..5,
            asking in prop::collection::vec(any::<bool>(), 0..24),
        ) {
            let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
            let had = runtime.block_on(order(count, &asking));
            let mut all = had.clone();
            all.sort_unstable();
            prop_assert_eq!(all, (0..asking.len()).collect::<Vec<_>>());
            let routine = |i: &&usize| asking[**i];
            for (at, i) in had.iter().enumerate().filter(|(_, i)| !asking[**i]) {
                prop_assert!(had[..at].iter().filter(routine).count() <= 1, "{i} of {had:?}");
            }
            // Of a kind, in the order in which they asked.
            for kind in [false, true] {
                let of_kind: Vec<_> = had.iter().filter(|i| asking[**i] == kind).collect();
                prop_assert!(of_kind.is_sorted(), "{had:?}");
            }
        }
    }
}
