//! What the answers to QueryOrderInfo say about a voucher order, page by page.

use std::collections::HashMap;

use super::order::VoucherAnswer;
use super::tickets::{LONGEST_CODE, code_in};
use crate::domain::money::Twd;
use crate::domain::quote::{one_line, quote};
use crate::domain::voucher::{
    IssueStatus, IssueType, Part, PrintedBy, Ticket, TicketKind, Totals, UseStatus, VoucherFacts, VoucherNumber,
    VoucherSeen,
};
use crate::gateway::errors::{self, LookError};

/// `Remark` is String(100) (vendor page QueryOrderInfo).
const LONGEST_REMARK: usize = 100;
/// `TicketTradeNo` is String(16) there.
const LONGEST_TRADE_NO: usize = 40;

/// As much of a voucher order as has come: one page of it, or several put together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderPage {
    number: VoucherNumber,
    said: Said,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Said {
    NotFound,
    Unclear(String),
    Order(Box<Listed>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Listed {
    /// Without what follows from the tickets, so that it is the same on every page.
    facts: VoucherFacts,
    tickets: Vec<Ticket>,
    pages: u32,
    /// The last page had no ticket that was new.
    exhausted: bool,
}

impl OrderPage {
    pub(super) fn of(answer: VoucherAnswer, asked: &VoucherNumber) -> Result<Self, LookError> {
        check_number(&answer, asked)?;
        let page = |said| Ok(Self { number: asked.clone(), said });
        if errors::is_unknown_order(answer.rtn_code) {
            return page(Said::NotFound);
        }
        if answer.rtn_code != 1 {
            return Err(errors::refused(answer.rtn_code, &answer.rtn_msg));
        }
        if named(&answer, asked).is_none() {
            return Err(LookError::NotBound(format!("voucher order {asked} was asked for, the answer names none")));
        }
        let Some(status) = code_in(&answer.status).and_then(IssueStatus::of_code) else {
            return page(Said::Unclear(format!("Status '{}'", quote(&answer.status, LONGEST_CODE))));
        };
        // The ticket's number is not told: it may be what the customer redeems it with.
        if let Some(code) = &answer.ticket_list.unclear {
            return page(Said::Unclear(format!("UseStatus '{code}' of a ticket")));
        }
        let (facts, listed) = facts(answer, asked, status)?;
        let tickets = new_ones(&[], listed, asked)?;
        let exhausted = tickets.is_empty();
        page(Said::Order(Box::new(Listed { facts, tickets, pages: 1, exhausted })))
    }

    /// The `PageNum` to ask for next. A service that has no pages tells all at once, or the same
    /// again: then what is missing stays missing, and shows as a mismatch of the totals.
    pub fn next_page(&self) -> Option<u32> {
        let Said::Order(listed) = &self.said else { return None };
        let missing = listed.tickets.len() < usize::try_from(listed.facts.totals.count).unwrap_or(usize::MAX);
        (missing && !listed.exhausted).then(|| listed.pages.saturating_add(1))
    }

    /// This and the page that [`Self::next_page`] asked for. What is redeemed between the two
    /// calls would be missing on one of them and the totals be older than a ticket: they have
    /// to be the same on both, else the whole look is to be made anew.
    pub fn with(mut self, next: Self) -> Result<Self, LookError> {
        let changed = || LookError::Lost(format!("voucher order {} changed while its pages were read", self.number));
        match (&mut self.said, next.said) {
            (Said::Order(_), Said::Unclear(raw)) if self.number == next.number => self.said = Said::Unclear(raw),
            (Said::Order(all), Said::Order(page)) if self.number == next.number && all.facts == page.facts => {
                let fresh = new_ones(&all.tickets, page.tickets, &self.number)?;
                all.pages = all.pages.saturating_add(1);
                all.exhausted = fresh.is_empty();
                all.tickets.extend(fresh);
            }
            _ => return Err(changed()),
        }
        Ok(self)
    }

    /// What is known once no page is left to ask for.
    pub fn seen(self) -> (VoucherSeen, Vec<Ticket>) {
        match self.said {
            Said::NotFound => (VoucherSeen::NotFound, Vec::new()),
            Said::Unclear(raw) => (VoucherSeen::Unclear { raw }, Vec::new()),
            Said::Order(listed) => {
                let Listed { mut facts, tickets, .. } = *listed;
                facts.totals.expired.amount = Totals::of(&tickets, UseStatus::Expired).amount;
                facts.has_pickup = tickets.iter().any(|ticket| ticket.kind == Some(TicketKind::Pickup));
                facts.mismatch = facts.totals.mismatch(&self.number, facts.status, &tickets);
                (VoucherSeen::Order(facts), tickets)
            }
        }
    }
}

/// The number of the kind that was asked for has to be the asked one, and the other empty.
fn check_number(answer: &VoucherAnswer, asked: &VoucherNumber) -> Result<(), LookError> {
    let other = match asked {
        VoucherNumber::MerchantTradeNo(_) => &answer.free_trade_no,
        VoucherNumber::FreeTradeNo(_) => &answer.merchant_trade_no,
    };
    if other.is_none() && named(answer, asked).is_none_or(|named| named == asked.as_str()) {
        return Ok(());
    }
    Err(LookError::NotBound(format!("voucher order {asked} was asked for, the answer names another")))
}

fn named<'a>(answer: &'a VoucherAnswer, asked: &VoucherNumber) -> Option<&'a str> {
    match asked {
        VoucherNumber::MerchantTradeNo(_) => answer.merchant_trade_no.as_deref(),
        VoucherNumber::FreeTradeNo(_) => answer.free_trade_no.as_deref(),
    }
}

