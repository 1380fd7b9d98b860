//! What really happened to a voucher order, for checks.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::super::truth::taipei_text;
use super::order::{Ticket, Used, VoucherOrder};
use crate::domain::ids::MerchantId;
use crate::domain::money::Twd;
use crate::domain::voucher::{IssueStatus, TicketKind, UseStatus, VoucherNumber};

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct VoucherTruth {
    pub merchant_id: MerchantId,
    pub merchant_trade_no: Option<String>,
    pub free_trade_no: Option<String>,
    pub ticket_trade_no: String,
    pub status: IssueStatus,
    pub trade_amount: i64,
    pub redeemed_amount: i64,
    pub refunded_amount: i64,
    pub refund_confirmed_amount: i64,
    pub refund_fee: i64,
    pub unused_amount: i64,
    pub expired_count: usize,
    pub tickets: Vec<TicketTruth>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TicketTruth {
    pub ticket_no: String,
    pub status: UseStatus,
    pub kind: TicketKind,
    pub amount: Twd,
    pub expires_on: Option<NaiveDate>,
    #[serde(serialize_with = "taipei_text::optional::serialize")]
    pub used_at: Option<DateTime<Utc>>,
}

/// One thing that was asked of a voucher order, by hand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VoucherRecord {
    #[serde(with = "taipei_text")]
    pub at: DateTime<Utc>,
    pub merchant_id: MerchantId,
    pub number: VoucherNumber,
    pub action: VoucherAction,
    /// The face value of what was redeemed or refunded.
    pub amount: i64,
    pub effect: bool,
    pub refused: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VoucherAction {
    Issue,
    Redeem,
    Refund,
    Confirm,
}

impl VoucherOrder {
    pub fn truth(&self, now: DateTime<Utc>) -> VoucherTruth {
        let (merchant_trade_no, free_trade_no) = match &self.number {
            VoucherNumber::MerchantTradeNo(no) => (Some(no.to_string()), None),
            VoucherNumber::FreeTradeNo(no) => (None, Some(no.to_string())),
        };
        VoucherTruth {
            merchant_id: self.merchant_id.clone(),
            merchant_trade_no,
            free_trade_no,
            ticket_trade_no: self.ticket_trade_no.clone(),
            status: self.status(now),
            trade_amount: self.trade_amount,
            redeemed_amount: self.sum(UseStatus::Redeemed, now).1,
            refunded_amount: self.sum(UseStatus::Refunded, now).1,
            refund_confirmed_amount: self.confirmed(now),
            refund_fee: self.refund_fee(),
            unused_amount: self.sum(UseStatus::Unused, now).1,
            expired_count: self.sum(UseStatus::Expired, now).0,
            tickets: self.tickets_seen(now).iter().map(|t| TicketTruth::of(t, now)).collect(),
        }
    }
}

impl TicketTruth {
    fn of(ticket: &Ticket, now: DateTime<Utc>) -> Self {
        Self {
            ticket_no: ticket.ticket_no.clone(),
            status: ticket.status(now),
            kind: ticket.kind,
            amount: ticket.amount,
            expires_on: ticket.expires_on,
            used_at: match ticket.used {
                Used::No => None,
                Used::Redeemed { at, .. } | Used::Refunded { at } => Some(at),
            },
        }
    }
}
