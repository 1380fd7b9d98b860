//! What stands between a decision and a money call.

use super::*;
use crate::domain::policy::PartialOnAuthorized;
use crate::domain::rule::Rule;
use AttemptState::{NotApplied, NotSent};
use CardStatus::{Authorized, Captured, ToBeCaptured};

fn minutes(n: i64) -> Duration {
    Duration::minutes(n)
}

/// An R that nothing is in the way of.
fn ready() -> Case {
    order(Captured, 1000).refund(Some(300))
}

#[test]
fn a_look_older_than_a_minute_decides_nothing_about_money() {
    ready().seen_ago(60).says("act R 300 by captured").seen_ago(61).says("look by captured");
}

#[test]
fn a_look_from_after_now_decides_nothing_about_money() {
    ready().seen_ago(-1).says("look by captured").seen_ago(-60).says("look by captured");
}

#[test]
fn a_clock_that_stepped_back_does_not_put_off_the_next_look() {
    for case in [order(Authorized, 0), order(ToBeCaptured, 1000), order(Captured, 1000)] {
        case.seen_ago(-86_400).says("look by clock-stepped-back");
    }
    let open = order(Captured, 1000).refund(None).tried(Action::R, 1000, AttemptState::Unknown);
    open.seen_ago(-86_400).says("look by clock-stepped-back");
}

#[test]
fn a_call_never_falls_into_the_window_or_its_guard() {
    for (now, says) in [
        ("2026-08-01 20:12:59", "act R 300 by captured"),
        ("2026-08-01 20:13:00", "wait until 2026-08-01 20:32:00 by closing-window"),
        ("2026-08-01 20:15:00", "wait until 2026-08-01 20:32:00 by closing-window"),
        ("2026-08-01 20:31:59", "wait until 2026-08-01 20:32:00 by closing-window"),
        ("2026-08-01 20:32:00", "act R 300 by captured"),
    ] {
        ready().at(now).says(says);
    }
}

#[test]
fn a_call_whose_answer_may_come_within_the_window_waits() {
    let slow = ready().with(|c| c.policy.timeout = minutes(3));
    slow.clone().at("2026-08-01 20:12:00").says("act R 300 by captured");
    slow.at("2026-08-01 20:12:01").says("wait until 2026-08-01 20:32:00 by closing-window");
}

#[test]
fn calling_back_leaves_time_for_the_abandoning_after_it() {
    let full = || order(ToBeCaptured, 1000).refund(None);
    full().at("2026-08-01 20:12:30").says("act E 1000 by full-of-to-be-captured");
    full().at("2026-08-01 20:12:31").says("wait until 2026-08-01 20:32:00 by closing-window");
    order(Authorized, 0).refund(None).at("2026-08-01 20:12:31").says("act N 1000 by full-of-authorized");
}

#[test]
fn the_window_is_kept_by_the_gateways_clock_as_well() {
    let skewed = |now: &str, skew_s: i64| ready().at(now).look(|o| o.skew_s = Some(skew_s));
    skewed("2026-08-01 20:08:59", 240).says("act R 300 by captured");
    skewed("2026-08-01 20:09:00", 240).says("wait until 2026-08-01 20:28:00 by closing-window");
    skewed("2026-08-01 20:28:00", 240).says("wait until 2026-08-01 20:32:00 by closing-window");
    skewed("2026-08-01 20:33:00", -240).says("wait until 2026-08-01 20:36:00 by closing-window");
    skewed("2026-08-01 20:36:00", -240).says("act R 300 by captured");
}

#[test]
fn what_was_seen_before_the_end_of_a_closing_does_not_hold_after_it() {
    let bare = |now: &str, ago: i64| ready().with(|c| c.policy.window.guard = Duration::zero()).at(now).seen_ago(ago);
    bare("2026-08-01 20:30:10", 20).says("look by captured");
    bare("2026-08-01 20:30:10", 10).says("act R 300 by captured");
    bare("2026-08-01 20:29:59", 5).says("wait until 2026-08-01 20:30:00 by closing-window");
}

