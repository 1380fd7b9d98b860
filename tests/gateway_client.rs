//! The card calls against a scripted transport: what is sent, and what each answer comes to.

use std::sync::{Arc, Mutex};

use ecpayd::domain::action::{Action, CommittedAttempt, Leave, MoneyCall, Outcome};
use ecpayd::domain::facts::Seen;
use ecpayd::domain::ids::{MerchantId, MerchantTradeNo, TradeNo};
use ecpayd::domain::money::Twd;
use ecpayd::gateway::card::{Acted, CardGateway, OrderSeen, PaidOrder};
use ecpayd::gateway::transport::{HttpAnswer, Posted, Purpose, Transport, TransportError};
use ecpayd::gateway::wire::cipher::Keys;
use ecpayd::gateway::wire::envelope::RequestEnvelope;
use ecpayd::gateway::{Access, Dated, LookError};
use serde_json::{Value, json};

const STAMP_S: i64 = 1_785_547_852;

type Scripted = Result<(u16, Vec<u8>), TransportError>;

/// Answers every call alike and keeps what was sent.
struct Script {
    answer: Scripted,
    sent: Mutex<Vec<(String, Vec<u8>, Purpose)>>,
}

impl Transport for Script {
    fn post<'a>(&'a self, url: &'a str, body: Vec<u8>, purpose: Purpose) -> Posted<'a> {
        self.sent.lock().expect("no panic before").push((url.to_owned(), body, purpose));
        let answer = self.answer.clone().map(|(status, body)| HttpAnswer { status, date_s: Some(STAMP_S + 9), body });
        Box::pin(async move { answer })
    }
}

impl Script {
    fn only_sent(&self) -> (String, RequestEnvelope, Value, Purpose) {
        let sent = self.sent.lock().expect("no panic before");
        let [(url, body, purpose)] = sent.as_slice() else { panic!("{} calls", sent.len()) };
        let envelope: RequestEnvelope = serde_json::from_slice(body).expect("a request");
        let data = keys().open(&envelope.data).expect("our own data");
        (url.clone(), envelope, serde_json::from_str(&data).expect("json"), *purpose)
    }
}

struct Token(MoneyCall);

impl CommittedAttempt for Token {
    fn call(&self) -> &MoneyCall {
        &self.0
    }

    fn leave(&self) -> Leave {
        Arc::new(|| Ok(()))
    }
}

fn keys() -> Keys {
    Keys::new("pwFHCqoQZGmho4w6", "EkRm7iFT261dpevs").expect("the public stage keys")
}

fn merchant(id: &str) -> MerchantId {
    MerchantId::parse(id).expect("a number")
}

fn order() -> MerchantTradeNo {
    MerchantTradeNo::parse("A1").expect("a number")
}

fn no(text: &str) -> TradeNo {
    TradeNo::parse(text).expect("a number")
}

fn gateway(answer: Scripted, platform: Option<&str>) -> (CardGateway, Arc<Script>) {
    let script = Arc::new(Script { answer, sent: Mutex::default() });
    let access = Access {
        merchant_id: merchant("3002607"),
        platform_id: platform.map(merchant),
        base_url: "https://ecpayment.example/".to_owned(),
        keys: keys(),
    };
    (CardGateway::new(script.clone(), access), script)
}

fn sealed(data: &Value) -> Value {
    json!({"MerchantID": "3002607", "RpHeader": {"Timestamp": STAMP_S + 2}, "TransCode": 1, "TransMsg": "Success",
        "Data": keys().seal(&data.to_string())})
}

fn ok(envelope: &Value) -> Scripted {
    Ok((200, envelope.to_string().into_bytes()))
}

