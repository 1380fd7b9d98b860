//! `Credit/DoAction` (vendor page 信用卡請退款功能, Chinese and English): the one call that moves money.

use serde::{Deserialize, Serialize};

use crate::domain::action::{Action, HTTP_RATE_LIMITED, MoneyCall, Outcome};
use crate::domain::ids::{MerchantId, MerchantTradeNo, TradeNo};
use crate::domain::money::Twd;
use crate::domain::quote::quote;
use crate::gateway::errors;
use crate::gateway::wire::liberal;

/// Vendor page 信用卡請退款功能, in English, "API URLs"; it has no stage address.
pub const PATH: &str = "/1.0.0/Credit/DoAction";

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActionRequest {
    /// Only when a platform calls for its merchant (vendor page 信用卡請退款功能, `PlatformID`).
    #[serde(rename = "PlatformID", default, skip_serializing_if = "Option::is_none")]
    pub platform_id: Option<MerchantId>,
    #[serde(rename = "MerchantID")]
    pub merchant_id: MerchantId,
    #[serde(rename = "MerchantTradeNo")]
    pub merchant_trade_no: MerchantTradeNo,
    #[serde(rename = "TradeNo")]
    pub trade_no: TradeNo,
    #[serde(rename = "Action")]
    pub action: Action,
    /// In dollars: the order's amount for C, E and N, the part to give back for R.
    #[serde(rename = "TotalAmount")]
    pub total_amount: Twd,
}

impl ActionRequest {
    pub fn of(call: &MoneyCall, platform_id: Option<MerchantId>) -> Self {
        Self {
            platform_id,
            merchant_id: call.merchant_id.clone(),
            merchant_trade_no: call.merchant_trade_no.clone(),
            trade_no: call.trade_no.clone(),
            action: call.action,
            total_amount: call.amount,
        }
    }
}

const NOT_OURS: &str = "the answer is without the order's own numbers";

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct ActionAnswer {
    /// 1: executed; others: failed.
    #[serde(rename = "RtnCode", default, deserialize_with = "liberal::optional_code")]
    pub rtn_code: Option<i64>,
    #[serde(rename = "RtnMsg", default, deserialize_with = "liberal::text")]
    pub rtn_msg: String,
    #[serde(rename = "MerchantID", default, deserialize_with = "liberal::optional_text")]
    pub merchant_id: Option<String>,
    #[serde(rename = "MerchantTradeNo", default, deserialize_with = "liberal::optional_text")]
    pub merchant_trade_no: Option<String>,
    #[serde(rename = "TradeNo", default, deserialize_with = "liberal::optional_text")]
    pub trade_no: Option<String>,
}

impl ActionAnswer {
    /// The answer is not signed and there is no idempotency key, so only one that carries
    /// both of the order's own numbers settles anything, a refusal as much as a success.
    pub fn outcome(&self, call: &MoneyCall) -> Outcome {
        let bound = self.merchant_trade_no.as_deref() == Some(call.merchant_trade_no.as_str())
            && self.trade_no.as_deref() == Some(call.trade_no.as_str());
        match self.rtn_code {
            Some(1) if bound => Outcome::Accepted,
            Some(code) if bound => Outcome::Refused { code, text: quote(&self.rtn_msg, errors::LONGEST_RTN_MSG) },
            None if bound => Outcome::Unknown { code: None, why: "the answer has no RtnCode".to_owned() },
            // That number stands for HTTP's.
            Some(HTTP_RATE_LIMITED) => Outcome::Unknown { code: None, why: self.unproven(HTTP_RATE_LIMITED) },
            Some(code) => Outcome::Unknown { code: Some(code), why: self.unproven(code) },
            None => Outcome::Unknown { code: None, why: NOT_OURS.to_owned() },
        }
    }

