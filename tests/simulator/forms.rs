//! The calls of 全方位金流 (AIO): the daemon's own client against the simulator's port, and what is refused.

use std::sync::Arc;
use std::time::Duration;

use chrono::DateTime;
use ecpayd::domain::action::{Action, CommittedAttempt, Leave, MoneyCall, Outcome};
use ecpayd::domain::api::CardApi;
use ecpayd::domain::facts::Seen;
use ecpayd::domain::ids::{MerchantId, MerchantTradeNo, TradeNo};
use ecpayd::domain::money::Twd;
use ecpayd::domain::status::CardStatus;
use ecpayd::gateway::card::form::period::PeriodState;
use ecpayd::gateway::card::{CardGateway, FormAccess, OrderSeen};
use ecpayd::gateway::transport::HttpTransport;
use ecpayd::gateway::wire::checksum;
use ecpayd::gateway::{Access, LookError};
use ecpayd::simulator::bank::{JsonText, Kind, Paid, Terms};
use ecpayd::simulator::{Fault, FaultKind, Meanwhile, OnCall, Running};
use serde_json::json;

use crate::scene::{MERCHANT, at, order, served, stage_keys, truth};

struct Attempt(MoneyCall);

impl CommittedAttempt for Attempt {
    fn call(&self) -> &MoneyCall {
        &self.0
    }

    fn leave(&self) -> Leave {
        Arc::new(|| Ok(()))
    }
}

fn gateway(running: &Running, api: CardApi) -> CardGateway {
    let transport = HttpTransport::new(Duration::from_millis(800)).expect("a client");
    let access = Access {
        merchant_id: MerchantId::parse(MERCHANT).expect("an id"),
        platform_id: None,
        base_url: running.url(),
        keys: stage_keys(),
    };
    let form = FormAccess { url: running.url(), credit_check_code: Some("66315911".into()) };
    CardGateway::new(Arc::new(transport), access).by_form(Some(form).filter(|_| api == CardApi::Form))
}

fn number(no: &str) -> MerchantTradeNo {
    MerchantTradeNo::parse(no).expect("a number")
}

async fn look(gateway: &CardGateway, running: &Running, no: &str) -> Result<Seen, LookError> {
    let stamp_s = running.handle.now().timestamp();
    match gateway.query_order(&number(no), stamp_s).await?.answer {
        OrderSeen::Paid(paid) => Ok(gateway.card_detail(&paid, &number(no), None, stamp_s).await?.answer),
        OrderSeen::NotFound => Ok(Seen::NotFound),
        OrderSeen::Unpaid { amount } => Ok(Seen::Unpaid { amount }),
        OrderSeen::NotCard { amount, payment_type } => Ok(Seen::NotCard { amount, payment_type }),
        OrderSeen::Unclear { raw } => Ok(Seen::Unclear { raw }),
    }
}

fn call(running: &Running, no: &str, action: Action, dollars: i64) -> MoneyCall {
    MoneyCall {
        merchant_id: MerchantId::parse(MERCHANT).expect("an id"),
        merchant_trade_no: number(no),
        trade_no: TradeNo::parse(&truth(&running.handle, no).trade_no).expect("a number"),
        action,
        amount: Twd::new(dollars).expect("an amount"),
        stamp_s: running.handle.now().timestamp(),
    }
}

async fn act(gateway: &CardGateway, running: &Running, no: &str, action: Action, dollars: i64) -> Outcome {
    gateway.act(Attempt(call(running, no, action, dollars))).await.outcome
}

fn terms(running: &Running, change: impl FnOnce(&mut Terms)) {
    let id = MerchantId::parse(MERCHANT).expect("an id");
    running.handle.with_bank(|bank, now| bank.change_terms(&id, now, change)).expect("the merchant");
}

/// A bank whose orders are of AIO.
async fn aio() -> (Running, reqwest::Client) {
    let (running, client) = served().await;
    terms(&running, |terms| terms.aio = true);
    (running, client)
}

