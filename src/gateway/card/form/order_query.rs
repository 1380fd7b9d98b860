//! `Cashier/QueryTradeInfo/V5`, the order query (vendor page 查詢訂單, ?p=2890): request and answer as they are on the
//! wire. The answer is signed; its values are not urlencoded.

use chrono::{DateTime, Utc};
use secrecy::SecretString;
use serde::Deserialize;

use super::text;
use crate::domain::ids::{MerchantId, MerchantTradeNo};
use crate::domain::money::Twd;
use crate::gateway::card::order_query::{CardInfo, OrderAnswer, OrderInfo};
use crate::gateway::card::order_seen::OrderSeen;
use crate::gateway::errors::LookError;
use crate::gateway::wire::checksum::form;
use crate::gateway::wire::cipher::Keys;
use crate::gateway::wire::{liberal, times};

pub const PATH: &str = "/Cashier/QueryTradeInfo/V5";

/// An unknown order (recorded), and one whose number it does not take for one.
const UNKNOWN: [&str; 2] = ["10200047", "10200052"];
const BAD_SIGNATURE: &str = "10200073";
/// Its words for the same where there are no fields.
const BAD_SIGNATURE_WORDS: &str = "checkmacvalue error";
/// The clocks are apart.
const BAD_STAMP_WORDS: &str = "timestamp error";

/// The stamp is valid for 3 minutes.
pub fn fields<'a>(
    platform_id: Option<&'a MerchantId>,
    merchant_id: &'a MerchantId,
    order: &'a MerchantTradeNo,
    stamp: &'a str,
) -> Vec<(&'static str, &'a str)> {
    let mut fields =
        vec![("MerchantID", merchant_id.as_str()), ("MerchantTradeNo", order.as_str()), ("TimeStamp", stamp)];
    fields.extend(platform_id.map(|id| ("PlatformID", id.as_str())));
    fields
}

#[derive(Clone, Debug, Deserialize)]
pub struct TradeInfo {
    #[serde(rename = "MerchantID", default, deserialize_with = "liberal::optional_text")]
    pub merchant_id: Option<String>,
    #[serde(rename = "MerchantTradeNo", default, deserialize_with = "liberal::optional_text")]
    pub merchant_trade_no: Option<String>,
    #[serde(rename = "TradeNo", default, deserialize_with = "liberal::optional_text")]
    pub trade_no: Option<String>,
    /// In dollars.
    #[serde(rename = "TradeAmt", default, deserialize_with = "liberal::optional_amount")]
    pub trade_amt: Option<Twd>,
    #[serde(rename = "PaymentDate", default, deserialize_with = "times::taipei_time")]
    pub payment_date: Option<DateTime<Utc>>,
    /// `Credit_CreditCard` also of an order in installments (recorded).
    #[serde(rename = "PaymentType", default, deserialize_with = "liberal::text")]
    pub payment_type: String,
    /// ECPay's charge, since April 2025 with its processing fee; thousandths of a dollar.
    #[serde(rename = "PaymentTypeChargeFee", default, deserialize_with = "liberal::thousandths_if_readable")]
    pub charge_fee: Option<i64>,
    #[serde(rename = "TradeDate", default, deserialize_with = "times::taipei_time")]
    pub trade_date: Option<DateTime<Utc>>,
    /// "0": not paid; "1": paid; or a code.
    #[serde(rename = "TradeStatus", default, deserialize_with = "liberal::optional_text")]
    pub trade_status: Option<String>,
    /// From here on only where the order was made with `NeedExtraPaidInfo=Y`.
    #[serde(rename = "gwsr", default, deserialize_with = "liberal::optional_whole")]
    pub gwsr: Option<i64>,
    #[serde(rename = "amount", default, deserialize_with = "liberal::optional_amount")]
    pub amount: Option<Twd>,
    /// Number of installments; 0: none.
    #[serde(rename = "stage", default, deserialize_with = "liberal::optional_whole")]
    pub stage: Option<i64>,
    #[serde(rename = "stast", default, deserialize_with = "liberal::whole_if_readable")]
    pub stast: Option<i64>,
    #[serde(rename = "staed", default, deserialize_with = "liberal::whole_if_readable")]
    pub staed: Option<i64>,
    #[serde(rename = "red_dan", default, deserialize_with = "liberal::optional_whole")]
    pub red_dan: Option<i64>,
    #[serde(rename = "red_ok_amt", default, deserialize_with = "liberal::optional_whole")]
    pub red_ok_amt: Option<i64>,
    #[serde(rename = "red_yet", default, deserialize_with = "liberal::optional_whole")]
    pub red_yet: Option<i64>,
    #[serde(rename = "eci", default, deserialize_with = "liberal::whole_if_readable")]
    pub eci: Option<i64>,
    #[serde(rename = "process_date", default, deserialize_with = "times::taipei_time")]
    pub process_date: Option<DateTime<Utc>>,
    #[serde(rename = "auth_code", default, deserialize_with = "liberal::secret")]
    pub auth_code: Option<SecretString>,
    #[serde(rename = "card4no", default, deserialize_with = "liberal::secret")]
    pub card4_no: Option<SecretString>,
    #[serde(rename = "card6no", default, deserialize_with = "liberal::secret")]
    pub card6_no: Option<SecretString>,
    /// D, M or Y: a recurring order.
    #[serde(rename = "PeriodType", default, deserialize_with = "liberal::optional_text")]
    pub period_type: Option<String>,
    #[serde(rename = "Frequency", default, deserialize_with = "liberal::whole_if_readable")]
    pub frequency: Option<i64>,
    #[serde(rename = "ExecTimes", default, deserialize_with = "liberal::whole_if_readable")]
    pub exec_times: Option<i64>,
    #[serde(rename = "PeriodAmount", default, deserialize_with = "liberal::whole_if_readable")]
    pub period_amount: Option<i64>,
    #[serde(rename = "TotalSuccessTimes", default, deserialize_with = "liberal::whole_if_readable")]
    pub total_success_times: Option<i64>,
    #[serde(rename = "TotalSuccessAmount", default, deserialize_with = "liberal::whole_if_readable")]
    pub total_success_amount: Option<i64>,
}

