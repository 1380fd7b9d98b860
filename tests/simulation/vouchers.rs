//! Vouchers: what the bank sells and shops register, and what becomes of the tickets.

use std::collections::HashSet;

use chrono::{DateTime, Duration, Utc};
use ecpayd::domain::calendar::taipei_date;
use ecpayd::domain::ids::{FreeTradeNo, MerchantId, VoucherTradeNo};
use ecpayd::domain::money::Twd;
use ecpayd::domain::voucher::{IssueType, PrintedBy, TicketKind, UseStatus, VoucherNumber};
use ecpayd::simulator::SimHandle;
use ecpayd::simulator::bank::{Bank, Customer, Issuing, Lot, NewVoucher, Pick, Terms, VoucherDates};
use fastrand::Rng;

use crate::actors::{self, MERCHANTS, Pen, What, merchant_of};
use crate::hands::{Shop, names};
use crate::ledger::AddVouchers;
use crate::subscriptions;

/// What an order has to do with vouchers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// It paid for vouchers, which have its number.
    Paid,
    /// Some were given away at its sale,
    Free,
    /// or sold and paid for elsewhere.
    Alone,
}

pub fn part(order: usize) -> Option<Part> {
    if subscriptions::place(order).is_some() {
        return None;
    }
    match order % 48 {
        1 | 13 | 25 | 37 => Some(Part::Paid),
        3 => Some(Part::Free),
        11 => Some(Part::Alone),
        _ => None,
    }
}

pub fn number(order: usize) -> Option<VoucherNumber> {
    let sold = |no: String| VoucherNumber::MerchantTradeNo(VoucherTradeNo::parse(&no).expect("a number"));
    Some(match part(order)? {
        Part::Paid => sold(actors::number(order)),
        Part::Alone => sold(format!("S{order:07}")),
        Part::Free => VoucherNumber::FreeTradeNo(FreeTradeNo::parse(&format!("F{order:07}")).expect("a number")),
    })
}

pub fn order_of(number: &str) -> usize {
    let place: usize = number[1..].parse().expect("a number of ours");
    if number.starts_with('P') { subscriptions::FIRST + place } else { place }
}

/// What is done to the vouchers of an order.
#[derive(Clone, Debug)]
pub enum Doing {
    Sell(Sale),
    /// An issuing that nobody knew the end of comes to it.
    Issue {
        fails: bool,
    },
    /// A customer uses so many tickets, or those that are left.
    Redeem {
        count: usize,
    },
    /// Somebody gives tickets back by hand at ECTicket.
    Refund {
        count: usize,
        fee: i64,
    },
    /// The bank confirms what was given back.
    Confirm,
    /// The shop wants refunds of the card order in spite of what is redeemed.
    Unguard,
}

#[derive(Clone, Debug)]
pub struct Sale {
    lots: Vec<Lot>,
    issuing: Issuing,
    issue_type: IssueType,
    printed_by: Option<PrintedBy>,
    /// Another authorization than that of the card order.
    paid_by_another: bool,
}

