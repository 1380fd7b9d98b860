//! What goes wrong beside the network: a bank that acts late or takes back, orders that alone are
//! in trouble, clocks, settings and people that are not as they should be.

use std::collections::HashSet;

use chrono::{DateTime, Duration, Utc};
use ecpayd::domain::action::Action;
use ecpayd::domain::ids::MerchantTradeNo;
use ecpayd::domain::pause::PauseOf;
use ecpayd::simulator::bank::{Kind, Paid, Undo, Undone};
use ecpayd::simulator::{Fault, FaultKind, Meanwhile, OnCall, SimHandle};
use fastrand::Rng;

use crate::actors::{MERCHANTS, Pen, What, has_other_hands, merchant_of, number};
use crate::hands::{Hands, Shop, names};
use crate::vouchers;

/// One kind of it; a world has some of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, clap::ValueEnum)]
pub enum Oddity {
    /// An action that is refused, or not answered, takes effect within ten minutes.
    LateEffects,
    /// The bank takes a refund back.
    UndoneRefunds,
    /// The bank takes a capture back.
    UndoneCaptures,
    /// Captures are not claimed from the bank for weeks.
    Unclaimed,
    /// The looks of one order fail, for a time or for ever.
    LoneFailures,
    /// One order alone brings 403.
    LoneSilences,
    /// A payment word on no page, a card that is not found at first, a status that contradicts.
    OddAnswers,
    /// The shop has mistyped a number, or registers it long before it is one.
    UnknownNumbers,
    /// The daemon's clock runs ahead, and is put right.
    SetClocks,
    /// A merchant is paused for days.
    Pauses,
    /// A merchant is not in the settings for days.
    MissingMerchants,
    /// The shop expects another amount than was paid.
    DifferingAmounts,
    /// A person says what the dashboard showed before the last effect came.
    StaleWords,
    /// Shops write where they should not.
    Trespasses,
}

impl Oddity {
    pub const ALL: [Self; 14] = [
        Self::LateEffects,
        Self::UndoneRefunds,
        Self::UndoneCaptures,
        Self::Unclaimed,
        Self::LoneFailures,
        Self::LoneSilences,
        Self::OddAnswers,
        Self::UnknownNumbers,
        Self::SetClocks,
        Self::Pauses,
        Self::MissingMerchants,
        Self::DifferingAmounts,
        Self::StaleWords,
        Self::Trespasses,
    ];

    /// Those that lives are played with unless others are named.
    pub const USUAL: &[Self] = &Self::ALL;

    /// Of a hundred worlds, so many have one that is played.
    pub const OFTEN: u32 = 35;
}

/// What is unlike other worlds in this one.
#[derive(Clone, Debug)]
pub struct Odd {
    has: HashSet<Oddity>,
    /// Orders that the shop has mistyped, or registers long before they are sold.
    unknown: HashSet<usize>,
    rng: Rng,
}

impl Odd {
    pub fn draw(rng: &mut Rng, played: &[Oddity], often: u32, orders: usize) -> Self {
        let mut rng = Rng::with_seed(rng.u64(..));
        let drawn = Oddity::ALL.into_iter().filter(|_| rng.u32(0..100) < often);
        let has: HashSet<Oddity> = drawn.collect::<Vec<_>>().into_iter().filter(|o| played.contains(o)).collect();
        let plain = |order: &usize| !has_other_hands(*order) && vouchers::part(*order).is_none();
        let unknown = (0..orders).filter(plain).filter(|_| rng.u32(0..100) < 3).collect();
        let unknown = if has.contains(&Oddity::UnknownNumbers) { unknown } else { HashSet::new() };
        Self { has, unknown, rng }
    }

    pub fn has(&self, oddity: Oddity) -> bool {
        self.has.contains(&oddity)
    }

    pub fn is_unknown(&self, order: usize) -> bool {
        self.unknown.contains(&order)
    }
}

/// What a person stops, and until when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Paused {
    pub only: Option<PauseOf>,
    pub until: Option<DateTime<Utc>>,
}

#[derive(Clone, Debug)]
pub enum Strange {
    /// The bank sells an order that its shop has registered before.
    Begin {
        order: usize,
        kind: Kind,
        amount: i64,
    },
    /// Calls about the order are struck, for so many minutes or for ever.
    Trouble {
        order: usize,
        call: OnCall,
        kind: FaultKind,
        minutes: Option<i64>,
    },
    /// Its next call of this kind is, and a hand gives NT$1 back while it is on its way.
    Confuse {
        order: usize,
        fault: Fault,
    },
    Says {
        order: usize,
        status: Option<&'static str>,
    },
    PaidBy {
        order: usize,
        word: Option<&'static str>,
    },
    TakeBack {
        order: usize,
        what: Undone,
        vanishes: bool,
    },
    Claims {
        merchant: usize,
        claims: bool,
    },
    Expect {
        order: usize,
        amount: Option<i64>,
    },
    Trespass {
        order: usize,
        statement: usize,
    },
    Pause {
        merchant: usize,
        pause: Option<Paused>,
    },
    Missing {
        merchant: Option<usize>,
    },
    Clock {
        ahead: Duration,
    },
}