#[test]
fn clocks_too_far_apart_stop_money_and_are_looked_at_on() {
    for skew_s in [301, -301, 86_400, i64::MAX, i64::MIN] {
        let case = ready().look(|o| o.skew_s = Some(skew_s)).says("wait until 2026-08-01 12:09:55 by clock-skew");
        assert_eq!(case.plan().ahead, None, "no call is foreseen while money is stopped");
        case.with(|c| c.now = at(NOON) + minutes(10)).says("look by captured");
    }
    let untold = ready().look(|o| o.skew_s = None).says("wait until 2026-08-01 12:09:55 by clock-skew");
    assert!(untold.plan().why().contains("tell no time"));
    ready().look(|o| o.skew_s = Some(300)).says("act R 300 by captured");
    ready().look(|o| o.skew_s = Some(-300)).says("act R 300 by captured");
}

#[test]
fn a_paused_merchant_is_looked_at_and_sends_no_money() {
    let paused = |case: Case| case.with(|c| c.s.merchant.pauses = Pauses::both());
    paused(ready()).says("wait until 2026-08-01 17:59:55 by paused").seen_ago(6 * 3600).says("look by paused");
    let due = order(Authorized, 0).mode(CaptureMode::Now);
    paused(due).says("wait until 2026-08-02 11:59:55 by paused");
    paused(order(Captured, 0).refund(None)).says("reject by nothing-left");
}

#[test]
fn a_pause_of_refunds_lets_captures_go_on_and_the_other_way_round() {
    let refunds = |case: Case| case.with(|c| c.s.merchant.pauses = Pauses { capture: None, refund: Some(None) });
    let captures = |case: Case| case.with(|c| c.s.merchant.pauses = Pauses { capture: Some(None), refund: None });
    refunds(ready()).says("wait until 2026-08-01 17:59:55 by paused");
    captures(ready()).says("act R 300 by captured");
    let due = || order(Authorized, 0).mode(CaptureMode::Now);
    refunds(due()).says("act C 1000 by capture-now");
    captures(due()).says("wait until 2026-08-02 11:59:55 by paused");
    // A capture that a refund needs is stopped by either.
    let part = || {
        order(Authorized, 0).refund(Some(300)).with(|c| c.policy.partial_on_authorized = PartialOnAuthorized::Capture)
    };
    part().says("act C 1000 by capture-for-part");
    assert_eq!(refunds(part()).plan().rule, captures(part()).plan().rule);
    assert_eq!(refunds(part()).plan().rule, Rule::Paused);
}

#[test]
fn a_pause_with_an_end_is_over_then_without_anybody() {
    let ends = at("2026-08-01 13:00:00");
    let paused = ready().with(|c| c.s.merchant.pauses = Pauses { capture: None, refund: Some(Some(ends)) });
    let paused = paused.says("wait until 2026-08-01 13:00:00 by paused");
    assert!(paused.plan().why().starts_with("refunds are paused until 2026-08-01 13:00:00; then "));
    assert_ne!(paused.on(ends).plan().rule, Rule::Paused);
}

#[test]
fn a_silent_merchant_is_asked_nothing() {
    let until = at("2026-08-01 12:20:00");
    let silent = |case: Case| case.with(|c| c.s.merchant.silent_until = Some(until));
    for case in [ready(), order(Authorized, 0), seen(Seen::NotFound), order(Canceled, 0).refund(None)] {
        silent(case).says("wait until 2026-08-01 12:20:00 by rate-limited");
    }
    let open = ready().tried(Action::R, 300, AttemptState::Unknown);
    silent(open).says("wait until 2026-08-01 12:20:00 by rate-limited");
    silent(ready()).on(until).says("act R 300 by captured");
}

use CardStatus::Canceled;

#[test]
fn nothing_is_done_about_money_before_a_look_after_the_last_call() {
    let case = ready().tried(Action::R, 300, NotApplied).says("act R 300 by captured");
    case.clone().look(|o| o.after_attempt = 0).says("look by look-after-action");
    case.with(|c| c.s.order.revision += 1).says("look by look-after-write");
}

#[test]
fn a_pause_that_began_under_a_clock_running_ahead_is_over() {
    let not_sent =
        |at: DateTime<Utc>| ready().tried_as(Action::R, 300, AttemptState::NotSent, |a| a.finished_at = Some(at));
    not_sent(at(NOON)).says("wait until 2026-08-01 12:01:00 by not-sent");
    not_sent(at(NOON) + Duration::days(1)).says("act R 300 by captured");
}

#[test]
fn an_order_never_looked_at_is_looked_at() {
    ready().with(|c| c.s.observation = None).says("look by first-look");
}

