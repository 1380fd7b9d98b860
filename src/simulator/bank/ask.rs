//! An action asked for.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::domain::action::Action;
use crate::domain::ids::{MerchantId, MerchantTradeNo, TradeNo};
use crate::domain::money::Twd;

/// Who asks for an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// `Credit/DoAction`.
    Api,
    /// `CreditDetail/DoAction`, of 全方位金流 (AIO).
    Form,
    /// A person at the vendor's dashboard.
    Dashboard,
    /// The vendor's customer service, which alone captures after day 21 (vendor page 信用卡請退款功能,
    /// in English, note on capture).
    Service,
}

impl By {
    /// By one of the two calls.
    pub fn is_call(self) -> bool {
        matches!(self, Self::Api | Self::Form)
    }
}

/// One action asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    pub at: DateTime<Utc>,
    pub by: By,
    pub merchant_id: MerchantId,
    pub merchant_trade_no: MerchantTradeNo,
    pub trade_no: TradeNo,
    pub action: Action,
    pub amount: Twd,
}