impl Strange {
    pub fn word(&self) -> &'static str {
        match self {
            Self::Begin { .. } => "registered before its sale",
            Self::Trouble { kind: FaultKind::Forbidden, .. } => "alone brings 403",
            Self::Trouble { kind: FaultKind::NotFound, .. } => "not found at first",
            Self::Trouble { .. } => "alone fails",
            Self::Confuse { .. } => "a word to come late",
            Self::Says { .. } => "says another status",
            Self::PaidBy { .. } => "paid by an unlisted word",
            Self::TakeBack { .. } => "tried to take back",
            Self::Claims { .. } => "claims stop or go on",
            Self::Expect { .. } => "another amount expected",
            Self::Trespass { .. } => "trespass",
            Self::Pause { .. } => "pause or resume",
            Self::Missing { .. } => "merchant missing or back",
            Self::Clock { .. } => "clock set",
        }
    }
}

/// Words that no page lists, or that contradict what was seen before.
const SAID: [&str; 4] = ["Settling", "Bank chargeback in progress", "Unauthorized", "未授權"];

impl Pen<'_> {
    /// Everything odd of a world, and when it happens.
    pub fn oddities(&mut self, odd: &Odd, start: DateTime<Utc>, sold: &[(DateTime<Utc>, i64)]) {
        let mut rng = odd.rng.clone();
        let mut pen = Pen { rng: &mut rng, events: Vec::new() };
        for (order, (at, amount)) in sold.iter().enumerate() {
            pen.odd_life(odd, *at, order, *amount);
        }
        for merchant in 0..MERCHANTS.len() {
            pen.odd_merchant(odd, start, merchant);
        }
        if odd.has(Oddity::LoneFailures) && pen.chance(50) {
            pen.some_fail_together(start, sold);
        }
        if odd.has(Oddity::MissingMerchants) {
            let merchant = pen.rng.usize(0..MERCHANTS.len());
            let (from, days) = (pen.within(start, 45 * 1440), pen.rng.i64(1..30));
            pen.odd(from, Strange::Missing { merchant: Some(merchant) });
            pen.odd(from + Duration::days(days), Strange::Missing { merchant: None });
        }
        if odd.has(Oddity::SetClocks) {
            let from = pen.within(start, 40 * 1440);
            let ahead =
                [Duration::hours(1), Duration::hours(9), Duration::days(2), Duration::days(30)][pen.rng.usize(0..4)];
            pen.push(from, What::Stop { minutes: 1 });
            pen.odd(from, Strange::Clock { ahead });
            let right = pen.within(from, 2 * 1440);
            pen.odd(right, Strange::Clock { ahead: Duration::zero() });
        }
        self.events.append(&mut pen.events);
    }

    fn odd(&mut self, at: DateTime<Utc>, strange: Strange) {
        self.push(at, What::Odd(strange));
    }

    fn within(&mut self, from: DateTime<Utc>, minutes: i64) -> DateTime<Utc> {
        from + Duration::minutes(self.rng.i64(1..minutes))
    }

    /// A few orders of one merchant fail from the same hour on, each with a refund: as if it were the
    /// gateway, which answers for all others.
    fn some_fail_together(&mut self, start: DateTime<Utc>, sold: &[(DateTime<Utc>, i64)]) {
        let (merchant, from) = (self.rng.usize(0..MERCHANTS.len()), self.within(start, 22 * 1440));
        let theirs = (0..sold.len()).filter(|order| merchant_of(*order) == merchant && sold[*order].0 < from);
        let minutes = Some([3, 14][self.rng.usize(0..2)] * 1440);
        for order in theirs.take(4) {
            let kind = FaultKind::Status { code: 503 };
            self.odd(from, Strange::Trouble { order, call: OnCall::Any, kind, minutes });
            let at = from + Duration::seconds(self.rng.i64(1..600));
            self.push(at, What::Refund { order, amount: None });
        }
    }

    fn odd_merchant(&mut self, odd: &Odd, start: DateTime<Utc>, merchant: usize) {
        if odd.has(Oddity::Pauses) && self.chance(60) {
            let (from, days) = (self.within(start, 40 * 1440), self.rng.i64(1..25));
            let end = from + Duration::days(days);
            let only = [None, Some(PauseOf::Capture), Some(PauseOf::Refund)][usize::try_from(days % 3).expect("small")];
            // Every other one ends by itself as well.
            let until = (days % 2 == 0).then_some(end);
            self.odd(from, Strange::Pause { merchant, pause: Some(Paused { only, until }) });
            self.odd(end, Strange::Pause { merchant, pause: None });
        }
        if odd.has(Oddity::Unclaimed) && self.chance(60) {
            let (from, days) = (self.within(start, 30 * 1440), self.rng.i64(1..40));
            self.odd(from, Strange::Claims { merchant, claims: false });
            self.odd(from + Duration::days(days), Strange::Claims { merchant, claims: true });
        }
    }

    fn odd_life(&mut self, odd: &Odd, sold: DateTime<Utc>, order: usize, amount: i64) {
        if odd.is_unknown(order) {
            return self.unknown_life(sold, order, amount);
        }
        if odd.has(Oddity::LoneFailures) && self.chance(12) {
            let kinds = [FaultKind::Status { code: 500 }, FaultKind::Html, FaultKind::Cut, FaultKind::WrongKey];
            let kind = kinds[self.rng.usize(0..kinds.len())];
            let at = self.trouble_alone(sold, order, kind);
            if self.chance(40) {
                let at = self.within(at, 120);
                self.push(at, What::Refund { order, amount: None });
            }
        }
        if odd.has(Oddity::LoneSilences) && self.chance(3) {
            self.trouble_alone(sold, order, FaultKind::Forbidden);
        }
        if odd.has(Oddity::OddAnswers) {
            self.odd_answers(sold, order);
        }
        for (oddity, what, percent) in
            [(Oddity::UndoneRefunds, Undone::Refund, 30), (Oddity::UndoneCaptures, Undone::Capture, 5)]
        {
            if odd.has(oddity) && self.chance(percent) && !has_other_hands(order) {
                let (at, vanishes) = (self.within(sold, 30 * 1440), self.rng.bool());
                self.odd(at, Strange::TakeBack { order, what, vanishes });
            }
        }
        if odd.has(Oddity::DifferingAmounts) && self.chance(5) {
            self.odd(sold + Duration::seconds(1), Strange::Expect { order, amount: Some(amount + 1) });
            if self.chance(60) {
                let (at, amount) = (self.within(sold, 30 * 1440), Some(amount).filter(|_| self.rng.bool()));
                self.odd(at, Strange::Expect { order, amount });
            }
        }
        if odd.has(Oddity::StaleWords) && self.chance(60) && has_other_hands(order) && amount > 8 {
            self.stale_word(sold, order, amount);
        }
        if odd.has(Oddity::Trespasses) {
            for _ in 0..self.rng.usize(0..3) {
                let (at, statement) = (self.within(sold, 60 * 1440), self.rng.usize(..));
                self.odd(at, Strange::Trespass { order, statement });
            }
        }
    }

    /// A part is refunded, and its call is not answered; a hand gives something else back meanwhile, so
    /// that a person is asked; the call takes effect when everybody believes that it has not.
    fn stale_word(&mut self, sold: DateTime<Utc>, order: usize, amount: i64) {
        self.push(sold + Duration::minutes(1), What::SetCapture { order, word: "now" });
        let s = self.rng.u32(1300..30_000);
        let late = of_order(order, Action::R, FaultKind::EffectLater { s, answer: Meanwhile::Nothing });
        self.odd(sold + Duration::minutes(2), Strange::Confuse { order, fault: late });
        let at = sold + Duration::days(2) + Duration::minutes(self.rng.i64(0..1440));
        self.push(at, What::Refund { order, amount: Some(amount / 4) });
    }

    fn unknown_life(&mut self, registered: DateTime<Utc>, order: usize, amount: i64) {
        if self.chance(40) {
            let at = self.within(registered, 6 * 1440);
            self.odd(at, Strange::Begin { order, kind: Kind::Card, amount });
        }
    }

    /// When it begins.
    fn trouble_alone(&mut self, sold: DateTime<Utc>, order: usize, kind: FaultKind) -> DateTime<Utc> {
        let call = [OnCall::Any, OnCall::CardDetail, OnCall::QueryOrder][self.rng.usize(0..3)];
        let minutes = [Some(120), Some(1440), Some(6 * 1440), Some(24 * 1440), None][self.rng.usize(0..5)];
        // From the sale on, or once the ledger knows the order.
        let at = if self.chance(30) { sold } else { self.within(sold, 20 * 1440) };
        self.odd(at, Strange::Trouble { order, call, kind, minutes });
        at
    }

    fn odd_answers(&mut self, sold: DateTime<Utc>, order: usize) {
        let soon = sold + Duration::seconds(1);
        if self.chance(5) {
            self.odd(soon, Strange::PaidBy { order, word: Some("NewPay_Card") });
        }
        if self.chance(8) {
            let not_found = FaultKind::NotFound;
            let minutes = [1, 30, 600, 3000][self.rng.usize(0..4)];
            self.odd(
                sold,
                Strange::Trouble { order, call: OnCall::CardDetail, kind: not_found, minutes: Some(minutes) },
            );
        }
        if self.chance(4) {
            let (from, status) = (self.within(sold, 20 * 1440), SAID[self.rng.usize(0..SAID.len())]);
            self.odd(from, Strange::Says { order, status: Some(status) });
            if self.chance(70) {
                let at = self.within(from, 20 * 1440);
                self.odd(at, Strange::Says { order, status: None });
            }
        }
    }
}

