//! What becomes of a refund after the gateway refused a step of it, or took one back.

use super::*;
use AttemptState::{Applied, NotApplied, Refused};
use CardStatus::{Authorized, Captured, OperationCanceled, ToBeCaptured};

fn refused(case: Case, action: Action, amount: i64, text: &str) -> Case {
    let text = text.to_owned();
    case.tried_as(action, amount, Refused, |a| a.text = text)
}

/// The refused attempt began in another state than the order is in now.
fn began_in(case: Case, status: CardStatus, net: i64) -> Case {
    case.with(|c| c.s.attempts.last_mut().expect("an attempt").before = Before { status, net })
}

#[test]
fn when_e_is_refused_and_the_state_stands_the_refund_waits_for_captured() {
    let case = refused(order(ToBeCaptured, 1000).refund(None), Action::E, 1000, "no");
    let case = case.says("wait until 2026-08-01 17:59:55 by wait-for-captured");
    case.look(|o| o.seen = Seen::Card(card(Captured, 1000))).says("act R 1000 by captured");
}

#[test]
fn when_e_is_refused_and_the_state_has_changed_the_new_state_decides() {
    let open = refused(order(Authorized, 0).refund(None), Action::E, 1000, "no");
    began_in(open, ToBeCaptured, 1000).says("act N 1000 by full-of-authorized");
    let captured = refused(order(Captured, 1000).refund(None), Action::E, 1000, "no");
    began_in(captured, ToBeCaptured, 1000).says("act R 1000 by captured");
    let partly = refused(order(ToBeCaptured, 700).refund(None), Action::E, 1000, "no");
    began_in(partly, ToBeCaptured, 1000).says("act R 700 by part-of-to-be-captured");
}

#[test]
fn after_e_the_order_is_looked_at_and_then_abandoned() {
    let called_back = order(OperationCanceled, 0).refund(None).tried(Action::E, 1000, Applied);
    let called_back = called_back.says("act N 1000 by full-of-authorized");
    called_back.look(|o| o.after_attempt = 0).says("look by look-after-action");
}

#[test]
fn when_the_closing_captures_again_after_e_the_new_state_decides_anew() {
    let e = |status| order(status, 1000).refund(None).tried(Action::E, 1000, Applied);
    e(ToBeCaptured).says("act E 1000 by full-of-to-be-captured");
    e(Captured).says("act R 1000 by captured");
}

#[test]
fn a_refusal_for_balance_waits_and_is_tried_again() {
    for text in ["餘額不足", "Insufficient Balance"] {
        for (status, amount, rule) in
            [(Captured, None, "captured"), (ToBeCaptured, Some(300), "part-of-to-be-captured")]
        {
            let r = amount.unwrap_or(1000);
            let case = refused(order(status, 1000).refund(amount), Action::R, r, text);
            let case = case.says("wait until 2026-08-01 17:51:00 by balance-short");
            let until = at("2026-08-01 17:51:00");
            let later = case.with(|c| c.now = until).says(&format!("look by {rule}"));
            later.seen_ago(5).says(&format!("act R {r} by {rule}"));
        }
    }
}

#[test]
fn a_refusal_for_balance_is_tried_at_once_when_the_state_has_changed() {
    let case = refused(order(Captured, 1000).refund(Some(300)), Action::R, 300, "balance");
    began_in(case, ToBeCaptured, 1000).says("act R 300 by captured");
}

#[test]
fn an_r_refused_otherwise_is_rejected_with_the_gateways_words() {
    let case = refused(order(Captured, 1000).refund(Some(300)), Action::R, 300, "error_amount_R");
    let plan = case.says("reject by refused").plan();
    assert!(plan.why.contains("error_amount_R"), "{}", plan.why);
    assert_eq!(plan.refund, Some(1));
}

#[test]
fn an_r_refused_is_looked_at_before_it_is_rejected() {
    let case = refused(order(Captured, 1000).refund(Some(300)), Action::R, 300, "no");
    case.look(|o| o.after_attempt = 0).says("look by look-after-action");
}