#[tokio::test]
async fn each_product_knows_its_own_orders_and_the_json_card_detail_those_of_both() {
    let (running, _) = served().await;
    let (json, form) = (gateway(&running, CardApi::Json), gateway(&running, CardApi::Form));
    order(&running.handle, "J1", Kind::Card, Paid::Yes);
    terms(&running, |terms| terms.aio = true);
    order(&running.handle, "F1", Kind::Card, Paid::Yes);
    assert!(matches!(look(&json, &running, "J1").await, Ok(Seen::Card(_))));
    assert!(matches!(look(&form, &running, "F1").await, Ok(Seen::Card(card)) if !card.kind.unknown));
    assert_eq!(look(&json, &running, "F1").await, Ok(Seen::NotFound));
    assert_eq!(look(&form, &running, "J1").await, Ok(Seen::NotFound));
    let refused = |code: i64, outcome: Outcome| {
        assert!(matches!(&outcome, Outcome::Refused { code: c, .. } if *c == code), "{outcome:?}")
    };
    refused(10_000_185, act(&json, &running, "F1", Action::C, 1000).await);
    refused(10_200_047, act(&form, &running, "J1", Action::C, 1000).await);
    terms(&running, |terms| terms.aio_on_json = true);
    assert_eq!(act(&json, &running, "F1", Action::C, 1000).await, Outcome::Accepted);
    assert_eq!(act(&form, &running, "F1", Action::E, 1000).await, Outcome::Accepted);
    running.shutdown().await;
}

#[tokio::test]
async fn actions_by_form_follow_the_states_and_refusals_have_their_codes() {
    let (running, _) = aio().await;
    let form = gateway(&running, CardApi::Form);
    order(&running.handle, "A1", Kind::Card, Paid::Yes);
    for json in [JsonText::Raw, JsonText::Escaped] {
        terms(&running, |terms| terms.json = json);
        let refused = Outcome::Refused { code: 10_000_002, text: "更新失敗.(error_amount_R)".to_owned() };
        assert_eq!(act(&form, &running, "A1", Action::R, 300).await, refused);
    }
    assert_eq!(act(&form, &running, "A1", Action::C, 1000).await, Outcome::Accepted);
    assert!(matches!(act(&form, &running, "A1", Action::R, 1000).await, Outcome::Refused { code: 10_000_002, .. }));
    assert_eq!(act(&form, &running, "A1", Action::R, 400).await, Outcome::Accepted);
    terms(&running, |terms| terms.remainder_r = false);
    assert!(matches!(act(&form, &running, "A1", Action::R, 600).await, Outcome::Refused { code: 10_000_002, .. }));
    terms(&running, |terms| terms.remainder_r = true);
    assert_eq!(act(&form, &running, "A1", Action::R, 600).await, Outcome::Accepted);
    let Ok(Seen::Card(card)) = look(&form, &running, "A1").await else { panic!("no card") };
    assert_eq!((card.status, card.net), (CardStatus::ToBeCaptured, 0));
    running.shutdown().await;
}

#[tokio::test]
async fn the_card_detail_by_form_tells_the_same_where_the_json_one_does_not_know_the_order() {
    let (running, _) = aio().await;
    let form = gateway(&running, CardApi::Form);
    order(&running.handle, "A1", Kind::Card, Paid::Yes);
    assert_eq!(act(&form, &running, "A1", Action::C, 1000).await, Outcome::Accepted);
    assert_eq!(act(&form, &running, "A1", Action::R, 300).await, Outcome::Accepted);
    let by_json = look(&form, &running, "A1").await.expect("a look");
    running.handle.strike(Fault { call: OnCall::CardDetail, ..Fault::any(FaultKind::NotFound) });
    assert_eq!(look(&form, &running, "A1").await.expect("a look"), by_json);
    // It is asked for by the authorization's number, which is not told of such orders.
    terms(&running, |terms| terms.card_info = false);
    running.handle.strike(Fault { call: OnCall::CardDetail, ..Fault::any(FaultKind::NotFound) });
    assert!(matches!(look(&form, &running, "A1").await, Err(LookError::Refused { .. })), "it is ten minutes young");
    terms(&running, |terms| (terms.card_info, terms.credit_check_code) = (true, "1234567".to_owned()));
    running.handle.strike(Fault { call: OnCall::CardDetail, ..Fault::any(FaultKind::NotFound) });
    assert!(matches!(look(&form, &running, "A1").await, Err(LookError::BadCredentials(_))));
    running.shutdown().await;
}

