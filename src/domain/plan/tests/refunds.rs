//! Contract section 4: the gateway's word by what was asked for.

use super::*;
use crate::domain::policy::{CapturePolicy, PartialOnAuthorized};
use crate::domain::rule::Rule;
use CardStatus::{Authorized, Canceled, Captured, OperationCanceled, ToBeCaptured, Unauthorized};

const OPEN: [CardStatus; 2] = [Authorized, OperationCanceled];

/// By NULL and by the whole amount.
const FULL: [Option<i64>; 2] = [None, Some(1000)];

fn capturing(case: &mut Case) {
    case.policy.partial_on_authorized = PartialOnAuthorized::Capture;
}

#[test]
fn a_full_refund_of_an_order_not_captured_abandons_it() {
    for (status, amount) in OPEN.into_iter().flat_map(|s| FULL.map(|a| (s, a))) {
        for mode in CaptureMode::ALL {
            for policy in [CapturePolicy::Deadline, CapturePolicy::Immediate, CapturePolicy::Manual] {
                order(status, 0)
                    .refund(amount)
                    .mode(mode)
                    .with(|c| c.policy.capture = policy)
                    .says("act N 1000 by full-of-authorized")
                    .with(capturing)
                    .says("act N 1000 by full-of-authorized");
            }
        }
    }
}

#[test]
fn a_full_refund_of_an_order_to_be_captured_begins_by_calling_the_capture_back() {
    for (mode, amount) in CaptureMode::ALL.into_iter().flat_map(|m| FULL.map(|a| (m, a))) {
        order(ToBeCaptured, 1000).refund(amount).mode(mode).says("act E 1000 by full-of-to-be-captured");
    }
}

#[test]
fn a_full_refund_of_a_captured_order_is_an_r_of_all_of_it() {
    for (mode, amount) in CaptureMode::ALL.into_iter().flat_map(|m| FULL.map(|a| (m, a))) {
        order(Captured, 1000).refund(amount).mode(mode).says("act R 1000 by captured");
    }
}

#[test]
fn a_part_of_an_order_to_be_captured_or_captured_is_an_r() {
    for mode in CaptureMode::ALL {
        order(ToBeCaptured, 1000).refund(Some(300)).mode(mode).says("act R 300 by part-of-to-be-captured");
        order(Captured, 1000).refund(Some(300)).mode(mode).says("act R 300 by captured");
    }
}

#[test]
fn a_second_part_and_then_all_that_is_left_are_rs() {
    for (status, rule) in [(ToBeCaptured, "part-of-to-be-captured"), (Captured, "captured")] {
        order(status, 700).refund(Some(200)).says(&format!("act R 200 by {rule}"));
        order(status, 700).refund(None).says(&format!("act R 700 by {rule}"));
        order(status, 700).refund(Some(700)).says(&format!("act R 700 by {rule}"));
    }
}

#[test]
fn more_than_what_is_left_is_rejected() {
    for (status, net, amount) in
        [(Captured, 700, 701), (ToBeCaptured, 700, 1000), (Captured, 1000, 1001), (Authorized, 0, 1001)]
    {
        order(status, net).refund(Some(amount)).says("reject by more-than-left");
    }
}

#[test]
fn what_is_left_goes_by_the_witness_that_says_more() {
    let applied = |c: Case| c.refund(None).tried(Action::R, 300, AttemptState::Applied);
    applied(order(Captured, 700)).says("act R 700 by captured");
    applied(order(Captured, 500)).says("act R 500 by captured");
    order(Captured, 500).refund(None).tried(Action::R, 300, AttemptState::NotApplied).says("act R 500 by captured");
}

#[test]
fn while_a_look_shows_less_refunded_than_the_ledger_knows_nothing_more_is() {
    let case = order(Captured, 1000).refund(Some(300)).tried(Action::R, 300, AttemptState::Applied);
    let case = case.with(|c| c.s.refunds[0].id = 2).says("review by contradiction");
    case.look(|o| o.seen = Seen::Card(card(Captured, 700))).says("act R 300 by captured");
    order(ToBeCaptured, 1000).tried(Action::R, 300, AttemptState::Applied).refund(None).says("review by contradiction");
}

