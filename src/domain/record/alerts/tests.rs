use AttemptState::{NotApplied, Refused, Started, Unknown};
use CardStatus::{Authorized, Canceled, Captured, OperationCanceled, ToBeCaptured};
use Severity::{Critical, Notice, Warning};
use chrono::Duration;

use super::*;
use crate::domain::order::CaptureMode;
use crate::domain::pause::Pauses;
use crate::domain::plan::tests::{Case, at, card, day, order, secs, seen, twd};
use crate::domain::policy::CapturePolicy;

fn told(case: &Case) -> Vec<Alert> {
    alerts(&case.s, &case.plan(), &case.policy, case.now)
}

fn of(case: &Case, kind: AlertKind) -> Vec<Alert> {
    told(case).into_iter().filter(|a| a.kind == kind).collect()
}

fn one(case: &Case, kind: AlertKind) -> Alert {
    let mut alerts = of(case, kind);
    assert_eq!(alerts.len(), 1, "{alerts:?} {:?}", case.plan());
    alerts.remove(0)
}

fn kinds(case: &Case) -> Vec<AlertKind> {
    told(case).iter().map(|a| a.kind).collect()
}

#[test]
fn an_order_that_goes_its_way_raises_nothing() {
    for (status, net) in [(Authorized, 0), (ToBeCaptured, 1000), (Captured, 1000), (Captured, 0), (Canceled, 0)] {
        assert_eq!(kinds(&order(status, net)), []);
    }
    assert_eq!(kinds(&seen(Seen::NotFound)), []);
}

#[test]
fn expiring_grows_louder_stage_by_stage_held_or_not() {
    for mode in CaptureMode::ALL {
        for (days, stages, loudest) in [
            (59, 0, None),
            (60, 1, Some(Notice)),
            (69, 1, Some(Notice)),
            (70, 2, Some(Warning)),
            (75, 3, Some(Critical)),
            (78, 4, Some(Critical)),
            (79, 5, Some(Critical)),
            (89, 5, Some(Critical)),
        ] {
            for status in [Authorized, OperationCanceled] {
                let found = of(&order(status, 0).mode(mode).on(day(days)), AlertKind::Expiring);
                assert_eq!(found.len(), stages, "day {days}");
                assert_eq!(found.last().map(|a| a.severity), loudest, "day {days}");
            }
        }
    }
}

#[test]
fn each_stage_stays_open_and_only_the_last_reached_is_raised() {
    let found = of(&order(Authorized, 0).mode(CaptureMode::Hold).on(day(76)), AlertKind::Expiring);
    let stages: Vec<(&str, Severity, bool)> = found.iter().map(|a| (a.stage.as_str(), a.severity, a.raise)).collect();
    assert_eq!(stages, [("day 60", Notice, false), ("day 70", Warning, false), ("day 75", Critical, true)]);
    assert!(found.iter().all(|a| a.days_left == Some(14)));
}

#[test]
fn a_stage_is_reached_in_the_first_minute_of_its_day_in_taipei() {
    let on = |text: &str| of(&order(Authorized, 0).mode(CaptureMode::Hold).at(text), AlertKind::Expiring).len();
    assert_eq!(on("2026-09-29 23:59:59"), 0);
    assert_eq!(on("2026-09-30 00:00:00"), 1);
}

#[test]
fn an_order_in_review_grows_old_aloud() {
    let case = order(Authorized, 0).on(day(75)).tried(Action::C, 1000, AttemptState::Review);
    assert_eq!(of(&case, AlertKind::Expiring).len(), 3);
}

#[test]
fn captured_or_ended_orders_do_not_expire() {
    for (status, net) in [(ToBeCaptured, 1000), (Captured, 1000), (Canceled, 0)] {
        assert_eq!(of(&order(status, net).on(day(75)), AlertKind::Expiring), []);
    }
}

