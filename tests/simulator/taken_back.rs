//! What the bank does later than its caller believes, and what it takes back.

use ecpayd::domain::action::Action;
use ecpayd::domain::ids::{MerchantId, MerchantTradeNo};
use ecpayd::domain::money::Twd;
use ecpayd::domain::status::CardStatus;
use ecpayd::simulator::bank::{BankError, Kind, Paid, Terms, Truth, Undo, Undone};
use ecpayd::simulator::{Call, Delivery, Fault, FaultKind, Meanwhile, OnCall, SimHandle};
use serde_json::{Value, json};

use crate::scene::{MERCHANT, action_data, ask, at, order, order_data, sealed, simulator, truth};

fn number(no: &str) -> MerchantTradeNo {
    MerchantTradeNo::parse(no).expect("a number")
}

fn later(no: &str, action: Action, s: u32, answer: Meanwhile) -> Fault {
    Fault { merchant_trade_no: Some(number(no)), ..Fault::on(action, FaultKind::EffectLater { s, answer }) }
}

/// An order of NT$1000 whose capture is asked for, of a merchant with these terms.
fn closing(terms: impl FnOnce(&mut Terms)) -> (SimHandle, String) {
    let sim = simulator();
    let merchant = MerchantId::parse(MERCHANT).expect("an id");
    sim.with_bank(|bank, now| bank.change_terms(&merchant, now, terms)).expect("the merchant");
    let trade_no = order(&sim, "A1", Kind::Card, Paid::Yes);
    assert_eq!(ask(&sim, Call::DoAction, &action_data("A1", &trade_no, "C", 1000))["RtnCode"], 1);
    (sim, trade_no)
}

fn undo(sim: &SimHandle, undo: &Undo) -> Result<Truth, BankError> {
    let merchant = MerchantId::parse(MERCHANT).expect("an id");
    sim.with_bank(|bank, now| bank.undo(&merchant, &number("A1"), undo, now))
}

#[test]
fn an_action_that_was_refused_takes_effect_later() {
    for s in [2, 3600] {
        let (sim, trade_no) = closing(|_| {});
        sim.strike(later("A1", Action::R, s, Meanwhile::Refused));
        let answer = ask(&sim, Call::DoAction, &action_data("A1", &trade_no, "R", 300));
        assert_ne!(answer["RtnCode"], 1);
        assert_eq!((&answer["MerchantTradeNo"], &answer["TradeNo"]), (&json!("A1"), &json!(trade_no)));
        let lands = at("2026-08-01 12:00:00") + chrono::Duration::seconds(s.into());
        sim.set_clock(lands - chrono::Duration::seconds(1));
        assert_eq!(truth(&sim, "A1").refunded, 0, "{s}");
        sim.set_clock(lands);
        assert_eq!(truth(&sim, "A1").refunded, 300, "{s}: whatever the age of its request");
        let record = sim.with_bank(|bank, _| bank.actions()[1].clone());
        assert_eq!((record.at, record.asked_at, record.effect), (lands, Some(at("2026-08-01 12:00:00")), true));
    }
}

#[test]
fn what_takes_effect_later_is_judged_when_it_does() {
    let (sim, trade_no) = closing(|_| {});
    sim.strike(later("A1", Action::R, 60, Meanwhile::Refused));
    ask(&sim, Call::DoAction, &action_data("A1", &trade_no, "R", 600));
    assert_eq!(ask(&sim, Call::DoAction, &action_data("A1", &trade_no, "R", 600))["RtnCode"], 1);
    sim.set_clock(at("2026-08-01 12:01:00"));
    assert_eq!(truth(&sim, "A1").refunded, 600, "more than is left does not go back");
    let refused = sim.with_bank(|bank, _| bank.actions()[2].refused.clone());
    assert_eq!(refused.as_deref(), Some("更新失敗.(error_amount_R)"));
}

