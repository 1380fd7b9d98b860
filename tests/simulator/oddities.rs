//! One table for each oddity of the vendor's answers.

use std::sync::Arc;

use chrono::Duration;
use ecpayd::domain::ids::MerchantId;
use ecpayd::simulator::bank::{Dialect, JsonText, Kind, Paid, Percent, Space, Spelling, Terms};
use ecpayd::simulator::{Call, Fault, FaultKind, OnCall, Rate, SimHandle, Simulator};
use serde_json::{Value, json};

use crate::scene::{
    MERCHANT, action_data, ask, at, envelope, opened, options, order, order_data, sealed, simulator, stage_keys, truth,
};

fn terms(sim: &SimHandle, change: impl FnOnce(&mut Terms)) {
    let merchant = MerchantId::parse(MERCHANT).expect("an id");
    sim.with_bank(|bank, now| bank.change_terms(&merchant, now, change)).expect("the merchant");
}

#[test]
fn status_words_come_in_two_languages_and_an_older_page() {
    for (dialect, authorized, waiting, captured) in [
        (Dialect::English, "Authorized", "To be captured", "Captured"),
        (Dialect::OldEnglish, "Authorized", "To be settled", "Has been settled"),
        (Dialect::Chinese, "已授權", "要關帳", "已關帳"),
    ] {
        let sim = simulator();
        terms(&sim, |t| t.dialect = dialect);
        let trade_no = order(&sim, "A1", Kind::Card, Paid::Yes);
        let word = || ask(&sim, Call::CardDetail, &order_data("A1"))["RtnValue"]["Status"].clone();
        assert_eq!(word(), authorized);
        ask(&sim, Call::DoAction, &action_data("A1", &trade_no, "C", 1000));
        assert_eq!(word(), waiting);
        sim.set_clock(at("2026-08-02 03:00:00"));
        assert_eq!(word(), captured);
    }
}

#[test]
fn the_card_detail_has_two_spellings() {
    let sim = simulator();
    let trade_no = order(&sim, "A1", Kind::Card, Paid::Yes);
    ask(&sim, Call::DoAction, &action_data("A1", &trade_no, "C", 1000));
    ask(&sim, Call::DoAction, &action_data("A1", &trade_no, "R", 300));
    let (at, word) = ("2026/08/01 12:00:00", "To be captured");
    let row = |amount: i64| json!({ "Status": word, "Amount": amount, "DateTime": at });
    assert_eq!(
        ask(&sim, Call::CardDetail, &order_data("A1")),
        json!({
            "RtnMsg": "",
            "RtnValue": { "TradeID": 14_521_553, "Amount": 1000, "ClsAmt": 1000, "AuthTime": at, "Status": word },
            "CloseData": [row(-300), row(1000)],
        })
    );
    terms(&sim, |t| t.spelling = Spelling::Form);
    let row = |sno: &str, amount: i64| json!({ "status": word, "sno": sno, "amount": amount, "datetime": at });
    assert_eq!(
        ask(&sim, Call::CardDetail, &order_data("A1")),
        json!({
            "RtnMsg": "",
            "RtnValue": { "TradeID": 14_521_553, "amount": 1000, "clsamt": 1000, "authtime": at, "status": word,
                          "close_data": [row("2", -300), row("1", 1000)] },
        })
    );
}

#[test]
fn a_refund_is_a_row_of_its_own_or_a_smaller_capture() {
    for (shrink, amounts) in [(false, json!([-300, 1000])), (true, json!([700]))] {
        let sim = simulator();
        terms(&sim, |t| t.shrink = shrink);
        let trade_no = order(&sim, "A1", Kind::Card, Paid::Yes);
        ask(&sim, Call::DoAction, &action_data("A1", &trade_no, "C", 1000));
        ask(&sim, Call::DoAction, &action_data("A1", &trade_no, "R", 300));
        let seen = ask(&sim, Call::CardDetail, &order_data("A1"));
        let rows = seen["CloseData"].as_array().expect("rows").iter();
        assert_eq!(rows.map(|r| r["Amount"].clone()).collect::<Value>(), amounts);
    }
}

#[test]
fn every_wire_style_is_read_as_the_same_answer() {
    let sim = simulator();
    let trade_no = order(&sim, "A1", Kind::Card, Paid::Yes);
    let refused = action_data("A1", &trade_no, "R", 300);
    let expected = ask(&sim, Call::DoAction, &refused);
    assert!(expected["RtnMsg"].as_str().is_some_and(|text| text.contains("更新失敗.(")));
    let mut seen = std::collections::BTreeSet::new();
    for percent in [Percent::Php, Percent::Dotnet] {
        for space in [Space::Plus, Space::Percent] {
            for json in [JsonText::Raw, JsonText::Escaped] {
                terms(&sim, |t| {
                    (t.percent, t.space, t.json) = (percent, space, json);
                });
                let bytes = sim.exchange(Call::DoAction, &sealed(&refused, sim.now())).body;
                assert_eq!(opened(&bytes), expected);
                let text = stage_keys().open(&envelope(&bytes).data).expect("the merchant's keys");
                assert_eq!(text.is_ascii(), json == JsonText::Escaped);
                seen.insert(envelope(&bytes).data);
            }
        }
    }
    // This answer has no space in it.
    assert_eq!(seen.len(), 4, "the styles differ on the wire");
}

