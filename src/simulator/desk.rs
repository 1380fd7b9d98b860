//! One request from bytes to bytes: read, strike with a fault, act, answer.

mod files;
mod reply;

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::answers;
use super::bank::{Ask, Bank, By, KeptBank, Order, Product, Refusal, Terms};
use super::faults::{FaultKind, Faults, KeptFaults, Meanwhile};
use super::protocol::{self, Call, Crooked, Keyring, Question, Request, Unread};
use crate::domain::ids::MerchantId;
use crate::gateway::wire::cipher::Keys;

pub use self::reply::{Delivery, Reply};
use self::reply::{bare, json, nothing, page, struck, text};

pub struct Desk {
    pub bank: Bank,
    pub keyring: Keyring,
    pub faults: Faults,
    /// What `wrong_key` seals with.
    pub wrong_keys: Keys,
    /// Requests on their way, and when they arrive.
    held: BTreeMap<(DateTime<Utc>, u64), Held>,
    /// Tells apart requests that arrive together: they do so in the order they were sent.
    delayed: u64,
    /// Counts whatever may have changed what is to be kept, but for the passing of time.
    pub changes: u64,
    usual: Terms,
    /// When the last statement was given out.
    last_file_at: Option<DateTime<Utc>>,
}

/// A request that does not arrive, or is not acted on, before its time.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Held {
    request: Request,
    asked_at: DateTime<Utc>,
    /// Taken already: its stamp is asked for no more.
    taken: bool,
}

/// What outlives the process. Keys are told at each start and never kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct KeptDesk {
    pub bank: KeptBank,
    faults: KeptFaults,
    held: Vec<(DateTime<Utc>, Held)>,
}

impl Desk {
    pub fn new(bank: Bank, keyring: Keyring, wrong_keys: Keys) -> Self {
        let faults = Faults::default();
        Self {
            bank,
            keyring,
            faults,
            wrong_keys,
            held: BTreeMap::new(),
            delayed: 0,
            changes: 0,
            usual: Terms::default(),
            last_file_at: None,
        }
    }

    /// Lets happen everything that is due by `now`.
    pub fn advance(&mut self, now: DateTime<Utc>) {
        while let Some(first) = self.held.first_entry().filter(|first| first.key().0 <= now) {
            let ((at, _), Held { request, asked_at, taken }) = first.remove_entry();
            match ask(&request, at) {
                // An action by form has no stamp that it could be too old by.
                Some(ask) if taken || ask.by == By::Form || protocol::stamp_holds(request.stamp_s, at) => {
                    // Its caller has heard something else long ago; the bank writes down what became of it.
                    let _ = self.bank.act_late(&ask, asked_at);
                }
                Some(ask) => self.bank.note_too_late(&ask, asked_at),
                None => {}
            }
            self.changes += 1;
        }
        self.bank.advance(now);
        self.faults.forget_ended(now);
    }

    /// Pure but for the bank's own state: the same bytes at the same time give the same reply.
    /// `stamped` is the time that stamps are compared with, and that answers are stamped with.
    pub fn exchange(&mut self, call: Call, body: &[u8], now: DateTime<Utc>, stamped: DateTime<Utc>) -> Reply {
        self.advance(now);
        let read = self.keyring.read(call, body, stamped);
        let sender = match &read {
            Ok(request) => Some(&request.to.sender),
            Err(unread) => unread.sender(),
        };
        if let Some(sender) = sender.cloned()
            && self.shuts_out(&sender, read.as_ref().ok(), now)
        {
            return bare(403);
        }
        let mut request = match read {
            Ok(request) => request,
            Err(unread) => {
                let refusal = self.keyring.seal_refusal(&unread, self.terms_of(&unread), stamped);
                return if call.is_form() { text(refusal).dated(stamped.timestamp()) } else { json(refusal) };
            }
        };
        // From here on by the bank's time, which alone goes on until a late request arrives.
        request.stamp_s += (now - stamped).num_seconds();
        if request.question.action().is_some() || !self.faults.is_idle() {
            self.changes += 1;
        }
        if call == Call::QueryRefundInfo && !self.terms(&request.to.merchant_id).voucher_refund_info {
            return bare(404);
        }
        let fault = self.faults.take(&request, now);
        match fault {
            Some(FaultKind::LostBefore) => return nothing(),
            Some(FaultKind::Delayed { s }) => {
                self.hold(s, Held { request, asked_at: now, taken: false });
                return nothing();
            }
            Some(FaultKind::EffectLater { s, answer }) => {
                self.hold(s, Held { request: request.clone(), asked_at: now, taken: true });
                if answer == Meanwhile::Nothing {
                    return nothing();
                }
            }
            Some(FaultKind::CopyLater { s }) => {
                self.hold(s, Held { request: request.clone(), asked_at: now, taken: false });
                self.perform(&request, now);
                return nothing();
            }
            Some(FaultKind::Status { code }) => return bare(code),
            Some(FaultKind::Forbidden) => return bare(403),
            _ => {}
        }
        if let Question::Statement(asked) = &request.question {
            let whole = self.statement(&request.to, asked, now, stamped);
            return struck(whole, fault);
        }
        let instead = fault.and_then(|kind| self.instead_of_the_effect(kind, &request));
        let mut data = instead.unwrap_or_else(|| self.perform(&request, now));
        match fault {
            Some(FaultKind::RefusedAfter) => deny(&mut data),
            Some(FaultKind::CheckFailed) => data = answers::check_failed(),
            _ => {}
        }
        self.deliver(&request, data, fault, stamped)
    }

