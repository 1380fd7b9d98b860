//! `Ticket/QueryOrderInfo` and `Ticket/QueryRefundInfo`.

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::{Value, json};

use super::merchant_id;
use crate::domain::calendar::taipei;
use crate::domain::voucher::{IssueStatus, IssueType, UseStatus, VoucherNumber};
use crate::simulator::bank::{Terms, Ticket, Used, VoucherDates, VoucherOrder};

/// Tickets in one answer (the newer Chinese page of QueryOrderInfo, `PageNum`).
const PAGE_TICKETS: usize = 200;

/// The vendor's list of codes is not public; this only differs from 1.
const NOT_FOUND: i64 = 10_200_047;

pub fn voucher_order(order: Option<&VoucherOrder>, page: usize, terms: &Terms, now: DateTime<Utc>) -> Value {
    let Some(order) = order.filter(|_| !terms.stopped) else { return not_found(missing(terms)) };
    let (merchant_trade_no, free_trade_no) = match &order.number {
        VoucherNumber::MerchantTradeNo(no) => (no.as_str(), ""),
        VoucherNumber::FreeTradeNo(no) => ("", no.as_str()),
    };
    let paid = if free_trade_no.is_empty() { "1" } else { "" };
    let issued = order.status(now) == IssueStatus::Issued;
    let [unused, redeemed, refunded, invalid] =
        [UseStatus::Unused, UseStatus::Redeemed, UseStatus::Refunded, UseStatus::Expired].map(|s| order.sum(s, now));
    json!({
        "RtnCode": 1,
        "RtnMsg": terms.success_text,
        "MerchantID": merchant_id(order.merchant_id.as_str(), terms),
        "MerchantTradeNo": merchant_trade_no,
        "FreeTradeNo": free_trade_no,
        "TicketTradeNo": order.ticket_trade_no,
        "PaymentProvider": paid,
        "PaymentType": paid,
        "CreditTradeID": order.credit_trade_id,
        "Status": order.status(now).code(),
        "Remark": if order.status(now) == IssueStatus::IssueFailed { order.failure.as_deref().unwrap_or("") } else { "" },
        "IssueDate": order.issued_at.filter(|_| issued).map(|at| issue_date(at, terms)).unwrap_or_default(),
        "IssueType": order.issue_type.code().to_string(),
        "PrintType": order.printed_by.map(|by| by.code().to_string()).unwrap_or_default(),
        "CustomerName": order.customer.name,
        "CustomerPhone": order.customer.phone,
        "CustomerEmail": order.customer.email,
        "EscrowExpiredDate": day(order.escrow_expires_on),
        "TotalCount": order.tickets_seen(now).len(),
        "TradeAmount": order.trade_amount,
        "RedeemCount": redeemed.0,
        "RedeemAmount": redeemed.1,
        "RefundCount": refunded.0,
        "RefundAmount": refunded.1,
        "TotalRefundFee": order.refund_fee(),
        "UnUsedCount": unused.0,
        "UnUsedAmount": unused.1,
        "ExpiredCount": invalid.0,
        "TicketList": on_page(order.tickets_seen(now), page, terms)
            .iter()
            .map(|t| ticket(t, order.issue_type, terms, now))
            .collect::<Vec<_>>(),
    })
}

/// Only what the bank has confirmed, of orders with a pickup voucher.
pub fn voucher_refunds(order: Option<&VoucherOrder>, terms: &Terms, now: DateTime<Utc>) -> Value {
    let Some(order) = order.filter(|_| !terms.stopped) else { return not_found(missing(terms)) };
    if !order.has_pickup() {
        return not_found("此訂單不含提貨券");
    }
    json!({
        "RtnCode": 1,
        "RtnMsg": terms.success_text,
        "MerchantID": merchant_id(order.merchant_id.as_str(), terms),
        "MerchantTradeNo": order.number.as_str(),
        "TradeAmount": order.trade_amount,
        "TotalRefundAmount": order.confirmed(now),
    })
}

fn missing(terms: &Terms) -> &'static str {
    if terms.stopped { "error_Stop" } else { "查無訂單資料" }
}

fn not_found(text: &str) -> Value {
    json!({ "RtnCode": NOT_FOUND, "RtnMsg": text })
}

/// A page past the end is empty.
fn on_page<'a>(tickets: &'a [Ticket], page: usize, terms: &Terms) -> &'a [Ticket] {
    if !terms.voucher_pages {
        return tickets;
    }
    let from = (page - 1).saturating_mul(PAGE_TICKETS).min(tickets.len());
    &tickets[from..(from + PAGE_TICKETS).min(tickets.len())]
}

/// Serial numbers alone come without `ItemNo` and `WriteOffNo`. The page says both that and
/// the contrary in one sentence; its samples have the fields on an electronic ticket.
fn ticket(ticket: &Ticket, issue_type: IssueType, terms: &Terms, now: DateTime<Utc>) -> Value {
    let (mut written_off, mut refunded, mut write_off_no) = (String::new(), String::new(), "");
    match &ticket.used {
        Used::No => {}
        Used::Redeemed { at, write_off_no: no } => (written_off, write_off_no) = (use_date(*at, terms), no.as_str()),
        Used::Refunded { at } => refunded = use_date(*at, terms),
    }
    let mut seen = json!({
        "TicketNo": ticket.ticket_no,
        "UseStatus": ticket.status(now).code(),
        "ItemName": ticket.item_name,
        "TicketType": ticket.kind.code().to_string(),
        "TicketAmount": ticket.amount,
        "StartDate": day(ticket.starts_on),
        "WriteOffDate": written_off,
        "RefundDate": refunded,
        "ExpiredDate": ticket.expires_on.map(day).unwrap_or_default(),
    });
    if issue_type != IssueType::Serial {
        seen["ItemNo"] = json!(ticket.item_no);
        seen["WriteOffNo"] = json!(write_off_no);
    }
    seen
}

fn day(day: NaiveDate) -> String {
    day.format("%Y%m%d").to_string()
}

fn issue_date(at: DateTime<Utc>, terms: &Terms) -> String {
    let form = match terms.voucher_dates {
        VoucherDates::Sample => "%Y/%m/%d %H:%M:%S",
        VoucherDates::Page => "%Y/%m/%d %H:%M",
    };
    taipei(at).format(form).to_string()
}

fn use_date(at: DateTime<Utc>, terms: &Terms) -> String {
    let form = match terms.voucher_dates {
        VoucherDates::Sample => "%Y%m%d",
        VoucherDates::Page => "%Y%m%d %H:%M",
    };
    taipei(at).format(form).to_string()
}
