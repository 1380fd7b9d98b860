//! What goes wrong between the bank and its caller, told in advance.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};

use super::protocol::{Call, Question, Request};
use crate::domain::action::Action;
use crate::domain::ids::{MerchantId, MerchantTradeNo};

/// HTTP 403: rate limited for half an hour, by address and merchant.
const FORBIDDEN_FOR: Duration = Duration::minutes(30);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    #[serde(default)]
    pub call: OnCall,
    /// Only requests with this action, which only `do_action` has.
    #[serde(default)]
    pub action: Option<Action>,
    #[serde(default)]
    pub merchant_trade_no: Option<MerchantTradeNo>,
    /// How many requests it strikes.
    #[serde(default = "once")]
    pub times: u32,
    #[serde(flatten)]
    pub kind: FaultKind,
}

impl Fault {
    /// Strikes the next request of any kind.
    pub fn any(kind: FaultKind) -> Self {
        Self { call: OnCall::Any, action: None, merchant_trade_no: None, times: 1, kind }
    }

    /// Strikes the next request for this action.
    pub fn on(action: Action, kind: FaultKind) -> Self {
        Self { call: OnCall::DoAction, action: Some(action), ..Self::any(kind) }
    }

    fn strikes(&self, request: &Request) -> bool {
        let action = match request.question {
            Question::Act { action, .. } => Some(action),
            Question::Order | Question::Card { .. } => None,
        };
        self.call.covers(request.call)
            && (self.action.is_none() || self.action == action)
            // A question has no effect that an answer could deny.
            && (action.is_some() || self.kind != FaultKind::RefusedAfter)
    }
}

fn once() -> u32 {
    1
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnCall {
    #[default]
    Any,
    QueryOrder,
    CardDetail,
    DoAction,
}

impl OnCall {
    fn covers(self, call: Call) -> bool {
        match self {
            Self::Any => true,
            Self::QueryOrder => call == Call::QueryOrder,
            Self::CardDetail => call == Call::CardDetail,
            Self::DoAction => call == Call::DoAction,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum FaultKind {
    /// The connection is closed before any effect.
    LostBefore,
    /// The effect happens; the connection is closed without an answer.
    LostAfter,
    /// The effect happens at once; the answer comes this much real time later.
    Late { ms: u64 },
    /// The connection is closed; the effect comes this many seconds of the bank's time later,
    /// unless the request has grown too old by then.
    Delayed { s: u32 },
    /// An HTTP status before any effect.
    Status { code: u16 },
    /// An HTTP status after the effect.
    StatusAfter { code: u16 },
    /// The effect happens; the answer is a page of HTML with status 200.
    Html,
    /// The effect happens; the connection closes in the middle of the answer.
    Cut,
    /// The effect happens; the answer is sealed with another merchant's keys.
    WrongKey,
    /// The effect happens; the answer names another order.
    WrongOrderNumber,
    /// 403 to this and everything else of the sender for 30 minutes of the bank's time.
    Forbidden,
    /// The effect happens; each byte of the answer takes this long.
    Slow { ms: u64 },
    /// The effect happens; the answer has 50 MB.
    Huge,
    /// The effect happens; the answer, whole and with the order's own numbers, says that it was
    /// refused. Strikes only calls that have an effect.
    RefusedAfter,
}

#[derive(Clone, Debug, Default)]
pub struct Faults {
    /// By the order in which they were told.
    waiting: BTreeMap<u64, Fault>,
    told: u64,
    /// Where to look for what may strike a request, so that a fault told for one order costs
    /// the calls of the others nothing.
    of_order: HashMap<MerchantTradeNo, BTreeSet<u64>>,
    of_any: BTreeSet<u64>,
    forbidden_until: BTreeMap<MerchantId, DateTime<Utc>>,
}

impl Faults {
    pub fn add(&mut self, fault: Fault) {
        if fault.times == 0 {
            return;
        }
        self.told += 1;
        let place = match &fault.merchant_trade_no {
            Some(no) => self.of_order.entry(no.clone()).or_default(),
            None => &mut self.of_any,
        };
        place.insert(self.told);
        self.waiting.insert(self.told, fault);
    }

    pub fn waiting(&self) -> impl Iterator<Item = &Fault> {
        self.waiting.values()
    }

    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// The first fault, in the order they were told, that strikes this request; uses it up by one.
    pub fn take(&mut self, request: &Request, now: DateTime<Utc>) -> Option<FaultKind> {
        if self.forbidden_until.get(&request.sender).is_some_and(|until| now < *until) {
            return Some(FaultKind::Forbidden);
        }
        let id = self.first(request)?;
        let fault = self.waiting.get_mut(&id)?;
        let kind = fault.kind;
        fault.times -= 1;
        if fault.times == 0 {
            self.remove(id);
        }
        if kind == FaultKind::Forbidden {
            self.forbidden_until.insert(request.sender.clone(), now + FORBIDDEN_FOR);
        }
        Some(kind)
    }

    fn first(&self, request: &Request) -> Option<u64> {
        let strikes = |id: &&u64| self.waiting.get(id).is_some_and(|fault| fault.strikes(request));
        let of_order = self.of_order.get(&request.merchant_trade_no).and_then(|ids| ids.iter().find(strikes));
        let of_any = self.of_any.iter().find(strikes);
        of_order.into_iter().chain(of_any).min().copied()
    }

    fn remove(&mut self, id: u64) {
        let Some(fault) = self.waiting.remove(&id) else { return };
        let Some(no) = fault.merchant_trade_no else {
            self.of_any.remove(&id);
            return;
        };
        if let Some(ids) = self.of_order.get_mut(&no) {
            ids.remove(&id);
            if ids.is_empty() {
                self.of_order.remove(&no);
            }
        }
    }
}
