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

/// Such an answer names no order: it is no proof, and looks have shown that nothing moved.
#[test]
fn a_short_balance_that_was_said_without_the_orders_numbers_waits_and_uses_up_no_try() {
    let short = |a: &mut Attempt| (a.code, a.text) = (Some(10_100_027), "可退刷額度不足".to_owned());
    let mut case = order(Captured, 1000).refund(Some(300));
    for _ in 0..5 {
        case = case.tried_as(Action::R, 300, NotApplied, short);
    }
    let case = case.says("wait until 2026-08-01 17:51:00 by balance-short");
    case.on(at("2026-08-01 17:51:00")).says("act R 300 by captured");
}

#[test]
fn an_r_answered_with_403_uses_up_no_try() {
    let mut case = order(Captured, 1000).refund(Some(300));
    for _ in 0..5 {
        case = case.tried_as(Action::R, 300, NotApplied, |a| a.code = Some(403));
    }
    case.says("act R 300 by captured");
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
    assert!(plan.why().contains("error_amount_R"), "{}", plan.why());
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
        let plan = began_in(case, Captured, 1000).says("settle 1 review by ended-yet-moved").plan();
        assert!(plan.why().contains("NT$300 went back"), "{}", plan.why());
    }
}

#[test]
fn an_r_refused_after_which_less_went_back_than_it_asked_for_asks_before_the_next_r() {
    let case = refused(order(Captured, 700).refund(Some(400)), Action::R, 400, "no");
    began_in(case, Captured, 1000).says("ask R 400 by ended-yet-moved");
    let case = refused(order(Captured, 700).refund(Some(800)), Action::R, 800, "error_amount_R");
    began_in(case, Captured, 1000).says("reject by more-than-left");
    let more = refused(order(Captured, 500).refund(Some(300)), Action::R, 300, "no");
    began_in(more, Captured, 1000).says("settle 1 review by ended-yet-moved");
}

