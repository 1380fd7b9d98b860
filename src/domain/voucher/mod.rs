//! Voucher orders, as ECTicket shows them (vendor pages QueryOrderInfo and QueryRefundInfo).

mod sums;
mod words;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::ids::{FreeTradeNo, VoucherTradeNo};
use super::money::Twd;

pub use words::{IssueStatus, IssueType, PrintedBy, TicketKind, UseStatus};

/// "Either this field or FreeTradeNo must be filled in, and only one of them" (vendor page QueryOrderInfo).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VoucherNumber {
    MerchantTradeNo(VoucherTradeNo),
    /// Given away: nobody has paid for it.
    FreeTradeNo(FreeTradeNo),
}

impl VoucherNumber {
    pub fn as_str(&self) -> &str {
        match self {
            Self::MerchantTradeNo(no) => no.as_str(),
            Self::FreeTradeNo(no) => no.as_str(),
        }
    }

    pub fn is_free(&self) -> bool {
        matches!(self, Self::FreeTradeNo(_))
    }
}

impl std::fmt::Display for VoucherNumber {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One look at a voucher order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VoucherObservation {
    /// Our clock when the request was sent: nothing in the answer is older than this.
    #[serde(with = "chrono::serde::ts_milliseconds")]
    pub at: DateTime<Utc>,
    /// Made for a refund of the card order with this number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub for_refund: Option<ForRefund>,
    pub seen: VoucherSeen,
}

/// What the card order had come to when the look began: one made before a refund was asked for,
/// or before the last money call, does not decide about the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForRefund {
    pub order_id: i64,
    pub after_revision: i64,
    pub after_attempt: i64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VoucherSeen {
    /// The voucher service does not know the order.
    NotFound,
    Order(VoucherFacts),
    /// Something the tables have no word for; kept raw.
    Unclear {
        raw: String,
    },
}

/// A voucher order without its tickets, which the ledger keeps one by one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VoucherFacts {
    /// `TicketTradeNo`, ECTicket's own number.
    pub ticket_trade_no: Option<String>,
    /// `CreditTradeID`, the card authorization that paid for it.
    pub credit_trade_id: Option<i64>,
    pub status: IssueStatus,
    /// Why the issuing failed, in the vendor's words.
    pub remark: String,
    #[serde(with = "chrono::serde::ts_milliseconds_option")]
    pub issued_at: Option<DateTime<Utc>>,
    pub issue_type: Option<IssueType>,
    pub printed_by: Option<PrintedBy>,
    /// `EscrowExpiredDate`: until then the money is held in trust.
    pub escrow_expires_on: Option<NaiveDate>,
    pub totals: Totals,
    /// Some ticket's money is held in trust: then QueryRefundInfo knows the order.
    pub has_pickup: bool,
    /// Why the totals cannot be believed, if so.
    pub mismatch: Option<String>,
}

/// The totals of an order as the gateway reckons them, in tickets and whole New Taiwan dollars.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    pub count: u32,
    pub trade_amount: Twd,
    pub redeemed: Part,
    pub refunded: Part,
    /// `TotalRefundFee`: kept from the customers at their refunds.
    pub refund_fee: Twd,
    pub unused: Part,
    /// The vendor gives their count alone; the amount is that of the tickets.
    pub expired: Part,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    pub count: u32,
    pub amount: Twd,
}

/// One ticket or serial number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ticket {
    pub no: String,
    pub status: UseStatus,
    pub kind: Option<TicketKind>,
    pub item_no: Option<String>,
    pub item_name: Option<String>,
    /// Its face value.
    pub amount: Twd,
    pub starts_on: Option<NaiveDate>,
    pub expires_on: Option<NaiveDate>,
    /// `WriteOffDate`; midnight where the vendor gives the day alone.
    pub redeemed_at: Option<DateTime<Utc>>,
    pub refunded_at: Option<DateTime<Utc>>,
}

/// What QueryRefundInfo says: refunds that the bank has confirmed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConfirmedRefunds {
    pub trade_amount: Option<Twd>,
    /// `TotalRefundAmount`.
    pub confirmed: Twd,
}