    fn hold(&mut self, s: u32, held: Held) {
        self.delayed += 1;
        self.held.insert((held.asked_at + Duration::seconds(i64::from(s)), self.delayed), held);
    }

    /// What is answered by a fault that leaves the bank alone.
    fn instead_of_the_effect(&self, kind: FaultKind, request: &Request) -> Option<Value> {
        match kind {
            FaultKind::Refused | FaultKind::EffectLater { answer: Meanwhile::Refused, .. } => self.refusal(request),
            FaultKind::Bare | FaultKind::EffectLater { answer: Meanwhile::Bare, .. } => {
                Some(answers::bare(Refusal::Denied))
            }
            FaultKind::NotFound => {
                let terms = self.terms(&request.to.merchant_id);
                match &request.question {
                    Question::Order { no } if request.to.call.is_form() => {
                        Some(answers::form::trade_info(None, (&request.to.merchant_id, no), terms))
                    }
                    Question::Authorization { .. } => Some(answers::form::no_authorization()),
                    Question::Order { .. } => Some(answers::order_query(None, terms)),
                    Question::Card { .. } => Some(answers::card_detail(None, None, terms)),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// Rate limited: also what cannot be read, as long as it names a caller.
    fn shuts_out(&mut self, sender: &MerchantId, request: Option<&Request>, now: DateTime<Utc>) -> bool {
        // A platform that is no merchant here calls as often as the merchant may.
        let terms = self.bank.terms(sender).or_else(|| self.bank.terms(&request?.to.merchant_id));
        let most = terms.and_then(|terms| terms.calls_a_minute);
        let out = self.faults.shuts_out(sender, most, now);
        if out {
            self.changes += 1;
        }
        out
    }

    /// Actions that are on their way, and when they arrive.
    pub fn on_their_way(&self) -> impl Iterator<Item = Ask> {
        self.held.iter().filter_map(|((at, _), held)| ask(&held.request, *at))
    }

    /// What a fault after the effect leaves of the answer.
    fn deliver(&self, request: &Request, mut data: Value, fault: Option<FaultKind>, stamped: DateTime<Utc>) -> Reply {
        let crooked = match fault {
            Some(FaultKind::WrongKey) => Crooked::Keys(&self.wrong_keys),
            Some(FaultKind::WrongChecksum) => Crooked::Checksum,
            _ => Crooked::No,
        };
        if fault == Some(FaultKind::WrongOrderNumber) {
            name_another_order(&mut data);
        }
        let terms = self.terms(&request.to.merchant_id);
        if request.to.call.is_form() {
            let answer = page(200, self.keyring.form_answer(&request.to, &data, terms, crooked));
            return struck(answer.dated(stamped.timestamp()), fault);
        }
        struck(json(self.keyring.seal(&request.to, &data, terms, crooked, stamped)), fault)
    }

    /// To a call that has an effect, which it has not then.
    fn refusal(&self, request: &Request) -> Option<Value> {
        let Question::Act { no, trade_no, .. } = &request.question else { return None };
        let (id, refused) = (&request.to.merchant_id, Err(Refusal::Denied));
        let (no, trade_no, terms) = (no.as_str(), trade_no.as_str(), self.terms(id));
        Some(match request.to.call {
            Call::FormAction => answers::form::do_action(id.as_str(), no, trade_no, refused, terms),
            _ => answers::do_action(id.as_str(), no, trade_no, refused, terms),
        })
    }

    fn perform(&mut self, request: &Request, now: DateTime<Utc>) -> Value {
        let id = &request.to.merchant_id;
        match &request.question {
            Question::Order { no } if request.to.call.is_form() => {
                let order = self.bank.order(id, no).filter(|order| order.product == Product::Aio);
                answers::form::trade_info(order, (id, no), self.terms(id))
            }
            Question::Order { no } => {
                let terms = self.terms(id);
                let known = |order: &&Order| order.product == Product::Json || terms.aio_on_json;
                answers::order_query(self.bank.order(id, no).filter(known), terms)
            }
            Question::Authorization { gwsr, amount, code } => {
                let orders = self.bank.orders().filter(|o| o.merchant_id == *id && o.product == Product::Aio);
                answers::form::authorization(orders, (*gwsr, *amount, code), self.terms(id))
            }
            Question::Periods { no } => {
                let order = self.bank.order(id, no).filter(|order| order.product == Product::Aio);
                answers::form::periods(order, (id, no))
            }
            Question::Card { no, trade_no } => {
                answers::card_detail(self.bank.order(id, no), trade_no.as_ref(), self.terms(id))
            }
            Question::Act { no, trade_no, .. } => {
                let done = ask(request, now).map_or(Err(Refusal::NotFound), |ask| self.bank.act(&ask));
                let (no, trade_no, terms) = (no.as_str(), trade_no.as_str(), self.terms(id));
                match request.to.call {
                    Call::FormAction => answers::form::do_action(id.as_str(), no, trade_no, done, terms),
                    _ => answers::do_action(id.as_str(), no, trade_no, done, terms),
                }
            }
            Question::Voucher { number, page } => {
                answers::voucher_order(self.bank.voucher(id, number), *page, self.terms(id), now)
            }
            Question::VoucherRefunds { number } => {
                answers::voucher_refunds(self.bank.voucher(id, number), self.terms(id), now)
            }
            // A file, which is no JSON.
            Question::Statement(_) => Value::Null,
        }
    }

    /// The keyring knows a merchant only together with its terms.
    fn terms(&self, merchant_id: &MerchantId) -> &Terms {
        self.bank.terms(merchant_id).unwrap_or(&self.usual)
    }

    fn terms_of(&self, unread: &Unread) -> &Terms {
        match unread {
            Unread::Envelope { .. } | Unread::Form { .. } => &self.usual,
            Unread::Content { to, .. } => self.terms(&to.sender),
        }
    }

    pub fn keep(&self) -> KeptDesk {
        let held = self.held.iter().map(|((at, _), held)| (*at, held.clone())).collect();
        KeptDesk { bank: self.bank.keep(), faults: self.faults.keep(), held }
    }

    pub fn restore(&mut self, kept: KeptDesk) {
        self.bank = Bank::restored(kept.bank);
        self.faults = Faults::restored(kept.faults);
        self.delayed = 0;
        self.held.clear();
        for (at, held) in kept.held {
            self.delayed += 1;
            self.held.insert((at, self.delayed), held);
        }
    }
}

/// What a request asks the bank to do, where it asks for anything.
fn ask(request: &Request, at: DateTime<Utc>) -> Option<Ask> {
    let Question::Act { no, trade_no, action, amount } = &request.question else { return None };
    Some(Ask {
        at,
        by: if request.to.call == Call::FormAction { By::Form } else { By::Api },
        merchant_id: request.to.merchant_id.clone(),
        merchant_trade_no: no.clone(),
        trade_no: trade_no.clone(),
        action: *action,
        amount: *amount,
    })
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
                    // A voucher order has one of two numbers; the other stays empty.
                    "MerchantTradeNo" | "FreeTradeNo" if *value == "" => {}
                    "MerchantTradeNo" | "FreeTradeNo" => *value = "ANOTHERORDER".into(),
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
