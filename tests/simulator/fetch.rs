//! The daemon's own fetch of statements against the simulator's port.

use std::sync::Arc;
use std::time::Duration;

use ecpayd::domain::ids::MerchantId;
use ecpayd::domain::language::Language;
use ecpayd::domain::reason::Reason;
use ecpayd::gateway::card::{CardGateway, MediaDates, MediaDays, MediaError};
use ecpayd::gateway::transport::HttpTransport;
use ecpayd::gateway::{Access, LookError};
use ecpayd::simulator::bank::{Kind, Paid, StatementTerms};
use ecpayd::simulator::{Fault, FaultKind, OnCall, Running};

use crate::scene::{MERCHANT, action_data, at, order, post, served, stage_keys};

fn gateway(running: &Running) -> CardGateway {
    let transport = HttpTransport::new(Duration::from_secs(5)).expect("a client");
    let access = Access {
        merchant_id: MerchantId::parse(MERCHANT).expect("an id"),
        platform_id: None,
        base_url: running.url(),
        keys: stage_keys(),
    };
    CardGateway::new(Arc::new(transport), access)
}

fn terms(running: &Running, change: impl FnOnce(&mut StatementTerms)) {
    let id = MerchantId::parse(MERCHANT).expect("an id");
    let every_s = 0;
    let change = |terms: &mut ecpayd::simulator::bank::Terms| {
        terms.statement = StatementTerms { every_s, ..StatementTerms::default() };
        change(&mut terms.statement);
    };
    running.handle.with_bank(|bank, now| bank.change_terms(&id, now, change)).expect("the merchant");
}

async fn fetched(gateway: &CardGateway, running: &Running) -> Result<Vec<u8>, MediaError> {
    let days = MediaDays::new("2026-08-01".parse().expect("a day"), "2026-08-31".parse().expect("a day"));
    let stamp_s = running.handle.now().timestamp();
    gateway.statement(MediaDates::Settled, days.expect("a month"), stamp_s).await
}

/// A served simulator with one order by card and one that is none, both settled.
async fn month() -> (Running, CardGateway) {
    let (running, client) = served().await;
    let trade_no = order(&running.handle, "CARD1", Kind::Card, Paid::Yes);
    order(&running.handle, "ATM1", Kind::Atm, Paid::Yes);
    let capture = action_data("CARD1", &trade_no, "C", 1000);
    post(&running, &client, ecpayd::simulator::Call::DoAction, &capture).await.expect("an answer");
    running.handle.set_clock(at("2026-08-03 14:00:00"));
    terms(&running, |_| {});
    let gateway = gateway(&running);
    (running, gateway)
}

#[tokio::test]
async fn a_file_comes_as_the_bank_has_written_it_with_card_orders_alone() {
    let (running, gateway) = month().await;
    let file = fetched(&gateway, &running).await.expect("a file");
    let text = String::from_utf8(file).expect("text");
    assert!(text.starts_with("=\"特店交易編號\"") && text.contains("=\"CARD1\"") && !text.contains("ATM1"), "{text}");
    running.shutdown().await;
}

#[tokio::test]
async fn what_is_no_file_is_told_by_what_it_is() {
    let (running, gateway) = month().await;
    type Change = fn(&mut StatementTerms);
    for (change, expected) in [
        ((|s| s.unavailable = true) as Change, MediaError::NotAvailable("System exception".to_owned())),
        (|s| s.foreign_address = true, MediaError::AddressNotListed),
    ] {
        terms(&running, change);
        assert_eq!(fetched(&gateway, &running).await, Err(expected));
    }
    terms(&running, |s| s.every_s = 60);
    assert!(fetched(&gateway, &running).await.is_ok());
    let too_soon = fetched(&gateway, &running).await;
    assert!(matches!(too_soon, Err(MediaError::Call(LookError::NotTaken { .. }))), "{too_soon:?}");
    terms(&running, |_| {});
    for (kind, expected) in [
        (FaultKind::Html, MediaError::Html),
        (FaultKind::Huge, MediaError::Empty),
        (FaultKind::Status { code: 500 }, MediaError::Call(LookError::Lost("http 500".to_owned()))),
        (FaultKind::Forbidden, MediaError::Call(LookError::RateLimited)),
    ] {
        running.handle.strike(Fault { call: OnCall::QueryTradeMedia, ..Fault::any(kind) });
        assert_eq!(fetched(&gateway, &running).await, Err(expected), "{kind:?}");
    }
    running.shutdown().await;
}

#[tokio::test]
async fn each_reason_says_in_both_languages_what_to_do() {
    let (running, gateway) = month().await;
    for (change, [english, chinese]) in [
        ((|s| s.unavailable = true) as fn(&mut StatementTerms), ["says nothing of its orders", "不代表沒有訂單"]),
        (|s| s.foreign_address = true, ["系統介接設定", "系統介接設定"]),
    ] {
        terms(&running, change);
        let error = fetched(&gateway, &running).await.expect_err("no file");
        let reason = Reason::from(error.reason());
        assert!(reason.sentence(Language::English).contains(english), "{reason:?}");
        assert!(reason.sentence(Language::Chinese).contains(chinese), "{reason:?}");
    }
    running.shutdown().await;
}

/// A connection that breaks in the middle of the file is no file.
#[tokio::test]
async fn half_a_file_is_not_taken_for_one() {
    let (running, gateway) = month().await;
    running.handle.strike(Fault::any(FaultKind::Cut));
    let cut = fetched(&gateway, &running).await;
    assert!(matches!(cut, Err(MediaError::Call(LookError::Lost(_)))), "{cut:?}");
    running.shutdown().await;
}