#[tokio::test]
async fn the_charges_of_a_recurring_order_have_numbers_of_their_own_that_actions_take() {
    let (running, _) = aio().await;
    let (json, form) = (gateway(&running, CardApi::Json), gateway(&running, CardApi::Form));
    order(&running.handle, "P1", Kind::Recurring, Paid::Yes);
    let id = MerchantId::parse(MERCHANT).expect("an id");
    running.handle.with_bank(|bank, now| bank.pay(&id, &number("P1"), now)).expect("the next period");
    let stamp_s = running.handle.now().timestamp();
    assert!(matches!(json.query_periods(&number("P1"), stamp_s).await, Err(LookError::NoSuchCall(_))));
    let info = form.query_periods(&number("P1"), stamp_s).await.expect("an answer");
    assert_eq!((info.state, info.charges.len()), (Some(PeriodState::Running), 2));
    let second = info.charges[1].trade_no.clone().expect("a number");
    assert_ne!(second.as_str(), truth(&running.handle, "P1").trade_no);
    let call = MoneyCall { trade_no: second, ..call(&running, "P1", Action::C, 1000) };
    assert_eq!(form.act(Attempt(call)).await.outcome, Outcome::Accepted);
    assert_eq!(truth(&running.handle, "P1").authorizations[1].captured, 1000);
    running.shutdown().await;
}

#[tokio::test]
async fn no_fault_prints_a_signature() {
    let (running, _) = aio().await;
    let form = gateway(&running, CardApi::Form);
    let kinds = [
        FaultKind::LostBefore,
        FaultKind::LostAfter,
        FaultKind::Status { code: 500 },
        FaultKind::StatusAfter { code: 404 },
        FaultKind::Html,
        FaultKind::Cut,
        FaultKind::WrongKey,
        FaultKind::WrongChecksum,
        FaultKind::WrongOrderNumber,
        FaultKind::Late { ms: 900 },
        FaultKind::Slow { ms: 30 },
        FaultKind::Delayed { s: 5 },
        FaultKind::CopyLater { s: 5 },
        FaultKind::EffectLater { s: 5, answer: Meanwhile::Bare },
        FaultKind::Bare,
        FaultKind::Refused,
        FaultKind::NotFound,
        FaultKind::Huge,
    ];
    for (n, kind) in kinds.into_iter().enumerate() {
        let no = format!("A{n}");
        order(&running.handle, &no, Kind::Card, Paid::Yes);
        let call = call(&running, &no, Action::C, 1000);
        let (trade_no, order_no) = (call.trade_no.to_string(), call.merchant_trade_no.to_string());
        let fields = [
            ("MerchantID", MERCHANT),
            ("MerchantTradeNo", &order_no),
            ("TradeNo", &trade_no),
            ("Action", "C"),
            ("TotalAmount", "1000"),
        ];
        let signature = checksum::form::of(&stage_keys(), &fields);
        running.handle.strike(Fault { call: OnCall::QueryOrder, ..Fault::any(kind) });
        running.handle.strike(Fault::on(Action::C, kind));
        let looked = look(&form, &running, &no).await;
        let acted = form.act(Attempt(call)).await;
        let told = format!("{looked:?} {acted:?}");
        assert!(!told.contains(&signature) && !told.contains("CheckMacValue="), "{kind:?}: {told}");
        let believed = matches!(acted.outcome, Outcome::Accepted);
        let answered = [FaultKind::WrongKey, FaultKind::WrongChecksum, FaultKind::NotFound].contains(&kind);
        assert_eq!(believed, answered, "{kind:?}: {acted:?}");
        running.handle.clear_faults();
    }
    running.shutdown().await;
}

#[tokio::test]
async fn a_late_copy_of_an_action_by_form_is_acted_on_at_any_time_and_one_by_json_is_not() {
    for (api, arrives) in [(CardApi::Json, false), (CardApi::Form, true)] {
        let (running, _) = served().await;
        terms(&running, |terms| terms.aio = api == CardApi::Form);
        order(&running.handle, "A1", Kind::Card, Paid::Yes);
        let gateway = gateway(&running, api);
        running.handle.strike(Fault::on(Action::C, FaultKind::Delayed { s: 86_400 }));
        assert!(matches!(act(&gateway, &running, "A1", Action::C, 1000).await, Outcome::Unknown { .. }));
        running.handle.set_clock(running.handle.now() + chrono::Duration::days(2));
        assert_eq!(truth(&running.handle, "A1").captured == 1000, arrives, "{api:?}");
        running.shutdown().await;
    }
}

