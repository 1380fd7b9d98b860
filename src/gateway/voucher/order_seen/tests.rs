use serde_json::{Value, json};

use super::*;
use crate::domain::ids::{FreeTradeNo, VoucherTradeNo};

fn sold() -> VoucherNumber {
    VoucherNumber::MerchantTradeNo(VoucherTradeNo::parse("V1").expect("a number"))
}

fn free() -> VoucherNumber {
    VoucherNumber::FreeTradeNo(FreeTradeNo::parse("F1").expect("a number"))
}

fn page_of(answer: &Value, asked: &VoucherNumber) -> Result<OrderPage, LookError> {
    OrderPage::of(serde_json::from_str(&answer.to_string()).expect("an answer"), asked)
}

fn page(answer: &Value) -> OrderPage {
    page_of(answer, &sold()).expect("a page")
}

fn seen(answer: &Value) -> VoucherSeen {
    page(answer).seen().0
}

fn facts(answer: &Value) -> VoucherFacts {
    match seen(answer) {
        VoucherSeen::Order(facts) => facts,
        other => panic!("{other:?}"),
    }
}

/// Tickets of NT$100 with these numbers.
fn unused(numbers: impl IntoIterator<Item = u32>) -> Vec<Value> {
    let ticket =
        |no: u32| json!({"TicketNo": format!("CX{no}"), "UseStatus": 1, "TicketAmount": 100, "TicketType": "2"});
    numbers.into_iter().map(ticket).collect()
}

/// An order of `count` unused tickets, of which `tickets` are on this page.
fn order(count: u32, tickets: Vec<Value>) -> Value {
    json!({"RtnCode": 1, "MerchantTradeNo": "V1", "FreeTradeNo": "", "Status": 1, "TotalCount": count,
        "TradeAmount": count * 100, "UnUsedCount": count, "UnUsedAmount": count * 100, "TicketList": tickets})
}

fn with(mut answer: Value, name: &str, value: Value) -> Value {
    answer[name] = value;
    answer
}

#[test]
fn an_order_is_told_with_what_its_tickets_come_to() {
    let tickets = json!([
        {"TicketNo": "1", "UseStatus": 2, "TicketAmount": 1200, "TicketType": "1"},
        {"TicketNo": "2", "UseStatus": 3, "TicketAmount": 300, "TicketType": "2"},
        {"TicketNo": "3", "UseStatus": 4, "TicketAmount": 500, "TicketType": "2"},
    ]);
    let answer = json!({"RtnCode": 1, "MerchantTradeNo": "V1", "TicketTradeNo": "2023061012345678",
        "CreditTradeID": 12456789, "Status": 1, "Remark": "two\nlines", "IssueDate": "2023/06/10 10:35:21",
        "IssueType": "2", "PrintType": "1", "EscrowExpiredDate": "20231210", "TotalCount": 3, "TradeAmount": 2000,
        "RedeemCount": 1, "RedeemAmount": 1200, "RefundCount": 1, "RefundAmount": 300, "TotalRefundFee": 80,
        "UnUsedCount": 0, "UnUsedAmount": 0, "ExpiredCount": 1, "TicketList": tickets});
    let twd = |dollars| Twd::new(dollars).expect("an amount");
    let part = |count, dollars| Part { count, amount: twd(dollars) };
    let expected = VoucherFacts {
        ticket_trade_no: Some("2023061012345678".to_owned()),
        credit_trade_id: Some(12_456_789),
        status: IssueStatus::Issued,
        remark: "two lines".to_owned(),
        issued_at: "2023-06-10T02:35:21Z".parse().ok(),
        issue_type: Some(IssueType::Paper),
        printed_by: Some(PrintedBy::Ecpay),
        escrow_expires_on: chrono::NaiveDate::from_ymd_opt(2023, 12, 10),
        totals: Totals {
            count: 3,
            trade_amount: twd(2000),
            redeemed: part(1, 1200),
            refunded: part(1, 300),
            refund_fee: twd(80),
            unused: Part::default(),
            expired: part(1, 500),
        },
        has_pickup: true,
        mismatch: None,
    };
    let (seen, tickets) = page(&answer).seen();
    assert_eq!(seen, VoucherSeen::Order(expected));
    assert_eq!(tickets.iter().map(|t| t.no.as_str()).collect::<Vec<_>>(), ["1", "2", "3"]);
}

