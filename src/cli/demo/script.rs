//! What the shop, its customers and the network do, and when.

use chrono::{DateTime, Duration, Utc};

use crate::domain::action::Action;
use crate::simulator::bank::{Kind, Paid};
use crate::simulator::{Fault, FaultKind};

/// Merchant without and with 每日自動關帳; both are ECPay's public stage merchants.
pub(super) const PLAIN: &str = "3002607";
pub(super) const CLOSING: &str = "2000132";

/// Ordinary orders beside the stories, so that the stories do not have the gateway to themselves.
const ORDINARY: i64 = 150;

pub(super) struct Event {
    pub at: DateTime<Utc>,
    pub words: Option<String>,
    pub what: What,
}

pub(super) enum What {
    Sell {
        merchant: &'static str,
        no: String,
        amount: i64,
        kind: Kind,
        paid: Paid,
        story: &'static str,
    },
    Capture(String),
    Hold(String),
    Refund {
        merchant: &'static str,
        no: String,
        amount: Option<i64>,
    },
    Cancel {
        no: String,
    },
    Fault(Fault),
    Balance(Option<i64>),
    /// By card, as tickets of one price.
    SellVouchers {
        no: String,
        count: usize,
        each: i64,
        story: &'static str,
    },
    /// Customers use so many tickets.
    Redeem {
        no: String,
        count: usize,
    },
    /// So many unused tickets are refunded at ECTicket.
    TakeBack {
        no: String,
        count: usize,
    },
    /// A refund that the ledger refuses at the INSERT.
    Overdraw {
        merchant: &'static str,
        no: String,
        amount: i64,
    },
}

struct Writer {
    start: DateTime<Utc>,
    events: Vec<Event>,
}

/// The whole story, by time.
pub(super) fn story(start: DateTime<Utc>) -> Vec<Event> {
    let mut w = Writer { start, events: Vec::new() };
    captures(&mut w);
    refunds(&mut w);
    limits_of_refunds(&mut w);
    troubles(&mut w);
    closings(&mut w);
    vouchers(&mut w);
    for n in 0..ORDINARY {
        let at = (n * 83 / ORDINARY, 8 + n % 12, n * 7 % 60);
        w.sell(at, PLAIN, &format!("S{:03}", n + 1), 200 + n * 37 % 4800, Kind::Card, "");
        if n % 3 == 0 {
            w.quiet((at.0 + 2, at.1, at.2), What::Capture(format!("S{:03}", n + 1)));
        }
    }
    w.events.sort_by_key(|e| e.at);
    w.events
}

fn captures(w: &mut Writer) {
    w.sell((0, 9, 0), PLAIN, "CAP1", 1280, Kind::Card, "nobody touches it: captured a day before the limit");
    w.sell((0, 9, 30), PLAIN, "CAP2", 3200, Kind::Card, "captured when it was shipped");
    w.say((2, 15, 0), "ships CAP2: capture = 'now'", What::Capture("CAP2".into()));
    w.sell((0, 10, 0), PLAIN, "HOLD1", 9900, Kind::Card, "held: alerts from day 60 on, abandoned by ECPay at day 90");
    w.say((0, 10, 1), "holds HOLD1: capture = 'hold'", What::Hold("HOLD1".into()));
    w.sell_as((0, 11, 0), "UNPAID1", 760, Paid::No, "never paid: no longer asked about after 30 days");
}

fn refunds(w: &mut Writer) {
    w.sell((1, 9, 0), PLAIN, "VOID1", 1500, Kind::Card, "full refund while authorized: N");
    w.refund((1, 16, 0), PLAIN, "VOID1", None, "refunds all of VOID1, which is only authorized");
    w.sell((2, 9, 0), PLAIN, "BACK1", 2400, Kind::Card, "full refund of a capture not yet claimed: E, then N");
    w.say((2, 10, 0), "ships BACK1", What::Capture("BACK1".into()));
    w.refund((2, 14, 0), PLAIN, "BACK1", None, "refunds all of BACK1, whose capture is under way");
    w.sell((3, 9, 0), PLAIN, "PART1", 1800, Kind::Card, "two parts, then the rest: R, R, R");
    w.say((3, 10, 0), "ships PART1", What::Capture("PART1".into()));
    w.refund((3, 12, 0), PLAIN, "PART1", Some(300), "refunds 300 of PART1");
    w.refund((6, 12, 0), PLAIN, "PART1", Some(500), "refunds 500 more of PART1");
    w.refund((8, 12, 0), PLAIN, "PART1", None, "refunds what is left of PART1");
    w.sell((4, 9, 0), PLAIN, "PART2", 2000, Kind::Card, "a part while authorized: waits for the capture, then R");
    w.refund((5, 9, 0), PLAIN, "PART2", Some(150), "refunds 150 of PART2, which is only authorized");
}

