//! What a whole pass changes.

use super::*;
use crate::domain::facts::{Observation, Seen};
use crate::domain::pause::{PauseOf, Pauses};
use crate::domain::plan::{Rank, plan};
use crate::domain::reason::Refunding;

/// Takes the plan's own steps until it waits or needs the gateway, and says what the pass changes.
fn pass(case: &Case, looked: Option<Observation>) -> Change {
    let (mut kept, mut found) = (case.kept(), Findings::default());
    if let Some(observation) = looked {
        found.looked(&mut kept, observation);
    }
    for _ in 0..5 {
        let planned = plan(&kept.situation, &case.policy, case.now);
        match planned.step {
            Step::Settle { .. } | Step::Reject | Step::Review | Step::CatchUp => {
                found.decided(&mut kept.situation, &planned, case.now);
            }
            _ => return found.change(&kept, &planned, &case.end()),
        }
    }
    panic!("the plan never comes to rest: {kept:#?}");
}

fn look_of(case: &Case, seen: Seen) -> Observation {
    let before = case.s.observation.clone().expect("a look");
    let after_attempt = case.s.attempts.last().map_or(0, |a| a.id);
    Observation { at: case.now, seen, after_attempt, ..before }
}

#[test]
fn a_call_that_a_look_settles_and_the_wait_after_it_are_one_change() {
    let case = order(CardStatus::Captured, 1000).refund(Some(300)).tried(Action::R, 300, AttemptState::Accepted);
    let change = pass(&case, Some(look_of(&case, Seen::Card(card(CardStatus::Captured, 700)))));
    tells(
        &change.steps,
        &[
            "attempt 1: accepted -> applied",
            "refund 1: done R 300 'attempt 1 took effect' [refund_done]",
            "[attempt_applied]",
        ],
    );
    assert!(change.news().is_some() && change.alerts_change && !change.is_quiet());
    assert_eq!((change.row.refunded, change.row.left), (twd(300), Some(twd(700))));
    assert_eq!(change.external, None, "it is our own");
    assert_eq!((change.next.rule, change.next.at), (Rule::Captured, None));
}

#[test]
fn a_second_refund_is_not_explained_by_the_one_that_the_same_look_settles() {
    let case = order(CardStatus::Captured, 1000).refund(Some(300)).tried(Action::R, 300, AttemptState::Refused);
    let change = pass(&case, Some(look_of(&case, Seen::Card(card(CardStatus::Captured, 700)))));
    let external = change.external.expect("told");
    assert!(external.what().contains("by attempt 1 (R NT$300), which it had refused"), "{external:?}");
}

#[test]
fn a_routine_look_that_shows_what_was_known_is_quiet() {
    let case = order(CardStatus::Authorized, 0).with(|c| c.s.capture_slot = Some(day(20)));
    let seen_before = case.s.observation.clone().expect("a look").seen;
    let change = pass(&case, Some(look_of(&case, seen_before)));
    assert!(change.is_quiet(), "{change:#?}");
    assert_eq!(change.row, case.kept().row);
}

#[test]
fn a_newly_authorized_order_asks_for_a_place() {
    let case = order(CardStatus::Authorized, 0).with(|c| c.s.observation = None);
    let observation = order(CardStatus::Authorized, 0).s.observation.expect("a look");
    let change = pass(&case, Some(observation));
    assert!(change.slot.is_some());
    assert_eq!(pass(&order(CardStatus::Authorized, 0), None).slot, None, "without a look nothing is new");
}

#[test]
fn a_refund_that_waits_says_why_once() {
    let case = order(CardStatus::Authorized, 0).refund(Some(300));
    let change = pass(&case, None);
    assert_eq!(change.steps.refunds.len(), 1);
    let waiting = &change.steps.refunds[0];
    assert_eq!(waiting.to, RefundState::Waiting);
    assert!(waiting.detail().starts_with("a part can be refunded only after the capture"), "{waiting:?}");
    let detail = waiting.detail();
    let again = case.with(|c| (c.s.refunds[0].state, c.s.refunds[0].detail) = (RefundState::Waiting, detail));
    assert_eq!(pass(&again, None).steps.refunds, [], "to say it again would make a transaction of each look");
}

