use AttemptState::{Applied, Refused, Review, Unknown};
use CardStatus::{Authorized, Canceled, Captured, OperationCanceled, ToBeCaptured, Unauthorized};
use chrono::Duration;

use super::*;
use crate::domain::api::CardApi;
use crate::domain::attempt::Before;
use crate::domain::facts::Observation;
use crate::domain::order::OrderState;
use crate::domain::plan::tests::{Case, card, day, order, secs, seen, twd};

fn state(case: &Case) -> OrderState {
    order_state(&case.s, case.now)
}

#[test]
fn each_answer_has_its_state() {
    let atm = Seen::NotCard { amount: None, payment_type: "ATM".to_owned() };
    for (shown, expected) in [
        (Seen::NotFound, OrderState::NotFound),
        (Seen::Unpaid { amount: None }, OrderState::Unpaid),
        (Seen::BankPending { amount: None }, OrderState::Unpaid),
        (atm, OrderState::NotCard),
        (Seen::Unclear { raw: "Settling".to_owned() }, OrderState::Review),
        (Seen::Card(card(Unauthorized, 0)), OrderState::Unpaid),
        (Seen::Card(card(Authorized, 0)), OrderState::Authorized),
        (Seen::Card(card(OperationCanceled, 0)), OrderState::Authorized),
        (Seen::Card(card(ToBeCaptured, 1000)), OrderState::ToBeCaptured),
        (Seen::Card(card(ToBeCaptured, 700)), OrderState::ToBeCaptured),
        (Seen::Card(card(Captured, 1000)), OrderState::Captured),
        (Seen::Card(card(Captured, 1)), OrderState::Captured),
        (Seen::Card(card(Captured, 0)), OrderState::Refunded),
        (Seen::Card(card(ToBeCaptured, 0)), OrderState::Refunded),
        (Seen::Card(card(Canceled, 0)), OrderState::Voided),
    ] {
        assert_eq!(state(&seen(shown.clone())), expected, "{shown:?}");
    }
    assert_eq!(state(&order(Captured, 1000).with(|c| c.s.observation = None)), OrderState::Registered);
}

#[test]
fn an_attempt_in_review_puts_the_order_in_review() {
    assert_eq!(state(&order(Captured, 1000).tried(Action::R, 300, AttemptState::Review)), OrderState::Review);
    assert_eq!(state(&order(Captured, 1000).tried(Action::R, 300, Unknown)), OrderState::Captured);
}

#[test]
fn what_contradicts_the_ledger_is_in_review() {
    for status in [Unauthorized, Authorized, OperationCanceled, Canceled] {
        assert_eq!(state(&order(status, 0).tried(Action::R, 300, Applied)), OrderState::Review, "{status:?}");
    }
    assert_eq!(state(&seen(Seen::NotFound).tried(Action::C, 1000, Applied)), OrderState::Review);
    assert_eq!(state(&seen(Seen::NotFound).tried(Action::C, 1000, AttemptState::NotSent)), OrderState::NotFound);
}

#[test]
fn an_order_is_expired_once_a_look_after_day_90_shows_it_open() {
    let late = order(Authorized, 0).on(day(90) + secs(4));
    assert_eq!(state(&late), OrderState::Authorized);
    assert_eq!(state(&late.on(day(90) + secs(5))), OrderState::Expired);
}

#[test]
fn a_void_after_day_90_is_the_vendors_unless_we_abandoned_the_order() {
    let late = order(Canceled, 0).on(day(91));
    assert_eq!(state(&late), OrderState::Expired);
    assert_eq!(state(&late.tried(Action::N, 1000, Applied)), OrderState::Voided);
}

#[test]
fn a_void_that_was_seen_before_day_90_stays_one_whenever_it_is_looked_at_again() {
    let look = |status, n| order(status, 0).on(day(n)).s.observation.expect("a look");
    let late = |before: Observation| {
        order(Canceled, 0)
            .on(day(95))
            .with(|c| c.s.observation = c.s.observation.take().map(|o| o.following(Some(&before))))
    };
    assert_eq!(state(&late(look(Canceled, 2).following(Some(&look(Authorized, 1))))), OrderState::Voided);
    assert_eq!(state(&late(look(Canceled, 2))), OrderState::Voided, "a look of an ecpayd that did not keep the time");
    let unclear = Observation { seen: Seen::Unclear { raw: "Settling".to_owned() }, ..look(Canceled, 3) };
    assert_eq!(state(&late(unclear.following(Some(&look(Canceled, 2))))), OrderState::Voided);
    assert_eq!(state(&late(look(Canceled, 91))), OrderState::Expired);
    // A look by a clock that was a hundred days ahead of the gateway's, and one that was as many behind.
    let ahead = Observation { skew_s: Some(-100 * 86_400), ..look(Canceled, 102) };
    assert_eq!(state(&late(ahead.following(None))), OrderState::Voided);
    let behind = Observation { skew_s: Some(90 * 86_400), ..look(Canceled, 2) };
    assert_eq!(state(&late(behind.following(None))), OrderState::Expired);
    let set_back = Observation { skew_s: Some(0), ..look(Canceled, 102) };
    assert_eq!(
        state(&order(Canceled, 0).on(day(3)).with(|c| {
            c.s.observation = c.s.observation.take().map(|o| o.following(Some(&set_back)));
        })),
        OrderState::Voided,
        "no clock in its answers"
    );
    assert_eq!(
        state(&late(look(Authorized, 89).following(Some(&look(Canceled, 2))))),
        OrderState::Expired,
        "it was open since"
    );
}

