//! How a call without an answer, or without a visible effect, is settled.

use super::*;
use Action::{C, E, N, R};
use AttemptState::{Accepted, NotApplied, Started, Unknown};
use CardStatus::{Authorized, Canceled, Captured, OperationCanceled, ToBeCaptured, Unauthorized};

/// An attempt that began at noon of day one with the order as `before`, seen later as `after`.
fn unanswered(action: Action, state: AttemptState, before: (CardStatus, i64), after: Seen) -> Case {
    let case = order(before.0, before.1);
    let case = if action == C { case } else { case.refund(Some(if action == R { 300 } else { 1000 })) };
    let case = case.tried_as(action, if action == R { 300 } else { 1000 }, state, |a| {
        a.started_at = at(NOON);
        a.finished_at = (state != Started).then(|| at(NOON) + secs(30));
    });
    case.look(|o| o.seen = after).at("2026-08-01 12:01:00")
}

fn shown(status: CardStatus, net: i64) -> Seen {
    Seen::Card(card(status, net))
}

/// Long after the request has grown too old.
const SPENT: &str = "2026-08-01 12:30:00";

const STATES: [AttemptState; 3] = [Started, Unknown, Accepted];

#[test]
fn an_effect_that_shows_settles_the_call_at_once() {
    for state in STATES {
        for (action, before, after) in [
            (C, (Authorized, 0), shown(ToBeCaptured, 1000)),
            (C, (OperationCanceled, 0), shown(Captured, 1000)),
            (E, (ToBeCaptured, 1000), shown(OperationCanceled, 0)),
            (E, (ToBeCaptured, 1000), shown(Authorized, 0)),
            (N, (Authorized, 0), shown(Canceled, 0)),
            (R, (Captured, 1000), shown(Captured, 700)),
            (R, (ToBeCaptured, 1000), shown(Captured, 700)),
            (R, (Captured, 800), shown(Captured, 500)),
        ] {
            unanswered(action, state, before, after).says("settle 1 applied by unanswered");
        }
    }
}

#[test]
fn absence_proves_nothing_while_the_request_may_still_be_accepted() {
    for state in [Started, Unknown] {
        for (action, before) in
            [(C, (Authorized, 0)), (E, (ToBeCaptured, 1000)), (N, (Authorized, 0)), (R, (Captured, 1000))]
        {
            let case = unanswered(action, state, before, shown(before.0, before.1));
            let case = case.says("wait until 2026-08-01 12:01:55 by unanswered");
            let case = case.with(|c| c.now += secs(60)).says("look by unanswered");
            // Ten minutes of validity, five of skew, one second for the fraction.
            let case = case.at("2026-08-01 12:15:05").says("wait until 2026-08-01 12:16:00 by unanswered");
            case.at("2026-08-01 12:15:06").says("settle 1 absent once by unanswered");
        }
    }
}

#[test]
fn two_looks_a_gap_apart_settle_an_absence() {
    let case = unanswered(R, Unknown, (Captured, 1000), shown(Captured, 1000)).at(SPENT);
    let case = case.says("settle 1 absent once by unanswered");
    let first = case.now - secs(5);
    let case = case.with(|c| c.s.attempts[0].first_absence_at = Some(first));
    let case = case.says("wait until 2026-08-01 12:30:55 by unanswered");
    let case = case.with(|c| c.now += secs(55)).says("look by unanswered");
    let case = case.on(first + secs(64)).says("wait until 2026-08-01 12:31:54 by unanswered");
    let case = case.on(first + secs(65)).says("settle 1 not applied by unanswered");
    let case = case.with(|c| c.s.attempts[0].state = NotApplied);
    case.says("act R 300 by captured");
}

#[test]
fn an_effect_that_shows_late_still_settles_the_call() {
    let case = unanswered(R, Unknown, (Captured, 1000), shown(Captured, 700)).at(SPENT);
    case.with(|c| c.s.attempts[0].first_absence_at = Some(at("2026-08-01 12:20:00")))
        .says("settle 1 applied by unanswered");
}

#[test]
fn the_age_of_a_request_goes_by_the_gateways_clock() {
    let case = unanswered(R, Unknown, (Captured, 1000), shown(Captured, 1000)).at("2026-08-01 12:18:00");
    let case = case.look(|o| o.skew_s = Some(-200)).says("wait until 2026-08-01 12:18:55 by unanswered");
    case.look(|o| o.skew_s = Some(0)).says("settle 1 absent once by unanswered");
}

#[test]
fn a_clock_that_is_not_believed_proves_no_request_too_old() {
    for skew_s in [301, 86_400, -301, i64::MAX, i64::MIN] {
        for after in [shown(Captured, 1000), Seen::NotFound] {
            let case = unanswered(R, Unknown, (Captured, 1000), after).at(SPENT);
            case.look(|o| o.skew_s = Some(skew_s)).says("wait until 2026-08-01 12:39:55 by unanswered");
        }
        let there = unanswered(R, Unknown, (Captured, 1000), shown(Captured, 700)).at(SPENT);
        there.look(|o| o.skew_s = Some(skew_s)).says("settle 1 applied by unanswered");
    }
}