#[test]
fn overdue_is_told_past_day_21_of_whatever_is_not_captured() {
    let tried = |c: Case| c.on(day(22)).tried(Action::C, 1000, NotApplied);
    assert_eq!(one(&tried(order(Authorized, 0)), AlertKind::CaptureOverdue).severity, Critical);
    let manual = order(Authorized, 0).with(|c| c.policy.capture = CapturePolicy::Manual).on(day(21));
    assert_eq!(one(&manual, AlertKind::CaptureOverdue).severity, Critical);
    let held = order(Authorized, 0).mode(CaptureMode::Hold);
    assert_eq!(of(&held.clone().on(day(21) - secs(1)), AlertKind::CaptureOverdue), []);
    assert_eq!(one(&held.clone().on(day(21)), AlertKind::CaptureOverdue).severity, Critical);
    // What is being refunded is not to be captured.
    assert_eq!(of(&held.on(day(30)).refund(None), AlertKind::CaptureOverdue), []);
    let with_part = tried(order(Authorized, 0).refund(Some(300)));
    assert_eq!(one(&with_part, AlertKind::CaptureOverdue).severity, Critical);
}

#[test]
fn a_capture_refused_is_told_until_it_works_the_retries_included() {
    let refused = order(Authorized, 0).mode(CaptureMode::Now);
    let refused = refused.tried_as(Action::C, 1000, Refused, |a| a.text = "busy".to_owned());
    let first = one(&refused, AlertKind::CaptureFailing);
    assert_eq!((first.severity, first.stage.as_str()), (Warning, ""));
    for state in [Started, Unknown, AttemptState::NotSent] {
        assert_eq!(one(&refused.clone().tried(Action::C, 1000, state), AlertKind::CaptureFailing), first);
    }
    let rewritten = refused.clone().with(|c| c.s.order.changed_after_attempt = 1);
    assert_eq!(kinds(&rewritten), []);
    assert_eq!(kinds(&refused.look(|o| o.seen = Seen::Card(card(Captured, 1000)))), []);
}

#[test]
fn a_capture_out_of_tries_is_told_with_or_without_a_part_that_waits_for_it() {
    for part in [false, true] {
        let mut case = order(Authorized, 0).mode(CaptureMode::Now);
        for _ in 0..3 {
            case = case.tried(Action::C, 1000, NotApplied);
        }
        let case = if part { case.refund(Some(300)) } else { case };
        let alert = one(&case, AlertKind::CaptureFailing);
        assert_eq!((alert.severity, alert.stage.as_str()), (Critical, "unanswered"));
    }
}

#[test]
fn a_refund_out_of_tries_is_a_refund_in_review_and_no_failing_capture() {
    let mut case = order(Authorized, 0).refund(None);
    for _ in 0..3 {
        case = case.tried(Action::N, 1000, NotApplied);
    }
    assert_eq!(kinds(&case), []);
    let case = case.with(|c| c.s.refunds[0].state = RefundState::Review);
    assert_eq!(kinds(&case), [AlertKind::RefundReview]);
}

#[test]
fn a_due_capture_that_cannot_be_made_is_told() {
    let due = || order(Authorized, 0).on(day(20));
    let unreachable = due().with(|c| c.s.retry_at = Some(day(20) + secs(60)));
    assert_eq!(one(&unreachable, AlertKind::CaptureFailing).stage, "unreachable");
    let paused = due().with(|c| c.s.merchant.pauses = Pauses::both());
    let alert = one(&paused, AlertKind::CaptureFailing);
    assert_eq!((alert.stage.as_str(), alert.severity), ("paused", Critical));
    for case in [unreachable, paused] {
        assert_eq!(of(&case.clone().mode(CaptureMode::Hold), AlertKind::CaptureFailing), []);
        let early = case.on(day(17)).mode(CaptureMode::Now);
        assert_eq!(kinds(&early), []);
    }
}