#[test]
fn a_refund_that_was_seen_while_its_call_was_not_answered_is_looked_at_once_more() {
    let unanswered = |c: Case| {
        c.tried_as(Action::R, 300, AttemptState::Applied, |a| a.text = "no usable answer: timed out".to_owned())
    };
    let case = unanswered(order(Captured, 700)).says("wait until 2026-08-01 12:05:01 by may-still-land");
    case.on(at("2026-08-01 12:05:07")).says("wait by captured");
    unanswered(order(ToBeCaptured, 0)).says("wait until 2026-08-01 12:05:01 by may-still-land");
    order(Captured, 700).tried(Action::R, 300, AttemptState::Applied).says("wait by captured");
}

#[test]
fn a_clock_that_is_not_believed_rejects_no_part_that_waits() {
    let case = order(Authorized, 0).refund(Some(300)).on(day(95));
    case.clone().says("reject by expired");
    let case = case.look(|o| o.skew_s = Some(-95 * 86_400));
    assert_eq!(case.plan().rule, Rule::ClockSkew);
    assert!(matches!(case.plan().step, Step::Wait { until: Some(_) }));
}

#[test]
fn nothing_is_left_of_what_is_refunded_or_void() {
    order(Captured, 0).refund(None).says("reject by nothing-left");
    order(ToBeCaptured, 0).refund(Some(1)).says("reject by nothing-left");
    for amount in [None, Some(1000), Some(300)] {
        order(Canceled, 0).refund(amount).says("reject by void");
    }
}

#[test]
fn a_row_is_not_rejected_from_what_was_seen_before_it_was_written() {
    order(Canceled, 0).refund(None).seen_ago(3600).says("look by void");
    order(Captured, 0).refund(None).seen_ago(3600).says("look by nothing-left");
    order(Captured, 700).refund(Some(800)).seen_ago(3600).says("look by more-than-left");
    let atm = Seen::NotCard { amount: Some(twd(1000)), payment_type: "ATM_TAISHIN".to_owned() };
    seen(atm).refund(None).seen_ago(3600).says("look by not-card");
    let unclear = Seen::Unclear { raw: "Settling".to_owned() };
    seen(unclear).refund(None).seen_ago(3600).says("look by unknown-status");
}

#[test]
fn a_slow_look_is_current_enough_to_reject_by() {
    order(Canceled, 0).refund(None).seen_ago(100).says("reject by void").seen_ago(121).says("look by void");
}

#[test]
fn a_part_of_an_order_with_installments_or_bonus_points_is_rejected_before_any_call() {
    for kind in [
        CardKind { installments: true, ..CardKind::default() },
        CardKind { bonus_points: true, ..CardKind::default() },
        CardKind { unknown: true, ..CardKind::default() },
        CardKind { installments: true, bonus_points: true, union_pay: true, unknown: false },
    ] {
        for (status, net) in [(Authorized, 0), (OperationCanceled, 0), (ToBeCaptured, 1000), (Captured, 1000)] {
            order(status, net).kind(kind).refund(Some(300)).says("reject by whole-only");
            order(status, net).kind(kind).refund(Some(300)).with(capturing).says("reject by whole-only");
        }
        order(Captured, 700).kind(kind).refund(None).says("reject by whole-only");
        order(Captured, 1000).kind(kind).refund(None).says("act R 1000 by captured");
        order(Authorized, 0).kind(kind).refund(None).says("act N 1000 by full-of-authorized");
    }
}

#[test]
fn a_union_pay_order_is_never_called_back_and_waits_for_captured() {
    let union = CardKind { union_pay: true, ..CardKind::default() };
    order(ToBeCaptured, 1000)
        .kind(union)
        .refund(None)
        .says("wait until 2026-08-01 17:59:55 by wait-for-captured")
        .seen_ago(6 * 3600)
        .says("look by wait-for-captured");
    order(ToBeCaptured, 1000).kind(union).refund(Some(300)).says("act R 300 by part-of-to-be-captured");
    order(Captured, 1000).kind(union).refund(None).says("act R 1000 by captured");
    order(Authorized, 0).kind(union).refund(None).says("act N 1000 by full-of-authorized");
}

