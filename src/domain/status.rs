//! The closing state of a card authorization, as the card detail words it.

use serde::{Deserialize, Serialize};

use super::quote::quote;

/// The six states that rules exist for (`CreditDetail/QueryTrade`, field `Status`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CardStatus {
    /// 未授權: the bank has not authorized.
    Unauthorized,
    /// 已授權: authorized, holds the cardholder's credit line.
    Authorized,
    /// 要關帳: capture asked for, not yet claimed from the bank.
    ToBeCaptured,
    /// 已關帳: claimed from the bank.
    Captured,
    /// 已取消: void.
    Canceled,
    /// 操作取消: the capture was called back; the order is back to authorized.
    OperationCanceled,
}

impl CardStatus {
    pub const ALL: [Self; 6] = [
        Self::Unauthorized,
        Self::Authorized,
        Self::ToBeCaptured,
        Self::Captured,
        Self::Canceled,
        Self::OperationCanceled,
    ];

    /// The word of the vendor's current English pages.
    pub fn english(self) -> &'static str {
        match self {
            Self::Unauthorized => "Unauthorized",
            Self::Authorized => "Authorized",
            Self::ToBeCaptured => "To be captured",
            Self::Captured => "Captured",
            Self::Canceled => "Canceled",
            Self::OperationCanceled => "Operation canceled",
        }
    }

    pub fn chinese(self) -> &'static str {
        match self {
            Self::Unauthorized => "未授權",
            Self::Authorized => "已授權",
            Self::ToBeCaptured => "要關帳",
            Self::Captured => "已關帳",
            Self::Canceled => "已取消",
            Self::OperationCanceled => "操作取消",
        }
    }

    /// Authorized and not captured: what C and N are legal from.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Authorized | Self::OperationCanceled)
    }

    /// Captured or on the way there: what R is legal from.
    pub fn is_closing(self) -> bool {
        matches!(self, Self::ToBeCaptured | Self::Captured)
    }
}

/// A status as it came: one of the table, or kept raw.
///
/// A raw word is never mapped to a near match; it stops every money action on its order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StatusWord {
    Known(CardStatus),
    Raw(String),
}

impl StatusWord {
    /// Reads both languages, and the two words of the vendor's older pages.
    pub fn parse(word: &str) -> Self {
        let trimmed = word.trim();
        let known =
            CardStatus::ALL.into_iter().find(|s| s.chinese() == trimmed || s.english().eq_ignore_ascii_case(trimmed));
        match known {
            Some(status) => Self::Known(status),
            None if trimmed.eq_ignore_ascii_case("To be settled") => Self::Known(CardStatus::ToBeCaptured),
            None if trimmed.eq_ignore_ascii_case("Has been settled") => Self::Known(CardStatus::Captured),
            None => Self::Raw(quote(trimmed, 60)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_read_in_both_languages() {
        for status in CardStatus::ALL {
            assert_eq!(StatusWord::parse(status.english()), StatusWord::Known(status));
            assert_eq!(StatusWord::parse(status.chinese()), StatusWord::Known(status));
        }
        assert_eq!(StatusWord::parse("To be settled"), StatusWord::Known(CardStatus::ToBeCaptured));
        assert_eq!(StatusWord::parse(" Has been settled "), StatusWord::Known(CardStatus::Captured));
    }

    #[test]
    fn a_word_outside_the_table_stays_raw() {
        for word in ["Settling", "Refused by bank", "To be canceled", "Cancelled", "", "關帳"] {
            assert_eq!(StatusWord::parse(word), StatusWord::Raw(word.to_owned()));
        }
        assert_eq!(StatusWord::parse("Refused 4311952222222222"), StatusWord::Raw("Refused ****".to_owned()));
    }
}
