//! Durable transitions a second, alone and grouped, beside bare SQLite with as many to a commit.

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Instant;

use ecpayd::domain::action::Outcome;
use ecpayd::ledger::{Ledger, MerchantTerms, RecordOutcome};
use tokio::runtime::Runtime;
use tokio::task::JoinSet;

use common::bare::{Bare, Transition, commits};
use common::books::{self, Books, noon};
use common::{Goal, Line, argument, measures, median, table};

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Unchanged,
    Changed,
    Attempts,
}

impl Kind {
    const ALL: [(Self, &'static str); 3] = [
        (Self::Unchanged, "routine look, nothing new (1 statement)"),
        (Self::Changed, "look with something new (row and event)"),
        (Self::Attempts, "attempt started, outcome recorded (6 statements, 2 transitions)"),
    ];

    /// Transitions for each order.
    fn each(self) -> usize {
        if self == Self::Attempts { 2 } else { 1 }
    }
}

/// Orders far from each other in the file, each once before any comes again.
struct Orders {
    next: AtomicI64,
    orders: i64,
}

impl Orders {
    fn of(orders: i64) -> Self {
        Self { next: AtomicI64::new(0), orders }
    }

    fn take(&self) -> i64 {
        // A prime that divides no power of ten walks over all of them.
        self.next.fetch_add(1, Ordering::Relaxed) * 7919 % self.orders + 1
    }
}

/// Transitions a second, and how many shared a commit.
struct Measured {
    rate: f64,
    to_a_commit: f64,
}

fn main() {
    let orders: i64 = argument("orders", if measures() { 100_000 } else { 1_000 });
    let rounds: usize = argument("rounds", if measures() { 5 } else { 1 });
    let runtime = Runtime::new().expect("a runtime");
    println!("filling two ledgers with {orders} orders");
    let ours = runtime.block_on(Books::filled(orders));
    let other = ours.copy();
    let ledger = Arc::new(runtime.block_on(Ledger::open(&ours.path, noon())).expect("the ledger"));
    let bare = Bare::open(&other.path);
    // One walk for each kind: the attempts of one order would be in each other's way.
    let mut lines = Vec::new();
    for (kind, name) in Kind::ALL {
        let (our_orders, bare_orders) = (Arc::new(Orders::of(orders)), Orders::of(orders));
        for (in_flight, transitions) in [(1, 200), (10, 2_000), (100, 6_000)] {
            let transitions = if measures() { transitions } else { 200 };
            let (mut grouped, mut reference) = (Vec::new(), Vec::new());
            let mut to_a_commit = 0.0;
            for _ in 0..rounds {
                let ours = runtime.block_on(write(&ledger, &ours, &our_orders, kind, in_flight, transitions));
                grouped.push(ours.rate);
                to_a_commit = ours.to_a_commit;
                reference.push(loop_of(&bare, &bare_orders, kind, to_a_commit, transitions));
            }
            let (grouped, reference) = (median(grouped), median(reference));
            lines.push(Line {
                what: format!("{name}, {in_flight} in flight, {to_a_commit:.1} to a commit"),
                ours: format!("{grouped:.0}/s"),
                reference: format!("{reference:.0}/s"),
                ratio: grouped / reference,
                goal: if in_flight == 1 { Goal::None } else { Goal::AtLeast(0.6) },
            });
        }
    }
    let title = format!(
        "Durable transitions on a ledger of {orders} orders. Reference: a loop over SQLite (rusqlite, WAL, synchronous=FULL) with the same statements and as many transitions to a commit."
    );
    table(&title, &lines);
    runtime.block_on(Arc::into_inner(ledger).expect("no writer is left").close());
}

/// So many at once, each written when the one before it is on the disk.
async fn write(
    ledger: &Arc<Ledger>,
    books: &Books,
    orders: &Arc<Orders>,
    kind: Kind,
    in_flight: usize,
    transitions: usize,
) -> Measured {
    let (start, before) = (Instant::now(), commits(&books.path));
    let mut writers = JoinSet::new();
    for _ in 0..in_flight {
        let (ledger, orders) = (ledger.clone(), orders.clone());
        let mine = transitions / in_flight / kind.each();
        writers.spawn(async move {
            for _ in 0..mine {
                one(&ledger, orders.take(), kind).await;
            }
        });
    }
    while let Some(written) = writers.join_next().await {
        written.expect("a writer");
    }
    let taken = start.elapsed().as_secs_f64();
    let groups = commits(&books.path).wrapping_sub(before);
    // A few thousand.
    Measured { rate: transitions as f64 / taken, to_a_commit: transitions as f64 / f64::from(groups) }
}

async fn one(ledger: &Ledger, order: i64, kind: Kind) {
    match kind {
        Kind::Unchanged => drop(ledger.write(books::unchanged(order, 1)).await.expect("a record")),
        Kind::Changed => drop(ledger.write(books::changed(order, 1)).await.expect("a record")),
        Kind::Attempts => {
            let (token, _) = ledger.write(books::start(order)).await.expect("an attempt");
            let (attempt_id, outcome) = (token.attempt_id(), Outcome::Accepted);
            let outcome =
                RecordOutcome { order_id: order, attempt_id, outcome, terms: MerchantTerms::default(), now: noon() };
            ledger.write(outcome).await.expect("an outcome");
        }
    }
}

/// The same transitions by bare SQLite, as many to a commit: its rate.
fn loop_of(bare: &Bare, orders: &Orders, kind: Kind, to_a_commit: f64, transitions: usize) -> f64 {
    let start = Instant::now();
    let (wanted, mut done, mut groups) = (transitions / kind.each(), 0, 0_u32);
    while done < wanted {
        groups += 1;
        // The mean need not be whole: some groups are one longer than others.
        let until = (f64::from(groups) * to_a_commit).round() as usize;
        let group: Vec<i64> = (done..until.clamp(done + 1, wanted)).map(|_| orders.take()).collect();
        done += group.len();
        let all = |transition: fn(i64) -> Transition| group.iter().map(|order| transition(*order)).collect::<Vec<_>>();
        match kind {
            Kind::Unchanged => bare.commit(&all(|order| Transition::Unchanged { order, revision: 1 })),
            Kind::Changed => bare.commit(&all(|order| Transition::Changed { order, revision: 1 })),
            Kind::Attempts => {
                let started = bare.commit(&all(|order| Transition::Start { order }));
                let ended =
                    group.iter().zip(started).map(|(order, attempt)| Transition::Outcome { order: *order, attempt });
                bare.commit(&ended.collect::<Vec<_>>())
            }
        };
    }
    transitions as f64 / start.elapsed().as_secs_f64()
}