fn limits_of_refunds(w: &mut Writer) {
    w.sell(
        (5, 9, 0),
        PLAIN,
        "INST1",
        6000,
        Kind::Installments(3),
        "installments: a part is rejected, the whole goes back",
    );
    w.say((5, 10, 0), "ships INST1", What::Capture("INST1".into()));
    w.refund((7, 10, 0), PLAIN, "INST1", Some(1000), "refunds 1000 of INST1, an installment order");
    w.refund((7, 11, 0), PLAIN, "INST1", None, "refunds all of INST1");
    w.sell(
        (5, 9, 30),
        PLAIN,
        "BONUS1",
        3300,
        Kind::BonusPoints,
        "paid with bonus points: a part is rejected, N gives all back",
    );
    w.refund((5, 18, 0), PLAIN, "BONUS1", Some(300), "refunds 300 of BONUS1, paid with bonus points");
    w.refund((5, 18, 30), PLAIN, "BONUS1", None, "refunds all of BONUS1");
    w.sell((6, 8, 0), PLAIN, "MORE1", 500, Kind::Card, "asked for more than its amount: refused at the INSERT");
    w.say(
        (6, 8, 30),
        "refunds 501 of MORE1, which cost 500",
        What::Overdraw { merchant: PLAIN, no: "MORE1".into(), amount: 501 },
    );
    w.sell((6, 9, 0), PLAIN, "UNION1", 880, Kind::UnionPay, "UnionPay: cannot be called back, so R once captured");
    w.refund((6, 9, 30), PLAIN, "UNION1", None, "refunds all of UNION1, captured at its authorization");
    w.sell((7, 9, 0), PLAIN, "ATM1", 450, Kind::Atm, "paid by ATM: the gateway has no refund for it");
    w.refund((8, 9, 0), PLAIN, "ATM1", None, "refunds ATM1, which was paid at an ATM");
    w.sell((8, 9, 0), PLAIN, "WITHDRAW", 999, Kind::Card, "the shop takes its refund back in time");
    w.refund((9, 20, 20), PLAIN, "WITHDRAW", None, "refunds WITHDRAW, inside the closing window");
    w.say((9, 20, 25), "cancels the refund of WITHDRAW", What::Cancel { no: "WITHDRAW".into() });
}

fn troubles(w: &mut Writer) {
    w.sell((10, 9, 0), PLAIN, "LOST1", 1000, Kind::Card, "R took effect, its answer never came: not sent again");
    w.say((10, 10, 0), "ships LOST1", What::Capture("LOST1".into()));
    w.say((12, 11, 0), "(the network will lose an answer)", What::Fault(on("LOST1", Action::R, FaultKind::LostAfter)));
    w.refund((12, 11, 1), PLAIN, "LOST1", Some(400), "refunds 400 of LOST1");
    w.sell((11, 9, 0), PLAIN, "LOST2", 1000, Kind::Card, "R never arrived: sent again once it surely cannot arrive");
    w.say((11, 10, 0), "ships LOST2", What::Capture("LOST2".into()));
    w.say((13, 11, 0), "(the network will lose a request)", What::Fault(on("LOST2", Action::R, FaultKind::LostBefore)));
    w.refund((13, 11, 1), PLAIN, "LOST2", Some(400), "refunds 400 of LOST2");
    w.sell((12, 9, 0), PLAIN, "LATE1", 1100, Kind::Card, "R arrived five minutes after its answer was given up");
    w.say((12, 10, 0), "ships LATE1", What::Capture("LATE1".into()));
    w.say(
        (14, 11, 0),
        "(a request will dawdle for five minutes)",
        What::Fault(on("LATE1", Action::R, FaultKind::Delayed { s: 300 })),
    );
    w.refund((14, 11, 1), PLAIN, "LATE1", None, "refunds all of LATE1");
    w.sell((15, 9, 0), PLAIN, "LIMIT1", 700, Kind::Card, "ECPay limits the rate (403): half an hour of silence");
    w.say((15, 14, 0), "(ECPay will answer 403)", What::Fault(Fault::any(FaultKind::Forbidden)));
    w.refund((15, 14, 1), PLAIN, "LIMIT1", None, "refunds all of LIMIT1");
    w.sell((16, 9, 0), PLAIN, "SHORT1", 5000, Kind::Card, "the ECPay balance was too small: retried, with an alert");
    w.say((16, 10, 0), "ships SHORT1", What::Capture("SHORT1".into()));
    w.say((18, 9, 0), "(the ECPay balance sinks to 100)", What::Balance(Some(100)));
    w.refund((18, 9, 30), PLAIN, "SHORT1", Some(2000), "refunds 2000 of SHORT1");
    w.say((18, 22, 0), "pays into its ECPay balance", What::Balance(None));
}

