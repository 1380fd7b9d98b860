//! What the calls of 全方位金流 (AIO) answer, by the names of their fields.

use serde_json::{Map, Value, json};

use super::{card_detail, is_paid, vendor_time};
use crate::domain::ids::{MerchantId, MerchantTradeNo};
use crate::domain::money::Twd;
use crate::simulator::bank::{Authorization, Dialect, Kind, Order, Payment, Refusal, Spelling, Terms};

/// A recurring order is charged each month of a year.
const TIMES: usize = 12;

/// `Cashier/QueryTradeInfo/V5` (vendor page 查詢訂單, ?p=2890; what is there and what is not: recorded).
pub fn trade_info(order: Option<&Order>, (id, no): (&MerchantId, &MerchantTradeNo), terms: &Terms) -> Value {
    let Some(order) = order.filter(|_| !terms.stopped) else {
        return json!({
            "MerchantID": id, "MerchantTradeNo": no, "TradeNo": "", "TradeAmt": 0, "PaymentDate": "",
            "PaymentType": "", "HandlingCharge": 0, "PaymentTypeChargeFee": 0, "TradeDate": "", "ItemName": "",
            "TradeStatus": "10200047",
        });
    };
    let fees = if is_paid(order) { terms.fees(order.kind, order.amount.dollars()) } else { Default::default() };
    let paid_at = match order.payment {
        Payment::Paid(at) => vendor_time(at),
        _ => String::new(),
    };
    let is_told = matches!(order.payment, Payment::Paid(_) | Payment::BankPending);
    let mut info = json!({
        "MerchantID": id, "MerchantTradeNo": no, "StoreID": "", "TradeNo": order.trade_no, "TradeAmt": order.amount,
        "PaymentDate": paid_at, "PaymentType": payment_type(order),
        "HandlingCharge": fees.service / 1000, "PaymentTypeChargeFee": (fees.service + fees.process) / 1000,
        "TradeDate": vendor_time(order.created_at), "TradeStatus": if is_told { "1" } else { "0" },
        "ItemName": "茶葉 1+1 & 茶具=1 組 x 1",
        "CustomField1": "", "CustomField2": "", "CustomField3": "", "CustomField4": "",
    });
    let first = order.authorizations.first().filter(|_| terms.card_info);
    if let (Some(first), Value::Object(fields)) = (first, &mut info) {
        fields.append(&mut extra(order, first));
    }
    info
}

/// Installments do not show in it (recorded).
fn payment_type(order: &Order) -> String {
    order.paid_by.clone().unwrap_or_else(|| match order.kind {
        Kind::Atm => "ATM_TAISHIN".to_owned(),
        Kind::UnionPay => "Credit_UnionPay".to_owned(),
        _ => "Credit_CreditCard".to_owned(),
    })
}

