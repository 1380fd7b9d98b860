//! The bank: what an order really is, whatever any answer says about it.
//!
//! Pure: no IO and no clock. Every call takes the time, and first lets happen what the
//! gateway does by itself up to then (see `schedule`).

mod act;
mod ask;
mod book;
mod due;
mod fees;
mod files;
mod kept;
mod limits;
mod order;
mod rules;
mod schedule;
mod terms;
#[cfg(test)]
mod tests;
mod truth;
mod undo;
mod vouchers;

use std::collections::BTreeMap;

use book::Book;
use chrono::{DateTime, Utc};

pub use ask::{Ask, By};
pub use fees::{Fees, decimals, given_back, working_day};
pub use files::StatementTerms;
pub use kept::KeptBank;
pub use order::{Authorization, Kind, Order, Payment, Product, Row};
pub use rules::Refusal;
pub use terms::{Dialect, JsonText, Percent, Space, Spelling, Terms, VoucherDates};
pub(in crate::simulator) use truth::taipei_text;
pub use truth::{ActionRecord, AuthorizationTruth, RowTruth, Truth};
pub use undo::{Undo, Undone};
pub use vouchers::*;

use crate::domain::calendar::taipei;
use crate::domain::ids::{BadNumber, MerchantId, MerchantTradeNo, TradeNo};
use crate::domain::money::Twd;
use crate::domain::status::CardStatus;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewOrder {
    pub merchant_id: MerchantId,
    pub merchant_trade_no: MerchantTradeNo,
    pub kind: Kind,
    pub amount: Twd,
    /// A time in the past is taken as it is; closings that are past by now do not happen to it.
    pub created_at: DateTime<Utc>,
    pub paid: Paid,
}

