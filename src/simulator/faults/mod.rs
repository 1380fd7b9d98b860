//! What goes wrong between the bank and its caller, told in advance.

mod fault;
mod rate;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, Duration, Utc};
pub use fault::{Fault, FaultKind, Meanwhile, OnCall};
use rate::Dice;
pub use rate::Rate;
use serde::{Deserialize, Serialize};

use super::protocol::Request;
use crate::domain::ids::MerchantId;

/// HTTP 403: rate limited for half an hour, by address and merchant.
const FORBIDDEN_FOR: Duration = Duration::minutes(30);

#[derive(Clone, Debug, Default)]
pub struct Faults {
    /// By the order in which they were told.
    waiting: BTreeMap<u64, Fault>,
    told: u64,
    /// Where to look for what may strike a request, so that a fault told for one order costs
    /// the calls of the others nothing.
    of_order: HashMap<String, BTreeSet<u64>>,
    of_any: BTreeSet<u64>,
    /// When those end that have an end.
    ends: BTreeSet<(DateTime<Utc>, u64)>,
    dice: Dice,
    forbidden_until: BTreeMap<MerchantId, DateTime<Utc>>,
    /// The minute that each sender called in last, and how often.
    calls_in_minute: BTreeMap<MerchantId, (i64, u32)>,
}

/// What of them outlives the process.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct KeptFaults {
    waiting: Vec<Fault>,
    dice: Dice,
    forbidden_until: BTreeMap<MerchantId, DateTime<Utc>>,
}

impl Faults {
    pub fn add(&mut self, fault: Fault) {
        if fault.times == 0 {
            return;
        }
        self.told += 1;
        let place = match fault.order_no() {
            Some(no) => self.of_order.entry(no.to_owned()).or_default(),
            None => &mut self.of_any,
        };
        place.insert(self.told);
        self.ends.extend(fault.until.map(|until| (until, self.told)));
        self.waiting.insert(self.told, fault);
    }

    /// Whether a call may change something here.
    pub fn is_idle(&self) -> bool {
        self.waiting.is_empty()
    }

    pub fn waiting(&self) -> impl Iterator<Item = &Fault> {
        self.waiting.values()
    }

    /// What is drawn from here on follows from this number alone.
    pub fn seed(&mut self, seed: u64) {
        self.dice = Dice::seeded(seed);
    }

    /// Also the half hours of silence. The dice stay where they are.
    pub fn clear(&mut self) {
        *self = Self { dice: self.dice.clone(), ..Self::default() };
    }

    pub fn keep(&self) -> KeptFaults {
        let waiting = self.waiting().cloned().collect();
        KeptFaults { waiting, dice: self.dice.clone(), forbidden_until: self.forbidden_until.clone() }
    }

    pub fn restored(kept: KeptFaults) -> Self {
        let mut faults = Self { dice: kept.dice, forbidden_until: kept.forbidden_until, ..Self::default() };
        kept.waiting.into_iter().for_each(|fault| faults.add(fault));
        faults
    }

    /// Until when a sender is shut out.
    pub fn forbidden_until(&self, sender: &MerchantId, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.forbidden_until.get(sender).copied().filter(|until| now < *until)
    }

    /// Whether a sender is shut out: for half an hour after it has called more than `most` times in a minute.
    pub fn shuts_out(&mut self, sender: &MerchantId, most: Option<u32>, now: DateTime<Utc>) -> bool {
        if self.forbidden_until.get(sender).is_some_and(|until| now < *until) {
            return true;
        }
        let Some(most) = most else { return false };
        let minute = now.timestamp().div_euclid(60);
        let calls = self.calls_in_minute.entry(sender.clone()).or_insert((minute, 0));
        *calls = if calls.0 == minute { (minute, calls.1 + 1) } else { (minute, 1) };
        if calls.1 > most {
            self.forbidden_until.insert(sender.clone(), now + FORBIDDEN_FOR);
        }
        calls.1 > most
    }

    /// The first fault, in the order they were told, that strikes this request; uses it up by one.
    pub fn take(&mut self, request: &Request, now: DateTime<Utc>) -> Option<FaultKind> {
        let id = self.first(request)?;
        let fault = self.waiting.get_mut(&id)?;
        let kind = fault.kind;
        if fault.times != Fault::ENDLESS {
            fault.times -= 1;
        }
        if fault.times == 0 {
            self.remove(id);
        }
        if kind == FaultKind::Forbidden {
            self.forbidden_until.insert(request.to.sender.clone(), now + FORBIDDEN_FOR);
        }
        Some(kind)
    }

    /// Those that have an end which has come.
    pub fn forget_ended(&mut self, now: DateTime<Utc>) {
        while let Some((_, id)) = self.ends.first().copied().filter(|(end, _)| *end <= now) {
            self.ends.pop_first();
            self.remove(id);
        }
    }

    fn first(&mut self, request: &Request) -> Option<u64> {
        let Self { waiting, of_order, of_any, dice, .. } = self;
        let mut of_order = of_order.get(request.question.order_no()).into_iter().flatten().copied().peekable();
        let mut of_any = of_any.iter().copied().peekable();
        loop {
            let own_first = match (of_order.peek(), of_any.peek()) {
                (Some(own), Some(any)) => own < any,
                (own, None) => own.is_some(),
                (None, Some(_)) => false,
            };
            let id = if own_first { of_order.next() } else { of_any.next() }?;
            let Some(fault) = waiting.get(&id).filter(|fault| fault.fits(request)) else { continue };
            if fault.rate.is_none_or(|rate| dice.hit(rate)) {
                return Some(id);
            }
        }
    }

    fn remove(&mut self, id: u64) {
        let Some(fault) = self.waiting.remove(&id) else { return };
        if let Some(until) = fault.until {
            self.ends.remove(&(until, id));
        }
        let Some(no) = fault.order_no() else {
            self.of_any.remove(&id);
            return;
        };
        if let Some(ids) = self.of_order.get_mut(no) {
            ids.remove(&id);
            if ids.is_empty() {
                self.of_order.remove(no);
            }
        }
    }
}
