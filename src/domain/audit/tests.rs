//! Each finding by the smallest change of a record that holds.

use super::*;
use crate::domain::plan::tests::card;

fn look(event: i64, at: i64, status: CardStatus, net: i64) -> LookKept {
    LookKept { event, at, seen: Some(Seen::Card(card(status, net))) }
}

fn moved(id: i64, at: i64, kind: MovementKind, amount: i64, attempt: Option<i64>) -> MovementKept {
    MovementKept { id, kind, amount, at, attempt }
}

fn step(event: i64, kind: EventKind, of: i64) -> StepKept {
    StepKept { event, kind, of, amount: 300 }
}

/// Captured by ECPay, then refunded in part by attempt 7 for refund 3.
fn sound() -> OrderRecord {
    OrderRecord {
        state: Some(OrderState::Captured),
        amount: 1000,
        captured: 1000,
        refunded: 300,
        looks: vec![
            look(1, 10, CardStatus::Authorized, 0),
            look(2, 20, CardStatus::Captured, 1000),
            look(5, 30, CardStatus::Captured, 700),
        ],
        movements: vec![
            moved(1, 10, MovementKind::Authorized, 1000, None),
            moved(2, 20, MovementKind::Captured, 1000, None),
            moved(3, 30, MovementKind::Refunded, 300, Some(7)),
        ],
        attempts: vec![AttemptKept { id: 7, action: Action::R, amount: 300, state: AttemptState::Applied }],
        steps: vec![
            step(3, EventKind::AttemptStarted, 7),
            step(4, EventKind::AttemptAccepted, 7),
            step(6, EventKind::AttemptApplied, 7),
            step(7, EventKind::RefundDone, 3),
        ],
        refunds: vec![RefundKept { id: 3, state: RefundState::Done, refunded: 300 }],
    }
}

/// What of the sound record is bent, and what is found then.
type Bent = (&'static str, fn(&mut OrderRecord), &'static [&'static str]);

const BENT: &[Bent] = &[
    ("nothing", |_| (), &[]),
    ("a sum", |o| o.captured = 900, &["sum"]),
    ("a movement that is gone", |o| o.movements.truncate(2), &["sum", "look"]),
    ("a movement that was added", |o| o.movements.push(moved(4, 99, MovementKind::Refunded, 5, None)), &["sum"]),
    ("the net of a look", |o| o.looks[1] = look(2, 20, CardStatus::Captured, 999), &["look"]),
    ("the status of a look", |o| o.looks[0] = look(1, 10, CardStatus::Unauthorized, 0), &["look"]),
    ("a look that cannot be read", |o| o.looks[1].seen = None, &["event_unreadable"]),
    ("the state", |o| o.state = Some(OrderState::Authorized), &["sum"]),
    ("the amount", |o| (o.refunded, o.amount) = (300, 200), &["more_than_amount"]),
    ("the call of a movement", |o| o.movements[2].attempt = Some(8), &["explanation"]),
    ("what a call did", |o| o.attempts[0].amount = 301, &["explanation"]),
    ("a step that is missing", |o| o.steps[0].of = 8, &["step"]),
    ("the last step", |o| o.steps[2].of = 8, &["attempt"]),
    ("the row of a call", |o| o.attempts[0].state = AttemptState::Refused, &["explanation", "attempt"]),
    ("the end of a refund", |o| o.steps.truncate(3), &["refund"]),
    ("the row of a refund", |o| o.refunds[0].state = RefundState::Rejected, &["refund"]),
    ("what a refund gave back", |o| o.refunds[0].refunded = 299, &["refund_amount"]),
];

#[test]
fn each_kind_of_difference_is_found_and_named_in_both_languages() {
    let mut kinds: Vec<&str> = Vec::new();
    for (what, bend, codes) in BENT {
        let mut order = sound();
        bend(&mut order);
        let found = findings(&order);
        assert_eq!(found.iter().map(Finding::code).collect::<Vec<_>>(), *codes, "{what}: {found:?}");
        for finding in &found {
            use crate::domain::language::Language;
            let (english, chinese) = (finding.sentence(Language::English), finding.sentence(Language::Chinese));
            assert!(english.is_ascii() && !chinese.is_ascii(), "{english} / {chinese}");
            kinds.push(finding.code());
        }
    }
    kinds.sort_unstable();
    kinds.dedup();
    assert_eq!(kinds.len(), 9, "each kind is found by one of them");
}

#[test]
fn a_look_that_hides_what_our_own_calls_gave_back_is_no_difference() {
    let mut order = sound();
    order.looks.push(look(8, 40, CardStatus::Captured, 1000));
    assert_eq!(findings(&order), []);
    order.attempts[0].state = AttemptState::Review;
    assert!(findings(&order).iter().any(|f| matches!(f, Finding::Look { event: 8, .. })));
}

#[test]
fn looks_of_the_same_moment_are_judged_by_the_last_of_them() {
    let mut order = sound();
    (order.looks[1].at, order.movements[1].at) = (30, 30);
    assert_eq!(findings(&order), []);
}

#[test]
fn what_a_person_said_between_two_looks_counts_at_the_next_one() {
    let mut order = sound();
    // Booked by a routine look at 25, which showed nothing new and left no event.
    order.movements[2].at = 25;
    assert_eq!(findings(&order), []);
    order.movements[2].amount = 299;
    assert!(findings(&order).iter().any(|f| matches!(f, Finding::Look { event: 5, .. })));
}