#[test]
fn what_nothing_is_decided_by_may_be_missing_or_unknown() {
    let bare = facts(&order(1, unused([1])));
    assert_eq!((bare.mismatch, bare.has_pickup, bare.credit_trade_id), (None, false, None));
    let odd = json!({"IssueType": "9", "PrintType": "x", "IssueDate": "soon", "EscrowExpiredDate": "99999999",
        "CreditTradeID": 0});
    let mut answer = order(1, unused([1]));
    answer.as_object_mut().expect("fields").extend(odd.as_object().expect("fields").clone());
    let odd = facts(&answer);
    assert_eq!((odd.issue_type, odd.printed_by, odd.issued_at, odd.escrow_expires_on), (None, None, None, None));
    assert_eq!(odd.credit_trade_id, None);
    let long = facts(&with(order(1, unused([1])), "Remark", json!("券".repeat(101))));
    assert_eq!(long.remark, "券".repeat(100));
}

#[test]
fn an_unknown_status_is_unclear_and_kept_raw_without_the_tickets_number() {
    for (code, raw) in [(json!(4), "Status '4'"), (json!("ok"), "Status 'ok'"), (json!(null), "Status ''")] {
        assert_eq!(seen(&with(order(0, vec![]), "Status", code)), VoucherSeen::Unclear { raw: raw.to_owned() });
    }
    let mut odd = order(2, unused([1, 2]));
    odd["TicketList"][1]["UseStatus"] = json!(9);
    let (seen, tickets) = page(&odd).seen();
    assert_eq!(seen, VoucherSeen::Unclear { raw: "UseStatus '9' of a ticket".to_owned() });
    assert!(tickets.is_empty() && page(&odd).next_page().is_none());
}

#[test]
fn issuing_and_failed_orders_have_no_tickets_and_need_no_totals() {
    for (code, status) in [(2, IssueStatus::IssueFailed), (3, IssueStatus::Issuing)] {
        let answer = json!({"RtnCode": 1, "MerchantTradeNo": "V1", "Status": code, "Remark": "庫存不足"});
        let facts = facts(&answer);
        assert_eq!((facts.status, facts.remark.as_str(), facts.mismatch), (status, "庫存不足", None));
        assert_eq!(page(&with(answer, "TotalCount", json!(5))).next_page(), None);
    }
}

#[test]
fn an_issued_order_has_a_count_and_unless_given_away_a_price() {
    for name in ["TotalCount", "TradeAmount"] {
        let answer = with(order(1, unused([1])), name, json!(null));
        assert!(matches!(page_of(&answer, &sold()), Err(LookError::Unreadable(_))), "{name}");
    }
    let mut given = with(order(1, unused([1])), "TradeAmount", json!(null));
    (given["MerchantTradeNo"], given["FreeTradeNo"]) = (json!(""), json!("F1"));
    let (VoucherSeen::Order(facts), _) = page_of(&given, &free()).expect("a page").seen() else { panic!("no order") };
    assert_eq!((facts.totals.trade_amount, facts.mismatch), (Twd::ZERO, None));
}

#[test]
fn totals_that_do_not_add_up_are_told() {
    let answer = with(order(2, unused([1, 2])), "RedeemCount", json!(1));
    assert!(facts(&answer).mismatch.is_some_and(|why| why.contains("are not the 2 of the order")));
}

#[test]
fn an_answer_names_the_number_that_was_asked_for_and_not_the_other() {
    let none = order(0, vec![]);
    for (name, value) in [
        ("MerchantTradeNo", json!("V2")),
        ("MerchantTradeNo", json!("")),
        ("MerchantTradeNo", json!(null)),
        ("FreeTradeNo", json!("F1")),
    ] {
        let answer = with(none.clone(), name, value);
        assert!(matches!(page_of(&answer, &sold()), Err(LookError::NotBound(_))), "{answer}");
        assert!(matches!(page_of(&answer, &free()), Err(LookError::NotBound(_))), "{answer}");
    }
    let elsewhere = json!({"RtnCode": 10_200_047, "MerchantTradeNo": "V2"});
    assert!(matches!(page_of(&elsewhere, &sold()), Err(LookError::NotBound(_))));
}

