//! The three card calls, and the statement. Each is one POST; none is repeated here.

pub mod action;
pub mod detail;
mod detail_seen;
mod media;
pub mod order_query;
mod order_seen;

use std::sync::Arc;

use serde::Serialize;

use self::action::{ActionAnswer, ActionRequest};
use self::detail::{DetailAnswer, DetailQuery};
pub use self::media::{BadDays, MediaDates, MediaDays, MediaError};
use self::order_query::{OrderAnswer, OrderQuery};
pub use self::order_seen::{OrderSeen, PaidOrder};
use super::caller::{Access, Answered, Caller, Dated, Errand, json_of, read_json, without_bom};
use super::errors::{LookError, unreadable};
use super::transport::Transport;
use super::wire::cipher::Keys;
use super::wire::envelope::{RequestEnvelope, RqHeader};
use crate::domain::action::{CommittedAttempt, HTTP_RATE_LIMITED, MoneyCall, Outcome};
use crate::domain::facts::Seen;
use crate::domain::ids::{MerchantTradeNo, TradeNo};

pub struct CardGateway {
    caller: Caller,
}

/// What became of a money call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acted {
    pub outcome: Outcome,
    /// The gateway answered 403: no calls for 30 minutes. The outcome is unknown still,
    /// for a 403 names no order.
    pub rate_limited: bool,
}

impl CardGateway {
    pub fn new(transport: Arc<dyn Transport>, access: Access) -> Self {
        Self { caller: Caller::new(transport, access) }
    }

    /// Other keys, from the next call on.
    pub fn renew(&self, keys: Keys) {
        self.caller.renew(keys);
    }

    /// Is it paid, how, and what are its numbers? `stamp_s` is our clock in Unix seconds.
    pub async fn query_order(&self, order: &MerchantTradeNo, stamp_s: i64) -> Result<Dated<OrderSeen>, LookError> {
        let request = OrderQuery {
            platform_id: self.caller.platform_id.clone(),
            merchant_id: self.caller.merchant_id.clone(),
            merchant_trade_no: order.clone(),
        };
        let answered = self.post(order_query::PATH, &request, stamp_s, Errand::Query).await?;
        let answer: OrderAnswer = read_json(&self.open(&answered)?)?;
        self.caller.check_merchant(answer.merchant_id.as_deref())?;
        Ok(Dated::of(&answered.envelope, OrderSeen::of(answer, order)?))
    }

    /// How far is the capture of a paid order? `ask_trade_no` names a later authorization
    /// of a recurring order; without it the order's own is meant.
    pub async fn card_detail(
        &self,
        paid: &PaidOrder,
        order: &MerchantTradeNo,
        ask_trade_no: Option<&TradeNo>,
        stamp_s: i64,
    ) -> Result<Dated<Seen>, LookError> {
        let asked = ask_trade_no.unwrap_or(&paid.trade_no);
        if *asked != paid.trade_no && !paid.recurring {
            let why = format!("order {order} has the one authorization {}, not {asked}", paid.trade_no);
            return Err(LookError::NotBound(why));
        }
        let request = DetailQuery {
            platform_id: self.caller.platform_id.clone(),
            merchant_id: self.caller.merchant_id.clone(),
            merchant_trade_no: order.clone(),
            trade_no: ask_trade_no.cloned(),
        };
        let answered = self.post(detail::PATH, &request, stamp_s, Errand::Query).await?;
        let answer = DetailAnswer::read(without_bom(&self.open(&answered)?)).map_err(|e| unreadable(&e))?;
        Ok(Dated::of(&answered.envelope, detail_seen::seen(answer, paid, asked, stamp_s)?))
    }

    /// Sends a money call, once. The token is used up whatever comes of it.
    pub async fn act(&self, attempt: impl CommittedAttempt) -> Acted {
        let call = attempt.call().clone();
        if call.merchant_id != self.caller.merchant_id {
            let why = format!("the attempt is of merchant {}, not {}", call.merchant_id, self.caller.merchant_id);
            return Acted { outcome: Outcome::NotSent { why }, rate_limited: false };
        }
        let request = ActionRequest::of(&call, self.caller.platform_id.clone());
        let money = || Errand::Money(attempt.leave());
        let mut posted = self.post(action::PATH, &request, call.stamp_s, money()).await;
        if deliberate!(RepeatsLostCalls) && matches!(posted, Err(LookError::Lost(_))) {
            posted = self.post(action::PATH, &request, call.stamp_s, money()).await;
        }
        match posted {
            Ok(answered) => {
                Acted { outcome: self.judge(&answered, &call).unwrap_or_else(unknown), rate_limited: false }
            }
            Err(error) => Acted { rate_limited: error == LookError::RateLimited, outcome: unknown(error) },
        }
    }

    fn judge(&self, answered: &Answered, call: &MoneyCall) -> Result<Outcome, LookError> {
        let answer: ActionAnswer = read_json(&self.open(answered)?)?;
        self.caller.check_merchant(answer.merchant_id.as_deref())?;
        Ok(answer.outcome(call))
    }

    async fn post(
        &self,
        path: &'static str,
        request: &impl Serialize,
        stamp_s: i64,
        errand: Errand,
    ) -> Result<Answered, LookError> {
        let (envelope, keys) = self.sealed(request, stamp_s)?;
        self.caller.post(path, &envelope, keys, errand).await
    }

    fn sealed(&self, request: &impl Serialize, stamp_s: i64) -> Result<(RequestEnvelope, Arc<Keys>), LookError> {
        let (caller, keys) = (&self.caller, self.caller.keys());
        let envelope = RequestEnvelope {
            // A platform speaks outside, and `Data` names both (vendor page 信用卡請退款功能, `PlatformID`).
            merchant_id: caller.platform_id.as_ref().unwrap_or(&caller.merchant_id).to_string(),
            rq_header: RqHeader { timestamp: stamp_s },
            data: keys.seal(&json_of(request)?),
        };
        Ok((envelope, keys))
    }

    fn open(&self, answered: &Answered) -> Result<String, LookError> {
        self.caller.check_taken(&answered.envelope)?;
        self.caller.check_merchant(Some(&answered.envelope.merchant_id))?;
        self.caller.decrypt(answered)
    }
}

/// Only a request that never left is known not to have taken effect.
fn unknown(error: LookError) -> Outcome {
    match error {
        LookError::NotSent(why) => Outcome::NotSent { why },
        LookError::RateLimited => Outcome::Unknown { code: Some(HTTP_RATE_LIMITED), why: error.to_string() },
        other => Outcome::Unknown { code: None, why: other.to_string() },
    }
}
