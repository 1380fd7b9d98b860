//! What a look showed.

use crate::domain::facts::Seen;
use crate::domain::language::Language;
use crate::domain::voucher::{IssueStatus, VoucherFacts, VoucherSeen};

pub(super) fn looked(language: Language, seen: &Seen) -> String {
    match seen {
        Seen::NotFound => language.pick("the gateway does not know the order", "綠界查無此訂單").to_owned(),
        Seen::Unpaid { .. } => language.pick("not paid", "未付款").to_owned(),
        Seen::BankPending { .. } => language.pick("the bank has not answered yet", "銀行還沒有回應").to_owned(),
        Seen::NotCard { payment_type, .. } => {
            language.pick(format!("paid by {payment_type}, not by card"), format!("以 {payment_type} 付款，不是信用卡"))
        }
        Seen::Card(card) => {
            let (status, amount) = (card.status.named(language), card.amount);
            match (language, card.status.is_closing()) {
                (Language::English, true) => format!("{status}, NT${} of {amount}", card.net),
                (Language::English, false) => format!("{status}, {amount}"),
                (Language::Chinese, true) => format!("{status}，{amount}，淨額 NT${}", card.net),
                (Language::Chinese, false) => format!("{status}，{amount}"),
            }
        }
        Seen::Twin { trade_no, row } => language.pick(
            format!("authorization {trade_no}, which row {row} of orders follows already"),
            format!("授權 {trade_no}，已由 orders 的第 {row} 列處理"),
        ),
        Seen::Unclear { raw } => language.pick(format!("not in the table: {raw}"), format!("不在表內：{raw}")),
    }
}

pub(super) fn vouchers(language: Language, seen: &VoucherSeen) -> String {
    match seen {
        VoucherSeen::NotFound => {
            language.pick("the voucher service does not know the order", "票券服務查無此訂單").to_owned()
        }
        VoucherSeen::Unclear { raw } => {
            language.pick(format!("vouchers not in the table: {raw}"), format!("票券的回應不在表內：{raw}"))
        }
        VoucherSeen::Order(facts) => {
            let odd = facts
                .mismatch
                .as_ref()
                .map(|what| language.pick(format!("; does not add up: {what}"), format!("；對不起來：{what}")));
            issued(language, facts) + &odd.unwrap_or_default()
        }
    }
}

fn issued(language: Language, facts: &VoucherFacts) -> String {
    let amount = facts.totals.trade_amount;
    match facts.status {
        IssueStatus::Issuing => {
            language.pick(format!("vouchers of {amount} are being issued"), format!("{amount} 的票券發行中"))
        }
        IssueStatus::IssueFailed if facts.remark.is_empty() => {
            language.pick("the vouchers could not be issued", "票券發行失敗").to_owned()
        }
        IssueStatus::IssueFailed => language.pick(
            format!("the vouchers could not be issued: {}", facts.remark),
            format!("票券發行失敗：{}", facts.remark),
        ),
        IssueStatus::Issued => {
            let price = language.pick(format!(" of {amount}"), format!(" {amount}"));
            let price = if amount.is_zero() { String::new() } else { price };
            let parts = parts(language, facts).join(language.pick(", ", "，"));
            language.pick(format!("vouchers{price}: {parts}"), format!("票券{price}：{parts}"))
        }
    }
}

fn parts(language: Language, facts: &VoucherFacts) -> Vec<String> {
    let totals = &facts.totals;
    let parts = [
        (totals.redeemed, "redeemed", "已核銷"),
        (totals.refunded, "refunded in tickets", "已退券"),
        (totals.expired, "expired", "已過期"),
        (totals.unused, "unused", "未使用"),
    ];
    let there = parts.into_iter().filter(|(part, ..)| part.count > 0);
    let told = there.map(|(part, english, chinese)| {
        let amount = part.amount;
        language.pick(format!("{amount} {english}"), format!("{chinese} {amount}"))
    });
    told.collect()
}
