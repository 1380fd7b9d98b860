//! The voucher order of the story, at the stand-in service.

use super::script::PLAIN;
use crate::cli::Failure;
use crate::domain::ids::{MerchantId, VoucherTradeNo};
use crate::domain::money::Twd;
use crate::domain::voucher::{IssueType, TicketKind, VoucherNumber};
use crate::simulator::SimHandle;
use crate::simulator::bank::{Customer, Issuing, Lot, NewVoucher, Pick};

/// So long that the alert about it is part of the story.
const CONFIRMED_AFTER_H: u32 = 9 * 24;

pub(super) fn confirm_late(sim: &SimHandle) -> Result<(), Failure> {
    let merchant = MerchantId::parse(PLAIN)?;
    let late = Some(CONFIRMED_AFTER_H);
    sim.with_bank(|bank, now| bank.change_terms(&merchant, now, |terms| terms.voucher_confirm_h = late))?;
    Ok(())
}

pub(super) fn sell(sim: &SimHandle, no: &str, count: usize, each: i64) -> Result<(), Failure> {
    let lot = Lot {
        count,
        amount: Twd::new(each)?,
        kind: TicketKind::Pickup,
        item_no: "T00358".to_owned(),
        item_name: "平日住宿券".to_owned(),
        starts_on: None,
        expires_on: None,
    };
    let new = NewVoucher {
        merchant_id: MerchantId::parse(PLAIN)?,
        number: number(no)?,
        lots: vec![lot],
        issue_type: IssueType::Electronic,
        printed_by: None,
        customer: Customer { name: String::new(), phone: String::new(), email: String::new() },
        issuing: Issuing::Done,
        credit_trade_id: None,
    };
    sim.with_bank(|bank, now| bank.sell_voucher(new, now))?;
    Ok(())
}

pub(super) fn redeem(sim: &SimHandle, no: &str, count: usize) -> Result<(), Failure> {
    let (merchant, number) = (MerchantId::parse(PLAIN)?, number(no)?);
    sim.with_bank(|bank, now| bank.redeem(&merchant, &number, &Pick::Unused(count), now))?;
    Ok(())
}

pub(super) fn take_back(sim: &SimHandle, no: &str, count: usize) -> Result<(), Failure> {
    let (merchant, number) = (MerchantId::parse(PLAIN)?, number(no)?);
    sim.with_bank(|bank, now| bank.refund_tickets(&merchant, &number, &Pick::Unused(count), 0, now))?;
    Ok(())
}

fn number(no: &str) -> Result<VoucherNumber, Failure> {
    Ok(VoucherNumber::MerchantTradeNo(VoucherTradeNo::parse(no)?))
}
