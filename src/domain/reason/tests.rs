mod languages;

use std::collections::BTreeSet;

use chrono::{DateTime, Duration, Utc};
use serde_json::{Map, Value, json};

use super::*;
use crate::domain::action::Action;
use crate::domain::facts::{Seen, WholeOnly};
use crate::domain::ids::{MerchantId, TradeNo};
use crate::domain::money::Twd;
use crate::domain::pause::PauseOf;
use crate::domain::plan::tests::{at, card, twd};
use crate::domain::service::Service;
use crate::domain::status::CardStatus;

/// Some value of an argument.
pub trait Sample {
    fn sample() -> Self;
}

macro_rules! samples {
    ($($type:ty: $sample:expr),+ $(,)?) => { $(impl Sample for $type { fn sample() -> Self { $sample } })+ };
}

samples! {
    i64: -7,
    u32: 4,
    u64: 64,
    usize: 3,
    bool: true,
    String: "更新失敗.(error_amount_R)".to_owned(),
    Option<String>: Some("http 500".to_owned()),
    Twd: twd(300),
    At: at("2026-08-20 10:00:00").into(),
    Option<At>: Some(at("2026-08-20 10:00:00").into()),
    PauseOf: PauseOf::Refund,
    Action: Action::R,
    Shown: CardStatus::ToBeCaptured.into(),
    Service: Service::Voucher,
    WholeOnly: WholeOnly::BonusPoints,
    Ended: Ended::WithoutEffect,
    By: By::OnceMore { attempt: 5 },
    MerchantId: MerchantId::parse("3002607").expect("a number"),
    TradeNo: TradeNo::parse("2608011000001").expect("a number"),
    Box<Reason>: Gate::ClocksDiffer { skew_s: -301 }.into(),
}

#[test]
fn an_alert_past_day_21_does_not_say_twice_what_to_do() {
    let authorized_at = || at("2026-08-01 10:00:00").into();
    let by_hand =
        |why: Reason| Age::CaptureByHand { authorized_at: authorized_at(), limit_days: 21, why: Box::new(why) };
    let overdue = || Reason::from(Capturing::CaptureOverdue { authorized_at: authorized_at(), limit_days: 21 });
    let unread = Age::LastError { error: "http 500".to_owned(), then: Box::new(overdue()) };
    for (why, english, chinese) in [
        (overdue(), "C by API no longer works", "已不能用 API 關帳"),
        (
            Capturing::HoldOverdue { authorized_at: authorized_at(), limit_days: 21 }.into(),
            "C by API no longer works; the shop holds the capture",
            "已不能用 API 關帳；商店保留，不關帳",
        ),
        (
            unread.into(),
            "C by API no longer works (the last look failed: http 500)",
            "已不能用 API 關帳（上次查詢失敗：http 500）",
        ),
    ] {
        let told = Reason::from(by_hand(why));
        assert!(told.english().ends_with(english), "{}", told.english());
        assert!(told.chinese().ends_with(chinese), "{}", told.chinese());
        assert_eq!(told.english().matches("customer service").count(), 1, "{}", told.english());
        assert_eq!(told.chinese().matches("人工關帳").count(), 1, "{}", told.chinese());
    }
}

fn codes() -> impl Iterator<Item = &'static Code> {
    Reason::CODES.iter().flat_map(|subject| subject.codes)
}

fn text(reason: &Reason) -> String {
    serde_json::to_string(reason).expect("JSON")
}

fn read(text: &str) -> Result<Reason, String> {
    serde_json::from_str(text).map_err(|error| error.to_string())
}

fn fields(reason: &Reason) -> Map<String, Value> {
    let Value::Object(fields) = serde_json::to_value(reason).expect("JSON") else { panic!("{reason:?} is no object") };
    fields
}

#[test]
fn every_code_is_there_once_and_says_what_it_means() {
    let words = |text: &str| text.split('_').all(|w| !w.is_empty() && w.bytes().all(|b| b.is_ascii_lowercase()));
    for Code { code, args, .. } in codes() {
        assert!(words(code) && args.iter().all(|arg| words(arg) && *arg != "code"), "{code} {args:?}");
    }
    for told in codes().map(Code::meaning).chain(Reason::CODES.iter().map(Subject::about)) {
        assert!(told.starts_with(char::is_uppercase) && told.ends_with(['.', '?']), "{told}");
    }
    let all: Vec<&str> = codes().map(|code| code.code).collect();
    assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len(), "each but once");
    assert_eq!(Reason::samples().iter().map(Reason::code).collect::<Vec<_>>(), all);
}

#[test]
fn every_reason_is_one_flat_object_that_reads_back_in_any_order() {
    for (reason, code) in Reason::samples().iter().zip(codes()) {
        let told = text(reason);
        assert!(told.starts_with(&format!("{{\"code\":\"{}\"", code.code)), "{told}");
        let expected: BTreeSet<&str> = code.args.iter().copied().chain(["code"]).collect();
        assert_eq!(fields(reason).keys().map(String::as_str).collect::<BTreeSet<_>>(), expected, "{told}");
        assert_eq!(read(&told).as_ref(), Ok(reason), "{told}");
        // By name: the code is no longer the first.
        let sorted = serde_json::to_value(reason).expect("JSON");
        assert_eq!(read(&sorted.to_string()).as_ref(), Ok(reason), "{sorted}");
        assert_eq!(serde_json::from_value::<Reason>(sorted).as_ref().ok(), Some(reason), "{told}");
    }
}

