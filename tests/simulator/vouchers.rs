//! Both voucher calls over real HTTP, steered by control calls, field by field as the vendor's pages have them.

use chrono::{DateTime, Utc};
use ecpayd::gateway::wire::checksum;
use ecpayd::gateway::wire::cipher::Keys;
use ecpayd::simulator::{Call, Running};
use serde_json::{Value, json};

use crate::scene::{MERCHANT, at, envelope, served};

fn keys() -> Keys {
    Keys::new("c539115ea7674f20", "86f625e60cb1473a").expect("the public stage keys")
}

fn request(data: &Value, stamp: DateTime<Utc>) -> Value {
    let text = data.to_string();
    json!({
        "PlatformID": null,
        "MerchantID": MERCHANT,
        "RqHeader": { "Timestamp": stamp.timestamp() },
        "Data": keys().seal(&text),
        "CheckMacValue": checksum::of(&keys(), &text),
    })
}

struct Shop {
    sim: Running,
    client: reqwest::Client,
}

impl Shop {
    async fn open() -> Self {
        let (sim, client) = served().await;
        Self { sim, client }
    }

    async fn post(&self, path: &str, body: &Value) -> (u16, Vec<u8>) {
        let url = format!("{}{path}", self.sim.url());
        let answer = self.client.post(url).body(body.to_string()).send().await.expect("an answer");
        (answer.status().as_u16(), answer.bytes().await.expect("a body").to_vec())
    }

    /// A control call that has to work.
    async fn set(&self, path: &str, body: Value) -> Value {
        let (status, bytes) = self.post(&format!("/sim/{path}"), &body).await;
        let answer: Value = serde_json::from_slice(&bytes).expect("JSON");
        assert_eq!(status, 200, "{path}: {answer}");
        answer
    }

    /// What cannot be done.
    async fn refused(&self, path: &str, body: Value) -> String {
        let (status, bytes) = self.post(&format!("/sim/{path}"), &body).await;
        let answer: Value = serde_json::from_slice(&bytes).expect("JSON");
        assert_eq!(status, 400, "{path}: {answer}");
        answer["error"].as_str().expect("a sentence").to_owned()
    }

    /// The answer's text, and whether its checksum holds for it.
    async fn answered(&self, call: Call, data: &Value) -> (String, bool) {
        let (status, bytes) = self.post(call.path(), &request(data, self.sim.handle.now())).await;
        assert_eq!((status, envelope(&bytes).trans_code), (200, 1));
        let outer: Value = serde_json::from_slice(&bytes).expect("JSON");
        let text = keys().open(outer["Data"].as_str().expect("data")).expect("sealed with the voucher keys");
        let holds = checksum::holds(&keys(), &text, outer["CheckMacValue"].as_str().expect("a checksum"));
        (text, holds)
    }

    async fn ask(&self, call: Call, data: &Value) -> Value {
        let (text, holds) = self.answered(call, data).await;
        assert!(holds);
        serde_json::from_str(&text).expect("JSON")
    }
}

fn order(no: &str) -> Value {
    json!({ "MerchantID": MERCHANT, "MerchantTradeNo": no, "FreeTradeNo": "" })
}

