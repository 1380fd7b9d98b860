//! An order as the shop registered it, and the state the ledger shows for it.

use chrono::{DateTime, Utc};

use super::ids::{MerchantId, MerchantTradeNo, TradeNo};
use super::money::Twd;

/// `orders.capture`: what the shop wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CaptureMode {
    /// Follow `[capture] policy`.
    Auto,
    /// Shipped: capture at the next allowed moment.
    Now,
    /// Never capture by itself; alerts go on.
    Hold,
}

impl CaptureMode {
    /// Of the rows that follow later charges: that the first was shipped says nothing of them, that the shop holds
    /// back the order does.
    pub fn of_later_charges(self) -> Self {
        match self {
            Self::Hold => Self::Hold,
            Self::Auto | Self::Now => Self::Auto,
        }
    }
}

/// One row of `orders`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    pub id: i64,
    pub merchant_id: MerchantId,
    pub merchant_trade_no: MerchantTradeNo,
    /// Given by the shop only for the later authorizations of a recurring order.
    pub asked_trade_no: Option<TradeNo>,
    pub expected_amount: Option<Twd>,
    /// As the shop knows it: 0 paid at once, without bonus points. None: not told.
    pub installments: Option<i64>,
    pub capture: CaptureMode,
    pub registered_at: DateTime<Utc>,
    /// The newest attempt when the shop last wrote to the order: attempts up to it were
    /// for an earlier wish. An id and not a time, since clocks step back.
    pub changed_after_attempt: i64,
    /// Counts what shops and people wrote about the order and its refunds.
    pub revision: i64,
}

impl Order {
    /// The shop has set it on hold since it was registered; registered on hold it may not know of anything yet.
    pub fn is_let_go(&self) -> bool {
        self.capture == CaptureMode::Hold && self.revision > 1
    }
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[$vdoc])* $variant),+ }

        impl $name {
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word that the ledger and its views use.
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            pub fn parse(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|s| s.word() == word)
            }
        }
    };
}
pub(crate) use words;

words! {
    /// `order_status.state`.
    OrderState {
        Registered = "registered",
        Unpaid = "unpaid",
        Authorized = "authorized",
        ToBeCaptured = "to_be_captured",
        Captured = "captured",
        /// Captured, then all of it refunded.
        Refunded = "refunded",
        Voided = "voided",
        /// Not captured by day 90.
        Expired = "expired",
        NotCard = "not_card",
        NotFound = "not_found",
        Review = "review",
    }
}

impl CaptureMode {
    pub const ALL: [Self; 3] = [Self::Auto, Self::Now, Self::Hold];

    pub fn word(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Now => "now",
            Self::Hold => "hold",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|m| m.word() == word)
    }
}
