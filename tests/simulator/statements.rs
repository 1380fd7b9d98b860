//! The files in which ECPay accounts for what it was paid, asked for as a shop does.

use std::sync::Arc;

use ecpayd::domain::action::Action;
use ecpayd::domain::ids::{MerchantId, MerchantTradeNo, TradeNo};
use ecpayd::domain::money::Twd;
use ecpayd::gateway::statement::decode::Coding;
use ecpayd::gateway::statement::{Kind as FileKind, Line, Sheet, Statement};
use ecpayd::gateway::wire::checksum::form;
use ecpayd::gateway::wire::urlencode;
use ecpayd::simulator::bank::{Ask, By, Kind, Paid, StatementTerms, Terms};
use ecpayd::simulator::{Call, Options, SimHandle, Simulator};
use serde_json::{Value, json};

use crate::scene::{
    MERCHANT, action_data, ask, at, envelope, opened, order, order_data, sealed, simulator, stage_keys,
};

fn media(date_type: &str, from: &str, to: &str) -> Value {
    json!({ "MerchantID": MERCHANT, "DateType": date_type, "BeginDate": from, "EndDate": to, "PaymentType": "01" })
}

fn answered(sim: &SimHandle, data: &Value) -> Vec<u8> {
    sim.exchange(Call::QueryTradeMedia, &sealed(data, sim.now())).body
}

fn signed(fields: &[(&str, &str)]) -> Vec<u8> {
    let mac = form::of(&stage_keys(), fields);
    let all = fields.iter().copied().chain([(form::FIELD, mac.as_str())]);
    let pairs: Vec<String> = all.map(|(name, value)| format!("{name}={}", urlencode::encode(value))).collect();
    pairs.join("&").into_bytes()
}

/// The cells of a file, without their armour.
fn cells(bytes: &[u8]) -> Vec<Vec<String>> {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => encoding_rs::BIG5.decode(bytes).0.into_owned(),
    };
    let bare = |cell: &str| cell.trim_start_matches('=').trim_matches('"').to_owned();
    assert!(text.ends_with("\r\n"), "{text}");
    text.lines().map(|line| line.split(',').map(bare).collect()).collect()
}

fn wrong(sim: &SimHandle, change: impl FnOnce(&mut StatementTerms)) {
    let id = MerchantId::parse(MERCHANT).expect("an id");
    let change = |terms: &mut Terms| {
        terms.statement = StatementTerms { every_s: 0, ..StatementTerms::default() };
        change(&mut terms.statement);
    };
    sim.with_bank(|bank, now| bank.change_terms(&id, now, change)).expect("the merchant");
}

fn refund(sim: &SimHandle, no: &str, trade_no: &str, amount: i64) {
    let done = ask(sim, Call::DoAction, &action_data(no, trade_no, "R", amount));
    assert_eq!(done["RtnCode"], 1, "{done}");
}

/// Saturday, 2026-08-01 at noon: an order that is captured and refunded in part on Monday, one that is void, one paid
/// at an ATM, and one that is only authorized.
fn month() -> SimHandle {
    let sim = simulator();
    let captured = order(&sim, "CARD1", Kind::Card, Paid::Yes);
    let void = order(&sim, "VOID1", Kind::Card, Paid::Yes);
    order(&sim, "ATM1", Kind::Atm, Paid::Yes);
    order(&sim, "OPEN1", Kind::Card, Paid::Yes);
    assert_eq!(ask(&sim, Call::DoAction, &action_data("CARD1", &captured, "C", 1000))["RtnCode"], 1);
    assert_eq!(ask(&sim, Call::DoAction, &action_data("VOID1", &void, "N", 1000))["RtnCode"], 1);
    sim.set_clock(at("2026-08-03 12:00:00"));
    refund(&sim, "CARD1", &captured, 300);
    sim
}

