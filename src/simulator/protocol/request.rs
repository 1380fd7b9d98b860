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
    /// The calls of 全方位金流 (AIO): its order query,
    QueryTradeInfo,
    /// its card detail,
    QueryTradeV2,
    /// its action,
    FormAction,
    /// and the charges of a recurring order.
    QueryCreditCardPeriodInfo,
}

impl Call {
    pub const ALL: [Self; 12] = [
        Self::QueryOrder,
        Self::CardDetail,
        Self::DoAction,
        Self::QueryOrderInfo,
        Self::QueryRefundInfo,
        Self::QueryTradeMedia,
        Self::FundingReconDetail,
        Self::TradeNoAio,
        Self::QueryTradeInfo,
        Self::QueryTradeV2,
        Self::FormAction,
        Self::QueryCreditCardPeriodInfo,
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
            Self::QueryTradeInfo => "/Cashier/QueryTradeInfo/V5",
            Self::QueryTradeV2 => "/CreditDetail/QueryTrade/V2",
            Self::FormAction => "/CreditDetail/DoAction",
            Self::QueryCreditCardPeriodInfo => "/Cashier/QueryCreditCardPeriodInfo",
        }
    }

    /// Whatever host it is on.
    pub fn of_url(url: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|call| url.ends_with(call.path()))
    }

    /// Its request is a form; else JSON.
    pub fn is_form(self) -> bool {
        let of_orders = [Self::QueryTradeInfo, Self::QueryTradeV2, Self::FormAction, Self::QueryCreditCardPeriodInfo];
        self.file().is_some() || of_orders.contains(&self)
    }

    pub fn is_order_query(self) -> bool {
        matches!(self, Self::QueryOrder | Self::QueryTradeInfo)
    }

    pub fn is_card_detail(self) -> bool {
        matches!(self, Self::CardDetail | Self::QueryTradeV2)
    }

    pub fn is_action(self) -> bool {
        matches!(self, Self::DoAction | Self::FormAction)
    }

    /// Which file a form asks for.
    pub fn file(self) -> Option<File> {
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
    Order {
        no: MerchantTradeNo,
    },
    Card {
        no: MerchantTradeNo,
        trade_no: Option<TradeNo>,
    },
    /// By form: an authorization's number and amount, and the merchant's code.
    Authorization {
        gwsr: i64,
        amount: Twd,
        code: String,
    },
    Periods {
        no: MerchantTradeNo,
    },
    Act {
        no: MerchantTradeNo,
        trade_no: TradeNo,
        action: Action,
        amount: Twd,
    },
    Voucher {
        number: VoucherNumber,
        page: usize,
    },
    VoucherRefunds {
        number: VoucherNumber,
    },
    Statement(Asked),
}

impl Question {
    pub fn order_no(&self) -> &str {
        match self {
            Self::Order { no } | Self::Card { no, .. } | Self::Periods { no } | Self::Act { no, .. } => no.as_str(),
            Self::Voucher { number, .. } | Self::VoucherRefunds { number } => number.as_str(),
            Self::Statement(_) | Self::Authorization { .. } => "",
        }
    }

    pub fn action(&self) -> Option<Action> {
        match self {
            Self::Act { action, .. } => Some(*action),
            Self::Order { .. }
            | Self::Card { .. }
            | Self::Authorization { .. }
            | Self::Periods { .. }
            | Self::Voucher { .. }
            | Self::VoucherRefunds { .. }
            | Self::Statement(_) => None,
        }
    }
}
