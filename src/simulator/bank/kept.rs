//! What of the bank outlives the process: everything but its indexes.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::vouchers::{KeptVouchers, Vouchers};
use super::{ActionRecord, Bank, Order, Terms};
use crate::domain::ids::MerchantId;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct KeptBank {
    merchants: BTreeMap<MerchantId, Terms>,
    orders: Vec<Order>,
    actions: Vec<ActionRecord>,
    vouchers: KeptVouchers,
    issued: i64,
    lived_to: DateTime<Utc>,
}

impl KeptBank {
    pub fn merchants(&self) -> impl Iterator<Item = &MerchantId> {
        self.merchants.keys()
    }

    pub fn lived_to(&self) -> DateTime<Utc> {
        self.lived_to
    }
}

impl Bank {
    pub fn keep(&self) -> KeptBank {
        KeptBank {
            merchants: self.merchants.clone(),
            orders: self.book.orders().cloned().collect(),
            actions: self.actions.clone(),
            vouchers: self.vouchers.keep(),
            issued: self.issued,
            lived_to: self.advanced_to,
        }
    }

    /// The bank as it was kept. What fell due since then happens with the next call.
    pub fn restored(kept: KeptBank) -> Self {
        let mut bank = Self::new(kept.lived_to);
        bank.merchants = kept.merchants;
        bank.vouchers = Vouchers::restored(kept.vouchers);
        bank.issued = kept.issued;
        for order in kept.orders {
            let place = bank.book.add(order);
            bank.live(place, kept.lived_to);
        }
        for action in kept.actions {
            if let Some(place) = bank.book.place(&action.merchant_id, &action.merchant_trade_no) {
                bank.book.note_action(place, bank.actions.len());
            }
            bank.actions.push(action);
        }
        bank
    }
}
