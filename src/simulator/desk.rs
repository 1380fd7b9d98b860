//! One request from bytes to bytes: read, strike with a fault, act, answer.

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, Utc};
use serde_json::Value;

use super::answers;
use super::bank::{Ask, Bank, By, Refusal, Terms};
use super::faults::{FaultKind, Faults};
use super::protocol::{self, Call, Keyring, Question, Request};
use crate::gateway::cipher::Keys;

const HUGE_BYTES: usize = 50 * 1024 * 1024;

const HTML_PAGE: &str =
    "<!DOCTYPE html><html><head><title>系統維護中</title></head><body>Service Unavailable</body></html>";

pub struct Desk {
    pub bank: Bank,
    pub keyring: Keyring,
    pub faults: Faults,
    /// What `wrong_key` seals with.
    pub wrong_keys: Keys,
    /// Requests on their way, and when they arrive.
    held: BTreeMap<(DateTime<Utc>, u64), Request>,
    /// Tells apart requests that arrive together: they do so in the order they were sent.
    delayed: u64,
}

/// An answer, and how it reaches the caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    pub status: u16,
    pub content_type: &'static str,
    pub body: Vec<u8>,
    pub delivery: Delivery,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    Whole,
    /// The connection closes without a byte.
    Never,
    /// The connection closes after half of the body.
    Half,
    /// After this much real time.
    After {
        ms: u64,
    },
    /// A byte at a time.
    Trickle {
        ms: u64,
    },
}

impl Desk {
    pub fn new(bank: Bank, keyring: Keyring, wrong_keys: Keys) -> Self {
        Self { bank, keyring, faults: Faults::default(), wrong_keys, held: BTreeMap::new(), delayed: 0 }
    }

    /// Lets happen everything that is due by `now`.
    pub fn advance(&mut self, now: DateTime<Utc>) {
        while let Some(first) = self.held.first_entry().filter(|first| first.key().0 <= now) {
            let ((at, _), request) = first.remove_entry();
            if protocol::stamp_holds(request.stamp_s, at) {
                perform(&mut self.bank, &request, at);
            }
        }
        self.bank.advance(now);
    }

    /// Pure but for the bank's own state: the same bytes at the same time give the same reply.
    pub fn exchange(&mut self, call: Call, body: &[u8], now: DateTime<Utc>) -> Reply {
        self.advance(now);
        let request = match self.keyring.read(call, body, now) {
            Ok(request) => request,
            Err(unread) => return json(self.keyring.seal_refusal(&unread, now)),
        };
        let fault = self.faults.take(&request, now);
        match fault {
            Some(FaultKind::LostBefore) => return nothing(),
            Some(FaultKind::Delayed { s }) => {
                self.delayed += 1;
                self.held.insert((now + Duration::seconds(i64::from(s)), self.delayed), request);
                return nothing();
            }
            Some(FaultKind::Status { code }) => return bare(code),
            Some(FaultKind::Forbidden) => return bare(403),
            _ => {}
        }
        let mut data = perform(&mut self.bank, &request, now);
        if fault == Some(FaultKind::RefusedAfter) {
            deny(&mut data);
        }
        self.deliver(&request, data, fault, now)
    }

    /// What a fault after the effect leaves of the answer.
    fn deliver(&self, request: &Request, mut data: Value, fault: Option<FaultKind>, now: DateTime<Utc>) -> Reply {
        if fault == Some(FaultKind::WrongOrderNumber) {
            name_another_order(&mut data);
        }
        let other = (fault == Some(FaultKind::WrongKey)).then_some(&self.wrong_keys);
        let whole = json(self.keyring.seal(&request.sender, &data, other, now));
        match fault {
            Some(FaultKind::LostAfter) => Reply { delivery: Delivery::Never, ..whole },
            Some(FaultKind::Cut) => Reply { delivery: Delivery::Half, ..whole },
            Some(FaultKind::Late { ms }) => Reply { delivery: Delivery::After { ms }, ..whole },
            Some(FaultKind::Slow { ms }) => Reply { delivery: Delivery::Trickle { ms }, ..whole },
            Some(FaultKind::StatusAfter { code }) => bare(code),
            Some(FaultKind::Html) => page(200, HTML_PAGE.as_bytes().to_vec()),
            Some(FaultKind::Huge) => json(vec![b' '; HUGE_BYTES]),
            _ => whole,
        }
    }
}

fn perform(bank: &mut Bank, request: &Request, now: DateTime<Utc>) -> Value {
    let (merchant_id, no) = (&request.merchant_id, &request.merchant_trade_no);
    // The keyring knows a merchant only together with its terms.
    let terms = bank.terms(merchant_id).cloned().unwrap_or_else(Terms::default);
    match &request.question {
        Question::Order => answers::order_query(bank.order(merchant_id, no), &terms),
        Question::Card { trade_no } => answers::card_detail(bank.order(merchant_id, no), trade_no.as_ref(), &terms),
        Question::Act { trade_no, action, amount } => {
            let done: Result<(), Refusal> = bank.act(&Ask {
                at: now,
                by: By::Api,
                merchant_id: merchant_id.clone(),
                merchant_trade_no: no.clone(),
                trade_no: trade_no.clone(),
                action: *action,
                amount: *amount,
            });
            answers::do_action(merchant_id.as_str(), no.as_str(), trade_no.as_str(), done, &terms)
        }
    }
}

/// The refusal of an action that took effect. One that was refused keeps its own words.
fn deny(data: &mut Value) {
    if data["RtnCode"] == 1 {
        let refusal = Refusal::Denied;
        data["RtnCode"] = refusal.code().into();
        data["RtnMsg"] = refusal.to_string().into();
    }
}

/// Every field that binds an answer to its order, wherever it stands.
fn name_another_order(data: &mut Value) {
    match data {
        Value::Object(fields) => {
            for (name, value) in fields {
                match name.as_str() {
                    "MerchantTradeNo" => *value = "ANOTHERORDER".into(),
                    "TradeNo" => *value = "2601010000000000".into(),
                    "TradeID" | "Gwsr" => *value = 1.into(),
                    _ => name_another_order(value),
                }
            }
        }
        Value::Array(values) => values.iter_mut().for_each(name_another_order),
        _ => {}
    }
}

fn nothing() -> Reply {
    Reply { delivery: Delivery::Never, ..json(Vec::new()) }
}

fn json(body: Vec<u8>) -> Reply {
    Reply { status: 200, content_type: "application/json; charset=utf-8", body, delivery: Delivery::Whole }
}

fn bare(status: u16) -> Reply {
    page(status, format!("<html><body><h1>{status}</h1></body></html>").into_bytes())
}

fn page(status: u16, body: Vec<u8>) -> Reply {
    Reply { status, content_type: "text/html; charset=utf-8", body, delivery: Delivery::Whole }
}
