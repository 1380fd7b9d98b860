//! `Ticket/QueryRefundInfo` (vendor page of that name): the refunds that the bank has confirmed.

use serde::{Deserialize, Serialize};

use crate::domain::ids::{MerchantId, VoucherTradeNo};
use crate::domain::money::Twd;
use crate::domain::voucher::ConfirmedRefunds;
use crate::gateway::errors::{self, LookError};
use crate::gateway::wire::liberal;

/// Two of the three voucher services have it.
pub const PATH: &str = "/api/Ticket/QueryRefundInfo";

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RefundQuery {
    #[serde(rename = "MerchantID")]
    pub merchant_id: MerchantId,
    /// "The order must include a pickup voucher."
    #[serde(rename = "MerchantTradeNo")]
    pub merchant_trade_no: VoucherTradeNo,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct RefundAnswer {
    /// 1: executed; others: failed.
    #[serde(rename = "RtnCode", deserialize_with = "liberal::code")]
    pub rtn_code: i64,
    #[serde(rename = "RtnMsg", default, deserialize_with = "liberal::text")]
    pub rtn_msg: String,
    #[serde(rename = "MerchantID", default, deserialize_with = "liberal::optional_text")]
    pub merchant_id: Option<String>,
    #[serde(rename = "MerchantTradeNo", default, deserialize_with = "liberal::optional_text")]
    pub merchant_trade_no: Option<String>,
    /// The order's amount, in dollars.
    #[serde(rename = "TradeAmount", default, deserialize_with = "liberal::optional_amount")]
    pub trade_amount: Option<Twd>,
    /// All that was refunded and confirmed, in dollars.
    #[serde(rename = "TotalRefundAmount", default, deserialize_with = "liberal::optional_amount")]
    pub total_refund_amount: Option<Twd>,
}

impl RefundAnswer {
    pub fn confirmed(self, asked: &VoucherTradeNo) -> Result<ConfirmedRefunds, LookError> {
        let named = self.merchant_trade_no.as_deref();
        if named.is_some_and(|named| named != asked.as_str()) {
            return Err(LookError::NotBound(format!("voucher order {asked} was asked for, the answer names another")));
        }
        if self.rtn_code != 1 {
            return Err(errors::refused(self.rtn_code, &self.rtn_msg));
        }
        if named.is_none() {
            return Err(LookError::NotBound(format!("voucher order {asked} was asked for, the answer names none")));
        }
        let confirmed = self.total_refund_amount;
        let confirmed =
            confirmed.ok_or_else(|| LookError::Unreadable("no TotalRefundAmount in the answer".to_owned()))?;
        Ok(ConfirmedRefunds { trade_amount: self.trade_amount, confirmed })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const NO: &str = "CBX20220302153064851";

    fn order() -> VoucherTradeNo {
        VoucherTradeNo::parse(NO).expect("a number")
    }

    fn confirmed(answer: &Value) -> Result<ConfirmedRefunds, LookError> {
        serde_json::from_str::<RefundAnswer>(&answer.to_string()).expect("an answer").confirmed(&order())
    }

    /// The sample of the vendor's page, with the comma that it lacks after `RtnMsg`.
    fn sample() -> Value {
        json!({"RtnCode": 1, "RtnMsg": "success", "MerchantID": "2000132", "MerchantTradeNo": NO,
            "TradeAmount": 1000, "TotalRefundAmount": 800})
    }

    #[test]
    fn the_request_and_the_answer_are_the_vendors_samples() {
        let merchant_id = MerchantId::parse("2000132").expect("a number");
        let json = serde_json::to_string(&RefundQuery { merchant_id, merchant_trade_no: order() }).expect("plain data");
        assert_eq!(json, r#"{"MerchantID":"2000132","MerchantTradeNo":"CBX20220302153064851"}"#);
        let told = ConfirmedRefunds { trade_amount: Twd::new(1000).ok(), confirmed: Twd::new(800).expect("an amount") };
        assert_eq!(confirmed(&sample()), Ok(told));
        let texts = json!({"RtnCode": "1", "MerchantTradeNo": NO, "TradeAmount": "1000", "TotalRefundAmount": "800"});
        assert_eq!(confirmed(&texts), Ok(told));
    }

    #[test]
    fn an_answer_of_another_order_or_without_the_sum_is_no_answer() {
        let with = |name: &str, value: Value| {
            let mut answer = sample();
            answer[name] = value;
            confirmed(&answer)
        };
        for no in [json!("ANOTHERORDER"), json!(""), json!(null)] {
            assert!(matches!(with("MerchantTradeNo", no), Err(LookError::NotBound(_))));
        }
        assert!(matches!(with("TotalRefundAmount", json!(null)), Err(LookError::Unreadable(_))));
        let refused = LookError::Refused { code: 10_200_047, text: "no pickup voucher".to_owned() };
        assert_eq!(confirmed(&json!({"RtnCode": 10_200_047, "RtnMsg": "no pickup voucher"})), Err(refused));
        for amount in [json!(-1), json!(0.5)] {
            let mut answer = sample();
            answer["TotalRefundAmount"] = amount;
            assert!(serde_json::from_str::<RefundAnswer>(&answer.to_string()).is_err());
        }
    }
}
