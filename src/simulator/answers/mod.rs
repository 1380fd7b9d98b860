//! What the gateway answers: the plain JSON that goes into `Data`. Here the card calls.

pub mod form;
mod vouchers;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};
pub use vouchers::{voucher_order, voucher_refunds};

use super::bank::{Authorization, Dialect, Fees, Kind, Order, Payment, Refusal, Row, Spelling, Terms};
use crate::domain::calendar::taipei;
use crate::domain::ids::TradeNo;
use crate::domain::status::CardStatus;

const NOT_FOUND: &str = "Cant not find the trade data";

/// `Cashier/QueryTrade` (vendor page "Searching Order").
pub fn order_query(order: Option<&Order>, terms: &Terms) -> Value {
    if terms.stopped {
        return json!({ "RtnCode": Refusal::Stopped.code(), "RtnMsg": Refusal::Stopped.to_string() });
    }
    let Some(order) = order else {
        return json!({ "RtnCode": 10_200_047, "RtnMsg": NOT_FOUND });
    };
    let mut answer = json!({
        "RtnCode": 1,
        "RtnMsg": terms.success_text,
        "PlatformID": "",
        "MerchantID": merchant_id(order.merchant_id.as_str(), terms),
        "OrderInfo": order_info(order, terms),
        "CustomField": "",
    });
    if let Some(authorization) = order.authorizations.first().filter(|_| tells_card(order, terms) && is_paid(order)) {
        answer["CardInfo"] = card_info(order, authorization);
    }
    answer
}

/// `CreditDetail/QueryTrade`. A success has no `RtnCode` at all (recorded).
pub fn card_detail(order: Option<&Order>, trade_no: Option<&TradeNo>, terms: &Terms) -> Value {
    if terms.stopped {
        return json!({ "RtnMsg": Refusal::Stopped.to_string() });
    }
    if order.is_some_and(|o| o.payment == Payment::BankPending) {
        return json!({ "RtnMsg": "error_nopay" });
    }
    // An unknown order, another merchant's and one without a card are answered alike (recorded).
    let Some(a) = order.and_then(|o| o.authorization(trade_no)) else {
        return json!({ "RtnCode": Refusal::NotFound.code(), "RtnMsg": NOT_FOUND });
    };
    let own = word(header(a, terms), terms);
    let status = order.and_then(|o| o.says.as_deref()).unwrap_or(own);
    let authorized_at = vendor_time(a.authorized_at);
    let closed = if terms.cls_follows { a.captured - a.refunded } else { a.captured };
    match terms.spelling {
        Spelling::Pascal => json!({
            "RtnMsg": "",
            "RtnValue": { "TradeID": a.gwsr, "Amount": a.amount, "ClsAmt": closed,
                          "AuthTime": authorized_at, "Status": status },
            "CloseData": close_data(&a.rows, terms),
        }),
        Spelling::Form => json!({
            "RtnMsg": "",
            "RtnValue": { "TradeID": a.gwsr, "amount": a.amount, "clsamt": closed,
                          "authtime": authorized_at, "status": status, "close_data": close_data(&a.rows, terms) },
        }),
    }
}

/// The card detail's third shape: no `RtnCode`, and one of three words.
pub fn check_failed() -> Value {
    json!({ "RtnMsg": "error" })
}

/// A failure as it comes now and then: without any number that would bind it to an order (recorded).
pub fn bare(refusal: Refusal) -> Value {
    json!({ "RtnCode": refusal.code(), "RtnMsg": refusal.to_string() })
}

/// `Credit/DoAction` (vendor page 信用卡請退款功能, Chinese and English).
pub fn do_action(
    merchant: &str,
    merchant_trade_no: &str,
    trade_no: &str,
    done: Result<(), Refusal>,
    terms: &Terms,
) -> Value {
    let (code, text) = match done {
        Ok(()) => (1, terms.success_text.clone()),
        Err(refusal) => (refusal.code(), refusal.to_string()),
    };
    json!({
        "RtnCode": code,
        "RtnMsg": text,
        "PlatformID": "",
        "MerchantID": merchant_id(merchant, terms),
        "MerchantTradeNo": merchant_trade_no,
        "TradeNo": trade_no,
    })
}

/// Recurring orders have their periods there, whatever is left out of others (recorded).
fn tells_card(order: &Order, terms: &Terms) -> bool {
    terms.card_info || order.kind == Kind::Recurring
}

fn is_paid(order: &Order) -> bool {
    matches!(order.payment, Payment::Paid(_))
}

/// Says paid ahead of the bank's answer: else nobody would ask the card detail, which is
/// where the vendor's `error_nopay` stands.
fn trade_status(order: &Order) -> &'static str {
    match order.payment {
        Payment::Paid(_) | Payment::BankPending => "1",
        Payment::Unpaid | Payment::Unauthorized => "0",
    }
}

/// Recorded both as text and as a number.
fn merchant_id(id: &str, terms: &Terms) -> Value {
    match id.parse::<u64>() {
        Ok(number) if terms.numeric_merchant_id => json!(number),
        _ => json!(id),
    }
}

