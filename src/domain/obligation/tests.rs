use CardStatus::{Authorized, Captured, OperationCanceled, ToBeCaptured, Unauthorized};
use Severity::{Critical, Notice, Warning};

use super::*;
use crate::domain::facts::Observation;
use crate::domain::pause::Pauses;
use crate::domain::plan::tests::{Case, NOON, at, day, order, secs, seen, twd};
use crate::domain::policy::CapturePolicy;

fn told(case: &Case, kind: AlertKind) -> Vec<(String, Severity)> {
    let alerts = overdue(&case.s, &case.plan(), &case.policy, case.now);
    alerts.into_iter().filter(|a| a.kind == kind && a.raise).map(|a| (a.stage, a.severity)).collect()
}

fn hours(n: i64) -> Duration {
    Duration::hours(n)
}

type Bend = Box<dyn Fn(Case) -> Case>;

/// In the newest look.
fn then_shows(case: Case, seen: Seen) -> Case {
    case.look(|o| {
        let before = o.clone();
        let after = Observation { seen, last_card: None, ..before.clone() };
        *o = after.following(Some(&before));
    })
}

/// Authorized, and what the newest look, the merchant or the clocks show since.
fn bent() -> Vec<(&'static str, Bend)> {
    let unreadable = |seen: Seen| Box::new(move |c: Case| then_shows(c, seen.clone())) as Bend;
    let mut bent: Vec<(&'static str, Bend)> = vec![
        ("an unknown word", unreadable(Seen::Unclear { raw: "Settling".to_owned() })),
        ("not found", unreadable(Seen::NotFound)),
        ("unpaid", unreadable(Seen::Unpaid { amount: None })),
        ("the bank has not answered", unreadable(Seen::BankPending { amount: None })),
        ("not by card", unreadable(Seen::NotCard { amount: None, payment_type: "ATM".to_owned() })),
        ("unauthorized", unreadable(Seen::Card(crate::domain::plan::tests::card(Unauthorized, 0)))),
    ];
    bent.push(("looks that fail", Box::new(|c| c.seen_ago(7200).with(|c| c.s.retry_at = Some(c.now + secs(60))))));
    bent.push(("paused", Box::new(|c| c.with(|c| c.s.merchant.pauses = Pauses::both()))));
    bent.push(("missing", Box::new(|c| c.with(|c| c.s.merchant.missing = true))));
    bent.push(("another amount", Box::new(|c| c.with(|c| c.s.order.expected_amount = Some(twd(999))))));
    bent.push(("clocks apart", Box::new(|c| c.look(|o| o.skew_s = Some(301)))));
    bent.push(("no clock", Box::new(|c| c.look(|o| o.skew_s = None))));
    bent.push(("on hold", Box::new(|c| c.mode(CaptureMode::Hold))));
    bent.push(("manual", Box::new(|c| c.with(|c| c.policy.capture = CapturePolicy::Manual))));
    bent.push(("silent", Box::new(|c| c.with(|c| c.s.merchant.silent_until = Some(c.now + secs(60))))));
    bent.push(("in review", Box::new(|c| c.tried(Action::C, 1000, AttemptState::Review))));
    bent.push(("not answered", Box::new(|c| c.tried(Action::C, 1000, AttemptState::Unknown))));
    bent.push(("refused", Box::new(|c| c.tried(Action::C, 1000, AttemptState::Refused))));
    bent
}

#[test]
fn whatever_keeps_an_authorization_from_its_capture_it_is_told_by_its_age() {
    for (what, bend) in bent() {
        for status in [Authorized, OperationCanceled] {
            let on = |now| bend(order(status, 0).on(now));
            for now in [day(20) + hours(1), day(21) - secs(1)] {
                assert_eq!(told(&on(now), AlertKind::CaptureEnding), [("1d".to_owned(), Critical)], "{what}");
            }
            for now in [day(21) + hours(1), day(40), day(89)] {
                assert_eq!(told(&on(now), AlertKind::CaptureOverdue), [(String::new(), Critical)], "{what}");
            }
            assert_eq!(told(&on(day(70)), AlertKind::Expiring), [("day 70".to_owned(), Warning)], "{what}");
            assert_eq!(told(&on(day(79)), AlertKind::Expiring), [("day 79".to_owned(), Critical)], "{what}");
            let late = on(day(91) + hours(1));
            let ended = crate::domain::record::alerts::alerts(&late.s, &late.plan(), &late.policy, late.now);
            assert!(ended.iter().any(|a| a.kind == AlertKind::Expired), "{what}: {ended:?}");
        }
    }
}

