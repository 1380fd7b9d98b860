//! The calls by which orders of 全方位金流 (AIO) are asked about and acted on: forms, signed by `CheckMacValue` (vendor
//! page 檢查碼機制, ?p=2902). funpoint and O'Pay run the same on hosts of their own.
//!
//! A signed body is as secret as the keys: it stands in no log, no event and no error.

mod action;
mod detail;
mod funding;
mod order_query;
pub mod period;
mod request;
mod text;

use secrecy::{ExposeSecret, SecretString};

use self::detail::DetailQuery;
use self::order_query::TradeInfo;
use self::period::PeriodInfo;
use super::detail_seen;
use super::order_seen::{OrderSeen, PaidOrder};
use crate::domain::action::{Leave, MoneyCall, Outcome};
use crate::domain::facts::Seen;
use crate::domain::ids::MerchantTradeNo;
use crate::domain::money::Twd;
use crate::gateway::caller::{Caller, Dated, Errand};
use crate::gateway::errors::LookError;
use crate::gateway::transport::HttpAnswer;
use crate::gateway::wire::cipher::Keys;

/// Where forms are sent. Its keys are those of the JSON calls.
#[derive(Clone, Debug)]
pub struct FormAccess {
    /// Scheme and host, `https://payment.ecpay.com.tw`.
    pub url: String,
    /// Of the form card detail, which is asked where the JSON one does not know an order.
    pub credit_check_code: Option<SecretString>,
}

/// A caller of forms, over the merchant's caller.
pub(super) struct Form<'a> {
    pub access: &'a FormAccess,
    pub caller: &'a Caller,
}

impl Form<'_> {
    pub async fn query_order(&self, order: &MerchantTradeNo, stamp_s: i64) -> Result<Dated<OrderSeen>, LookError> {
        let (caller, keys, stamp) = (self.caller, self.caller.keys(), stamp_s.to_string());
        let fields = order_query::fields(caller.platform_id.as_ref(), &caller.merchant_id, order, &stamp);
        let answer = self.post(order_query::PATH, &fields, &keys, Errand::Query).await?;
        let info = TradeInfo::read(text_of(&answer)?, &keys).map_err(|error| match error {
            LookError::NotTaken { why, .. } => LookError::NotTaken { gateway_clock_s: answer.date_s, why },
            other => other,
        });
        let info = info.map_err(|error| too_old(&answer, stamp_s).unwrap_or(error))?;
        caller.check_merchant(info.merchant_id.as_deref())?;
        Ok(Dated { gateway_clock_s: answer.date_s, answer: info.seen(order)? })
    }

    /// The form card detail. None: without its code, or the authorization's number and amount, nobody can ask.
    pub async fn card_detail(&self, paid: &PaidOrder, stamp_s: i64) -> Option<Result<Dated<Seen>, LookError>> {
        let code = self.access.credit_check_code.as_ref()?;
        let (gwsr, amount) = paid.gwsr.zip(paid.amount)?;
        Some(self.detail_of(paid, (gwsr, amount), code, stamp_s).await)
    }

    /// Why `card_detail` has nobody to ask.
    pub fn why_not_asked(&self) -> &'static str {
        match self.access.credit_check_code {
            None => "the card detail by form is asked only where credit_check_code is set",
            Some(_) => "the card detail by form can be asked only of an order made with NeedExtraPaidInfo=Y",
        }
    }

    async fn detail_of(
        &self,
        paid: &PaidOrder,
        (gwsr, amount): (i64, Twd),
        code: &SecretString,
        stamp_s: i64,
    ) -> Result<Dated<Seen>, LookError> {
        let query = DetailQuery::new(&self.caller.merchant_id, gwsr, amount, code);
        let answer = self.post(detail::PATH, &query.fields(), &self.caller.keys(), Errand::Query).await?;
        let seen = detail_seen::seen(detail::read(text_of(&answer)?)?, paid, &paid.trade_no, stamp_s)?;
        Ok(Dated { gateway_clock_s: answer.date_s, answer: seen })
    }

    /// What became of an action.
    pub async fn act(&self, call: &MoneyCall, leave: Leave) -> Result<Outcome, LookError> {
        let dollars = call.amount.dollars().to_string();
        let fields = action::fields(self.caller.platform_id.as_ref(), call, &dollars);
        let answer = self.post(action::PATH, &fields, &self.caller.keys(), Errand::Money(leave)).await?;
        action::judge(text_of(&answer)?, call)
    }

    pub async fn periods(&self, order: &MerchantTradeNo, stamp_s: i64) -> Result<PeriodInfo, LookError> {
        let (caller, stamp) = (self.caller, stamp_s.to_string());
        let fields = order_query::fields(caller.platform_id.as_ref(), &caller.merchant_id, order, &stamp);
        let answer = self.post(period::PATH, &fields, &caller.keys(), Errand::Query).await?;
        PeriodInfo::read(text_of(&answer)?, caller.merchant_id.as_str(), order)
    }

    async fn post(
        &self,
        path: &'static str,
        fields: &[(&str, &str)],
        keys: &Keys,
        errand: Errand,
    ) -> Result<HttpAnswer, LookError> {
        let body = request::signed(keys, fields).expose_secret().as_bytes().to_vec();
        self.caller.send_to(&self.access.url, path, body, errand).await
    }
}

/// How long the gateway takes a request after its TimeStamp.
const VALID_S: i64 = 180;

/// An answer to nothing: the gateway's clock is further on than the request is taken for.
fn too_old(answer: &HttpAnswer, stamp_s: i64) -> Option<LookError> {
    let gateway_clock_s = answer.date_s?;
    let behind_s = gateway_clock_s.saturating_sub(stamp_s);
    (behind_s > VALID_S).then_some(LookError::StampTooOld { gateway_clock_s, behind_s })
}

fn text_of(answer: &HttpAnswer) -> Result<&str, LookError> {
    let text = std::str::from_utf8(&answer.body).map_err(|_| LookError::Lost("the answer is no text".to_owned()))?;
    Ok(text.trim_start_matches('\u{feff}'))
}
