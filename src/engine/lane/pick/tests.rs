use proptest::prelude::*;

use super::*;

fn sound(id: i64, rank: u8) -> Due {
    Due { id, rank, failing: false }
}

fn failing(id: i64, rank: u8) -> Due {
    Due { id, rank, failing: true }
}

fn shares(busy: usize, busy_failing: usize, balance: i64) -> Shares {
    Shares { places: 4, rows: 4, busy, busy_failing, balance }
}

#[test]
fn the_next_row_is_a_sound_one_unless_sound_rows_have_had_their_half() {
    const R: u8 = 0;
    let (a, b, refund) = (sound(1, 2), sound(2, 1), sound(3, R));
    let (x, y) = (failing(8, R), failing(9, 2));
    for (waits, shares, next) in [
        (&[a, b][..], shares(0, 0, 0), Some(1)),
        (&[x, y], shares(0, 0, -9), Some(8)),
        (&[a, x], shares(0, 0, 0), Some(1)),
        (&[a, x], shares(1, 0, 1), Some(8)),
        // It is in work, and the next one has to be earned as well.
        (&[a, y], shares(1, 1, 1), Some(1)),
        (&[a, y], shares(1, 1, 2), Some(9)),
        // Half of the places stay for sound rows, also while none waits.
        (&[x], shares(2, 2, 4), None),
        (&[a, x], shares(3, 2, 4), Some(1)),
        // No room but for refunds, of which none may be failing.
        (&[a, x], shares(4, 0, 4), None),
        (&[refund, x], shares(4, 0, 4), Some(3)),
        (&[], shares(0, 0, 0), None),
    ] {
        let mut list = List::of(waits.iter().copied());
        assert_eq!(list.next(shares).map(|due| due.id), next, "{waits:?} {shares:?}");
    }
}

#[test]
fn a_lane_with_one_place_takes_them_in_turn() {
    let mut list = List::of((0..6).map(|id| if id < 3 { sound(id, 2) } else { failing(id, 0) }));
    let (mut balance, mut taken) = (0, Vec::new());
    while let Some(due) = list.next(Shares { places: 1, rows: 1, busy: 0, busy_failing: 0, balance }) {
        balance += if due.failing { -1 } else { 1 };
        taken.push(due.id);
    }
    assert_eq!(taken, [0, 3, 1, 4, 2, 5]);
}

/// The list is made anew for each probe; what was tried stays due.
fn probed(waits: &[Due], probes: usize) -> Vec<i64> {
    let mut probed = Probed::default();
    (0..probes).filter_map(|_| List::of(waits.iter().copied()).probe(&mut probed)).map(|due| due.id).collect()
}

#[test]
fn probes_go_round_the_ranks_and_the_rows() {
    for (waits, order) in [
        (&[sound(1, 0)][..], &[1, 1, 1][..]),
        (&[sound(1, 0), sound(2, 0)], &[1, 2, 1, 2]),
        (&[sound(1, 0), sound(2, 1), failing(3, 0)], &[1, 2, 3, 1, 2, 3]),
        (&[sound(1, 0), sound(2, 0), sound(3, 0), sound(4, 1)], &[1, 4, 2, 3, 1, 4]),
        (&[failing(1, 0), failing(2, 0), failing(3, 1)], &[1, 3, 2, 1, 3]),
    ] {
        assert_eq!(probed(waits, order.len()), order, "{waits:?}");
    }
}

/// In whole lives the rests of failing rows hide this fault: each row that fails rests longer than the next one
/// takes. `.ci/run` asks for this test alone, as `tests/checker.rs` is asked for the others.
#[cfg(feature = "deliberate-faults")]
#[test]
#[ignore = "switches a fault on for the whole process"]
fn a_probe_that_does_not_rotate_is_caught() {
    use crate::deliberate::{Deliberate, switch};
    switch(Some(Deliberate::ProbesTheSameRow));
    let failed = std::panic::catch_unwind(probes_go_round_the_ranks_and_the_rows);
    switch(None);
    failed.expect_err("one row has all the probes");
    probes_go_round_the_ranks_and_the_rows();
}

proptest! {
    /// However many rows of one kind fail: the first of each other kind is tried within six probes, and
    /// no row twice before all were tried.
    #[test]
    fn every_row_that_is_due_is_probed_before_one_is_probed_again(
        kinds in prop::collection::vec((0_u8..3, any::<bool>()), 1..40),
    ) {
        let waits: Vec<Due> =
            kinds.iter().zip(1..).map(|((rank, failing), id)| Due { id, rank: *rank, failing: *failing }).collect();
        let order = probed(&waits, waits.len());
        let mut all = order.clone();
        all.sort_unstable();
        prop_assert_eq!(all, (1..=i64::try_from(waits.len()).expect("few")).collect::<Vec<_>>());
        let kind = |id: &i64| kinds[usize::try_from(*id).expect("a row") - 1];
        for wanted in kinds.iter() {
            prop_assert!(order.iter().take(6).any(|id| kind(id) == *wanted), "{wanted:?} in {order:?}");
        }
    }

    /// Whatever the number of calls of each pass: while sound rows wait, at least half of the calls are
    /// theirs, but for those of the failing rows that are in work.
    #[test]
    fn at_least_half_of_the_calls_are_for_sound_rows(
        calls in prop::collection::vec((1_i64..3, any::<bool>()), 1..200), places in 1_usize..8,
    ) {
        let mut list = List::of((0..1000).map(|id| if id % 2 == 0 { sound(id, 2) } else { failing(id, 0) }));
        let (mut balance, mut in_work) = (0_i64, VecDeque::new());
        for (calls, ends) in calls {
            let busy_failing = in_work.iter().filter(|due: &&Due| due.failing).count();
            let next = list.next(Shares { places, rows: places, busy: in_work.len(), busy_failing, balance });
            if let Some(due) = next {
                in_work.push_back(due);
            }
            if (ends || next.is_none())
                && let Some(due) = in_work.pop_front()
            {
                balance += if due.failing { -1 } else { calls };
            }
            prop_assert!(balance >= 0, "{balance}");
        }
    }
}
