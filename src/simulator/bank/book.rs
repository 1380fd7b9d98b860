//! All orders of the bank, found by number and by the time at which something happens to them.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::due::Due;
use super::order::{Authorization, Order};
use super::schedule;
use super::terms::Terms;
use crate::domain::ids::{MerchantId, MerchantTradeNo};

#[derive(Debug, Default)]
pub(super) struct Book {
    entries: Vec<Entry>,
    places: HashMap<MerchantId, HashMap<MerchantTradeNo, usize>>,
    due: Due,
}

#[derive(Debug)]
struct Entry {
    order: Order,
    /// Where its actions stand among all actions.
    actions: Vec<usize>,
}

impl Book {
    pub fn place(&self, merchant_id: &MerchantId, no: &MerchantTradeNo) -> Option<usize> {
        self.places.get(merchant_id)?.get(no).copied()
    }

    pub fn at(&self, place: usize) -> &Order {
        &self.entries[place].order
    }

    pub fn at_mut(&mut self, place: usize) -> &mut Order {
        &mut self.entries[place].order
    }

    /// Oldest first.
    pub fn orders(&self) -> impl Iterator<Item = &Order> {
        self.entries.iter().map(|entry| &entry.order)
    }

    pub fn actions_of(&self, place: usize) -> &[usize] {
        &self.entries[place].actions
    }

    pub fn add(&mut self, order: Order) -> usize {
        let place = self.entries.len();
        let theirs = self.places.entry(order.merchant_id.clone()).or_default();
        theirs.insert(order.merchant_trade_no.clone(), place);
        self.entries.push(Entry { order, actions: Vec::new() });
        place
    }

    pub fn note_action(&mut self, place: usize, action: usize) {
        self.entries[place].actions.push(action);
    }

    /// Lives through what is due of one order by `now`, and notes when the next thing is.
    pub fn live(&mut self, place: usize, terms: &Terms, since: DateTime<Utc>, now: DateTime<Utc>) {
        let authorizations = &mut self.entries[place].order.authorizations;
        let next = authorizations.iter_mut().filter_map(|a| live_until(a, terms, since, now)).min();
        self.due.set(place, next);
    }

    /// An order to which something happens by `now`; it waits for [`Book::live`].
    pub fn next_due(&mut self, now: DateTime<Utc>) -> Option<usize> {
        self.due.pop(now)
    }

    pub fn places_of(&self, merchant_id: &MerchantId) -> Vec<usize> {
        self.places.get(merchant_id).map(|theirs| theirs.values().copied().collect()).unwrap_or_default()
    }
}

/// Applies to one authorization what is due by `now`, in the order of time, and returns
/// when the next thing is due.
fn live_until(a: &mut Authorization, terms: &Terms, since: DateTime<Utc>, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let mut after = since;
    while let Some((at, event)) = schedule::next(a, terms, after) {
        if at > now {
            return Some(at);
        }
        schedule::apply(a, event, at);
        after = after.max(at);
    }
    None
}
