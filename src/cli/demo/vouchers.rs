//! The voucher order of the story: at the stand-in service, and beside the ledger's books at the end.

use super::script::PLAIN;
use super::stage::Stage;
use crate::cli::Failure;
use crate::cli::table::{or_dash, table};
use crate::domain::ids::{MerchantId, VoucherTradeNo};
use crate::domain::money::Twd;
use crate::domain::voucher::{IssueType, TicketKind, VoucherNumber};
use crate::simulator::SimHandle;
use crate::simulator::bank::{Customer, Issuing, Lot, NewVoucher, Pick, VoucherTruth};

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

/// Prints each voucher order beside the service's own books; true when they agree.
pub(super) fn print(stage: &Stage) -> Result<bool, Failure> {
    let truths: Vec<VoucherTruth> =
        stage.bank().with_bank(|bank, now| bank.vouchers().map(|order| order.truth(now)).collect());
    let mut known = stage.shop().prepare(
        "SELECT merchant_trade_no, state, trade_amount, redeemed_amount, refunded_amount, refund_confirmed_amount, unused_amount
           FROM voucher_status ORDER BY merchant_trade_no",
    )?;
    let mut known = known.query([])?;
    let (mut rows, mut agreed) = (Vec::new(), true);
    while let Some(row) = known.next()? {
        let (no, state): (String, String) = (row.get(0)?, row.get(1)?);
        let truth = truths.iter().find(|t| t.merchant_trade_no.as_ref() == Some(&no));
        let theirs = truth.map(|t| {
            [t.trade_amount, t.redeemed_amount, t.refunded_amount, t.refund_confirmed_amount, t.unused_amount].map(Some)
        });
        let mut ours = [None; 5];
        for (column, amount) in (2..).zip(&mut ours) {
            *amount = row.get::<_, Option<i64>>(column)?;
        }
        agreed &= theirs == Some(ours);
        let mark = if theirs == Some(ours) { "=" } else { "DIFFERS" };
        rows.push([no, state].into_iter().chain(ours.map(or_dash)).chain([mark.to_owned()]).collect::<Vec<_>>());
    }
    agreed &= rows.len() == truths.len();
    let header = ["voucher order", "state", "NT$", "redeemed", "refunded", "confirmed", "unused", "at ECTicket"];
    say!("\n{}", table(&header, rows));
    Ok(agreed)
}
