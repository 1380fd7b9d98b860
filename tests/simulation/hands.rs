//! The shops' own connection to the ledger, and the hands at ECPay's dashboard.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Duration, Utc};
use ecpayd::domain::action::Action;
use ecpayd::domain::ids::{MerchantId, MerchantTradeNo};
use ecpayd::domain::money::Twd;
use ecpayd::simulator::SimHandle;
use ecpayd::simulator::bank::{Ask, By, Kind, NewOrder, Paid};
use fastrand::Rng;

use crate::actors::{MERCHANTS, What, has_other_hands, merchant_of, number};
use crate::books::{self, OrderBook};
use crate::due::{self, Due};
use crate::ledger::{AddOrder, AddRefund, LedgerHandle, Refused, Row};
use crate::subscriptions;
use crate::vouchers::{self, Part};

pub struct Hands {
    pub bank: SimHandle,
    shop: Mutex<Shop>,
    /// From then on tickets stay as they are, so that the last looks show the end.
    quiet_from: DateTime<Utc>,
}

/// What shops wrote, as they remember it.
pub struct Shop {
    pub ledger: LedgerHandle,
    pub rng: Rng,
    /// Orders that the ledger took.
    pub orders: Vec<usize>,
    /// Refunds that the ledger took: the key's number is the place; of which order, how much.
    pub refunds: Vec<(usize, Option<i64>)>,
    /// When each was written first, by the bank's clock.
    pub written: Vec<DateTime<Utc>>,
    /// In how many parts an order is paid, as the shop has said, and since when.
    pub told: HashMap<usize, (i64, DateTime<Utc>)>,
    /// Recurring orders that the ledger took.
    pub subscriptions: Vec<usize>,
    /// Refunds of later charges, by key: ECPay's number of the charge.
    pub charges: HashMap<usize, String>,
    /// Since when a ledger that is lost had a row for a later charge, by the numbers of both.
    pub followed_then: HashMap<(String, String), DateTime<Utc>>,
    /// Refunds of charges whose row is not there yet.
    pub too_early: Vec<(usize, String, Option<i64>)>,
    /// Orders whose vouchers the ledger took.
    pub vouchers: Vec<usize>,
    /// Since when vouchers no longer hold back the refunds of an order.
    pub unguarded: HashMap<usize, DateTime<Utc>>,
    /// Keys that a restored copy did not take again, because of others that it takes for open.
    pub given_up: HashSet<usize>,
    /// Keys whose cancellation the ledger took.
    pub canceled: HashSet<usize>,
    /// Orders whose capture was held back, released or asked for.
    pub steered: HashSet<usize>,
    /// Orders that no look shows as they are, till the end.
    pub in_trouble: HashSet<usize>,
    /// Orders whose status the bank names otherwise.
    pub misnamed: HashSet<usize>,
    /// Orders about which the bank answers oddly, or did for a time.
    pub odd_ones: HashSet<usize>,
    /// Orders of which a hand gives NT$1 back while the next refund is on its way.
    pub confused: HashSet<usize>,
    /// Orders that the ledger does not take as long as their merchant is missing.
    pub postponed: Vec<usize>,
    /// Not in the settings of the daemon.
    pub missing: Option<usize>,
    /// What befell it that is odd, counted.
    pub strange: BTreeMap<&'static str, u64>,
    /// What the ledger should not have taken.
    pub wrong: Vec<String>,
    pub refused: u64,
    pub meddled: u64,
    pub by_hand: u64,
}

impl Hands {
    pub fn new(bank: SimHandle, ledger: LedgerHandle, seed: u64, quiet_from: DateTime<Utc>) -> Self {
        let rng = Rng::with_seed(seed);
        let shop = Shop {
            ledger,
            rng,
            orders: Vec::new(),
            refunds: Vec::new(),
            written: Vec::new(),
            told: HashMap::new(),
            subscriptions: Vec::new(),
            charges: HashMap::new(),
            followed_then: HashMap::new(),
            too_early: Vec::new(),
            vouchers: Vec::new(),
            unguarded: HashMap::new(),
            given_up: HashSet::new(),
            canceled: HashSet::new(),
            steered: HashSet::new(),
            in_trouble: HashSet::new(),
            misnamed: HashSet::new(),
            odd_ones: HashSet::new(),
            confused: HashSet::new(),
            postponed: Vec::new(),
            missing: None,
            strange: BTreeMap::new(),
            wrong: Vec::new(),
            refused: 0,
            meddled: 0,
            by_hand: 0,
        };
        Self { bank, shop: Mutex::new(shop), quiet_from }
    }

