//! ECPay's statements, asked for by a person's command.

mod support;

use chrono::{Duration, NaiveDate, Utc};
use ecpayd::domain::calendar::taipei_date;
use ecpayd::domain::ids::MerchantId;
use ecpayd::domain::money::Twd;
use ecpayd::rehearsal::Merchant;
use ecpayd::simulator::bank::{Kind, NewOrder, Paid, StatementTerms};
use ecpayd::simulator::{Fault, FaultKind, OnCall, Running};
use serde_json::Value;
use support::{BRISK, House, MERCHANT, gateway, number};

fn merchant() -> MerchantId {
    MerchantId::parse(MERCHANT).expect("an id")
}

/// A file at once, and what the bank gives out.
fn files(bank: &Running, change: impl FnOnce(&mut StatementTerms)) {
    let change = |terms: &mut ecpayd::simulator::bank::Terms| {
        terms.statement = StatementTerms { every_s: 0, ..StatementTerms::default() };
        change(&mut terms.statement);
    };
    bank.handle.with_bank(|bank, now| bank.change_terms(&merchant(), now, change)).expect("the merchant");
}

/// Paid and captured so many days ago: by UnionPay, which the bank captures at once.
fn sold(bank: &Running, no: &str, days_ago: i64) {
    let new = |now| NewOrder {
        merchant_id: merchant(),
        merchant_trade_no: number(no),
        kind: Kind::UnionPay,
        amount: Twd::new(1000).expect("an amount"),
        created_at: now - Duration::days(days_ago),
        paid: Paid::Yes,
    };
    bank.handle.with_bank(|bank, now| bank.create(new(now), now)).expect("a new order");
}

fn day(days_ago: i64) -> NaiveDate {
    taipei_date(Utc::now()) - Duration::days(days_ago)
}

async fn house() -> (Running, House) {
    let bank = gateway().await;
    files(&bank, |_| {});
    let house = House::new(&bank.url(), &BRISK.replace("settle_gap", "statement_interval = \"0s\"\nsettle_gap"));
    house.done(&["run", "--once"]);
    (bank, house)
}

