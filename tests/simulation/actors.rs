//! What shops, customers, hands at the dashboard and the gateway do, at random, told in advance.

use chrono::{DateTime, Duration, Utc};
use ecpayd::domain::action::Action;
use ecpayd::domain::policy::{CapturePolicy, PartialOnAuthorized, Policy};
use ecpayd::simulator::FaultKind;
use ecpayd::simulator::bank::{Kind, Paid};
use fastrand::Rng;

use crate::forms::{self, Sells};
use crate::oddity::{Odd, Strange};
use crate::subscriptions;
use crate::vouchers::Doing;

/// Without, with and again without 每日自動關帳; the last one is rate limited now and then.
pub const MERCHANTS: [&str; 3] = ["3002607", "2000132", "7654321"];
pub const AUTO_CLOSING: usize = 1;
pub const RATE_LIMITED: usize = 2;

/// Orders are sold in this time; the run goes on until the last has ended.
pub const SALES_DAYS: i64 = 25;
pub const RUN_DAYS: i64 = 122;

#[derive(Clone, Debug)]
pub enum What {
    Sell {
        order: usize,
        kind: Kind,
        amount: i64,
        paid: Paid,
        /// Nothing: the bank does not know it, or not yet.
        at_bank: bool,
        /// In how many parts it is paid, as the shop says when it registers it.
        told: Option<i64>,
    },
    /// The shop says later in how many parts an order is paid.
    Tell {
        order: usize,
        installments: i64,
    },
    Pay {
        order: usize,
    },
    SetCapture {
        order: usize,
        word: &'static str,
    },
    Refund {
        order: usize,
        amount: Option<i64>,
    },
    /// Of one charge of a subscription, in the order of their times.
    RefundCharge {
        order: usize,
        charge: usize,
        amount: Option<i64>,
    },
    /// The newest refund of the order.
    Cancel {
        order: usize,
    },
    Dashboard {
        order: usize,
        action: Action,
        amount: i64,
    },
    /// To its vouchers.
    Voucher {
        order: usize,
        doing: Doing,
    },
    Balance {
        merchant: usize,
        balance: Option<i64>,
    },
    /// Nobody is reached for so long.
    Unreachable {
        merchant: usize,
        minutes: i64,
    },
    /// The daemon is stopped, and started again so much later.
    Stop {
        minutes: i64,
    },
    /// A copy of the ledger is made.
    Copy,
    Odd(Strange),
    /// The copy is put in the ledger's place; shops write again what it lacks.
    Restore {
        minutes: i64,
    },
}

#[derive(Clone, Debug)]
pub struct Event {
    pub at: DateTime<Utc>,
    pub what: What,
}

pub fn number(order: usize) -> String {
    match subscriptions::place(order) {
        Some(place) => format!("P{place:07}"),
        None => format!("L{order:07}"),
    }
}

pub fn merchant_of(order: usize) -> usize {
    order % MERCHANTS.len()
}

/// Whether somebody works on this order at ECPay's dashboard too.
pub fn has_other_hands(order: usize) -> bool {
    order % 10 == 7 && subscriptions::place(order).is_none()
}

/// How this run's shops are set up and how bad its network is.
pub struct Habits {
    pub policy: Policy,
    pub odd: Odd,
    pub sells: [Sells; MERCHANTS.len()],
    /// Of ten thousand calls, how many a fault strikes: looks, money calls.
    pub faulty_looks: u32,
    pub faulty_money: u32,
    /// Of a million places where it may die, at how many the process does.
    pub mortality: u32,
}

