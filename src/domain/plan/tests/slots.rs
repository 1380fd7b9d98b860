//! Which orders get a place for their capture, and between which times.

use super::super::{SlotRequest, slot};
use super::*;
use crate::domain::policy::CapturePolicy;

fn asked(case: &Case, interval_ms: i64) -> Option<SlotRequest> {
    slot(&case.s, &case.policy, Duration::milliseconds(interval_ms), case.now)
}

#[test]
fn a_place_lies_within_the_spread_before_the_nominal_time_and_never_in_the_past() {
    let nominal = day(20);
    for (now, earliest) in [
        (at(NOON), nominal - Duration::hours(6)),
        (nominal - Duration::hours(6), nominal - Duration::hours(6)),
        (nominal - Duration::hours(1), nominal - Duration::hours(1)),
    ] {
        let case = order(CardStatus::Authorized, 0).on(now);
        assert_eq!(asked(&case, 200), Some(SlotRequest { nominal, earliest, per_minute: 75 }), "{now}");
    }
}

#[test]
fn a_capture_is_four_calls_of_the_pace() {
    for (interval_ms, per_minute) in [(0, 600), (25, 600), (200, 75), (1_000, 15), (15_000, 1), (60_000, 1)] {
        let case = order(CardStatus::Authorized, 0);
        assert_eq!(asked(&case, interval_ms).map(|s| s.per_minute), Some(per_minute), "{interval_ms} ms");
    }
}

#[test]
fn only_an_order_that_waits_for_its_deadline_gets_one_and_only_once() {
    let waits = || order(CardStatus::Authorized, 0);
    let by = |policy| waits().with(|c| c.policy.capture = policy);
    for (what, case) in [
        ("captured at once", by(CapturePolicy::Immediate)),
        ("captured by hand", by(CapturePolicy::Manual)),
        ("asked for now", waits().mode(CaptureMode::Now)),
        ("on hold", waits().mode(CaptureMode::Hold)),
        ("has one", waits().with(|c| c.s.capture_slot = Some(day(19)))),
        ("due", waits().on(day(20))),
        ("captured", order(CardStatus::Captured, 1000)),
        ("void", order(CardStatus::Canceled, 0)),
        ("not paid", seen(Seen::Unpaid { amount: None })),
    ] {
        assert_eq!(asked(&case, 200), None, "{what}");
    }
    assert!(asked(&order(CardStatus::OperationCanceled, 0), 200).is_some(), "called back, it waits anew");
}
