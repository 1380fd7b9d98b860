//! What reasons have as arguments beside numbers, amounts and words.

use std::fmt;

use chrono::{DateTime, NaiveDateTime, SubsecRound, Utc};
use serde::{Deserialize, Serialize};

use crate::domain::calendar;
use crate::domain::facts::Seen;
use crate::domain::status::CardStatus;

/// A time as the views show it, to the second in Asia/Taipei: `2026-08-20 10:00:00`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct At(DateTime<Utc>);

impl At {
    const FORM: &'static str = "%Y-%m-%d %H:%M:%S";
}

/// Without the part of a second that is not shown: what reads alike is alike.
impl From<DateTime<Utc>> for At {
    fn from(at: DateTime<Utc>) -> Self {
        Self(at.trunc_subsecs(0))
    }
}

impl TryFrom<String> for At {
    type Error = chrono::ParseError;
    fn try_from(text: String) -> Result<Self, chrono::ParseError> {
        NaiveDateTime::parse_from_str(&text, Self::FORM).map(|civil| Self(calendar::from_taipei(civil)))
    }
}

impl From<At> for String {
    fn from(at: At) -> String {
        at.to_string()
    }
}

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&calendar::show(self.0))
    }
}

/// What a look shows of an order, in a word: ECPay's own of a card order's state, or what it is otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "&'static str")]
pub enum Shown {
    Card(CardStatus),
    NotFound,
    Unpaid,
    BankPending,
    NotCard,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is no word for what a look shows")]
pub struct UnknownWord(String);

impl Shown {
    const OTHERS: [Self; 4] = [Self::NotFound, Self::Unpaid, Self::BankPending, Self::NotCard];

    /// None: what cannot be read.
    pub fn of(seen: &Seen) -> Option<Self> {
        Some(match seen {
            Seen::Card(card) => Self::Card(card.status),
            Seen::NotFound => Self::NotFound,
            Seen::Unpaid { .. } => Self::Unpaid,
            Seen::BankPending { .. } => Self::BankPending,
            Seen::NotCard { .. } => Self::NotCard,
            Seen::Twin { .. } | Seen::Unclear { .. } => return None,
        })
    }

    pub fn word(self) -> &'static str {
        match self {
            Self::Card(status) => status.english(),
            Self::NotFound => "not_found",
            Self::Unpaid => "unpaid",
            Self::BankPending => "bank_pending",
            Self::NotCard => "not_card",
        }
    }
}

impl From<CardStatus> for Shown {
    fn from(status: CardStatus) -> Self {
        Self::Card(status)
    }
}

impl From<Shown> for &'static str {
    fn from(shown: Shown) -> &'static str {
        shown.word()
    }
}

impl TryFrom<String> for Shown {
    type Error = UnknownWord;
    fn try_from(word: String) -> Result<Self, UnknownWord> {
        let all = CardStatus::ALL.into_iter().map(Self::Card).chain(Self::OTHERS);
        all.into_iter().find(|shown| shown.word() == word).ok_or(UnknownWord(word))
    }
}

/// How a call ended that may have been made all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ended {
    Refused,
    InReview,
    WithoutEffect,
}