/// An action that takes effect before its request has grown too old, whatever its caller hears.
pub fn late_effect(rng: &mut Rng) -> FaultKind {
    let s = match rng.u32(0..3) {
        0 => rng.u32(1..5),
        1 => rng.u32(5..120),
        _ => rng.u32(120..600),
    };
    let answer = [Meanwhile::Refused, Meanwhile::Refused, Meanwhile::Bare, Meanwhile::Nothing][rng.usize(0..4)];
    FaultKind::EffectLater { s, answer }
}

fn of_order(order: usize, action: Action, kind: FaultKind) -> Fault {
    Fault { merchant_trade_no: MerchantTradeNo::parse(&number(order)).ok(), ..Fault::on(action, kind) }
}

impl Shop {
    pub fn befell(&mut self, what: &'static str) {
        *self.strange.entry(what).or_default() += 1;
    }
}

impl Hands {
    /// What of it happens at the bank or in the shop.
    pub fn strange(&self, shop: &mut Shop, what: Strange, at: DateTime<Utc>) {
        shop.befell(what.word());
        match what {
            Strange::Begin { order, kind, amount } => self.sell_at_bank(order, kind, amount, Paid::Yes, at),
            Strange::Trouble { order, call, kind, minutes } => {
                shop.odd_ones.insert(order);
                let until = minutes.map(|minutes| at + Duration::minutes(minutes));
                if until.is_none() {
                    shop.in_trouble.insert(order);
                }
                let merchant_trade_no = Some(names(order).1);
                let fault = Fault { call, merchant_trade_no, times: Fault::ENDLESS, until, ..Fault::any(kind) };
                self.bank.strike(fault);
            }
            Strange::Confuse { order, fault } => {
                shop.odd_ones.insert(order);
                shop.confused.insert(order);
                self.bank.strike(fault);
            }
            Strange::Says { order, status } => {
                shop.odd_ones.insert(order);
                match status {
                    Some(_) => shop.misnamed.insert(order),
                    None => shop.misnamed.remove(&order),
                };
                let (id, no) = names(order);
                self.bank.with_bank(|bank, _| bank.say(&id, &no, status)).expect("an order that was sold");
            }
            Strange::PaidBy { order, word } => {
                shop.odd_ones.insert(order);
                let (id, no) = names(order);
                self.bank.with_bank(|bank, _| bank.say_paid_by(&id, &no, word)).expect("an order that was sold");
            }
            Strange::TakeBack { order, what, vanishes } => {
                shop.odd_ones.insert(order);
                if take_back(&self.bank, order, what, vanishes) {
                    shop.befell(if what == Undone::Refund { "refund taken back" } else { "capture taken back" });
                }
            }
            Strange::Claims { merchant, claims } => {
                let id = ecpayd::domain::ids::MerchantId::parse(MERCHANTS[merchant]).expect("an id");
                let change = self.bank.with_bank(|bank, now| bank.change_terms(&id, now, |t| t.claims = claims));
                change.expect("a merchant");
            }
            Strange::Expect { order, amount } => shop.expect_amount(order, amount),
            Strange::Trespass { order, statement } => shop.trespass(order, statement, at),
            Strange::Pause { .. } | Strange::Missing { .. } | Strange::Clock { .. } => {
                unreachable!("the world does these")
            }
        }
    }
}

/// Refunds within eight days, so that a daemon that looks again for ten can see it.
fn take_back(bank: &SimHandle, order: usize, what: Undone, vanishes: bool) -> bool {
    let (id, no) = names(order);
    bank.with_bank(|bank, now| {
        let young = |at: DateTime<Utc>| now - at < Duration::days(8);
        let action = if what == Undone::Refund { Action::R } else { Action::C };
        let last = bank.actions_of(&id, &no).filter(|a| a.effect && a.action == action).last().map(|a| a.at);
        // Nothing to take back where it was taken back before.
        last.is_some_and(young) && bank.undo(&id, &no, &Undo { vanishes, ..Undo::of(what) }, now).is_ok()
    })
}