    /// Failures come bare, without any number of the order: no proof, but the reason that people need.
    fn unproven(&self, code: i64) -> String {
        let words = quote(&self.rtn_msg, errors::LONGEST_RTN_MSG);
        match code {
            // A yes is none of somebody's reasons: it would read as if the call had taken effect.
            1 => format!("{NOT_OURS}, with RtnCode 1"),
            _ if words.is_empty() => format!("{NOT_OURS}, with RtnCode {code}"),
            _ => words,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn call() -> MoneyCall {
        MoneyCall {
            merchant_id: MerchantId::parse("3002607").expect("a number"),
            merchant_trade_no: MerchantTradeNo::parse("20180914001").expect("a number"),
            trade_no: TradeNo::parse("1809261503338172").expect("a number"),
            action: Action::C,
            amount: Twd::new(100).expect("an amount"),
            stamp_s: 1_234_567_890,
        }
    }

    fn outcome(answer: Value) -> Outcome {
        serde_json::from_value::<ActionAnswer>(answer).expect("an answer").outcome(&call())
    }

    #[test]
    fn the_request_is_the_vendors_sample() {
        let json = serde_json::to_string(&ActionRequest::of(&call(), None)).expect("plain data");
        let sample = concat!(
            r#"{"MerchantID":"3002607","MerchantTradeNo":"20180914001","TradeNo":"1809261503338172","#,
            r#""Action":"C","TotalAmount":100}"#
        );
        assert_eq!(json, sample);
    }

    #[test]
    fn only_code_1_with_both_numbers_is_accepted() {
        let mut answer = json!({"RtnCode": "1", "RtnMsg": "", "MerchantTradeNo": "20180914001",
            "TradeNo": 1809261503338172_i64});
        assert_eq!(outcome(answer.clone()), Outcome::Accepted);
        answer["RtnCode"] = json!(null);
        assert!(matches!(outcome(answer), Outcome::Unknown { .. }));
    }

    #[test]
    fn a_refusal_with_both_numbers_keeps_the_gateways_code_and_words() {
        let answer = json!({"RtnCode": 10100050, "RtnMsg": "更新失敗.(error_amount_R)",
            "MerchantTradeNo": "20180914001", "TradeNo": "1809261503338172"});
        let text = "更新失敗.(error_amount_R)".to_owned();
        assert_eq!(outcome(answer), Outcome::Refused { code: 10_100_050, text });
    }

    #[test]
    fn an_answer_without_the_orders_own_numbers_is_unknown_whatever_it_says() {
        for numbers in [
            json!({}),
            json!({"MerchantTradeNo": "", "TradeNo": ""}),
            json!({"MerchantTradeNo": "20180914001"}),
            json!({"TradeNo": "1809261503338172"}),
            json!({"MerchantTradeNo": "20180914002", "TradeNo": "1809261503338172"}),
            json!({"MerchantTradeNo": "20180914001", "TradeNo": "1809261503338173"}),
        ] {
            for code in [Some(1), Some(10_100_050), None] {
                let mut answer = numbers.clone();
                answer["RtnCode"] = json!(code);
                let told = outcome(answer.clone());
                assert!(matches!(&told, Outcome::Unknown { code: kept, .. } if *kept == code), "{answer}: {told:?}");
            }
        }
    }

    #[test]
    fn a_bare_failure_is_no_proof_and_its_code_and_words_are_the_reason() {
        for (code, words, why) in [
            (10_100_027, "可退刷額度不足", "可退刷額度不足"),
            (5, " card 4311-9522-2222-2222\n", "card ****"),
            (5, "", "the answer is without the order's own numbers, with RtnCode 5"),
            (1, "成功", "the answer is without the order's own numbers, with RtnCode 1"),
        ] {
            let told = outcome(json!({"RtnCode": code, "RtnMsg": words}));
            assert_eq!(told, Outcome::Unknown { code: Some(code), why: why.to_owned() });
        }
        let told = outcome(json!({"RtnCode": 403, "RtnMsg": "no"}));
        assert_eq!(told, Outcome::Unknown { code: None, why: "no".to_owned() }, "not taken for HTTP's");
    }
}