#[test]
fn codes_and_texts_of_a_success_vary() {
    let sim = simulator();
    terms(&sim, |t| {
        t.text_codes = true;
        t.success_text = "Succeeded.".to_owned();
    });
    let trade_no = order(&sim, "A1", Kind::Card, Paid::Yes);
    let done = ask(&sim, Call::DoAction, &action_data("A1", &trade_no, "C", 1000));
    assert_eq!((&done["RtnCode"], &done["RtnMsg"]), (&json!("1"), &json!("Succeeded.")));
    let seen = ask(&sim, Call::QueryOrder, &order_data("A1"));
    assert_eq!((&seen["RtnCode"], &seen["RtnMsg"]), (&json!("1"), &json!("Succeeded.")));
}

#[test]
fn a_stopped_merchant_is_told_so_and_moves_nothing() {
    let sim = simulator();
    let trade_no = order(&sim, "A1", Kind::Card, Paid::Yes);
    terms(&sim, |t| t.stopped = true);
    assert_eq!(ask(&sim, Call::CardDetail, &order_data("A1")), json!({ "RtnMsg": "error_Stop" }));
    for answer in [
        ask(&sim, Call::QueryOrder, &order_data("A1")),
        ask(&sim, Call::DoAction, &action_data("A1", &trade_no, "C", 1000)),
    ] {
        assert!(answer["RtnCode"].as_i64().is_some_and(|code| code != 1) && answer["RtnMsg"] == "error_Stop");
    }
    assert_eq!(truth(&sim, "A1").captured, 0);
}

#[test]
fn refusals_have_the_vendors_words() {
    let sim = simulator();
    let trade_no = order(&sim, "A1", Kind::Card, Paid::Yes);
    let told = |when: &str, action: &str, amount: i64| {
        sim.set_clock(at(when));
        ask(&sim, Call::DoAction, &action_data("A1", &trade_no, action, amount))["RtnMsg"].clone()
    };
    assert_eq!(told("2026-08-01 13:00:00", "R", 300), "更新失敗.(error_amount_R)");
    assert_eq!(told("2026-08-22 12:00:01", "C", 1000), "error_overDate");
    terms(&sim, |t| t.daily_auto_close = true);
    assert_eq!(told("2026-08-23 20:15:00", "N", 1000), "每日自動關帳作業中,20:15 ~ 20:30 請勿執行");
    assert_eq!(told("2026-08-23 20:30:00", "N", 1000), "Success");
}

#[test]
fn the_later_authorizations_of_a_recurring_order_are_reached_by_their_trade_no() {
    let sim = simulator();
    let first = order(&sim, "A1", Kind::Recurring, Paid::Yes);
    let merchant = MerchantId::parse(MERCHANT).expect("an id");
    let no = ecpayd::domain::ids::MerchantTradeNo::parse("A1").expect("a number");
    sim.set_clock(at("2026-09-01 12:00:00"));
    let paid = sim.with_bank(|bank, now| bank.pay(&merchant, &no, now)).expect("another period");
    let second = paid.authorizations[1].trade_no.clone();
    let info = ask(&sim, Call::QueryOrder, &order_data("A1"))["CardInfo"].clone();
    assert_eq!((&info["TotalSuccessTimes"], &info["TotalSuccessAmount"]), (&json!(2), &json!(2000)));
    let seen = |trade_no: &str| {
        let mut data = order_data("A1");
        data["TradeNo"] = json!(trade_no);
        ask(&sim, Call::CardDetail, &data)
    };
    assert_eq!(seen(&first)["RtnValue"]["AuthTime"], "2026/08/01 12:00:00");
    assert_eq!(seen("")["RtnValue"]["AuthTime"], "2026/08/01 12:00:00");
    assert_eq!(seen(&second)["RtnValue"]["AuthTime"], "2026/09/01 12:00:00");
    assert_eq!(seen("2601010000009999")["RtnCode"], 10_000_185);
    ask(&sim, Call::DoAction, &action_data("A1", &second, "C", 1000));
    assert_eq!(seen(&second)["RtnValue"]["Status"], "To be captured");
    assert_eq!(seen(&first)["RtnValue"]["Status"], "Authorized");
}

