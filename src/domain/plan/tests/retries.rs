//! When a look that failed is made again.

use super::super::retry::again_at;
use super::super::{Urgency, retry_pause};
use super::*;

#[test]
fn the_pause_doubles_up_to_an_hour_and_where_money_waits_up_to_five_minutes() {
    for (failures, routine_s, money_s) in [
        (1, 30, 30),
        (2, 60, 60),
        (3, 120, 120),
        (4, 240, 240),
        (5, 480, 300),
        (7, 1920, 300),
        (8, 3600, 300),
        (u32::MAX, 3600, 300),
    ] {
        assert_eq!(retry_pause(failures, Urgency::Routine), secs(routine_s), "{failures}");
        assert_eq!(retry_pause(failures, Urgency::Money), secs(money_s), "{failures}");
    }
}

#[test]
fn money_waits_for_a_look_with_a_refund_an_open_attempt_or_a_capture_that_is_due() {
    let captured = || order(CardStatus::Captured, 1000);
    let authorized = || order(CardStatus::Authorized, 0);
    for (what, case, urgency) in [
        ("captured", captured(), Urgency::Routine),
        ("a refund", captured().refund(None), Urgency::Money),
        ("an unanswered call", captured().tried(Action::R, 300, AttemptState::Unknown), Urgency::Money),
        ("a call that is settled", captured().tried(Action::R, 300, AttemptState::Applied), Urgency::Routine),
        ("not yet due", authorized().on(day(20) - secs(1)), Urgency::Routine),
        ("due", authorized().on(day(20)), Urgency::Money),
        ("captured in time", captured().on(day(20)), Urgency::Routine),
    ] {
        assert_eq!(case.s.urgency(&case.policy, case.now), urgency, "{what}");
    }
}

#[test]
fn no_pause_between_calls_that_cannot_act_twice_steps_over_the_last_day() {
    let hours = |n| Duration::hours(n);
    for (what, pauses, before_the_deadline, pause) in [
        ("far away", 0, 200, 1),
        ("longer each time", 3, 200, 8),
        ("never above a day", 9, 200, 24),
        ("cut at the last day", 4, 30, 6),
        ("not below an hour", 4, 24, 1),
        ("each hour in the last day", 9, 20, 1),
        ("to its end", 9, 1, 1),
        ("and as before when it is over", 3, 0, 8),
        ("long over", 9, -50, 24),
    ] {
        let deadline = day(21);
        let ended = deadline - hours(before_the_deadline);
        assert_eq!(again_at(pauses, ended, deadline) - ended, hours(pause), "{what}");
    }
}
