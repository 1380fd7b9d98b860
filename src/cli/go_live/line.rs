//! One answer as a line of the recording.

use serde::Serialize;
use serde_json::value::RawValue;

use super::mask::Mask;
use super::recorder::Heard;
use crate::cli::Failure;
use crate::gateway::wire::cipher::Keys;
use crate::gateway::wire::envelope::AnswerEnvelope;

/// What opens an answer, and hides its numbers.
pub(super) struct Opened<'a> {
    pub keys: &'a Keys,
    pub mask: &'a Mask,
}

#[derive(Serialize)]
struct Line<'a> {
    call: &'a str,
    day: &'a str,
    step: &'static str,
    http: u16,
    #[serde(rename = "TransCode")]
    trans_code: Option<i64>,
    #[serde(rename = "TransMsg")]
    trans_msg: Option<String>,
    /// Null where there is none that can be read.
    answer: Option<Box<RawValue>>,
}

pub(super) fn line(
    heard: &Heard,
    Opened { keys, mask }: Opened<'_>,
    step: &'static str,
    day: &str,
) -> Result<String, Failure> {
    let body = heard.body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&heard.body);
    let (is_form, call) = named(&heard.url);
    let envelope: Option<AnswerEnvelope> = serde_json::from_slice(body).ok().filter(|_| !is_form);
    let opened = envelope.as_ref().and_then(|envelope| keys.open(&envelope.data).ok());
    let masked = match std::str::from_utf8(body).ok().filter(|_| is_form) {
        // Of the form's answers one is JSON, and none is sealed.
        Some(text) => mask.answer(text).or_else(|| mask.form(text)),
        None => opened.and_then(|text| mask.answer(&text)),
    };
    let line = Line {
        call,
        day,
        step,
        http: heard.status,
        trans_code: envelope.as_ref().map(|envelope| envelope.trans_code),
        trans_msg: envelope.map(|envelope| mask.words(&envelope.trans_msg)),
        answer: masked.map(RawValue::from_string).transpose()?,
    };
    Ok(serde_json::to_string(&line)?)
}

/// Whether a call is of 全方位金流, and its name as ECPay's pages have it, without the version before it.
fn named(url: &str) -> (bool, &str) {
    if let Some((_, call)) = url.rsplit_once("/1.0.0/") {
        return (false, call);
    }
    let at = ["/Cashier/", "/CreditDetail/"].iter().find_map(|folder| url.rfind(folder));
    (true, at.map_or("", |at| &url[at + 1..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_what_was_answered_and_none_of_its_numbers() {
        let keys = Keys::new("pwFHCqoQZGmho4w6", "EkRm7iFT261dpevs").expect("keys");
        let mask = Mask::of(["GOLIVE35", "3002607"]);
        let envelope = |code: i64, text: &str, data: &str| {
            format!(
                r#"{{"MerchantID":"3002607","RpHeader":{{"Timestamp":9}},"TransCode":{code},"TransMsg":"{text}","Data":"{data}"}}"#
            )
        };
        let sealed = keys.seal(r#"{"RtnCode":1,"OrderInfo":{"MerchantTradeNo":"GOLIVE35","TradeAmt":35}}"#);
        let start = r#"{"call":"Cashier/QueryTrade","day":"2026-11-30","step":"voided","#;
        for (status, body, expected) in [
            (
                200,
                envelope(1, "Success", &sealed),
                r#""http":200,"TransCode":1,"TransMsg":"Success","answer":{"RtnCode":1,"OrderInfo":{"MerchantTradeNo":"AAAAAA99","TradeAmt":99}}}"#,
            ),
            (
                200,
                envelope(0, "MerchantID 3002607 Error", ""),
                r#""http":200,"TransCode":0,"TransMsg":"MerchantID 9999999 Error","answer":null}"#,
            ),
            (200, envelope(1, "", "bm90aGluZw=="), r#""http":200,"TransCode":1,"TransMsg":"","answer":null}"#),
            (403, "<html>3002607</html>".to_owned(), r#""http":403,"TransCode":null,"TransMsg":null,"answer":null}"#),
        ] {
            let url = "https://ecpayment.ecpay.com.tw/1.0.0/Cashier/QueryTrade".to_owned();
            let heard = Heard { url, status, body: body.into_bytes() };
            let told = line(&heard, Opened { keys: &keys, mask: &mask }, "voided", "2026-11-30").expect("a line");
            assert_eq!(told, format!("{start}{expected}"));
        }
    }
    #[test]
    fn an_answer_to_a_form_is_masked_field_by_field_and_its_signature_whole() {
        let keys = Keys::new("pwFHCqoQZGmho4w6", "EkRm7iFT261dpevs").expect("keys");
        let mask = Mask::of(["GOLIVE35", "3002607"]);
        let told = |call: &str, body: &str| {
            let url = format!("https://payment.ecpay.com.tw/{call}");
            let heard = Heard { url, status: 200, body: body.as_bytes().to_vec() };
            line(&heard, Opened { keys: &keys, mask: &mask }, "probe", "2026-11-30").expect("a line")
        };
        let start = |call: &str| {
            format!(
                r#"{{"call":"{call}","day":"2026-11-30","step":"probe","http":200,"TransCode":null,"TransMsg":null,"answer":"#
            )
        };
        for (call, body, answer) in [
            (
                "Cashier/QueryTradeInfo/V5",
                "ItemName=tea & 茶具=1 x 2#cup&MerchantTradeNo=GOLIVE35&PaymentType=Credit_CreditCard&TradeStatus=1&card4no=2222&CheckMacValue=0AF3",
                r#"{"ItemName":"aaa & 字字=9 a 9#aaa","MerchantTradeNo":"AAAAAA99","PaymentType":"Credit_CreditCard","TradeStatus":"1","card4no":"9999","CheckMacValue":"****"}}"#,
            ),
            (
                "Cashier/QueryTradeInfo/V5",
                "MerchantTradeNo=GOLIVE35&TradeStatus=10200047",
                r#"{"MerchantTradeNo":"AAAAAA99","TradeStatus":"10200047"}}"#,
            ),
            (
                "CreditDetail/QueryTrade/V2",
                r#"{"RtnMsg":"","RtnValue":{"TradeID":10735183,"status":"已授權"}}"#,
                r#"{"RtnMsg":"","RtnValue":{"TradeID":99999999,"status":"已授權"}}}"#,
            ),
            ("Cashier/QueryTradeInfo/V5", "10200073|CheckMacValue Error", "null}"),
            ("Cashier/QueryTradeInfo/V5", "<html>3002607</html>", "null}"),
        ] {
            assert_eq!(told(call, body), start(call) + answer);
        }
    }
}
