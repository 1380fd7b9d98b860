//! What more than one sentence says.

use crate::domain::action::Action;
use crate::domain::reason::{At, Shown};
use crate::domain::service::Service;

/// What is left to do after the limit.
pub(super) fn by_hand(authorized_at: &At, limit_days: i64) -> String {
    format!("授權於 {authorized_at}，{limit_days} 天內沒有關帳：請綠界客服人工關帳")
}

/// The letter with ECPay's own word: the letter alone says nothing to an accountant.
pub(super) fn call(action: Action) -> String {
    format!("{action} {}", action.chinese())
}

pub(super) fn service(service: Service) -> &'static str {
    match service {
        Service::Card => "綠界",
        Service::Voucher => "票券服務",
    }
}

pub(super) fn shown(shown: Shown) -> &'static str {
    match shown {
        Shown::Card(status) => status.chinese(),
        Shown::NotFound => "查無此訂單",
        Shown::Unpaid => "未付款",
        Shown::BankPending => "銀行還沒有回應",
        Shown::NotCard => "不是信用卡付款",
    }
}

pub(super) fn not_in_the_table(raw: &str) -> String {
    format!("綠界的回應不在表內（{raw}）：回應正常之前，這筆訂單不動款項")
}
