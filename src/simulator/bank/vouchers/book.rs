//! All voucher orders of the bank, found by number.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::order::VoucherOrder;
use super::truth::VoucherRecord;
use crate::domain::ids::MerchantId;
use crate::domain::voucher::VoucherNumber;

#[derive(Debug, Default)]
pub(in crate::simulator::bank) struct Vouchers {
    pub(super) orders: Vec<VoucherOrder>,
    places: HashMap<MerchantId, HashMap<VoucherNumber, usize>>,
    pub(super) records: Vec<VoucherRecord>,
    /// Where each order's records stand among all.
    pub(super) records_of: Vec<Vec<usize>>,
}

/// What is kept of all vouchers between two lives of the simulator.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct KeptVouchers {
    pub orders: Vec<VoucherOrder>,
    pub records: Vec<VoucherRecord>,
}

impl Vouchers {
    pub(super) fn place(&self, merchant_id: &MerchantId, number: &VoucherNumber) -> Option<usize> {
        self.places.get(merchant_id)?.get(number).copied()
    }

    pub(super) fn add(&mut self, order: VoucherOrder) {
        let theirs = self.places.entry(order.merchant_id.clone()).or_default();
        theirs.insert(order.number.clone(), self.orders.len());
        self.orders.push(order);
        self.records_of.push(Vec::new());
    }

    pub(super) fn note(&mut self, record: VoucherRecord) {
        if let Some(place) = self.place(&record.merchant_id, &record.number) {
            self.records_of[place].push(self.records.len());
        }
        self.records.push(record);
    }

    pub fn keep(&self) -> KeptVouchers {
        KeptVouchers { orders: self.orders.clone(), records: self.records.clone() }
    }

    pub fn restored(kept: KeptVouchers) -> Self {
        let mut vouchers = Self::default();
        kept.orders.into_iter().for_each(|order| vouchers.add(order));
        kept.records.into_iter().for_each(|record| vouchers.note(record));
        vouchers
    }
}