/// Only of orders made with `NeedExtraPaidInfo=Y`.
fn extra(order: &Order, first: &Authorization) -> Map<String, Value> {
    let amount = order.amount.dollars();
    let points = if order.kind == Kind::BonusPoints { amount / 10 } else { 0 };
    let (stage, stast, staed) = match order.kind {
        Kind::Installments(stages) => {
            let each = amount / i64::from(stages.max(1));
            (stages.to_string(), amount - each * (i64::from(stages) - 1), each)
        }
        Kind::Recurring => (String::new(), 0, 0),
        _ => ("0".to_owned(), 0, 0),
    };
    let recurring = order.kind == Kind::Recurring;
    let of_period = |value: Value| if recurring { value } else { json!("") };
    let charged: i64 = order.authorizations.iter().map(|a| a.amount.dollars()).sum();
    let fields = [
        ("gwsr", json!(first.gwsr)),
        ("amount", json!(amount)),
        ("stage", json!(stage)),
        ("stast", json!(stast)),
        ("staed", json!(staed)),
        ("red_dan", json!(points * 10)),
        ("red_de_amt", json!(points)),
        ("red_ok_amt", json!(if points > 0 { amount - points } else { 0 })),
        ("red_yet", json!(points)),
        ("eci", json!(2)),
        ("auth_code", json!("777777")),
        ("card4no", json!("2222")),
        ("card6no", json!("431195")),
        ("process_date", json!(vendor_time(first.authorized_at))),
        ("PeriodType", of_period(json!("M"))),
        ("Frequency", of_period(json!(1))),
        ("ExecTimes", of_period(json!(TIMES))),
        ("PeriodAmount", of_period(json!(amount))),
        ("TotalSuccessTimes", of_period(json!(order.authorizations.len()))),
        ("TotalSuccessAmount", of_period(json!(charged))),
    ];
    fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// `CreditDetail/QueryTrade/V2` (vendor page 查詢信用卡單筆明細紀錄, ?p=2894).
pub fn authorization<'a>(
    orders: impl Iterator<Item = &'a Order>,
    (gwsr, amount, code): (i64, Twd, &str),
    terms: &Terms,
) -> Value {
    if terms.stopped {
        return json!({ "RtnMsg": Refusal::Stopped.to_string(), "RtnValue": null });
    }
    if code != terms.credit_check_code {
        return json!({ "RtnMsg": "error", "RtnValue": null });
    }
    let of = |order: &'a Order| {
        order.authorizations.iter().find(|a| a.gwsr == gwsr && a.amount == amount).map(|a| (order, a))
    };
    match orders.into_iter().find_map(of) {
        Some((order, a)) => {
            let terms = Terms { spelling: Spelling::Form, dialect: Dialect::Chinese, ..terms.clone() };
            card_detail(Some(order), Some(&a.trade_no), &terms)
        }
        None => no_authorization(),
    }
}

pub fn no_authorization() -> Value {
    json!({ "RtnMsg": "error_nopay", "RtnValue": null })
}

/// `CreditDetail/DoAction` (vendor page 信用卡請退款功能, ?p=2885; its codes: seen in production).
pub fn do_action(
    merchant: &str,
    merchant_trade_no: &str,
    trade_no: &str,
    done: Result<(), Refusal>,
    terms: &Terms,
) -> Value {
    let (code, text) = match done {
        Ok(()) => (1, terms.success_text.clone()),
        Err(Refusal::NotFound) => (10_200_047, "訂單不存在".to_owned()),
        Err(Refusal::Balance) => (10_100_027, "可退刷額度不足無法退刷".to_owned()),
        Err(refusal @ Refusal::Amount(_)) => (10_000_002, refusal.to_string()),
        Err(refusal) => (refusal.code(), refusal.to_string()),
    };
    json!({
        "MerchantID": merchant, "MerchantTradeNo": merchant_trade_no, "TradeNo": trade_no, "RtnCode": code, "RtnMsg": text,
    })
}

/// `Cashier/QueryCreditCardPeriodInfo` (vendor page 信用卡定期定額訂單查詢, ?p=2892).
pub fn periods(order: Option<&Order>, (id, no): (&MerchantId, &MerchantTradeNo)) -> Value {
    let charges = order.filter(|order| order.kind == Kind::Recurring).map(|order| &order.authorizations);
    let status = match charges {
        None => "",
        Some(charges) if charges.len() >= TIMES => "2",
        Some(_) => "1",
    };
    let log = charges.into_iter().flatten().map(|a| {
        json!({ "RtnCode": 1, "amount": a.amount, "gwsr": a.gwsr, "process_date": vendor_time(a.authorized_at),
                "auth_code": "777777", "TradeNo": a.trade_no })
    });
    let of_period = |value: Value| if charges.is_some() { value } else { json!("") };
    json!({
        "MerchantID": id, "MerchantTradeNo": no, "TradeNo": order.map(|order| &order.trade_no),
        "PeriodType": of_period(json!("M")), "Frequency": of_period(json!(1)), "ExecTimes": of_period(json!(TIMES)),
        "PeriodAmount": of_period(json!(order.map(|order| order.amount))),
        "RtnCode": i32::from(charges.is_some()), "ExecStatus": status,
        "ExecLog": log.collect::<Vec<_>>(),
    })
}