#[test]
fn a_refund_that_is_rejected_has_its_event_and_its_alert() {
    let case = order(CardStatus::Captured, 200).refund(Some(300));
    let change = pass(&case, None);
    tells(
        &change.steps,
        &[
            "refund 1: rejected 'NT$300 is more than what is left, NT$200 of NT$1000' [refund_rejected] !refund_rejected",
        ],
    );
    let rejected = &change.steps.refunds[0];
    assert!(rejected.yields_to_the_shop());
    let (asked, left, amount) = (twd(300), twd(200), twd(1000));
    let more = Refunding::MoreThanLeft { asked, left, amount };
    assert_eq!((rejected.rule, &rejected.reason), (Some(Rule::MoreThanLeft), &more.clone().into()));
    let told = Told::RefundRejected { refund: 1, why: more.into() };
    assert_eq!(rejected.alert.as_ref().map(|alert| &alert.reason), Some(&told.into()));
    assert_eq!(change.next.at, None, "the order is finished with it");
}

#[test]
fn one_that_was_to_end_with_a_call_that_came_to_nothing_waits_behind_it() {
    let case = order(CardStatus::Captured, 1000).refund(Some(300)).refund(Some(700)).with(|c| {
        c.s.refunds[1].led_by = Some(1);
        c.s.refunds[1].state = RefundState::Running;
        c.s.merchant.pauses = Pauses::both();
    });
    for (state, lets_go) in [
        (AttemptState::Refused, true),
        (AttemptState::NotApplied, true),
        (AttemptState::NotSent, true),
        // The capture was called back: the order is abandoned next, and both refunds end with it.
        (AttemptState::Applied, false),
    ] {
        let tried = case.clone().tried(Action::E, 1000, state);
        let steps = pass(&tried, None).steps.refunds;
        let step = steps.iter().find(|step| step.id == 2).map(|step| (step.to, step.detail()));
        let expected = lets_go.then(|| (RefundState::Waiting, "waits for refund 1 of the same order".to_owned()));
        assert_eq!(step, expected, "{state:?}");
        // Not before a look has shown it.
        let unseen = tried.look(|o| o.after_attempt = 0);
        let kept = unseen.kept();
        let planned = plan(&kept.situation, &unseen.policy, unseen.now);
        let change = Findings::default().change(&kept, &planned, &unseen.end());
        assert!(change.steps.refunds.iter().all(|step| step.id != 2), "{state:?}");
    }
}

#[test]
fn one_whose_leader_called_next_alone_waits_behind_it() {
    let case = order(CardStatus::Captured, 1000).refund(Some(300)).refund(Some(700)).with(|c| {
        c.s.refunds[1].state = RefundState::Running;
        c.s.merchant.pauses = Pauses::both();
    });
    // The E was to end both; the R after it was for the first alone.
    let alone = case.tried(Action::E, 1000, AttemptState::Refused).tried(Action::R, 300, AttemptState::NotApplied);
    let steps = pass(&alone, None).steps.refunds;
    let step = steps.iter().find(|step| step.id == 2).map(|step| (step.to, step.detail()));
    assert_eq!(step, Some((RefundState::Waiting, "waits for refund 1 of the same order".to_owned())));
    // It is the first now that its leader has ended.
    let first = alone.clone().with(|c| {
        let left = c.s.refunds.remove(1);
        c.s.refunds = vec![left];
    });
    let steps = pass(&first, None).steps.refunds;
    assert_eq!(steps.iter().map(|step| (step.id, step.to)).collect::<Vec<_>>(), [(2, RefundState::Waiting)]);
    // One with a call of its own is under way.
    let own = alone.with(|c| {
        let last = c.s.attempts.iter_mut().max_by_key(|a| a.id).expect("an attempt");
        last.refund_id = Some(2);
        last.state = AttemptState::Refused;
    });
    assert!(pass(&own, None).steps.refunds.iter().all(|step| (step.id, step.to) != (2, RefundState::Waiting)));
}

