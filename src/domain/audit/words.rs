//! What differs, for people and for programs.

use super::Finding;
use crate::domain::language::Language;
use crate::domain::movement::MovementKind;

impl Finding {
    /// Stable, for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Sum { .. } => "sum",
            Self::Look { .. } => "look",
            Self::EventUnreadable { .. } => "event_unreadable",
            Self::MoreThanAmount { .. } => "more_than_amount",
            Self::Explanation { .. } => "explanation",
            Self::Step { .. } => "step",
            Self::Attempt { .. } => "attempt",
            Self::Refund { .. } => "refund",
            Self::RefundAmount { .. } => "refund_amount",
        }
    }

    pub fn sentence(&self, language: Language) -> String {
        match language {
            Language::English => self.english(),
            Language::Chinese => self.chinese(),
        }
    }

    fn english(&self) -> String {
        match self {
            Self::Sum { kind: MovementKind::Authorized, journal, shown } => {
                format!("its movements leave NT${journal} authorized, and its state says NT${shown}")
            }
            Self::Sum { kind, journal, shown } => {
                format!(
                    "its movements come to NT${journal} {}, and the order shows NT${shown}",
                    kind.named(Language::English)
                )
            }
            Self::Look { event, kind, journal, shown } => format!(
                "event {event} shows NT${shown} {}, and the movements up to it come to NT${journal}",
                kind.named(Language::English)
            ),
            Self::EventUnreadable { event } => format!("what event {event} says of a look cannot be read"),
            Self::MoreThanAmount { refunded, amount } => format!("NT${refunded} went back of an order of NT${amount}"),
            Self::Explanation { movement, attempt } => {
                format!("movement {movement} is said to be attempt {attempt}, which did not do that")
            }
            Self::Step { attempt, from, to, event } => {
                format!("event {event} takes attempt {attempt} from {from} to {to}, which is no step of an attempt")
            }
            Self::Attempt { attempt, row, history } => {
                format!("attempt {attempt} is {row}, and its history ends with {history}")
            }
            Self::Refund { refund, row, history } => {
                format!("refund {refund} is {row}, and its history ends with {history}")
            }
            Self::RefundAmount { refund, row, history } => {
                format!("refund {refund} gave back NT${row}, and its history says NT${history}")
            }
        }
    }

    fn chinese(&self) -> String {
        match self {
            Self::Sum { kind: MovementKind::Authorized, journal, shown } => {
                format!("異動合計尚有授權 NT${journal}，依訂單狀態應為 NT${shown}")
            }
            Self::Sum { kind, journal, shown } => {
                format!("異動合計{} NT${journal}，訂單顯示 NT${shown}", kind.named(Language::Chinese))
            }
            Self::Look { event, kind, journal, shown } => {
                format!(
                    "事件 {event} 顯示{} NT${shown}，到該事件為止的異動合計為 NT${journal}",
                    kind.named(Language::Chinese)
                )
            }
            Self::EventUnreadable { event } => format!("事件 {event} 的查詢內容無法讀取"),
            Self::MoreThanAmount { refunded, amount } => format!("訂單金額 NT${amount}，卻退了 NT${refunded}"),
            Self::Explanation { movement, attempt } => {
                format!("異動 {movement} 記為請求 {attempt} 所為，但該請求並未如此")
            }
            Self::Step { attempt, from, to, event } => {
                format!("事件 {event} 讓請求 {attempt} 由 {from} 變為 {to}，這不是允許的變化")
            }
            Self::Attempt { attempt, row, history } => {
                format!("請求 {attempt} 的狀態為 {row}，其歷程卻止於 {history}")
            }
            Self::Refund { refund, row, history } => {
                format!("退款 {refund} 的狀態為 {row}，其歷程卻止於 {history}")
            }
            Self::RefundAmount { refund, row, history } => {
                format!("退款 {refund} 的退款金額為 NT${row}，其歷程記為 NT${history}")
            }
        }
    }
}
