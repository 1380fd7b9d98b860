//! What the views hold in words for programs, as a person reads it. In English that is the word itself, which
//! `--state` and SQL take; in Chinese its name.

use crate::domain::action::Action;
use crate::domain::alert::{AlertKind, Severity};
use crate::domain::attempt::AttemptState;
use crate::domain::language::Language;
use crate::domain::movement::{Hand, MovementKind};
use crate::domain::order::{CaptureMode, OrderState};
use crate::domain::refund::RefundState;
use crate::domain::voucher::{TicketKind, UseStatus, VoucherState};

macro_rules! words {
    ($($name:ident: $type:ty),+ $(,)?) => {
        $(
            pub(super) fn $name(language: Language, word: &str) -> String {
                let known = <$type>::ALL.iter().find(|known| known.word() == word);
                match (language, known) {
                    (Language::Chinese, Some(known)) => known.named(language).to_owned(),
                    _ => word.to_owned(),
                }
            }
        )+
    };
}

words! {
    order_state: OrderState,
    refund_state: RefundState,
    attempt_state: AttemptState,
    voucher_state: VoucherState,
    use_status: UseStatus,
    ticket_kind: TicketKind,
    severity: Severity,
    alert_kind: AlertKind,
    capture: CaptureMode,
    movement: MovementKind,
    hand: Hand,
}

/// What is shown beside its word, where somebody learns from it what `--state` takes.
pub(super) fn with_word(language: Language, word: &str, name: String) -> String {
    language.pick(word.to_owned(), format!("{name} ({word})"))
}

/// `order_status.next_step`.
pub(super) fn next_step(language: Language, word: &str) -> String {
    let action = Action::ALL.into_iter().find(|action| action.verb() == word);
    match (language, action) {
        (Language::Chinese, Some(action)) => step(language, action),
        (Language::Chinese, None) if word == "look" => "查詢".to_owned(),
        _ => word.to_owned(),
    }
}

/// A money step for a person: 取消 alone could be of anything.
pub(super) fn step(language: Language, action: Action) -> String {
    match (language, action) {
        (Language::Chinese, Action::E) => "取消關帳".to_owned(),
        _ => action.named(language).to_owned(),
    }
}

/// An attempt's action: the letter that ECPay's pages name it by, and in Chinese its word.
pub(super) fn action(language: Language, letter: &str) -> String {
    match (language, Action::parse(letter)) {
        (Language::Chinese, Some(action)) => format!("{letter} {}", action.chinese()),
        _ => letter.to_owned(),
    }
}

/// That the list goes on.
pub(super) fn more(language: Language, limit: u32) -> String {
    language
        .pick(format!("the newest {limit}; --limit shows more"), format!("只列出最新的 {limit} 筆；--limit 可列出更多"))
}

/// An amount that a refund asks for.
pub(super) fn asked(language: Language, amount: Option<i64>) -> String {
    amount.map_or_else(|| language.pick("all", "全部").to_owned(), |amount| amount.to_string())
}
