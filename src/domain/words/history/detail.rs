//! The detail of an event, as a history reads it: leniently, since triggers and earlier builds wrote some of them.

use std::fmt;
use std::ops::Deref;

use chrono::DateTime;
use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer};

use crate::domain::calendar;
use crate::domain::event::EventKind;
use crate::domain::facts::Seen;
use crate::domain::language::Language;
use crate::domain::reason::{Reason, retold};
use crate::domain::voucher::VoucherSeen;

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Detail {
    pub action: Word,
    pub amount: Word,
    pub attempt: Word,
    pub before: Word,
    pub before_net: Word,
    pub by: Word,
    pub capture: Word,
    pub code: Word,
    pub confirmed: Word,
    pub count: Word,
    pub error: Word,
    pub free_trade_no: Word,
    pub guard: Word,
    pub is: Word,
    pub open_attempts: Word,
    pub reason: Why,
    pub refund: Word,
    pub refunded: Word,
    pub refunded_amount: Word,
    pub request_key: Word,
    pub service: Word,
    pub state: Word,
    pub text: Word,
    pub ticket: Word,
    pub unclaimed_amount: Word,
    pub unclaimed_void: Word,
    pub until: Word,
    pub version: Word,
    pub was: Word,
    pub what: Word,
    pub why: Word,
    pub woken: Word,
    /// The whole detail of an event that tells what a look showed.
    #[serde(skip)]
    pub seen: Option<Seen>,
    #[serde(skip)]
    pub vouchers: Option<VoucherSeen>,
}

impl Detail {
    pub(super) fn read<'de, D: Deserializer<'de>>(kind: EventKind, from: D) -> Result<Self, D::Error> {
        match kind {
            EventKind::Observed => Ok(Self { seen: Some(Seen::deserialize(from)?), ..Self::default() }),
            EventKind::VoucherObserved => {
                Ok(Self { vouchers: Some(VoucherSeen::deserialize(from)?), ..Self::default() })
            }
            _ => Self::deserialize(from),
        }
    }

    /// Its reason as a sentence; or the words that are kept of it, which are English.
    pub(super) fn because(&self, language: Language) -> String {
        match (&self.reason, language) {
            (Why::Reason(reason), Language::Chinese) => reason.chinese(),
            (Why::Text(text), _) => text.clone(),
            (_, Language::English) => self.words().to_owned(),
            (_, Language::Chinese) => retold(self.words()),
        }
    }

    fn words(&self) -> &str {
        if self.why.is_empty() { &self.what } else { &self.why }
    }
}

/// A value as it came; nothing where there is none.
#[derive(Default, Deserialize)]
#[serde(from = "Came")]
pub(super) struct Word(String);

#[derive(Deserialize)]
#[serde(untagged)]
enum Came {
    Text(String),
    Number(i64),
    Truth(bool),
    Other(IgnoredAny),
}

impl From<Came> for Word {
    fn from(came: Came) -> Self {
        Self(match came {
            Came::Text(text) => text,
            Came::Number(number) => number.to_string(),
            Came::Truth(truth) => truth.to_string(),
            Came::Other(_) => String::new(),
        })
    }
}

impl Word {
    pub(super) fn is_zero_or_none(&self) -> bool {
        matches!(self.0.as_str(), "" | "0")
    }

    /// A time as the views show it, where it is one.
    pub(super) fn time(&self) -> String {
        DateTime::parse_from_rfc3339(&self.0).map_or_else(|_| self.0.clone(), |at| calendar::show(at.to_utc()))
    }
}

impl Deref for Word {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A reason; or text, as events of the ledger itself have it; or what neither is known to be.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Why {
    Reason(Box<Reason>),
    Text(String),
    Other(IgnoredAny),
}

impl Default for Why {
    fn default() -> Self {
        Self::Other(IgnoredAny)
    }
}