#[tokio::test]
async fn every_field_of_a_voucher_order_is_told() {
    let shop = Shop::open().await;
    shop.set(
        "vouchers",
        json!({
            "merchant_trade_no": "CBX2022030215306485100025",
            "tickets": [
                { "count": 2, "amount": 1200, "item_no": "T00358", "item_name": "平日住宿券", "starts_on": "2026-08-02" },
                { "count": 2, "amount": 500, "kind": "gift", "expires_on": "2026-08-31" },
            ],
            "issue_type": "paper",
            "printed_by": "merchant",
            "customer": { "name": "王小明", "phone": "0912345678", "email": "ABC123@gmail.com" },
        }),
    )
    .await;
    let no = "CBX2022030215306485100025";
    shop.set(&format!("vouchers/{no}/redeem"), json!({ "count": 1 })).await;
    shop.set(&format!("vouchers/{no}/refund"), json!({ "tickets": ["CX00000100002"], "fee": 80 })).await;
    shop.set("clock", json!({ "now": "2026-09-01 12:00:00" })).await;
    let mut seen = shop.ask(Call::QueryOrderInfo, &order(no)).await;
    let tickets = seen.as_object_mut().and_then(|o| o.remove("TicketList")).expect("tickets");
    assert_eq!(
        seen,
        json!({
            "RtnCode": 1, "RtnMsg": "Success", "MerchantID": MERCHANT, "MerchantTradeNo": no, "FreeTradeNo": "",
            "TicketTradeNo": "2026080100000001", "PaymentProvider": "1", "PaymentType": "1",
            "CreditTradeID": 14_521_552, "Status": 1, "Remark": "", "IssueDate": "2026/08/01 12:00:00",
            "IssueType": "2", "PrintType": "2", "CustomerName": "王小明", "CustomerPhone": "0912345678",
            "CustomerEmail": "ABC123@gmail.com", "EscrowExpiredDate": "20270131", "TotalCount": 4, "TradeAmount": 3400,
            "RedeemCount": 1, "RedeemAmount": 1200, "RefundCount": 1, "RefundAmount": 1200, "TotalRefundFee": 80,
            "UnUsedCount": 0, "UnUsedAmount": 0, "ExpiredCount": 2,
        })
    );
    assert_eq!(
        tickets[0],
        json!({
            "TicketNo": "CX00000100001", "UseStatus": 2, "ItemNo": "T00358", "ItemName": "平日住宿券",
            "TicketType": "1", "TicketAmount": 1200, "StartDate": "20260802", "WriteOffDate": "20260801",
            "RefundDate": "", "ExpiredDate": "", "WriteOffNo": "WOCX00000100001",
        })
    );
    assert_eq!((&tickets[1]["UseStatus"], &tickets[1]["RefundDate"]), (&json!(3), &json!("20260801")));
    assert_eq!((&tickets[2]["UseStatus"], &tickets[2]["ExpiredDate"]), (&json!(4), &json!("20260831")));
    assert_eq!(tickets[2]["TicketType"], "2");

    shop.set("merchants/3002607", json!({ "voucher_dates": "page" })).await;
    let paged = shop.ask(Call::QueryOrderInfo, &order(no)).await;
    assert_eq!(paged["IssueDate"], "2026/08/01 12:00");
    assert_eq!(paged["TicketList"][0]["WriteOffDate"], "20260801 12:00");
}

#[tokio::test]
async fn issuing_takes_its_time_and_may_fail() {
    let shop = Shop::open().await;
    let tickets = json!([{ "amount": 500 }]);
    shop.set("vouchers", json!({ "merchant_trade_no": "V1", "tickets": tickets, "issuing_s": 60 })).await;
    shop.set("vouchers", json!({ "merchant_trade_no": "V2", "tickets": tickets, "issuing": true })).await;
    for no in ["V1", "V2"] {
        let seen = shop.ask(Call::QueryOrderInfo, &order(no)).await;
        assert_eq!((&seen["Status"], &seen["IssueDate"], &seen["TicketList"]), (&json!(3), &json!(""), &json!([])));
    }
    shop.set("clock", json!({ "now": "2026-08-01 12:01:00" })).await;
    assert_eq!(shop.ask(Call::QueryOrderInfo, &order("V1")).await["Status"], 1);
    shop.set("vouchers/V2/issue", json!({ "failed": "庫存不足" })).await;
    let seen = shop.ask(Call::QueryOrderInfo, &order("V2")).await;
    assert_eq!((&seen["Status"], &seen["Remark"], &seen["TotalCount"]), (&json!(2), &json!("庫存不足"), &json!(0)));
    assert!(shop.refused("vouchers/V2/redeem", json!({ "count": 1 })).await.contains("no issued tickets"));
}

