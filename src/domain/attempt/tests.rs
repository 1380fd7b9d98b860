use CardStatus::{Authorized, Canceled, Captured, OperationCanceled, ToBeCaptured, Unauthorized};

use super::*;
use crate::domain::facts::CardKind;
use crate::domain::ids::TradeNo;

fn attempt(action: Action, before: CardStatus, net: i64) -> Attempt {
    Attempt {
        id: 1,
        refund_id: None,
        api: CardApi::Json,
        action,
        amount: Twd::new(if action == Action::R { 300 } else { 1000 }).expect("an amount"),
        state: AttemptState::Unknown,
        before: Before { status: before, net },
        started_at: DateTime::UNIX_EPOCH,
        finished_at: None,
        code: None,
        text: String::new(),
        first_absence_at: None,
        sent: true,
        reviewed: None,
        undone: false,
        asked: None,
    }
}

fn shown(status: CardStatus, net: i64) -> Seen {
    Seen::Card(CardFacts {
        trade_no: TradeNo::parse("T1").expect("a number"),
        gwsr: None,
        amount: Twd::new(1000).expect("an amount"),
        authorized_at: DateTime::UNIX_EPOCH,
        payment_type: "Credit".to_owned(),
        kind: CardKind::default(),
        status,
        net,
        listed: true,
        recurring: false,
        charges: None,
        periods: None,
        rows: Vec::new(),
        fee_milli: None,
    })
}

/// `+` there, `.` absent, `!` odd.
fn letter(effect: Effect) -> char {
    match effect {
        Effect::There => '+',
        Effect::Absent => '.',
        Effect::Odd(_) => '!',
        Effect::Unreadable => '?',
    }
}

#[test]
fn the_effect_of_each_action_over_each_state_after_it() {
    let after = [
        (Unauthorized, 0),
        (Authorized, 0),
        (OperationCanceled, 0),
        (Canceled, 0),
        (ToBeCaptured, 1000),
        (Captured, 1000),
        (ToBeCaptured, 700),
        (Captured, 700),
        (Captured, 400),
        (Captured, 0),
    ];
    for (action, before, net, effects) in [
        (Action::C, Authorized, 0, "!..!++!!!!"),
        (Action::C, OperationCanceled, 0, "!..!++!!!!"),
        (Action::N, Authorized, 0, "!..+..!!!!"),
        (Action::N, OperationCanceled, 0, "!..+..!!!!"),
        (Action::E, ToBeCaptured, 1000, "!++!..!!!!"),
        (Action::R, ToBeCaptured, 1000, "!!!!..++!!"),
        (Action::R, Captured, 1000, "!!!!..++!!"),
        (Action::R, Captured, 700, "!!!!??..+!"),
        (Action::R, Captured, 300, "!!!!?????+"),
    ] {
        let attempt = attempt(action, before, net);
        let got: String = after.iter().map(|(s, n)| letter(attempt.effect_in(&shown(*s, *n)))).collect();
        assert_eq!(got, effects, "{action} from {before:?} {net}");
    }
}

#[test]
fn what_is_no_card_says_nothing_of_any_effect() {
    for action in Action::ALL {
        for seen in [
            Seen::NotFound,
            Seen::Unpaid { amount: None },
            Seen::BankPending { amount: None },
            Seen::NotCard { amount: None, payment_type: "CVS".to_owned() },
            Seen::Unclear { raw: "Settling".to_owned() },
        ] {
            assert_eq!(attempt(action, Captured, 1000).effect_in(&seen), Effect::Unreadable);
        }
    }
}

#[test]
fn a_request_is_spent_after_its_validity_and_the_skew_from_its_stamp_in_whole_seconds() {
    let policy = Policy::default();
    for ms in [0, 1, 999] {
        let mut attempt = attempt(Action::R, Captured, 1000);
        attempt.started_at = Utc.timestamp_millis_opt(1_785_500_000_000 + ms).single().expect("a time");
        assert_eq!(attempt.over_at(&policy).timestamp_millis(), (1_785_500_000 + 600 + 300 + 1) * 1000);
    }
}

#[test]
fn four_states_are_open() {
    let open: Vec<&str> = AttemptState::ALL.iter().filter(|s| s.is_open()).map(|s| s.word()).collect();
    assert_eq!(open, ["started", "accepted", "unknown", "review"]);
}

fn answered(state: AttemptState, code: Option<i64>, text: &str) -> Attempt {
    Attempt { state, code, text: text.to_owned(), ..attempt(Action::R, Captured, 1000) }
}

#[test]
fn refusals_are_told_apart_by_their_words() {
    for (code, text, for_balance, as_overdue) in [
        (10_100_050, "特店餘額不足", true, false),
        (10_100_050, "餘額不足", true, false),
        (10_100_050, "退款金額不足", true, false),
        (10_100_050, "可退刷額度不足", true, false),
        (10_100_050, "Insufficient BALANCE", true, false),
        (10_100_050, "Insufficient funds", true, false),
        (10_100_050, "insufficient quota", true, false),
        (10_100_027, "", true, false),
        (10_100_027, "更新失敗", true, false),
        (10_000_002, "更新失敗.(error_amount_R)", false, false),
        (10_100_050, "insufficient permission", false, false),
        (10_100_050, "更新失敗.(error_closed)", false, false),
        (10_100_050, "訂單不存在", false, false),
        (10_100_050, "更新失敗.(error_overDate)", false, true),
        (10_100_050, "error_overDAY", false, true),
        (10_100_050, "", false, false),
    ] {
        let refused = answered(AttemptState::Refused, Some(code), text);
        assert_eq!((refused.refused_for_balance(), refused.refused_as_overdue()), (for_balance, as_overdue), "{text}");
        let bare = answered(AttemptState::NotApplied, Some(code), text);
        assert_eq!(bare.refused_for_balance(), for_balance, "{text}, without the order's numbers");
    }
}

#[test]
fn words_of_a_short_balance_count_only_once_nothing_can_move_any_more() {
    for state in AttemptState::ALL.iter().copied() {
        let ended = matches!(state, AttemptState::Refused | AttemptState::NotApplied);
        for (code, text) in [(10_100_027, "可退刷額度不足"), (5, "餘額不足")] {
            assert_eq!(answered(state, Some(code), text).refused_for_balance(), ended, "{state:?}");
        }
    }
    // Without a code they are not the gateway's.
    assert!(!answered(AttemptState::NotApplied, None, "no usable answer: load balancer").refused_for_balance());
    assert!(!answered(AttemptState::NotApplied, Some(403), "balance").refused_for_balance());
}

#[test]
fn a_call_that_was_answered_with_403_is_told_from_all_others() {
    for state in AttemptState::ALL.iter().copied() {
        let unsettled = matches!(state, AttemptState::Unknown | AttemptState::NotApplied);
        assert_eq!(
            answered(state, Some(403), "the gateway limits our rate").was_rate_limited(),
            unsettled,
            "{state:?}"
        );
        for code in [None, Some(1), Some(10_100_027)] {
            assert!(!answered(state, code, "http 403").was_rate_limited(), "{state:?} {code:?}");
        }
    }
}