#[test]
fn a_part_of_an_authorized_order_waits_for_the_capture_that_the_policy_makes() {
    for status in OPEN {
        let part = || order(status, 0).refund(Some(300));
        part().says("wait until 2026-08-02 11:59:55 by capture-ahead");
        part().on(day(20)).says("act C 1000 by capture");
        part().with(|c| c.policy.capture = CapturePolicy::Immediate).says("act C 1000 by capture");
        part().mode(CaptureMode::Now).says("act C 1000 by capture-now");
        part().mode(CaptureMode::Hold).says("wait until 2026-08-02 11:59:55 by hold");
        part().with(|c| c.policy.capture = CapturePolicy::Manual).says("wait until 2026-08-02 11:59:55 by manual");
    }
}

#[test]
fn a_part_of_an_authorized_order_captures_first_where_that_is_set() {
    for status in OPEN {
        for policy in [CapturePolicy::Deadline, CapturePolicy::Immediate, CapturePolicy::Manual] {
            let part = || order(status, 0).refund(Some(300)).with(capturing).with(|c| c.policy.capture = policy);
            part().says("act C 1000 by capture-for-part");
            part().mode(CaptureMode::Now).says("act C 1000 by capture-for-part");
            part().mode(CaptureMode::Hold).says("wait until 2026-08-02 11:59:55 by hold");
            part()
                .with(|c| c.s.order.expected_amount = Some(twd(999)))
                .says("wait until 2026-08-02 11:59:55 by amount-mismatch");
        }
    }
}

#[test]
fn the_capture_for_a_part_ends_with_the_days_of_the_capture() {
    let part = || order(Authorized, 0).refund(Some(300)).with(capturing);
    part().on(day(21)).says("act C 1000 by capture-past-deadline");
    let tried = part().on(day(22)).tried(Action::C, 1000, AttemptState::NotApplied);
    tried.says("wait until 2026-08-24 09:59:55 by capture-overdue");
}

#[test]
fn a_part_of_an_abandoned_order_is_rejected_and_not_left_waiting() {
    for mode in CaptureMode::ALL {
        let part = || order(Authorized, 0).refund(Some(300)).mode(mode).on(day(90) + secs(10));
        part().says("reject by expired");
        part().with(capturing).says("reject by expired");
        part().seen_ago(11).says("look by expired");
        part().seen_ago(3600).says("look by expired");
    }
}

#[test]
fn a_refund_of_the_capture_is_about_the_refund() {
    let part = order(Authorized, 0).refund(Some(300)).with(capturing);
    let plan = part.plan();
    assert_eq!((plan.refund, plan.rank), (Some(1), super::super::Rank::Refund));
}

#[test]
fn a_paused_capture_for_a_part_is_woken_by_the_rule_of_the_pause() {
    let part = order(Authorized, 0).refund(Some(300)).mode(CaptureMode::Now);
    part.with(|c| c.s.merchant.pauses = Pauses::both()).says("wait until 2026-08-02 11:59:55 by paused");
}

#[test]
fn an_order_not_paid_by_card_has_no_refund() {
    let atm = Seen::NotCard { amount: Some(twd(1000)), payment_type: "ATM_TAISHIN".to_owned() };
    for amount in [None, Some(1000), Some(300)] {
        seen(atm.clone()).refund(amount).says("reject by not-card");
    }
    seen(atm).says("wait by not-card");
}

#[test]
fn a_refund_of_an_unpaid_order_waits_and_is_then_rejected() {
    let unpaid = [
        Seen::NotFound,
        Seen::Unpaid { amount: None },
        Seen::BankPending { amount: None },
        Seen::Card(card(Unauthorized, 0)),
    ];
    for (shown, amount) in unpaid.into_iter().flat_map(|s| [None, Some(1000), Some(300)].map(|a| (s.clone(), a))) {
        let waiting = seen(shown).refund(amount);
        assert!(matches!(waiting.plan().step, Step::Wait { until: Some(_) }));
        let waiting = waiting.on(day(30) + secs(5)).says("reject by give-up-unpaid");
        waiting.seen_ago(3 * 86_400).says("look by not-paid");
    }
}

#[test]
fn a_refund_is_not_given_up_by_a_look_of_days_ago() {
    seen(Seen::NotFound).refund(None).on(day(40)).seen_ago(2 * 86_400).says("look by give-up-unpaid");
}