impl Habits {
    pub fn draw(rng: &mut Rng, odd: Odd) -> Self {
        let capture = match rng.u32(0..20) {
            0..9 => CapturePolicy::Deadline,
            9..18 => CapturePolicy::Immediate,
            _ => CapturePolicy::Manual,
        };
        let policy = Policy {
            capture,
            partial_on_authorized: if rng.bool() { PartialOnAuthorized::Capture } else { PartialOnAuthorized::Wait },
            deadline_days: [21, 21, 14, 7][rng.usize(0..4)],
            poll_unpaid: Duration::minutes([10, 60, 60, 240, 240][rng.usize(0..5)]),
            poll_authorized: Duration::hours([24, 72, 120, 168, 168][rng.usize(0..5)]),
            poll_settling: Duration::hours([6, 12][rng.usize(0..2)]),
            ..Policy::default()
        };
        let (faulty_looks, faulty_money, mortality) = match rng.u32(0..10) {
            0 => (0, 0, 0),
            1..8 => (100, 1_500, 400),
            _ => (800, 5_000, 2_000),
        };
        let sells = std::array::from_fn(|_| Sells::draw(rng));
        Self { policy, odd, sells, faulty_looks, faulty_money, mortality }
    }
}

/// Which faults a call can have beside those that all have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Struck {
    Look,
    Money,
    Vouchers,
}

/// A fault of the network or of the gateway; all kinds that there are but an answer of 50 MB, which
/// is cut off as the one that breaks off in the middle, and the check that fails, which is one more
/// answer without an order.
pub fn fault(rng: &mut Rng, struck: Struck) -> (&'static str, FaultKind) {
    let delay_s = rng.u32(1..620);
    let ms = rng.u64(1..90_000);
    let kinds = match struck {
        Struck::Look => 12,
        Struck::Vouchers => 13,
        Struck::Money => 14,
    };
    match rng.u32(0..kinds) {
        0 => ("lost before", FaultKind::LostBefore),
        1 => ("lost after", FaultKind::LostAfter),
        2 => ("late", FaultKind::Late { ms }),
        3 => ("delayed", FaultKind::Delayed { s: delay_s }),
        4 => ("500 before", FaultKind::Status { code: 500 }),
        5 => ("502 after", FaultKind::StatusAfter { code: 502 }),
        6 => ("html", FaultKind::Html),
        7 => ("cut", FaultKind::Cut),
        8 => ("wrong key", FaultKind::WrongKey),
        9 => ("wrong order", FaultKind::WrongOrderNumber),
        10 => ("403", FaultKind::Forbidden),
        11 => ("slow", FaultKind::Slow { ms: ms / 300 }),
        _ if struck == Struck::Vouchers => ("wrong checksum", FaultKind::WrongChecksum),
        12 => ("refused", FaultKind::Refused),
        _ => ("refused, yet done", FaultKind::RefusedAfter),
    }
}

pub struct Pen<'a> {
    pub rng: &'a mut Rng,
    pub events: Vec<Event>,
}

/// The whole script, the last event first.
pub fn events(rng: &mut Rng, odd: &Odd, start: DateTime<Utc>, orders: usize) -> Vec<Event> {
    let mut pen = Pen { rng, events: Vec::new() };
    let sold: Vec<_> = (0..orders).map(|order| pen.life(start, order, odd.is_unknown(order))).collect();
    pen.oddities(odd, start, &sold);
    for day in 0..60 {
        pen.trouble(start + Duration::days(day));
    }
    if pen.chance(35) {
        let copied = start + Duration::minutes(pen.rng.i64(2 * 1440..40 * 1440));
        let restored = copied + Duration::minutes(pen.rng.i64(10..8 * 1440));
        let minutes = pen.rng.i64(0..120);
        pen.push(copied, What::Copy);
        pen.push(restored, What::Restore { minutes });
    }
    subscriptions::all(orders).for_each(|order| pen.subscription(start, order));
    pen.events.sort_by_key(|e| std::cmp::Reverse(e.at));
    pen.events
}

