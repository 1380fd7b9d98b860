//! The three card calls. Each is one POST; none is repeated here.

use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::card_action::{self, ActionAnswer, ActionRequest};
use super::card_detail::{self, DetailAnswer, DetailQuery};
use super::card_seen;
use super::cipher::{Keys, OpenError};
use super::envelope::{AnswerEnvelope, RequestEnvelope, RqHeader};
pub use super::errors::LookError;
use super::errors::{short, unreadable};
use super::liberal::Fields;
use super::order_query::{self, OrderAnswer, OrderQuery};
pub use super::order_seen::{OrderSeen, PaidOrder};
use super::transport::{Purpose, Transport, TransportError};
use crate::domain::action::{CommittedAttempt, MoneyCall, Outcome};
use crate::domain::facts::Seen;
use crate::domain::ids::{MerchantId, MerchantTradeNo, TradeNo};

const LONGEST_TRANS_MSG: usize = 100;

/// Who asks, where, and with which keys.
pub struct Access {
    pub merchant_id: MerchantId,
    /// The platform that calls for the merchant: then the outer `MerchantID` is the
    /// platform's and `Data` names both (vendor page 信用卡請退款功能, `PlatformID`).
    pub platform_id: Option<MerchantId>,
    /// Scheme and host, `https://ecpayment.ecpay.com.tw`.
    pub base_url: String,
    pub keys: Keys,
}

pub struct CardGateway {
    transport: Arc<dyn Transport>,
    access: Access,
}

/// An answer with the gateway's clock beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dated<T> {
    /// `RpHeader.Timestamp`, Unix seconds.
    pub gateway_clock_s: Option<i64>,
    pub answer: T,
}

/// What became of a money call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acted {
    pub outcome: Outcome,
    /// `RpHeader.Timestamp`, Unix seconds.
    pub gateway_clock_s: Option<i64>,
    /// The gateway answered 403: no calls for 30 minutes. The outcome is unknown still,
    /// for a 403 names no order.
    pub rate_limited: bool,
}

impl CardGateway {
    pub fn new(transport: Arc<dyn Transport>, access: Access) -> Self {
        Self { transport, access }
    }

