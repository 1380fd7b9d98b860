//! The journal over whole lives at random.

use proptest::prelude::*;

use super::movements::{Story, listed, shown};
use super::*;
use crate::domain::facts::{ClosedRow, Seen};
use crate::domain::movement::{MovementKind, Position};
use CardStatus::Captured;

/// One thing that happens to an order between two looks.
#[derive(Clone, Debug)]
enum Happens {
    Shows(CardStatus, i64),
    Unreadable,
    /// A capture and refunds with their dates: so many days ago.
    Lists(Vec<(i64, i64)>),
    Called(Action, i64, AttemptState),
    Undone(usize),
    Days(i64),
}

fn happening() -> impl Strategy<Value = Happens> {
    let status = prop::sample::select(CardStatus::ALL.to_vec());
    let action = prop::sample::select(vec![Action::C, Action::R, Action::E, Action::N]);
    let state = prop::sample::select(AttemptState::ALL.to_vec());
    prop_oneof![
        6 => (status, 0..=10_i64).prop_map(|(status, net)| Happens::Shows(status, if status.is_closing() { net * 100 } else { 0 })),
        1 => Just(Happens::Unreadable),
        4 => prop::collection::vec((1..=4_i64, 0..30_i64), 0..3).prop_map(Happens::Lists),
        4 => (action, 1..=10_i64, state).prop_map(|(action, part, state)| Happens::Called(action, part * 100, state)),
        1 => (0..6_usize).prop_map(Happens::Undone),
        1 => (1..60_i64).prop_map(Happens::Days),
    ]
}

proptest! {
    #[test]
    fn the_sum_of_its_movements_is_what_an_order_shows_whatever_happens(life in prop::collection::vec(happening(), 1..25)) {
        let mut story = Story::new();
        let mut moved = Position::default();
        for happens in life {
            match happens {
                Happens::Shows(status, net) => drop(story.look(shown(status, net))),
                Happens::Lists(refunds) => {
                    let now = story.case.now;
                    let row = |amount, days| ClosedRow { status: Captured, amount, at: Some(now - Duration::days(days)) };
                    let refunds = refunds.into_iter().map(|(part, days)| row(-part * 100, days));
                    let rows: Vec<ClosedRow> = std::iter::once(row(1000, 30)).chain(refunds).collect();
                    drop(story.look(listed(Captured, &rows)));
                }
                Happens::Unreadable => drop(story.look(Seen::Unclear { raw: "a word".to_owned() })),
                Happens::Called(action, amount, state) if story.case.s.observation.is_some() && story.case.s.open_attempt().is_none() => {
                    story.case = story.case.clone().tried(action, amount, state);
                    story.pass(None);
                }
                Happens::Called(..) => {}
                Happens::Undone(which) => {
                    if let Some(attempt) = story.case.s.attempts.get_mut(which) {
                        attempt.undone = true;
                    }
                    if story.case.s.observation.is_some() {
                        story.pass(None);
                    }
                }
                Happens::Days(days) => story.case.now += Duration::days(days),
            }
            moved = story.journal.iter().fold(Position::default(), |sum, m| sum.plus(m.kind, m.amount));
            prop_assert_eq!(moved, story.booked.position);
        }
        for m in &story.journal {
            let call = story.case.s.attempts.iter().find(|a| Some(a.id) == m.attempt);
            prop_assert!(call.is_none_or(|call| call.may_have_moved(m.gateway_at)), "of another time: {:?} {:?}", m, call);
            prop_assert!(m.amount > 0 || !matches!(m.kind, MovementKind::Captured | MovementKind::CalledBack), "{:?}", m);
        }
        prop_assert!(moved.open() >= 0, "{:#?}", story.journal);
    }
}