#[test]
fn a_settlement_file_has_captures_and_refunds_once_they_are_out() {
    let sim = month();
    wrong(&sim, |_| {});
    let august = |date_type| media(date_type, "2026-08-01", "2026-08-31");
    assert_eq!(cells(&answered(&sim, &august("1"))).len(), 1, "not before 14:00 of the first working day");
    sim.set_clock(at("2026-08-03 14:00:00"));
    assert_eq!(cells(&answered(&sim, &august("1"))).len(), 2, "the capture");
    sim.set_clock(at("2026-08-04 14:00:00"));
    let rows = cells(&answered(&sim, &august("1")));
    assert_eq!(rows[0].len(), 13);
    let told: Vec<[&str; 7]> =
        rows[1..].iter().map(|r| [&r[0], &r[3], &r[5], &r[6], &r[7], &r[8], &r[11]].map(String::as_str)).collect();
    assert_eq!(
        told,
        [
            ["CARD1", "信用卡", "2026/08/03 00:00:00", "", "1000", "27.5", "971.5"],
            ["CARD1", "信用卡", "2026/08/04 00:00:00", "", "-300", "-8.25", "-291.75"],
        ]
    );
    let mut all = august("1");
    all["PaymentType"] = json!("");
    assert_eq!(cells(&answered(&sim, &all)).len(), 4, "with what was paid at an ATM");
    assert_eq!(cells(&answered(&sim, &august("2"))).len(), 1, "nothing is paid out yet");
    sim.set_clock(at("2026-08-10 14:00:00"));
    let paid_out = cells(&answered(&sim, &august("2")));
    assert_eq!((paid_out.len(), paid_out[1][6].as_str()), (2, "2026/08/10 00:00:00"));
}

#[test]
fn the_order_query_foresees_the_fee_that_the_file_takes() {
    let sim = month();
    let info = ask(&sim, Call::QueryOrder, &order_data("CARD1"));
    let (charge, process) = (&info["OrderInfo"]["ChargeFee"], &info["OrderInfo"]["ProcessFee"]);
    sim.set_clock(at("2026-08-03 14:00:00"));
    let rows = cells(&answered(&sim, &media("1", "2026-08-01", "2026-08-31")));
    assert_eq!((rows[1][8].parse().ok(), rows[1][12].parse().ok()), (charge.as_f64(), process.as_i64()));
}

#[test]
fn ranges_have_their_limits() {
    let sim = month();
    wrong(&sim, |_| {});
    sim.set_clock(at("2026-08-20 14:00:00"));
    assert_eq!(cells(&answered(&sim, &media("1", "2026-08-31", "2026-08-01"))).len(), 1, "a swapped one is empty");
    let refused = opened(&answered(&sim, &media("1", "2026-07-01", "2026-08-02")));
    assert_eq!((&refused["RtnCode"], &refused["RtnMsg"]), (&json!(10_200_052), &json!("日期區間不可超過一個月")));
    for (name, value) in [("DateType", "3"), ("BeginDate", "2026/08/01"), ("EndDate", ""), ("PaymentType", "card")] {
        let mut data = media("1", "2026-08-01", "2026-08-02");
        data[name] = json!(value);
        assert_eq!(opened(&answered(&sim, &data))["RtnMsg"], format!("{name} Error"));
    }
}

#[test]
fn files_are_given_out_a_minute_apart() {
    let sim = month();
    let day = media("1", "2026-08-03", "2026-08-03");
    let code =
        |sim: &SimHandle| serde_json::from_slice::<Value>(&answered(sim, &day)).map(|told| told["TransCode"].clone());
    assert!(code(&sim).is_err(), "a file");
    sim.set_clock(at("2026-08-03 12:00:59"));
    assert_eq!(code(&sim).ok(), Some(json!(0)));
    sim.set_clock(at("2026-08-03 12:01:00"));
    assert!(code(&sim).is_err(), "a file");
}

