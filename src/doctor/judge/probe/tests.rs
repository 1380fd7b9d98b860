use chrono::{DateTime, Utc};

use super::*;
use crate::doctor::Level;
use crate::domain::facts::{CardFacts, CardKind};
use crate::domain::ids::TradeNo;
use crate::domain::money::Twd;
use crate::domain::status::CardStatus;

fn told(end: ProbeEnd) -> [Check; 2] {
    let told = Probed { merchant_id: "3002607".to_owned(), end };
    [Language::English, Language::Chinese].map(|language| probed(&told, language))
}

fn asked(answer: Answer, query: Result<bool, LookError>, after: Option<Result<After, LookError>>) -> ProbeEnd {
    ProbeEnd::Asked(Box::new(ProbeAsked { query, answer, after, acts_until: DateTime::<Utc>::UNIX_EPOCH }))
}

fn as_before() -> Option<Result<After, LookError>> {
    Some(Ok(After::AsBefore))
}

fn called_back() -> Seen {
    Seen::Card(CardFacts {
        trade_no: TradeNo::parse("T1").expect("a number"),
        gwsr: None,
        amount: Twd::new(35).expect("an amount"),
        authorized_at: DateTime::UNIX_EPOCH,
        payment_type: String::new(),
        kind: CardKind::default(),
        status: CardStatus::OperationCanceled,
        net: 0,
        listed: false,
        recurring: false,
        charges: None,
        periods: None,
        rows: vec![],
        fee_milli: None,
    })
}

#[test]
fn each_answer_says_which_api_is_right_or_what_to_look_at() {
    let text = || "words".to_owned();
    let known = || Answer::Known { code: 5, text: text() };
    let lost = || LookError::Lost("http 500".to_owned());
    let form = "keep api = \"form\"";
    for (answer, query, level, part) in [
        (Answer::NotKnown { code: 10_000_185, text: text() }, Ok(false), Level::Ok, form),
        (Answer::NotServed { why: text() }, Ok(false), Level::Ok, form),
        (known(), Ok(true), Level::Warning, "set api = \"json\", whose requests carry a time stamp"),
        (known(), Ok(false), Level::Ok, form),
        (known(), Err(lost()), Level::Warning, form),
        (Answer::Bare { code: 5, text: text() }, Ok(true), Level::Warning, form),
        (Answer::Accepted, Ok(true), Level::Fails, form),
        (Answer::NotSent { why: text() }, Ok(true), Level::Fails, "ask again"),
        (Answer::Limited, Ok(true), Level::Fails, "it may take effect until 1970-01-01 08:00:00"),
        (Answer::Unanswered { why: text() }, Ok(true), Level::Fails, "leave the order on hold until then"),
    ] {
        let after = match answer {
            Answer::NotSent { .. } | Answer::Limited => None,
            _ => as_before(),
        };
        let [english, chinese] = told(asked(answer, query, after));
        let sentence = format!("{} {}", english.found, english.mend.as_deref().unwrap_or_default());
        assert!(english.level == level && sentence.contains(part), "{english:?}");
        assert_eq!((chinese.level, english.mend.is_some()), (level, level != Level::Ok), "{english:?} {chinese:?}");
        assert_eq!(english.about.as_deref(), Some("3002607 card"));
    }
}

#[test]
fn an_order_that_has_changed_fails_whatever_was_answered() {
    for answer in [
        Answer::NotKnown { code: 10_000_185, text: String::new() },
        Answer::Known { code: 5, text: String::new() },
        Answer::Accepted,
        Answer::Unanswered { why: "http 500".to_owned() },
    ] {
        let changed = Some(Ok(After::Changed(Box::new(called_back()))));
        let [english, chinese] = told(asked(answer.clone(), Ok(true), changed));
        assert_eq!((english.level, chinese.level), (Level::Fails, Level::Fails));
        assert!(english.found.starts_with("THE ORDER HAS CHANGED") && english.found.contains("'Operation canceled'"));
        assert!(chinese.found.starts_with("訂單改變了"), "{chinese:?}");
        let [unseen, _] = told(asked(answer, Ok(true), Some(Err(LookError::RateLimited))));
        assert!(unseen.level == Level::Fails && unseen.found.contains("the look after it failed"), "{unseen:?}");
    }
}

#[test]
fn what_keeps_the_question_back_is_told_with_what_to_do() {
    let unfit = |unfit| ProbeEnd::Unfit(unfit);
    for (end, part) in [
        (unfit(Unfit::NotByForm), "api = \"json\""),
        (unfit(Unfit::NotInLedger), "orders add NUMBER --hold"),
        (unfit(Unfit::Recurring), "paid once"),
        (unfit(Unfit::NotOnHold), "orders hold NUMBER"),
        (unfit(Unfit::ActedOn { attempts: 2 }), "already: 2"),
        (unfit(Unfit::RefundOpen), "a refund of the order is open"),
        (unfit(Unfit::Closing { until: DateTime::UNIX_EPOCH }), "until 1970-01-01 08:00:00"),
        (unfit(Unfit::NoTimeTold), "no time"),
        (unfit(Unfit::ClocksDiffer { skew_s: -400 }), "400 s apart"),
        (unfit(Unfit::NotUntouched { seen: Box::new(called_back()) }), "'Operation canceled'"),
        (unfit(Unfit::NotUntouched { seen: Box::new(Seen::Unpaid { amount: None }) }), "'unpaid'"),
        (ProbeEnd::LedgerSilent("x".to_owned()), "the ledger does not tell: x"),
        (ProbeEnd::Resting(DateTime::UNIX_EPOCH), "rest until"),
        (ProbeEnd::NoKeys, "root"),
        (ProbeEnd::LookFailed(LookError::RateLimited), "E was not sent"),
    ] {
        let [english, chinese] = told(end);
        let sentence = format!("{} {}", english.found, english.mend.as_deref().unwrap_or_default());
        assert!(english.level == Level::Fails && sentence.contains(part), "{part}: {sentence}");
        assert!(chinese.level == Level::Fails && chinese.mend.is_some() && chinese.found != english.found);
    }
}
