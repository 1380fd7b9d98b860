//! What the verdict on an attempt means for its refund.

use super::*;
use crate::domain::reason::Calling;

fn unknown(action: Action, amount: i64) -> Case {
    let (status, net) = match action {
        Action::C | Action::N => (CardStatus::Authorized, 0),
        Action::E => (CardStatus::ToBeCaptured, 1000),
        Action::R => (CardStatus::Captured, 1000),
    };
    let refunded = if action == Action::R { Some(amount) } else { None };
    let case = order(status, net);
    let case = if action == Action::C { case } else { case.refund(refunded) };
    case.tried(action, amount, AttemptState::Unknown)
}

#[test]
fn each_verdict_on_each_action_has_its_steps() {
    let review = Verdict::Review { why: said("no look tells") };
    for (action, amount, verdict, expected) in [
        (Action::C, 1000, &Verdict::Applied, vec!["attempt 1: unknown -> applied", "[attempt_applied]"]),
        (Action::C, 1000, &Verdict::NotApplied, vec!["attempt 1: unknown -> not_applied", "[attempt_not_applied]"]),
        (Action::C, 1000, &review, vec!["attempt 1: unknown -> review 'no look tells'", "[attempt_in_review]"]),
        (
            Action::R,
            300,
            &Verdict::Applied,
            vec![
                "attempt 1: unknown -> applied",
                "refund 1: done R 300 'attempt 1 took effect' [refund_done]",
                "[attempt_applied]",
            ],
        ),
        (
            Action::R,
            300,
            &Verdict::NotApplied,
            vec![
                "attempt 1: unknown -> not_applied",
                "refund 1: waiting 'attempt 1 had no effect; planned anew'",
                "[attempt_not_applied]",
            ],
        ),
        (
            Action::R,
            300,
            &review,
            vec![
                "attempt 1: unknown -> review 'no look tells'",
                "refund 1: review 'attempt 1: no look tells'",
                "[attempt_in_review]",
            ],
        ),
        (
            Action::E,
            1000,
            &Verdict::Applied,
            vec![
                "attempt 1: unknown -> applied",
                "refund 1: running 'the capture was called back; abandoning the order next'",
                "[attempt_applied]",
            ],
        ),
        (
            Action::N,
            1000,
            &Verdict::Applied,
            vec![
                "attempt 1: unknown -> applied",
                "refund 1: done N 1000 'attempt 1 took effect' [refund_done]",
                "[attempt_applied]",
                "claimed 0 void true",
            ],
        ),
    ] {
        tells(&unknown(action, amount).verdict(verdict), &expected);
    }
}

#[test]
fn absence_that_is_seen_once_ends_nothing() {
    for action in Action::ALL {
        tells(&unknown(action, 1000).verdict(&Verdict::AbsentOnce), &["attempt 1: unknown -> absent once"]);
    }
}

#[test]
fn a_void_after_a_call_back_is_one_way_of_two_calls() {
    let called_back = order(CardStatus::ToBeCaptured, 1000).refund(None).tried(Action::E, 1000, AttemptState::Applied);
    let voided = called_back.tried(Action::N, 1000, AttemptState::Accepted).verdict(&Verdict::Applied);
    assert!(told(&voided).contains(&"refund 1: done E+N 1000 'attempt 2 took effect' [refund_done]".to_owned()));
}

#[test]
fn refunds_that_end_with_one_void_have_each_its_own_amount_and_the_unnamed_one_the_rest() {
    for (amounts, expected) in
        [([Some(300), Some(700)], [300, 700]), ([Some(300), None], [300, 700]), ([None, Some(300)], [700, 300])]
    {
        let case = amounts.into_iter().fold(order(CardStatus::Authorized, 0), Case::refund);
        let case = case.with(|c| c.s.refunds[1].led_by = Some(1)).tried(Action::N, 1000, AttemptState::Accepted);
        let steps = case.verdict(&Verdict::Applied);
        let done: Vec<(i64, i64)> =
            steps.refunds.iter().map(|r| (r.id, r.done.expect("an end").amount.dollars())).collect();
        assert_eq!(done, [(1, expected[0]), (2, expected[1])]);
    }
}

#[test]
fn one_that_may_have_been_made_with_another_stays_out_of_the_shops_reach() {
    let case = order(CardStatus::Authorized, 0).refund(Some(300)).refund(Some(700));
    let case = case.with(|c| c.s.refunds[1].led_by = Some(1)).tried(Action::N, 1000, AttemptState::Unknown);
    let steps = case.verdict(&Verdict::Review { why: said("odd") });
    let states: Vec<&str> = steps.refunds.iter().map(|r| r.to.word()).collect();
    assert_eq!(states, ["review", "running"]);
    let in_question = Calling::CallInQuestion { attempt: 1, why: Box::new(said("odd")) };
    assert_eq!((steps.refunds[0].rule, &steps.refunds[0].reason), (None, &in_question.into()));
}

#[test]
fn a_call_of_the_part_that_is_lost_is_a_question_once_it_is_put_before_a_person() {
    let review = Verdict::Review { why: said("odd") };
    let before = unknown(Action::R, 300).restored(false);
    assert_eq!(told(&before.verdict(&review))[0], "attempt 1: unknown -> review 'odd' asked at 1");
    // Sent since: what became of it is not lost.
    let since = order(CardStatus::Captured, 1000).refund(Some(300)).restored(true);
    let since = since.tried(Action::R, 300, AttemptState::Unknown);
    assert_eq!(told(&since.verdict(&review))[0], "attempt 1: unknown -> review 'odd'");
}

#[test]
fn only_a_call_that_a_person_was_asked_about_explains_money_that_nobody_had_claimed() {
    let asked = |asked| {
        let case = order(CardStatus::Captured, 700).refund(Some(300)).unclaimed(300, false);
        case.tried_as(Action::R, 300, AttemptState::Review, |a| a.asked = asked)
    };
    assert_eq!(asked(Some(1)).verdict(&Verdict::Applied).claimed.amount, twd(300));
    assert_eq!(asked(None).verdict(&Verdict::Applied).claimed.amount, Twd::ZERO);
    assert_eq!(asked(Some(1)).verdict(&Verdict::NotApplied).claimed.amount, Twd::ZERO);
}