#[tokio::test(flavor = "multi_thread")]
async fn statements_are_fetched_month_by_month_adopted_and_agree_in_the_end() {
    let (bank, house) = house().await;
    sold(&bank, "OLD1", 45);
    sold(&bank, "NEW1", 15);
    let (from, to) = (day(50).to_string(), day(1).to_string());
    let reconcile = ["reconcile", "--fetch", "--from", &from, "--to", &to, "--json"];
    let told = house.tell(&reconcile);
    let report: Value = serde_json::from_str(&told.out).expect("a report");
    assert_eq!((told.code, &report["merchants"][0]["counts"]["missing_in_ledger"]), (Some(1), &2.into()), "{told:?}");
    assert_eq!(report["files"].as_array().map(Vec::len), Some(2), "{report}");
    assert_eq!(told.err.matches("asking ECPay for QueryTradeMedia").count(), 2, "{told:?}");
    assert!(told.err.contains("2 orders differ from ECPay's statements"), "{told:?}");

    let adopt = ["orders", "adopt", "--fetch", "--since", &from];
    let dry = house.tell(&adopt);
    assert!(dry.code == Some(0) && dry.out.contains("nothing was written"), "{dry:?}");
    let adopted = house.tell(&[&adopt[..], &["--yes"]].concat());
    assert_eq!(adopted.code, Some(0), "{adopted:?}");
    assert_eq!(
        house.sql().await.ask("SELECT group_concat(merchant_trade_no || capture) FROM orders"),
        "OLD1hold,NEW1hold"
    );

    house.done(&["run", "--once"]);
    let told = house.tell(&reconcile);
    let report: Value = serde_json::from_str(&told.out).expect("a report");
    assert_eq!((told.code, &report["merchants"][0]["counts"]["agrees"]), (Some(0), &2.into()), "{told:?}");
    let calls = "SELECT calls FROM traffic WHERE call = 'statement' AND outcome = 'answered'";
    assert_eq!(house.sql().await.ask(calls), "8", "two files, four times");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_merchant_by_form_has_its_own_statement_named_as_what_it_is() {
    let bank = gateway().await;
    files(&bank, |_| {});
    let aio = |terms: &mut ecpayd::simulator::bank::Terms| terms.aio = true;
    bank.handle.with_bank(|bank, now| bank.change_terms(&merchant(), now, aio)).expect("the merchant");
    let settings = BRISK.replace("settle_gap", "statement_interval = \"0s\"\nsettle_gap");
    let house = House::of(&[Merchant { by_form: true, ..Merchant::stage() }], &bank.url(), &settings);
    house.done(&["run", "--once"]);
    sold(&bank, "AIO1", 15);
    let (from, to) = (day(20).to_string(), day(1).to_string());
    let told = house.tell(&["reconcile", "--fetch", "--from", &from, "--to", &to, "--json"]);
    let report: Value = serde_json::from_str(&told.out).expect("a report");
    assert_eq!(report["files"][0]["kind"], "FundingReconDetail", "{told:?}");
    assert_eq!(report["merchants"][0]["counts"]["missing_in_ledger"], 1, "{told:?}");
    let again = house.tell(&["reconcile", "--fetch", "--from", &from, "--to", &to]);
    assert!(again.out.contains("(FundingReconDetail)") && !again.out.contains("QueryTradeMedia"), "{again:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_reason_why_there_is_no_statement_is_a_sentence() {
    let (bank, house) = house().await;
    let (from, to) = (day(5).to_string(), day(1).to_string());
    let fetch = ["reconcile", "--fetch", "--from", &from, "--to", &to];
    type Change = fn(&mut StatementTerms);
    for (change, words) in [
        ((|s| s.unavailable = true) as Change, "TransCode 128: System exception); that says nothing of its orders"),
        (|s| s.foreign_address = true, "廠商後台 → 系統開發管理 → 系統介接設定"),
    ] {
        files(&bank, change);
        let told = house.tell(&fetch);
        assert!(told.code == Some(1) && told.err.contains(words), "{told:?}");
    }
    files(&bank, |_| {});
    for (kind, words) in [(FaultKind::Html, "web page"), (FaultKind::Status { code: 500 }, "http 500")] {
        bank.handle.strike(Fault { call: OnCall::QueryTradeMedia, ..Fault::any(kind) });
        let told = house.tell(&fetch);
        assert!(told.code == Some(1) && told.err.contains(words), "{told:?}");
    }
    let swapped = house.tell(&["reconcile", "--fetch", "--from", &to, "--to", &from]);
    assert!(swapped.code == Some(2) && swapped.err.contains("exchange them"), "{swapped:?}");
    for usage in
        [&["reconcile", "--fetch"][..], &["orders", "adopt", "--fetch"], &["orders", "adopt", "--since", &from]]
    {
        assert_eq!(house.tell(usage).code, Some(2), "{usage:?}");
    }
    let late = house.tell(&["orders", "adopt", "--fetch", "--since", &day(0).to_string()]);
    assert!(late.code == Some(2) && late.err.contains("is after the last"), "{late:?}");
    assert_eq!(house.sql().await.ask("SELECT count(*) FROM statements"), "0");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_403_is_the_daemons_silence_too_and_the_next_command_keeps_it() {
    let (bank, house) = house().await;
    let (from, to) = (day(5).to_string(), day(1).to_string());
    let fetch = ["reconcile", "--fetch", "--from", &from, "--to", &to];
    bank.handle.strike(Fault { call: OnCall::QueryTradeMedia, ..Fault::any(FaultKind::Status { code: 403 }) });
    let told = house.tell(&fetch);
    assert!(told.code == Some(1) && told.err.contains("http 403"), "{told:?}");
    let told = house.tell(&fetch);
    assert!(told.code == Some(1) && told.err.contains("ECPay has asked for silence"), "{told:?}");
    let calls = "SELECT group_concat(outcome || calls) FROM traffic WHERE call = 'statement'";
    assert_eq!(house.sql().await.ask(calls), "limited1");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_commands_keep_the_vendors_minute_between_them() {
    let (bank, house) = house().await;
    let every_second = BRISK.replace("settle_gap", "statement_interval = \"1500ms\"\nsettle_gap");
    house.settle_in(&[MERCHANT], &bank.url(), &every_second);
    files(&bank, |statement| statement.every_s = 1);
    let fetch = ["reconcile", "--fetch", "--from", &day(5).to_string(), "--to", &day(1).to_string()];
    for told in [house.tell(&fetch), house.tell(&fetch)] {
        // Too early, ECPay would have refused the second.
        assert_eq!(told.code, Some(0), "{told:?}");
    }
}