#[test]
fn who_calls_too_often_is_shut_out_for_half_an_hour() {
    let sim = simulator();
    order(&sim, "A1", Kind::Card, Paid::Yes);
    terms(&sim, |t| t.calls_a_minute = Some(3));
    let status = || sim.exchange(Call::QueryOrder, &sealed(&order_data("A1"), sim.now())).status;
    assert_eq!([status(), status(), status(), status()], [200, 200, 200, 403]);
    for (when, expected) in [("2026-08-01 12:29:59", 403), ("2026-08-01 12:30:00", 200), ("2026-08-01 12:31:00", 200)] {
        sim.set_clock(at(when));
        assert_eq!(status(), expected, "{when}");
    }
}

#[test]
fn faults_at_a_rate_are_the_same_in_every_run_of_a_seed() {
    let struck = |seed: u64| -> Vec<bool> {
        let sim = simulator();
        sim.seed(seed);
        order(&sim, "A1", Kind::Card, Paid::Yes);
        let rate = Rate::try_from(0.4).expect("a probability");
        sim.strike(Fault { call: OnCall::CardDetail, ..Fault::at_rate(rate, FaultKind::Status { code: 500 }) });
        let asked = |_| {
            assert_eq!(sim.exchange(Call::QueryOrder, &sealed(&order_data("A1"), sim.now())).status, 200);
            sim.exchange(Call::CardDetail, &sealed(&order_data("A1"), sim.now())).status == 500
        };
        (0..200).map(asked).collect()
    };
    assert_eq!(struck(5), struck(5));
    assert_ne!(struck(5), struck(6));
    let hits = struck(5).into_iter().filter(|hit| *hit).count();
    assert!((50..=110).contains(&hits), "{hits} of 200 at 0.4");
}

#[test]
fn a_fast_clock_lives_whole_days_while_seconds_pass() {
    let base = at("2026-08-01 12:00:00");
    let elapsed = Arc::new(std::sync::atomic::AtomicI64::new(0));
    let real = elapsed.clone();
    let mut fast = options();
    fast.clock = Arc::new(move || base + Duration::seconds(real.load(std::sync::atomic::Ordering::SeqCst)));
    let sim = Simulator::without_server(fast).expect("good options");
    order(&sim, "A1", Kind::Card, Paid::Yes);
    sim.run_clock_fast(sim.now(), 86_400);
    elapsed.store(90, std::sync::atomic::Ordering::SeqCst);
    assert_eq!(sim.now(), base + Duration::days(90));
    assert!(truth(&sim, "A1").void);
}

#[test]
fn a_union_pay_payment_is_captured_at_once_or_after_the_night() {
    for (claimed, evening) in [(true, "Captured"), (false, "To be captured")] {
        let sim = simulator();
        terms(&sim, |t| t.union_pay_claimed = claimed);
        let trade_no = order(&sim, "A1", Kind::UnionPay, Paid::Yes);
        let seen = || ask(&sim, Call::CardDetail, &order_data("A1"))["RtnValue"]["Status"].clone();
        assert_eq!(seen(), evening);
        assert_ne!(ask(&sim, Call::DoAction, &action_data("A1", &trade_no, "E", 1000))["RtnCode"], 1);
        sim.set_clock(at("2026-08-02 03:00:00"));
        assert_eq!(seen(), "Captured");
    }
}

#[test]
fn the_closed_amount_stays_or_falls_with_a_refund() {
    for (follows, closed) in [(false, 1000), (true, 700)] {
        let sim = simulator();
        terms(&sim, |t| t.cls_follows = follows);
        let trade_no = order(&sim, "A1", Kind::Card, Paid::Yes);
        ask(&sim, Call::DoAction, &action_data("A1", &trade_no, "C", 1000));
        ask(&sim, Call::DoAction, &action_data("A1", &trade_no, "R", 300));
        assert_eq!(ask(&sim, Call::CardDetail, &order_data("A1"))["RtnValue"]["ClsAmt"], closed);
    }
}

#[test]
fn a_recurring_order_has_its_periods_in_card_info_whatever_others_have() {
    let sim = simulator();
    terms(&sim, |t| t.card_info = false);
    order(&sim, "A1", Kind::Recurring, Paid::Yes);
    order(&sim, "A2", Kind::Card, Paid::Yes);
    assert_eq!(ask(&sim, Call::QueryOrder, &order_data("A1"))["CardInfo"]["TotalSuccessTimes"], 1);
    assert_eq!(ask(&sim, Call::QueryOrder, &order_data("A2"))["CardInfo"], Value::Null);
}

#[test]
fn what_is_to_be_captured_stays_so_while_nothing_is_claimed() {
    let sim = simulator();
    terms(&sim, |t| t.claims = false);
    let trade_no = order(&sim, "A1", Kind::Card, Paid::Yes);
    ask(&sim, Call::DoAction, &action_data("A1", &trade_no, "C", 1000));
    let seen = || ask(&sim, Call::CardDetail, &order_data("A1"))["RtnValue"]["Status"].clone();
    sim.set_clock(at("2026-08-20 12:00:00"));
    assert_eq!(seen(), "To be captured");
    terms(&sim, |t| t.claims = true);
    assert_eq!(seen(), "Captured", "what was missed is made good at once");
}
