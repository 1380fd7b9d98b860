//! Recurring orders (定期定額): sold like others, and charged again by the bank, each time by an authorization of its own.

use chrono::{DateTime, Duration, Utc};
use ecpayd::simulator::SimHandle;
use ecpayd::simulator::bank::{Kind, Paid};

use crate::actors::{MERCHANTS, Pen, SALES_DAYS, What, merchant_of, number};
use crate::books::{self, Followed};
use crate::forms::Sells;
use crate::hands::{Hands, Shop, names};
use crate::ledger::AddOrder;
use crate::vouchers::order_of;

/// Their places begin here, and are of the first merchant, the second, the third, and so on.
pub const FIRST: usize = 3_000_000;

/// Of so many orders one more is a subscription.
const ONE_OF: usize = 15;

/// They are charged again in this time.
const CHARGED_DAYS: i64 = 40;

pub fn all(orders: usize) -> impl Iterator<Item = usize> {
    FIRST..FIRST + orders.div_ceil(ONE_OF)
}

/// Which subscription it is, if it is one.
pub fn place(order: usize) -> Option<usize> {
    order.checked_sub(FIRST)
}

impl Pen<'_> {
    pub fn subscription(&mut self, start: DateTime<Utc>, order: usize) {
        let day = start + Duration::days(self.rng.i64(0..SALES_DAYS));
        let (sold, amount) = (self.moment(day), self.rng.i64(1..900));
        let told = self.chance(20).then_some(0);
        let sale = What::Sell { order, kind: Kind::Recurring, amount, paid: Paid::Yes, at_bank: true, told };
        self.push(sold, sale);
        let mut charges = vec![sold];
        for _ in 0..self.rng.usize(0..=5) {
            let day = day + Duration::days(self.rng.i64(1..CHARGED_DAYS));
            let at = self.moment(day);
            self.push(at, What::Pay { order });
            charges.push(at);
        }
        charges.sort_unstable();
        for (charge, at) in charges.into_iter().enumerate() {
            for _ in 0..[0, 0, 0, 1, 1, 2][self.rng.usize(0..6)].max(usize::from(charge == 0)) {
                let part = if self.chance(50) { None } else { Some(self.rng.i64(1..=amount + amount / 10)) };
                let day = at + Duration::days(self.rng.i64(0..15));
                let at = self.moment(day);
                self.push(at, What::RefundCharge { order, charge, amount: part });
            }
        }
        if self.chance(30) {
            let day = day + Duration::days(self.rng.i64(0..CHARGED_DAYS));
            let (at, word) = (self.moment(day).max(sold), ["now", "hold", "hold", "auto"][self.rng.usize(0..4)]);
            self.push(at, What::SetCapture { order, word });
        }
    }
}

/// ECPay's numbers of its charges, the first one first.
fn charges(bank: &SimHandle, order: usize) -> Vec<String> {
    let (id, no) = names(order);
    bank.with_bank(|bank, _| {
        let sold = bank.order(&id, &no).expect("a subscription that was sold");
        sold.authorizations.iter().map(|a| a.trade_no.as_str().to_owned()).collect()
    })
}

/// A customer wants a charge back. What has no row yet waits until it has one.
pub fn refund(
    bank: &SimHandle,
    shop: &mut Shop,
    (order, charge): (usize, usize),
    amount: Option<i64>,
    at: DateTime<Utc>,
) {
    let later = charges(bank, order).into_iter().nth(charge).filter(|_| charge > 0);
    if !shop.is_served(order) || later.as_ref().is_some_and(|no| !shop.follows(order, no)) {
        shop.too_early.extend(later.map(|no| (order, no, amount)));
        return;
    }
    let written = bank.with_bank(|_, now| now);
    shop.refund_charge(order, later, amount, at, written);
}

/// Of whichever charge the customer means.
pub fn refund_any(bank: &SimHandle, shop: &mut Shop, order: usize, amount: Option<i64>, at: DateTime<Utc>) {
    let charge = shop.rng.usize(0..charges(bank, order).len());
    refund(bank, shop, (order, charge), amount, at);
}

/// Shops read what is open in the morning, on most days: charges that nobody has registered, and refunds of such.
pub fn in_the_morning(hands: &Hands, sells: &[Sells], at: DateTime<Utc>) {
    if hands.is_the_last_day(at) {
        return;
    }
    let mut shop = hands.shop();
    let told = "SELECT DISTINCT merchant_trade_no FROM alerts
                 WHERE kind = 'unregistered' AND closed_at IS NULL AND order_id IS NOT NULL ORDER BY merchant_trade_no";
    for number in shop.ledger.values::<String>(told, ()) {
        let order = order_of(&number);
        // By form the daemon registers them.
        let own = sells[merchant_of(order)] != Sells::ByForm;
        if own && shop.rng.bool() && shop.is_served(order) {
            for charge in charges(&hands.bank, order).into_iter().skip(1) {
                shop.follow(order, &charge, at);
            }
        }
    }
    for (order, charge, amount) in std::mem::take(&mut shop.too_early) {
        if shop.is_served(order) && shop.follows(order, &charge) {
            shop.refund_charge(order, Some(charge), amount, at, at);
        } else {
            shop.too_early.push((order, charge, amount));
        }
    }
}

impl Shop {
    fn follows(&self, order: usize, charge: &str) -> bool {
        let row = "SELECT count(*) FROM orders WHERE merchant_trade_no = ? AND trade_no = ?";
        self.ledger.value::<i64>(row, (number(order), charge)) > 0
    }

    fn follow(&mut self, order: usize, charge: &str, at: DateTime<Utc>) {
        if !self.follows(order, charge) {
            let (merchant, no) = (MERCHANTS[merchant_of(order)], &*number(order));
            let row = AddOrder { merchant, no, trade_no: Some(charge), at: Some(at), ..AddOrder::default() };
            self.ledger.order(&row).expect("a good row");
        }
    }

    /// Writes again what a restored ledger lacks: all that a refund needs, and most of the rest.
    pub fn subscribe_again(&mut self, lost: &[Followed], at: DateTime<Utc>) {
        let kept = books::followed(&self.ledger);
        for order in self.subscriptions.clone() {
            let no = number(order);
            if !kept.iter().any(|row| row.number == no && row.asked.is_none()) {
                self.insert_order(order, at);
            }
        }
        for row in lost {
            if let Some(charge) = &row.asked {
                let then = self.followed_then.entry((row.number.clone(), charge.clone()));
                then.or_insert(row.book.registered_at);
            }
            let order = order_of(&row.number);
            let kept = kept.iter().find(|k| (&k.number, &k.asked) == (&row.number, &row.asked)).map(|k| &k.book);
            if let (Some(charge), None) = (&row.asked, kept)
                && (!row.book.refunds.is_empty() || self.rng.bool())
            {
                self.follow(order, charge, at);
            }
            if row.asked.is_none() && kept.is_none_or(|k| k.capture != row.book.capture) {
                self.set_capture(order, &row.book.capture);
            }
            self.refund_again(order, &row.book, kept, at);
        }
    }
}