impl Pen<'_> {
    pub fn push(&mut self, at: DateTime<Utc>, what: What) {
        self.events.push(Event { at, what });
    }

    pub fn chance(&mut self, percent: u32) -> bool {
        self.rng.u32(0..100) < percent
    }

    /// Bad moments are likelier than they ought to be: the hour around the closing.
    pub fn moment(&mut self, day: DateTime<Utc>) -> DateTime<Utc> {
        let seconds = if self.chance(30) { self.rng.i64(20 * 3600..21 * 3600) } else { self.rng.i64(0..86_400) };
        day + Duration::seconds(seconds)
    }

    /// When it was sold, for how much.
    fn life(&mut self, start: DateTime<Utc>, order: usize, unknown: bool) -> (DateTime<Utc>, i64) {
        let sold = self.rng.i64(0..SALES_DAYS);
        let at = self.moment(start + Duration::days(sold));
        let amount = self.rng.i64(1..5000);
        let kind = match self.rng.u32(0..100) {
            0..70 => Kind::Card,
            70..78 => Kind::Installments(3),
            78..84 => Kind::BonusPoints,
            84..94 => Kind::UnionPay,
            _ => Kind::Atm,
        };
        let late = self.chance(6) && !unknown;
        let paid = match self.rng.u32(0..10) {
            _ if !late => Paid::Yes,
            0 => Paid::BankPending,
            1 => Paid::Unauthorized,
            _ => Paid::No,
        };
        let told = self.told(at, order, kind);
        self.push(at, What::Sell { order, kind, amount, paid, at_bank: !unknown, told });
        let mut paid_at = Some(at).filter(|_| !late);
        if late && self.chance(80) {
            let later = at + Duration::hours(self.rng.i64(1..60));
            self.push(later, What::Pay { order });
            paid_at = Some(later);
        }
        if self.chance(45) {
            let day = at + Duration::days(self.rng.i64(0..6));
            let word = ["now", "now", "now", "now", "now", "now", "hold", "auto"][self.rng.usize(0..8)];
            let at = self.moment(day);
            self.push(at, What::SetCapture { order, word });
        }
        let refunds = [0, 0, 1, 1, 2, 3][self.rng.usize(0..6)];
        let refunds: Vec<_> = (0..refunds).map(|_| self.refund(at, order, amount)).collect();
        self.vouchers(order, amount, paid_at, &refunds);
        if has_other_hands(order) {
            let day = at + Duration::days(self.rng.i64(0..10));
            let action = [Action::C, Action::N, Action::R, Action::E][self.rng.usize(0..4)];
            let part = if action == Action::R { self.rng.i64(1..=amount) } else { amount };
            let at = self.moment(day);
            self.push(at, What::Dashboard { order, action, amount: part });
        }
        (at, amount)
    }

    /// What its shop says of an order's installments from the beginning on; or later, or never.
    fn told(&mut self, sold: DateTime<Utc>, order: usize, kind: Kind) -> Option<i64> {
        let installments = forms::told(self.rng, kind);
        match self.rng.u32(0..10) {
            0..2 => Some(installments),
            2..4 => {
                let later = sold + Duration::minutes(self.rng.i64(1..5 * 1440));
                self.push(later, What::Tell { order, installments });
                None
            }
            _ => None,
        }
    }

    fn refund(&mut self, sold: DateTime<Utc>, order: usize, amount: i64) -> DateTime<Utc> {
        let day = sold + Duration::days(self.rng.i64(0..25));
        let at = self.moment(day).max(sold);
        let part = if self.chance(40) { None } else { Some(self.rng.i64(1..=amount + amount / 10)) };
        self.push(at, What::Refund { order, amount: part });
        if self.chance(10) {
            let seconds = self.rng.i64(0..7200);
            self.push(at + Duration::seconds(seconds), What::Cancel { order });
        }
        at
    }

    fn trouble(&mut self, day: DateTime<Utc>) {
        let merchant = self.rng.usize(0..MERCHANTS.len());
        if self.chance(20) {
            let at = self.moment(day);
            self.push(at, What::Balance { merchant, balance: Some(50) });
            let hours = self.rng.i64(1..40);
            self.push(at + Duration::hours(hours), What::Balance { merchant, balance: None });
        }
        if self.chance(10) {
            let (at, minutes) = (self.moment(day), self.rng.i64(1..300));
            self.push(at, What::Unreachable { merchant, minutes });
        }
        if self.chance(10) {
            let (at, minutes) = (self.moment(day), self.rng.i64(0..180));
            self.push(at, What::Stop { minutes });
        }
    }
}
