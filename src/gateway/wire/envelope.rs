//! The outer JSON of every call (the vendor's pages of the card calls, "Message format").

use serde::{Deserialize, Serialize};

use super::liberal;
use crate::domain::ids::MerchantId;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestEnvelope {
    /// The merchant, or the platform when it calls for a merchant (vendor page 信用卡請退款功能, `PlatformID`).
    #[serde(rename = "MerchantID", deserialize_with = "liberal::text")]
    pub merchant_id: String,
    #[serde(rename = "RqHeader")]
    pub rq_header: RqHeader,
    /// The sealed payload.
    #[serde(rename = "Data")]
    pub data: String,
}

/// The outer JSON of a voucher call (vendor pages QueryOrderInfo and QueryRefundInfo).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CheckedRequestEnvelope {
    /// Null when no platform calls. It stands here and not in `Data`, where the card calls have it.
    #[serde(rename = "PlatformID")]
    pub platform_id: Option<MerchantId>,
    /// The merchant, also when its platform calls.
    #[serde(rename = "MerchantID")]
    pub merchant_id: MerchantId,
    #[serde(rename = "RqHeader")]
    pub rq_header: RqHeader,
    #[serde(rename = "Data")]
    pub data: String,
    /// Over the plain text of `Data`.
    #[serde(rename = "CheckMacValue")]
    pub check_mac_value: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RqHeader {
    /// Unix seconds; a request whose stamp is more than 10 minutes old is refused (vendor page 信用卡請退款功能, in English).
    #[serde(rename = "Timestamp", deserialize_with = "liberal::whole")]
    pub timestamp: i64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnswerEnvelope {
    /// Voucher calls only.
    #[serde(
        rename = "PlatformID",
        default,
        deserialize_with = "liberal::text_if_readable",
        skip_serializing_if = "Option::is_none"
    )]
    pub platform_id: Option<String>,
    /// Empty when the answer leaves it out.
    #[serde(rename = "MerchantID", default, deserialize_with = "liberal::text")]
    pub merchant_id: String,
    #[serde(rename = "RpHeader", default, deserialize_with = "header_or_null")]
    pub rp_header: RpHeader,
    /// 1: the payload was accepted, and `Data` says what became of it. Without this
    /// field it is not an answer of the gateway.
    #[serde(rename = "TransCode", deserialize_with = "liberal::code")]
    pub trans_code: i64,
    #[serde(rename = "TransMsg", default, deserialize_with = "liberal::text")]
    pub trans_msg: String,
    /// The sealed payload; empty when there is none.
    #[serde(rename = "Data", default, deserialize_with = "liberal::text")]
    pub data: String,
    /// Voucher calls only: over the plain text of `Data`.
    #[serde(
        rename = "CheckMacValue",
        default,
        deserialize_with = "liberal::text_if_readable",
        skip_serializing_if = "Option::is_none"
    )]
    pub check_mac_value: Option<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RpHeader {
    /// The gateway's clock in Unix seconds.
    #[serde(rename = "Timestamp", default, deserialize_with = "liberal::whole_if_readable")]
    pub timestamp: Option<i64>,
}

fn header_or_null<'de, D: serde::Deserializer<'de>>(from: D) -> Result<RpHeader, D::Error> {
    let header: Option<liberal::Fields<RpHeader>> = Option::deserialize(from)?;
    Ok(header.unwrap_or_default().0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_written_with_the_vendors_names() {
        let request = RequestEnvelope {
            merchant_id: "3002607".to_owned(),
            rq_header: RqHeader { timestamp: 1_234_567_890 },
            data: "abc=".to_owned(),
        };
        let json = serde_json::to_string(&request).expect("plain data");
        assert_eq!(json, r#"{"MerchantID":"3002607","RqHeader":{"Timestamp":1234567890},"Data":"abc="}"#);
        assert_eq!(serde_json::from_str::<RequestEnvelope>(&json).expect("its own JSON"), request);
    }

    #[test]
    fn a_voucher_request_names_its_platform_outside_or_null() {
        let mut request = CheckedRequestEnvelope {
            platform_id: MerchantId::parse("3002599").ok(),
            merchant_id: MerchantId::parse("2000132").expect("a number"),
            rq_header: RqHeader { timestamp: 1_525_168_923 },
            data: "abc=".to_owned(),
            check_mac_value: "0F".to_owned(),
        };
        let json = |r: &CheckedRequestEnvelope| serde_json::to_string(r).expect("plain data");
        let rest = r#""MerchantID":"2000132","RqHeader":{"Timestamp":1525168923},"Data":"abc=","CheckMacValue":"0F"}"#;
        assert_eq!(json(&request), format!(r#"{{"PlatformID":"3002599",{rest}"#));
        request.platform_id = None;
        assert_eq!(json(&request), format!(r#"{{"PlatformID":null,{rest}"#));
    }

    #[test]
    fn an_answer_is_written_with_the_vendors_names() {
        for json in [
            r#"{"MerchantID":"3002607","RpHeader":{"Timestamp":9},"TransCode":1,"TransMsg":"Success","Data":"x"}"#,
            r#"{"PlatformID":"3002599","MerchantID":"2000132","RpHeader":{"Timestamp":9},"TransCode":1,"TransMsg":"","Data":"x","CheckMacValue":"0F"}"#,
        ] {
            let answer: AnswerEnvelope = serde_json::from_str(json).expect("an answer");
            assert_eq!(serde_json::to_string(&answer).expect("plain data"), json);
        }
    }

    #[test]
    fn an_answer_is_read_in_every_shape_it_has_come_in() {
        let whole = r#"{"MerchantID":3002607,"RpHeader":{"Timestamp":"9"},"TransCode":"1","Data":"x","New":[1]}"#;
        let answer: AnswerEnvelope = serde_json::from_str(whole).expect("an answer");
        assert_eq!((answer.merchant_id.as_str(), answer.rp_header.timestamp), ("3002607", Some(9)));
        assert_eq!((answer.trans_code, answer.trans_msg.as_str(), answer.data.as_str()), (1, "", "x"));

        for bare in [
            r#"{"TransCode":0}"#,
            r#"{"TransCode":0,"MerchantID":null,"RpHeader":null,"Data":null,"CheckMacValue":null}"#,
            r#"{"TransCode":0,"PlatformID":{},"CheckMacValue":[1]}"#,
        ] {
            let answer: AnswerEnvelope = serde_json::from_str(bare).expect("an answer");
            assert_eq!((answer.rp_header.timestamp, answer.data.as_str()), (None, ""));
            assert_eq!((answer.platform_id, answer.check_mac_value), (None, None));
        }
    }

    #[test]
    fn json_without_a_trans_code_is_no_answer() {
        assert!(serde_json::from_str::<AnswerEnvelope>(r#"{"error":"gateway time-out"}"#).is_err());
        assert!(serde_json::from_str::<AnswerEnvelope>(r#"{"TransCode":null}"#).is_err());
    }
}
