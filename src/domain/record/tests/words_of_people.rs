//! What a person says of an attempt in review.

use super::*;

fn said(case: &Case, applied: bool) -> Result<Vec<String>, String> {
    let amount = case.s.card().map(|card| card.amount);
    resolved(&case.s, amount, case.last_attempt(), applied, "an accountant", case.now).map(|steps| told(&steps))
}

fn in_review(net: i64, bend: impl FnOnce(&mut Attempt)) -> Case {
    order(CardStatus::Captured, net).refund(Some(300)).tried_as(Action::R, 300, AttemptState::Review, bend)
}

#[test]
fn the_word_settles_it_and_says_whose_it_was() {
    let case = in_review(700, |_| ());
    assert_eq!(
        said(&case, true).expect("a word"),
        [
            "attempt 1: review -> applied by an accountant",
            "refund 1: done R 300 'attempt 1 took effect' [refund_done]",
            "[attempt_applied]"
        ]
    );
    assert_eq!(
        said(&case, false).expect("a word"),
        [
            "attempt 1: review -> not_applied by an accountant",
            "refund 1: waiting 'attempt 1 had no effect; planned anew'",
            "[attempt_not_applied]"
        ]
    );
}

#[test]
fn what_is_not_in_review_is_settled_by_nobodys_word() {
    for state in AttemptState::ALL.iter().copied().filter(|s| *s != AttemptState::Review) {
        let case = order(CardStatus::Captured, 1000).refund(Some(300)).tried(Action::R, 300, state);
        for applied in [true, false] {
            let why = said(&case, applied).expect_err("no word");
            let expected = if state.is_open() { "is still being settled by looks" } else { "is not in review, it is" };
            assert!(why.contains(expected), "{why}");
        }
    }
}

#[test]
fn a_refund_that_is_larger_than_what_was_found_was_not_made() {
    let question = |found: i64| {
        let before = Before { status: CardStatus::Captured, net: 700 + found };
        let shown = Before { status: CardStatus::Captured, net: 700 };
        in_review(700, |a| (a.sent, a.before, a.reviewed) = (false, before, Some(shown)))
    };
    assert!(said(&question(300), true).is_ok());
    let why = said(&question(299), true).expect_err("too little");
    assert!(why.contains("only NT$299 refunded") && why.ends_with("settle it as not applied"), "{why}");
    assert!(said(&question(299), false).is_ok(), "it may always be another's");

    let restored = |unclaimed| in_review(700, |a| a.asked = Some(1)).unclaimed(unclaimed, false);
    assert!(said(&restored(300), true).is_ok());
    assert!(said(&restored(299), true).is_err());
}

#[test]
fn two_refunds_are_not_both_made_of_one_and_the_same_money() {
    let others = |applied| {
        let case = order(CardStatus::Captured, 0).refund(Some(300)).tried(Action::R, applied, AttemptState::Applied);
        case.tried(Action::R, 300, AttemptState::Review)
    };
    assert!(said(&others(700), true).is_ok());
    let why = said(&others(701), true).expect_err("no room");
    assert!(why.contains("leave only NT$299 of its amount"), "{why}");
    // What a person has declared undone leaves its room again.
    let undone = others(701).with(|c| c.s.attempts[0].undone = true);
    assert!(said(&undone, true).is_ok());
}
