//! The outer JSON of every call (the vendor's pages of the card calls, "Message format").

use serde::{Deserialize, Serialize};

use super::liberal;

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

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RqHeader {
    /// Unix seconds; a request whose stamp is more than 10 minutes old is refused (vendor page 信用卡請退款功能, in English).
    #[serde(rename = "Timestamp", deserialize_with = "liberal::whole")]
    pub timestamp: i64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnswerEnvelope {
    /// Empty when the answer leaves it out.
    #[serde(rename = "MerchantID", default, deserialize_with = "liberal::text")]
    pub merchant_id: String,
    #[serde(rename = "RpHeader", default, deserialize_with = "header_or_null")]
    pub rp_header: RpHeader,
    /// 1: the payload was accepted, and `Data` says what became of it. Without this
    /// field it is not an answer of the gateway.
    #[serde(rename = "TransCode", deserialize_with = "liberal::whole")]
    pub trans_code: i64,
    #[serde(rename = "TransMsg", default, deserialize_with = "liberal::text")]
    pub trans_msg: String,
    /// The sealed payload; empty when there is none.
    #[serde(rename = "Data", default, deserialize_with = "liberal::text")]
    pub data: String,
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
    fn an_answer_is_written_with_the_vendors_names() {
        let json =
            r#"{"MerchantID":"3002607","RpHeader":{"Timestamp":9},"TransCode":1,"TransMsg":"Success","Data":"x"}"#;
        let answer: AnswerEnvelope = serde_json::from_str(json).expect("an answer");
        assert_eq!(serde_json::to_string(&answer).expect("plain data"), json);
    }

    #[test]
    fn an_answer_is_read_in_every_shape_it_has_come_in() {
        let whole = r#"{"MerchantID":3002607,"RpHeader":{"Timestamp":"9"},"TransCode":"1","Data":"x","New":[1]}"#;
        let answer: AnswerEnvelope = serde_json::from_str(whole).expect("an answer");
        assert_eq!((answer.merchant_id.as_str(), answer.rp_header.timestamp), ("3002607", Some(9)));
        assert_eq!((answer.trans_code, answer.trans_msg.as_str(), answer.data.as_str()), (1, "", "x"));

        for bare in [r#"{"TransCode":0}"#, r#"{"TransCode":0,"MerchantID":null,"RpHeader":null,"Data":null}"#] {
            let answer: AnswerEnvelope = serde_json::from_str(bare).expect("an answer");
            assert_eq!((answer.rp_header.timestamp, answer.data.as_str()), (None, ""));
        }
    }

    #[test]
    fn json_without_a_trans_code_is_no_answer() {
        assert!(serde_json::from_str::<AnswerEnvelope>(r#"{"error":"gateway time-out"}"#).is_err());
        assert!(serde_json::from_str::<AnswerEnvelope>(r#"{"TransCode":null}"#).is_err());
    }
}
