//! A ledger that may have been put back from a copy.

use super::*;
use crate::domain::record::shown::unknown_in;
use AttemptState::{Applied, NotApplied, Refused, Unknown};
use CardStatus::{Authorized, Canceled, Captured, OperationCanceled, ToBeCaptured};

/// Not caught up; the restore was noticed at 11:00, so all is quiet from 11:15:01.
fn copy(status: CardStatus, net: i64) -> Case {
    order(status, net).restored(false)
}

/// Caught up, with money that went back unknown to the ledger.
fn caught_up(net: i64, unclaimed: i64) -> Case {
    order(Captured, net).restored(true).unclaimed(unclaimed, false)
}

fn looked_at(case: Case, look: &str) -> Case {
    let (look, noon) = (at(look), at(NOON));
    case.seen_ago((noon - look).num_seconds())
}

#[test]
fn nothing_moves_before_a_look_of_after_the_copy_was_noticed() {
    let due = |c: Case| c.look(|o| o.after_restore = 0);
    due(copy(Captured, 1000)).refund(Some(300)).says("look by restored-ledger");
    due(copy(ToBeCaptured, 1000)).refund(None).says("look by restored-ledger");
    due(copy(Authorized, 0)).refund(None).says("look by restored-ledger");
    due(copy(Authorized, 0)).mode(CaptureMode::Now).says("look by restored-ledger");
    due(copy(Canceled, 0)).refund(None).says("look by restored-ledger");
}

#[test]
fn what_was_under_way_is_waited_for_before_an_order_is_taken_over() {
    for (look, says) in [
        ("2026-08-01 11:00:00", "wait until 2026-08-01 11:15:01 by restored-ledger"),
        ("2026-08-01 11:15:00", "wait until 2026-08-01 11:15:01 by restored-ledger"),
        ("2026-08-01 11:15:01", "catch up by restored-ledger"),
    ] {
        let case = looked_at(copy(Captured, 1000).refund(Some(300)), look);
        let now = at(look);
        case.with(|c| c.now = now).says(says);
    }
    // Once that time has come, only a look catches up.
    looked_at(copy(Captured, 1000).refund(Some(300)), "2026-08-01 11:10:00").says("look by restored-ledger");
}

#[test]
fn the_wait_is_computed_by_the_gateways_clock_from_its_first_answer() {
    let skewed = |skew: i64| looked_at(copy(Captured, 1000), "2026-08-01 11:15:01").look(|o| o.skew_s = Some(skew));
    skewed(0).says("catch up by restored-ledger");
    skewed(60).says("catch up by restored-ledger");
    skewed(-60).with(|c| c.now = at("2026-08-01 11:15:05")).says("wait until 2026-08-01 11:16:01 by restored-ledger");
    // Our clock may have been set meanwhile: an answer decides nothing while the two are too far apart.
    skewed(301).with(|c| c.now = at("2026-08-01 11:15:05")).says("wait until 2026-08-01 11:25:01 by restored-ledger");
    // Before the first answer is on record, the look at hand is the first.
    let first = copy(Captured, 1000).with(|c| c.s.restored.as_mut().expect("a copy").answered_at = None);
    first.says("wait until 2026-08-01 12:14:56 by restored-ledger");
}

#[test]
fn an_order_authorized_after_the_notice_is_like_any_other() {
    let case = copy(Captured, 1000).refund(Some(300));
    let younger = |minute: &str| {
        let authorized_at = at(minute);
        case.clone().look(move |o| {
            if let Seen::Card(card) = &mut o.seen {
                card.authorized_at = authorized_at;
            }
        })
    };
    younger("2026-08-01 11:00:00").says("act R 300 by captured");
    younger("2026-08-01 10:59:59").says("catch up by restored-ledger");
    // By whose clock is not known before the first answer.
    younger("2026-08-01 11:30:00")
        .with(|c| c.s.restored.as_mut().expect("a copy").answered_at = None)
        .says("wait until 2026-08-01 12:14:56 by restored-ledger");
}

