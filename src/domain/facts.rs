//! What the gateway said about an order, dated and parsed.

mod closing;
mod periods;

use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};

pub use closing::{CloseRow, ClosedRow, Closing, UnclearClosing};
pub use periods::Periods;

use super::ids::TradeNo;
use super::money::Twd;
use super::status::CardStatus;

/// One look at an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Observation {
    /// Our clock when the request was sent: nothing in the answer is older than this.
    #[serde(with = "chrono::serde::ts_milliseconds")]
    pub at: DateTime<Utc>,
    /// The gateway's clock less ours, in seconds (`RpHeader.Timestamp`). None: it told no time, and
    /// what needs the two to agree is not done.
    #[serde(default)]
    pub skew_s: Option<i64>,
    /// The order's newest attempt when the look began; 0 without one. What was seen
    /// before an attempt says nothing about the order after it, and clocks step back.
    pub after_attempt: i64,
    /// The order's revision when the look began: a look before it does not know why the shop wrote.
    pub after_revision: i64,
    /// The newest restore when the look began: a look before it does not show what is lost.
    #[serde(default, skip_serializing_if = "is_none")]
    pub after_restore: i64,
    /// The gateway's clock at the look that first showed the order void.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "chrono::serde::ts_milliseconds_option")]
    pub void_since: Option<DateTime<Utc>>,
    /// The gateway's clock at the look that first showed its capture waiting for the bank's claim.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "chrono::serde::ts_milliseconds_option")]
    pub unclaimed_since: Option<DateTime<Utc>>,
    pub seen: Seen,
    /// The authorization as it was shown last, where this look shows none: it grows older all the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_card: Option<Box<CardFacts>>,
}

const NO_LONGER_AUTHORIZED: &str = "the gateway shows the order as not authorized, which it had shown as authorized";

/// No restore, as in every ledger that was never restored.
fn is_none(restore: &i64) -> bool {
    *restore == 0
}

impl Observation {
    /// Carries over what a later look no longer shows: the authorization, and since when it is void or its
    /// capture waits for the claim.
    pub fn following(mut self, before: Option<&Self>) -> Self {
        let is_void = |o: &Self| o.has(CardStatus::Canceled);
        let is_unclaimed = |o: &Self| o.has(CardStatus::ToBeCaptured);
        self.void_since = self.since(before, |b| b.void_since, is_void);
        self.unclaimed_since = self.since(before, |b| b.unclaimed_since, is_unclaimed);
        self.last_card = match &self.seen {
            Seen::Card(card) if card.status != CardStatus::Unauthorized => None,
            _ => before.and_then(Self::authorization).cloned().map(Box::new),
        };
        self
    }

    /// Since when it is so, by the gateway's clock.
    fn since(
        &self,
        before: Option<&Self>,
        kept: impl Fn(&Self) -> Option<DateTime<Utc>>,
        is_so: impl Fn(&Self) -> bool,
    ) -> Option<DateTime<Utc>> {
        let since = before.and_then(|b| kept(b).or(is_so(b).then(|| b.gateway_time())));
        // A clock that ran ahead then is not believed for ever.
        let since = since.map(|at| at.min(self.gateway_time()));
        match &self.seen {
            Seen::Card(_) if is_so(self) => since.or(Some(self.gateway_time())),
            Seen::Card(_) => None,
            // It tells nothing of the authorization.
            _ => since,
        }
    }

    /// The authorization as it was shown last, by this look or by the last one that showed it.
    pub fn authorization(&self) -> Option<&CardFacts> {
        match &self.seen {
            Seen::Card(card) if card.status != CardStatus::Unauthorized => Some(card),
            _ => self.last_card.as_deref(),
        }
    }

    /// An authorization that was shown once, with its amount, neither vanishes nor changes: what
    /// shows that is kept raw.
    pub fn checked_against(mut self, authorization: Option<&(TradeNo, Twd)>, before: Option<&Self>) -> Self {
        let was_authorized = before.is_some_and(|b| b.authorization().is_some());
        let differs = authorization.and_then(|shown| self.seen.differs_from(shown));
        let lost = || self.has(CardStatus::Unauthorized).then(|| NO_LONGER_AUTHORIZED.to_owned());
        if let Some(raw) = differs.or_else(|| was_authorized.then(lost).flatten()) {
            self.seen = Seen::Unclear { raw };
        }
        self
    }

    fn has(&self, status: CardStatus) -> bool {
        matches!(&self.seen, Seen::Card(card) if card.status == status)
    }

    /// When the look was, by the gateway's own clock.
    pub fn gateway_time(&self) -> DateTime<Utc> {
        // A clock that cannot be told is no clock: its time is ours.
        let skew = self.skew_s.and_then(Duration::try_seconds);
        skew.and_then(|s| self.at.checked_add_signed(s)).unwrap_or(self.at)
    }