#[test]
fn an_n_refused_after_which_the_order_is_void_all_the_same_is_put_before_a_person() {
    let case = refused(order(CardStatus::Canceled, 0).refund(None), Action::N, 1000, "no");
    let plan = began_in(case, Authorized, 0).says("settle 1 review by ended-yet-moved").plan();
    assert!(plan.why().contains("the order is void"), "{}", plan.why());
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
fn the_next_refund_waits_until_a_refused_one_can_take_effect_no_more_and_a_look_has_shown_it() {
    let case = refused(order(Captured, 1000).refund(Some(300)), Action::R, 300, "no");
    let next = case.with(|c| c.s.refunds[0].id = 2);
    // Sent at 11:50, valid for ten minutes, by clocks that may be five minutes apart.
    let plan = next.clone().says("wait until 2026-08-01 12:05:01 by may-still-land").plan();
    assert!(plan.why().contains("attempt 1 (R NT$300) was refused (no)"), "{}", plan.why());
    next.clone().on(at("2026-08-01 12:05:06")).says("act R 300 by captured");
    next.clone().at("2026-08-01 12:05:05").says("look by may-still-land");
    let more = |net| next.clone().on(at("2026-08-01 12:05:06")).look(|o| o.seen = Seen::Card(card(Captured, net)));
    more(700).says("ask R 300 by ended-yet-moved");
    // The refund's own refusal is another matter: what is the state now decides.
    next.with(|c| c.s.attempts[0].refund_id = Some(2)).says("reject by refused");
}

/// R that ended without effect, in one of three ways, and took effect all the same.
#[test]
fn before_any_r_a_person_is_asked_about_money_that_went_back_since_one_without_effect() {
    type Bend = fn(&mut Attempt);
    let ends: [(AttemptState, Bend); 4] = [
        (Refused, |a| a.text = "no".to_owned()),
        (NotApplied, |_| ()),
        // A person has said so, when nothing had moved.
        (NotApplied, |a| a.reviewed = Some(Before { status: Captured, net: 1000 })),
        // Seen by a look, never answered: that was somebody else, and now it lands.
        (Applied, |a| (a.text, a.before.net) = ("timed out".to_owned(), 1300)),
    ];
    for (state, bend) in ends {
        let tried = |now_net, other| {
            let case = order(Captured, 1000).refund(Some(300)).tried_as(Action::R, 300, state, bend);
            let case = case.look(|o| o.seen = Seen::Card(CardFacts { amount: twd(1300), ..card(Captured, now_net) }));
            if other { case.with(|c| c.s.refunds[0].id = 2) } else { case }
        };
        // The next refund, under another key.
        if state == Refused {
            tried(1000, true).says("wait until 2026-08-01 12:05:01 by may-still-land");
        } else {
            tried(1000, true).says("act R 300 by captured");
        }
        for net in [999, 900, 700, 500, 300] {
            let plan = tried(net, true).says("ask R 300 by ended-yet-moved").plan();
            let Step::Ask { moved, .. } = plan.step else { panic!("{plan:?}") };
            assert_eq!(moved, twd(1000 - net), "{state:?}");
        }
        // Before a rejection nobody is asked: nothing moves by it.
        tried(200, true).says("reject by more-than-left");
    }
}

#[test]
fn what_our_own_calls_gave_back_since_explains_itself() {
    let case = order(Captured, 1000).refund(Some(300)).tried(Action::R, 300, NotApplied).tried(Action::R, 200, Applied);
    let with_net =
        |net| case.clone().with(|c| c.s.refunds[0].id = 2).look(|o| o.seen = Seen::Card(card(Captured, net)));
    with_net(800).says("act R 300 by captured");
    with_net(700).says("ask R 300 by ended-yet-moved");
    // Undone, as a person has said: it gave nothing back.
    with_net(1000).with(|c| c.s.attempts[1].undone = true).says("act R 300 by captured");
    with_net(800).with(|c| c.s.attempts[1].undone = true).says("ask R 300 by ended-yet-moved");
}

#[test]
fn a_call_told_to_be_without_effect_that_took_effect_goes_back_to_a_person() {
    let lost = |net: i64| {
        let case = order(Captured, 1000).refund(Some(300)).tried(Action::R, 300, NotApplied);
        case.look(|o| o.seen = Seen::Card(card(Captured, net)))
    };
    lost(1000).says("act R 300 by captured");
    lost(700).says("ask R 300 by ended-yet-moved");
    // It would be rejected as more than is left, though it may be what went back.
    let all = order(Captured, 300).refund(Some(300)).tried(Action::R, 300, NotApplied);
    all.look(|o| o.seen = Seen::Card(card(Captured, 0))).says("ask R 300 by ended-yet-moved");
    let void = order(Authorized, 0).refund(None).tried(Action::N, 1000, NotApplied);
    let void = void.look(|o| o.seen = Seen::Card(card(CardStatus::Canceled, 0)));
    let void = void.says("ask N 1000 by ended-yet-moved");
    // The person was asked when it was void already, and said no.
    let reviewed = Some(Before { status: CardStatus::Canceled, net: 0 });
    void.with(|c| c.s.attempts[0].reviewed = reviewed).says("reject by void");
}

#[test]
fn a_persons_word_is_about_what_was_shown_when_the_person_was_asked() {
    // Something else had moved already, and the person said that it was not this refund.
    let case = |net: i64| {
        let case = order(Captured, 1000).refund(Some(300));
        let case =
            case.tried_as(Action::R, 300, NotApplied, |a| a.reviewed = Some(Before { status: Captured, net: 700 }));
        case.look(|o| o.seen = Seen::Card(card(Captured, net)))
    };
    case(700).says("act R 300 by captured");
    case(400).says("ask R 300 by ended-yet-moved");
    case(1000).says("act R 300 by captured");
}

#[test]
fn an_answer_to_a_question_is_not_asked_for_again() {
    let asked = |state, net: i64| {
        let case = order(Captured, 1000).refund(Some(300)).tried(Action::R, 300, NotApplied);
        let case = case.tried_as(Action::R, 300, state, |a| {
            let reviewed = Some(Before { status: Captured, net: 700 });
            (a.sent, a.reviewed, a.text) = (false, reviewed, "asked".to_owned());
        });
        case.look(|o| o.seen = Seen::Card(card(Captured, net)))
    };
    asked(NotApplied, 700).says("act R 300 by captured");
    asked(NotApplied, 600).says("ask R 300 by ended-yet-moved");
    // It was that refund: the next one has nothing to be asked about.
    let next = |net| asked(Applied, net).with(|c| c.s.refunds[0].id = 2);
    next(700).says("act R 300 by captured");
    next(600).says("ask R 300 by ended-yet-moved");
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
fn e_and_n_take_turns_with_the_closing_for_ever() {
    let mut case = order(OperationCanceled, 0).refund(None);
    for _ in 0..3 {
        case = case.says("act N 1000 by full-of-authorized").tried(Action::E, 1000, Applied);
        case = case.tried(Action::N, 1000, NotApplied);
    }
    case.says("wait until 2026-08-01 12:51:00 by unanswered-again");
}