#[test]
fn a_look_that_failed_is_not_repeated_before_its_time() {
    let later = at("2026-08-01 12:01:00");
    let failed = |case: Case| case.with(|c| c.s.retry_at = Some(later));
    let never = ready().with(|c| c.s.observation = None);
    failed(never).says("wait until 2026-08-01 12:01:00 by first-look");
    let stale = failed(ready().seen_ago(61)).says("wait until 2026-08-01 12:01:00 by captured");
    stale.with(|c| c.now = later).says("look by captured");
    let open = ready().tried(Action::R, 300, AttemptState::Unknown).look(|o| o.after_attempt = 0);
    failed(open).says("wait until 2026-08-01 12:01:00 by unanswered");
}

#[test]
fn three_calls_of_r_without_effect_put_the_refund_before_a_person() {
    let mut case = ready();
    for _ in 0..3 {
        case = case.says("act R 300 by captured").tried(Action::R, 300, NotApplied);
    }
    let case = case.says("review by out-of-tries");
    assert_eq!(case.plan().refund, Some(1));
    let plan = case.with(|c| c.s.refunds[0].state = RefundState::Review).plan();
    assert!(matches!(plan.step, Step::Wait { until: Some(_) }), "{plan:?}");
}

#[test]
fn e_and_n_cannot_act_twice_and_are_never_given_up() {
    for (case, action, first) in [
        (order(ToBeCaptured, 1000).refund(None), Action::E, "act E 1000 by full-of-to-be-captured"),
        (order(Authorized, 0).refund(None), Action::N, "act N 1000 by full-of-authorized"),
    ] {
        let mut case = case;
        for calls in 1..40 {
            let case_before = case.says(first);
            case = case_before.tried(action, 1000, NotApplied);
            if calls >= 3 {
                let Step::Wait { until: Some(until) } = case.plan().step else { panic!("{:?}", case.plan()) };
                assert!(until - case.now <= Duration::days(1), "{until}");
                let skip_the_closing = until.max(case.policy.window.next_allowed(until, Duration::minutes(5)));
                case = case.on(skip_the_closing);
            }
        }
    }
}

#[test]
fn calls_that_were_never_sent_pause_ever_longer_and_use_up_no_try() {
    let mut case = ready();
    for pause in [1, 2, 4, 8, 16, 32, 60, 60] {
        case = case.tried(Action::R, 300, NotSent);
        let again = case.now - minutes(9) + minutes(pause);
        if again > case.now {
            case = case.says(&format!("wait until {} by not-sent", show(again))).on(again);
        }
        case = case.says("act R 300 by captured");
    }
}

#[test]
fn the_window_across_midnight_is_kept() {
    let night = ready().with(|c| {
        c.policy.window.start = chrono::NaiveTime::from_hms_opt(23, 50, 0).expect("a time");
        c.policy.window.end = chrono::NaiveTime::from_hms_opt(0, 10, 0).expect("a time");
    });
    night.clone().at("2026-08-01 23:47:59").says("act R 300 by captured");
    night.clone().at("2026-08-01 23:48:00").says("wait until 2026-08-02 00:12:00 by closing-window");
    night.clone().at("2026-08-02 00:05:00").says("wait until 2026-08-02 00:12:00 by closing-window");
    night.at("2026-08-02 00:12:00").says("act R 300 by captured");
}

#[test]
fn a_row_of_an_authorization_that_another_row_follows_has_a_way_out() {
    let trade_no = TradeNo::parse("2608011000001").expect("a number");
    let twin = || seen(Seen::Twin { trade_no: trade_no.clone(), row: 1 });
    twin().says("wait until 2026-08-02 11:59:55 by twin-row");
    let plan = twin().refund(None).says("reject by twin-row").plan();
    assert!(plan.why().contains("row 1 of orders"), "{}", plan.why());
    let told = |case: &Case| crate::domain::record::alerts::alerts(&case.s, &case.plan(), &case.policy, case.now).len();
    assert_eq!(told(&twin()), 1);
    // Registered on hold it has said nothing of it yet.
    assert_eq!(told(&twin().mode(CaptureMode::Hold)), 1);
    let ended = twin().mode(CaptureMode::Hold).with(|c| c.s.order.revision = 2).look(|o| o.after_revision = 2);
    assert_eq!(told(&ended.says("wait by twin-row")), 0);
}
