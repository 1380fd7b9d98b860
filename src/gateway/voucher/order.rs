//! `Ticket/QueryOrderInfo` (vendor page of that name): request and answer as they are on the wire.
//!
//! Amounts are whole New Taiwan dollars, times are Taipei's on the wire. Fields that nothing
//! is decided by are `None` when they cannot be read; the others make the answer unreadable.

use chrono::{DateTime, NaiveDate, Utc};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use super::tickets::TicketList;
use crate::domain::ids::MerchantId;
use crate::domain::money::Twd;
use crate::domain::voucher::VoucherNumber;
use crate::gateway::wire::{liberal, times};

pub const PATH: &str = "/api/Ticket/QueryOrderInfo";

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct VoucherQuery {
    #[serde(rename = "MerchantID")]
    pub merchant_id: MerchantId,
    /// Empty when the order is asked for by the other number, as in the vendor's sample.
    #[serde(rename = "MerchantTradeNo")]
    pub merchant_trade_no: String,
    #[serde(rename = "FreeTradeNo")]
    pub free_trade_no: String,
    /// From 1, 200 tickets each. On a newer Chinese page alone, so the first call goes without.
    #[serde(rename = "PageNum", skip_serializing_if = "Option::is_none")]
    pub page_num: Option<u32>,
}

impl VoucherQuery {
    pub fn of(merchant_id: MerchantId, number: &VoucherNumber, page_num: Option<u32>) -> Self {
        let (merchant_trade_no, free_trade_no) = match number {
            VoucherNumber::MerchantTradeNo(no) => (no.to_string(), String::new()),
            VoucherNumber::FreeTradeNo(no) => (String::new(), no.to_string()),
        };
        Self { merchant_id, merchant_trade_no, free_trade_no, page_num }
    }
}

#[derive(Clone, Debug, Deserialize)]
pub struct VoucherAnswer {
    /// 1: executed; others: failed.
    #[serde(rename = "RtnCode", deserialize_with = "liberal::code")]
    pub rtn_code: i64,
    #[serde(rename = "RtnMsg", default, deserialize_with = "liberal::text")]
    pub rtn_msg: String,
    /// Comes as a JSON number too.
    #[serde(rename = "MerchantID", default, deserialize_with = "liberal::optional_text")]
    pub merchant_id: Option<String>,
    /// The shop's order number, String(25).
    #[serde(rename = "MerchantTradeNo", default, deserialize_with = "liberal::optional_text")]
    pub merchant_trade_no: Option<String>,
    /// The number of what was given away, String(20).
    #[serde(rename = "FreeTradeNo", default, deserialize_with = "liberal::optional_text")]
    pub free_trade_no: Option<String>,
    /// ECTicket's own order number, String(16).
    #[serde(rename = "TicketTradeNo", default, deserialize_with = "liberal::optional_text")]
    pub ticket_trade_no: Option<String>,
    /// 1: ECPay Payment Services. In the page's table, not in its sample.
    #[serde(rename = "PaymentProvider", default, deserialize_with = "liberal::whole_if_readable")]
    pub payment_provider: Option<i64>,
    /// 1: credit card. In the page's table, not in its sample.
    #[serde(rename = "PaymentType", default, deserialize_with = "liberal::whole_if_readable")]
    pub payment_type: Option<i64>,
    /// The card authorization that paid for the order; it leads to the card order.
    #[serde(rename = "CreditTradeID", default, deserialize_with = "liberal::optional_whole")]
    pub credit_trade_id: Option<i64>,
    /// 1: issued; 2: issuing failed; 3: being issued.
    #[serde(rename = "Status", default, deserialize_with = "liberal::text")]
    pub status: String,
    /// Why the issuing failed, String(100).
    #[serde(rename = "Remark", default, deserialize_with = "liberal::text")]
    pub remark: String,
    #[serde(rename = "IssueDate", default, deserialize_with = "times::taipei_time_or_day")]
    pub issue_date: Option<DateTime<Utc>>,
    /// 1: convenience store; 2: paper; 3: electronic; 4: serial numbers alone.
    #[serde(rename = "IssueType", default, deserialize_with = "liberal::whole_if_readable")]
    pub issue_type: Option<i64>,
    /// 1: printed by ECPay; 2: by the merchant; empty: not on paper.
    #[serde(rename = "PrintType", default, deserialize_with = "liberal::whole_if_readable")]
    pub print_type: Option<i64>,
    #[serde(rename = "CustomerName", default, deserialize_with = "liberal::secret")]
    pub customer_name: Option<SecretString>,
    #[serde(rename = "CustomerPhone", default, deserialize_with = "liberal::secret")]
    pub customer_phone: Option<SecretString>,
    #[serde(rename = "CustomerEmail", default, deserialize_with = "liberal::secret")]
    pub customer_email: Option<SecretString>,
    /// Until then the money is held in trust.
    #[serde(rename = "EscrowExpiredDate", default, deserialize_with = "times::day")]
    pub escrow_expired_date: Option<NaiveDate>,
    #[serde(rename = "TotalCount", default, deserialize_with = "liberal::optional_count")]
    pub total_count: Option<u32>,
    #[serde(rename = "TradeAmount", default, deserialize_with = "liberal::optional_amount")]
    pub trade_amount: Option<Twd>,
    #[serde(rename = "RedeemCount", default, deserialize_with = "liberal::optional_count")]
    pub redeem_count: Option<u32>,
    #[serde(rename = "RedeemAmount", default, deserialize_with = "liberal::optional_amount")]
    pub redeem_amount: Option<Twd>,
    #[serde(rename = "RefundCount", default, deserialize_with = "liberal::optional_count")]
    pub refund_count: Option<u32>,
    #[serde(rename = "RefundAmount", default, deserialize_with = "liberal::optional_amount")]
    pub refund_amount: Option<Twd>,
    /// Kept from the customers at their refunds.
    #[serde(rename = "TotalRefundFee", default, deserialize_with = "liberal::optional_amount")]
    pub total_refund_fee: Option<Twd>,
    #[serde(rename = "UnUsedCount", default, deserialize_with = "liberal::optional_count")]
    pub unused_count: Option<u32>,
    #[serde(rename = "UnUsedAmount", default, deserialize_with = "liberal::optional_amount")]
    pub unused_amount: Option<Twd>,
    #[serde(rename = "ExpiredCount", default, deserialize_with = "liberal::optional_count")]
    pub expired_count: Option<u32>,
    #[serde(rename = "TicketList", default)]
    pub ticket_list: TicketList,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::ids::{FreeTradeNo, VoucherTradeNo};