/// Answers that carry nothing: what a look and a money call make of each.
fn worthless() -> Vec<(&'static str, Scripted)> {
    let with = |field: &str, value: Value| {
        let mut envelope = sealed(&json!({"RtnCode": 1}));
        envelope[field] = value;
        ok(&envelope)
    };
    let other = Keys::new("5294y06JbISpM5x9", "v77hoKGq4kWxNNIS").expect("the public stage keys");
    vec![
        ("a time-out", Err(TransportError::Lost("timed out".to_owned()))),
        ("http 500", Ok((500, b"{}".to_vec()))),
        ("http 404", Ok((404, b"<h1>404</h1>".to_vec()))),
        ("http 302", Ok((302, Vec::new()))),
        ("http 204", Ok((204, Vec::new()))),
        ("a page", Ok((200, b"<html>maintenance</html>".to_vec()))),
        ("half an answer", Ok((200, br#"{"MerchantID":"3002607","TransCode":1,"Da"#.to_vec()))),
        ("other json", Ok((200, b"[]".to_vec()))),
        ("fields in a list", ok(&json!(["3002607", {"Timestamp": STAMP_S}, 1, "", keys().seal(r#"{"RtnCode":1}"#)]))),
        ("a payload in a list", ok(&sealed(&json!([1, "", "3002607", "A1", "T1"])))),
        ("TransCode 0", with("TransCode", json!(0))),
        ("no data", with("Data", json!(""))),
        ("damaged data", with("Data", json!("AAAA"))),
        ("another key's data", with("Data", json!(other.seal(r#"{"RtnCode":1}"#)))),
        ("data that is not json", with("Data", json!(keys().seal("<html>")))),
        ("another merchant's answer", with("MerchantID", json!("2000132"))),
    ]
}

fn call(action: Action, amount: i64) -> MoneyCall {
    MoneyCall {
        merchant_id: merchant("3002607"),
        merchant_trade_no: order(),
        trade_no: no("T1"),
        action,
        amount: Twd::new(amount).expect("an amount"),
        stamp_s: STAMP_S,
    }
}

async fn act(answer: Scripted) -> Acted {
    let (gateway, script) = gateway(answer, None);
    let acted = gateway.act(Token(call(Action::R, 50))).await;
    script.only_sent();
    acted
}

async fn query(answer: Scripted) -> Result<Dated<OrderSeen>, LookError> {
    gateway(answer, None).0.query_order(&order(), STAMP_S).await
}

fn paid(recurring: bool) -> PaidOrder {
    let kind = Default::default();
    let (amount, gwsr) = (Twd::new(199).ok(), Some(7));
    PaidOrder {
        trade_no: no("T1"),
        amount,
        gwsr,
        payment_type: "Credit".to_owned(),
        kind,
        paid_at: None,
        recurring,
        charges: None,
        periods: None,
        fee_milli: None,
    }
}

fn detail(trade_id: i64) -> Value {
    json!({"RtnMsg": "", "RtnValue": {"TradeID": trade_id, "Amount": 199, "ClsAmt": 0,
        "AuthTime": "2026/08/01 09:30:52", "Status": "Authorized"}, "CloseData": {}})
}

#[tokio::test]
async fn a_money_call_is_one_post_of_what_was_written_down() {
    let (gateway, script) = gateway(Err(TransportError::Lost("timed out".to_owned())), None);
    gateway.act(Token(call(Action::R, 50))).await;
    let (url, envelope, data, purpose) = script.only_sent();
    assert_eq!((url.as_str(), purpose), ("https://ecpayment.example/1.0.0/Credit/DoAction", Purpose::Money));
    assert_eq!((envelope.merchant_id.as_str(), envelope.rq_header.timestamp), ("3002607", STAMP_S));
    let expected = json!({"MerchantID": "3002607", "MerchantTradeNo": "A1", "TradeNo": "T1", "Action": "R",
        "TotalAmount": 50});
    assert_eq!(data, expected);
}

#[tokio::test]
async fn a_platform_speaks_outside_and_names_the_merchant_inside() {
    let answer = json!({"RtnCode": 1, "PlatformID": "3085340", "MerchantID": "3002607", "MerchantTradeNo": "A1",
        "TradeNo": "T1"});
    let mut envelope = sealed(&answer);
    envelope["MerchantID"] = json!("3085340");
    let (gateway, script) = gateway(ok(&envelope), Some("3085340"));
    assert_eq!(gateway.act(Token(call(Action::C, 199))).await.outcome, Outcome::Accepted);
    let (_, envelope, data, _) = script.only_sent();
    assert_eq!(envelope.merchant_id, "3085340");
    assert_eq!((&data["PlatformID"], &data["MerchantID"]), (&json!("3085340"), &json!("3002607")));
}

#[tokio::test]
async fn an_action_that_the_gateway_has_taken_is_accepted() {
    let answer = json!({"RtnCode": 1, "RtnMsg": "", "MerchantID": 3002607, "MerchantTradeNo": "A1", "TradeNo": "T1"});
    let acted = act(ok(&sealed(&answer))).await;
    assert_eq!(acted, Acted { outcome: Outcome::Accepted, rate_limited: false });
}

#[tokio::test]
async fn an_answer_of_another_order_or_merchant_is_unknown_not_accepted() {
    for (merchant, order, trade) in [("3002607", "A2", "T1"), ("3002607", "A1", "T2"), ("2000132", "A1", "T1")] {
        for code in [1, 10_100_050] {
            let answer = json!({"RtnCode": code, "MerchantID": merchant, "MerchantTradeNo": order, "TradeNo": trade});
            assert!(matches!(act(ok(&sealed(&answer))).await.outcome, Outcome::Unknown { .. }), "{answer}");
        }
    }
}

#[tokio::test]
async fn an_action_without_a_usable_answer_is_unknown_never_refused() {
    for (what, answer) in worthless() {
        let acted = act(answer).await;
        assert!(matches!(acted.outcome, Outcome::Unknown { .. }), "{what}: {acted:?}");
        assert!(!acted.rate_limited, "{what}");
    }
    let empty = act(ok(&sealed(&json!({"RtnCode": 0, "MerchantTradeNo": "", "TradeNo": ""})))).await;
    assert!(matches!(empty.outcome, Outcome::Unknown { .. }));
}

#[tokio::test]
async fn a_403_tells_nothing_of_the_action_but_that_calls_have_to_stop() {
    let acted = act(Ok((403, Vec::new()))).await;
    let why = "the gateway limits our rate (http 403)".to_owned();
    assert_eq!(acted, Acted { outcome: Outcome::Unknown { code: Some(403), why }, rate_limited: true });
    assert_eq!(query(Ok((403, Vec::new()))).await, Err(LookError::RateLimited));
}

#[tokio::test]
async fn only_an_unmade_connection_is_not_sent() {
    let refused = Err(TransportError::NotSent("connection refused".to_owned()));
    assert_eq!(act(refused.clone()).await.outcome, Outcome::NotSent { why: "connection refused".to_owned() });
    assert_eq!(query(refused).await, Err(LookError::NotSent("connection refused".to_owned())));
}

#[tokio::test]
async fn an_attempt_of_another_merchant_never_leaves() {
    let (gateway, script) = gateway(ok(&json!({})), None);
    let foreign = MoneyCall { merchant_id: merchant("2000132"), ..call(Action::C, 199) };
    assert!(matches!(gateway.act(Token(foreign)).await.outcome, Outcome::NotSent { .. }));
    assert!(script.sent.lock().expect("no panic before").is_empty());
}

#[tokio::test]
async fn a_look_without_a_usable_answer_says_whether_keys_or_the_way_are_at_fault() {
    for (what, answer) in worthless() {
        let error = query(answer).await.expect_err(what);
        let fits = match what {
            "TransCode 0" => matches!(error, LookError::NotTaken { gateway_clock_s: Some(_), .. }),
            "another key's data" => matches!(error, LookError::BadCredentials(_)),
            "another merchant's answer" => matches!(error, LookError::NotBound(_)),
            "a payload in a list" | "data that is not json" => matches!(error, LookError::Unreadable(_)),
            "http 404" => error == LookError::NoSuchCall("/1.0.0/Cashier/QueryTrade"),
            _ => matches!(error, LookError::Lost(_)),
        };
        assert!(fits, "{what}: {error:?}");
    }
}

#[tokio::test]
async fn the_gateways_clock_is_its_timestamp_or_else_the_date_of_its_answer() {
    let info = json!({"MerchantTradeNo": "A1", "TradeNo": "T1", "TradeAmt": 199, "TradeStatus": "0"});
    let answer = sealed(&json!({"RtnCode": 1, "MerchantID": 3002607, "OrderInfo": info}));
    for (header, clock_s) in [
        (json!({"Timestamp": STAMP_S + 2}), STAMP_S + 2),
        (json!({"Timestamp": "soon"}), STAMP_S + 9),
        (json!({"Timestamp": 0}), STAMP_S + 9),
        (json!({}), STAMP_S + 9),
        (Value::Null, STAMP_S + 9),
    ] {
        let mut answer = answer.clone();
        answer["RpHeader"] = header.clone();
        let (gateway, _) = gateway(ok(&answer), None);
        let seen = gateway.query_order(&order(), STAMP_S).await.expect("an answer");
        assert_eq!(seen.gateway_clock_s, Some(clock_s), "{header}");
    }
}

#[tokio::test]
async fn a_byte_order_mark_and_a_plus_for_a_space_are_read_over() {
    const BOM: &str = "\u{feff}";
    let json =
        r#"{"RtnCode":1,"MerchantID":"3002607","OrderInfo":{"MerchantTradeNo":"A1","TradeStatus":"0","TradeAmt":5}}"#;
    let escaped = "%7B%22RtnCode%22%3A1,+%22MerchantID%22%3A%223002607%22,+%22OrderInfo%22%3A+%7B\
                   %22MerchantTradeNo%22%3A%22A1%22,%22TradeStatus%22%3A%220%22,+%22TradeAmt%22%3A5%7D%7D";
    let unpaid = OrderSeen::Unpaid { amount: Twd::new(5).ok() };
    for (mark, data) in [
        (BOM, keys().seal(json)),
        ("", keys().seal(&format!("{BOM}{json}"))),
        ("", keys().seal_encoded(&format!("{BOM}{json}"))),
        (BOM, keys().seal_encoded(escaped)),
    ] {
        let mut envelope = sealed(&json!({}));
        envelope["Data"] = json!(data);
        let body = format!("{mark}{envelope}").into_bytes();
        assert_eq!(query(Ok((200, body))).await.expect("an answer").answer, unpaid);
    }
    let marked = json!({"Data": keys().seal(&format!("{BOM}{}", detail(7))), "TransCode": 1});
    let seen = gateway(ok(&marked), None).0.card_detail(&paid(false), &order(), None, STAMP_S).await;
    assert!(matches!(seen.expect("an answer").answer, Seen::Card(_)));
}

#[tokio::test]
async fn a_gateway_under_maintenance_is_away_and_says_nothing_of_keys_or_of_the_call() {
    for words in ["系統維護中", "系統忙線中，請稍後再試", "System maintenance"] {
        let mut envelope = sealed(&json!({"RtnCode": 1}));
        (envelope["TransCode"], envelope["TransMsg"], envelope["Data"]) = (json!(0), json!(words), json!(""));
        let lost = LookError::Lost(format!("TransCode 0: {words}"));
        assert_eq!(query(ok(&envelope)).await, Err(lost.clone()));
        assert_eq!(act(ok(&envelope)).await.outcome, Outcome::Unknown { code: None, why: lost.to_string() });
    }
}

#[tokio::test]
async fn an_order_query_is_bound_to_merchant_and_order() {
    let info = json!({"MerchantTradeNo": "A1", "TradeNo": "T1", "TradeAmt": 199, "TradeStatus": "0"});
    let (gateway, script) =
        gateway(ok(&sealed(&json!({"RtnCode": 1, "MerchantID": 3002607, "OrderInfo": info}))), None);
    let seen = gateway.query_order(&order(), STAMP_S).await.expect("an answer");
    let unpaid = OrderSeen::Unpaid { amount: Twd::new(199).ok() };
    assert_eq!(seen, Dated { gateway_clock_s: Some(STAMP_S + 2), answer: unpaid });
    let (url, _, data, purpose) = script.only_sent();
    assert_eq!((url.as_str(), purpose), ("https://ecpayment.example/1.0.0/Cashier/QueryTrade", Purpose::Query));
    assert_eq!(data, json!({"MerchantID": "3002607", "MerchantTradeNo": "A1"}));

    let foreign = json!({"RtnCode": 1, "MerchantID": "2000132", "OrderInfo": info});
    assert!(matches!(query(ok(&sealed(&foreign))).await, Err(LookError::NotBound(_))));
}

#[tokio::test]
async fn a_card_detail_asks_for_a_later_authorization_of_a_recurring_order_only() {
    let (gateway, script) = gateway(ok(&sealed(&detail(8))), None);
    let later = no("T2");
    let once = gateway.card_detail(&paid(false), &order(), Some(&later), STAMP_S).await;
    assert!(matches!(once, Err(LookError::NotBound(_))));
    assert!(script.sent.lock().expect("no panic before").is_empty());

    let monthly = gateway.card_detail(&paid(true), &order(), Some(&later), STAMP_S).await.expect("an answer");
    assert!(matches!(monthly.answer, Seen::Card(facts) if facts.trade_no == later && facts.gwsr == Some(8)));
    let (url, _, data, _) = script.only_sent();
    assert_eq!(url, "https://ecpayment.example/1.0.0/CreditDetail/QueryTrade");
    assert_eq!(data, json!({"MerchantID": "3002607", "MerchantTradeNo": "A1", "TradeNo": "T2"}));
}

#[tokio::test]
async fn a_card_detail_of_another_authorization_is_not_believed() {
    let (own, _) = gateway(ok(&sealed(&detail(7))), None);
    assert!(matches!(
        own.card_detail(&paid(false), &order(), None, STAMP_S).await,
        Ok(Dated { answer: Seen::Card(_), .. })
    ));
    let (foreign, _) = gateway(ok(&sealed(&detail(8))), None);
    let seen = foreign.card_detail(&paid(false), &order(), None, STAMP_S).await;
    assert!(matches!(seen, Err(LookError::NotBound(_))));
}

#[tokio::test]
async fn no_answer_makes_a_call_say_keys_or_card_digits() {
    let answer = json!({"RtnCode": 1, "OrderInfo": "4311-9522-2222-2222"});
    for error in [query(ok(&sealed(&answer))).await, query(Ok((200, b"\"pwFHCqoQZGmho4w6\"".to_vec()))).await] {
        let told = format!("{error:?}");
        assert!(!told.contains("4311") && !told.contains("pwFH"), "{told}");
    }
}