    pub fn shop(&self) -> MutexGuard<'_, Shop> {
        self.shop.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is written then has no time left to end.
    pub fn is_the_last_day(&self, at: DateTime<Utc>) -> bool {
        at >= self.quiet_from + Duration::days(2)
    }

    /// Somebody writes while a call is on its way; about the order that it is for, if it is known.
    pub fn meddle(&self, money: bool, order: Option<usize>, at: DateTime<Utc>) {
        if self.is_the_last_day(at) {
            return;
        }
        let mut shop = self.shop();
        let refunds = order.is_some_and(|order| shop.refunds.iter().any(|(of, _)| *of == order));
        if at < self.quiet_from {
            let often = if money { 40 } else { 1 + 4 * u32::from(refunds) };
            vouchers::meddle(&self.bank, &mut shop, order, often, at);
        }
        let often = if money || refunds { 20 } else { 2 };
        if shop.orders.is_empty() || shop.rng.u32(0..1000) >= often {
            return;
        }
        let sold = shop.orders.len();
        let any = shop.rng.usize(0..sold);
        let order = order.unwrap_or(shop.orders[any]);
        let word = ["now", "hold", "auto"][shop.rng.usize(0..3)];
        let amount = if shop.rng.bool() { None } else { Some(shop.rng.i64(1..2000)) };
        let action = [Action::C, Action::N, Action::R, Action::E][shop.rng.usize(0..4)];
        let what = match shop.rng.u32(0..10) {
            0..4 => What::Cancel { order },
            4..6 => What::Refund { order, amount },
            // A hold would keep most orders until day 90.
            6 => What::SetCapture { order, word },
            7 => What::SetCapture { order, word: "now" },
            _ if has_other_hands(order) => What::Dashboard { order, action, amount: amount.unwrap_or(1) },
            _ => What::Cancel { order },
        };
        shop.meddled += 1;
        self.act(&mut shop, what, at);
    }

    pub fn apply(&self, what: What, at: DateTime<Utc>) {
        let mut shop = self.shop();
        self.act(&mut shop, what, at);
    }

    fn act(&self, shop: &mut Shop, what: What, at: DateTime<Utc>) {
        match what {
            What::Sell { order, kind, amount, paid, at_bank, told } => {
                if at_bank {
                    self.sell_at_bank(order, kind, amount, paid, at);
                }
                shop.told.extend(told.map(|installments| (order, (installments, at))));
                if shop.missing == Some(merchant_of(order)) {
                    shop.postponed.push(order);
                    // Its limit may pass before the ledger knows it.
                    shop.steered.insert(order);
                } else {
                    shop.enter(order, at);
                }
            }
            What::Pay { order } => {
                let (id, no) = names(order);
                self.bank.with_bank(|bank, now| bank.pay(&id, &no, now)).expect("an unpaid order");
            }
            What::SetCapture { order, word } => shop.set_capture(order, word),
            What::Tell { order, installments } => {
                shop.told.insert(order, (installments, at));
                shop.tell(order);
            }
            What::Refund { order, .. } if !shop.is_served(order) => {}
            What::Refund { order, amount } if subscriptions::place(order).is_some() => {
                subscriptions::refund_any(&self.bank, shop, order, amount, at);
            }
            What::RefundCharge { order, charge, amount } => {
                subscriptions::refund(&self.bank, shop, (order, charge), amount, at);
            }
            What::Refund { order, amount } => {
                let written = self.bank.with_bank(|_, now| now);
                shop.refund(order, amount, at, written);
            }
            What::Voucher { order, doing } => vouchers::act(&self.bank, shop, order, doing, at),
            What::Odd(strange) => self.strange(shop, strange, at),
            What::Cancel { order } => shop.cancel(order),
            What::Dashboard { order, action, amount } => {
                shop.by_hand += 1;
                self.dashboard(order, action, amount);
            }
            What::Balance { merchant, balance } => {
                let id = MerchantId::parse(MERCHANTS[merchant]).expect("an id");
                let change = self.bank.with_bank(|bank, now| bank.change_terms(&id, now, |t| t.balance = balance));
                change.expect("a merchant");
            }
            What::Unreachable { .. } | What::Stop { .. } | What::Copy | What::Restore { .. } => {
                unreachable!("the world does these")
            }
        }
    }