#[test]
fn money_is_shown_by_the_witness_that_says_more() {
    let before = |amount: Option<i64>, captured, refunded| OrderRow {
        amount: amount.map(twd),
        captured: twd(captured),
        refunded: twd(refunded),
        ..OrderRow::REGISTERED
    };
    let shown_after = |case: &Case, before: &OrderRow| {
        let row = OrderRow::of(&case.s, before, &case.policy, case.now);
        (row.amount.map(Twd::dollars), row.captured.dollars(), row.refunded.dollars())
    };
    let shown = |case: Case| shown_after(&case, &before(None, 0, 0));
    assert_eq!(shown(order(Authorized, 0)), (Some(1000), 0, 0));
    assert_eq!(shown(order(Captured, 700)), (Some(1000), 1000, 300));
    assert_eq!(shown(order(Captured, 1000).tried(Action::R, 300, Applied)), (Some(1000), 1000, 300));
    assert_eq!(shown(order(Captured, 1000).tried(Action::R, 300, Unknown)), (Some(1000), 1000, 0));
    assert_eq!(shown(order(Canceled, 0)), (Some(1000), 0, 0));
    assert_eq!(shown(seen(Seen::Unpaid { amount: Some(twd(5)) })), (Some(5), 0, 0));
    assert_eq!(shown(seen(Seen::NotFound)), (None, 0, 0));
    let unclear = seen(Seen::Unclear { raw: "Settling".into() });
    assert_eq!(shown_after(&unclear, &before(Some(9), 9, 4)), (Some(9), 9, 4), "kept as it was");
    assert_eq!(shown(order(Captured, 0).with(|c| c.s.observation = None)), (None, 0, 0));
}

/// What is reported when an order goes from one state to the other.
fn change(was: (CardStatus, i64), is: (CardStatus, i64), bend: impl Fn(Case) -> Case) -> Option<String> {
    external_change(&bend(order(was.0, was.1)).s, &bend(order(is.0, is.1)).s).map(|c| c.what())
}

#[test]
fn a_void_or_a_calling_back_that_is_not_ours_is_reported() {
    for was in [(Authorized, 0), (ToBeCaptured, 1000), (Captured, 1000)] {
        assert!(change(was, (Canceled, 0), |c| c).is_some());
        assert!(change(was, (Canceled, 0), |c| c.tried(Action::N, 1000, Refused)).is_some());
        assert!(change(was, (Canceled, 0), |c| c.tried(Action::N, 1000, Unknown)).is_none());
        assert!(change(was, (Canceled, 0), |c| c.on(day(90) + secs(5))).is_none());
    }
    assert!(change((ToBeCaptured, 1000), (OperationCanceled, 0), |c| c).is_some());
    assert!(change((ToBeCaptured, 1000), (OperationCanceled, 0), |c| c.tried(Action::E, 1000, Applied)).is_none());
}

#[test]
fn a_refund_that_is_not_ours_is_reported() {
    let told = change((Captured, 1000), (Captured, 700), |c| c).expect("a report");
    assert_eq!(told, "NT$300 was refunded at ECPay, not by ecpayd; NT$700 of NT$1000 is left");
    assert!(change((Captured, 1000), (Captured, 700), |c| c.tried(Action::R, 300, Applied)).is_none());
    assert!(change((Captured, 1000), (Captured, 700), |c| c.tried(Action::R, 300, Unknown)).is_none());
    assert!(change((Captured, 1000), (Captured, 500), |c| c.tried(Action::R, 300, Applied)).is_some());
}

