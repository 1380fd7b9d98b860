//! Vouchers at the stand-in service: sold, and what becomes of their tickets.

use chrono::{DateTime, Utc};
use ecpayd::domain::ids::{FreeTradeNo, MerchantId, VoucherTradeNo};
use ecpayd::domain::money::Twd;
use ecpayd::domain::voucher::{IssueType, TicketKind, VoucherNumber};
use ecpayd::simulator::SimHandle;
use ecpayd::simulator::bank::{Bank, BankError, Customer, Issuing, Lot, NewVoucher};

use super::{House, MERCHANT};

impl House {
    /// Of a shop that sells vouchers.
    pub fn with_vouchers(gateway: &str, settings: &str) -> Self {
        let house = Self { dir: tempfile::tempdir().expect("a directory") };
        house.settle(&[MERCHANT], gateway, &[MERCHANT], settings);
        house
    }
}

/// Tickets of one price, sold as vouchers and issued.
pub fn sold_vouchers(bank: &SimHandle, number: VoucherNumber, count: usize, each: i64) {
    let lot = Lot {
        count,
        amount: Twd::new(each).expect("an amount"),
        kind: TicketKind::Pickup,
        item_no: "T00358".to_owned(),
        item_name: "平日住宿券".to_owned(),
        starts_on: None,
        expires_on: None,
    };
    let new = NewVoucher {
        merchant_id: MerchantId::parse(MERCHANT).expect("an id"),
        number,
        lots: vec![lot],
        issue_type: IssueType::Electronic,
        printed_by: None,
        customer: Customer {
            name: "王小明".to_owned(),
            phone: "0912345678".to_owned(),
            email: "ming@shop.example".to_owned(),
        },
        issuing: Issuing::Done,
        credit_trade_id: None,
    };
    bank.with_bank(|bank, now| bank.sell_voucher(new, now)).expect("a new voucher order");
}

/// Something happens to so many unused tickets of an order, now.
pub fn at_the_counter<T>(
    bank: &SimHandle,
    number: &VoucherNumber,
    ask: impl FnOnce(&mut Bank, &MerchantId, &VoucherNumber, DateTime<Utc>) -> Result<T, BankError>,
) {
    let merchant = MerchantId::parse(MERCHANT).expect("an id");
    bank.with_bank(|bank, now| ask(bank, &merchant, number, now)).expect("the tickets allow it");
}

pub fn sold(no: &str) -> VoucherNumber {
    VoucherNumber::MerchantTradeNo(VoucherTradeNo::parse(no).expect("a number"))
}

pub fn given(no: &str) -> VoucherNumber {
    VoucherNumber::FreeTradeNo(FreeTradeNo::parse(no).expect("a number"))
}
