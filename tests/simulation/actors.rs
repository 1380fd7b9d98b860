//! What shops, customers, hands at the dashboard, the network and the power supply do, at random.

use chrono::{DateTime, Duration, Utc};
use ecpayd::domain::action::Action;
use ecpayd::domain::ids::MerchantTradeNo;
use ecpayd::simulator::bank::{Kind, Paid};
use ecpayd::simulator::{Fault, FaultKind};
use fastrand::Rng;

use crate::transport::Death;

/// Without, with and again without 每日自動關帳.
pub const MERCHANTS: [&str; 3] = ["3002607", "2000132", "7654321"];

/// Orders are sold in this time; the run goes on until the last has ended.
const SALES_DAYS: i64 = 25;
pub const RUN_DAYS: i64 = 122;

#[derive(Clone, Debug)]
pub enum What {
    Sell { order: usize, kind: Kind, amount: i64, paid: Paid },
    Pay { order: usize },
    SetCapture { order: usize, word: &'static str },
    Refund { order: usize, amount: Option<i64>, key: u32 },
    Cancel { key: u32 },
    Dashboard { order: usize, action: Action, amount: i64 },
    Fault(Fault),
    Balance { merchant: usize, balance: Option<i64> },
    Die(Death),
}

#[derive(Clone, Debug)]
pub struct Event {
    pub at: DateTime<Utc>,
    pub what: What,
}

pub fn number(order: usize) -> String {
    format!("L{order:06}")
}

pub fn merchant_of(order: usize) -> &'static str {
    MERCHANTS[order % MERCHANTS.len()]
}

/// Whether somebody works on this order at ECPay's dashboard too.
pub fn has_other_hands(order: usize) -> bool {
    order % 10 == 7
}

struct Pen<'a> {
    rng: &'a mut Rng,
    events: Vec<Event>,
    keys: u32,
}

pub fn events(rng: &mut Rng, start: DateTime<Utc>, orders: usize) -> Vec<Event> {
    let mut pen = Pen { rng, events: Vec::new(), keys: 0 };
    for order in 0..orders {
        pen.life(start, order);
    }
    for day in 0..40 {
        pen.trouble(start + Duration::days(day), orders);
    }
    pen.events.sort_by_key(|e| e.at);
    pen.events
}

impl Pen<'_> {
    fn push(&mut self, at: DateTime<Utc>, what: What) {
        self.events.push(Event { at, what });
    }

    fn chance(&mut self, percent: u32) -> bool {
        self.rng.u32(0..100) < percent
    }

    /// Bad moments are likelier than they ought to be: the hours around the closing.
    fn moment(&mut self, day: DateTime<Utc>) -> DateTime<Utc> {
        let seconds = if self.chance(30) { self.rng.i64(20 * 3600..21 * 3600) } else { self.rng.i64(0..86_400) };
        day + Duration::seconds(seconds)
    }

    fn life(&mut self, start: DateTime<Utc>, order: usize) {
        let sold = self.rng.i64(0..SALES_DAYS);
        let at = self.moment(start + Duration::days(sold));
        let amount = self.rng.i64(1..5000);
        let kind = match self.rng.u32(0..100) {
            0..70 => Kind::Card,
            70..78 => Kind::Installments(3),
            78..84 => Kind::BonusPoints,
            84..92 => Kind::UnionPay,
            _ => Kind::Atm,
        };
        let late = self.chance(8);
        let paid = if late { Paid::No } else { Paid::Yes };
        self.push(at, What::Sell { order, kind, amount, paid });
        if late && self.chance(70) {
            let hours = self.rng.i64(1..60);
            self.push(at + Duration::hours(hours), What::Pay { order });
        }
        if self.chance(45) {
            let day = at + Duration::days(self.rng.i64(0..6));
            let word = *self.rng.choice(&["now", "now", "now", "hold", "auto"]).expect("a word");
            let at = self.moment(day);
            self.push(at, What::SetCapture { order, word });
        }
        for _ in 0..self.rng.u32(0..4) {
            self.refund(at, order, amount);
        }
        if has_other_hands(order) {
            let day = at + Duration::days(self.rng.i64(0..10));
            let action = *self.rng.choice(&[Action::C, Action::N, Action::R, Action::E]).expect("an action");
            let part = if action == Action::R { self.rng.i64(1..=amount) } else { amount };
            let at = self.moment(day);
            self.push(at, What::Dashboard { order, action, amount: part });
        }
    }

    fn refund(&mut self, sold: DateTime<Utc>, order: usize, amount: i64) {
        let day = sold + Duration::days(self.rng.i64(0..25));
        let at = self.moment(day).max(sold);
        let part = if self.chance(40) { None } else { Some(self.rng.i64(1..=amount + amount / 10)) };
        self.keys += 1;
        let key = self.keys;
        self.push(at, What::Refund { order, amount: part, key });
        if self.chance(10) {
            let seconds = self.rng.i64(0..7200);
            self.push(at + Duration::seconds(seconds), What::Cancel { key });
        }
        if self.chance(35) {
            let kind = self.fault();
            let action = *self.rng.choice(&[Action::R, Action::N, Action::E]).expect("an action");
            let merchant_trade_no = MerchantTradeNo::parse(&number(order)).ok();
            self.push(at, What::Fault(Fault { merchant_trade_no, ..Fault::on(action, kind) }));
        }
    }

    fn fault(&mut self) -> FaultKind {
        match self.rng.u32(0..12) {
            0..3 => FaultKind::LostBefore,
            3..6 => FaultKind::LostAfter,
            6..8 => FaultKind::Delayed { s: self.rng.u32(1..620) },
            8 => FaultKind::StatusAfter { code: 502 },
            9 => FaultKind::Html,
            10 => FaultKind::WrongKey,
            _ => FaultKind::WrongOrderNumber,
        }
    }

    fn trouble(&mut self, day: DateTime<Utc>, orders: usize) {
        // As many as there are orders to go wrong.
        for _ in 0..1 + orders / 30 {
            let at = self.moment(day);
            let calls = self.rng.u32(0..12);
            let death = if self.chance(50) { Death::Before(calls) } else { Death::After(calls) };
            self.push(at, What::Die(death));
            let at = self.moment(day);
            let kind = if self.chance(15) { FaultKind::Forbidden } else { self.fault() };
            let times = self.rng.u32(1..4);
            self.push(at, What::Fault(Fault { times, ..Fault::any(kind) }));
        }
        if self.chance(20) {
            let merchant = self.rng.usize(0..MERCHANTS.len());
            let at = self.moment(day);
            self.push(at, What::Balance { merchant, balance: Some(50) });
            let hours = self.rng.i64(1..40);
            self.push(at + Duration::hours(hours), What::Balance { merchant, balance: None });
        }
    }
}
