//! What happened in a run, counted.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Story {
    pub orders: u64,
    pub days: u64,
    /// Calls that reached the bank or were lost on the way to it.
    pub calls: u64,
    pub money_calls: u64,
    /// Captures, refunds and voids that took effect, whoever asked.
    pub moves: u64,
    /// Of these those of orders of AIO that were asked for by form; and the second effects of a request.
    #[serde(default)]
    pub by_form: u64,
    #[serde(default)]
    pub copies: u64,
    /// In New Taiwan dollars, at the end.
    pub captured_twd: i64,
    pub refunded_twd: i64,
    /// Network faults that struck, by kind.
    pub faults: BTreeMap<String, u64>,
    /// What was odd beside the network, by kind.
    #[serde(default)]
    pub strange: BTreeMap<String, u64>,
    /// Processes that died, by where they stood.
    pub deaths: BTreeMap<String, u64>,
    /// Writes of shops and hands at the dashboard while a call was on its way.
    pub meddled: u64,
    pub by_hand: u64,
    pub resolved: u64,
    pub in_review: u64,
    pub refused_rows: u64,
    /// Voucher orders; their tickets that were redeemed; refunds that these kept from the card.
    pub voucher_orders: u64,
    /// Recurring orders, their later charges, and the rows of these that the daemon or the shop has registered.
    #[serde(default)]
    pub subscriptions: u64,
    #[serde(default)]
    pub charges: u64,
    #[serde(default)]
    pub followed: u64,
    pub redeemed: u64,
    pub held_back: u64,
    pub alerts: u64,
    /// Of everything that the bank and the ledger hold in the end: the same seed, the same digest.
    pub digest: u64,
}

impl Story {
    pub fn add(&mut self, other: &Self) {
        for (mine, theirs) in [
            (&mut self.orders, other.orders),
            (&mut self.days, other.days),
            (&mut self.calls, other.calls),
            (&mut self.money_calls, other.money_calls),
            (&mut self.moves, other.moves),
            (&mut self.by_form, other.by_form),
            (&mut self.copies, other.copies),
            (&mut self.meddled, other.meddled),
            (&mut self.by_hand, other.by_hand),
            (&mut self.resolved, other.resolved),
            (&mut self.in_review, other.in_review),
            (&mut self.refused_rows, other.refused_rows),
            (&mut self.voucher_orders, other.voucher_orders),
            (&mut self.subscriptions, other.subscriptions),
            (&mut self.charges, other.charges),
            (&mut self.followed, other.followed),
            (&mut self.redeemed, other.redeemed),
            (&mut self.held_back, other.held_back),
            (&mut self.alerts, other.alerts),
        ] {
            *mine += theirs;
        }
        self.captured_twd += other.captured_twd;
        self.refunded_twd += other.refunded_twd;
        // Of a sum of runs, whatever order they ended in.
        self.digest ^= other.digest;
        for (kind, n) in &other.faults {
            *self.faults.entry(kind.clone()).or_default() += n;
        }
        for (kind, n) in &other.strange {
            *self.strange.entry(kind.clone()).or_default() += n;
        }
        for (place, n) in &other.deaths {
            *self.deaths.entry(place.clone()).or_default() += n;
        }
    }
}

impl fmt::Display for Story {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let listed = |counts: &BTreeMap<String, u64>| {
            let words: Vec<String> = counts.iter().map(|(what, n)| format!("{what} {n}")).collect();
            (counts.values().sum::<u64>(), words.join(", "))
        };
        let (faults, by_kind) = listed(&self.faults);
        let (strange, by_oddity) = listed(&self.strange);
        let (deaths, by_place) = listed(&self.deaths);
        writeln!(f, "orders            {}", self.orders)?;
        writeln!(f, "days              {}", self.days)?;
        writeln!(f, "calls             {} ({} of them DoAction)", self.calls, self.money_calls)?;
        writeln!(
            f,
            "moves             {} took effect: NT${} captured, NT${} refunded",
            self.moves, self.captured_twd, self.refunded_twd
        )?;
        writeln!(f, "by form           {} of the moves; {} of them by a copy of a call", self.by_form, self.copies)?;
        writeln!(f, "network faults    {faults} ({by_kind})")?;
        writeln!(f, "oddities          {strange} ({by_oddity})")?;
        writeln!(f, "process deaths    {deaths} ({by_place})")?;
        writeln!(f, "meddled mid-call  {} shop writes and dashboard actions during a call", self.meddled)?;
        writeln!(f, "dashboard         {} captures, refunds and voids by hand", self.by_hand)?;
        writeln!(
            f,
            "settled by people {} attempts; {} still in review, each with its alert",
            self.resolved, self.in_review
        )?;
        writeln!(
            f,
            "vouchers          {} orders, {} tickets redeemed, {} refunds rejected for what was redeemed",
            self.voucher_orders, self.redeemed, self.held_back
        )?;
        writeln!(
            f,
            "subscriptions     {} orders, charged again {} times, {} of these followed",
            self.subscriptions, self.charges, self.followed
        )?;
        writeln!(f, "refused           {} rows at the INSERT or UPDATE, with a sentence", self.refused_rows)?;
        writeln!(f, "alerts            {}", self.alerts)?;
        write!(f, "digest            {:016x}", self.digest)
    }
}