    /// The sample of the vendor's page, with the comma that it lacks after `RtnMsg`.
    const SAMPLE: &str = r#"{
"RtnCode": 1,
"RtnMsg": "Success",
"MerchantID": "2000132",
"MerchantTradeNo":"CBX20230302153064851",
"FreeTradeNo":"",
"TicketTradeNo":"2023061012345678",
"CreditTradeID":12456789,
"Status":1,
"Remark":"",
"IssueDate":"2023/06/10 10:35:21",
"IssueType":"3",
"PrintType":"",
"CustomerName":"",
"CustomerPhone":"",
"CustomerEmail":"ABC123@gmail.com",
"EscrowExpiredDate":"20231210",
"TotalCount":3,
"TradeAmount":9000,
"RedeemCount":1,
"RedeemAmount":3000,
"RefundCount":2,
"RefundAmount":600,
"TotalRefundFee":80,
"UnUsedCount":0,
"UnUsedAmount":0,
"ExpiredCount":0,
"TicketList":[]
}"#;

    fn read(json: &str) -> Result<VoucherAnswer, serde_json::Error> {
        serde_json::from_str(json)
    }

    fn twd(dollars: i64) -> Option<Twd> {
        Twd::new(dollars).ok()
    }

    #[test]
    fn an_order_is_asked_for_by_one_of_its_numbers_and_the_other_stays_empty() {
        let json = |number: VoucherNumber, page| {
            let merchant_id = MerchantId::parse("2000132").expect("a number");
            serde_json::to_string(&VoucherQuery::of(merchant_id, &number, page)).expect("plain data")
        };
        let sold = VoucherTradeNo::parse("CBX20220302153064851").expect("a number");
        let sample = r#"{"MerchantID":"2000132","MerchantTradeNo":"CBX20220302153064851","FreeTradeNo":""}"#;
        assert_eq!(json(VoucherNumber::MerchantTradeNo(sold), None), sample);
        let free = FreeTradeNo::parse("F1").expect("a number");
        let page = r#"{"MerchantID":"2000132","MerchantTradeNo":"","FreeTradeNo":"F1","PageNum":2}"#;
        assert_eq!(json(VoucherNumber::FreeTradeNo(free), Some(2)), page);
    }

    #[test]
    fn the_vendors_sample_is_read_field_by_field() {
        let answer = read(SAMPLE).expect("an answer");
        assert_eq!((answer.rtn_code, answer.rtn_msg.as_str()), (1, "Success"));
        assert_eq!(answer.merchant_id.as_deref(), Some("2000132"));
        assert_eq!(answer.merchant_trade_no.as_deref(), Some("CBX20230302153064851"));
        assert_eq!(answer.free_trade_no, None);
        assert_eq!(answer.ticket_trade_no.as_deref(), Some("2023061012345678"));
        assert_eq!((answer.payment_provider, answer.payment_type), (None, None));
        assert_eq!((answer.credit_trade_id, answer.status.as_str()), (Some(12_456_789), "1"));
        assert_eq!(answer.issue_date.map(|at| at.to_rfc3339()).as_deref(), Some("2023-06-10T02:35:21+00:00"));
        assert_eq!((answer.issue_type, answer.print_type, answer.remark.as_str()), (Some(3), None, ""));
        assert!(answer.customer_name.is_none() && answer.customer_email.is_some());
        assert_eq!(answer.escrow_expired_date, NaiveDate::from_ymd_opt(2023, 12, 10));
        assert_eq!((answer.total_count, answer.trade_amount), (Some(3), twd(9000)));
        assert_eq!((answer.redeem_count, answer.redeem_amount), (Some(1), twd(3000)));
        assert_eq!((answer.refund_count, answer.refund_amount), (Some(2), twd(600)));
        assert_eq!((answer.unused_count, answer.unused_amount), (Some(0), twd(0)));
        assert_eq!((answer.expired_count, answer.total_refund_fee), (Some(0), twd(80)));
        assert_eq!(answer.ticket_list, TicketList::default());
    }

    #[test]
    fn the_vendors_sample_as_it_is_printed_is_no_json() {
        assert!(read(&SAMPLE.replacen("\"Success\",", "\"Success\"", 1)).is_err());
    }

    #[test]
    fn numbers_come_as_text_texts_as_numbers_and_the_rest_as_nothing() {
        let answer = json!({"RtnCode": "1", "MerchantID": 2_000_132, "MerchantTradeNo": 20_230_302, "Status": "2",
            "PaymentProvider": 1, "PaymentType": "1", "CreditTradeID": "", "Remark": null, "IssueDate": "", "IssueType": 2,
            "PrintType": 1, "EscrowExpiredDate": 20_231_210, "TotalCount": "3", "TradeAmount": "9000", "RedeemCount": null,
            "TicketList": null, "SomethingNew": [{}]});
        let answer = read(&answer.to_string()).expect("an answer");
        assert_eq!((answer.merchant_id.as_deref(), answer.status.as_str()), (Some("2000132"), "2"));
        assert_eq!(answer.merchant_trade_no.as_deref(), Some("20230302"));
        assert_eq!((answer.payment_provider, answer.payment_type), (Some(1), Some(1)));
        assert_eq!((answer.credit_trade_id, answer.issue_date, answer.issue_type), (None, None, Some(2)));
        assert_eq!(answer.escrow_expired_date, NaiveDate::from_ymd_opt(2023, 12, 10));
        assert_eq!((answer.total_count, answer.trade_amount, answer.redeem_count), (Some(3), twd(9000), None));
    }

    #[test]
    fn what_no_sum_can_be_made_of_makes_an_answer_unreadable() {
        for (name, value) in [
            ("TradeAmount", json!(-1)),
            ("RedeemAmount", json!(0.5)),
            ("TotalRefundFee", json!("NT$5")),
            ("TotalCount", json!(-3)),
            ("UnUsedCount", json!(1.5)),
            ("ExpiredCount", json!([])),
            ("CreditTradeID", json!("x")),
            ("RtnCode", json!(null)),
            ("TicketList", json!("none")),
            ("TicketList", json!({"TicketNo": "CX1"})),
            ("TicketList", json!([[]])),
        ] {
            let mut answer: serde_json::Value = serde_json::from_str(SAMPLE).expect("an answer");
            answer[name] = value;
            assert!(read(&answer.to_string()).is_err(), "{answer}");
        }
    }

    #[test]
    fn customers_are_not_shown() {
        let json = r#"{"RtnCode":1,"CustomerName":"Wang Xiaoming","CustomerPhone":"0912345678","CustomerEmail":"a@b.example"}"#;
        let answer = read(json).expect("an answer");
        assert!(answer.customer_name.is_some() && answer.customer_phone.is_some());
        let shown = format!("{answer:?}");
        for hidden in ["Wang", "0912345678", "a@b"] {
            assert!(!shown.contains(hidden), "{hidden}");
        }
    }
}
