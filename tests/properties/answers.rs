//! The payload of an answer: random trees, and recorded answers bent in random places.

use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::cases;
use crate::checks::decoder;

/// Any JSON, with the names and words that mean something here and there.
pub fn tree() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        (-3_i64..2000).prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
        word().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 6, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..6).prop_map(Value::from),
            vec((name(), inner), 0..6).prop_map(|fields| Value::from(fields.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

fn word() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "",
        "1",
        "0",
        "Authorized",
        "To be captured",
        "Captured",
        "Canceled",
        "Operation canceled",
        "要關帳",
        "已關帳",
        "error",
        "error_Stop",
        "error_nopay",
        "A1",
        "A2",
        "2608011000001",
        "1000",
        "-300",
        "2026/08/01 09:30:52",
        "+262142/12/31 23:59:59",
        "Credit_CreditCard3",
        "ATM_TAISHIN",
        "9223372036854775807",
        "NaN",
        "20260801 09:30",
        "CX1",
    ])
}

fn name() -> impl Strategy<Value = String> {
    let known = prop::sample::select(vec![
        "RtnCode",
        "RtnMsg",
        "RtnValue",
        "CloseData",
        "close_data",
        "Status",
        "status",
        "Amount",
        "amount",
        "DateTime",
        "AuthTime",
        "TradeID",
        "ClsAmt",
        "OrderInfo",
        "CardInfo",
        "MerchantID",
        "MerchantTradeNo",
        "TradeNo",
        "TradeAmt",
        "TradeStatus",
        "PaymentType",
        "Gwsr",
        "TransCode",
        "Data",
        "RpHeader",
        "Timestamp",
        "FreeTradeNo",
        "CreditTradeID",
        "TotalCount",
        "TradeAmount",
        "UnUsedCount",
        "UnUsedAmount",
        "ExpiredCount",
        "TicketList",
        "TicketNo",
        "UseStatus",
        "TicketAmount",
        "TotalRefundAmount",
    ]);
    prop_oneof![3 => known.prop_map(str::to_owned), 1 => "\\PC{0,8}"]
}

#[derive(Clone, Debug)]
pub enum Mutation {
    Replace(usize, Value),
    Remove(usize),
    /// Under another name too.
    Again(usize, String),
}

pub fn mutation() -> impl Strategy<Value = Mutation> {
    let place = 0_usize..64;
    prop_oneof![
        3 => (place.clone(), tree()).prop_map(|(place, value)| Mutation::Replace(place, value)),
        1 => place.clone().prop_map(Mutation::Remove),
        1 => (place, name()).prop_map(|(place, name)| Mutation::Again(place, name)),
    ]
}

pub fn mutated(mut value: Value, mutations: Vec<Mutation>) -> Value {
    for mutation in mutations {
        let mut places = Vec::new();
        pointers(&value, String::new(), &mut places);
        let pick = |place: usize| places[place % places.len()].clone();
        match mutation {
            Mutation::Replace(place, other) => *value.pointer_mut(&pick(place)).expect("a place") = other,
            Mutation::Remove(place) => {
                let at = pick(place);
                let (parent, name) = at.rsplit_once('/').unwrap_or_default();
                match value.pointer_mut(parent) {
                    Some(Value::Object(fields)) => drop(fields.remove(&name.replace("~1", "/").replace("~0", "~"))),
                    Some(Value::Array(items)) if !items.is_empty() => drop(items.pop()),
                    _ => {}
                }
            }
            Mutation::Again(place, name) => {
                let copy = value.pointer(&pick(place)).expect("a place").clone();
                if let Value::Object(fields) = &mut value {
                    fields.insert(name, copy);
                }
            }
        }
    }
    value
}

fn pointers(value: &Value, at: String, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (name, inner) in fields {
                pointers(inner, format!("{at}/{}", name.replace('~', "~0").replace('/', "~1")), found);
            }
        }
        Value::Array(items) => {
            for (index, inner) in items.iter().enumerate() {
                pointers(inner, format!("{at}/{index}"), found);
            }
        }
        _ => {}
    }
    found.push(at);
}

