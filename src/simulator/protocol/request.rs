//! What is asked for: a call, whom its answer is for, and the question.

use serde::{Deserialize, Serialize};

use crate::domain::action::Action;
use crate::domain::ids::{MerchantId, MerchantTradeNo, TradeNo};
use crate::domain::money::Twd;
use crate::domain::voucher::VoucherNumber;
use crate::simulator::statements::{Asked, File};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Call {
    QueryOrder,
    CardDetail,
    DoAction,
    /// Vouchers.
    QueryOrderInfo,
    /// Vouchers.
    QueryRefundInfo,
    /// The statement of the JSON products.
    QueryTradeMedia,
    /// Statements of 全方位金流, asked for by a form.
    FundingReconDetail,
    TradeNoAio,
}

impl Call {
    pub const ALL: [Self; 8] = [
        Self::QueryOrder,
        Self::CardDetail,
        Self::DoAction,
        Self::QueryOrderInfo,
        Self::QueryRefundInfo,
        Self::QueryTradeMedia,
        Self::FundingReconDetail,
        Self::TradeNoAio,
    ];

    pub fn path(self) -> &'static str {
        match self {
            Self::QueryOrder => "/1.0.0/Cashier/QueryTrade",
            Self::CardDetail => "/1.0.0/CreditDetail/QueryTrade",
            Self::DoAction => "/1.0.0/Credit/DoAction",
            Self::QueryOrderInfo => "/api/Ticket/QueryOrderInfo",
            Self::QueryRefundInfo => "/api/Ticket/QueryRefundInfo",
            Self::QueryTradeMedia => "/1.0.0/Cashier/QueryTradeMedia",
            Self::FundingReconDetail => "/CreditDetail/FundingReconDetail",
            Self::TradeNoAio => "/PaymentMedia/TradeNoAio",
        }
    }

    /// Whatever host it is on.
    pub fn of_url(url: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|call| url.ends_with(call.path()))
    }

    /// Which file a form asks for; nothing: its request is JSON.
    pub fn form(self) -> Option<File> {
        match self {
            Self::FundingReconDetail => Some(File::FundingReconDetail),
            Self::TradeNoAio => Some(File::TradeNoAio),
            _ => None,
        }
    }

    /// These have keys of their own and a checksum.
    pub fn is_voucher(self) -> bool {
        matches!(self, Self::QueryOrderInfo | Self::QueryRefundInfo)
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// `RqHeader.Timestamp`.
    pub stamp_s: i64,
    pub to: Addressee,
    pub question: Question,
}

/// Whom an answer is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Addressee {
    pub call: Call,
    /// Whose keys the request was sealed with: the merchant, or its platform.
    pub sender: MerchantId,
    pub merchant_id: MerchantId,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Question {
    Order { no: MerchantTradeNo },
    Card { no: MerchantTradeNo, trade_no: Option<TradeNo> },
    Act { no: MerchantTradeNo, trade_no: TradeNo, action: Action, amount: Twd },
    Voucher { number: VoucherNumber, page: usize },
    VoucherRefunds { number: VoucherNumber },
    Statement(Asked),
}

impl Question {
    pub fn order_no(&self) -> &str {
        match self {
            Self::Order { no } | Self::Card { no, .. } | Self::Act { no, .. } => no.as_str(),
            Self::Voucher { number, .. } | Self::VoucherRefunds { number } => number.as_str(),
            Self::Statement(_) => "",
        }
    }

    pub fn action(&self) -> Option<Action> {
        match self {
            Self::Act { action, .. } => Some(*action),
            Self::Order { .. }
            | Self::Card { .. }
            | Self::Voucher { .. }
            | Self::VoucherRefunds { .. }
            | Self::Statement(_) => None,
        }
    }
}
