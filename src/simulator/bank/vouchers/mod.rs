//! Vouchers: issued, redeemed, refunded and expired tickets (vendor pages QueryOrderInfo, QueryRefundInfo).

mod book;
mod error;
mod new;
mod order;
mod pick;
#[cfg(test)]
mod tests;
mod truth;

use chrono::{DateTime, Duration, Utc};
use new::entered;

pub use book::KeptVouchers;
pub(super) use book::Vouchers;
use error::MOST_TICKETS;
pub use error::VoucherError;
pub use new::{Issuing, Lot, NewVoucher};
pub use order::{Customer, Ticket, Used, VoucherOrder, VoucherRefund};
pub use pick::Pick;
use pick::{picked, worth};
pub use truth::{TicketTruth, VoucherAction, VoucherRecord, VoucherTruth};

use super::{Bank, BankError};
use crate::domain::ids::{MerchantId, MerchantTradeNo};
use crate::domain::voucher::{IssueStatus, VoucherNumber};

impl Bank {
    pub fn voucher(&self, merchant_id: &MerchantId, number: &VoucherNumber) -> Option<&VoucherOrder> {
        self.vouchers.place(merchant_id, number).map(|place| &self.vouchers.orders[place])
    }

    /// Oldest first.
    pub fn vouchers(&self) -> impl Iterator<Item = &VoucherOrder> {
        self.vouchers.orders.iter()
    }

    /// Everything asked of voucher orders by hand, oldest first.
    pub fn voucher_records(&self) -> &[VoucherRecord] {
        &self.vouchers.records
    }

    /// The same of one order.
    pub fn voucher_records_of(&self, order: &VoucherOrder) -> impl Iterator<Item = &VoucherRecord> {
        let place = self.vouchers.place(&order.merchant_id, &order.number);
        let places = place.map(|place| self.vouchers.records_of[place].as_slice());
        places.unwrap_or_default().iter().map(|place| &self.vouchers.records[*place])
    }

    pub fn sell_voucher(&mut self, new: NewVoucher, now: DateTime<Utc>) -> Result<VoucherTruth, BankError> {
        self.advance(now);
        if !self.merchants.contains_key(&new.merchant_id) {
            return Err(BankError::UnknownMerchant(new.merchant_id));
        }
        if self.voucher(&new.merchant_id, &new.number).is_some() {
            return Err(VoucherError::Exists(new.number.as_str().to_owned()).into());
        }
        let count = new.lots.iter().fold(0_usize, |sum, lot| sum.saturating_add(lot.count));
        if !(1..=MOST_TICKETS).contains(&count) {
            return Err(VoucherError::Tickets.into());
        }
        self.issued += 1;
        let paid_by = self.paid_by(&new.merchant_id, &new.number);
        let order = entered(new, self.issued - 1, paid_by, now);
        let truth = order.truth(now);
        self.vouchers.add(order);
        Ok(truth)
    }

    /// The first authorization of the card order with the same number.
    fn paid_by(&self, merchant_id: &MerchantId, number: &VoucherNumber) -> Option<i64> {
        let VoucherNumber::MerchantTradeNo(no) = number else { return None };
        let no = MerchantTradeNo::parse(no.as_str()).ok()?;
        self.order(merchant_id, &no)?.authorizations.first().map(|a| a.gwsr)
    }

    /// Ends an issuing: with tickets, or with the reason why there are none.
    pub fn issue_voucher(
        &mut self,
        merchant_id: &MerchantId,
        number: &VoucherNumber,
        failure: Option<String>,
        now: DateTime<Utc>,
    ) -> Result<(), BankError> {
        self.ask_voucher(merchant_id, number, VoucherAction::Issue, now, |order| {
            if order.status(now) != IssueStatus::Issuing {
                return Err(VoucherError::NotIssuing(number.as_str().to_owned()));
            }
            (order.issued_at, order.failure) = (Some(now), failure);
            Ok(0)
        })
    }

    pub fn redeem(
        &mut self,
        merchant_id: &MerchantId,
        number: &VoucherNumber,
        pick: &Pick,
        now: DateTime<Utc>,
    ) -> Result<(), BankError> {
        self.ask_voucher(merchant_id, number, VoucherAction::Redeem, now, |order| {
            let picked = picked(order, pick, now)?;
            let amount = worth(order, &picked);
            for place in picked {
                let ticket = &mut order.tickets[place];
                let write_off_no = format!("WO{}", ticket.ticket_no);
                ticket.used = Used::Redeemed { at: now, write_off_no };
            }
            Ok(amount)
        })
    }

    pub fn refund_tickets(
        &mut self,
        merchant_id: &MerchantId,
        number: &VoucherNumber,
        pick: &Pick,
        fee: i64,
        now: DateTime<Utc>,
    ) -> Result<(), BankError> {
        let wait_h = self.terms(merchant_id).and_then(|terms| terms.voucher_confirm_h);
        self.ask_voucher(merchant_id, number, VoucherAction::Refund, now, |order| {
            if matches!(order.number, VoucherNumber::FreeTradeNo(_)) {
                return Err(VoucherError::Free);
            }
            let picked = picked(order, pick, now)?;
            let amount = worth(order, &picked);
            if !(0..=amount).contains(&fee) {
                return Err(VoucherError::Fee { fee, amount });
            }
            let confirmed_at = wait_h.map(|h| now + Duration::hours(i64::from(h)));
            for place in picked {
                order.tickets[place].used = Used::Refunded { at: now };
            }
            order.refunds.push(VoucherRefund { at: now, amount, fee, confirmed_at });
            Ok(amount)
        })
    }

    /// The bank confirms every refund that it has been told of.
    pub fn confirm_refunds(
        &mut self,
        merchant_id: &MerchantId,
        number: &VoucherNumber,
        now: DateTime<Utc>,
    ) -> Result<(), BankError> {
        self.ask_voucher(merchant_id, number, VoucherAction::Confirm, now, |order| {
            let mut amount = 0;
            for refund in order.refunds.iter_mut().filter(|r| r.confirmed_at.is_none_or(|at| at > now)) {
                refund.confirmed_at = Some(now);
                amount += refund.amount;
            }
            Ok(amount)
        })
    }

    /// Does it if it can be done, and writes it down either way.
    fn ask_voucher(
        &mut self,
        merchant_id: &MerchantId,
        number: &VoucherNumber,
        action: VoucherAction,
        now: DateTime<Utc>,
        ask: impl FnOnce(&mut VoucherOrder) -> Result<i64, VoucherError>,
    ) -> Result<(), BankError> {
        self.advance(now);
        let place = self.vouchers.place(merchant_id, number);
        let place = place.ok_or_else(|| VoucherError::Unknown(number.as_str().to_owned()))?;
        let done = ask(&mut self.vouchers.orders[place]);
        self.vouchers.note(VoucherRecord {
            at: now,
            merchant_id: merchant_id.clone(),
            number: number.clone(),
            action,
            amount: *done.as_ref().unwrap_or(&0),
            effect: done.is_ok(),
            refused: done.as_ref().err().map(ToString::to_string),
        });
        Ok(done.map(drop)?)
    }
}
