//! An order and its authorizations, as the bank holds them.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::domain::ids::{MerchantId, MerchantTradeNo, TradeNo};
use crate::domain::money::Twd;
use crate::domain::status::CardStatus;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Card,
    /// Card in this many installments.
    Installments(u32),
    BonusPoints,
    /// Captured at the moment of authorization (vendor page 信用卡請退款功能, note 4 of C).
    UnionPay,
    /// One order number, an authorization with its own `TradeNo` for each period.
    Recurring,
    /// Stands for everything that is not by card.
    Atm,
}

impl Kind {
    pub fn word(self) -> &'static str {
        match self {
            Self::Card => "card",
            Self::Installments(_) => "installments",
            Self::BonusPoints => "bonus_points",
            Self::UnionPay => "union_pay",
            Self::Recurring => "recurring",
            Self::Atm => "atm",
        }
    }
}

/// By which of the vendor's products an order was made: only its own calls act on it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Product {
    /// 站內付 2.0, 幕後授權 and the like.
    #[default]
    Json,
    /// 全方位金流.
    Aio,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Payment {
    Unpaid,
    /// The bank has not answered yet: the card detail says `error_nopay`.
    BankPending,
    /// The bank has declined.
    Unauthorized,
    Paid(DateTime<Utc>),
}

impl Payment {
    pub fn word(self) -> &'static str {
        match self {
            Self::Unpaid => "unpaid",
            Self::BankPending => "bank_pending",
            Self::Unauthorized => "unauthorized",
            Self::Paid(_) => "paid",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    pub merchant_id: MerchantId,
    pub merchant_trade_no: MerchantTradeNo,
    /// Also the first authorization's.
    pub trade_no: TradeNo,
    pub kind: Kind,
    #[serde(default)]
    pub product: Product,
    pub amount: Twd,
    pub created_at: DateTime<Utc>,
    pub payment: Payment,
    /// Empty until the bank has answered, and for ever where no card is involved.
    pub authorizations: Vec<Authorization>,
    /// What the card detail says in place of the status.
    #[serde(default)]
    pub says: Option<String>,
    /// What the order query says in place of the kind's payment type.
    #[serde(default)]
    pub paid_by: Option<String>,
}

impl Order {
    /// The authorization of a `TradeNo`; the first one where none is asked for.
    pub fn authorization(&self, trade_no: Option<&TradeNo>) -> Option<&Authorization> {
        match trade_no {
            Some(wanted) => self.authorizations.iter().find(|a| a.trade_no == *wanted),
            None => self.authorizations.first(),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Authorization {
    pub trade_no: TradeNo,
    pub gwsr: i64,
    pub amount: Twd,
    pub authorized_at: DateTime<Utc>,
    pub status: CardStatus,
    pub rows: Vec<Row>,
    /// Gross: the amount that a capture has asked the bank for, and that was not called back.
    pub captured: i64,
    pub refunded: i64,
    /// The day in Taipei on which the capture was called back last.
    pub called_back_on: Option<NaiveDate>,
    /// Rows that the bank has taken back, at the time when it did.
    #[serde(default)]
    pub undone: Vec<Row>,
}

impl Authorization {
    pub(super) fn open(trade_no: TradeNo, gwsr: i64, amount: Twd, at: DateTime<Utc>) -> Self {
        Self {
            trade_no,
            gwsr,
            amount,
            authorized_at: at,
            status: CardStatus::Authorized,
            rows: Vec::new(),
            captured: 0,
            refunded: 0,
            called_back_on: None,
            undone: Vec::new(),
        }
    }

    pub(super) fn capture(&mut self, at: DateTime<Utc>, status: CardStatus) {
        self.captured = self.amount.dollars();
        self.status = status;
        self.rows.push(Row { status, amount: self.captured, at });
    }
}

/// A row of `CloseData`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    pub status: CardStatus,
    /// Positive for a capture, negative for a refund.
    pub amount: i64,
    pub at: DateTime<Utc>,
}
