//! The checker is checked: each fault of our own has to be caught by the simulation, within
//! so many order lives. One is caught by the rule's own test instead, in `src/engine/lane/pick/tests.rs`.
//!
//! ```text
//! cargo test --release --features deliberate-faults --test checker -- --nocapture
//! ECPAYD_FAULT=SettlesEarly cargo test ...                 # this one alone
//! ```

#[path = "simulation/actors.rs"]
mod actors;
#[path = "simulation/books.rs"]
mod books;
#[path = "simulation/checks.rs"]
mod checks;
#[path = "simulation/due.rs"]
mod due;
#[path = "simulation/forms.rs"]
mod forms;
#[path = "simulation/hands.rs"]
mod hands;
#[path = "simulation/journal.rs"]
mod journal;
#[path = "support/ledger/mod.rs"]
mod ledger;
#[path = "simulation/obligations.rs"]
mod obligations;
#[path = "simulation/oddity.rs"]
mod oddity;
#[path = "simulation/reaper.rs"]
mod reaper;
#[allow(dead_code, reason = "no sums of runs here")]
#[path = "simulation/story.rs"]
mod story;
#[path = "simulation/strange.rs"]
mod strange;
#[path = "simulation/subscription_checks.rs"]
mod subscription_checks;
#[path = "simulation/subscriptions.rs"]
mod subscriptions;
#[path = "simulation/trespass.rs"]
mod trespass;
#[path = "simulation/voucher_checks.rs"]
mod voucher_checks;
#[path = "simulation/vouchers.rs"]
mod vouchers;
#[path = "simulation/wire.rs"]
mod wire;
#[allow(dead_code, reason = "a run that can be told again is enough here")]
#[path = "simulation/world.rs"]
mod world;

use std::panic::{AssertUnwindSafe, catch_unwind};

use ecpayd::deliberate::{Deliberate, switch};
use world::{Drive, Play, play};

const PER_RUN: usize = 20;

/// Every so manieth run works on all merchants at once: which row is next is the daemon's own choice there.
const TOGETHER_EVERY: u64 = 5;

/// Each fault is caught within so many order lives.
const WITHIN: usize = 2_000;

/// What the run found wrong; nothing, when it found nothing.
fn run(seed: u64) -> Option<String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    let drive = if seed.is_multiple_of(TOGETHER_EVERY) { Drive::Together } else { Drive::InTurn };
    match catch_unwind(AssertUnwindSafe(|| runtime.block_on(play(&Play::usual(seed, PER_RUN, drive))))) {
        Ok(Ok(_)) => None,
        Ok(Err(wrong)) => Some(wrong[0].split("; bank").next().unwrap_or_default().to_owned()),
        Err(panic) => {
            let said = panic.downcast_ref::<String>().cloned();
            Some(said.unwrap_or_else(|| "it panicked".to_owned()))
        }
    }
}

#[test]
fn every_fault_of_our_own_is_caught() {
    let mut survivors = Vec::new();
    println!("{:<24} {:>12}   first difference", "fault", "caught after");
    let wanted = std::env::var("ECPAYD_FAULT").ok();
    for (fault, what) in Deliberate::ALL.iter().filter(|(fault, _)| *fault != Deliberate::ProbesTheSameRow) {
        if wanted.as_ref().is_some_and(|wanted| *wanted != format!("{fault:?}")) {
            continue;
        }
        switch(Some(*fault));
        let caught = (1..=WITHIN / PER_RUN).find_map(|n| Some((n, run(n as u64)?)));
        match caught {
            Some((runs, wrong)) => {
                println!("{:<24} {:>12}   {}: {wrong}", format!("{fault:?}"), runs * PER_RUN, what.trim())
            }
            None => survivors.push(format!("{fault:?}:{what}")),
        }
    }
    switch(None);
    assert_eq!(run(1), None, "without a fault there is no difference");
    assert!(survivors.is_empty(), "not caught within {WITHIN} orders: {survivors:?}");
}