#[test]
fn an_order_that_was_taken_over_without_a_find_is_like_any_other() {
    caught_up(1000, 0).refund(Some(300)).says("act R 300 by captured");
    order(Authorized, 0).restored(true).refund(None).says("act N 1000 by full-of-authorized");
    order(Authorized, 0).restored(true).mode(CaptureMode::Now).says("act C 1000 by capture-now");
}

#[test]
fn a_call_that_was_open_in_the_copy_is_settled_only_after_the_wait() {
    let open = |action, status, net| {
        let before = if action == Action::N { order(Authorized, 0) } else { order(ToBeCaptured, 1000) };
        let case = before.refund(Some(300)).tried(action, 300, Unknown).restored(false);
        looked_at(case.look(move |o| o.seen = Seen::Card(card(status, net))), "2026-08-01 11:10:00")
            .with(|c| c.now = at("2026-08-01 11:10:05"))
    };
    for case in [open(Action::R, Captured, 700), open(Action::N, Canceled, 0), open(Action::E, Authorized, 0)] {
        case.says("wait until 2026-08-01 11:15:01 by restored-ledger");
    }
}

/// Where a second refund could hide behind it a person decides; the rest moved no money.
#[test]
fn a_call_that_was_open_in_the_copy_is_settled_by_what_is_certain() {
    for (action, from, net, status, after, says) in [
        (Action::R, Captured, 1000, Captured, 700, "settle 1 review by unanswered"),
        (Action::R, Captured, 1000, Captured, 400, "settle 1 review by unanswered"),
        (Action::C, Authorized, 0, Captured, 1000, "settle 1 applied by unanswered"),
        (Action::C, Authorized, 0, Captured, 700, "settle 1 applied by unanswered"),
        (Action::E, ToBeCaptured, 1000, Canceled, 0, "settle 1 applied by unanswered"),
        (Action::E, ToBeCaptured, 1000, Authorized, 0, "settle 1 applied by unanswered"),
        (Action::N, Authorized, 0, Canceled, 0, "settle 1 applied by unanswered"),
        (Action::N, Authorized, 0, Captured, 700, "settle 1 absent once by unanswered"),
        (Action::E, ToBeCaptured, 1000, Captured, 700, "settle 1 absent once by unanswered"),
        (Action::R, Captured, 1000, Captured, 1000, "settle 1 absent once by unanswered"),
    ] {
        let amount = if action == Action::R { 300 } else { 1000 };
        let old = |a: &mut Attempt| a.started_at -= Duration::hours(1);
        let case = order(from, net).refund(Some(300)).tried_as(action, amount, Unknown, old).restored(true);
        case.look(|o| o.seen = Seen::Card(card(status, after))).says(says);
    }
}

#[test]
fn a_call_made_after_the_restore_is_settled_as_always() {
    let case = caught_up(700, 300).refund(Some(200)).tried(Action::R, 200, Unknown);
    case.look(|o| o.seen = Seen::Card(card(Captured, 500))).says("settle 1 applied by unanswered");
}

#[test]
fn money_that_went_back_unknown_is_put_to_a_person_before_any_refund() {
    for (amount, says) in [
        (Some(300), "ask R 300 by unclaimed-refund"),
        (Some(200), "ask R 200 by unclaimed-refund"),
        (Some(700), "ask R 700 by unclaimed-refund"),
        // More than is left: it may have been made all the same.
        (Some(900), "ask R 900 by unclaimed-refund"),
        (None, "ask R 300 by unclaimed-refund"),
    ] {
        caught_up(700, 300).refund(amount).says(says);
    }
    caught_up(0, 1000).refund(Some(1000)).says("ask R 1000 by unclaimed-refund");
    caught_up(0, 1000).refund(None).says("ask R 1000 by unclaimed-refund");
}