#[test]
fn a_late_effect_is_bound_to_its_order_and_its_action() {
    let (sim, trade_no) = closing(|_| {});
    let other = order(&sim, "A2", Kind::Card, Paid::Yes);
    sim.strike(later("A1", Action::R, 60, Meanwhile::Nothing));
    assert_eq!(ask(&sim, Call::DoAction, &action_data("A2", &other, "C", 1000))["RtnCode"], 1);
    assert_eq!(ask(&sim, Call::DoAction, &action_data("A2", &other, "R", 1000))["RtnCode"], 1);
    let sent = sealed(&action_data("A1", &trade_no, "R", 300), sim.now());
    assert_eq!(sim.exchange(Call::DoAction, &sent).delivery, Delivery::Never);
    assert_eq!((truth(&sim, "A1").refunded, truth(&sim, "A2").refunded), (0, 1000));
}

#[test]
fn a_bare_refusal_names_no_order_and_its_action_may_take_effect_later() {
    for (kind, refunded) in [
        (FaultKind::Bare, 0),
        (FaultKind::EffectLater { s: 0, answer: Meanwhile::Bare }, 300),
        (FaultKind::EffectLater { s: 60, answer: Meanwhile::Bare }, 300),
    ] {
        let (sim, trade_no) = closing(|_| {});
        sim.strike(Fault::on(Action::R, kind));
        let answer = ask(&sim, Call::DoAction, &action_data("A1", &trade_no, "R", 300));
        let names: Vec<&String> = answer.as_object().expect("fields").keys().collect();
        assert_eq!(names, ["RtnCode", "RtnMsg"], "{kind:?}");
        assert_ne!(answer["RtnCode"], 1);
        sim.set_clock(at("2026-08-01 12:01:00"));
        assert_eq!(truth(&sim, "A1").refunded, refunded, "{kind:?}");
    }
}

#[test]
fn a_refund_is_undone_and_its_row_is_canceled_or_gone() {
    for (vanishes, rows) in
        [(false, json!([["Canceled", -300], ["To be captured", 1000]])), (true, json!([["To be captured", 1000]]))]
    {
        let (sim, trade_no) = closing(|t| t.balance = Some(500));
        ask(&sim, Call::DoAction, &action_data("A1", &trade_no, "R", 300));
        sim.set_clock(at("2026-08-01 13:00:00"));
        let undone = undo(&sim, &Undo { vanishes, ..Undo::of(Undone::Refund) }).expect("a refund");
        assert_eq!((undone.refunded, undone.net), (0, 1000));
        let told = &undone.authorizations[0].undone;
        assert_eq!((told[0].amount, told[0].at), (-300, at("2026-08-01 13:00:00")));
        let seen = ask(&sim, Call::CardDetail, &order_data("A1"))["CloseData"].clone();
        let seen: Value = seen.as_array().expect("rows").iter().map(|r| json!([r["Status"], r["Amount"]])).collect();
        assert_eq!(seen, rows);
        let balance = sim.with_bank(|bank, _| bank.terms(&undone.merchant_id).expect("terms").balance);
        assert_eq!(balance, Some(500), "the money is back");
        assert_eq!(ask(&sim, Call::DoAction, &action_data("A1", &trade_no, "R", 500))["RtnCode"], 1);
    }
}

#[test]
fn the_refund_of_an_amount_is_undone_where_one_is_told() {
    let (sim, trade_no) = closing(|_| {});
    for part in [300, 200] {
        ask(&sim, Call::DoAction, &action_data("A1", &trade_no, "R", part));
    }
    let of = |amount: i64| Undo { amount: Some(Twd::new(amount).expect("an amount")), ..Undo::of(Undone::Refund) };
    assert!(undo(&sim, &of(250)).is_err());
    assert_eq!(undo(&sim, &of(300)).expect("a refund").refunded, 200);
    assert_eq!(undo(&sim, &Undo::of(Undone::Refund)).expect("the newest").refunded, 0);
    let error = undo(&sim, &Undo::of(Undone::Refund)).expect_err("there is none left");
    assert_eq!(error.to_string(), "order A1 has no refund that the bank could undo");
}

