//! A voucher order that is about to be.

use chrono::{DateTime, Duration, NaiveDate, Utc};
use serde::Deserialize;

use super::super::FIRST_GWSR;
use super::order::{Customer, Ticket, Used, VoucherOrder};
use crate::domain::calendar::{taipei, taipei_date};
use crate::domain::ids::MerchantId;
use crate::domain::money::Twd;
use crate::domain::voucher::{IssueType, PrintedBy, TicketKind, VoucherNumber};

/// How long the money of a voucher stays in trust; the vendor's sample shows half a year.
const ESCROW_DAYS: i64 = 183;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewVoucher {
    pub merchant_id: MerchantId,
    pub number: VoucherNumber,
    pub lots: Vec<Lot>,
    pub issue_type: IssueType,
    pub printed_by: Option<PrintedBy>,
    pub customer: Customer,
    pub issuing: Issuing,
    /// The card authorization that paid for it, where it is not that of the card order with its number.
    pub credit_trade_id: Option<i64>,
}

/// When issuing comes to its end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Issuing {
    #[default]
    Done,
    /// After this many seconds of the bank's time.
    For { s: u32 },
    /// When [`Bank::issue_voucher`] says so.
    UntilTold,
}

/// Tickets that are alike.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lot {
    #[serde(default = "one")]
    pub count: usize,
    pub amount: Twd,
    #[serde(default = "pickup")]
    pub kind: TicketKind,
    #[serde(default = "item_no")]
    pub item_no: String,
    #[serde(default = "item_name")]
    pub item_name: String,
    /// The day of the order where it is not told.
    pub starts_on: Option<NaiveDate>,
    pub expires_on: Option<NaiveDate>,
}

fn one() -> usize {
    1
}

fn pickup() -> TicketKind {
    TicketKind::Pickup
}

fn item_no() -> String {
    "T00358".to_owned()
}

fn item_name() -> String {
    "平日住宿券".to_owned()
}

/// Paid for by the card authorization `paid_by`, where the bank knows one.
pub(super) fn entered(new: NewVoucher, running: i64, paid_by: Option<i64>, now: DateTime<Utc>) -> VoucherOrder {
    let free = new.number.is_free();
    let today = taipei_date(now);
    let alike = |lot: &Lot| (0..lot.count).map(|_| lot.clone()).collect::<Vec<_>>();
    let ticket = |(place, lot): (usize, Lot)| Ticket {
        ticket_no: format!("CX{:06}{:05}", running + 1, place + 1),
        item_no: lot.item_no,
        item_name: lot.item_name,
        kind: lot.kind,
        amount: lot.amount,
        starts_on: lot.starts_on.unwrap_or(today),
        expires_on: lot.expires_on,
        used: Used::No,
    };
    let tickets: Vec<Ticket> = new.lots.iter().flat_map(alike).enumerate().map(ticket).collect();
    VoucherOrder {
        ticket_trade_no: format!("{}{:08}", taipei(now).format("%Y%m%d"), running + 1),
        credit_trade_id: if free { 0 } else { new.credit_trade_id.or(paid_by).unwrap_or(FIRST_GWSR + running) },
        created_at: now,
        issued_at: match new.issuing {
            Issuing::Done => Some(now),
            Issuing::For { s } => Some(now + Duration::seconds(i64::from(s))),
            Issuing::UntilTold => None,
        },
        failure: None,
        issue_type: new.issue_type,
        printed_by: new.printed_by,
        customer: new.customer,
        trade_amount: if free { 0 } else { tickets.iter().map(|t| t.amount.dollars()).sum() },
        escrow_expires_on: today + Duration::days(ESCROW_DAYS),
        tickets,
        refunds: Vec::new(),
        merchant_id: new.merchant_id,
        number: new.number,
    }
}
