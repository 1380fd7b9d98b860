//! Contract section 5: when an order without a refund is captured.

use super::*;
use crate::domain::plan::{Ahead, Rank};
use crate::domain::policy::CapturePolicy;
use crate::domain::rule::Rule;
use AttemptState::{NotApplied, Refused};
use CardStatus::{Authorized, Canceled, Captured, OperationCanceled, ToBeCaptured};

const OPEN: [CardStatus; 2] = [Authorized, OperationCanceled];

fn policy(capture: CapturePolicy) -> impl Fn(&mut Case) {
    move |c| c.policy.capture = capture
}

fn refused(text: &str) -> impl FnOnce(&mut Attempt) {
    let text = text.to_owned();
    move |a| a.text = text
}

#[test]
fn the_deadline_policy_captures_a_day_before_day_21() {
    for status in OPEN {
        order(status, 0).says("wait until 2026-08-02 11:59:55 by capture-ahead");
        order(status, 0).on(day(20) - secs(1)).says("wait until 2026-08-21 10:00:00 by capture-ahead");
        order(status, 0).on(day(20)).says("act C 1000 by capture");
    }
    let ahead = order(Authorized, 0).plan().ahead;
    assert_eq!(ahead, Some(Ahead { action: Action::C, at: day(20) }));
}

/// Whether the vendor counts 21 times 24 hours or civil days, the first included, is not known.
#[test]
fn by_default_a_capture_is_due_before_the_21st_civil_day_begins() {
    let case = order(Authorized, 0).with(|c| c.policy = Policy::default());
    case.on(day(19) - secs(1))
        .says("wait until 2026-08-20 10:00:00 by capture-ahead")
        .on(day(19))
        .says("act C 1000 by capture");
}

#[test]
fn a_reserved_slot_captures_earlier_within_the_spread_and_never_later() {
    let slot = |hours: i64| order(Authorized, 0).with(|c| c.s.capture_slot = Some(day(20) + Duration::hours(hours)));
    slot(-5).on(day(20) - Duration::hours(5)).says("act C 1000 by capture");
    slot(-5).on(day(20) - Duration::hours(5) - secs(1)).says("wait until 2026-08-21 05:00:00 by capture-ahead");
    slot(24).on(day(20)).says("act C 1000 by capture");
    slot(-240).on(day(19)).says("wait until 2026-08-21 04:00:00 by capture-ahead");
}

/// Planned for the limit itself, or for a closing just before it, the first call would be refused as too late.
#[test]
fn a_capture_is_planned_for_no_time_that_could_be_too_late() {
    for (lead, at) in [
        (Duration::zero(), "2026-08-22 08:41:00"),
        (Duration::minutes(78), "2026-08-22 08:41:00"),
        (Duration::minutes(80), "2026-08-22 08:40:00"),
    ] {
        let case = order(Authorized, 0).with(|c| c.policy.lead = lead).on(day(20));
        case.says(&format!("wait until {at} by capture-ahead")).at(at).says("act C 1000 by capture");
    }
}

#[test]
fn the_shops_own_deadline_counts_where_it_is_earlier() {
    let week = order(Authorized, 0).with(|c| c.policy.deadline_days = 7);
    week.clone().on(day(6) - secs(1)).says("wait until 2026-08-07 10:00:00 by capture-ahead");
    week.on(day(6)).says("act C 1000 by capture");
}

#[test]
fn the_immediate_policy_captures_as_soon_as_authorized() {
    for status in OPEN {
        order(status, 0).with(policy(CapturePolicy::Immediate)).says("act C 1000 by capture");
    }
}

#[test]
fn with_daily_auto_close_the_vendor_captures_first() {
    let case =
        order(Authorized, 0).with(policy(CapturePolicy::Immediate)).with(|c| c.s.merchant.daily_auto_close = true);
    let case = case.says("wait until 2026-08-01 20:32:00 by capture-ahead");
    let case = case.at("2026-08-01 20:32:00").says("act C 1000 by capture");
    case.with(|c| c.s.merchant.daily_auto_close = false).says("act C 1000 by capture");
    order(Authorized, 0)
        .with(|c| c.s.merchant.daily_auto_close = true)
        .mode(CaptureMode::Now)
        .says("act C 1000 by capture-now");
}

#[test]
fn the_manual_policy_captures_only_when_asked() {
    let manual = || order(Authorized, 0).with(policy(CapturePolicy::Manual));
    manual().says("wait until 2026-08-02 11:59:55 by manual");
    manual().on(day(20) + secs(10)).says("wait until 2026-08-22 10:00:00 by manual");
    manual()
        .on(day(21))
        .says("look by capture-overdue")
        .seen_ago(0)
        .says("wait until 2026-08-23 10:00:00 by capture-overdue");
    manual().mode(CaptureMode::Now).says("act C 1000 by capture-now");
    manual().mode(CaptureMode::Now).on(day(21)).says("act C 1000 by capture-past-deadline");
}