#[test]
fn three_days_before_the_limit_what_no_capture_is_foreseen_for_is_told() {
    for (what, bend) in bent() {
        // These will be captured in time, as far as anybody knows by then.
        let foreseen = ["looks that fail", "clocks apart", "no clock", "silent", "not answered"].contains(&what);
        let case = bend(order(Authorized, 0).on(day(18)));
        let expected = if foreseen { vec![] } else { vec![("3d".to_owned(), Warning)] };
        assert_eq!(told(&case, AlertKind::CaptureEnding), expected, "{what}");
        let before = bend(order(Authorized, 0).on(day(18) - secs(6)));
        assert_eq!(told(&before, AlertKind::CaptureEnding), [], "{what}");
    }
}

#[test]
fn a_capture_that_is_foreseen_or_about_to_be_made_is_not_told() {
    let deadline = |n: i64| order(Authorized, 0).with(|c| c.policy.lead = hours(48)).on(day(n));
    for n in [17, 18, 19] {
        assert_eq!(told(&deadline(n), AlertKind::CaptureEnding), [], "day {n}");
    }
    // Its time has come, and nothing fails yet: a crowd is captured one after the other.
    let waits = deadline(19).with(|c| c.now += hours(5)).look(|o| o.at += hours(5));
    assert_eq!(told(&waits, AlertKind::CaptureEnding), []);
    let late = order(Authorized, 0).with(|c| c.policy.lead = hours(2)).on(day(20) + hours(1));
    assert_eq!(told(&late, AlertKind::CaptureEnding), [], "two hours before the limit, as set");
    // A full refund that waits comes first: no capture is foreseen.
    let behind = deadline(18).refund(None).with(|c| c.s.retry_at = Some(c.now + secs(60))).seen_ago(7200);
    assert_eq!(told(&behind, AlertKind::CaptureEnding), [("3d".to_owned(), Warning)]);
    // A part waits for the capture, which has its time.
    assert_eq!(told(&deadline(18).refund(Some(300)), AlertKind::CaptureEnding), []);
    // About to be abandoned by a full refund.
    assert_eq!(told(&order(Authorized, 0).refund(None).on(day(20) + hours(1)), AlertKind::CaptureEnding), []);
    for (status, net) in [(ToBeCaptured, 1000), (Captured, 1000), (CardStatus::Canceled, 0)] {
        for n in [19, 25, 80, 95] {
            let case = order(status, net).on(day(n));
            for kind in [AlertKind::CaptureEnding, AlertKind::CaptureOverdue, AlertKind::Expiring] {
                assert_eq!(told(&case, kind), [], "{status:?} on day {n}");
            }
        }
    }
}

#[test]
fn a_capture_that_failed_is_told_from_the_first_stage_on() {
    let deadline = order(Authorized, 0).with(|c| c.policy.lead = hours(48)).on(day(19) + hours(2));
    let refused = deadline.clone().tried(Action::C, 1000, AttemptState::Refused);
    let lost = |c: Case, _| c.tried(Action::C, 1000, AttemptState::NotApplied);
    for case in [refused, (0..3).fold(deadline.clone(), lost)] {
        assert_eq!(told(&case, AlertKind::CaptureEnding), [("3d".to_owned(), Warning)], "{:?}", case.plan());
    }
    let unreachable = deadline.seen_ago(600).with(|c| c.s.retry_at = Some(c.now + secs(60)));
    assert_eq!(told(&unreachable, AlertKind::CaptureEnding), [("3d".to_owned(), Warning)]);
}

#[test]
fn a_capture_that_the_bank_does_not_claim_is_told() {
    let since = day(1);
    let case =
        |n: i64| order(ToBeCaptured, 1000).look(|o| o.unclaimed_since = Some(since)).on(since + Duration::days(n));
    for (days, stages) in [(6, vec![]), (7, vec![(String::new(), Warning)]), (14, vec![("twice".to_owned(), Critical)])]
    {
        assert_eq!(told(&case(days), AlertKind::CaptureUnclaimed), stages, "day {days}");
        let paused = case(days).with(|c| c.s.merchant.pauses = Pauses::both());
        assert_eq!(told(&paused, AlertKind::CaptureUnclaimed), stages, "day {days}, paused");
    }
    let refunded = order(ToBeCaptured, 0).look(|o| o.unclaimed_since = Some(since)).on(day(20));
    assert_eq!(told(&refunded, AlertKind::CaptureUnclaimed), []);
}

