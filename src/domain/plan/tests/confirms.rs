//! What has ended is looked at again, whatever its end.

use super::*;
use AttemptState::{Applied, NotApplied, NotSent, Refused, Review};
use CardStatus::{Authorized, Canceled, Captured, ToBeCaptured};

fn confirmed(case: Case) -> Case {
    case.with(|c| c.policy.poll_confirm = Policy::default().poll_confirm)
}

#[test]
fn each_end_of_a_money_call_is_looked_at_after_a_quarter_of_an_hour_a_day_three_and_ten() {
    let ends = [
        (order(Captured, 700), Action::R, Applied),
        (order(Captured, 1000), Action::R, Refused),
        (order(Captured, 1000), Action::R, NotApplied),
        (order(Captured, 1000), Action::C, Applied),
        (order(Canceled, 0), Action::N, Applied),
        (order(Captured, 0), Action::R, Applied),
    ];
    for (case, action, state) in ends {
        let amount = if action == Action::R { 300 } else { 1000 };
        let case = confirmed(case.tried(action, amount, state));
        let case = if case.s.card().is_some_and(|c| c.net == 0 && c.status == Captured) {
            case.with(|c| c.s.attempts[0].amount = twd(1000))
        } else {
            case
        };
        let ended = at(NOON) - Duration::minutes(9);
        let mut looks = Vec::new();
        let mut case = case;
        while let Step::Wait { until: Some(until) } = case.plan().step {
            looks.push(until - ended);
            let due = case.with(|c| c.now = until);
            assert_eq!(due.plan().step, Step::Look, "{action} {state:?}");
            case = due.on(until + secs(5));
        }
        assert_eq!(case.plan().step, Step::Wait { until: None }, "{action} {state:?} comes to its end");
        let days = |n| Duration::days(n);
        assert_eq!(looks, [Duration::minutes(15), days(1), days(3), days(10)], "{action} {state:?}");
    }
}

#[test]
fn what_was_never_sent_or_is_not_settled_has_no_end_to_confirm() {
    confirmed(order(Captured, 1000).tried(Action::R, 300, NotSent)).says("wait by captured");
    let open = confirmed(order(Captured, 1000).tried(Action::R, 300, Review));
    open.says("wait until 2026-08-02 11:59:55 by attempt-in-review");
}

#[test]
fn a_confirmation_comes_before_a_slower_look_and_after_a_sooner_one() {
    let authorized = confirmed(order(Authorized, 0).tried(Action::C, 1000, NotApplied).mode(CaptureMode::Hold));
    authorized.says("wait until 2026-08-01 12:06:00 by hold");
    let soon = confirmed(order(ToBeCaptured, 1000).tried(Action::C, 1000, Applied));
    soon.clone().says("wait until 2026-08-01 12:06:00 by settling");
    soon.at("2026-08-01 13:00:00").says("wait until 2026-08-01 18:59:55 by settling");
}

#[test]
fn a_silence_and_a_failed_look_put_a_confirmation_off() {
    let due = || confirmed(order(Captured, 700).tried(Action::R, 300, Applied)).with(|c| c.now += Duration::hours(1));
    due().says("look by captured");
    let until = due().now + secs(600);
    due().with(|c| c.s.merchant.silent_until = Some(until)).says("wait until 2026-08-01 13:10:00 by rate-limited");
    due().with(|c| c.s.retry_at = Some(until)).says("wait until 2026-08-01 13:10:00 by captured");
}

#[test]
fn a_refund_that_the_bank_undid_is_looked_at_until_a_person_has_said_so() {
    let undone = confirmed(order(Captured, 1000).tried(Action::R, 300, Applied)).at("2026-09-01 12:00:00");
    let undone = undone.says("wait until 2026-09-01 17:59:55 by contradiction");
    assert!(undone.s.undone(undone.s.card().expect("a card")).is_some());
    let told = undone.with(|c| c.s.attempts[0].undone = true).says("wait by captured");
    // What it gave back is left again.
    assert_eq!(told.s.left(), twd(1000));
    told.refund(None).says("act R 1000 by captured");
}

#[test]
fn an_order_that_we_voided_and_that_shows_open_again_is_not_captured() {
    let case = order(Authorized, 0).mode(CaptureMode::Now).tried(Action::N, 1000, Applied);
    let case = case.says("wait until 2026-08-01 17:59:55 by contradiction");
    case.with(|c| c.s.attempts[0].undone = true).says("act C 1000 by capture-now");
}
