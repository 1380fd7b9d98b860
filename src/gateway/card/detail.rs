//! `CreditDetail/QueryTrade`, the card detail: the closing state of an authorization.
//!
//! An answer has one of three shapes (vendor's card detail page and recorded answers):
//! success with `RtnValue` and without `RtnCode`; a failure with `RtnCode`; a failure
//! without `RtnCode` whose `RtnMsg` is one of three words.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize, de};
use serde_json::value::RawValue;

use crate::domain::facts::CloseRow;
use crate::domain::ids::{MerchantId, MerchantTradeNo, TradeNo};
use crate::domain::money::Twd;
use crate::domain::status::StatusWord;
use crate::gateway::wire::liberal::{self, Fields};
use crate::gateway::wire::times;

pub const PATH: &str = "/1.0.0/CreditDetail/QueryTrade";

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DetailQuery {
    /// Only when a platform calls for its merchant (vendor page 信用卡請退款功能, `PlatformID`).
    #[serde(rename = "PlatformID", default, skip_serializing_if = "Option::is_none")]
    pub platform_id: Option<MerchantId>,
    #[serde(rename = "MerchantID")]
    pub merchant_id: MerchantId,
    #[serde(rename = "MerchantTradeNo")]
    pub merchant_trade_no: MerchantTradeNo,
    /// Only to reach a later authorization of a recurring order.
    #[serde(rename = "TradeNo", default, skip_serializing_if = "Option::is_none")]
    pub trade_no: Option<TradeNo>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DetailAnswer {
    Found(CardDetail),
    Failed {
        code: i64,
        text: String,
    },
    /// `error_nopay`: the bank has not answered yet, ask again in 10 minutes.
    BankPending,
    /// `error_Stop` (merchant unknown or expired) or `error` (check failed).
    BadCredentials(&'static str),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CardDetail {
    /// Equals the authorization's `Gwsr`.
    pub trade_id: Option<i64>,
    /// The authorized amount, in dollars; 0 where nothing is.
    pub amount: Twd,
    /// `ClsAmt`, what is closed so far, in dollars; 0 before the capture.
    pub closed: Option<i64>,
    pub authorized_at: Option<DateTime<Utc>>,
    pub status: StatusWord,
    /// In the order they came, which says nothing.
    pub rows: Vec<CloseRow>,
}

/// Its parts are read as they stand: a tree of values would forget a name that stands twice.
#[derive(Deserialize)]
struct RawAnswer<'a> {
    #[serde(rename = "RtnCode", default, deserialize_with = "liberal::optional_code")]
    rtn_code: Option<i64>,
    #[serde(rename = "RtnMsg", default, deserialize_with = "liberal::text")]
    rtn_msg: String,
    #[serde(rename = "RtnValue", borrow, default)]
    rtn_value: Option<&'a RawValue>,
    #[serde(rename = "CloseData", alias = "close_data", borrow, default)]
    close_data: Option<&'a RawValue>,
}

/// PascalCase here; the vendor's form API spells the same fields in lower case.
#[derive(Deserialize)]
struct RawDetail<'a> {
    #[serde(rename = "TradeID", alias = "tradeid", default, deserialize_with = "liberal::optional_whole")]
    trade_id: Option<i64>,
    #[serde(rename = "Amount", alias = "amount", default, deserialize_with = "liberal::optional_amount")]
    amount: Option<Twd>,
    #[serde(rename = "ClsAmt", alias = "clsamt", default, deserialize_with = "liberal::whole_if_readable")]
    closed: Option<i64>,
    #[serde(rename = "AuthTime", alias = "authtime", default, deserialize_with = "times::taipei_time")]
    authorized_at: Option<DateTime<Utc>>,
    #[serde(rename = "Status", alias = "status", default, deserialize_with = "liberal::text")]
    status: String,
    #[serde(rename = "CloseData", alias = "close_data", borrow, default)]
    close_data: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct RawRow {
    #[serde(rename = "Status", alias = "status", default, deserialize_with = "liberal::text")]
    status: String,
    #[serde(rename = "Amount", alias = "amount", deserialize_with = "liberal::whole")]
    amount: i64,
    #[serde(rename = "DateTime", alias = "datetime", default, deserialize_with = "times::taipei_time")]
    at: Option<DateTime<Utc>>,
}

impl DetailAnswer {
    pub fn read(json: &str) -> Result<Self, serde_json::Error> {
        let Fields(raw): Fields<RawAnswer<'_>> = serde_json::from_str(json)?;
        match raw.rtn_code {
            Some(1) => found(raw.rtn_value, raw.close_data),
            Some(code) => Ok(Self::Failed { code, text: raw.rtn_msg }),
            None => match raw.rtn_msg.trim().to_ascii_lowercase().as_str() {
                "error_nopay" => Ok(Self::BankPending),
                "error_stop" => Ok(Self::BadCredentials("error_Stop")),
                "error" => Ok(Self::BadCredentials("error")),
                _ => found(raw.rtn_value, raw.close_data),
            },
        }
    }
}

fn found(value: Option<&RawValue>, beside: Option<&RawValue>) -> Result<DetailAnswer, serde_json::Error> {
    let Fields(raw): Fields<RawDetail<'_>> = serde_json::from_str(value.map_or("null", RawValue::get))?;
    let (inside, beside) = (close_rows(raw.close_data)?, close_rows(beside)?);
    if !inside.is_empty() && !beside.is_empty() && inside != beside {
        return Err(de::Error::custom("two different lists of closing rows"));
    }
    Ok(DetailAnswer::Found(CardDetail {
        trade_id: raw.trade_id,
        amount: raw.amount.ok_or_else(|| de::Error::custom("card detail without an amount"))?,
        closed: raw.closed,
        authorized_at: raw.authorized_at,
        status: StatusWord::parse(&raw.status),
        rows: if beside.is_empty() { inside } else { beside },
    }))
}

/// An empty list is `{}` (recorded), and could be any other nothing; a row that cannot be
/// read makes the whole answer unreadable, for its amount would be missing from the sum.
fn close_rows(data: Option<&RawValue>) -> Result<Vec<CloseRow>, serde_json::Error> {
    let text = data.map_or("null", RawValue::get).trim();
    let inside = |open, close| text.strip_prefix(open).and_then(|rest| rest.strip_suffix(close)).map(str::trim);
    if text == "null" || inside('"', '"') == Some("") || inside('{', '}') == Some("") {
        return Ok(Vec::new());
    }
    let rows: Vec<Fields<RawRow>> =
        if text.starts_with('{') { vec![serde_json::from_str(text)?] } else { serde_json::from_str(text)? };
    Ok(rows.into_iter().map(|Fields(row)| row.into()).collect())
}

impl From<RawRow> for CloseRow {
    fn from(row: RawRow) -> Self {
        Self { status: StatusWord::parse(&row.status), amount: row.amount, at: row.at }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::domain::status::CardStatus;

    fn read(answer: Value) -> DetailAnswer {
        DetailAnswer::read(&answer.to_string()).expect("an answer")
    }

    fn rows_of(answer: Value) -> Vec<CloseRow> {
        match read(answer) {
            DetailAnswer::Found(detail) => detail.rows,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_recorded_success_has_no_code_and_an_object_for_no_rows() {
        let answer = json!({"RtnMsg": "", "RtnValue": {"TradeID": 14521552, "Amount": 199, "ClsAmt": 0,
            "AuthTime": "2026/08/01 09:30:52", "Status": "Authorized"}, "CloseData": {}});
        let DetailAnswer::Found(detail) = read(answer) else { panic!("not found") };
        assert_eq!((detail.trade_id, detail.amount.dollars(), detail.closed), (Some(14_521_552), 199, Some(0)));
        assert_eq!(detail.authorized_at.map(|at| at.to_rfc3339()).as_deref(), Some("2026-08-01T01:30:52+00:00"));
        assert_eq!(detail.status, StatusWord::Known(CardStatus::Authorized));
        assert!(detail.rows.is_empty());
    }

    #[test]
    fn failures_come_with_a_code_or_with_a_word() {
        let unknown = json!({"RtnCode": 10000185, "RtnMsg": "Cant not find the trade data"});
        let text = "Cant not find the trade data".to_owned();
        assert_eq!(read(unknown), DetailAnswer::Failed { code: 10_000_185, text });
        for (word, meaning) in [
            ("error_nopay", DetailAnswer::BankPending),
            ("error_Stop", DetailAnswer::BadCredentials("error_Stop")),
            ("error", DetailAnswer::BadCredentials("error")),
        ] {
            assert_eq!(read(json!({"RtnMsg": word})), meaning);
            assert_eq!(read(json!({"RtnMsg": word, "RtnCode": null, "RtnValue": {}, "CloseData": []})), meaning);
        }
    }

    #[test]
    fn closing_rows_are_read_beside_and_inside_in_both_spellings() {
        let pascal = json!([{"Status": "Captured", "Amount": 199, "DateTime": "2026/08/02 20:15:00"},
            {"Status": "Captured", "Amount": -50, "DateTime": "2026/08/03 20:15:00"}]);
        let lower = json!([{"status": "已關帳", "sno": "1", "amount": "199", "datetime": "2026/08/02 20:15:00"},
            {"status": "已關帳", "sno": "2", "amount": "-50", "datetime": "2026/08/03 20:15:00"}]);
        let beside = rows_of(json!({"RtnValue": {"Amount": 199}, "CloseData": pascal}));
        assert_eq!(beside.iter().map(|r| r.amount).collect::<Vec<_>>(), [199, -50]);
        assert_eq!(beside[0].status, StatusWord::Known(CardStatus::Captured));
        assert!(beside[0].at < beside[1].at);
        for other in [
            json!({"RtnValue": {"Amount": 199, "CloseData": pascal}, "CloseData": {}}),
            json!({"RtnValue": {"amount": "199", "close_data": lower}}),
            json!({"RtnValue": {"Amount": 199, "CloseData": pascal}, "close_data": lower}),
        ] {
            assert_eq!(rows_of(other), beside);
        }
    }

    #[test]
    fn nothing_is_written_in_many_ways() {
        for nothing in [json!({}), json!(null), json!([]), json!("")] {
            assert_eq!(rows_of(json!({"RtnValue": {"Amount": 1, "CloseData": nothing}, "CloseData": nothing})), []);
        }
    }

    #[test]
    fn an_answer_that_could_hide_money_is_unreadable() {
        let row = json!([{"Status": "Captured", "Amount": 199}]);
        let other = json!([{"Status": "Captured", "Amount": 99}]);
        for bad in [
            json!({"RtnMsg": ""}),
            json!({"RtnMsg": "", "RtnValue": null}),
            json!({"RtnValue": {"Status": "Authorized"}}),
            json!({"RtnValue": {"Amount": -199}}),
            json!({"RtnValue": [1, 199, 0, "2026/08/01 09:30:52", "Authorized"]}),
            json!({"RtnValue": {"Amount": 199}, "CloseData": [["Captured", 199, "2026/08/01 09:30:52"]]}),
            json!({"RtnValue": {"Amount": 199}, "CloseData": [{"Status": "Captured"}]}),
            json!({"RtnValue": {"Amount": 199}, "CloseData": "Captured"}),
            json!({"RtnValue": {"Amount": 199, "CloseData": row}, "CloseData": other}),
        ] {
            assert!(DetailAnswer::read(&bad.to_string()).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_trade_no_is_asked_with_only_for_a_later_authorization() {
        let mut query = DetailQuery {
            platform_id: None,
            merchant_id: MerchantId::parse("3002607").expect("a number"),
            merchant_trade_no: MerchantTradeNo::parse("A1").expect("a number"),
            trade_no: None,
        };
        let json = |q: &DetailQuery| serde_json::to_string(q).expect("plain data");
        assert_eq!(json(&query), r#"{"MerchantID":"3002607","MerchantTradeNo":"A1"}"#);
        query.trade_no = Some(TradeNo::parse("T2").expect("a number"));
        assert!(json(&query).ends_with(r#""TradeNo":"T2"}"#));
    }
}
