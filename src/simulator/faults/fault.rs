//! One fault, and which requests it fits.

use serde::{Deserialize, Serialize, Serializer};

use super::Rate;
use crate::domain::action::Action;
use crate::domain::ids::MerchantTradeNo;
use crate::simulator::protocol::{Call, Request};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Told")]
pub struct Fault {
    pub call: OnCall,
    /// Only requests with this action, which only `do_action` has.
    pub action: Option<Action>,
    pub merchant_trade_no: Option<MerchantTradeNo>,
    /// The number of a voucher order, of either kind.
    pub voucher_no: Option<String>,
    /// How many requests it strikes; [`Fault::ENDLESS`] until it is taken back.
    #[serde(serialize_with = "endless_as_null")]
    pub times: u32,
    /// How likely it strikes a request that it fits; nothing: always.
    pub rate: Option<Rate>,
    #[serde(flatten)]
    pub kind: FaultKind,
}

/// A fault as it is told: once, unless it has a rate.
#[derive(Deserialize)]
struct Told {
    #[serde(default)]
    call: OnCall,
    action: Option<Action>,
    merchant_trade_no: Option<MerchantTradeNo>,
    voucher_no: Option<String>,
    times: Option<u32>,
    rate: Option<Rate>,
    #[serde(flatten)]
    kind: FaultKind,
}

impl From<Told> for Fault {
    fn from(told: Told) -> Self {
        let Told { call, action, merchant_trade_no, voucher_no, times, rate, kind } = told;
        let times = times.unwrap_or(if rate.is_some() { Self::ENDLESS } else { 1 });
        Self { call, action, merchant_trade_no, voucher_no, times, rate, kind }
    }
}

fn endless_as_null<S: Serializer>(times: &u32, out: S) -> Result<S::Ok, S::Error> {
    if *times == Fault::ENDLESS { out.serialize_none() } else { out.serialize_u32(*times) }
}

impl Fault {
    pub const ENDLESS: u32 = u32::MAX;

    /// Strikes the next request of any kind.
    pub fn any(kind: FaultKind) -> Self {
        let (call, action, merchant_trade_no, voucher_no) = (OnCall::Any, None, None, None);
        Self { call, action, merchant_trade_no, voucher_no, times: 1, rate: None, kind }
    }

    /// Strikes the next request for this action.
    pub fn on(action: Action, kind: FaultKind) -> Self {
        Self { call: OnCall::DoAction, action: Some(action), ..Self::any(kind) }
    }

    /// Strikes each request with this probability, without end.
    pub fn at_rate(rate: Rate, kind: FaultKind) -> Self {
        Self { times: Self::ENDLESS, rate: Some(rate), ..Self::any(kind) }
    }

    pub(super) fn order_no(&self) -> Option<&str> {
        self.merchant_trade_no.as_ref().map(MerchantTradeNo::as_str).or(self.voucher_no.as_deref())
    }

    pub(super) fn fits(&self, request: &Request) -> bool {
        let action = request.question.action();
        let able = match self.kind {
            // A question has no effect that could be refused.
            FaultKind::Refused | FaultKind::RefusedAfter => action.is_some(),
            FaultKind::WrongChecksum => request.to.call.is_voucher(),
            _ => true,
        };
        able && self.call.covers(request.to.call)
            && (self.action.is_none() || self.action == action)
            && self.order_no().is_none_or(|no| no == request.question.order_no())
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnCall {
    #[default]
    Any,
    QueryOrder,
    CardDetail,
    DoAction,
    QueryOrderInfo,
    QueryRefundInfo,
}

impl OnCall {
    fn covers(self, call: Call) -> bool {
        match self {
            Self::Any => true,
            Self::QueryOrder => call == Call::QueryOrder,
            Self::CardDetail => call == Call::CardDetail,
            Self::DoAction => call == Call::DoAction,
            Self::QueryOrderInfo => call == Call::QueryOrderInfo,
            Self::QueryRefundInfo => call == Call::QueryRefundInfo,
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
    /// The answer of a voucher call carries a checksum of another text. Strikes only these.
    WrongChecksum,
    /// 403 to this and everything else of the sender for 30 minutes of the bank's time.
    Forbidden,
    /// The effect happens; each byte of the answer takes this long.
    Slow { ms: u64 },
    /// The effect happens; the answer has 50 MB.
    Huge,
    /// No effect; the answer, whole and with the order's own numbers, says so. Strikes only calls
    /// that have an effect.
    Refused,
    /// The effect happens; the answer, whole and with the order's own numbers, says that it was
    /// refused. Strikes only calls that have an effect.
    RefusedAfter,
}