#[test]
fn now_captures_at_the_next_allowed_moment_whatever_the_policy() {
    for capture in [CapturePolicy::Deadline, CapturePolicy::Immediate, CapturePolicy::Manual] {
        let now = order(Authorized, 0).mode(CaptureMode::Now).with(policy(capture));
        now.clone().says("act C 1000 by capture-now");
        now.at("2026-08-01 20:20:00").says("wait until 2026-08-01 20:32:00 by closing-window");
    }
}

#[test]
fn hold_never_captures() {
    for capture in [CapturePolicy::Deadline, CapturePolicy::Immediate, CapturePolicy::Manual] {
        for days in [0, 20, 21, 60, 89] {
            let held = order(Authorized, 0).mode(CaptureMode::Hold).with(policy(capture)).on(day(days) + secs(7200));
            assert!(matches!(held.plan().step, Step::Wait { until: Some(_) }), "day {days}");
            assert_eq!(held.plan().rule, Rule::Hold);
        }
    }
}

#[test]
fn an_amount_the_shop_did_not_expect_is_not_captured() {
    let case = order(Authorized, 0).mode(CaptureMode::Now).with(|c| c.s.order.expected_amount = Some(twd(999)));
    let case = case.says("wait until 2026-08-02 11:59:55 by amount-mismatch");
    case.with(|c| c.s.order.expected_amount = Some(twd(1000))).says("act C 1000 by capture-now");
}

#[test]
fn a_full_refund_wins_over_a_due_capture() {
    order(Authorized, 0).mode(CaptureMode::Now).on(day(20)).refund(None).says("act N 1000 by full-of-authorized");
}

#[test]
fn past_day_21_one_capture_is_still_tried() {
    let late = order(Authorized, 0).on(day(21)).says("act C 1000 by capture-past-deadline");
    for state in [NotApplied, Refused] {
        let now = late.now;
        let tried = late.clone().tried_as(Action::C, 1000, state, |a| {
            a.started_at = now;
            a.finished_at = Some(now);
        });
        tried.on(day(21) + Duration::hours(2)).says("wait until 2026-08-23 11:59:55 by capture-overdue");
    }
    // Whatever the words: it is not said an hour later, when it is to be tried again.
    let now = late.now;
    let refused = late.clone().tried_as(Action::C, 1000, Refused, |a| {
        (a.started_at, a.finished_at, a.text) = (now, Some(now), "更新失敗".to_owned());
    });
    refused.on(day(21) + Duration::minutes(1)).says("wait until 2026-08-23 10:00:55 by capture-overdue");
    let before = late.tried_as(Action::C, 1000, NotApplied, |a| a.started_at = day(20));
    before.says("act C 1000 by capture-past-deadline");
}

#[test]
fn a_capture_refused_as_too_late_is_not_sent_again_until_the_shop_writes() {
    for word in ["更新失敗.(error_overDate)", "error_overDAY"] {
        let late = order(Authorized, 0).on(day(19)).mode(CaptureMode::Now);
        let late = late.tried_as(Action::C, 1000, Refused, refused(word));
        let late = late.says("wait until 2026-08-21 09:59:55 by capture-overdue");
        late.with(|c| c.s.order.changed_after_attempt = 1).says("act C 1000 by capture-now");
    }
}

#[test]
fn a_refused_capture_is_tried_again_ever_more_slowly() {
    let mut case = order(Authorized, 0).mode(CaptureMode::Now);
    for hours in [1, 2, 4, 8, 16, 24, 24] {
        case = case.tried_as(Action::C, 1000, Refused, refused("busy"));
        let again = case.now - Duration::minutes(9) + Duration::hours(hours);
        case = case.says(&format!("wait until {} by capture-refused", show(again))).on(again);
        case = case.says("act C 1000 by capture-now");
    }
}

