//! `Cashier/QueryTrade`, the order query (vendor page "Searching Order"): request and answer as they are on the wire.
//!
//! Amounts are whole New Taiwan dollars, times are Taipei's on the wire. Fields that nothing
//! is decided by are `None` when they cannot be read; the others make the answer unreadable.

use chrono::{DateTime, Utc};
use secrecy::SecretString;
use serde::{Deserialize, Deserializer, Serialize};

use crate::domain::ids::{MerchantId, MerchantTradeNo};
use crate::domain::money::Twd;
use crate::gateway::wire::{liberal, times};

/// Vendor page "Searching Order", "API URLs".
pub const PATH: &str = "/1.0.0/Cashier/QueryTrade";

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderQuery {
    /// Only when a platform calls for its merchant (vendor page 信用卡請退款功能, `PlatformID`).
    #[serde(rename = "PlatformID", default, skip_serializing_if = "Option::is_none")]
    pub platform_id: Option<MerchantId>,
    #[serde(rename = "MerchantID")]
    pub merchant_id: MerchantId,
    #[serde(rename = "MerchantTradeNo")]
    pub merchant_trade_no: MerchantTradeNo,
}

#[derive(Clone, Debug, Deserialize)]
pub struct OrderAnswer {
    /// 1: executed; others: failed.
    #[serde(rename = "RtnCode", deserialize_with = "liberal::code")]
    pub rtn_code: i64,
    /// Its words for success vary: nothing is decided by them.
    #[serde(rename = "RtnMsg", default, deserialize_with = "liberal::text")]
    pub rtn_msg: String,
    #[serde(rename = "PlatformID", default, deserialize_with = "liberal::optional_text")]
    pub platform_id: Option<String>,
    /// Has come as a JSON number.
    #[serde(rename = "MerchantID", default, deserialize_with = "liberal::optional_text")]
    pub merchant_id: Option<String>,
    #[serde(rename = "OrderInfo", default, deserialize_with = "or_null")]
    pub order_info: OrderInfo,
    /// Missing on paid one-off orders too.
    #[serde(rename = "CardInfo", default, deserialize_with = "or_null")]
    pub card_info: CardInfo,
    /// The shop's own text at order time, customer data perhaps.
    #[serde(rename = "CustomField", default, deserialize_with = "liberal::secret")]
    pub custom_field: Option<SecretString>,
}