/// How far the payment of a new order has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Paid {
    /// At `created_at`.
    #[default]
    Yes,
    No,
    BankPending,
    Unauthorized,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BankError {
    #[error("merchant {0} is not known here")]
    UnknownMerchant(MerchantId),
    #[error("order {0} is not known here")]
    UnknownOrder(MerchantTradeNo),
    #[error("order {0} exists already")]
    Exists(MerchantTradeNo),
    #[error("order {0} is paid already")]
    PaidAlready(MerchantTradeNo),
    #[error("an order of NT$0 cannot be paid")]
    NoAmount,
    #[error("order {no} has no {what} that the bank could undo")]
    NothingToUndo { no: MerchantTradeNo, what: &'static str },
    #[error(transparent)]
    Number(#[from] BadNumber),
    #[error(transparent)]
    Voucher(#[from] VoucherError),
}

#[derive(Debug)]
pub struct Bank {
    merchants: BTreeMap<MerchantId, Terms>,
    book: Book,
    actions: Vec<ActionRecord>,
    vouchers: vouchers::Vouchers,
    issued: i64,
    advanced_to: DateTime<Utc>,
}

impl Bank {
    pub fn new(now: DateTime<Utc>) -> Self {
        Self {
            merchants: BTreeMap::new(),
            book: Book::default(),
            actions: Vec::new(),
            vouchers: vouchers::Vouchers::default(),
            issued: 0,
            advanced_to: now,
        }
    }

    pub fn add_merchant(&mut self, id: MerchantId, terms: Terms) {
        self.merchants.insert(id.clone(), terms);
        self.reschedule(&id);
    }

    pub fn terms(&self, id: &MerchantId) -> Option<&Terms> {
        self.merchants.get(id)
    }

    pub fn merchants(&self) -> impl Iterator<Item = (&MerchantId, &Terms)> {
        self.merchants.iter()
    }

    /// What is past is decided by the old terms first.
    pub fn change_terms(
        &mut self,
        id: &MerchantId,
        now: DateTime<Utc>,
        change: impl FnOnce(&mut Terms),
    ) -> Result<(), BankError> {
        self.advance(now);
        let terms = self.merchants.get_mut(id).ok_or_else(|| BankError::UnknownMerchant(id.clone()))?;
        let before = terms.moves();
        change(terms);
        if before != terms.moves() {
            self.reschedule(id);
        }
        Ok(())
    }

    pub fn order(&self, merchant_id: &MerchantId, no: &MerchantTradeNo) -> Option<&Order> {
        self.book.place(merchant_id, no).map(|place| self.book.at(place))
    }

    /// Oldest first.
    pub fn orders(&self) -> impl Iterator<Item = &Order> {
        self.book.orders()
    }

    /// The bank's time cannot go back before this.
    pub fn lived_to(&self) -> DateTime<Utc> {
        self.advanced_to
    }

    /// Every action that was asked for, oldest first.
    pub fn actions(&self) -> &[ActionRecord] {
        &self.actions
    }

    /// The same of one order.
    pub fn actions_of(&self, merchant_id: &MerchantId, no: &MerchantTradeNo) -> impl Iterator<Item = &ActionRecord> {
        let places = self.book.place(merchant_id, no).map(|place| self.book.actions_of(place));
        places.unwrap_or_default().iter().map(|place| &self.actions[*place])
    }

    /// Made by the product that the merchant has.
    pub fn create(&mut self, new: NewOrder, now: DateTime<Utc>) -> Result<Truth, BankError> {
        let aio = self.terms(&new.merchant_id).is_some_and(|terms| terms.aio);
        self.create_by(if aio { Product::Aio } else { Product::Json }, new, now)
    }

    pub fn create_by(&mut self, product: Product, new: NewOrder, now: DateTime<Utc>) -> Result<Truth, BankError> {
        self.advance(now);
        if !self.merchants.contains_key(&new.merchant_id) {
            return Err(BankError::UnknownMerchant(new.merchant_id));
        }
        if new.amount.is_zero() {
            return Err(BankError::NoAmount);
        }
        if self.book.place(&new.merchant_id, &new.merchant_trade_no).is_some() {
            return Err(BankError::Exists(new.merchant_trade_no));
        }
        let mut order = Order {
            trade_no: self.issue(new.created_at)?,
            merchant_id: new.merchant_id,
            merchant_trade_no: new.merchant_trade_no,
            kind: new.kind,
            product,
            amount: new.amount,
            created_at: new.created_at,
            payment: Payment::Unpaid,
            authorizations: Vec::new(),
            says: None,
            paid_by: None,
        };
        match new.paid {
            Paid::Yes => order.payment = Payment::Paid(new.created_at),
            Paid::No => {}
            Paid::BankPending => order.payment = Payment::BankPending,
            Paid::Unauthorized => order.payment = Payment::Unauthorized,
        }
        let trade_no = order.trade_no.clone();
        self.authorize(&mut order, trade_no, new.created_at);
        let place = self.book.add(order);
        Ok(self.entered(place, now))
    }

    /// The buyer pays now; for a paid recurring order the next period is charged.
    pub fn pay(
        &mut self,
        merchant_id: &MerchantId,
        no: &MerchantTradeNo,
        now: DateTime<Utc>,
    ) -> Result<Truth, BankError> {
        self.advance(now);
        let place = self.book.place(merchant_id, no).ok_or_else(|| BankError::UnknownOrder(no.clone()))?;
        let mut order = self.book.at(place).clone();
        let trade_no = match order.payment {
            Payment::Paid(_) if order.kind != Kind::Recurring => return Err(BankError::PaidAlready(no.clone())),
            Payment::Paid(_) => self.issue(now)?,
            Payment::Unpaid | Payment::BankPending | Payment::Unauthorized => {
                order.authorizations.clear();
                order.payment = Payment::Paid(now);
                order.trade_no.clone()
            }
        };
        self.authorize(&mut order, trade_no, now);
        *self.book.at_mut(place) = order;
        Ok(self.entered(place, now))
    }

    /// What the card detail says in place of the order's status; nothing: the status.
    pub fn say(
        &mut self,
        merchant_id: &MerchantId,
        no: &MerchantTradeNo,
        word: Option<&str>,
    ) -> Result<Truth, BankError> {
        let place = self.book.place(merchant_id, no).ok_or_else(|| BankError::UnknownOrder(no.clone()))?;
        let order = self.book.at_mut(place);
        order.says = word.map(str::to_owned);
        Ok(order.truth())
    }

    /// What the order query says in place of the kind's payment type; nothing: that type.
    pub fn say_paid_by(
        &mut self,
        merchant_id: &MerchantId,
        no: &MerchantTradeNo,
        word: Option<&str>,
    ) -> Result<Truth, BankError> {
        let place = self.book.place(merchant_id, no).ok_or_else(|| BankError::UnknownOrder(no.clone()))?;
        let order = self.book.at_mut(place);
        order.paid_by = word.map(str::to_owned);
        Ok(order.truth())
    }

    /// Lets happen what the gateway does by itself up to `now`. Time never goes back.
    pub fn advance(&mut self, now: DateTime<Utc>) {
        while let Some(place) = self.book.next_due(now) {
            self.live(place, now);
        }
        self.advanced_to = self.advanced_to.max(now);
    }

    /// One order's own time, up to `now`.
    fn live(&mut self, place: usize, now: DateTime<Utc>) {
        if let Some(terms) = self.merchants.get(&self.book.at(place).merchant_id) {
            self.book.live(place, terms, self.advanced_to, now);
        }
    }

    /// Other terms are other times for all orders of the merchant.
    fn reschedule(&mut self, id: &MerchantId) {
        for place in self.book.places_of(id) {
            self.live(place, self.advanced_to);
        }
    }

    /// Adds the authorization that the order's payment stands for, if any.
    fn authorize(&mut self, order: &mut Order, trade_no: TradeNo, at: DateTime<Utc>) {
        if order.kind == Kind::Atm || matches!(order.payment, Payment::Unpaid | Payment::BankPending) {
            return;
        }
        let mut authorization = Authorization::open(trade_no, FIRST_GWSR + self.issued, order.amount, at);
        self.issued += 1;
        if order.payment == Payment::Unauthorized {
            authorization.status = CardStatus::Unauthorized;
        } else if order.kind == Kind::UnionPay {
            let claimed = self.terms(&order.merchant_id).is_none_or(|terms| terms.union_pay_claimed);
            authorization.capture(at, if claimed { CardStatus::Captured } else { CardStatus::ToBeCaptured });
        }
        order.authorizations.push(authorization);
    }

    fn entered(&mut self, place: usize, now: DateTime<Utc>) -> Truth {
        self.live(place, now);
        self.book.at(place).truth()
    }

    /// A new `TradeNo`: the time and a running number, like the samples on the vendor's pages.
    fn issue(&mut self, at: DateTime<Utc>) -> Result<TradeNo, BadNumber> {
        self.issued += 1;
        TradeNo::parse(&format!("{}{:06}", taipei(at).format("%y%m%d%H%M%S"), self.issued))
    }
}

/// The `TradeID` of a recorded answer; the numbers count up from there.
const FIRST_GWSR: i64 = 14_521_552;
