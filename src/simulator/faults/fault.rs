//! One fault, and which requests it fits.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize, Serializer};

use super::Rate;
use crate::domain::action::Action;
use crate::domain::ids::MerchantTradeNo;
use crate::simulator::bank::taipei_text;
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
    /// By the bank's time; nothing: as long as it strikes.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "taipei_text::optional::serialize")]
    pub until: Option<DateTime<Utc>>,
    #[serde(flatten)]
    pub kind: FaultKind,
}

/// A fault as it is told: once, unless it has a rate or an end.
#[derive(Deserialize)]
struct Told {
    #[serde(default)]
    call: OnCall,
    action: Option<Action>,
    merchant_trade_no: Option<MerchantTradeNo>,
    voucher_no: Option<String>,
    times: Option<u32>,
    rate: Option<Rate>,
    #[serde(default, with = "taipei_text::optional")]
    until: Option<DateTime<Utc>>,
    #[serde(flatten)]
    kind: FaultKind,
}

impl From<Told> for Fault {
    fn from(told: Told) -> Self {
        let Told { call, action, merchant_trade_no, voucher_no, times, rate, until, kind } = told;
        let times = times.unwrap_or(if rate.is_some() || until.is_some() { Self::ENDLESS } else { 1 });
        Self { call, action, merchant_trade_no, voucher_no, times, rate, until, kind }
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
        Self { call, action, merchant_trade_no, voucher_no, times: 1, rate: None, until: None, kind }
    }

    /// Strikes the next request for this action.
    pub fn on(action: Action, kind: FaultKind) -> Self {
        Self { call: OnCall::DoAction, action: Some(action), ..Self::any(kind) }
    }

    /// Strikes each request with this probability, without end.
    pub fn at_rate(rate: Rate, kind: FaultKind) -> Self {
        Self { times: Self::ENDLESS, rate: Some(rate), ..Self::any(kind) }
    }

    /// Strikes every request of this order up to then.
    pub fn of_order_until(no: MerchantTradeNo, until: DateTime<Utc>, kind: FaultKind) -> Self {
        Self { merchant_trade_no: Some(no), times: Self::ENDLESS, until: Some(until), ..Self::any(kind) }
    }

    /// Why it could never strike anything.
    pub fn cannot_strike(&self) -> Option<String> {
        let calls: &[OnCall] = match self.kind {
            kind if kind.is_of_actions() => &[OnCall::DoAction],
            FaultKind::NotFound => &[OnCall::QueryOrder, OnCall::CardDetail],
            FaultKind::WrongChecksum => &[OnCall::QueryOrder, OnCall::QueryOrderInfo, OnCall::QueryRefundInfo],
            FaultKind::CheckFailed => &[OnCall::CardDetail],
            _ => &[],
        };
        let on = |call: OnCall| self.call == OnCall::Any || self.call == call;
        if !calls.is_empty() && !calls.iter().any(|call| on(*call)) {
            return Some(format!("this kind strikes only {}", words(calls)));
        }
        if self.action.is_some() && (!on(OnCall::DoAction) || !(calls.is_empty() || calls.contains(&OnCall::DoAction)))
        {
            return Some("only do_action has an action".to_owned());
        }
        if self.rate.is_some_and(|rate| f64::from(rate) == 0.0) {
            return Some("rate must be more than 0".to_owned());
        }
        if self.times == 0 {
            return Some("times must be 1 or more".to_owned());
        }
        if self.merchant_trade_no.is_some() && self.voucher_no.is_some() {
            return Some("merchant_trade_no and voucher_no cannot both be told".to_owned());
        }
        None
    }

    pub(super) fn order_no(&self) -> Option<&str> {
        self.merchant_trade_no.as_ref().map(MerchantTradeNo::as_str).or(self.voucher_no.as_deref())
    }

    pub(super) fn fits(&self, request: &Request) -> bool {
        let action = request.question.action();
        let able = match self.kind {
            // A question has no effect that could be refused.
            kind if kind.is_of_actions() => action.is_some(),
            FaultKind::NotFound => request.to.call.is_order_query() || request.to.call.is_card_detail(),
            FaultKind::WrongChecksum => request.to.call.is_voucher() || request.to.call == Call::QueryTradeInfo,
            FaultKind::CheckFailed => request.to.call.is_card_detail(),
            // Nothing of these answers is sealed or signed.
            FaultKind::WrongKey => !request.to.call.is_form() || request.to.call == Call::QueryTradeInfo,
            _ => true,
        };
        able && self.call.covers(request.to.call)
            && (self.action.is_none() || self.action == action)
            && self.order_no().is_none_or(|no| no == request.question.order_no())
    }
}

/// As they are told.
fn words(calls: &[OnCall]) -> String {
    let word = |call: &OnCall| serde_json::to_value(call).ok()?.as_str().map(str::to_owned);
    calls.iter().filter_map(word).collect::<Vec<_>>().join(" and ")
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
    QueryTradeMedia,
    FundingReconDetail,
    TradeNoAio,
    QueryCreditCardPeriodInfo,
}

impl OnCall {
    fn covers(self, call: Call) -> bool {
        match self {
            Self::Any => true,
            // In both dialects.
            Self::QueryOrder => call.is_order_query(),
            Self::CardDetail => call.is_card_detail(),
            Self::DoAction => call.is_action(),
            Self::QueryOrderInfo => call == Call::QueryOrderInfo,
            Self::QueryRefundInfo => call == Call::QueryRefundInfo,
            Self::QueryTradeMedia => call == Call::QueryTradeMedia,
            Self::FundingReconDetail => call == Call::FundingReconDetail,
            Self::TradeNoAio => call == Call::TradeNoAio,
            Self::QueryCreditCardPeriodInfo => call == Call::QueryCreditCardPeriodInfo,
        }
    }
}

/// What the caller of an action hears that takes effect later.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Meanwhile {
    /// A refusal with the order's own numbers.
    #[default]
    Refused,
    /// A refusal without any number.
    Bare,
    /// The connection is closed.
    Nothing,
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
    /// unless the request has grown too old by then, which an action by form never does.
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
    /// The request is taken, and acted on this many seconds of the bank's time later, however old it
    /// is by then; what the caller hears meanwhile is `answer`. Strikes only calls that have an effect.
    EffectLater {
        s: u32,
        #[serde(default)]
        answer: Meanwhile,
    },
    /// The effect happens at once, and nothing is answered; a copy of the request arrives so many seconds of the
    /// bank's time later, and is acted on unless it has grown too old. Strikes only calls that have an effect.
    CopyLater { s: u32 },
    /// No effect; the refusal names no order, as the vendor's failures do now and then. Strikes only
    /// calls that have an effect.
    Bare,
    /// The order is not found, though it is there. Strikes only the order query and the card detail.
    NotFound,
    /// The answer carries a checksum of another text. Strikes only voucher calls and the order query by form.
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
    /// The card detail says `error`. Strikes only this call.
    CheckFailed,
}

impl FaultKind {
    /// Strikes only calls that have an effect.
    fn is_of_actions(self) -> bool {
        matches!(
            self,
            Self::Refused | Self::RefusedAfter | Self::EffectLater { .. } | Self::CopyLater { .. } | Self::Bare
        )
    }
}