fn facts(
    answer: VoucherAnswer,
    asked: &VoucherNumber,
    status: IssueStatus,
) -> Result<(VoucherFacts, Vec<Ticket>), LookError> {
    let lacks = |what: &str| LookError::Unreadable(format!("issued voucher order without a {what}"));
    let issued = status == IssueStatus::Issued;
    if issued && answer.total_count.is_none() {
        return Err(lacks("TotalCount"));
    }
    // What was given away has no price.
    if issued && answer.trade_amount.is_none() && !asked.is_free() {
        return Err(lacks("TradeAmount"));
    }
    let part = |count: Option<u32>, amount: Option<Twd>| Part {
        count: count.unwrap_or_default(),
        amount: amount.unwrap_or_default(),
    };
    let totals = Totals {
        count: answer.total_count.unwrap_or_default(),
        trade_amount: answer.trade_amount.unwrap_or_default(),
        redeemed: part(answer.redeem_count, answer.redeem_amount),
        refunded: part(answer.refund_count, answer.refund_amount),
        refund_fee: answer.total_refund_fee.unwrap_or_default(),
        unused: part(answer.unused_count, answer.unused_amount),
        expired: part(answer.expired_count, None),
    };
    let facts = VoucherFacts {
        ticket_trade_no: answer.ticket_trade_no.map(|no| one_line(&no, LONGEST_TRADE_NO)),
        credit_trade_id: answer.credit_trade_id.filter(|id| *id != 0),
        status,
        remark: quote(&answer.remark, LONGEST_REMARK),
        issued_at: answer.issue_date,
        issue_type: answer.issue_type.and_then(IssueType::of_code),
        printed_by: answer.print_type.and_then(PrintedBy::of_code),
        escrow_expires_on: answer.escrow_expired_date,
        totals,
        has_pickup: false,
        mismatch: None,
    };
    Ok((facts, answer.ticket_list.tickets))
}

/// Those of `came` that are not there yet, each once. A ticket that comes again has to be the same.
fn new_ones(had: &[Ticket], mut came: Vec<Ticket>, order: &VoucherNumber) -> Result<Vec<Ticket>, LookError> {
    let mut known: HashMap<&str, &Ticket> = HashMap::with_capacity(had.len() + came.len());
    known.extend(had.iter().map(|ticket| (ticket.no.as_str(), ticket)));
    let mut is_new = Vec::with_capacity(came.len());
    for ticket in &came {
        let before = known.insert(&ticket.no, ticket);
        if before.is_some_and(|before| before != ticket) {
            return Err(LookError::Lost(format!("voucher order {order} lists a ticket in two ways")));
        }
        is_new.push(before.is_none());
    }
    let mut is_new = is_new.into_iter();
    came.retain(|_| is_new.next().unwrap_or_default());
    Ok(came)
}

#[cfg(test)]
mod tests;