#[tokio::test]
async fn a_form_is_read_strictly() {
    let (running, client) = aio().await;
    order(&running.handle, "A1", Kind::Card, Paid::Yes);
    let now = running.handle.now().timestamp();
    let (fresh, old, ahead) = (now.to_string(), (now - 181).to_string(), (now + 3600).to_string());
    let post = async |path: &str, fields: &[(&str, &str)], sum: Option<&str>| -> String {
        let own = checksum::form::of(&stage_keys(), fields);
        let mut all = fields.to_vec();
        all.push(("CheckMacValue", sum.unwrap_or(&own)));
        let body: Vec<String> = all.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = client.post(format!("{}{path}", running.url())).body(body.join("&"));
        request.send().await.expect("an answer").text().await.expect("text")
    };
    let query = "/Cashier/QueryTradeInfo/V5";
    let of = |stamp| [("MerchantID", MERCHANT), ("MerchantTradeNo", "A1"), ("TimeStamp", stamp)];
    for stamp in [&fresh, &ahead] {
        assert!(post(query, &of(stamp), None).await.contains("&TradeStatus=1&CheckMacValue="));
    }
    assert_eq!(post(query, &of(&old), None).await, "TimeStamp Error");
    assert!(post(query, &of(&fresh), Some("00")).await.contains("CheckMacValue Error"));
    let nobody = [("MerchantID", "9999999"), ("MerchantTradeNo", "A1"), ("TimeStamp", fresh.as_str())];
    assert_eq!(post(query, &nobody, None).await, "MerchantID Error");
    let unknown = [("MerchantID", MERCHANT), ("MerchantTradeNo", "NONE"), ("TimeStamp", fresh.as_str())];
    assert!(post(query, &unknown, None).await.contains("TradeStatus=10200047"));

    let trade_no = truth(&running.handle, "A1").trade_no;
    let action = [
        ("MerchantID", MERCHANT),
        ("MerchantTradeNo", "A1"),
        ("TradeNo", trade_no.as_str()),
        ("Action", "C"),
        ("TotalAmount", "1000"),
    ];
    for (place, value, why) in
        [(3, "X", "Action Error"), (4, "0", "TotalAmount Error"), (4, "10.5", "TotalAmount Error")]
    {
        let mut wrong = action;
        wrong[place].1 = value;
        assert_eq!(post("/CreditDetail/DoAction", &wrong, None).await, why);
    }
    assert_eq!(post("/CreditDetail/DoAction", &action[..4], None).await, "TotalAmount is required");
    let stamped = [&action[..], &[("TimeStamp", fresh.as_str())]].concat();
    assert_eq!(post("/CreditDetail/DoAction", &stamped, None).await, "TimeStamp is no parameter of this call");
    assert_eq!(truth(&running.handle, "A1").captured, 0);
    let done = post("/CreditDetail/DoAction", &action, None).await;
    assert!(done.contains("RtnCode=1") && done.contains(&format!("TradeNo={trade_no}")), "{done}");
    assert!(!done.contains("CheckMacValue"), "an action's answer is not signed");
    running.shutdown().await;
}

#[tokio::test]
async fn an_order_of_either_product_is_made_by_a_control_call_and_answers_have_the_banks_time() {
    let (running, client) = served().await;
    let made = json!({"merchant_trade_no": "F1", "amount": 100, "product": "aio"}).to_string();
    let answer = client.post(format!("{}/sim/orders", running.url())).body(made).send().await.expect("an answer");
    assert!(answer.text().await.expect("text").contains("\"product\":\"aio\""));
    running.handle.set_clock(at("2027-03-01 09:00:00"));
    let form = gateway(&running, CardApi::Form);
    let stamp_s = running.handle.now().timestamp();
    let dated = form.query_order(&number("F1"), stamp_s).await.expect("an answer");
    assert_eq!(dated.gateway_clock_s.and_then(|s| DateTime::from_timestamp(s, 0)), Some(at("2027-03-01 09:00:00")));
    running.shutdown().await;
}