fn closings(w: &mut Writer) {
    w.sell((20, 14, 0), CLOSING, "AUTO1", 650, Kind::Card, "ECPay's own daily closing captured it");
    w.sell(
        (20, 14, 30),
        CLOSING,
        "AUTO2",
        1350,
        Kind::Card,
        "refund asked for at 20:14: not begun before the closing; captured by it, then E, N",
    );
    w.refund((20, 20, 14), CLOSING, "AUTO2", None, "refunds all of AUTO2, a minute before the closing");
    w.sell((21, 9, 0), PLAIN, "DUSK1", 1450, Kind::Card, "E and N would run into the window: both after it");
    w.say((21, 10, 0), "ships DUSK1", What::Capture("DUSK1".into()));
    w.refund((21, 20, 13), PLAIN, "DUSK1", None, "refunds all of DUSK1, two minutes before the window");
}

fn vouchers(w: &mut Writer) {
    let stay = || "STAY1".to_owned();
    let story = "vouchers, half of them redeemed: no more than the other half goes back";
    let words = "sells STAY1, four vouchers of NT$1200, by card";
    w.say((22, 9, 0), words, What::SellVouchers { no: stay(), count: 4, each: 1200, story });
    w.say((22, 10, 0), "sends the vouchers of STAY1: capture = 'now'", What::Capture(stay()));
    w.say((25, 15, 0), "(guests redeem two vouchers of STAY1)", What::Redeem { no: stay(), count: 2 });
    w.refund((26, 11, 0), PLAIN, "STAY1", None, "refunds all of STAY1");
    w.say((26, 11, 30), "takes the two unused vouchers back at ECTicket", What::TakeBack { no: stay(), count: 2 });
    w.refund((26, 11, 40), PLAIN, "STAY1", Some(2400), "refunds 2400 of STAY1");
}

fn on(no: &str, action: Action, kind: FaultKind) -> Fault {
    let merchant_trade_no = crate::domain::ids::MerchantTradeNo::parse(no).ok();
    Fault { merchant_trade_no, ..Fault::on(action, kind) }
}

impl Writer {
    fn push(&mut self, (day, hour, minute): (i64, i64, i64), words: Option<String>, what: What) {
        let at = self.start + Duration::days(day) + Duration::hours(hour) + Duration::minutes(minute);
        self.events.push(Event { at, words, what });
    }

    fn quiet(&mut self, at: (i64, i64, i64), what: What) {
        self.push(at, None, what);
    }

    fn say(&mut self, at: (i64, i64, i64), words: &str, what: What) {
        self.push(at, Some(words.to_owned()), what);
    }

    fn sell(
        &mut self,
        at: (i64, i64, i64),
        merchant: &'static str,
        no: &str,
        amount: i64,
        kind: Kind,
        story: &'static str,
    ) {
        let words = (!story.is_empty()).then(|| format!("sells {no} for NT${amount}"));
        self.push(at, words, What::Sell { merchant, no: no.to_owned(), amount, kind, paid: Paid::Yes, story });
    }

    fn sell_as(&mut self, at: (i64, i64, i64), no: &str, amount: i64, paid: Paid, story: &'static str) {
        let what = What::Sell { merchant: PLAIN, no: no.to_owned(), amount, kind: Kind::Card, paid, story };
        self.push(at, Some(format!("sells {no} for NT${amount}, not paid yet")), what);
    }

    fn refund(&mut self, at: (i64, i64, i64), merchant: &'static str, no: &str, amount: Option<i64>, words: &str) {
        self.say(at, words, What::Refund { merchant, no: no.to_owned(), amount });
    }
}
