use CardStatus::{Authorized, Canceled, Captured, OperationCanceled, ToBeCaptured, Unauthorized};

use super::*;
use crate::domain::facts::CardKind;
use crate::domain::ids::TradeNo;

fn attempt(action: Action, before: CardStatus, net: i64) -> Attempt {
    Attempt {
        id: 1,
        refund_id: None,
        action,
        amount: Twd::new(if action == Action::R { 300 } else { 1000 }).expect("an amount"),
        state: AttemptState::Unknown,
        before: Before { status: before, net },
        started_at: DateTime::UNIX_EPOCH,
        finished_at: None,
        text: String::new(),
        first_absence_at: None,
        sent: true,
        reviewed_net: None,
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
        charges: None,
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
        assert_eq!(attempt.spent_at(&policy).timestamp_millis(), (1_785_500_000 + 600 + 300 + 1) * 1000);
    }
}

#[test]
fn four_states_are_open() {
    let open: Vec<&str> = AttemptState::ALL.iter().filter(|s| s.is_open()).map(|s| s.word()).collect();
    assert_eq!(open, ["started", "accepted", "unknown", "review"]);
}

#[test]
fn refusals_are_told_apart_by_their_words() {
    let said = |text: &str| {
        let attempt = Attempt { text: text.to_owned(), ..attempt(Action::R, Captured, 1000) };
        (attempt.refused_for_balance(), attempt.refused_as_overdue())
    };
    assert_eq!(said("特店餘額不足"), (true, false));
    assert_eq!(said("Insufficient BALANCE"), (true, false));
    assert_eq!(said("更新失敗.(error_overDate)"), (false, true));
    assert_eq!(said("error_overDAY"), (false, true));
    assert_eq!(said("更新失敗.(error_amount_R)"), (false, false));
}
