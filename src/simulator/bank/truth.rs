//! What really happened, for checks: not what any answer said.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::By;
use super::order::{Authorization, Order, Product, Row};
use crate::domain::action::Action;
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
    /// `aio` of an order of 全方位金流.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product: Option<Product>,
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
    /// What the card detail says in place of the status.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub says: Option<String>,
    /// What the order query says in place of the kind's payment type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paid_by: Option<String>,
    pub authorizations: Vec<AuthorizationTruth>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AuthorizationTruth {
    pub trade_no: String,
    pub gwsr: i64,
    #[serde(with = "taipei_text")]
    pub authorized_at: DateTime<Utc>,
    pub status: CardStatus,
    pub captured: i64,
    pub refunded: i64,
    pub rows: Vec<RowTruth>,
    /// What the bank has taken back, each with the time at which it did.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub undone: Vec<RowTruth>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RowTruth {
    pub status: CardStatus,
    pub amount: i64,
    #[serde(with = "taipei_text")]
    pub at: DateTime<Utc>,
}

/// One action that was asked for, by a call or by hand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActionRecord {
    #[serde(with = "taipei_text")]
    pub at: DateTime<Utc>,
    /// When its request came, where its effect came later.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "taipei_text::optional")]
    pub asked_at: Option<DateTime<Utc>>,
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
            product: Some(self.product).filter(|product| *product == Product::Aio),
            payment: self.payment.word(),
            status,
            amount: self.amount,
            captured,
            refunded,
            net: captured - refunded,
            void: status == Some(CardStatus::Canceled),
            says: self.says.clone(),
            paid_by: self.paid_by.clone(),
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
            undone: a.undone.iter().map(row).collect(),
        }
    }
}

/// Whole seconds of Taipei, as the vendor tells them.
pub(in crate::simulator) mod taipei_text {
    use chrono::{DateTime, NaiveDateTime, Utc};
    use serde::{Deserialize, Deserializer, Serializer, de};

    use crate::domain::calendar;

    pub fn serialize<S: Serializer>(at: &DateTime<Utc>, out: S) -> Result<S::Ok, S::Error> {
        out.serialize_str(&calendar::show(*at))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<DateTime<Utc>, D::Error> {
        let text = String::deserialize(from)?;
        let civil = NaiveDateTime::parse_from_str(&text, "%Y-%m-%d %H:%M:%S").map_err(de::Error::custom)?;
        Ok(calendar::from_taipei(civil))
    }

    pub mod optional {
        use super::*;

        pub fn serialize<S: Serializer>(at: &Option<DateTime<Utc>>, out: S) -> Result<S::Ok, S::Error> {
            match at {
                Some(at) => super::serialize(at, out),
                None => out.serialize_none(),
            }
        }

        pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<DateTime<Utc>>, D::Error> {
            super::deserialize(from).map(Some)
        }
    }
}