#[derive(Clone, Debug, Default, Deserialize)]
pub struct OrderInfo {
    /// The shop's order number, String(20).
    #[serde(rename = "MerchantTradeNo", default, deserialize_with = "liberal::optional_text")]
    pub merchant_trade_no: Option<String>,
    /// ECPay's order number, String(20).
    #[serde(rename = "TradeNo", default, deserialize_with = "liberal::optional_text")]
    pub trade_no: Option<String>,
    /// The order's amount, in dollars.
    #[serde(rename = "TradeAmt", default, deserialize_with = "liberal::optional_amount")]
    pub trade_amt: Option<Twd>,
    /// When the order was created.
    #[serde(rename = "TradeDate", default, deserialize_with = "times::taipei_time")]
    pub trade_date: Option<DateTime<Utc>>,
    /// `Credit`, `Credit_CreditCard3`, `ATM_..`, `CVS_..` and so on.
    #[serde(rename = "PaymentType", default, deserialize_with = "liberal::text")]
    pub payment_type: String,
    #[serde(rename = "PaymentDate", default, deserialize_with = "times::taipei_time")]
    pub payment_date: Option<DateTime<Utc>>,
    /// ECPay's service charge, in thousandths of a dollar (4.98 dollars were recorded).
    #[serde(rename = "ChargeFee", default, deserialize_with = "liberal::thousandths_if_readable")]
    pub charge_fee: Option<i64>,
    /// ECPay's processing fee, in thousandths of a dollar.
    #[serde(rename = "ProcessFee", default, deserialize_with = "liberal::thousandths_if_readable")]
    pub process_fee: Option<i64>,
    /// "0": created, not paid; "1": paid.
    #[serde(rename = "TradeStatus", default, deserialize_with = "liberal::optional_text")]
    pub trade_status: Option<String>,
    /// Recurring orders carry it inside `CardInfo`; read here as well.
    #[serde(rename = "PeriodType", default, deserialize_with = "liberal::optional_text")]
    pub period_type: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
pub struct CardInfo {
    /// The bank's authorization code, String(6).
    #[serde(rename = "AuthCode", default, deserialize_with = "liberal::secret")]
    pub auth_code: Option<SecretString>,
    /// The authorization's number; the card detail's `TradeID` equals it.
    #[serde(rename = "Gwsr", default, deserialize_with = "liberal::optional_whole")]
    pub gwsr: Option<i64>,
    /// When the authorization was processed.
    #[serde(rename = "ProcessDate", default, deserialize_with = "times::taipei_time")]
    pub process_date: Option<DateTime<Utc>>,
    /// The authorized amount, in dollars.
    #[serde(rename = "Amount", default, deserialize_with = "liberal::optional_amount")]
    pub amount: Option<Twd>,
    /// Number of installments; 0 or 1 for none.
    #[serde(rename = "Stage", default, deserialize_with = "liberal::optional_whole")]
    pub stage: Option<i64>,
    /// The down payment, in dollars.
    #[serde(rename = "Stast", default, deserialize_with = "liberal::whole_if_readable")]
    pub stast: Option<i64>,
    /// Each installment after the down payment, in dollars.
    #[serde(rename = "Staed", default, deserialize_with = "liberal::whole_if_readable")]
    pub staed: Option<i64>,
    /// 5, 6, 2, 1: a 3-D Secure authorization.
    #[serde(rename = "Eci", default, deserialize_with = "liberal::whole_if_readable")]
    pub eci: Option<i64>,
    #[serde(rename = "Card6No", default, deserialize_with = "liberal::secret")]
    pub card6_no: Option<SecretString>,
    #[serde(rename = "Card4No", default, deserialize_with = "liberal::secret")]
    pub card4_no: Option<SecretString>,
    /// Bonus points used.
    #[serde(rename = "RedDan", default, deserialize_with = "liberal::optional_whole")]
    pub red_dan: Option<i64>,
    /// What was really charged beside the bonus points, in dollars.
    #[serde(rename = "RedOkAmt", default, deserialize_with = "liberal::optional_whole")]
    pub red_ok_amt: Option<i64>,
    /// Bonus points left.
    #[serde(rename = "RedYet", default, deserialize_with = "liberal::optional_whole")]
    pub red_yet: Option<i64>,
    /// D, M or Y: a recurring order by day, month or year.
    #[serde(rename = "PeriodType", default, deserialize_with = "liberal::optional_text")]
    pub period_type: Option<String>,
    /// A recurring authorization every so many days, months or years.
    #[serde(rename = "Frequency", default, deserialize_with = "liberal::whole_if_readable")]
    pub frequency: Option<i64>,
    /// How many recurring authorizations there are to be.
    #[serde(rename = "ExecTimes", default, deserialize_with = "liberal::whole_if_readable")]
    pub exec_times: Option<i64>,
    /// Each recurring authorization, in dollars.
    #[serde(rename = "PeriodAmount", default, deserialize_with = "liberal::whole_if_readable")]
    pub period_amount: Option<i64>,
    /// How many recurring authorizations have succeeded.
    #[serde(rename = "TotalSuccessTimes", default, deserialize_with = "liberal::whole_if_readable")]
    pub total_success_times: Option<i64>,
    /// All recurring authorizations that succeeded, in dollars.
    #[serde(rename = "TotalSuccessAmount", default, deserialize_with = "liberal::whole_if_readable")]
    pub total_success_amount: Option<i64>,
    #[serde(rename = "IssuingBank", default, deserialize_with = "liberal::optional_text")]
    pub issuing_bank: Option<String>,
    #[serde(rename = "IssuingBankCode", default, deserialize_with = "liberal::optional_text")]
    pub issuing_bank_code: Option<String>,
}

fn or_null<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(from: D) -> Result<T, D::Error> {
    let object: Option<liberal::Fields<T>> = Option::deserialize(from)?;
    Ok(object.unwrap_or_default().0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_platform_is_named_only_when_there_is_one() {
        let mut query = OrderQuery {
            platform_id: None,
            merchant_id: MerchantId::parse("3002607").expect("a number"),
            merchant_trade_no: MerchantTradeNo::parse("20180914001").expect("a number"),
        };
        let json = |q: &OrderQuery| serde_json::to_string(q).expect("plain data");
        assert_eq!(json(&query), r#"{"MerchantID":"3002607","MerchantTradeNo":"20180914001"}"#);
        query.platform_id = Some(MerchantId::parse("3085340").expect("a number"));
        assert!(json(&query).starts_with(r#"{"PlatformID":"3085340","MerchantID":"3002607""#));
    }

    #[test]
    fn every_field_of_the_vendors_page_is_read() {
        let json = r#"{"RtnCode":"1","RtnMsg":"Succeeded.","PlatformID":"","MerchantID":3002607,
            "OrderInfo":{"MerchantTradeNo":"A1","TradeNo":1809261503338172,"TradeAmt":"199",
                "TradeDate":"2018/09/26 14:59:54","PaymentType":"Credit","PaymentDate":"","ChargeFee":4.98,
                "ProcessFee":"5","TradeStatus":1,"RefundAmount":0},
            "CardInfo":{"Gwsr":10735183,"Amount":199,"Stage":"","Eci":"05","Stast":null,"ExecLog":[]},
            "CoBrandingInfo":{}}"#;
        let answer: OrderAnswer = serde_json::from_str(json).expect("an answer");
        assert_eq!((answer.rtn_code, answer.merchant_id.as_deref()), (1, Some("3002607")));
        assert_eq!(answer.platform_id, None);
        let order = answer.order_info;
        assert_eq!(order.trade_no.as_deref(), Some("1809261503338172"));
        assert_eq!((order.trade_amt, order.charge_fee), (Twd::new(199).ok(), Some(4980)));
        assert_eq!(order.trade_date.map(|at| at.to_rfc3339()).as_deref(), Some("2018-09-26T06:59:54+00:00"));
        assert_eq!((order.payment_date, order.process_fee), (None, Some(5000)));
        assert_eq!(order.trade_status.as_deref(), Some("1"));
        assert_eq!((answer.card_info.stage, answer.card_info.eci), (None, Some(5)));
    }

    #[test]
    fn card_digits_and_the_shops_text_are_not_shown() {
        let json = r#"{"RtnCode":1,"CardInfo":{"AuthCode":"777777","Card4No":"2222","Card6No":"491122"},
            "CustomField":"Wang Xiaoming"}"#;
        let answer: OrderAnswer = serde_json::from_str(json).expect("an answer");
        assert!(answer.card_info.card4_no.is_some());
        let shown = format!("{answer:?}");
        for hidden in ["777777", "2222", "491122", "Wang"] {
            assert!(!shown.contains(hidden), "{hidden}");
        }
    }
}