#[test]
fn a_void_of_nobody_is_put_to_a_person_before_a_whole_refund_is_rejected() {
    let void = || order(Canceled, 0).restored(true).unclaimed(0, true);
    void().refund(None).says("ask N 1000 by unclaimed-refund");
    void().refund(Some(1000)).says("ask N 1000 by unclaimed-refund");
    // No part voids an order.
    void().refund(Some(300)).says("reject by void");
    order(Canceled, 0).restored(true).refund(None).says("reject by void");
}

#[test]
fn a_person_is_asked_from_what_was_seen_of_late() {
    caught_up(700, 300).refund(Some(300)).seen_ago(121).says("look by unclaimed-refund");
    caught_up(700, 300).refund(Some(300)).with(|c| c.s.order.revision = 2).says("look by look-after-write");
}

#[test]
fn a_person_is_asked_once_for_each_refund() {
    let asked = |state| {
        let case = caught_up(700, 300).refund(Some(300));
        case.tried_as(Action::R, 300, state, |a| a.asked = Some(1))
    };
    asked(NotApplied).says("act R 300 by captured");
    // Another refund of the order is asked about for itself.
    asked(NotApplied).with(|c| c.s.refunds[0].id = 2).says("ask R 300 by unclaimed-refund");
    // An answer that was given before the ledger was restored once more is about the copy before.
    asked(NotApplied).with(|c| c.s.restored.as_mut().expect("a copy").id = 2).says("ask R 300 by unclaimed-refund");
}

#[test]
fn a_question_counts_among_no_calls() {
    let mut case = caught_up(700, 300).refund(Some(300));
    for _ in 0..3 {
        case = case.tried_as(Action::R, 300, NotApplied, |a| a.asked = Some(1));
    }
    case.says("act R 300 by captured");
}

#[test]
fn a_refusal_of_the_copy_does_not_hide_what_came_after_it() {
    let refused = order(Captured, 1000).refund(Some(300)).tried_as(Action::R, 300, Refused, |a| {
        a.text = "餘額不足".to_owned();
    });
    let lost = refused.restored(true).unclaimed(300, false);
    lost.look(|o| o.seen = Seen::Card(card(Captured, 700))).says("ask R 300 by unclaimed-refund");
}

fn found(before: &Case, after: Seen) -> Unclaimed {
    let looked = before.clone().look(|o| o.seen = after);
    unknown_in(&before.s, &looked.s)
}

#[test]
fn what_is_found_is_what_no_row_of_the_copy_explains() {
    let known = |case: Case, known: i64| case.with(|c| c.s.restored.as_mut().expect("a copy").known = twd(known));
    let is = |amount: i64, void: bool| Unclaimed { amount: twd(amount), void };
    let captured = |net| Seen::Card(card(Captured, net));
    assert_eq!(found(&copy(Captured, 1000), captured(700)), is(300, false));
    assert_eq!(found(&copy(Authorized, 0), captured(700)), is(300, false));
    assert_eq!(found(&copy(Authorized, 0), captured(1000)), is(0, false));
    assert_eq!(found(&known(copy(Captured, 700), 300), captured(700)), is(0, false));
    assert_eq!(found(&known(copy(Captured, 700), 300), captured(200)), is(500, false));
    let ours = order(Captured, 700).refund(Some(300)).tried(Action::R, 300, Applied).restored(false);
    assert_eq!(found(&ours, captured(700)), is(0, false));
    assert_eq!(found(&copy(OperationCanceled, 0), Seen::Card(card(Canceled, 0))), is(0, true));
    assert_eq!(found(&copy(Canceled, 0), Seen::Card(card(Canceled, 0))), is(0, false));
    let voided = order(Authorized, 0).refund(None).tried(Action::N, 1000, Applied).restored(false);
    assert_eq!(found(&voided, Seen::Card(card(Canceled, 0))), is(0, false));
    // Never looked at before, and not by this rule once it has caught up.
    let unseen = copy(Captured, 700).with(|c| c.s.observation = None);
    let looked = copy(Captured, 700);
    assert_eq!(unknown_in(&unseen.s, &looked.s), is(300, false));
    assert_eq!(found(&caught_up(1000, 0), captured(700)), is(0, false));
}
