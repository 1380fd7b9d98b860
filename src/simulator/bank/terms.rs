//! How the gateway treats one merchant, with the oddities that its answers come in.

use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Dialect {
    #[default]
    #[serde(rename = "en")]
    English,
    #[serde(rename = "zh")]
    Chinese,
}

/// The settings of one merchant. Where the vendor's pages leave two readings open, a flag here picks one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Terms {
    /// 每日自動關帳 (vendor page 信用卡請退款功能, first note): captures everything authorized at 20:15.
    pub daily_auto_close: bool,
    /// Whether that run also takes orders whose capture was called back the same day.
    pub closes_called_back: bool,
    /// What refunds can be paid from; `None` is without end. Only refunds and control calls
    /// change it, so that a test decides when a refund lacks money (vendor page 信用卡請退款功能, note 4 of R).
    pub balance: Option<i64>,
    /// R on To be captured makes the capture row smaller, instead of adding a negative row.
    pub shrink: bool,
    /// The language of the card detail's status words.
    pub dialect: Dialect,
    /// Whether the order query of a paid order carries `CardInfo` (recorded both ways).
    pub card_info: bool,
    /// `MerchantID` as a JSON number (recorded).
    pub numeric_merchant_id: bool,
    /// The card detail's header keeps saying Authorized while its row says To be captured.
    pub header_lags: bool,
}

impl Default for Terms {
    fn default() -> Self {
        Self {
            daily_auto_close: false,
            closes_called_back: false,
            balance: None,
            shrink: false,
            dialect: Dialect::English,
            card_info: true,
            numeric_merchant_id: false,
            header_lags: false,
        }
    }
}