fn order_info(order: &Order, terms: &Terms) -> Value {
    let paid_at = match order.payment {
        Payment::Paid(at) => vendor_time(at),
        Payment::Unpaid | Payment::BankPending | Payment::Unauthorized => String::new(),
    };
    let refunded: i64 = order.authorizations.iter().map(|a| a.refunded).sum();
    // With a fraction (4.98 for 199, recorded).
    let Fees { service, process } =
        if is_paid(order) { terms.fees(order.kind, order.amount.dollars()) } else { Fees::default() };
    json!({
        "MerchantTradeNo": order.merchant_trade_no,
        "TradeNo": order.trade_no,
        "TradeAmt": order.amount,
        "TradeDate": vendor_time(order.created_at),
        "PaymentType": payment_type(order, terms),
        "PaymentDate": paid_at,
        "ChargeFee": service as f64 / 1000.0,
        "ProcessFee": process / 1000,
        "RefundAmount": refunded,
        "TradeStatus": trade_status(order),
    })
}

/// Installments show here alone where `CardInfo` is left out (recorded: `Credit_CreditCard3`).
/// The vendor's word for UnionPay is on no page; told here or not, as `card_info` goes.
fn payment_type(order: &Order, terms: &Terms) -> String {
    if let Some(word) = &order.paid_by {
        return word.clone();
    }
    match order.kind {
        Kind::Atm => "ATM_TAISHIN".to_owned(),
        Kind::Installments(stages) => format!("Credit_CreditCard{stages}"),
        _ if !tells_card(order, terms) => "Credit".to_owned(),
        Kind::UnionPay => "Credit_UnionPay".to_owned(),
        _ => "Credit_CreditCard".to_owned(),
    }
}

fn card_info(order: &Order, authorization: &Authorization) -> Value {
    let amount = order.amount.dollars();
    // A UnionPay card's number is typed in at the bank, so ECPay has no digits to show.
    let (first, last) = if order.kind == Kind::UnionPay { ("", "") } else { ("431195", "2222") };
    let mut info = Map::new();
    let mut put = |name: &str, value: Value| info.insert(name.to_owned(), value);
    put("AuthCode", json!("777777"));
    put("Gwsr", json!(authorization.gwsr));
    put("ProcessDate", json!(vendor_time(authorization.authorized_at)));
    put("Amount", json!(amount));
    put("Eci", json!(2));
    put("Card6No", json!(first));
    put("Card4No", json!(last));
    put("IssuingBank", json!("BANK"));
    put("IssuingBankCode", json!("000"));
    put("CoBrandingInfo", json!(""));
    let (stage, down, each) = match order.kind {
        Kind::Installments(stages) => {
            let each = amount / i64::from(stages.max(1));
            (stages, amount - each * (i64::from(stages) - 1), each)
        }
        _ => (0, 0, 0),
    };
    put("Stage", json!(stage));
    put("Stast", json!(down));
    put("Staed", json!(each));
    let points = if order.kind == Kind::BonusPoints { amount / 10 } else { 0 };
    put("RedDan", json!(points * 10));
    put("RedOkAmt", json!(if points > 0 { amount - points } else { 0 }));
    put("RedYet", json!(points));
    if order.kind == Kind::Recurring {
        info.append(&mut period_info(order));
    }
    Value::Object(info)
}

/// Recurring orders carry their fields inside `CardInfo` (recorded).
fn period_info(order: &Order) -> Map<String, Value> {
    let charged = order.authorizations.iter();
    let log: Vec<Value> = charged
        .map(|a| {
            json!({ "RtnCode": 1, "Amount": a.amount, "Gwsr": a.gwsr, "TradeNo": a.trade_no,
                         "ProcessDate": vendor_time(a.authorized_at), "AuthCode": "777777" })
        })
        .collect();
    let fields = [
        ("PeriodType", json!("M")),
        ("Frequency", json!(1)),
        ("ExecTimes", json!(12)),
        ("PeriodAmount", json!(order.amount)),
        ("TotalSuccessTimes", json!(log.len())),
        ("TotalSuccessAmount", json!(order.authorizations.iter().map(|a| a.amount.dollars()).sum::<i64>())),
        ("ExecStatus", json!("1")),
        ("ExecLog", json!(log)),
    ];
    fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// The header may lag behind its rows, but only where a row shows the truth.
fn header(authorization: &Authorization, terms: &Terms) -> CardStatus {
    let row_tells = authorization.rows.iter().any(|r| r.amount > 0 && r.status == CardStatus::ToBeCaptured);
    if terms.header_lags && row_tells { CardStatus::Authorized } else { authorization.status }
}

/// An object when empty, else an array, newest first.
fn close_data(rows: &[Row], terms: &Terms) -> Value {
    if rows.is_empty() {
        return json!({});
    }
    let row = |(place, r): (usize, &Row)| {
        let (status, at) = (word(r.status, terms), vendor_time(r.at));
        match terms.spelling {
            Spelling::Pascal => json!({ "Status": status, "Amount": r.amount, "DateTime": at }),
            // A running number: what the vendor counts here is on no page.
            Spelling::Form => {
                json!({ "status": status, "amount": r.amount, "sno": (place + 1).to_string(), "datetime": at })
            }
        }
    };
    rows.iter().enumerate().rev().map(row).collect()
}

fn word(status: CardStatus, terms: &Terms) -> &'static str {
    match terms.dialect {
        Dialect::OldEnglish if status == CardStatus::ToBeCaptured => "To be settled",
        Dialect::OldEnglish if status == CardStatus::Captured => "Has been settled",
        Dialect::English | Dialect::OldEnglish => status.english(),
        Dialect::Chinese => status.chinese(),
    }
}

/// `yyyy/MM/dd HH:mm:ss` of Taipei (vendor page "Searching Order", `TradeDate`).
fn vendor_time(at: DateTime<Utc>) -> String {
    taipei(at).format("%Y/%m/%d %H:%M:%S").to_string()
}