#[test]
fn a_refund_that_made_the_capture_smaller_is_undone_by_making_it_larger() {
    let (sim, trade_no) = closing(|t| t.shrink = true);
    ask(&sim, Call::DoAction, &action_data("A1", &trade_no, "R", 300));
    let undone = undo(&sim, &Undo::of(Undone::Refund)).expect("a refund");
    assert_eq!((undone.refunded, undone.authorizations[0].rows[0].amount), (0, 1000));
    assert!(undo(&sim, &Undo::of(Undone::Refund)).is_err());
}

#[test]
fn a_capture_is_undone_as_long_as_nothing_was_refunded() {
    for (vanishes, status) in [(false, CardStatus::OperationCanceled), (true, CardStatus::Authorized)] {
        let (sim, trade_no) = closing(|_| {});
        sim.set_clock(at("2026-08-02 12:00:00"));
        let undone = undo(&sim, &Undo { vanishes, ..Undo::of(Undone::Capture) }).expect("a capture");
        assert_eq!((undone.status, undone.captured, undone.void), (Some(status), 0, false));
        assert_eq!(ask(&sim, Call::DoAction, &action_data("A1", &trade_no, "C", 1000))["RtnCode"], 1);
        ask(&sim, Call::DoAction, &action_data("A1", &trade_no, "R", 1));
        assert!(undo(&sim, &Undo::of(Undone::Capture)).is_err());
    }
}

#[test]
fn a_fault_bound_to_an_order_ends_at_its_time_and_leaves_others_alone() {
    let sim = simulator();
    order(&sim, "A1", Kind::Card, Paid::Yes);
    order(&sim, "A2", Kind::Card, Paid::Yes);
    let end = at("2026-08-03 12:00:00");
    sim.strike(Fault::of_order_until(number("A1"), end, FaultKind::Status { code: 500 }));
    let status = |no: &str| sim.exchange(Call::CardDetail, &sealed(&order_data(no), sim.now())).status;
    for (when, expected) in [("2026-08-01 12:00:00", 500), ("2026-08-03 11:59:59", 500), ("2026-08-03 12:00:00", 200)] {
        sim.set_clock(at(when));
        assert_eq!((status("A1"), status("A2")), (expected, 200), "{when}");
    }
}

#[test]
fn an_order_that_is_there_may_not_be_found_at_first() {
    let sim = simulator();
    order(&sim, "A1", Kind::Card, Paid::Yes);
    sim.strike(Fault { call: OnCall::CardDetail, ..Fault::any(FaultKind::NotFound) });
    assert_eq!(ask(&sim, Call::QueryOrder, &order_data("A1"))["RtnCode"], 1);
    assert_eq!(ask(&sim, Call::CardDetail, &order_data("A1"))["RtnCode"], 10_000_185);
    assert_eq!(ask(&sim, Call::CardDetail, &order_data("A1"))["RtnValue"]["Status"], "Authorized");
    sim.strike(Fault::any(FaultKind::NotFound));
    assert_eq!(ask(&sim, Call::QueryOrder, &order_data("A1"))["RtnMsg"], "Cant not find the trade data");
}

#[test]
fn the_order_query_says_another_payment_type_than_the_order_has() {
    let sim = simulator();
    let merchant = MerchantId::parse(MERCHANT).expect("an id");
    order(&sim, "A1", Kind::Card, Paid::Yes);
    let seen = || ask(&sim, Call::QueryOrder, &order_data("A1"))["OrderInfo"]["PaymentType"].clone();
    for (word, said) in [(Some("NewPay_Card"), "NewPay_Card"), (None, "Credit_CreditCard")] {
        sim.with_bank(|bank, _| bank.say_paid_by(&merchant, &number("A1"), word)).expect("the order");
        assert_eq!(seen(), said);
    }
}
