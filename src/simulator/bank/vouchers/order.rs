//! A voucher order and its tickets, as the bank holds them (vendor page QueryOrderInfo).
//!
//! What time alone changes (the end of issuing, expiry, the bank's word on a refund) is not
//! stored but read off the time, so nothing has to be scheduled.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::domain::calendar::taipei_date;
use crate::domain::ids::MerchantId;
use crate::domain::money::Twd;
use crate::domain::voucher::{IssueStatus, IssueType, PrintedBy, TicketKind, UseStatus, VoucherNumber};

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Customer {
    #[serde(default)]
    pub name: String,
    #[serde(default)]
    pub phone: String,
    #[serde(default)]
    pub email: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    pub ticket_no: String,
    pub item_no: String,
    pub item_name: String,
    pub kind: TicketKind,
    pub amount: Twd,
    pub starts_on: NaiveDate,
    /// The last day on which it can be used; gift vouchers alone have one on the vendor's page.
    pub expires_on: Option<NaiveDate>,
    pub used: Used,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "use", rename_all = "snake_case")]
pub enum Used {
    No,
    Redeemed { at: DateTime<Utc>, write_off_no: String },
    Refunded { at: DateTime<Utc> },
}

/// `UseStatus` of a ticket.
impl Ticket {
    pub fn status(&self, now: DateTime<Utc>) -> UseStatus {
        match self.used {
            Used::Redeemed { .. } => UseStatus::Redeemed,
            Used::Refunded { .. } => UseStatus::Refunded,
            Used::No if self.expires_on.is_some_and(|day| taipei_date(now) > day) => UseStatus::Expired,
            Used::No => UseStatus::Unused,
        }
    }
}

/// Uploaded to the custody of funds; it counts in QueryRefundInfo once the bank has confirmed it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VoucherRefund {
    pub at: DateTime<Utc>,
    pub amount: i64,
    /// Kept from the customer.
    pub fee: i64,
    /// Nothing: when the bank is told to.
    pub confirmed_at: Option<DateTime<Utc>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VoucherOrder {
    pub merchant_id: MerchantId,
    pub number: VoucherNumber,
    pub ticket_trade_no: String,
    /// The card authorization that paid for it; 0 for what was given away.
    pub credit_trade_id: i64,
    pub created_at: DateTime<Utc>,
    /// When issuing comes to its end; nothing: when it is told to.
    pub issued_at: Option<DateTime<Utc>>,
    /// Why issuing fails at that time.
    pub failure: Option<String>,
    pub issue_type: IssueType,
    pub printed_by: Option<PrintedBy>,
    pub customer: Customer,
    pub trade_amount: i64,
    pub escrow_expires_on: NaiveDate,
    /// As ordered; nobody sees them before they are issued.
    pub tickets: Vec<Ticket>,
    pub refunds: Vec<VoucherRefund>,
}

impl VoucherOrder {
    pub fn status(&self, now: DateTime<Utc>) -> IssueStatus {
        match (self.issued_at, &self.failure) {
            (Some(at), Some(_)) if at <= now => IssueStatus::IssueFailed,
            (Some(at), None) if at <= now => IssueStatus::Issued,
            _ => IssueStatus::Issuing,
        }
    }

    pub fn tickets_seen(&self, now: DateTime<Utc>) -> &[Ticket] {
        if self.status(now) == IssueStatus::Issued { &self.tickets } else { &[] }
    }

    pub fn refund_fee(&self) -> i64 {
        self.refunds.iter().map(|r| r.fee).sum()
    }

    /// What the bank has confirmed by now.
    pub fn confirmed(&self, now: DateTime<Utc>) -> i64 {
        let confirmed = self.refunds.iter().filter(|r| r.confirmed_at.is_some_and(|at| at <= now));
        confirmed.map(|r| r.amount).sum()
    }

    /// How many tickets have a status now, and what they are worth.
    pub fn sum(&self, status: UseStatus, now: DateTime<Utc>) -> (usize, i64) {
        let of_status = self.tickets_seen(now).iter().filter(|t| t.status(now) == status);
        of_status.fold((0, 0), |(count, amount), t| (count + 1, amount + t.amount.dollars()))
    }

    pub fn has_pickup(&self) -> bool {
        self.tickets.iter().any(|t| t.kind == TicketKind::Pickup)
    }
}