#[test]
fn a_call_in_review_is_told_with_the_way_out() {
    for (action, kind) in [
        (Action::C, AlertKind::CaptureFailing),
        (Action::R, AlertKind::RefundReview),
        (Action::N, AlertKind::RefundReview),
    ] {
        let case = order(Captured, 1000).refund(None).tried(action, 1000, AttemptState::Review);
        let alert = one(&case, kind);
        assert_eq!((alert.severity, alert.stage.as_str()), (Critical, "attempt 1"));
        assert!(alert.message().contains("ecpayd resolve 1"), "{}", alert.message());
        let case = case.with(|c| c.s.refunds[0].state = RefundState::Review);
        assert_eq!(kinds(&case).len(), 1, "one alert for one cause");
    }
}

#[test]
fn a_status_outside_the_table_is_told_raw() {
    let case = seen(Seen::Unclear { raw: "Settling".to_owned() });
    let alert = one(&case, AlertKind::UnknownStatus);
    assert_eq!((alert.severity, alert.stage.as_str()), (Warning, "Settling"));
}

#[test]
fn a_contradiction_with_the_ledger_is_told() {
    for case in [order(Authorized, 0), seen(Seen::NotFound)] {
        let case = case.tried(Action::R, 300, AttemptState::Applied);
        assert_eq!(one(&case, AlertKind::UnknownStatus).severity, Warning);
    }
}

#[test]
fn an_unexpected_amount_is_told_until_it_no_longer_matters() {
    let with = |status, net| order(status, net).with(|c| c.s.order.expected_amount = Some(twd(999)));
    assert!(one(&with(Authorized, 0), AlertKind::AmountMismatch).message().ends_with("not captured"));
    assert!(one(&with(Captured, 1000), AlertKind::AmountMismatch).message().ends_with("captured all the same"));
    assert_eq!(kinds(&with(Canceled, 0)), []);
    assert_eq!(kinds(&order(Authorized, 0).with(|c| c.s.order.expected_amount = Some(twd(1000)))), []);
}

#[test]
fn an_expired_order_is_told_in_place_of_its_expiring() {
    let case = order(Authorized, 0).on(day(90) + secs(5));
    assert_eq!(kinds(&case), [AlertKind::Expired]);
    assert_eq!(kinds(&order(Canceled, 0).on(day(91))), [AlertKind::Expired]);
    // Captured and refunded in part; then the bank took the capture back, and nobody captured again.
    let taken_back = order(Canceled, 0).tried(Action::R, 300, AttemptState::Applied);
    assert_eq!(one(&taken_back.clone().on(day(91)), AlertKind::Expired).severity, Critical);
    assert_eq!(of(&taken_back, AlertKind::Expired), [], "void before, it is somebody's doing");
    let in_review = order(Canceled, 0).tried(Action::R, 300, AttemptState::Review);
    assert_eq!(one(&in_review.on(day(91)), AlertKind::Expired).severity, Critical);
}

#[test]
fn a_short_balance_is_told_until_the_refund_moves_the_retries_included() {
    let short = order(Captured, 1000).refund(Some(300));
    let short = short.tried_as(Action::R, 300, Refused, |a| a.text = "餘額不足".to_owned());
    let first = one(&short, AlertKind::BalanceShort);
    assert_eq!((first.severity, first.stage.as_str()), (Warning, "refund 1"));
    let due = short.on(at("2026-08-01 12:00:00") + Duration::hours(7));
    assert_eq!(one(&due, AlertKind::BalanceShort), first);
    assert_eq!(one(&due.clone().tried(Action::R, 300, Started), AlertKind::BalanceShort), first);
    assert_eq!(of(&due.clone().tried(Action::R, 300, NotApplied), AlertKind::BalanceShort), []);
    // Before a person for another reason, it no longer waits for the balance.
    let in_review = due.with(|c| c.s.refunds[0].state = RefundState::Review);
    assert_eq!(of(&in_review, AlertKind::BalanceShort), []);
}