#[test]
fn anything_else_goes_to_review_once_and_is_looked_at_on() {
    let case = seen(Seen::Unclear { raw: "Settling".to_owned() }).refund(None).says("review by unknown-status");
    let why = case.plan().why();
    let case = case.with(|c| c.s.refunds[0].state = RefundState::Review).says("review by unknown-status");
    let case = case.with(|c| c.s.refunds[0].detail = why).says("wait until 2026-08-01 17:59:55 by unknown-status");
    case.look(|o| o.seen = Seen::Card(card(Captured, 1000))).says("act R 1000 by captured");
}

#[test]
fn only_the_oldest_open_refund_is_worked_on() {
    let case = order(Captured, 1000).refund(Some(300)).refund(Some(200));
    assert_eq!(case.says("act R 300 by captured").plan().refund, Some(1));
}

/// What ECPay's own closing took at 20:15 can be called back only after 06:00 of the next day.
#[test]
fn with_daily_auto_close_the_calling_back_waits_for_the_morning() {
    let case =
        |now: &str| order(ToBeCaptured, 1000).with(|c| c.s.merchant.daily_auto_close = true).at(now).refund(None);
    for (now, says) in [
        ("2026-08-01 20:00:00", "act E 1000 by full-of-to-be-captured"),
        ("2026-08-01 20:15:00", "wait until 2026-08-02 06:00:00 by night-of-the-closing"),
        ("2026-08-01 23:59:59", "wait until 2026-08-02 06:00:00 by night-of-the-closing"),
        ("2026-08-02 00:00:00", "wait until 2026-08-02 06:00:00 by night-of-the-closing"),
        ("2026-08-02 05:59:59", "wait until 2026-08-02 06:00:00 by night-of-the-closing"),
        ("2026-08-02 06:00:00", "act E 1000 by full-of-to-be-captured"),
    ] {
        case(now).says(says);
    }
    // Another merchant's, and a part, do not wait.
    case("2026-08-02 03:00:00")
        .with(|c| c.s.merchant.daily_auto_close = false)
        .says("act E 1000 by full-of-to-be-captured");
    case("2026-08-02 03:00:00")
        .with(|c| c.s.refunds[0].amount = Some(twd(300)))
        .says("act R 300 by part-of-to-be-captured");
}

#[test]
fn the_rest_of_an_order_to_be_captured_waits_for_the_claim_when_it_is_refused() {
    let rest = order(ToBeCaptured, 700).refund(None).says("act R 700 by part-of-to-be-captured");
    let refused = rest.tried_as(Action::R, 700, AttemptState::Refused, |a| a.text = "error_amount_R".to_owned());
    let refused = refused.says("wait until 2026-08-01 17:59:55 by wait-for-captured");
    refused.look(|o| o.seen = Seen::Card(card(Captured, 700))).says("act R 700 by captured");
    // Refused as a part, it is rejected as ever.
    let part = order(ToBeCaptured, 700).refund(Some(200));
    part.tried(Action::R, 200, AttemptState::Refused).says("reject by refused");
}

#[test]
fn refunds_that_together_ask_for_the_whole_of_an_order_not_captured_for_good_are_one() {
    let parts = |status, net, amounts: &[Option<i64>]| {
        let case = amounts.iter().fold(order(status, net), |c, amount| c.refund(*amount));
        (words(&case.plan()), case.plan().together)
    };
    for amounts in [[Some(300), Some(700)], [Some(300), None]] {
        assert_eq!(parts(Authorized, 0, &amounts), ("act N 1000 by full-of-authorized".to_owned(), vec![2]));
        let e = "act E 1000 by full-of-to-be-captured".to_owned();
        assert_eq!(parts(ToBeCaptured, 1000, &amounts), (e, vec![2]));
        // Once it is captured each goes back by itself.
        assert_eq!(parts(Captured, 1000, &amounts), ("act R 300 by captured".to_owned(), vec![]));
        assert_eq!(parts(ToBeCaptured, 900, &amounts).1, Vec::<i64>::new(), "after an earlier part");
    }
    assert!(parts(Authorized, 0, &[Some(300), Some(699)]).0.starts_with("wait"));
    assert_eq!(parts(Authorized, 0, &[None, Some(300)]).1, Vec::<i64>::new(), "the first asks for all of it");
    let three = parts(Authorized, 0, &[Some(300), Some(200), Some(500)]);
    assert_eq!(three, ("act N 1000 by full-of-authorized".to_owned(), vec![2, 3]));
}