#[test]
fn a_refund_that_has_not_ended_is_told_ever_louder() {
    let stages = [(4, "4h", Notice), (24, "1d", Warning), (72, "3d", Critical), (24 * 30, "3d", Critical)];
    for (age, stage, severity) in stages {
        let asked_at = at(NOON) - hours(age);
        let old = |c: Case| c.refund(Some(300)).with(|c| c.s.refunds[0].asked_at = asked_at);
        let cases = [
            ("fails", old(order(Captured, 1000)).with(|c| c.s.retry_at = Some(c.now + secs(60)))),
            ("not answered", old(order(Captured, 1000)).tried(Action::R, 300, AttemptState::Unknown)),
            ("paused", old(order(Captured, 1000)).with(|c| c.s.merchant.pauses = Pauses::both())),
            ("missing", old(order(Captured, 1000)).with(|c| c.s.merchant.missing = true)),
            ("not found", old(seen(Seen::NotFound))),
            ("unpaid", old(seen(Seen::Unpaid { amount: None }))),
            ("a part of what is held", old(order(Authorized, 0).mode(CaptureMode::Hold))),
        ];
        for (what, case) in cases {
            let expected = [(format!("refund 1 {stage}"), severity)];
            assert_eq!(told(&case, AlertKind::RefundWaiting), expected, "{what} after {age} h");
            let young = case.with(|c| c.s.refunds[0].asked_at = c.now - hours(4) + secs(1));
            assert_eq!(told(&young, AlertKind::RefundWaiting), [], "{what}");
        }
    }
}

#[test]
fn a_part_that_waits_for_a_capture_with_a_date_is_late_from_that_date_on() {
    let part = |now| order(Authorized, 0).on(at(NOON)).refund(Some(300)).on(now);
    assert_eq!(told(&part(day(19)), AlertKind::RefundWaiting), []);
    assert_eq!(told(&part(day(20) + hours(4)), AlertKind::RefundWaiting), [("refund 1 4h".to_owned(), Notice)]);
    // To be made as soon as it can be is no date.
    let now = order(Authorized, 0).mode(CaptureMode::Now).on(at(NOON)).refund(Some(300));
    let paused = now.with(|c| c.s.merchant.pauses = Pauses::both()).on(at(NOON) + hours(5));
    assert_eq!(told(&paused, AlertKind::RefundWaiting), [("refund 1 4h".to_owned(), Notice)]);
    // Nothing is captured of an order that no look can read, and nobody knows until when.
    let unread = then_shows(order(Authorized, 0), Seen::Unclear { raw: "Settling".to_owned() });
    let unread = unread.on(at(NOON)).refund(Some(300));
    assert_eq!(told(&unread.on(day(2)), AlertKind::RefundWaiting), [("refund 1 1d".to_owned(), Warning)]);
    // A whole one waits for no capture.
    let whole =
        order(Authorized, 0).on(at(NOON)).refund(None).with(|c| c.s.merchant.pauses = Pauses::both()).on(day(2));
    assert_eq!(told(&whole, AlertKind::RefundWaiting), [("refund 1 1d".to_owned(), Warning)]);
}

#[test]
fn a_refund_before_a_person_has_its_own_alert_and_those_behind_it_are_told() {
    let case = order(Captured, 1000).refund(Some(300)).refund(Some(100)).on(day(9));
    let case = case.with(|c| c.s.refunds[0].state = RefundState::Review);
    assert_eq!(told(&case, AlertKind::RefundWaiting), [("refund 2 3d".to_owned(), Critical)]);
}

#[test]
fn an_order_that_the_gateway_does_not_know_is_told_after_an_hour_or_a_day() {
    let registered = at(NOON) - hours(2);
    let unknown = || seen(Seen::NotFound).with(|c| c.s.order.registered_at = registered);
    let never = || unknown().with(|c| c.s.observation = None);
    for case in [unknown(), never()] {
        assert_eq!(told(&case, AlertKind::OrderUnknown), []);
        let pressing = [
            case.clone().refund(None),
            case.clone().with(|c| c.s.order.expected_amount = Some(twd(1000))),
            case.clone().mode(CaptureMode::Now),
            case.clone().with(|c| c.s.order.registered_at -= hours(22)),
            case.with(|c| c.s.order.registered_at -= Duration::days(40)),
        ];
        for case in pressing {
            assert_eq!(told(&case, AlertKind::OrderUnknown), [(String::new(), Warning)], "{case:?}");
        }
    }
    let unpaid = seen(Seen::Unpaid { amount: None }).with(|c| c.s.order.registered_at = registered - Duration::days(9));
    assert_eq!(told(&unpaid, AlertKind::OrderUnknown), []);
}

#[test]
fn a_stage_is_named_as_the_settings_write_it() {
    for (duration, name) in [
        (Duration::days(3), "3d"),
        (hours(36), "36h"),
        (hours(4), "4h"),
        (Duration::minutes(90), "90m"),
        (hours(24), "1d"),
    ] {
        assert_eq!(length(duration), name);
    }
}