#[test]
fn what_a_refused_attempt_of_ours_may_have_done_is_not_put_on_somebody_else() {
    let told = change((Captured, 1000), (Captured, 700), |c| c.tried(Action::R, 300, Refused)).expect("a report");
    assert!(told.contains("by attempt 1 (R NT$300), which it had refused, or by hand; NT$700"), "{told}");
    let told = change((Captured, 1000), (Canceled, 0), |c| c.tried(Action::N, 1000, Refused)).expect("a report");
    assert!(told.contains("by attempt 1 (N NT$1000), which it had refused, or by hand"), "{told}");
    // Less than it asked for, or tried again since with another end: none of its doing.
    let told = change((Captured, 1000), (Captured, 800), |c| c.tried(Action::R, 300, Refused)).expect("a report");
    assert!(told.contains("not by ecpayd"), "{told}");
    // Refused long before the look that showed nothing yet: what comes late is ours as well.
    let old = |c: Case| c.tried_as(Action::R, 300, Refused, |a| a.started_at -= Duration::days(1));
    assert!(change((Captured, 1000), (Captured, 700), old).expect("a report").contains("by attempt 1"));
}

#[test]
fn what_moves_while_a_person_is_asked_is_reported_and_not_held_for_the_call_in_question() {
    let asked =
        |c: Case| c.tried_as(Action::R, 300, Refused, |_| ()).tried_as(Action::R, 300, Review, |a| a.sent = false);
    let told = change((Captured, 700), (Captured, 400), asked).expect("a report");
    assert_eq!(
        told,
        "NT$300 was refunded at ECPay, by attempt 1 (R NT$300), which it had refused, or by hand; NT$400 of NT$1000 is left"
    );
    let told = change((Captured, 999), (Captured, 699), |c| c.tried(Action::R, 300, Review)).expect("a report");
    assert!(told.contains("by attempt 1 (R NT$300), which is before a person, or by hand"), "{told}");
    for open in [AttemptState::Started, Unknown, AttemptState::Accepted] {
        assert_eq!(change((Captured, 999), (Captured, 699), |c| c.tried(Action::R, 300, open)), None, "{open:?}");
    }
}

#[test]
fn a_part_by_form_that_looks_wait_for_while_a_person_is_asked_is_no_change_by_others() {
    let asked = |c: Case| {
        c.tried_as(Action::R, 300, Review, |a| {
            a.api = CardApi::Form;
            a.before = Before { status: Captured, net: 1000 };
            a.reviewed = Some(a.before);
        })
    };
    assert_eq!(change((Captured, 1000), (Captured, 700), asked), None);
    // Another amount does not settle it.
    assert!(change((Captured, 1000), (Captured, 600), asked).is_some());
    assert!(change((Captured, 1000), (Canceled, 0), asked).is_some());
    // Nor does anything settle by a look what a person was asked about for another reason.
    let moved = |c: Case| asked(c).with(|c| c.s.attempts[0].reviewed = Some(Before { status: Captured, net: 900 }));
    assert!(change((Captured, 1000), (Captured, 700), moved).is_some());
}

#[test]
fn a_change_of_the_amount_of_one_of_our_own_calls_is_critical() {
    let severity = |was, is, bend: &dyn Fn(Case) -> Case| {
        let change = external_change(&bend(order(Captured, was)).s, &bend(order(Captured, is)).s);
        change.expect("a report").severity
    };
    for state in [Refused, AttemptState::NotApplied] {
        assert_eq!(severity(1000, 700, &|c| c.tried(Action::R, 300, state)), Severity::Critical);
        assert_eq!(severity(1000, 900, &|c| c.tried(Action::R, 300, state)), Severity::Warning);
    }
    assert_eq!(severity(700, 400, &|c| c.tried(Action::R, 300, Applied)), Severity::Critical, "once more");
    assert_eq!(severity(1000, 700, &|c| c), Severity::Warning);
}

#[test]
fn what_our_own_call_gave_back_and_is_undone_has_an_alert_of_its_own() {
    assert_eq!(change((Captured, 700), (Captured, 1000), |c| c.tried(Action::R, 300, Applied)), None);
    // What somebody else had given back, beside what is ours and stands.
    let told = change((Captured, 300), (Captured, 700), |c| c.tried(Action::R, 300, Applied)).expect("a report");
    assert_eq!(told, "ECPay shows NT$400 less refunded than before; NT$700 of NT$1000 is left");
    let told = change((Captured, 700), (Captured, 900), |c| c).expect("a report");
    assert_eq!(told, "ECPay shows NT$200 less refunded than before; NT$900 of NT$1000 is left");
}

#[test]
fn the_closing_and_the_claim_are_reported_only_where_the_shop_holds_the_order() {
    for is in [ToBeCaptured, Captured] {
        assert_eq!(change((Authorized, 0), (is, 1000), |c| c), None);
        let held = |c: Case| c.mode(CaptureMode::Hold);
        assert!(change((Authorized, 0), (is, 1000), held).is_some());
        assert!(change((Authorized, 0), (is, 1000), |c| held(c).tried(Action::C, 1000, Applied)).is_none());
    }
    assert_eq!(change((ToBeCaptured, 1000), (Captured, 1000), |c| c.mode(CaptureMode::Hold)), None);
}