#[test]
fn an_r_refused_while_the_state_changed_follows_the_new_state() {
    let case = refused(order(Captured, 1000).refund(None), Action::R, 1000, "no");
    began_in(case, ToBeCaptured, 700).says("act R 1000 by captured");
    let open = refused(order(Authorized, 0).refund(None), Action::R, 1000, "error_amount_R");
    began_in(open, ToBeCaptured, 1000).says("act N 1000 by full-of-authorized");
}

#[test]
fn an_r_refused_after_which_money_went_back_all_the_same_is_put_before_a_person() {
    for text in ["no", "balance"] {
        let case = refused(order(Captured, 700).refund(Some(300)), Action::R, 300, text);
        let plan = began_in(case, Captured, 1000).says("settle 1 review by refused-yet-moved").plan();
        assert!(plan.why.contains("NT$300 went back"), "{}", plan.why);
    }
}

#[test]
fn an_r_refused_after_which_less_went_back_than_it_asked_for_follows_the_new_state() {
    let case = refused(order(Captured, 700).refund(Some(400)), Action::R, 400, "no");
    began_in(case, Captured, 1000).says("act R 400 by captured");
    let case = refused(order(Captured, 700).refund(Some(800)), Action::R, 800, "error_amount_R");
    began_in(case, Captured, 1000).says("reject by more-than-left");
    let more = refused(order(Captured, 500).refund(Some(300)), Action::R, 300, "no");
    began_in(more, Captured, 1000).says("settle 1 review by refused-yet-moved");
}

#[test]
fn an_n_refused_after_which_the_order_is_void_all_the_same_is_put_before_a_person() {
    let case = refused(order(CardStatus::Canceled, 0).refund(None), Action::N, 1000, "no");
    let plan = began_in(case, Authorized, 0).says("settle 1 review by refused-yet-moved").plan();
    assert!(plan.why.contains("the order is void"), "{}", plan.why);
}

#[test]
fn an_n_refused_is_rejected_or_follows_the_new_state() {
    refused(order(Authorized, 0).refund(None), Action::N, 1000, "no").says("reject by refused");
    let closed = refused(order(ToBeCaptured, 1000).refund(None), Action::N, 1000, "no");
    began_in(closed, Authorized, 0).says("act E 1000 by full-of-to-be-captured");
    let captured = refused(order(Captured, 1000).refund(None), Action::N, 1000, "no");
    began_in(captured, Authorized, 0).says("act R 1000 by captured");
}

#[test]
fn a_refusal_of_one_refund_says_nothing_about_the_next() {
    let case = refused(order(Captured, 1000).refund(Some(300)), Action::R, 300, "no");
    case.with(|c| c.s.refunds[0].id = 2).says("act R 300 by captured");
}

#[test]
fn an_order_that_shows_less_than_the_ledger_holds_goes_to_review() {
    for status in [Authorized, OperationCanceled, CardStatus::Canceled, CardStatus::Unauthorized] {
        let case = order(status, 0).refund(None).tried(Action::R, 300, Applied).says("review by contradiction");
        let without = case.with(|c| c.s.refunds.clear());
        without.says("wait until 2026-08-01 17:59:55 by contradiction");
    }
}

#[test]
fn an_order_that_money_calls_were_made_for_is_never_taken_for_unpaid() {
    for shown in [
        Seen::NotFound,
        Seen::Unpaid { amount: None },
        Seen::BankPending { amount: None },
        Seen::NotCard { amount: None, payment_type: "CVS".to_owned() },
        Seen::Card(card(CardStatus::Unauthorized, 0)),
    ] {
        for state in [Applied, Refused, NotApplied] {
            let case = seen(shown.clone()).on(day(40)).tried(Action::C, 1000, state);
            assert_ne!(case.plan().step, Step::Wait { until: None });
            case.refund(None).says("review by contradiction");
        }
    }
}

#[test]
fn e_and_n_take_turns_with_the_closing_only_while_n_has_tries_left() {
    let mut case = order(OperationCanceled, 0).refund(None);
    for _ in 0..3 {
        case = case.says("act N 1000 by full-of-authorized").tried(Action::E, 1000, Applied);
        case = case.tried(Action::N, 1000, NotApplied);
    }
    let case = case.says("review by out-of-tries");
    case.with(|c| c.s.refunds[0].state = RefundState::Review).says("wait until 2026-08-02 11:59:55 by out-of-tries");
}