#[test]
fn files_can_be_wrong_in_every_way() {
    let sim = month();
    sim.set_clock(at("2026-08-20 14:00:00"));
    let number = |no: &str| MerchantTradeNo::parse(no).ok();
    let file = || answered(&sim, &media("1", "2026-08-01", "2026-08-31"));
    wrong(&sim, |s| s.unavailable = true);
    assert_eq!((envelope(&file()).trans_code, envelope(&file()).data), (128, String::new()));
    wrong(&sim, |s| s.foreign_address = true);
    assert!(String::from_utf8(file()).is_ok_and(|text| text.contains("IP is the same as the settings")));
    wrong(&sim, |s| s.drops = number("CARD1"));
    assert_eq!(cells(&file()).len(), 1);
    wrong(&sim, |s| s.changes = number("CARD1"));
    assert_eq!(cells(&file())[1][7], "1001");
    wrong(&sim, |s| s.adds = number("STRANGER1"));
    assert_eq!(cells(&file())[1][0], "STRANGER1");
    wrong(&sim, |s| s.extra_column = true);
    assert_eq!(cells(&file())[0].last().map(String::as_str), Some("備用欄位"));
    wrong(&sim, |s| s.big5 = true);
    assert!(std::str::from_utf8(&file()).is_err());
    assert_eq!(cells(&file())[0][0], "特店交易編號");
    wrong(&sim, |_| {});
    let whole = file();
    wrong(&sim, |s| s.cut = true);
    assert_eq!(file()[..], whole[..whole.len() - 20]);
}

#[test]
fn the_form_calls_want_a_signature() {
    let sim = month();
    let fields = [
        ("MerchantID", MERCHANT),
        ("PayDateType", "close"),
        ("StartDate", "2026-08-01"),
        ("EndDate", "2026-08-31"),
        ("CharSet", "2"),
    ];
    let body = String::from_utf8(signed(&fields)).expect("text");
    let told =
        |body: &str| String::from_utf8(sim.exchange(Call::FundingReconDetail, body.as_bytes()).body).expect("text");
    assert!(told(&body).starts_with("=授權單號"));
    for (body, why) in [
        (body.replace("close", "fund"), "10200073|CheckMacValue Error"),
        (body.replace(MERCHANT, "2000132"), "MerchantID Error"),
        ("{}".to_owned(), "the body is not a form"),
        (String::from_utf8(signed(&[fields[0], fields[1]])).expect("text"), "StartDate Error"),
        (String::from_utf8(signed(&fields[..1])).expect("text"), "PayDateType Error"),
    ] {
        assert_eq!(told(&body), why, "{body}");
    }
}

#[test]
fn a_funding_file_adds_up_by_day() {
    let sim = month();
    wrong(&sim, |_| {});
    sim.set_clock(at("2026-08-20 14:00:00"));
    let fields = |set: &'static str| {
        [
            ("MerchantID", MERCHANT),
            ("PayDateType", "fund"),
            ("StartDate", "2026-08-01"),
            ("EndDate", "2026-08-31"),
            ("CharSet", set),
        ]
    };
    let file = |set| sim.exchange(Call::FundingReconDetail, &signed(&fields(set))).body;
    let rows = cells(&file("2"));
    let told: Vec<[&str; 4]> = rows.iter().map(|r| [&r[3], &r[5], &r[6], &r[9]].map(String::as_str)).collect();
    assert_eq!(
        told,
        [
            ["訂單編號", "請款日期", "交易金額", "撥款金額"],
            ["CARD1", "20260801", "1000", "971.5"],
            ["", "每日小計:", "1000", "971.5"],
            ["CARD1", "20260803", "-300", "-291.75"],
            ["", "每日小計:", "-300", "-291.75"],
            ["", "合計:", "700", "679.75"],
        ]
    );
    assert!(std::str::from_utf8(&file("1")).is_err(), "Big5 unless it is asked for in UTF-8");
    assert_eq!(cells(&file("1")), rows);
}

