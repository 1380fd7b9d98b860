//! The daemon's own client against the simulator's port.

use std::sync::Arc;
use std::time::Duration;

use ecpayd::domain::action::{Action, CommittedAttempt, Leave, MoneyCall, Outcome};
use ecpayd::domain::facts::{CardFacts, CardKind, Seen};
use ecpayd::domain::ids::{MerchantId, MerchantTradeNo, TradeNo};
use ecpayd::domain::money::Twd;
use ecpayd::domain::status::CardStatus;
use ecpayd::gateway::card::{CardGateway, OrderSeen};
use ecpayd::gateway::transport::HttpTransport;
use ecpayd::gateway::{Access, LookError};
use ecpayd::simulator::bank::{Dialect, JsonText, Kind, Paid, Percent, Space, Spelling, Terms};
use ecpayd::simulator::{Fault, FaultKind, Running};

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

fn gateway(running: &Running) -> CardGateway {
    let transport = HttpTransport::new(Duration::from_millis(800)).expect("a client");
    let access = Access {
        merchant_id: MerchantId::parse(MERCHANT).expect("an id"),
        platform_id: None,
        base_url: running.url(),
        keys: stage_keys(),
    };
    CardGateway::new(Arc::new(transport), access)
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

async fn facts(gateway: &CardGateway, running: &Running, no: &str) -> CardFacts {
    match look(gateway, running, no).await {
        Ok(Seen::Card(facts)) => facts,
        other => panic!("{no}: {other:?}"),
    }
}

async fn act(gateway: &CardGateway, running: &Running, no: &str, trade_no: &str, action: Action) -> Outcome {
    let call = MoneyCall {
        merchant_id: MerchantId::parse(MERCHANT).expect("an id"),
        merchant_trade_no: number(no),
        trade_no: TradeNo::parse(trade_no).expect("a number"),
        action,
        amount: Twd::new(if action == Action::R { 300 } else { 1000 }).expect("an amount"),
        stamp_s: running.handle.now().timestamp(),
    };
    gateway.act(Attempt(call)).await.outcome
}

#[tokio::test]
async fn the_client_sees_what_is_true_of_every_kind() {
    let (running, _) = served().await;
    let gateway = gateway(&running);
    let plain = CardKind::default();
    for (no, kind, expected, status) in [
        ("CARD", Kind::Card, plain, CardStatus::Authorized),
        ("STAGES", Kind::Installments(3), CardKind { installments: true, ..plain }, CardStatus::Authorized),
        ("POINTS", Kind::BonusPoints, CardKind { bonus_points: true, ..plain }, CardStatus::Authorized),
        ("UNION", Kind::UnionPay, CardKind { union_pay: true, ..plain }, CardStatus::Captured),
        ("PERIODS", Kind::Recurring, plain, CardStatus::Authorized),
    ] {
        let trade_no = order(&running.handle, no, kind, Paid::Yes);
        let facts = facts(&gateway, &running, no).await;
        assert_eq!((facts.kind, facts.status, facts.trade_no.as_str()), (expected, status, trade_no.as_str()), "{no}");
        assert_eq!(facts.authorized_at, running.handle.now());
    }
    order(&running.handle, "ATM", Kind::Atm, Paid::Yes);
    order(&running.handle, "UNPAID", Kind::Card, Paid::No);
    order(&running.handle, "PENDING", Kind::Card, Paid::BankPending);
    assert!(matches!(look(&gateway, &running, "ATM").await, Ok(Seen::NotCard { .. })));
    assert!(matches!(look(&gateway, &running, "UNPAID").await, Ok(Seen::Unpaid { .. })));
    assert!(matches!(look(&gateway, &running, "PENDING").await, Ok(Seen::BankPending { .. })));
    assert!(matches!(look(&gateway, &running, "NOBODY").await, Ok(Seen::NotFound)));
    running.shutdown().await;
}

#[tokio::test]
async fn the_client_sees_the_same_in_every_style_of_answer() {
    let (running, _) = served().await;
    let gateway = gateway(&running);
    let trade_no = order(&running.handle, "A1", Kind::Card, Paid::Yes);
    assert_eq!(act(&gateway, &running, "A1", &trade_no, Action::C).await, Outcome::Accepted);
    assert_eq!(act(&gateway, &running, "A1", &trade_no, Action::R).await, Outcome::Accepted);
    let expected = facts(&gateway, &running, "A1").await;
    let merchant = MerchantId::parse(MERCHANT).expect("an id");
    let styles: [fn(&mut Terms); 9] = [
        |t| t.dialect = Dialect::Chinese,
        |t| t.dialect = Dialect::OldEnglish,
        |t| t.percent = Percent::Dotnet,
        |t| t.space = Space::Percent,
        |t| t.json = JsonText::Escaped,
        |t| t.spelling = Spelling::Form,
        |t| t.text_codes = true,
        |t| t.success_text = "停用成功".to_owned(),
        |t| t.numeric_merchant_id = true,
    ];
    // Each alone, then all of them together.
    for place in 0..styles.len() * 2 {
        let usual = if place < styles.len() { Some(Terms::default()) } else { None };
        let change = |terms: &mut Terms| {
            *terms = usual.unwrap_or_else(|| terms.clone());
            styles[place % styles.len()](terms);
        };
        running.handle.with_bank(|bank, now| bank.change_terms(&merchant, now, change)).expect("the merchant");
        assert_eq!(facts(&gateway, &running, "A1").await, expected, "style {place}");
        assert_eq!(act(&gateway, &running, "A1", &trade_no, Action::N).await, refused_n(), "style {place}");
    }
}

fn refused_n() -> Outcome {
    Outcome::Refused { code: 10_200_099, text: "更新失敗.(error_status_N)".to_owned() }
}

#[tokio::test]
async fn the_client_captures_refunds_and_is_refused() {
    let (running, _) = served().await;
    let gateway = gateway(&running);
    let trade_no = order(&running.handle, "A1", Kind::Card, Paid::Yes);
    let refused = act(&gateway, &running, "A1", &trade_no, Action::R).await;
    assert!(matches!(refused, Outcome::Refused { text, .. } if text == "更新失敗.(error_amount_R)"));
    assert_eq!(act(&gateway, &running, "A1", &trade_no, Action::C).await, Outcome::Accepted);
    assert_eq!(act(&gateway, &running, "A1", &trade_no, Action::R).await, Outcome::Accepted);
    assert_eq!(facts(&gateway, &running, "A1").await.refunded().dollars(), 300);
    running.handle.set_clock(at("2026-08-02 03:00:00"));
    let facts = facts(&gateway, &running, "A1").await;
    assert_eq!((facts.status, facts.net), (CardStatus::Captured, 700));
}

/// What only a look afterwards can tell: the answer is whole, and it is not true.
#[tokio::test]
async fn the_client_cannot_tell_a_refusal_that_took_effect_from_one_that_did_not() {
    let (running, _) = served().await;
    let gateway = gateway(&running);
    let trade_no = order(&running.handle, "A1", Kind::Card, Paid::Yes);
    running.handle.strike(Fault::on(Action::C, FaultKind::RefusedAfter));
    let outcome = act(&gateway, &running, "A1", &trade_no, Action::C).await;
    assert!(matches!(outcome, Outcome::Refused { .. }), "{outcome:?}");
    assert_eq!(facts(&gateway, &running, "A1").await.status, CardStatus::ToBeCaptured);
}

#[tokio::test]
async fn no_fault_makes_the_client_believe_an_outcome_that_it_was_not_told() {
    let (running, _) = served().await;
    let gateway = gateway(&running);
    for (place, (kind, captured)) in [
        (FaultKind::LostBefore, 0),
        (FaultKind::LostAfter, 1000),
        (FaultKind::Late { ms: 2000 }, 1000),
        (FaultKind::Delayed { s: 60 }, 0),
        (FaultKind::Status { code: 500 }, 0),
        (FaultKind::StatusAfter { code: 502 }, 1000),
        (FaultKind::Html, 1000),
        (FaultKind::Cut, 1000),
        (FaultKind::WrongKey, 1000),
        (FaultKind::WrongOrderNumber, 1000),
        (FaultKind::Slow { ms: 20 }, 1000),
        (FaultKind::Huge, 1000),
        (FaultKind::Forbidden, 0),
    ]
    .into_iter()
    .enumerate()
    {
        let no = format!("A{place}");
        let trade_no = order(&running.handle, &no, Kind::Card, Paid::Yes);
        running.handle.strike(Fault::on(Action::C, kind));
        let outcome = act(&gateway, &running, &no, &trade_no, Action::C).await;
        assert!(matches!(outcome, Outcome::Unknown { .. }), "{kind:?}: {outcome:?}");
        assert_eq!(truth(&running.handle, &no).captured, captured, "{kind:?}");
        let calls = running
            .handle
            .with_bank(|bank, _| bank.actions().iter().filter(|a| a.merchant_trade_no.as_str() == no).count());
        assert_eq!(calls, usize::from(captured > 0), "{kind:?}");
    }
}