#[test]
fn captures_without_effect_are_asked_again_for_ever_and_in_the_last_day_each_hour() {
    let lost =
        |case: Case, ended: DateTime<Utc>| case.tried_as(Action::C, 1000, NotApplied, |a| a.finished_at = Some(ended));
    let mut case = order(Authorized, 0).mode(CaptureMode::Now).on(day(18));
    for _ in 0..2 {
        case = lost(case, day(18)).says("act C 1000 by capture-now");
    }
    let (mut ended, mut calls) = (day(18), 2);
    while ended < day(21) {
        case = lost(case, ended);
        let again = match case.plan() {
            Plan { step: Step::Wait { until: Some(until) }, ahead, .. } => {
                assert_eq!(ahead, Some(Ahead { action: Action::C, at: until }));
                until
            }
            other => panic!("{other:?}"),
        };
        let pause = again - ended;
        assert!(pause >= Duration::hours(1) && pause <= Duration::days(1), "{pause}");
        assert!(ended < day(20) || pause == Duration::hours(1), "in the last day each hour: {pause} at {ended}");
        assert!(ended >= day(20) || again <= day(20), "no pause steps over the last day: {again}");
        (ended, calls) = (again, calls + 1);
        if ended < day(21) {
            case = case.on(ended).says("act C 1000 by capture-now");
        }
    }
    assert!(calls > 24, "{calls}");
    // And one more past the limit.
    case.on(day(21)).says("act C 1000 by capture-past-deadline");
}

#[test]
fn a_shop_that_asks_anew_starts_a_capture_anew() {
    let mut case = order(Authorized, 0).mode(CaptureMode::Now);
    for _ in 0..4 {
        case = case.tried(Action::C, 1000, NotApplied);
    }
    let case = case.says("wait until 2026-08-01 13:51:00 by unanswered-again");
    case.with(|c| c.s.order.changed_after_attempt = 4).says("act C 1000 by capture-now");
}

#[test]
fn the_calls_of_a_refund_do_not_count_against_the_capture() {
    let mut case = order(Authorized, 0).mode(CaptureMode::Now).refund(None);
    for _ in 0..3 {
        case = case.tried(Action::N, 1000, NotApplied);
    }
    let case = case.says("wait until 2026-08-01 12:51:00 by unanswered-again");
    case.with(|c| c.s.refunds.clear()).says("act C 1000 by capture-now");
}

#[test]
fn a_capture_that_was_called_back_for_a_refund_that_was_rejected_is_planned_again() {
    for capture in [CapturePolicy::Deadline, CapturePolicy::Immediate] {
        for (days, tried) in [(0, 0), (19, 2), (20, 40)] {
            let mut case = order(OperationCanceled, 0).with(policy(capture)).on(day(days) + Duration::hours(2));
            for _ in 0..tried {
                case = case.tried(Action::C, 1000, AttemptState::Applied);
            }
            let case = case.refund(None).tried(Action::E, 1000, AttemptState::Applied);
            let case = case.tried(Action::N, 1000, Refused).says("reject by refused").with(|c| c.s.refunds.clear());
            let due = capture == CapturePolicy::Immediate || days == 20;
            let rule = if due { "act C 1000 by capture" } else { "capture-ahead" };
            assert!(words(&case.plan()).ends_with(rule), "{:?}", case.plan());
        }
    }
}

#[test]
fn at_day_90_an_order_is_looked_at_once_more_and_then_finished() {
    for mode in [CaptureMode::Auto, CaptureMode::Hold] {
        let case = order(Authorized, 0).mode(mode);
        let rule = if mode == CaptureMode::Hold { "hold" } else { "capture-overdue" };
        let eve = case.on(day(90) - Duration::hours(3)).tried(Action::C, 1000, NotApplied);
        let eve = eve.says(&format!("wait until 2026-10-30 10:00:00 by {rule}"));
        let eve = eve.with(|c| c.now = day(90)).says("look by expired");
        eve.on(day(90) + secs(10)).says("wait by expired");
    }
}

#[test]
fn a_full_refund_of_an_abandoned_order_is_still_tried() {
    order(Authorized, 0).on(day(90) + secs(10)).refund(None).says("act N 1000 by full-of-authorized");
}

#[test]
fn an_order_that_has_come_to_its_end_has_no_next_look() {
    order(Captured, 1000).says("wait by captured");
    order(Captured, 0).says("wait by refunded");
    order(ToBeCaptured, 0).says("wait by refunded");
    order(Canceled, 0).says("wait by void");
    order(Canceled, 0).on(day(90) + secs(10)).says("wait by expired");
}

#[test]
fn refunds_go_before_deadlines_before_routine() {
    assert_eq!(order(Authorized, 0).plan().rank, Rank::Routine);
    assert_eq!(order(Authorized, 0).on(day(20) - Duration::hours(6)).plan().rank, Rank::Deadline);
    assert_eq!(order(Captured, 1000).on(day(20)).plan().rank, Rank::Routine);
    assert_eq!(order(Captured, 1000).refund(None).plan().rank, Rank::Refund);
    assert_eq!(order(Authorized, 0).tried(Action::C, 1000, AttemptState::Unknown).plan().rank, Rank::Refund);
}
