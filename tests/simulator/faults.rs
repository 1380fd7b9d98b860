use std::time::{Duration, Instant};

use ecpayd::domain::action::Action;
use ecpayd::domain::ids::MerchantTradeNo;
use ecpayd::simulator::bank::{Kind, Paid};
use ecpayd::simulator::{Call, Delivery, Fault, FaultKind, OnCall};
use tokio::io::{AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

use crate::scene::{
    action_data, ask, at, envelope, opened, order, order_data, post, sealed, served, simulator, stage_keys, truth,
};

#[tokio::test]
async fn a_lost_answer_shows_no_status_line_and_the_next_call_goes_through() {
    let (running, client) = served().await;
    for (kind, captured) in [(FaultKind::LostBefore, 0), (FaultKind::LostAfter, 1000)] {
        let no = format!("A{captured}");
        let trade_no = order(&running.handle, &no, Kind::Card, Paid::Yes);
        running.handle.strike(Fault::on(Action::C, kind));
        let lost = post(&running, &client, Call::DoAction, &action_data(&no, &trade_no, "C", 1000)).await;
        let error = lost.expect_err("no answer");
        assert!(error.is_request() && error.status().is_none() && !error.is_timeout(), "{error:?}");
        assert_eq!(truth(&running.handle, &no).captured, captured, "{kind:?}");
        let next = post(&running, &client, Call::QueryOrder, &order_data(&no)).await.expect("an answer");
        assert_eq!(opened(&next.bytes().await.expect("a body"))["RtnCode"], 1);
    }
    running.shutdown().await;
}

#[tokio::test]
async fn an_answer_is_cut_in_the_middle_after_the_effect() {
    let (running, client) = served().await;
    let trade_no = order(&running.handle, "A1", Kind::Card, Paid::Yes);
    running.handle.strike(Fault::any(FaultKind::Cut));
    let cut = post(&running, &client, Call::DoAction, &action_data("A1", &trade_no, "C", 1000)).await;
    let response = cut.expect("a head");
    assert_eq!(response.status(), 200);
    assert!(response.content_length().is_some_and(|bytes| bytes > 100));
    assert!(response.bytes().await.is_err());
    assert_eq!(truth(&running.handle, "A1").captured, 1000);
}

#[tokio::test]
async fn a_late_answer_comes_after_its_effect_and_a_slow_one_in_pieces() {
    let (running, client) = served().await;
    order(&running.handle, "A1", Kind::Card, Paid::Yes);
    for kind in [FaultKind::Late { ms: 300 }, FaultKind::Slow { ms: 1 }] {
        running.handle.strike(Fault::any(kind));
        let began = Instant::now();
        let answer = post(&running, &client, Call::QueryOrder, &order_data("A1")).await.expect("an answer");
        let bytes = answer.bytes().await.expect("a body");
        assert!(began.elapsed() >= Duration::from_millis(300), "{kind:?} took {:?}", began.elapsed());
        assert_eq!(opened(&bytes)["RtnCode"], 1);
    }
    running.handle.strike(Fault::any(FaultKind::Huge));
    let huge = post(&running, &client, Call::QueryOrder, &order_data("A1")).await.expect("an answer");
    assert_eq!(huge.content_length(), Some(50 * 1024 * 1024));
}

#[test]
fn a_delayed_request_takes_effect_after_its_caller_has_given_up() {
    let sim = simulator();
    let trade_no = order(&sim, "A1", Kind::Card, Paid::Yes);
    let capture = action_data("A1", &trade_no, "C", 1000);
    sim.strike(Fault::on(Action::C, FaultKind::Delayed { s: 540 }));
    assert_eq!(sim.exchange(Call::DoAction, &sealed(&capture, sim.now())).delivery, Delivery::Never);
    sim.set_clock(at("2026-08-01 12:08:59"));
    assert_eq!(truth(&sim, "A1").captured, 0);
    sim.set_clock(at("2026-08-01 12:10:00"));
    assert_eq!(truth(&sim, "A1").captured, 1000);
    assert_eq!(sim.with_bank(|bank, _| bank.actions()[0].at), at("2026-08-01 12:09:00"));

    let trade_no = order(&sim, "A2", Kind::Card, Paid::Yes);
    sim.strike(Fault::on(Action::C, FaultKind::Delayed { s: 601 }));
    sim.exchange(Call::DoAction, &sealed(&action_data("A2", &trade_no, "C", 1000), sim.now()));
    sim.set_clock(at("2026-08-01 13:00:00"));
    assert_eq!(truth(&sim, "A2").captured, 0);
}

#[test]
fn statuses_and_pages_come_before_or_after_the_effect() {
    for (kind, status, captured) in [
        (FaultKind::Status { code: 502 }, 502, 0),
        (FaultKind::StatusAfter { code: 502 }, 502, 1000),
        (FaultKind::Html, 200, 1000),
        (FaultKind::Huge, 200, 1000),
    ] {
        let sim = simulator();
        let trade_no = order(&sim, "A1", Kind::Card, Paid::Yes);
        sim.strike(Fault::any(kind));
        let reply = sim.exchange(Call::DoAction, &sealed(&action_data("A1", &trade_no, "C", 1000), sim.now()));
        assert_eq!((reply.status, truth(&sim, "A1").captured), (status, captured), "{kind:?}");
        assert!(serde_json::from_slice::<serde_json::Value>(&reply.body).is_err(), "{kind:?}");
    }
}

#[test]
fn an_answer_may_be_sealed_with_another_key_or_name_another_order() {
    let sim = simulator();
    let trade_no = order(&sim, "A1", Kind::Card, Paid::Yes);
    sim.strike(Fault::any(FaultKind::WrongKey));
    let reply = sim.exchange(Call::QueryOrder, &sealed(&order_data("A1"), sim.now()));
    assert!(stage_keys().open(&envelope(&reply.body).data).is_err());

    for (call, data, pointer) in [
        (Call::DoAction, action_data("A1", &trade_no, "C", 1000), "/TradeNo"),
        (Call::QueryOrder, order_data("A1"), "/OrderInfo/MerchantTradeNo"),
        (Call::CardDetail, order_data("A1"), "/RtnValue/TradeID"),
    ] {
        sim.strike(Fault::any(FaultKind::WrongOrderNumber));
        let (wrong, right) = (ask(&sim, call, &data), ask(&sim, call, &data));
        assert!(right.pointer(pointer).is_some(), "{right}");
        assert_ne!(wrong.pointer(pointer), right.pointer(pointer));
    }
}

#[test]
fn forbidden_lasts_half_an_hour_of_the_banks_time() {
    let sim = simulator();
    order(&sim, "A1", Kind::Card, Paid::Yes);
    sim.strike(Fault::any(FaultKind::Forbidden));
    for (when, status) in [("2026-08-01 12:00:00", 403), ("2026-08-01 12:29:59", 403), ("2026-08-01 12:30:00", 200)] {
        sim.set_clock(at(when));
        for call in [Call::QueryOrder, Call::CardDetail] {
            assert_eq!(sim.exchange(call, &sealed(&order_data("A1"), sim.now())).status, status, "{when}");
        }
    }
}

#[test]
fn a_fault_strikes_only_what_it_names_and_only_so_often() {
    let sim = simulator();
    let trade_no = order(&sim, "A1", Kind::Card, Paid::Yes);
    let lost = Fault {
        merchant_trade_no: Some(MerchantTradeNo::parse("A1").expect("a number")),
        times: 2,
        ..Fault::on(Action::R, FaultKind::LostBefore)
    };
    sim.strike(lost.clone());
    sim.strike(Fault { call: OnCall::CardDetail, ..Fault::any(FaultKind::LostBefore) });
    let delivery = |no: &str, action: &str| {
        sim.exchange(Call::DoAction, &sealed(&action_data(no, &trade_no, action, 1000), sim.now())).delivery
    };
    assert_eq!(delivery("A1", "C"), Delivery::Whole);
    assert_eq!(delivery("A2", "R"), Delivery::Whole);
    assert_eq!(delivery("A1", "R"), Delivery::Never);
    assert_eq!(delivery("A1", "R"), Delivery::Never);
    assert_eq!(delivery("A1", "R"), Delivery::Whole);
    assert_eq!(truth(&sim, "A1").refunded, 1000);
}

#[test]
fn an_action_may_be_refused_without_effect() {
    let sim = simulator();
    let trade_no = order(&sim, "A1", Kind::Card, Paid::Yes);
    let capture = action_data("A1", &trade_no, "C", 1000);
    sim.strike(Fault::any(FaultKind::Refused));
    assert_eq!(ask(&sim, Call::CardDetail, &order_data("A1"))["RtnMsg"], "", "a question has no effect to refuse");
    let answer = ask(&sim, Call::DoAction, &capture);
    assert_ne!(answer["RtnCode"], 1);
    assert_eq!((&answer["MerchantTradeNo"], &answer["TradeNo"]), (&"A1".into(), &trade_no.as_str().into()));
    assert_eq!(truth(&sim, "A1").captured, 0);
    assert_eq!(ask(&sim, Call::DoAction, &capture)["RtnCode"], 1);
}

#[test]
fn an_action_that_took_effect_may_be_answered_as_refused() {
    let sim = simulator();
    let trade_no = order(&sim, "A1", Kind::Card, Paid::Yes);
    let capture = action_data("A1", &trade_no, "C", 1000);
    sim.strike(Fault::any(FaultKind::RefusedAfter));
    assert_eq!(ask(&sim, Call::CardDetail, &order_data("A1"))["RtnMsg"], "", "a question has no effect to deny");
    let answer = ask(&sim, Call::DoAction, &capture);
    assert_ne!(answer["RtnCode"], 1);
    assert_eq!((&answer["MerchantTradeNo"], &answer["TradeNo"]), (&"A1".into(), &trade_no.as_str().into()));
    assert_eq!(truth(&sim, "A1").captured, 1000);

    sim.strike(Fault::on(Action::C, FaultKind::RefusedAfter));
    let twice = ask(&sim, Call::DoAction, &capture);
    assert_eq!(twice["RtnMsg"], "更新失敗.(error_status_C)", "what was refused keeps its own words");
}

#[tokio::test]
async fn a_slow_answer_leaves_the_next_one_on_its_connection_alone() {
    let (running, _) = served().await;
    order(&running.handle, "A1", Kind::Card, Paid::Yes);
    running.handle.strike(Fault::any(FaultKind::Slow { ms: 1 }));
    let mut line = BufReader::new(TcpStream::connect(running.addr).await.expect("a connection"));
    let body = sealed(&order_data("A1"), running.handle.now());
    let head =
        format!("POST {} HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n\r\n", Call::QueryOrder.path(), body.len());
    line.write_all(&[head.as_bytes(), &body].concat()).await.expect("a request");
    assert!(answered_in(&mut line).await > 100, "one byte at a time");
    line.write_all(b"GET /sim/clock HTTP/1.1\r\nhost: x\r\n\r\n").await.expect("a request");
    assert!(answered_in(&mut line).await < 5, "not slow");
    running.shutdown().await;
}

/// Reads one answer whole; in how many pieces it came.
async fn answered_in(line: &mut BufReader<TcpStream>) -> usize {
    let (mut bytes, mut pieces) = (Vec::new(), 0);
    loop {
        let mut piece = [0; 4096];
        let read = line.read(&mut piece).await.expect("an answer");
        assert!(read > 0, "the connection stays open");
        bytes.extend_from_slice(&piece[..read]);
        pieces += 1;
        let text = String::from_utf8_lossy(&bytes);
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head
            .to_ascii_lowercase()
            .split("content-length: ")
            .nth(1)
            .and_then(|rest| rest.lines().next()?.parse().ok());
        if body.len() >= length.unwrap_or(usize::MAX) {
            return pieces;
        }
    }
}
