//! The three card calls, in the two dialects that ECPay has for them, and the statement. Each is one POST; none is
//! repeated here.

pub mod action;
pub mod detail;
mod detail_seen;
pub mod form;
mod media;
pub mod order_query;
mod order_seen;
mod probe;

use std::sync::Arc;

use serde::Serialize;

use self::action::{ActionAnswer, ActionRequest};
use self::detail::{DetailAnswer, DetailQuery};
use self::form::Form;
pub use self::form::FormAccess;
pub use self::form::period::PeriodInfo;
pub use self::media::{BadDays, MediaDates, MediaDays, MediaError};
use self::order_query::{OrderAnswer, OrderQuery};
pub use self::order_seen::{OrderSeen, PaidOrder};
pub use self::probe::{Looked, Untouched};
use super::caller::{Access, Answered, Caller, Dated, Errand, json_of, read_json, without_bom};
use super::errors::{LookError, is_unknown_order, unreadable};
use super::transport::Transport;
use super::wire::cipher::Keys;
use super::wire::envelope::{RequestEnvelope, RqHeader};
use crate::domain::action::{CommittedAttempt, HTTP_RATE_LIMITED, Leave, MoneyCall, Outcome};
use crate::domain::api::CardApi;
use crate::domain::facts::Seen;
use crate::domain::ids::{MerchantTradeNo, TradeNo};

pub struct CardGateway {
    caller: Caller,
    /// By which orders are asked for and acted on, where they are not of the JSON products.
    form: Option<FormAccess>,
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
        Self { caller: Caller::new(transport, access), form: None }
    }

    /// For orders of 全方位金流 (AIO).
    pub fn by_form(self, form: Option<FormAccess>) -> Self {
        Self { form, ..self }
    }

    pub fn api(&self) -> CardApi {
        if self.form.is_some() { CardApi::Form } else { CardApi::Json }
    }

    fn form(&self) -> Option<Form<'_>> {
        self.form.as_ref().map(|access| Form { access, caller: &self.caller })
    }

    /// Other keys, from the next call on.
    pub fn renew(&self, keys: Keys) {
        self.caller.renew(keys);
    }

    /// Is it paid, how, and what are its numbers? `stamp_s` is our clock in Unix seconds.
    pub async fn query_order(&self, order: &MerchantTradeNo, stamp_s: i64) -> Result<Dated<OrderSeen>, LookError> {
        if let Some(form) = self.form() {
            return form.query_order(order, stamp_s).await;
        }
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
    ///
    /// The JSON detail knows orders of both dialects (seen in production). Where it does not, the form's is asked.
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
            trade_no: ask_trade_no.cloned().filter(|_| !deliberate!(AsksAboutTheFirstCharge)),
        };
        let answer = self.ask_detail(&request, stamp_s).await;
        let own = *asked == paid.trade_no;
        let mut why_not = None;
        if let Some(form) = self.form().filter(|_| own && is_not_known(&answer)) {
            match form.card_detail(paid, stamp_s).await {
                Some(by_form) => return by_form,
                None => why_not = Some(form.why_not_asked()),
            }
        }
        let Dated { gateway_clock_s, answer } = answer?;
        let seen = match (detail_seen::seen(answer, paid, asked, stamp_s)?, why_not) {
            (Seen::Unclear { raw }, Some(why_not)) => Seen::Unclear { raw: format!("{raw}; {why_not}") },
            (seen, _) => seen,
        };
        Ok(Dated { gateway_clock_s, answer: seen })
    }

    async fn ask_detail(&self, request: &DetailQuery, stamp_s: i64) -> Result<Dated<DetailAnswer>, LookError> {
        let answered = self.post(detail::PATH, request, stamp_s, Errand::Query).await?;
        let answer = DetailAnswer::read(without_bom(&self.open(&answered)?)).map_err(|e| unreadable(&e))?;
        Ok(Dated::of(&answered.envelope, answer))
    }

    /// The charges of a recurring order of 全方位金流; of the JSON products' the order query counts them.
    pub async fn query_periods(&self, order: &MerchantTradeNo, stamp_s: i64) -> Result<PeriodInfo, LookError> {
        match self.form() {
            Some(form) => form.periods(order, stamp_s).await,
            None => Err(LookError::NoSuchCall("QueryCreditCardPeriodInfo")),
        }
    }

    /// Sends a money call, once. The token is used up whatever comes of it.
    pub async fn act(&self, attempt: impl CommittedAttempt) -> Acted {
        let call = attempt.call().clone();
        if call.merchant_id != self.caller.merchant_id {
            let why = format!("the attempt is of merchant {}, not {}", call.merchant_id, self.caller.merchant_id);
            return Acted { outcome: Outcome::NotSent { why }, rate_limited: false };
        }
        let mut acted = self.send(&call, attempt.leave()).await;
        if deliberate!(RepeatsLostCalls) && matches!(acted, Err(LookError::Lost(_))) {
            acted = self.send(&call, attempt.leave()).await;
        }
        let rate_limited = matches!(acted, Err(LookError::RateLimited));
        Acted { outcome: acted.unwrap_or_else(unknown), rate_limited }
    }

    async fn send(&self, call: &MoneyCall, leave: Leave) -> Result<Outcome, LookError> {
        if let Some(form) = self.form() {
            return form.act(call, leave).await;
        }
        let request = ActionRequest::of(call, self.caller.platform_id.clone());
        let answered = self.post(action::PATH, &request, call.stamp_s, Errand::Money(leave)).await?;
        let answer: ActionAnswer = read_json(&self.open(&answered)?)?;
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

/// The JSON calls are not open to the merchant, or do not know its order.
fn is_not_known(answer: &Result<Dated<DetailAnswer>, LookError>) -> bool {
    match answer {
        Ok(Dated { answer: DetailAnswer::Failed { code, .. }, .. }) => is_unknown_order(*code),
        Err(error) => matches!(error, LookError::NotTaken { .. } | LookError::BadCredentials(_)),
        Ok(_) => false,
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
