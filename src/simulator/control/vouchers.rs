use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Datelike, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

use super::call::{Answer, Body, Named, Refused, Whose, in_calendar};
use super::orders::only_merchant;
use crate::domain::ids::{FreeTradeNo, MerchantId, VoucherTradeNo};
use crate::domain::voucher::{IssueType, PrintedBy, VoucherNumber};
use crate::simulator::bank::{Bank, BankError, Customer, Issuing, Lot, NewVoucher, Pick, VoucherOrder};
use crate::simulator::handle::SimHandle;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Create {
    merchant_id: Option<MerchantId>,
    merchant_trade_no: Option<VoucherTradeNo>,
    /// Given away instead of sold.
    free_trade_no: Option<FreeTradeNo>,
    tickets: Vec<Lot>,
    #[serde(default = "electronic")]
    issue_type: IssueType,
    printed_by: Option<PrintedBy>,
    #[serde(default)]
    customer: Customer,
    /// The card authorization that paid for it; that of the card order with its number by default.
    credit_trade_id: Option<i64>,
    /// Issued after so many seconds of the bank's time.
    issuing_s: Option<u32>,
    /// Issued when it is told to.
    #[serde(default)]
    issuing: bool,
}

fn electronic() -> IssueType {
    IssueType::Electronic
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct End {
    /// Why issuing fails.
    failed: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Which {
    count: Option<usize>,
    tickets: Option<Vec<String>>,
    #[serde(default)]
    fee: i64,
}

pub(super) async fn create(State(handle): State<SimHandle>, body: Body) -> Answer {
    let asked: Create = body.read()?;
    let number = match (asked.merchant_trade_no, asked.free_trade_no) {
        (Some(no), None) => VoucherNumber::MerchantTradeNo(no),
        (None, Some(no)) => VoucherNumber::FreeTradeNo(no),
        _ => return Err(Refused("a voucher order has a merchant_trade_no or a free_trade_no".to_owned())),
    };
    let issuing = match (asked.issuing, asked.issuing_s) {
        (false, None) => Issuing::Done,
        (false, Some(s)) => Issuing::For { s },
        (true, None) => Issuing::UntilTold,
        (true, Some(_)) => return Err(Refused("issuing and issuing_s cannot both be told".to_owned())),
    };
    for day in asked.tickets.iter().flat_map(|lot| [lot.starts_on, lot.expires_on]).flatten() {
        if !in_calendar(day.year()) {
            return Err(Refused(format!("{day} is not a day between 2000 and 2199")));
        }
    }
    handle.with_bank(|bank, now| {
        let new = NewVoucher {
            merchant_id: asked.merchant_id.map_or_else(|| only_merchant(bank), Ok)?,
            number,
            lots: asked.tickets,
            issue_type: asked.issue_type,
            printed_by: asked.printed_by,
            customer: asked.customer,
            issuing,
            credit_trade_id: asked.credit_trade_id,
        };
        Ok(Json(json!(bank.sell_voucher(new, now)?)))
    })
}

pub(super) async fn list(State(handle): State<SimHandle>, whose: Whose) -> Answer {
    handle.look(|bank, now| {
        let wanted = bank.vouchers().filter(|v| whose.is_of(&v.merchant_id));
        Ok(Json(wanted.map(|v| json!(v.truth(now))).collect()))
    })
}

pub(super) async fn show(State(handle): State<SimHandle>, Named(no): Named, whose: Whose) -> Answer {
    handle.look(|bank, now| Ok(Json(shown(bank, find(bank, &no, whose.merchant_id.as_ref())?, now))))
}

pub(super) async fn issue(State(handle): State<SimHandle>, Named(no): Named, whose: Whose, body: Body) -> Answer {
    let asked: End = body.read()?;
    steer(&handle, &no, &whose, |bank, id, number, now| bank.issue_voucher(id, number, asked.failed, now))
}

pub(super) async fn redeem(State(handle): State<SimHandle>, Named(no): Named, whose: Whose, body: Body) -> Answer {
    let (pick, fee) = which(&body)?;
    if fee != 0 {
        return Err(Refused("only a refund has a fee".to_owned()));
    }
    steer(&handle, &no, &whose, |bank, id, number, now| bank.redeem(id, number, &pick, now))
}

pub(super) async fn refund(State(handle): State<SimHandle>, Named(no): Named, whose: Whose, body: Body) -> Answer {
    let (pick, fee) = which(&body)?;
    steer(&handle, &no, &whose, |bank, id, number, now| bank.refund_tickets(id, number, &pick, fee, now))
}

pub(super) async fn confirm(State(handle): State<SimHandle>, Named(no): Named, whose: Whose) -> Answer {
    steer(&handle, &no, &whose, |bank, id, number, now| bank.confirm_refunds(id, number, now))
}

fn which(body: &Body) -> Result<(Pick, i64), Refused> {
    let asked: Which = body.read()?;
    match (asked.count, asked.tickets) {
        (Some(count), None) if count > 0 => Ok((Pick::Unused(count), asked.fee)),
        (None, Some(tickets)) if !tickets.is_empty() => Ok((Pick::Named(tickets), asked.fee)),
        _ => Err(Refused("name the tickets, or tell a count of them".to_owned())),
    }
}

fn steer(
    handle: &SimHandle,
    no: &str,
    whose: &Whose,
    change: impl FnOnce(&mut Bank, &MerchantId, &VoucherNumber, DateTime<Utc>) -> Result<(), BankError>,
) -> Answer {
    handle.with_bank(|bank, now| {
        let order = find(bank, no, whose.merchant_id.as_ref())?;
        let (id, number) = (order.merchant_id.clone(), order.number.clone());
        change(bank, &id, &number, now)?;
        Ok(Json(shown(bank, find(bank, no, Some(&id))?, now)))
    })
}

fn shown(bank: &Bank, order: &VoucherOrder, now: DateTime<Utc>) -> Value {
    let mut shown = json!(order.truth(now));
    shown["actions"] = bank.voucher_records_of(order).map(|r| json!(r)).collect();
    shown
}

/// By either of its numbers.
fn find<'a>(bank: &'a Bank, no: &str, whose: Option<&MerchantId>) -> Result<&'a VoucherOrder, Refused> {
    let numbers = [
        VoucherTradeNo::parse(no).ok().map(VoucherNumber::MerchantTradeNo),
        FreeTradeNo::parse(no).ok().map(VoucherNumber::FreeTradeNo),
    ];
    let asked = bank.merchants().map(|(id, _)| id).filter(|id| whose.is_none_or(|whose| whose == *id));
    let mut found = asked.flat_map(|id| numbers.iter().flatten().filter_map(|number| bank.voucher(id, number)));
    match (found.next(), found.next()) {
        (Some(order), None) => Ok(order),
        (Some(_), Some(_)) => Err(Refused(format!("several voucher orders are called {no}: add ?merchant_id="))),
        (None, _) => Err(Refused(format!("voucher order {no} is not known here"))),
    }
}