#[test]
fn the_file_of_all_orders_comes_in_three_formats() {
    let sim = month();
    wrong(&sim, |_| {});
    sim.set_clock(at("2026-08-20 14:00:00"));
    for (format, columns) in [("0", 16), ("1", 19), ("2", 22)] {
        let fields = [
            ("MerchantID", MERCHANT),
            ("DateType", "6"),
            ("BeginDate", "2026-08-01"),
            ("EndDate", "2026-08-01"),
            ("MediaFormated", format),
            ("CharSet", "2"),
        ];
        let rows = cells(&sim.exchange(Call::TradeNoAio, &signed(&fields)).body);
        assert_eq!((rows.len(), rows[0].len()), (4, columns), "{format}: the void order leaves no row");
        let of_card = [fields.as_slice(), &[("PaymentType", "01"), ("AllocateStatus", "1")]].concat();
        let rows = cells(&sim.exchange(Call::TradeNoAio, &signed(&of_card)).body);
        assert_eq!(rows.len(), 2, "{format}");
    }
}

/// The daemon's own reader takes what is made here, in each kind and encoding.
#[test]
fn every_file_is_recognized_for_what_it_is() {
    let sim = month();
    wrong(&sim, |s| s.extra_column = true);
    sim.set_clock(at("2026-08-20 14:00:00"));
    let form = |call, fields: &[(&str, &str)]| sim.exchange(call, &signed(fields)).body;
    let range = [("MerchantID", MERCHANT), ("StartDate", "2026-08-01"), ("EndDate", "2026-08-31")];
    let funding = [range.as_slice(), &[("PayDateType", "enter")]].concat();
    let aio = [range[0], ("BeginDate", "2026-08-01"), range[2], ("DateType", "2"), ("MediaFormated", "2")];
    for (kind, bytes, paid, refunded) in [
        (FileKind::QueryTradeMedia, answered(&sim, &media("1", "2026-08-01", "2026-08-31")), 1, 1),
        (FileKind::FundingReconDetail, form(Call::FundingReconDetail, &funding), 1, 1),
        (FileKind::TradeNoAio, form(Call::TradeNoAio, &aio), 2, 0),
    ] {
        let coding = Coding::of(&bytes[..]).expect("text");
        let mut file = Statement::of(Sheet::open(&bytes[..], coding).expect("a sheet")).expect("a statement");
        assert_eq!(file.kind(), kind);
        let mut counted = (0, 0);
        while let Some((_, line)) = file.read().expect("a row") {
            counted.0 += usize::from(matches!(line, Line::Paid(_)));
            counted.1 += usize::from(matches!(line, Line::Refunded(_)));
        }
        assert_eq!(counted, (paid, refunded), "{kind:?}");
    }
}

/// One merchant's platform signs with its own keys for it.
#[test]
fn a_platform_asks_for_its_merchants_files() {
    let mut options = Options::new(Arc::new(|| at("2026-08-20 14:00:00")));
    options.merchants[0].platform_id = Some("3002599".to_owned());
    let sim = Simulator::without_server(options).expect("good options");
    let mut data = media("1", "2026-08-01", "2026-08-31");
    data["PlatformID"] = json!("3002599");
    let mut request: Value = serde_json::from_slice(&sealed(&data, sim.now())).expect("JSON");
    request["MerchantID"] = json!("3002599");
    let body = sim.exchange(Call::QueryTradeMedia, request.to_string().as_bytes()).body;
    assert_eq!(cells(&body).len(), 1);
}

#[test]
fn an_action_by_hand_is_in_the_file_as_any_other() {
    let sim = simulator();
    let trade_no = order(&sim, "HAND1", Kind::Card, Paid::Yes);
    let by_hand = |now| Ask {
        at: now,
        by: By::Dashboard,
        merchant_id: MerchantId::parse(MERCHANT).expect("an id"),
        merchant_trade_no: MerchantTradeNo::parse("HAND1").expect("a number"),
        trade_no: TradeNo::parse(&trade_no).expect("a number"),
        action: Action::C,
        amount: Twd::new(1000).expect("an amount"),
    };
    sim.with_bank(|bank, now| bank.act(&by_hand(now))).expect("a capture");
    sim.set_clock(at("2026-08-03 14:00:00"));
    assert_eq!(cells(&answered(&sim, &media("1", "2026-08-03", "2026-08-03"))).len(), 2);
}