#[test]
fn only_then_and_why_hold_a_reason_and_by_says_who() {
    for reason in Reason::samples() {
        let within = fields(&reason).into_iter().filter(|(_, value)| value.is_object()).map(|(name, _)| name);
        let names: Vec<String> = within.collect();
        assert!(names.iter().all(|name| matches!(name.as_str(), "then" | "why" | "by")), "{reason:?}: {names:?}");
        assert!(!fields(&reason).values().any(Value::is_array), "{reason:?}");
    }
}

#[test]
fn every_reason_has_a_sentence_of_one_line() {
    for reason in Reason::samples() {
        let sentence = reason.english();
        let whole = !sentence.is_empty() && !sentence.contains(['\n', '{', '}']) && !sentence.contains("  ");
        assert!(whole, "{reason:?}: {sentence}");
    }
}

#[test]
fn a_reason_within_another_is_told_with_it() {
    let ahead = Capturing::CaptureAhead { at: at("2026-08-20 10:00:00").into(), deadline_days: 21 };
    let flat = r#"{"code":"capture_ahead","at":"2026-08-20 10:00:00","deadline_days":21}"#;
    assert_eq!(text(&ahead.clone().into()), flat);
    let part: Reason = Refunding::AfterTheCapture { then: ahead.into() }.into();
    assert_eq!(text(&part), format!(r#"{{"code":"after_the_capture","then":{flat}}}"#));
    assert_eq!(
        part.english(),
        "a part can be refunded only after the capture; captured at 2026-08-20 10:00:00, ahead of the limit of 21 days after its authorization"
    );
    let by = By::AttemptOrHand { attempt: 2, action: Action::N, amount: twd(1000), ended: Ended::Refused };
    let voided: Reason = Elsewhere::VoidedAtEcpay { by, was: CardStatus::ToBeCaptured.into() }.into();
    let by = json!({ "code": "attempt_or_hand", "attempt": 2, "action": "N", "amount": 1000, "ended": "refused" });
    let expected = json!({ "code": "voided_at_ecpay", "by": by, "was": "To be captured" });
    assert_eq!(Value::Object(fields(&voided)), expected);
}

#[test]
fn what_is_not_known_or_not_whole_is_refused() {
    for (told, error) in [
        (r#"{"code":"no_such_code"}"#, "there is no reason 'no_such_code'"),
        (r#"{"at":"2026-08-20 10:00:00"}"#, "missing field `code`"),
        (r#"{"code":7}"#, "missing field `code`"),
        (r#"{"code":"capture_ahead","deadline_days":21}"#, "missing field `at`"),
        (r#"{"code":"capture_ahead","at":"soon","deadline_days":21}"#, "invalid characters"),
        (r#"{"code":"nothing_left","amount":-1}"#, "not between 0 and"),
        (r#"{"code":"void_contradicted","attempt":1,"shown":"Settling"}"#, "'Settling' is no word"),
        (r#"{"code":"paused","then":{"code":"no_such_code"}}"#, "there is no reason 'no_such_code'"),
        (r#"["capture_due"]"#, "expected a map"),
        ("\"capture_due\"", "expected a map"),
    ] {
        let said = read(told).expect_err(told);
        assert!(said.contains(error), "{told}: {said}");
    }
    let none = r#"{"code":"vouchers_look_failed","error":null,"again_at":"2026-08-20 10:00:00"}"#;
    let again_at = at("2026-08-20 10:00:00").into();
    assert_eq!(read(none), Ok(Vouchers::VouchersLookFailed { error: None, again_at }.into()));
}

#[test]
fn a_time_is_what_the_views_show_of_it() {
    let noon = at("2026-08-01 12:00:00");
    let shown = |at: DateTime<Utc>| At::from(at).to_string();
    assert_eq!(shown(noon), "2026-08-01 12:00:00");
    assert_eq!(shown(noon + Duration::milliseconds(999)), "2026-08-01 12:00:00");
    assert_eq!(At::from(noon + Duration::milliseconds(999)), At::from(noon), "what reads alike is alike");
    assert_eq!(At::try_from("2026-08-01 12:00:00".to_owned()), Ok(At::from(noon)));
    // The ends of what a date can hold do not end the daemon.
    for end in [DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC] {
        let _ = At::from(end);
    }
}

#[test]
fn what_a_look_shows_has_a_word_for_each_answer_that_can_be_read() {
    let cards = CardStatus::ALL.map(|status| Seen::Card(card(status, 0)));
    let others = [
        Seen::NotFound,
        Seen::Unpaid { amount: None },
        Seen::BankPending { amount: None },
        Seen::NotCard { amount: None, payment_type: "ATM".to_owned() },
    ];
    for seen in cards.into_iter().chain(others) {
        let shown = Shown::of(&seen).expect("a word");
        assert_eq!(Shown::try_from(shown.word().to_owned()), Ok(shown), "{seen:?}");
    }
    assert_eq!(Shown::of(&Seen::Unclear { raw: "Settling".to_owned() }), None);
}