impl Pen<'_> {
    /// The life of an order's vouchers, sold once they are paid for. `refunds`: when the shop asks for them.
    pub fn vouchers(&mut self, order: usize, amount: i64, paid: Option<DateTime<Utc>>, refunds: &[DateTime<Utc>]) {
        let (Some(part), Some(paid)) = (part(order), paid) else { return };
        let sold = paid + Duration::seconds(1);
        let sale = self.sale(part, amount, sold);
        let told = sale.issuing == Issuing::UntilTold && self.chance(95);
        self.does(sold, order, Doing::Sell(sale));
        if told {
            let (minutes, fails) = (self.rng.i64(1..2 * 1440), self.chance(40));
            self.does(sold + Duration::minutes(minutes), order, Doing::Issue { fails });
        }
        for _ in 0..[0, 0, 0, 1, 1, 2][self.rng.usize(0..6)] {
            let (at, count) = (self.some_day(sold, 25), self.rng.usize(1..3));
            self.does(at, order, Doing::Redeem { count });
        }
        // Of all moments the worst: just before the refund, or while it is on its way.
        for refund in refunds {
            if self.chance(30) {
                let seconds = self.rng.i64(-90..90);
                self.does(*refund + Duration::seconds(seconds), order, Doing::Redeem { count: 1 });
            }
        }
        if self.chance(20) {
            let at = self.some_day(sold, 25);
            let (count, fee) = (self.rng.usize(1..3), self.rng.i64(0..80));
            self.does(at, order, Doing::Refund { count, fee });
            if self.chance(90) {
                let hours = self.rng.i64(1..15 * 24);
                self.does(at + Duration::hours(hours), order, Doing::Confirm);
            }
        }
        if self.chance(95) {
            let at = self.some_day(sold + Duration::days(5), 20);
            self.does(at, order, Doing::Redeem { count: usize::MAX });
        }
        if part == Part::Paid && self.chance(4) {
            let at = self.some_day(sold, 25);
            self.does(at, order, Doing::Unguard);
        }
    }

    fn does(&mut self, at: DateTime<Utc>, order: usize, doing: Doing) {
        self.push(at, What::Voucher { order, doing });
    }

    fn some_day(&mut self, from: DateTime<Utc>, days: i64) -> DateTime<Utc> {
        let day = from + Duration::days(self.rng.i64(0..days));
        self.moment(day)
    }

    fn sale(&mut self, part: Part, amount: i64, sold: DateTime<Utc>) -> Sale {
        // Sold for something else than was paid: no refund goes on without a person.
        let worth = if part == Part::Paid && self.chance(5) { amount + 1 } else { amount };
        let lots = self.lots(worth, sold);
        let issuing = match self.rng.u32(0..20) {
            0..15 => Issuing::Done,
            15..19 => Issuing::For { s: self.rng.u32(1..7200) },
            _ => Issuing::UntilTold,
        };
        let issue_type = IssueType::ALL[self.rng.usize(0..IssueType::ALL.len())];
        let printed_by = (issue_type == IssueType::Paper).then_some(PrintedBy::Ecpay);
        Sale { lots, issuing, issue_type, printed_by, paid_by_another: self.chance(8) }
    }

    /// Tickets that add up to `worth`: now and then more than fit one page.
    fn lots(&mut self, worth: i64, sold: DateTime<Utc>) -> Vec<Lot> {
        let most = if self.chance(1) { 450 } else { 8 };
        let count = self.rng.i64(1..=most).min(worth);
        let each = worth / count;
        let lots = [(1, worth - each * (count - 1)), (count - 1, each)];
        lots.into_iter().filter(|(count, _)| *count > 0).map(|(count, amount)| self.lot(count, amount, sold)).collect()
    }

    fn lot(&mut self, count: i64, amount: i64, sold: DateTime<Utc>) -> Lot {
        let gift = self.chance(30);
        let last = taipei_date(sold) + Duration::days(self.rng.i64(0..40));
        Lot {
            count: usize::try_from(count).expect("a few"),
            amount: Twd::new(amount).expect("an amount"),
            kind: if gift { TicketKind::Gift } else { TicketKind::Pickup },
            item_no: "T1".to_owned(),
            item_name: "平日住宿券".to_owned(),
            starts_on: None,
            expires_on: Some(last).filter(|_| gift && self.chance(70)),
        }
    }
}

/// How the voucher service treats a merchant; one in six has no QueryRefundInfo.
pub fn terms(rng: &mut Rng) -> impl FnOnce(&mut Terms) + use<> {
    let (refund_info, pages, whole_dates) = (rng.u32(0..6) > 0, rng.bool(), rng.bool());
    let confirm_h = if rng.u32(0..4) > 0 { Some(rng.u32(1..300)) } else { None };
    move |terms| {
        terms.voucher_refund_info = refund_info;
        terms.voucher_pages = pages;
        terms.voucher_dates = if whole_dates { VoucherDates::Page } else { VoucherDates::Sample };
        terms.voucher_confirm_h = confirm_h;
    }
}