#[test]
fn an_order_of_a_restored_ledger_is_taken_over_with_what_it_shows() {
    let case = order(CardStatus::Captured, 700).restored(false).with(|c| {
        let quiet = c.now + Duration::hours(1);
        c.now = quiet;
        let look = c.s.observation.as_mut().expect("a look");
        look.at = quiet - secs(5);
    });
    let change = pass(&case.clone().unclaimed(300, false), None);
    assert_eq!(change.caught_up.done, Some(1));
    let Some(Event::CaughtUp { unclaimed_amount, refunded_amount, state, .. }) = change.steps.events.last() else {
        panic!("not told: {:?}", change.steps)
    };
    assert_eq!((*unclaimed_amount, *refunded_amount, *state), (twd(300), twd(300), "captured"));
}

#[test]
fn what_a_look_shows_beyond_a_restored_ledger_is_counted_once() {
    let case = order(CardStatus::Captured, 1000).restored(false);
    let refunded = look_of(&case, Seen::Card(card(CardStatus::Captured, 700)));
    let (mut kept, mut found) = (case.kept(), Findings::default());
    for _ in 0..3 {
        found.looked(&mut kept, refunded.clone());
    }
    assert_eq!(kept.situation.unclaimed.amount, twd(300));
    let planned = plan(&kept.situation, &case.policy, case.now);
    let change = found.change(&kept, &planned, &case.end());
    assert_eq!(change.caught_up.unknown.amount, twd(300));
}

#[test]
fn looks_that_tell_nothing_have_an_alert_from_the_third_on() {
    let case = order(CardStatus::Authorized, 0).seen_ago(30 * 3600);
    for (failures, of_the_order, expected) in [(2, true, false), (3, true, true), (3, false, false)] {
        let (mut kept, mut found) = (case.kept(), Findings::default());
        kept.look_failures = failures;
        let retry_at = case.now + Duration::minutes(2);
        found.failed(&mut kept, LookFailed { why: "no order in it".to_owned(), retry_at, of_the_order });
        let planned = plan(&kept.situation, &case.policy, case.now);
        let change = found.change(&kept, &planned, &case.end());
        let raised = change.alerts.alerts.iter().any(|a| a.kind == AlertKind::UnknownStatus);
        assert_eq!(raised, expected, "{failures} {of_the_order}");
        assert_eq!(change.alerts.keep_others, failures >= 3);
        assert_eq!(change.next.at, Some(retry_at));
    }
}

#[test]
fn a_visit_is_put_before_others_by_what_it_is_for() {
    let due = order(CardStatus::Authorized, 0).on(day(19) + Duration::hours(12));
    let planned = due.plan();
    let next = NextVisit::of(&planned, None);
    assert_eq!((next.at, next.rank), (Some(day(20)), Rank::Deadline), "woken for its capture");
    let at_once = NextVisit::of(&planned, Some(due.now));
    assert_eq!((at_once.at, at_once.rank), (Some(due.now), planned.rank), "before that for a look");
    let paused = due.on(day(20)).with(|c| c.s.merchant.pauses = Pauses::both());
    assert_eq!(NextVisit::of(&paused.plan(), None).pause(), Some(PauseOf::Capture));
}

#[test]
fn a_question_is_an_attempt_that_is_not_sent() {
    let case = order(CardStatus::Captured, 700).refund(Some(300)).restored(true).unclaimed(300, false);
    let change = pass(&case, None);
    let question = change.question.expect("a question");
    assert_eq!((question.action, question.amount, question.before.net), (Action::R, twd(300), 1000));
    let NewKind::Question { restore, shown, .. } = question.kind else { panic!("a call") };
    assert_eq!((restore, shown.net), (Some(1), 700));
}

#[test]
fn an_order_that_was_never_answered_for_keeps_what_is_shown() {
    let unclear = seen(Seen::Unclear { raw: "Settling".to_owned() });
    let before = OrderRow { captured: twd(1000), ..order(CardStatus::Captured, 1000).kept().row };
    let row = OrderRow::of(&unclear.s, &before, &unclear.policy, unclear.now);
    assert_eq!((row.state, row.captured, row.left), (OrderState::Review, twd(1000), None));
}