    /// A shop whose refund was rejected asks for it again, under a new key and at once.
    pub fn ask_again(&self, refused: &mut Vec<usize>, at: DateTime<Utc>) {
        for order in refused.drain(..).filter(|_| !self.is_the_last_day(at)) {
            let mut shop = self.shop();
            let rejected = "SELECT i.amount, i.trade_no FROM refunds r JOIN refund_intents i ON i.id = r.intent_id JOIN orders o ON o.id = r.order_id
                             WHERE o.merchant_trade_no = ? AND r.state = 'rejected' ORDER BY i.id DESC LIMIT 1";
            let asked = |row: &Row<'_>| (row.get::<Option<i64>>("amount"), row.get::<Option<String>>("trade_no"));
            let asked = shop.ledger.first(rejected, [number(order)], asked);
            if let Some((amount, charge)) = asked.filter(|_| shop.rng.bool()) {
                shop.refund_charge(order, charge, amount, at, at);
            }
        }
    }

    /// Orders whose merchant is in the settings again.
    pub fn enter_postponed(&self, at: DateTime<Utc>) {
        let mut shop = self.shop();
        if shop.missing.is_none() {
            shop.enter_postponed(at);
        }
    }

    /// Somebody gives NT$1 back by hand while a refund is on its way that the bank has not made yet.
    pub fn confuse(&self) {
        for ask in self.bank.on_their_way().into_iter().filter(|ask| ask.action == Action::R) {
            let mut shop = self.shop();
            let order = shop.confused.iter().copied().find(|order| number(*order) == ask.merchant_trade_no.as_str());
            if let Some(order) = order {
                shop.confused.remove(&order);
                shop.by_hand += 1;
                self.dashboard(order, Action::R, 1);
            }
        }
    }

    pub fn sell_at_bank(&self, order: usize, kind: Kind, amount: i64, paid: Paid, at: DateTime<Utc>) {
        let (merchant_id, merchant_trade_no) = names(order);
        let amount = Twd::new(amount).expect("an amount");
        let new = NewOrder { merchant_id, merchant_trade_no, kind, amount, created_at: at, paid };
        self.bank.with_bank(|bank, now| bank.create(new, now)).expect("a new order");
    }

    fn dashboard(&self, order: usize, action: Action, amount: i64) {
        let (merchant_id, merchant_trade_no) = names(order);
        self.bank.with_bank(|bank, now| {
            let Some(sold) = bank.order(&merchant_id, &merchant_trade_no) else { return };
            let trade_no = sold.trade_no.clone();
            let amount = if action == Action::R { Twd::new(amount).expect("an amount") } else { sold.amount };
            let ask = Ask { at: now, by: By::Dashboard, merchant_id, merchant_trade_no, trade_no, action, amount };
            // Refused where it is not legal, as at the dashboard.
            let _ = bank.act(&ask);
        });
    }
}

impl Shop {
    /// Whose step is next.
    pub fn due(&self) -> Option<Due> {
        due::first(&self.ledger, self.missing)
    }

    fn enter(&mut self, order: usize, at: DateTime<Utc>) {
        self.insert_order(order, at);
        match subscriptions::place(order) {
            Some(_) => self.subscriptions.push(order),
            None => self.orders.push(order),
        }
        if vouchers::part(order) == Some(Part::Paid) {
            self.register_vouchers(order, at);
        }
    }

    fn enter_postponed(&mut self, at: DateTime<Utc>) {
        for order in std::mem::take(&mut self.postponed) {
            self.enter(order, at);
        }
    }

    /// Whether the ledger takes rows of the order.
    pub fn is_served(&self, order: usize) -> bool {
        self.missing != Some(merchant_of(order)) && !self.postponed.contains(&order)
    }

    pub fn insert_order(&mut self, order: usize, at: DateTime<Utc>) {
        let (merchant, no) = (MERCHANTS[merchant_of(order)], &*number(order));
        let installments = self.told.get(&order).map(|(installments, _)| *installments);
        let row = AddOrder { merchant, no, installments, at: Some(at), ..AddOrder::default() };
        self.ledger.order(&row).expect("a good row");
    }

    /// No row is changed where the ledger has none yet.
    fn tell(&mut self, order: usize) {
        let set = "UPDATE orders SET installments = ? WHERE merchant_trade_no = ? AND merchant_id = ?";
        let installments = self.told[&order].0;
        self.ledger.write(set, (installments, number(order), MERCHANTS[merchant_of(order)])).expect("a good row");
    }