pub fn act(bank: &SimHandle, shop: &mut Shop, order: usize, doing: Doing, at: DateTime<Utc>) {
    let (id, number) = (names(order).0, number(order).expect("an order with vouchers"));
    match doing {
        Doing::Sell(sale) => {
            sell(bank, id, number, sale);
            // The others were registered with their card order.
            if part(order) != Some(Part::Paid) && shop.missing != Some(merchant_of(order)) {
                shop.register_vouchers(order, at);
            }
        }
        Doing::Unguard => {
            let now = bank.with_bank(|_, now| now);
            shop.unguarded.entry(order).or_insert(now);
            shop.unguard(order);
        }
        // Refused where the tickets do not allow it, as at the counter.
        Doing::Issue { fails } => {
            let failure = fails.then(|| "庫存不足".to_owned());
            let _ = bank.with_bank(|bank, now| bank.issue_voucher(&id, &number, failure, now));
        }
        Doing::Redeem { count } => bank.with_bank(|bank, now| {
            let pick = unused(bank, &id, &number, count, now);
            let _ = bank.redeem(&id, &number, &pick, now);
        }),
        Doing::Refund { count, fee } => bank.with_bank(|bank, now| {
            let pick = unused(bank, &id, &number, count, now);
            let _ = bank.refund_tickets(&id, &number, &pick, fee, now);
        }),
        Doing::Confirm => {
            let _ = bank.with_bank(|bank, now| bank.confirm_refunds(&id, &number, now));
        }
    }
}

fn sell(bank: &SimHandle, merchant_id: MerchantId, number: VoucherNumber, sale: Sale) {
    let Sale { lots, issuing, issue_type, printed_by, paid_by_another } = sale;
    let credit_trade_id = paid_by_another.then_some(99_999_999);
    let customer = Customer::default();
    let new = NewVoucher { merchant_id, number, lots, issue_type, printed_by, customer, issuing, credit_trade_id };
    bank.with_bank(|bank, now| bank.sell_voucher(new, now)).expect("a new voucher order");
}

/// At least one, so that nothing is done where nothing is left.
fn unused(bank: &Bank, id: &MerchantId, number: &VoucherNumber, count: usize, now: DateTime<Utc>) -> Pick {
    let left = bank.voucher(id, number).map_or(0, |order| order.sum(UseStatus::Unused, now).0);
    Pick::Unused(count.min(left).max(1))
}

/// What a customer, or somebody at ECTicket, does while a call is on its way.
pub fn meddle(bank: &SimHandle, shop: &mut Shop, order: Option<usize>, often: u32, at: DateTime<Utc>) {
    if shop.vouchers.is_empty() || shop.rng.u32(0..1000) >= often {
        return;
    }
    let known = shop.vouchers.len();
    let order = order.unwrap_or(shop.vouchers[shop.rng.usize(0..known)]);
    if part(order).is_none() {
        return;
    }
    let doing = match shop.rng.u32(0..6) {
        0 => Doing::Refund { count: 1, fee: 0 },
        _ => Doing::Redeem { count: 1 },
    };
    shop.meddled += 1;
    act(bank, shop, order, doing, at);
}

impl Shop {
    pub fn register_vouchers(&mut self, order: usize, at: DateTime<Utc>) {
        self.insert_vouchers(order, at);
        self.vouchers.push(order);
    }

    fn insert_vouchers(&mut self, order: usize, at: DateTime<Utc>) {
        let number = number(order).expect("an order with vouchers");
        let (merchant, no) = (MERCHANTS[merchant_of(order)], number.to_string());
        let (sold, free) = if number.is_free() { (None, Some(&*no)) } else { (Some(&*no), None) };
        self.ledger.vouchers(&AddVouchers { merchant, sold, free, at: Some(at) }).expect("a good row");
    }

    fn unguard(&mut self, order: usize) {
        self.ledger.unguard(MERCHANTS[merchant_of(order)], &actors::number(order));
    }

    /// Registers again what a restored ledger lacks.
    pub fn register_again(&mut self, at: DateTime<Utc>) {
        let kept: Vec<String> = self.ledger.values("SELECT number FROM voucher_state", ());
        let kept: HashSet<usize> = kept.iter().map(|number| order_of(number)).collect();
        for order in self.vouchers.clone() {
            if !kept.contains(&order) {
                self.insert_vouchers(order, at);
            }
        }
        let mut unguarded: Vec<usize> = self.unguarded.keys().copied().collect();
        unguarded.sort_unstable();
        for order in unguarded {
            self.unguard(order);
        }
    }
}
