//! The same payload through the two voucher calls: what is told of an order stands in the answer.

use std::collections::{BTreeMap, BTreeSet};

use ecpayd::domain::ids::{FreeTradeNo, VoucherTradeNo};
use ecpayd::domain::voucher::{Ticket, Totals, UseStatus, VoucherFacts, VoucherNumber, VoucherSeen};
use ecpayd::gateway::voucher::OrderPage;
use serde_json::Value;

use super::oracle;
use super::scripted::{ORDER, STAMP_S, at_once, voucher_gateway};

const LONGEST_REMARK: usize = 100;

/// The two kinds of numbers: the field that has to name the order, and the one that must not.
pub fn numbers() -> [(VoucherNumber, &'static str, &'static str); 2] {
    let sold = VoucherTradeNo::parse(ORDER).expect("a number");
    let given = FreeTradeNo::parse(ORDER).expect("a number");
    [
        (VoucherNumber::MerchantTradeNo(sold), "MerchantTradeNo", "FreeTradeNo"),
        (VoucherNumber::FreeTradeNo(given), "FreeTradeNo", "MerchantTradeNo"),
    ]
}

pub fn check(json: &str, body: &[u8], tree: Option<&Value>) {
    for (number, ours, other) in numbers() {
        match at_once(voucher_gateway(200, body.to_vec()).query_order(&number, None, STAMP_S)) {
            Ok(dated) => page(dated.answer, tree, ours, other),
            Err(error) => oracle::told(&error, json),
        }
    }
    let order = VoucherTradeNo::parse(ORDER).expect("a number");
    match at_once(voucher_gateway(200, body.to_vec()).query_refunds(&order, STAMP_S)) {
        Ok(dated) => {
            let Some(tree) = tree else { return };
            assert!(tree.is_object() && oracle::is_our_merchant(tree), "another merchant's answer");
            assert_eq!(oracle::text(&tree["MerchantTradeNo"]).as_deref(), Some(ORDER));
            assert_eq!(oracle::whole(&tree["RtnCode"]), Some(1));
            assert_eq!(oracle::whole(&tree["TotalRefundAmount"]), Some(dated.answer.confirmed.dollars()));
        }
        Err(error) => oracle::told(&error, json),
    }
}

fn page(page: OrderPage, tree: Option<&Value>, ours: &str, other: &str) {
    // The same page again brings nothing new, so the asking ends whatever the answer says.
    let again = page.clone().with(page.clone());
    match (page.clone().seen().0, again) {
        (VoucherSeen::Order(_), again) => assert_eq!(again.expect("the same order").next_page(), None),
        (_, again) => assert!(again.is_err() && page.next_page().is_none()),
    }
    let more = page.next_page().is_some();
    let (seen, tickets) = page.seen();
    let Some(tree) = tree else { return };
    assert!(tree.is_object() && oracle::is_our_merchant(tree), "another merchant's answer: {seen:?}");
    let named = oracle::text(&tree[ours]);
    assert!(named.as_deref().is_none_or(|no| no == ORDER), "another order's answer: {seen:?}");
    assert_eq!(oracle::text(&tree[other]), None, "an answer of the other kind: {seen:?}");
    match seen {
        VoucherSeen::NotFound => assert!(tickets.is_empty()),
        VoucherSeen::Unclear { raw } => assert!(tickets.is_empty() && raw.chars().count() < 60, "{raw}"),
        VoucherSeen::Order(facts) => {
            assert!(named.is_some() && oracle::whole(&tree["RtnCode"]) == Some(1));
            assert_eq!(oracle::whole(&tree["Status"]), Some(facts.status.code()));
            assert!(facts.remark.chars().count() <= LONGEST_REMARK && !facts.remark.contains(char::is_control));
            assert_eq!(facts.credit_trade_id, oracle::whole(&tree["CreditTradeID"]).filter(|id| *id != 0));
            let missing = tickets.len() < usize::try_from(facts.totals.count).expect("64 bits");
            assert!(!more || missing, "asks for tickets that it has");
            totals(&facts, tree);
            listed(&facts, &tickets, tree);
        }
    }
}

/// Absent totals count as nothing: then the sums tell.
fn totals(facts: &VoucherFacts, tree: &Value) {
    let written = |name: &str| oracle::whole(&tree[name]).unwrap_or(0);
    let Totals { count, trade_amount, redeemed, refunded, refund_fee, unused, expired } = facts.totals;
    for (name, read) in [
        ("TotalCount", i64::from(count)),
        ("TradeAmount", trade_amount.dollars()),
        ("RedeemCount", redeemed.count.into()),
        ("RedeemAmount", redeemed.amount.dollars()),
        ("RefundCount", refunded.count.into()),
        ("RefundAmount", refunded.amount.dollars()),
        ("TotalRefundFee", refund_fee.dollars()),
        ("UnUsedCount", unused.count.into()),
        ("UnUsedAmount", unused.amount.dollars()),
        ("ExpiredCount", expired.count.into()),
    ] {
        assert_eq!(read, written(name), "{name}");
    }
}

/// Each ticket of the answer is there once, and totals that are believed are theirs.
fn listed(facts: &VoucherFacts, tickets: &[Ticket], tree: &Value) {
    let rows = tree["TicketList"].as_array().map(Vec::as_slice).unwrap_or_default();
    let rows: BTreeMap<_, _> = rows.iter().map(|row| (oracle::text(&row["TicketNo"]), row)).collect();
    let numbers: BTreeSet<_> = tickets.iter().map(|ticket| &ticket.no).collect();
    assert_eq!((numbers.len(), rows.len()), (tickets.len(), tickets.len()));
    let mut worth = BTreeMap::new();
    for ticket in tickets {
        let row = rows[&Some(ticket.no.clone())];
        assert_eq!(oracle::whole(&row["UseStatus"]), Some(ticket.status.code()));
        assert_eq!(oracle::whole(&row["TicketAmount"]), Some(ticket.amount.dollars()));
        let (count, sum) = worth.entry(ticket.status).or_insert((0, 0));
        (*count, *sum) = (*count + 1, *sum + ticket.amount.dollars());
    }
    let issued = facts.status == ecpayd::domain::voucher::IssueStatus::Issued;
    if facts.mismatch.is_none() && issued {
        let parts = [facts.totals.unused, facts.totals.redeemed, facts.totals.refunded, facts.totals.expired];
        for (status, part) in UseStatus::ALL.iter().zip(parts) {
            let (count, sum) = worth.get(status).copied().unwrap_or_default();
            assert_eq!((part.count, part.amount.dollars()), (count, sum), "{status:?}");
        }
    }
}
