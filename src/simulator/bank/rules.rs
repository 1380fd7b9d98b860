//! Which action is legal, and what it does (vendor page 信用卡請退款功能, Chinese and English).

use chrono::{DateTime, Utc};

use super::limits;
use super::order::{Authorization, Kind, Order, Payment, Product, Row};
use super::terms::Terms;
use super::{Ask, By};
use crate::domain::action::Action;
use crate::domain::calendar::taipei_date;
use crate::domain::status::CardStatus;

/// Why the bank refuses. The texts in brackets were seen in production or stand on the
/// vendor's pages; the plain sentences follow the notes of the vendor page 信用卡請退款功能.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("Cant not find the trade data")]
    NotFound,
    #[error("error_nopay")]
    BankPending,
    #[error("更新失敗.(error_amount_{0})")]
    Amount(Action),
    #[error("更新失敗.(error_status_{0})")]
    State(Action),
    #[error("error_overDate")]
    TooLate,
    #[error("銀聯卡交易無法取消關帳")]
    UnionPay,
    #[error("分期交易須全額退刷")]
    PartOfInstallments,
    #[error("紅利折抵交易須全額退刷")]
    PartOfBonusPoints,
    #[error("帳戶餘額不足,無法退刷")]
    Balance,
    #[error("每日自動關帳作業中,20:15 ~ 20:30 請勿執行")]
    Closing,
    #[error("error_Stop")]
    Stopped,
    /// Said by faults alone, whether the action takes effect or not.
    #[error("更新失敗.(error_timeout)")]
    Denied,
}

impl Refusal {
    /// 10000185 is recorded. The others have no published number; this one only
    /// differs from 1, and nothing may be decided from it.
    pub fn code(self) -> i64 {
        match self {
            Self::NotFound => 10_000_185,
            _ => 10_200_099,
        }
    }
}

pub(super) fn judge(ask: &Ask, order: &Order, authorization: &Authorization, terms: &Terms) -> Result<(), Refusal> {
    let its_own = match ask.by {
        By::Api => order.product == Product::Json || terms.aio_on_json,
        By::Form => order.product == Product::Aio,
        By::Dashboard | By::Service => true,
    };
    if !its_own {
        return Err(Refusal::NotFound);
    }
    if ask.by.is_call() && terms.stopped {
        return Err(Refusal::Stopped);
    }
    // The page closes the call, not the dashboard.
    if ask.by.is_call() && terms.daily_auto_close && limits::in_closing_window(ask.at) {
        return Err(Refusal::Closing);
    }
    match ask.action {
        Action::C => capture(ask, authorization),
        Action::E => call_back(ask, order, authorization),
        Action::N => abandon(ask, authorization),
        Action::R => refund(ask, order, authorization, terms),
    }
}

/// An order without any authorization has nothing to act on.
pub(super) fn without_authorization(order: &Order) -> Refusal {
    if order.payment == Payment::BankPending { Refusal::BankPending } else { Refusal::NotFound }
}

fn capture(ask: &Ask, authorization: &Authorization) -> Result<(), Refusal> {
    if !authorization.status.is_open() {
        return Err(Refusal::State(ask.action));
    }
    if ask.by != By::Service && limits::capture_has_ended(authorization, ask.at) {
        return Err(Refusal::TooLate);
    }
    whole(ask, authorization)
}

fn call_back(ask: &Ask, order: &Order, authorization: &Authorization) -> Result<(), Refusal> {
    if order.kind == Kind::UnionPay {
        return Err(Refusal::UnionPay);
    }
    // What E does to a refund already taken off is on no page; refused, so that no money can
    // appear or vanish by a guess of ours.
    if authorization.status != CardStatus::ToBeCaptured || authorization.refunded > 0 {
        return Err(Refusal::State(ask.action));
    }
    whole(ask, authorization)
}

fn abandon(ask: &Ask, authorization: &Authorization) -> Result<(), Refusal> {
    if !authorization.status.is_open() {
        return Err(Refusal::State(ask.action));
    }
    whole(ask, authorization)
}

fn refund(ask: &Ask, order: &Order, authorization: &Authorization, terms: &Terms) -> Result<(), Refusal> {
    // Production words a wrong state as a wrong amount.
    if !authorization.status.is_closing() {
        return Err(Refusal::Amount(ask.action));
    }
    let asked = ask.amount.dollars();
    if asked < 1 || asked > authorization.captured - authorization.refunded {
        return Err(Refusal::Amount(ask.action));
    }
    let part = asked < authorization.captured;
    let unclaimed = authorization.status == CardStatus::ToBeCaptured;
    // Seen in production: the whole goes back by E and N there.
    let whole = unclaimed && !part && order.product == Product::Aio;
    let rest = unclaimed && authorization.refunded > 0 && asked == authorization.captured - authorization.refunded;
    if whole || (rest && !terms.remainder_r) {
        return Err(Refusal::Amount(ask.action));
    }
    if part && matches!(order.kind, Kind::Installments(_)) {
        return Err(Refusal::PartOfInstallments);
    }
    if part && order.kind == Kind::BonusPoints {
        return Err(Refusal::PartOfBonusPoints);
    }
    if terms.balance.is_some_and(|balance| balance < asked) {
        return Err(Refusal::Balance);
    }
    Ok(())
}

fn whole(ask: &Ask, authorization: &Authorization) -> Result<(), Refusal> {
    if ask.amount == authorization.amount { Ok(()) } else { Err(Refusal::Amount(ask.action)) }
}

/// Does what [`judge`] has allowed.
pub(super) fn apply(ask: &Ask, authorization: &mut Authorization, terms: &mut Terms) {
    match ask.action {
        Action::C => authorization.capture(ask.at, CardStatus::ToBeCaptured),
        Action::E => {
            for row in authorization.rows.iter_mut().filter(|r| r.status == CardStatus::ToBeCaptured) {
                row.status = CardStatus::OperationCanceled;
            }
            authorization.status = CardStatus::OperationCanceled;
            authorization.captured = 0;
            authorization.called_back_on = Some(taipei_date(ask.at));
        }
        Action::N => authorization.status = CardStatus::Canceled,
        Action::R => {
            let part = ask.amount.dollars();
            authorization.refunded += part;
            terms.balance = terms.balance.map(|balance| balance - part);
            write_refund(ask.at, part, authorization, terms.shrink);
        }
    }
}

/// R before the claim is "changing the order's amount" (vendor page 信用卡請退款功能), which may show as a smaller
/// capture row; after the claim it can only be a row of its own.
fn write_refund(at: DateTime<Utc>, part: i64, authorization: &mut Authorization, shrink: bool) {
    let unclaimed = authorization.rows.iter_mut().find(|r| r.status == CardStatus::ToBeCaptured && r.amount > 0);
    match unclaimed {
        Some(row) if shrink => row.amount -= part,
        _ => authorization.rows.push(Row { status: CardStatus::ToBeCaptured, amount: -part, at }),
    }
}
