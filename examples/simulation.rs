//! Plays whole lives of orders, as many as one likes, and compares the books after each run:
//!
//! ```text
//! cargo run --release --example simulation -- --orders 100000 --seed 1
//! ```
//!
//! Each run is a world of its own with its own ledger and bank; each processor plays one at a
//! time. A difference prints the seed of its run, and `--replay SEED` plays that run alone again.

#[path = "../tests/simulation/actors.rs"]
mod actors;
#[path = "../tests/simulation/books.rs"]
mod books;
#[path = "../tests/simulation/checks.rs"]
mod checks;
#[path = "../tests/simulation/due.rs"]
mod due;
#[path = "../tests/simulation/hands.rs"]
mod hands;
#[path = "../tests/simulation/reaper.rs"]
mod reaper;
#[path = "../tests/simulation/story.rs"]
mod story;
#[path = "../tests/simulation/voucher_checks.rs"]
mod voucher_checks;
#[path = "../tests/simulation/vouchers.rs"]
mod vouchers;
#[path = "../tests/simulation/wire.rs"]
mod wire;
#[path = "../tests/simulation/world.rs"]
mod world;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use clap::Parser;
use story::Story;
use world::{Drive, play};

/// Plays whole lives of orders against the simulator and compares the books, dollar by dollar.
#[derive(Parser)]
struct Args {
    /// Order lives in all.
    #[arg(long, default_value_t = 10_000)]
    orders: usize,
    /// Of the first run; the others count up from it.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Order lives in one run, on one ledger.
    #[arg(long, default_value_t = 500)]
    per_run: usize,
    /// Every so manieth run works on all merchants at once and dies at any instant; 0: none.
    #[arg(long, default_value_t = 20)]
    together_every: u64,
    /// Runs at a time; one for each processor where it is not given.
    #[arg(long)]
    threads: Option<usize>,
    /// Plays this one run alone.
    #[arg(long)]
    replay: Option<u64>,
}

impl Args {
    fn drive(&self, seed: u64) -> Drive {
        let together = self.together_every > 0 && seed.is_multiple_of(self.together_every);
        if together { Drive::Together } else { Drive::InTurn }
    }

    fn run(&self, seed: u64) -> Result<Story, Vec<String>> {
        let drive = self.drive(seed);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
        let runtime = runtime.map_err(|e| vec![format!("no runtime: {e}")])?;
        runtime.block_on(play(seed, self.per_run, drive))
    }
}

/// What the threads share.
struct Job {
    args: Args,
    first: u64,
    runs: u64,
    begun: Instant,
    next: AtomicU64,
    /// The sum of the runs, and how many differ.
    whole: Mutex<(Story, u64)>,
}

impl Job {
    /// Plays the next run, and the next, until there is none.
    fn work(&self) {
        loop {
            let seed = self.next.fetch_add(1, Ordering::Relaxed);
            if seed >= self.first + self.runs {
                return;
            }
            let played = catch_unwind(AssertUnwindSafe(|| self.args.run(seed)));
            let played = played.unwrap_or_else(|_| Err(vec!["it panicked, as the lines above say".to_owned()]));
            let mut whole = self.whole.lock().unwrap_or_else(PoisonError::into_inner);
            match played {
                Ok(story) => whole.0.add(&story),
                Err(wrong) => {
                    whole.1 += 1;
                    self.tell(seed, &wrong);
                }
            }
            let done = seed - self.first + 1;
            if done.is_multiple_of(100) {
                eprintln!("{done} of {} runs, {} s", self.runs, self.begun.elapsed().as_secs());
            }
        }
    }

    fn tell(&self, seed: u64, wrong: &[String]) {
        let (drive, orders) = (self.args.drive(seed), self.args.per_run);
        println!("seed {seed} ({drive:?}, {orders} orders), play it again with --replay {seed} --per-run {orders}:");
        println!("{}", wrong.join("\n"));
    }
}

fn main() -> ExitCode {
    let args = Args::parse();
    let (first, runs) = match args.replay {
        Some(seed) => (seed, 1),
        None => (args.seed, args.orders.div_ceil(args.per_run.max(1)) as u64),
    };
    // A run and SQLite's threads hand each call to and fro: on one processor that costs least.
    let Some(cores) = core_affinity::get_core_ids().filter(|cores| !cores.is_empty()) else {
        eprintln!("the processors of this machine cannot be told apart");
        return ExitCode::FAILURE;
    };
    let threads = args.threads.unwrap_or(cores.len()).max(1);
    let job = Job { args, first, runs, begun: Instant::now(), next: AtomicU64::new(first), whole: Mutex::default() };
    std::thread::scope(|scope| {
        for core in cores.iter().cycle().take(threads) {
            let job = &job;
            scope.spawn(move || {
                core_affinity::set_for_current(*core);
                job.work();
            });
        }
    });
    let Job { args, begun, whole, .. } = job;
    let Ok((whole, differing)) = whole.into_inner() else { return ExitCode::FAILURE };
    let seconds = begun.elapsed().as_secs_f64();
    println!("seeds             {first} to {}, {} orders each, {threads} at a time", first + runs - 1, args.per_run);
    println!("{whole}");
    println!("played in         {seconds:.0} s, {:.0} orders a second", whole.orders as f64 / seconds);
    println!("runs that differ  {differing}");
    if differing == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
