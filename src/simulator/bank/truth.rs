//! What really happened, for checks: not what any answer said.

use chrono::{DateTime, Utc};
use serde::{Serialize, Serializer};

use super::By;
use super::order::{Authorization, Order, Row};
use crate::domain::action::Action;
use crate::domain::calendar;
use crate::domain::ids::{MerchantId, MerchantTradeNo};
use crate::domain::money::Twd;
use crate::domain::status::CardStatus;

/// Where an order's money is. For a recurring order the sums go over all its authorizations.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Truth {
    pub merchant_id: MerchantId,
    pub merchant_trade_no: MerchantTradeNo,
    pub trade_no: String,
    pub kind: &'static str,
    pub payment: &'static str,
    /// The first authorization's state; nothing where there is none.
    pub status: Option<CardStatus>,
    pub amount: Twd,
    /// Gross: asked of the bank and not called back.
    pub captured: i64,
    pub refunded: i64,
    /// What the merchant keeps.
    pub net: i64,
    /// Abandoned: the card was never charged and never will be.
    pub void: bool,
    pub authorizations: Vec<AuthorizationTruth>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AuthorizationTruth {
    pub trade_no: String,
    pub gwsr: i64,
    #[serde(serialize_with = "in_taipei")]
    pub authorized_at: DateTime<Utc>,
    pub status: CardStatus,
    pub captured: i64,
    pub refunded: i64,
    pub rows: Vec<RowTruth>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RowTruth {
    pub status: CardStatus,
    pub amount: i64,
    #[serde(serialize_with = "in_taipei")]
    pub at: DateTime<Utc>,
}

/// One action that was asked for, by a call or by hand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ActionRecord {
    #[serde(serialize_with = "in_taipei")]
    pub at: DateTime<Utc>,
    pub by: By,
    pub merchant_id: MerchantId,
    pub merchant_trade_no: MerchantTradeNo,
    pub trade_no: String,
    pub action: Action,
    pub amount: Twd,
    /// Whether it moved anything.
    pub effect: bool,
    pub refused: Option<String>,
}

impl Order {
    pub fn truth(&self) -> Truth {
        let sum = |part: fn(&Authorization) -> i64| self.authorizations.iter().map(part).sum::<i64>();
        let (captured, refunded) = (sum(|a| a.captured), sum(|a| a.refunded));
        let status = self.authorizations.first().map(|a| a.status);
        Truth {
            merchant_id: self.merchant_id.clone(),
            merchant_trade_no: self.merchant_trade_no.clone(),
            trade_no: self.trade_no.as_str().to_owned(),
            kind: self.kind.word(),
            payment: self.payment.word(),
            status,
            amount: self.amount,
            captured,
            refunded,
            net: captured - refunded,
            void: status == Some(CardStatus::Canceled),
            authorizations: self.authorizations.iter().map(AuthorizationTruth::of).collect(),
        }
    }
}

impl AuthorizationTruth {
    fn of(a: &Authorization) -> Self {
        let row = |r: &Row| RowTruth { status: r.status, amount: r.amount, at: r.at };
        Self {
            trade_no: a.trade_no.as_str().to_owned(),
            gwsr: a.gwsr,
            authorized_at: a.authorized_at,
            status: a.status,
            captured: a.captured,
            refunded: a.refunded,
            rows: a.rows.iter().map(row).collect(),
        }
    }
}

fn in_taipei<S: Serializer>(at: &DateTime<Utc>, out: S) -> Result<S::Ok, S::Error> {
    out.serialize_str(&calendar::show(*at))
}