fn recorded() -> impl Strategy<Value = Value> {
    prop::sample::select(vec![
        json!({"RtnCode": 1, "RtnMsg": "Success", "MerchantID": 3002607, "OrderInfo": {"MerchantTradeNo": "A1",
            "TradeNo": "2608011000001", "TradeAmt": 1000, "TradeDate": "2026/08/01 09:30:00", "PaymentType": "Credit_CreditCard",
            "ChargeFee": 4.98, "TradeStatus": "1"}, "CardInfo": {"Gwsr": 14521552, "Stage": 0, "Card6No": "431195"}}),
        json!({"RtnCode": 10200047, "RtnMsg": "Cant not find the trade data"}),
        json!({"RtnCode": 1, "RtnMsg": "Success", "MerchantID": "3002607", "MerchantTradeNo": "A1", "FreeTradeNo": "",
            "TicketTradeNo": "2026080100000001", "CreditTradeID": 14521552, "Status": 1, "Remark": "", "IssueDate":
            "2026/08/01 12:00:00", "IssueType": "3", "PrintType": "", "CustomerName": "王小明", "EscrowExpiredDate":
            "20270131", "TotalCount": 3, "TradeAmount": 1800, "RedeemCount": 1, "RedeemAmount": 1200, "RefundCount": 1,
            "RefundAmount": 500, "TotalRefundFee": 80, "UnUsedCount": 1, "UnUsedAmount": 100, "ExpiredCount": 0,
            "TicketList": [
            {"TicketNo": "CX1", "UseStatus": 2, "TicketType": "1", "TicketAmount": 1200, "WriteOffDate": "20260801"},
            {"TicketNo": "CX2", "UseStatus": 3, "TicketType": "1", "TicketAmount": 500, "RefundDate": "20260802 10:00"},
            {"TicketNo": "CX3", "UseStatus": 1, "TicketType": "2", "TicketAmount": 100, "ExpiredDate": "20351231"}]}),
        json!({"RtnCode": 1, "MerchantTradeNo": "", "FreeTradeNo": "A1", "Status": "1", "TotalCount": "2", "TradeAmount": 0,
            "UnUsedCount": 2, "UnUsedAmount": 200, "TicketList": [{"TicketNo": 1, "UseStatus": "1", "TicketAmount": "100"}]}),
        json!({"RtnCode": 1, "RtnMsg": "success", "MerchantID": "3002607", "MerchantTradeNo": "A1",
            "TradeAmount": 1000, "TotalRefundAmount": 800}),
        json!({"RtnMsg": "", "RtnValue": {"TradeID": 14521552, "Amount": 1000, "ClsAmt": 0,
            "AuthTime": "2026/08/01 09:30:52", "Status": "Authorized"}, "CloseData": {}}),
        json!({"RtnMsg": "", "RtnValue": {"TradeID": 14521552, "Amount": 1000, "ClsAmt": 700,
            "AuthTime": "2026/08/01 09:30:52", "Status": "Captured"}, "CloseData": [
            {"Status": "Captured", "Amount": -300, "DateTime": "2026/08/03 20:15:00"},
            {"Status": "Captured", "Amount": 1000, "DateTime": "2026/08/02 20:15:00"}]}),
        json!({"RtnMsg": "", "RtnValue": {"TradeID": 14521552, "amount": "1000", "authtime": "2026-08-01 09:30:52",
            "status": "已授權", "close_data": [{"status": "要關帳", "sno": "1", "amount": "1000", "datetime": "2026/08/02 20:15:00"},
            {"status": "操作取消", "sno": "2", "amount": "1000", "datetime": "2026/08/01 20:15:00"}]}}),
        json!({"RtnMsg": "error_nopay"}),
        json!({"RtnCode": 1, "RtnMsg": "", "MerchantID": "3002607", "MerchantTradeNo": "A1", "TradeNo": "2608011000001"}),
        json!({"RtnCode": 10100050, "RtnMsg": "更新失敗.(error_amount_R)", "MerchantTradeNo": "A1", "TradeNo": "2608011000001"}),
    ])
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn any_tree_is_read_as_what_it_says_or_refused(tree in tree()) {
        decoder::check(tree.to_string().as_bytes());
    }

    #[test]
    fn a_recorded_answer_bent_anywhere_is_never_taken_for_another_orders(answer in recorded(), bent in vec(mutation(), 0..5)) {
        decoder::check(mutated(answer, bent).to_string().as_bytes());
    }

    #[test]
    fn closing_rows_add_up_to_the_net(
        header in word(), rows in vec((word(), prop_oneof![Just(1000_i64), -1000_i64..1000, any::<i64>()], word()), 0..6), lower: bool,
    ) {
        let row = |(status, amount, at): &(&str, i64, &str)| match lower {
            true => json!({"status": status, "amount": amount, "datetime": at}),
            false => json!({"Status": status, "Amount": amount.to_string(), "DateTime": at}),
        };
        let rows: Vec<_> = rows.iter().map(row).collect();
        decoder::check(json!({"RtnMsg": "", "RtnValue": {"TradeID": 14521552, "Amount": 1000, "Status": header,
            "AuthTime": "2026/08/01 09:30:52"}, "CloseData": rows}).to_string().as_bytes());
    }

    #[test]
    fn a_name_that_stands_twice_makes_an_answer_unreadable(first in -1000_i64..1000, second in -1000_i64..1000) {
        let twice = format!(r#"{{"RtnValue":{{"Amount":1000,"Status":"Captured"}},"CloseData":[{{"Status":"Captured","Amount":{first},"Amount":{second}}}]}}"#);
        prop_assert!(ecpayd::gateway::card::detail::DetailAnswer::read(&twice).is_err());
        let twice = format!(r#"{{"RtnValue":{{"Amount":{first},"Amount":{second},"Status":"Captured"}}}}"#);
        prop_assert!(ecpayd::gateway::card::detail::DetailAnswer::read(&twice).is_err());
    }
}