#[test]
fn an_unknown_order_is_not_found_and_other_codes_are_refusals() {
    for code in [10_000_185, 10_200_047] {
        assert_eq!(seen(&json!({"RtnCode": code, "RtnMsg": "查無訂單資料"})), VoucherSeen::NotFound);
    }
    let refused = LookError::Refused { code: 10_200_050, text: "busy".to_owned() };
    assert_eq!(page_of(&json!({"RtnCode": 10_200_050, "RtnMsg": "busy"}), &sold()), Err(refused));
}

#[test]
fn pages_are_asked_for_until_every_ticket_is_in() {
    let first = page(&order(5, unused(0..2)));
    assert_eq!(first.next_page(), Some(2));
    let second = first.with(page(&order(5, unused(2..4)))).expect("the same order");
    assert_eq!(second.next_page(), Some(3));
    let all = second.with(page(&order(5, unused(4..5)))).expect("the same order");
    assert_eq!(all.next_page(), None);
    let (VoucherSeen::Order(facts), tickets) = all.seen() else { panic!("no order") };
    assert_eq!((facts.mismatch, tickets.len()), (None, 5));
}

#[test]
fn a_page_without_a_new_ticket_ends_the_asking_and_leaves_a_mismatch() {
    for again in [unused([]), unused(0..2), unused([1, 1, 0])] {
        let first = page(&order(5, unused(0..2)));
        let all = first.with(page(&order(5, again))).expect("the same order");
        assert_eq!(all.next_page(), None);
        let (VoucherSeen::Order(facts), tickets) = all.seen() else { panic!("no order") };
        assert_eq!(facts.mismatch.as_deref(), Some("2 tickets came of the 5 of the order"));
        assert_eq!(tickets.len(), 2);
    }
    assert_eq!(page(&order(5, unused([]))).next_page(), None);
}

#[test]
fn a_ticket_on_two_pages_counts_once() {
    let first = page(&order(3, unused([0, 1, 1])));
    assert_eq!(first.next_page(), Some(2));
    let (VoucherSeen::Order(facts), tickets) = first.with(page(&order(3, unused([1, 2])))).expect("the same").seen()
    else {
        panic!("no order")
    };
    assert_eq!((facts.mismatch, tickets.len()), (None, 3));
}

#[test]
fn an_order_that_changes_between_its_pages_is_looked_at_anew() {
    let changed = |next: OrderPage| {
        let error = page(&order(4, unused(0..2))).with(next).expect_err("another order");
        assert!(matches!(error, LookError::Lost(_)), "{error:?}");
        error.to_string()
    };
    let mut redeemed = order(4, unused(2..4));
    (redeemed["UnUsedCount"], redeemed["RedeemCount"]) = (json!(3), json!(1));
    assert!(changed(page(&redeemed)).contains("voucher order V1 changed while its pages were read"));
    assert!(changed(page(&json!({"RtnCode": 10_200_047}))).contains("changed"));
    let mut other = order(4, unused(2..4));
    (other["MerchantTradeNo"], other["FreeTradeNo"]) = (json!(""), json!("F1"));
    assert!(changed(page_of(&other, &free()).expect("a page")).contains("changed"));

    let mut twice = order(4, unused(1..3));
    twice["TicketList"][0]["UseStatus"] = json!(2);
    assert!(changed(page(&twice)).contains("in two ways"));
    let mut odd = order(4, unused(2..4));
    odd["TicketList"][0]["UseStatus"] = json!(9);
    let unclear = page(&order(4, unused(0..2))).with(page(&odd)).expect("the same order");
    assert!(matches!(unclear.seen().0, VoucherSeen::Unclear { .. }));
}