#[tokio::test]
async fn a_refund_counts_once_the_bank_has_confirmed_it() {
    let shop = Shop::open().await;
    let tickets = json!([{ "count": 3, "amount": 800 }]);
    shop.set("vouchers", json!({ "merchant_trade_no": "V1", "tickets": tickets })).await;
    shop.set("vouchers/V1/refund", json!({ "count": 1 })).await;
    let data = json!({ "MerchantID": MERCHANT, "MerchantTradeNo": "V1" });
    let told = |amount: i64| {
        json!({ "RtnCode": 1, "RtnMsg": "Success", "MerchantID": MERCHANT, "MerchantTradeNo": "V1",
                "TradeAmount": 2400, "TotalRefundAmount": amount })
    };
    assert_eq!(shop.ask(Call::QueryRefundInfo, &data).await, told(0));
    assert_eq!(shop.ask(Call::QueryOrderInfo, &order("V1")).await["RefundAmount"], 800);
    shop.set("clock", json!({ "forward": "24h" })).await;
    assert_eq!(shop.ask(Call::QueryRefundInfo, &data).await, told(800));
    shop.set("merchants/3002607", json!({ "voucher_confirm_h": null })).await;
    shop.set("vouchers/V1/refund", json!({ "count": 1 })).await;
    shop.set("clock", json!({ "forward": "100d" })).await;
    assert_eq!(shop.ask(Call::QueryRefundInfo, &data).await, told(800));
    let truth = shop.set("vouchers/V1/confirm", json!({})).await;
    assert_eq!((&truth["refund_confirmed_amount"], &truth["actions"][2]["action"]), (&json!(1600), &json!("confirm")));
    assert_eq!(shop.ask(Call::QueryRefundInfo, &data).await, told(1600));

    let gift = json!([{ "amount": 800, "kind": "gift" }]);
    shop.set("vouchers", json!({ "merchant_trade_no": "G1", "tickets": gift })).await;
    let no_pickup = json!({ "MerchantID": MERCHANT, "MerchantTradeNo": "G1" });
    assert_ne!(shop.ask(Call::QueryRefundInfo, &no_pickup).await["RtnCode"], 1);
}

#[tokio::test]
async fn a_merchant_whose_service_lacks_the_refund_call_gets_404_and_the_other_call_goes_on() {
    let shop = Shop::open().await;
    shop.set("vouchers", json!({ "merchant_trade_no": "V1", "tickets": [{ "amount": 800 }] })).await;
    shop.set("merchants/3002607", json!({ "voucher_refund_info": false })).await;
    let body = request(&json!({ "MerchantID": MERCHANT, "MerchantTradeNo": "V1" }), shop.sim.handle.now());
    assert_eq!(shop.post(Call::QueryRefundInfo.path(), &body).await.0, 404);
    assert_eq!(shop.ask(Call::QueryOrderInfo, &order("V1")).await["RtnCode"], 1);
}

#[tokio::test]
async fn tickets_come_two_hundred_to_a_page() {
    let shop = Shop::open().await;
    let tickets = json!([{ "count": 450, "amount": 10 }]);
    shop.set("vouchers", json!({ "free_trade_no": "F1", "tickets": tickets, "issue_type": "serial" })).await;
    let ask = |page: Value| json!({ "MerchantID": MERCHANT, "FreeTradeNo": "F1", "PageNum": page });
    let mut all = std::collections::BTreeSet::new();
    for (page, count) in [(json!(1), 200), (json!("2"), 200), (json!(3), 50), (json!(4), 0), (Value::Null, 200)] {
        let seen = shop.ask(Call::QueryOrderInfo, &ask(page.clone())).await;
        assert_eq!((&seen["TotalCount"], &seen["TradeAmount"]), (&json!(450), &json!(0)));
        let list = seen["TicketList"].as_array().expect("a list");
        assert_eq!(list.len(), count, "page {page}");
        assert!(list.iter().all(|t| t.get("ItemNo").is_none() && t.get("WriteOffNo").is_none()));
        all.extend(list.iter().map(|t| t["TicketNo"].to_string()));
    }
    assert_eq!(all.len(), 450);
    for bad in [json!(0), json!(-1), json!("x"), json!([])] {
        assert_ne!(shop.ask(Call::QueryOrderInfo, &ask(bad)).await["RtnCode"], 1);
    }
    shop.set("merchants/3002607", json!({ "voucher_pages": false })).await;
    let whole = shop.ask(Call::QueryOrderInfo, &ask(json!(2))).await;
    assert_eq!(whole["TicketList"].as_array().map(Vec::len), Some(450));
}