    /// Is it paid, how, and what are its numbers? `stamp_s` is our clock in Unix seconds.
    pub async fn query_order(&self, order: &MerchantTradeNo, stamp_s: i64) -> Result<Dated<OrderSeen>, LookError> {
        let request = OrderQuery {
            platform_id: self.access.platform_id.clone(),
            merchant_id: self.access.merchant_id.clone(),
            merchant_trade_no: order.clone(),
        };
        let envelope = self.post(order_query::PATH, &request, stamp_s, Purpose::Query).await?;
        let answer: OrderAnswer = read_json(&self.open(&envelope)?)?;
        self.check_merchant(answer.merchant_id.as_deref())?;
        Ok(dated(&envelope, OrderSeen::of(answer, order)?))
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
            platform_id: self.access.platform_id.clone(),
            merchant_id: self.access.merchant_id.clone(),
            merchant_trade_no: order.clone(),
            trade_no: ask_trade_no.cloned(),
        };
        let envelope = self.post(card_detail::PATH, &request, stamp_s, Purpose::Query).await?;
        let answer = DetailAnswer::read(&self.open(&envelope)?).map_err(|e| unreadable(&e))?;
        Ok(dated(&envelope, card_seen::seen(answer, paid, asked)?))
    }

    /// Sends a money call, once. The token is used up whatever comes of it.
    pub async fn act(&self, attempt: impl CommittedAttempt) -> Acted {
        let call = attempt.call().clone();
        if call.merchant_id != self.access.merchant_id {
            let why = format!("the attempt is of merchant {}, not {}", call.merchant_id, self.access.merchant_id);
            return Acted { outcome: Outcome::NotSent { why }, gateway_clock_s: None, rate_limited: false };
        }
        let request = ActionRequest::of(&call, self.access.platform_id.clone());
        let mut posted = self.post(card_action::PATH, &request, call.stamp_s, Purpose::Money).await;
        if deliberate!(RepeatsLostCalls) && matches!(posted, Err(LookError::Lost(_))) {
            posted = self.post(card_action::PATH, &request, call.stamp_s, Purpose::Money).await;
        }
        match posted {
            Ok(envelope) => Acted {
                outcome: self.judge(&envelope, &call).unwrap_or_else(unknown),
                gateway_clock_s: envelope.rp_header.timestamp,
                rate_limited: false,
            },
            Err(error) => {
                Acted { rate_limited: error == LookError::RateLimited, outcome: unknown(error), gateway_clock_s: None }
            }
        }
    }

    fn judge(&self, envelope: &AnswerEnvelope, call: &MoneyCall) -> Result<Outcome, LookError> {
        let answer: ActionAnswer = read_json(&self.open(envelope)?)?;
        self.check_merchant(answer.merchant_id.as_deref())?;
        Ok(answer.outcome(call))
    }

    /// One POST; every failure up to a readable envelope is named here.
    async fn post(
        &self,
        path: &str,
        request: &impl Serialize,
        stamp_s: i64,
        purpose: Purpose,
    ) -> Result<AnswerEnvelope, LookError> {
        let body = self.seal(request, stamp_s).map_err(|_| LookError::NotSent("request has no json".to_owned()))?;
        let url = format!("{}{path}", self.access.base_url.trim_end_matches('/'));
        let answer = match self.transport.post(&url, body, purpose).await {
            Ok(answer) => answer,
            Err(TransportError::NotSent(why)) => return Err(LookError::NotSent(why)),
            Err(TransportError::Lost(why)) => return Err(LookError::Lost(why)),
        };
        match answer.status {
            200 => serde_json::from_slice(&answer.body).map(|Fields(envelope)| envelope).map_err(|e| unreadable(&e)),
            403 => Err(LookError::RateLimited),
            status => Err(LookError::Lost(format!("http {status}"))),
        }
    }

    fn seal(&self, request: &impl Serialize, stamp_s: i64) -> Result<Vec<u8>, serde_json::Error> {
        let caller = self.access.platform_id.as_ref().unwrap_or(&self.access.merchant_id);
        let envelope = RequestEnvelope {
            merchant_id: caller.to_string(),
            rq_header: RqHeader { timestamp: stamp_s },
            data: self.access.keys.seal(&serde_json::to_string(request)?),
        };
        serde_json::to_vec(&envelope)
    }

    fn open(&self, envelope: &AnswerEnvelope) -> Result<String, LookError> {
        if envelope.trans_code != 1 {
            let said = short(&envelope.trans_msg, LONGEST_TRANS_MSG);
            return Err(LookError::BadCredentials(format!("TransCode {}: {said}", envelope.trans_code)));
        }
        self.check_merchant(Some(envelope.merchant_id.as_str()).filter(|id| !id.is_empty()))?;
        self.access.keys.open(&envelope.data).map_err(|error| match error {
            OpenError::Damaged => LookError::Lost(error.to_string()),
            OpenError::NotDecrypted => LookError::BadCredentials(format!(
                "the answer does not decrypt with the hash key of merchant {}",
                self.access.merchant_id
            )),
        })
    }

    fn check_merchant(&self, named: Option<&str>) -> Result<(), LookError> {
        let ours = [Some(&self.access.merchant_id), self.access.platform_id.as_ref()];
        match named {
            Some(named) if !ours.into_iter().flatten().any(|id| id.as_str() == named) => {
                let why = format!("merchant {} asked, the answer names another", self.access.merchant_id);
                Err(LookError::NotBound(why))
            }
            _ => Ok(()),
        }
    }
}

/// Only a request that never left is known not to have taken effect.
fn unknown(error: LookError) -> Outcome {
    match error {
        LookError::NotSent(why) => Outcome::NotSent { why },
        other => Outcome::Unknown { why: other.to_string() },
    }
}

fn read_json<T: DeserializeOwned>(json: &str) -> Result<T, LookError> {
    serde_json::from_str(json).map(|Fields(answer)| answer).map_err(|e| unreadable(&e))
}

fn dated<T>(envelope: &AnswerEnvelope, answer: T) -> Dated<T> {
    Dated { gateway_clock_s: envelope.rp_header.timestamp, answer }
}
