//! What an answer to a call means, and a call that a start finds open.

use super::*;
use crate::domain::api::CardApi;

fn started(refunds: &[Option<i64>]) -> Case {
    let case = refunds.iter().copied().fold(order(CardStatus::Captured, 1000), Case::refund);
    case.tried(Action::R, 300, AttemptState::Started)
}

#[test]
fn each_outcome_has_its_steps() {
    for (outcome, attempt, refund, event) in [
        (Outcome::Accepted, "accepted ''", "running 'attempt 1 was accepted; looking'", "[attempt_accepted]"),
        (
            Outcome::Refused { code: 10_200_095, text: "no".to_owned() },
            "refused 10200095 'no'",
            "running 'attempt 1 was refused: no; looking again'",
            "[attempt_refused]",
        ),
        (
            Outcome::Unknown { code: None, why: "timed out".to_owned() },
            "unknown 'timed out'",
            "running 'attempt 1 has no answer that counts (timed out); looking'",
            "[attempt_unknown]",
        ),
        (
            Outcome::Unknown { code: Some(403), why: "http 403".to_owned() },
            "unknown 403 'http 403'",
            "running 'attempt 1 has no answer that counts (http 403); looking'",
            "[attempt_unknown]",
        ),
        (
            Outcome::NotSent { why: "no way".to_owned() },
            "not_sent 'no way'",
            "waiting 'attempt 1 was not sent: no way'",
            "[attempt_not_sent]",
        ),
    ] {
        let case = started(&[Some(300)]);
        let steps = answered(&case.s, case.last_attempt(), &outcome, case.now);
        let (attempt, refund) = (format!("attempt 1: started -> {attempt}"), format!("refund 1: {refund}"));
        tells(&steps, &[&attempt, &refund, event]);
    }
}

#[test]
fn what_ends_with_it_goes_the_same_way() {
    let case = started(&[Some(300), Some(700)]).with(|c| c.s.refunds[1].led_by = Some(1));
    let steps = answered(&case.s, case.last_attempt(), &Outcome::Accepted, case.now);
    assert_eq!(
        steps.refunds.iter().map(|r| (r.id, r.to)).collect::<Vec<_>>(),
        [(1, RefundState::Running), (2, RefundState::Running)]
    );
}

#[test]
fn only_an_answer_that_is_none_of_403_says_that_money_calls_are_taken() {
    let case = started(&[Some(300)]);
    let taken = |outcome: &Outcome| answered(&case.s, case.last_attempt(), outcome, case.now).answered;
    assert!(taken(&Outcome::Accepted));
    assert!(taken(&Outcome::Refused { code: 1, text: String::new() }));
    assert!(!taken(&Outcome::Unknown { code: Some(403), why: String::new() }));
    assert!(!taken(&Outcome::Unknown { code: None, why: String::new() }));
    assert!(!taken(&Outcome::NotSent { why: String::new() }));
}

#[test]
fn a_call_that_a_start_finds_open_is_unknown_and_its_refund_goes_on_running() {
    let case = started(&[Some(300)]);
    let steps = found_open(case.last_attempt(), case.now);
    tells(&steps, &["attempt 1: started -> unknown 'found open at start-up'", "[attempt_unknown]"]);
}

#[test]
fn a_call_that_begins_makes_its_refunds_run_and_a_question_puts_its_refund_before_a_person() {
    let before = Before { status: CardStatus::Authorized, net: 0 };
    let new = |kind| NewAttempt {
        refund: Some(1),
        action: Action::N,
        amount: twd(1000),
        trade_no: card(CardStatus::Authorized, 0).trade_no,
        before,
        at: at(NOON),
        kind,
    };
    let call = new(NewKind::Call { api: CardApi::Json, together: vec![2] }).numbered(9);
    tells(
        &call,
        &["refund 1: running 'attempt 9: N NT$1000'", "refund 2: running 'attempt 9: N NT$1000'", "[attempt_started]"],
    );
    let question = NewKind::Question { why: said("whose was it?"), shown: before, restore: None };
    tells(&new(question).numbered(9), &["refund 1: review 'attempt 9: whose was it?'", "[attempt_in_review]"]);
    let capture = NewAttempt { refund: None, ..new(NewKind::Call { api: CardApi::Json, together: Vec::new() }) };
    tells(&capture.numbered(9), &["[attempt_started]"]);
}

#[test]
fn events_keep_the_fields_that_programs_read() {
    let json = |event: &Event| serde_json::to_value(event).expect("plain data");
    let case = started(&[Some(300)]);
    let answer = Outcome::Refused { code: 7, text: "no".to_owned() };
    let steps = answered(&case.s, case.last_attempt(), &answer, case.now);
    assert_eq!(json(&steps.events[0]), serde_json::json!({ "attempt": 1, "refund": 1, "code": 7, "text": "no" }));
    let steps = case.verdict(&Verdict::Applied);
    assert_eq!(
        json(&steps.events[0]),
        serde_json::json!({ "attempt": 1, "refund": 1, "action": "R", "amount": 300, "why": "", "by": null })
    );
    let done = steps.refunds[0].event.as_ref().expect("told");
    assert_eq!(json(done), serde_json::json!({ "refund": 1, "amount": 300, "attempt": 1 }));
}