#[tokio::test]
async fn one_number_has_to_be_told_and_only_one() {
    let shop = Shop::open().await;
    shop.set("vouchers", json!({ "merchant_trade_no": "V1", "tickets": [{ "amount": 800 }] })).await;
    for (data, found) in [
        (json!({ "MerchantID": MERCHANT, "MerchantTradeNo": "V1" }), true),
        (json!({ "MerchantID": MERCHANT, "MerchantTradeNo": "V2" }), false),
        (json!({ "MerchantID": MERCHANT, "FreeTradeNo": "V1" }), false),
        (json!({ "MerchantID": MERCHANT, "MerchantTradeNo": "V1", "FreeTradeNo": "F1" }), false),
        (json!({ "MerchantID": MERCHANT }), false),
        (json!({ "MerchantID": "1000001", "MerchantTradeNo": "V1" }), false),
    ] {
        assert_eq!(shop.ask(Call::QueryOrderInfo, &data).await["RtnCode"] == 1, found, "{data}");
    }
}

#[tokio::test]
async fn a_request_without_the_right_checksum_key_or_stamp_is_not_read() {
    let shop = Shop::open().await;
    let now = shop.sim.handle.now();
    let good = request(&order("V1"), now);
    let card = Keys::new("pwFHCqoQZGmho4w6", "EkRm7iFT261dpevs").expect("the public stage keys");
    for (field, value, text) in [
        ("CheckMacValue", Value::Null, "CheckMacValue is required"),
        ("CheckMacValue", json!(checksum::of(&keys(), &format!("{} ", order("V1")))), "CheckMacValue Error"),
        ("CheckMacValue", json!(checksum::of(&card, &order("V1").to_string())), "CheckMacValue Error"),
        ("Data", json!(card.seal(&order("V1").to_string())), "Data decrypt fail"),
        ("MerchantID", json!("9999999"), "MerchantID Error"),
        ("RqHeader", json!({ "Timestamp": now.timestamp() - 601 }), "Timestamp Error"),
    ] {
        let mut body = good.clone();
        body[field] = value;
        let (status, bytes) = shop.post(Call::QueryOrderInfo.path(), &body).await;
        let answer = envelope(&bytes);
        assert_eq!((status, answer.trans_code, answer.trans_msg.as_str()), (200, 0, text));
    }
}

#[tokio::test]
async fn faults_strike_voucher_calls_by_call_and_order() {
    let shop = Shop::open().await;
    for no in ["V1", "V2"] {
        shop.set("vouchers", json!({ "merchant_trade_no": no, "tickets": [{ "amount": 800 }] })).await;
    }
    shop.set("faults", json!({ "kind": "wrong_checksum", "voucher_no": "V1" })).await;
    let (text, holds) = shop.answered(Call::QueryOrderInfo, &order("V2")).await;
    assert!(holds && text.contains("\"V2\""));
    assert!(!shop.answered(Call::QueryOrderInfo, &order("V1")).await.1);
    assert!(shop.answered(Call::QueryOrderInfo, &order("V1")).await.1, "it struck once");

    shop.set("faults", json!({ "kind": "wrong_order_number", "call": "query_refund_info" })).await;
    assert_eq!(shop.ask(Call::QueryOrderInfo, &order("V1")).await["MerchantTradeNo"], "V1");
    let data = json!({ "MerchantID": MERCHANT, "MerchantTradeNo": "V1" });
    assert_eq!(shop.ask(Call::QueryRefundInfo, &data).await["MerchantTradeNo"], "ANOTHERORDER");

    shop.set("merchants/3002607", json!({ "json": "escaped", "percent": "dotnet", "space": "percent" })).await;
    let (text, holds) = shop.answered(Call::QueryOrderInfo, &order("V1")).await;
    assert!(holds && text.is_ascii(), "the checksum is over the text as it was sent");
    assert_eq!(shop.sim.handle.now(), at(crate::scene::NOON));
}