impl TradeInfo {
    /// Nothing of an answer is used that is not signed with our keys, but that it does not take ours.
    pub fn read(body: &str, keys: &Keys) -> Result<Self, LookError> {
        let refused = || LookError::BadCredentials("CheckMacValue Error".to_owned());
        let unchecked = || deliberate!(ChecksumNotChecked).then(|| text::unsigned(body).collect());
        let Some(fields) = form::verified(keys, body).or_else(unchecked) else {
            let says =
                |(name, value): (&str, &str)| matches!(name, "TradeStatus" | "RtnCode") && value == BAD_SIGNATURE;
            let is_refusal = body.to_ascii_lowercase().contains(BAD_SIGNATURE_WORDS) || form::fields(body).any(says);
            if body.to_ascii_lowercase().contains(BAD_STAMP_WORDS) {
                return Err(LookError::NotTaken { gateway_clock_s: None, why: "TimeStamp Error".to_owned() });
            }
            return Err(if is_refusal { refused() } else { LookError::Forged("is missing, or does not hold") });
        };
        let info: Self = text::read(fields)?;
        if info.trade_status.as_deref() == Some(BAD_SIGNATURE) { Err(refused()) } else { Ok(info) }
    }

    /// What it says of the order that was asked for.
    pub fn seen(self, asked: &MerchantTradeNo) -> Result<OrderSeen, LookError> {
        if self.trade_status.as_deref().is_some_and(|status| UNKNOWN.contains(&status.trim())) {
            let names_another = self.merchant_trade_no.as_deref().is_some_and(|named| named != asked.as_str());
            let why = || format!("order {asked} was asked for, the answer names another");
            return if names_another { Err(LookError::NotBound(why())) } else { Ok(OrderSeen::NotFound) };
        }
        if self.trade_status.is_none() {
            return Err(LookError::Unreadable("an order without a TradeStatus".to_owned()));
        }
        // Each period is charged whole.
        let kind_is_told = self.stage.is_some() || self.period_type.is_some();
        let mut seen = OrderSeen::of(self.into(), asked)?;
        if let OrderSeen::Paid(paid) = &mut seen {
            paid.kind.unknown = !kind_is_told && paid.kind.whole_only().is_none();
        }
        Ok(seen)
    }
}

impl From<TradeInfo> for OrderAnswer {
    fn from(info: TradeInfo) -> Self {
        Self {
            rtn_code: 1,
            rtn_msg: String::new(),
            platform_id: None,
            merchant_id: info.merchant_id,
            order_info: OrderInfo {
                merchant_trade_no: info.merchant_trade_no,
                trade_no: info.trade_no,
                trade_amt: info.trade_amt,
                trade_date: info.trade_date,
                payment_type: info.payment_type,
                payment_date: info.payment_date,
                charge_fee: info.charge_fee,
                process_fee: None,
                trade_status: info.trade_status,
                period_type: info.period_type,
            },
            card_info: CardInfo {
                auth_code: info.auth_code,
                gwsr: info.gwsr,
                process_date: info.process_date,
                amount: info.amount,
                stage: info.stage,
                stast: info.stast,
                staed: info.staed,
                eci: info.eci,
                card6_no: info.card6_no,
                card4_no: info.card4_no,
                red_dan: info.red_dan,
                red_ok_amt: info.red_ok_amt,
                red_yet: info.red_yet,
                frequency: info.frequency,
                exec_times: info.exec_times,
                period_amount: info.period_amount,
                total_success_times: info.total_success_times,
                total_success_amount: info.total_success_amount,
                ..CardInfo::default()
            },
            custom_field: None,
        }
    }
}

#[cfg(test)]
mod tests;