#[test]
fn what_the_call_does_not_explain_goes_to_a_person() {
    for state in STATES {
        for (action, before, after) in [
            (R, (Captured, 1000), shown(Captured, 500)),
            (R, (Captured, 1000), shown(Captured, 900)),
            (R, (ToBeCaptured, 1000), shown(Authorized, 0)),
            (R, (Captured, 1000), shown(Canceled, 0)),
            (C, (Authorized, 0), shown(ToBeCaptured, 700)),
            (C, (Authorized, 0), shown(Canceled, 0)),
            (C, (Authorized, 0), shown(Unauthorized, 0)),
            (E, (ToBeCaptured, 1000), shown(Captured, 700)),
            (E, (ToBeCaptured, 1000), shown(Canceled, 0)),
            (N, (Authorized, 0), shown(Captured, 700)),
            (N, (Authorized, 0), shown(Unauthorized, 0)),
        ] {
            let case = unanswered(action, state, before, after);
            // As long as it may still take effect nobody can tell, and a hasty word would move the money twice.
            let case = match state {
                Accepted => case,
                _ => case.says("wait until 2026-08-01 12:01:55 by unanswered").at(SPENT),
            };
            case.says("settle 1 review by unanswered");
        }
    }
}

#[test]
fn a_look_that_shows_more_than_there_was_tells_nothing_of_a_refund() {
    let case = unanswered(R, Unknown, (Captured, 700), shown(Captured, 1000)).at(SPENT);
    case.says("wait until 2026-08-01 12:44:49 by unseen-effect");
}

#[test]
fn answers_that_cannot_be_read_go_to_a_person_a_day_after_the_request_is_spent() {
    for state in STATES {
        for after in [
            Seen::NotFound,
            Seen::Unpaid { amount: None },
            Seen::BankPending { amount: None },
            Seen::NotCard { amount: None, payment_type: "CVS".to_owned() },
            Seen::Unclear { raw: "Settling".to_owned() },
        ] {
            let case = unanswered(R, state, (Captured, 1000), after);
            let case = case.says("wait until 2026-08-01 12:01:55 by unanswered").at(SPENT);
            case.says("wait until 2026-08-01 12:44:49 by unseen-effect")
                .at("2026-08-02 13:00:00")
                .says("settle 1 review by unseen-effect");
        }
    }
}

#[test]
fn an_empty_list_of_rows_is_no_proof_that_a_refund_had_no_effect() {
    let Seen::Card(card) = shown(Captured, 1000) else { panic!("a card") };
    let case = unanswered(R, Unknown, (Captured, 1000), Seen::Card(CardFacts { listed: false, ..card })).at(SPENT);
    case.says("wait until 2026-08-01 12:44:49 by unseen-effect");
}

#[test]
fn an_accepted_refund_is_never_taken_for_not_applied() {
    let case = unanswered(R, Accepted, (Captured, 1000), shown(Captured, 1000));
    let case = case.says("wait until 2026-08-01 12:01:55 by unseen-effect");
    let case = case.at("2026-08-01 14:00:00").with(|c| c.s.attempts[0].first_absence_at = Some(at(SPENT)));
    let case = case.says("wait until 2026-08-01 15:59:20 by unseen-effect");
    let case = case.at("2026-08-02 12:00:34").says("wait until 2026-08-03 12:00:28 by unseen-effect");
    case.at("2026-08-02 12:00:35").says("settle 1 review by unseen-effect");
}

#[test]
fn other_accepted_calls_without_effect_are_settled_like_unanswered_ones() {
    for (action, before) in [(C, (Authorized, 0)), (E, (ToBeCaptured, 1000)), (N, (Authorized, 0))] {
        let case = unanswered(action, Accepted, before, shown(before.0, before.1)).at(SPENT);
        case.says("settle 1 absent once by unanswered");
    }
}

#[test]
fn an_abandoning_overtaken_by_the_closing_had_no_effect() {
    for status in [ToBeCaptured, Captured] {
        let case = unanswered(N, Unknown, (Authorized, 0), shown(status, 1000)).at(SPENT);
        let case = case.says("settle 1 absent once by unanswered");
        case.with(|c| c.s.attempts[0].first_absence_at = Some(at("2026-08-01 12:20:00")))
            .says("settle 1 not applied by unanswered");
    }
}

#[test]
fn a_calling_back_overtaken_by_the_claim_had_no_effect() {
    let case = unanswered(E, Unknown, (ToBeCaptured, 1000), shown(Captured, 1000)).at(SPENT);
    case.says("settle 1 absent once by unanswered");
}

#[test]
fn a_look_from_before_the_call_says_nothing_about_it() {
    for state in STATES {
        let case = unanswered(R, state, (Captured, 1000), shown(Captured, 700)).at(SPENT);
        case.look(|o| o.after_attempt = 0).says("look by unanswered");
    }
}

#[test]
fn a_call_in_review_stays_with_the_person_whatever_shows() {
    for after in [shown(Captured, 1000), shown(Captured, 700), Seen::NotFound] {
        let case = unanswered(R, AttemptState::Review, (Captured, 1000), after).at(SPENT);
        let plan = case.clone().says("wait until 2026-08-02 12:29:55 by attempt-in-review").plan();
        assert!(plan.why().contains("ecpayd resolve 1"), "{}", plan.why());
        assert_eq!(plan.refund, Some(1));
        case.seen_ago(86_400).says("look by attempt-in-review");
    }
}

#[test]
fn no_other_refund_moves_while_a_call_is_open() {
    let open = unanswered(R, Unknown, (Captured, 1000), shown(Captured, 1000)).refund(Some(100));
    open.says("wait until 2026-08-01 12:01:55 by unanswered");
}
