//! When a look that failed is made again.

use proptest::prelude::*;

use super::super::retry::again_at;
use super::super::{Provoked, Rest, Urgency};
use super::*;

fn rest(urgency: Urgency) -> Rest {
    Rest { urgency, by: None }
}

#[test]
fn the_pause_doubles_up_to_six_hours_and_where_money_waits_up_to_an_hour() {
    let now = day(10);
    for (failures, routine_s, money_s) in [
        (1, 30, 30),
        (2, 60, 60),
        (3, 120, 120),
        (5, 480, 480),
        (7, 1920, 1920),
        (8, 3840, 3600),
        (10, 15360, 3600),
        (11, 21600, 3600),
        (u32::MAX, 21600, 3600),
    ] {
        assert_eq!(rest(Urgency::Routine).retry_at(failures, now), now + secs(routine_s), "{failures}");
        assert_eq!(rest(Urgency::Money).retry_at(failures, now), now + secs(money_s), "{failures}");
    }
}

#[test]
fn what_alone_brings_403_rests_for_a_day_then_ever_longer_up_to_a_week() {
    let now = day(10);
    for (times, days) in [(3, 1), (4, 2), (5, 4), (6, 7), (u32::MAX, 7)] {
        for provoked in [Provoked { looks: times, money_calls: 0 }, Provoked { looks: 0, money_calls: times }] {
            assert!(provoked.is_set_aside());
            assert_eq!(rest(Urgency::Routine).set_aside_until(provoked, now), now + secs(days * 86_400), "{times}");
        }
    }
    assert!(!Provoked { looks: 2, money_calls: 2 }.is_set_aside());
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
        assert_eq!(case.s.rest(&case.policy, case.now).urgency, urgency, "{what}");
    }
}

proptest! {
    /// Whatever an order waits for and however long it has failed: its looks never step over the end of
    /// the time for its capture, and in the last day before it they come at least hourly.
    #[test]
    fn a_row_that_fails_is_looked_at_until_the_end_of_the_time_for_its_capture(
        begins_s in 0_i64..21 * 86_400, before in 0_u32..40, has_refund: bool,
    ) {
        let limit = day(21);
        let (mut now, mut failures, mut last) = (day(0) + secs(begins_s), before, None);
        while now < limit {
            let case = order(CardStatus::Authorized, 0).on(now);
            let case = if has_refund { case.refund(None) } else { case };
            failures += 1;
            let next = case.s.rest(&case.policy, now).retry_at(failures, now);
            prop_assert!(next > now);
            if limit - now <= secs(86_400) {
                prop_assert!(next - now <= secs(3600), "{now} to {next}");
            }
            last = Some(now);
            now = next;
        }
        prop_assert!(last.is_none_or(|last| limit - last <= secs(600)), "the last look is at {last:?}");
    }

    /// The same of an order that is set aside: several tries are left to it.
    #[test]
    fn a_row_that_is_set_aside_is_tried_in_the_last_hours_before_the_end_of_the_time_for_its_capture(
        begins_s in 0_i64..20 * 86_400, times in 3_u32..12,
    ) {
        let limit = day(21);
        let (mut now, mut money_calls, mut last) = (day(0) + secs(begins_s), times, day(0));
        while now < limit {
            let case = order(CardStatus::Authorized, 0).on(now);
            last = now;
            now = case.s.rest(&case.policy, now).set_aside_until(Provoked { looks: 0, money_calls }, now);
            money_calls += 1;
        }
        prop_assert!(limit - last <= secs(2 * 3600), "the last try is at {last}");
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
