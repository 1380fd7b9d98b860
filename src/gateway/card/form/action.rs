//! `CreditDetail/DoAction`: the one call of the form API that moves money (vendor page 信用卡請退款功能, ?p=2885).
//!
//! Its request carries no stamp and no number of its own: a copy of it can be acted on at any later time. Its
//! answer is text, `text/html`, and not signed.

use super::text;
use crate::domain::action::{MoneyCall, Outcome};
use crate::domain::ids::MerchantId;
use crate::gateway::card::action::ActionAnswer;
use crate::gateway::errors::LookError;
use crate::gateway::wire::checksum::form;

pub const PATH: &str = "/CreditDetail/DoAction";

/// What is sent, in the vendor's order.
pub fn fields<'a>(
    platform_id: Option<&'a MerchantId>,
    call: &'a MoneyCall,
    dollars: &'a str,
) -> Vec<(&'static str, &'a str)> {
    let mut fields = vec![
        ("MerchantID", call.merchant_id.as_str()),
        ("MerchantTradeNo", call.merchant_trade_no.as_str()),
        ("TradeNo", call.trade_no.as_str()),
        ("Action", call.action.letter()),
        ("TotalAmount", dollars),
    ];
    fields.extend(platform_id.map(|id| ("PlatformID", id.as_str())));
    fields
}

/// Only an answer with the merchant's and both of the order's numbers says anything. Any other text may be of
/// another call, or of whatever stands between; `1|OK`, which a guide of the vendor's shows, is no proof either.
pub fn judge(body: &str, call: &MoneyCall) -> Result<Outcome, LookError> {
    // Whatever sends a request back has its signature in it.
    let fields = text::unsigned(body).filter(|(_, value)| !value.contains(form::FIELD));
    let answer: ActionAnswer = text::read(fields)?;
    let outcome = answer.outcome(call);
    let proves = matches!(outcome, Outcome::Accepted | Outcome::Refused { .. });
    if proves && answer.merchant_id.as_deref() != Some(call.merchant_id.as_str()) {
        return Err(LookError::NotBound(format!(
            "merchant {} asked, the answer names another or none",
            call.merchant_id
        )));
    }
    Ok(outcome)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::action::Action;
    use crate::domain::ids::{MerchantTradeNo, TradeNo};
    use crate::domain::money::Twd;

    fn call() -> MoneyCall {
        MoneyCall {
            merchant_id: MerchantId::parse("3002607").expect("a number"),
            merchant_trade_no: MerchantTradeNo::parse("SHOP20261101A").expect("a number"),
            trade_no: TradeNo::parse("2611011200000001").expect("a number"),
            action: Action::R,
            amount: Twd::new(300).expect("an amount"),
            stamp_s: 1_793_505_600,
        }
    }

    const BOUND: &str = "MerchantID=3002607&MerchantTradeNo=SHOP20261101A&TradeNo=2611011200000001";

    #[test]
    fn a_request_has_no_stamp_and_names_a_platform_only_where_there_is_one() {
        let call = call();
        let names = |platform: Option<&MerchantId>| -> Vec<&str> {
            fields(platform, &call, "300").into_iter().map(|(name, _)| name).collect()
        };
        let own = ["MerchantID", "MerchantTradeNo", "TradeNo", "Action", "TotalAmount"];
        assert_eq!(names(None), own);
        let platform = MerchantId::parse("3002599").expect("a number");
        assert_eq!(names(Some(&platform)), [&own[..], &["PlatformID"]].concat());
    }

    #[test]
    fn code_1_with_all_three_numbers_is_the_only_success() {
        for text in ["", "Succeeded.", "成功", "%e6%88%90%e5%8a%9f", "a+b"] {
            assert_eq!(judge(&format!("{BOUND}&RtnCode=1&RtnMsg={text}"), &call()), Ok(Outcome::Accepted), "{text}");
        }
        assert_eq!(judge(&format!("RtnCode=1&{BOUND}\r\n"), &call()), Ok(Outcome::Accepted));
    }

    #[test]
    fn a_refusal_keeps_the_code_and_the_words_whether_they_are_urlencoded_or_not() {
        for text in ["更新失敗.(error_amount_R)", "%E6%9B%B4%E6%96%B0%E5%A4%B1%E6%95%97.(error_amount_R)"] {
            let refused = Outcome::Refused { code: 10_000_002, text: "更新失敗.(error_amount_R)".to_owned() };
            assert_eq!(judge(&format!("{BOUND}&RtnCode=10000002&RtnMsg={text}"), &call()), Ok(refused));
        }
    }

    #[test]
    fn any_other_text_proves_nothing() {
        for body in [
            "",
            "1|OK",
            "0|error",
            "RtnCode=1&RtnMsg=",
            "10200073|CheckMacValue Error",
            "<html><body class=a&b=c>Service Unavailable</body></html>",
            r#"{"RtnCode":1,"MerchantTradeNo":"SHOP20261101A","TradeNo":"2611011200000001"}"#,
            "MerchantID=3002607&MerchantTradeNo=SHOP20261101A&RtnCode=1",
            "MerchantID=3002607&TradeNo=2611011200000001&RtnCode=1",
            "MerchantID=3002607&MerchantTradeNo=SHOP20261101B&TradeNo=2611011200000001&RtnCode=1",
            BOUND,
        ] {
            assert!(matches!(judge(body, &call()), Ok(Outcome::Unknown { .. })), "{body}");
        }
        for body in [
            "MerchantTradeNo=SHOP20261101A&TradeNo=2611011200000001&RtnCode=1".to_owned(),
            BOUND.replace("3002607", "3002608") + "&RtnCode=1",
            format!("{BOUND}&RtnCode=1&RtnCode=10000002"),
            format!("{BOUND}&RtnCode=one"),
        ] {
            assert!(judge(&body, &call()).is_err(), "{body}");
        }
    }

    #[test]
    fn an_echo_of_the_request_does_not_bring_its_signature_into_the_reason() {
        let echoed = format!("RtnCode=10200073&RtnMsg={BOUND}%26CheckMacValue%3D2DC422CD825D743D");
        let told = format!("{:?}", judge(&echoed, &call()));
        assert!(told.contains("10200073") && !told.contains("2DC422CD"), "{told}");
    }
}