    /// How far the gateway's clock is ahead of ours, unless the two are too far apart to be believed.
    pub fn skew_within(&self, max: Duration) -> Option<Duration> {
        skew_within(self.skew_s, max)
    }
}

pub(super) fn skew_within(skew_s: Option<i64>, max: Duration) -> Option<Duration> {
    skew_s.and_then(Duration::try_seconds).filter(|s| s.abs() <= max)
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Seen {
    /// The gateway does not know the order, or says nothing about whose it is.
    NotFound,
    /// Created, not paid.
    Unpaid {
        amount: Option<Twd>,
    },
    /// The bank has not answered yet (`error_nopay`): ask again in 10 minutes.
    BankPending {
        amount: Option<Twd>,
    },
    /// Paid, but not by card: the gateway has no refund for it.
    NotCard {
        amount: Option<Twd>,
        payment_type: String,
    },
    Card(CardFacts),
    /// Another row of the ledger follows this authorization already: two would count its refunds apart.
    Twin {
        trade_no: TradeNo,
        row: i64,
    },
    /// Something the table has no word for; kept raw, stops every money action.
    Unclear {
        raw: String,
    },
}

impl Seen {
    fn differs_from(&self, (trade_no, amount): &(TradeNo, Twd)) -> Option<String> {
        match self {
            Self::NotFound => {
                Some("the gateway no longer knows the order, which it had shown as authorized".to_owned())
            }
            Self::Unpaid { .. } | Self::BankPending { .. } => {
                Some("the gateway shows the order as unpaid, which it had shown as authorized".to_owned())
            }
            Self::NotCard { .. } => Some("the gateway no longer shows a card payment".to_owned()),
            Self::Card(card) if card.trade_no != *trade_no || card.amount != *amount => Some(format!(
                "the gateway shows {} of {}, and had shown {trade_no} of {amount}",
                card.trade_no, card.amount
            )),
            Self::Card(_) | Self::Twin { .. } | Self::Unclear { .. } => None,
        }
    }
}

/// A card authorization with its closing state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardFacts {
    pub trade_no: TradeNo,
    /// The authorization's `Gwsr`; the card detail's `TradeID` equals it.
    pub gwsr: Option<i64>,
    pub amount: Twd,
    #[serde(with = "chrono::serde::ts_milliseconds")]
    pub authorized_at: DateTime<Utc>,
    pub payment_type: String,
    pub kind: CardKind,
    pub status: CardStatus,
    /// Sum of all closing rows that are not canceled.
    pub net: i64,
    /// The answer listed closing rows. Without any, what went back cannot be seen.
    #[serde(default)]
    pub listed: bool,
    /// It has later authorizations, each with a TradeNo of its own.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub recurring: bool,
    /// How many authorizations of a recurring order have succeeded (`TotalSuccessTimes`), where that was told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub charges: Option<i64>,
    /// Of a recurring order, where that was told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub periods: Option<Periods>,
    /// The rows of `CloseData`, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rows: Vec<ClosedRow>,
    /// ECPay's charge and processing fee as the order query foresees them, in thousandths of a dollar.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fee_milli: Option<i64>,
}

/// What limits an order's refunds (vendor page 信用卡請退款功能, notes 2 and 3 of R; note 4 of C).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardKind {
    pub installments: bool,
    pub bonus_points: bool,
    pub union_pay: bool,
    /// The gateway does not tell whether it is one of the first two.
    #[serde(default, skip_serializing_if = "is_false")]
    pub unknown: bool,
}

fn is_false(flag: &bool) -> bool {
    !flag
}

impl CardKind {
    /// With what the shop says of its installments: it makes up for what the gateway leaves out, and lifts nothing
    /// that the gateway tells.
    pub fn as_told(self, installments: Option<i64>) -> Self {
        match installments {
            None => self,
            Some(0) => Self { unknown: false, ..self },
            Some(_) => Self { installments: true, ..self },
        }
    }

    /// Why no part of it can be refunded, if so.
    pub fn whole_only(self) -> Option<WholeOnly> {
        match self {
            Self { installments: true, .. } => Some(WholeOnly::Installments),
            Self { bonus_points: true, .. } => Some(WholeOnly::BonusPoints),
            Self { unknown: true, .. } if !deliberate!(PartsOfUnknownInstallments) => Some(WholeOnly::Unknown),
            _ => None,
        }
    }
}

/// The kinds of orders that are refunded whole or not at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WholeOnly {
    Installments,
    BonusPoints,
    /// Installments for all that is known.
    Unknown,
}

impl CardFacts {
    /// What has gone back to the card as far as the closing rows show.
    pub fn refunded(&self) -> Twd {
        match self.status {
            CardStatus::ToBeCaptured | CardStatus::Captured => {
                Twd::new(self.amount.dollars() - self.net.max(0)).unwrap_or(Twd::ZERO)
            }
            _ => Twd::ZERO,
        }
    }
}

#[cfg(test)]
mod tests;