    pub fn set_capture(&mut self, order: usize, word: &str) {
        self.ledger.set_capture(MERCHANTS[merchant_of(order)], &number(order), word);
        self.steered.insert(order);
    }

    pub fn expect_amount(&mut self, order: usize, amount: Option<i64>) {
        let set = "UPDATE orders SET expected_amount = ? WHERE merchant_trade_no = ? AND merchant_id = ?";
        self.ledger.write(set, (amount, number(order), MERCHANTS[merchant_of(order)])).expect("a good row");
        self.steered.insert(order);
    }

    pub fn refund(&mut self, order: usize, amount: Option<i64>, at: DateTime<Utc>, written: DateTime<Utc>) {
        self.refund_charge(order, None, amount, at, written);
    }

    /// `charge`: of a later one.
    pub fn refund_charge(
        &mut self,
        order: usize,
        charge: Option<String>,
        amount: Option<i64>,
        at: DateTime<Utc>,
        written: DateTime<Utc>,
    ) {
        let key = self.refunds.len();
        self.charges.remove(&key);
        self.charges.extend(charge.map(|charge| (key, charge)));
        match self.insert_refund(key, order, amount, at) {
            Ok(()) => {
                self.refunds.push((order, amount));
                self.written.push(written);
            }
            Err(error) => self.refused_by(&error),
        }
    }

    fn insert_refund(
        &mut self,
        key: usize,
        order: usize,
        amount: Option<i64>,
        at: DateTime<Utc>,
    ) -> Result<(), Refused> {
        let trade_no = self.charges.get(&key).map(String::as_str);
        let (merchant, no, key) = (MERCHANTS[merchant_of(order)], &*number(order), &*key.to_string());
        self.ledger.refund(&AddRefund { merchant, no, trade_no, amount, key, at: Some(at) })
    }

    /// Writes again what a restored ledger lacks, under the same keys.
    pub fn write_again(&mut self, lost: &HashMap<String, OrderBook>, at: DateTime<Utc>) {
        let kept = books::read(&self.ledger);
        // Before the refunds: what is registered after one has begun cannot hold it back.
        self.register_again(at);
        for order in self.orders.clone() {
            let no = number(order);
            if !kept.contains_key(&no) {
                self.insert_order(order, at);
            }
            if kept.contains_key(&no) && self.told.contains_key(&order) {
                self.tell(order);
            }
            let Some(book) = lost.get(&no) else { continue };
            if kept.get(&no).is_none_or(|k| k.capture != book.capture) {
                self.set_capture(order, &book.capture);
            }
            self.refund_again(order, book, kept.get(&no), at);
        }
    }

    /// `book`: what was lost of its row. `kept`: what the copy has of it.
    pub fn refund_again(&mut self, order: usize, book: &OrderBook, kept: Option<&OrderBook>, at: DateTime<Utc>) {
        for refund in &book.refunds {
            let key: usize = refund.key.parse().expect("a key of ours");
            if !kept.is_some_and(|k| k.refunds.iter().any(|r| r.key == refund.key)) {
                let (_, amount) = self.refunds[key];
                if let Err(error) = self.insert_refund(key, order, amount, at) {
                    self.refused_by(&error);
                    self.given_up.insert(key);
                    continue;
                }
            }
            if refund.state == "canceled" {
                let cancel = "UPDATE refund_intents SET cancel = 1 WHERE request_key = ? AND cancel = 0";
                // A call that was refused had begun it when the copy was made, and it could be
                // canceled only after the next look: the shop is told so, and asks for it still.
                if let Err(error) = self.ledger.write(cancel, [&refund.key]) {
                    self.refused_by(&error);
                    self.canceled.remove(&key);
                }
            }
        }
    }

    /// Refused once it has begun, which is as good.
    fn cancel(&mut self, order: usize) {
        let Some(key) = self.refunds.iter().rposition(|(of, _)| *of == order) else { return };
        match self.ledger.cancel(&key.to_string()) {
            Ok(()) => {
                self.canceled.insert(key);
            }
            Err(error) => self.refused_by(&error),
        }
    }

    /// A trigger's sentence; anything else is a fault of ours.
    fn refused_by(&mut self, error: &Refused) {
        assert!(error.is_by_trigger(), "not a trigger's sentence: {error}");
        self.refused += 1;
    }
}

pub fn names(order: usize) -> (MerchantId, MerchantTradeNo) {
    let merchant = MERCHANTS[merchant_of(order)];
    (MerchantId::parse(merchant).expect("an id"), MerchantTradeNo::parse(&number(order)).expect("a number"))
}
