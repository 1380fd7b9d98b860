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
#[path = "../tests/simulation/hands.rs"]
mod hands;
#[path = "../tests/simulation/reaper.rs"]
mod reaper;
#[path = "../tests/simulation/story.rs"]
mod story;
#[path = "../tests/simulation/wire.rs"]
mod wire;
#[path = "../tests/simulation/world.rs"]
mod world;

use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
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

fn main() -> ExitCode {
    let args = Args::parse();
    let (first, runs) = match args.replay {
        Some(seed) => (seed, 1),
        None => (args.seed, args.orders.div_ceil(args.per_run.max(1)) as u64),
    };
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let threads = args.threads.unwrap_or(cores).max(1);
    let (begun, next) = (Instant::now(), AtomicU64::new(first));
    let whole = Mutex::new((Story::default(), 0_u64));
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= first + runs {
                        return;
                    }
                    let played = args.run(seed);
                    let Ok(mut whole) = whole.lock() else { return };
                    match played {
                        Ok(story) => whole.0.add(&story),
                        Err(wrong) => {
                            whole.1 += 1;
                            let drive = args.drive(seed);
                            println!(
                                "seed {seed} ({drive:?}, {} orders), play it again with --replay {seed}:",
                                args.per_run
                            );
                            println!("{}", wrong.join("\n"));
                        }
                    }
                    if (seed - first + 1).is_multiple_of(100) {
                        eprintln!("{} of {runs} runs, {} s", seed - first + 1, begun.elapsed().as_secs());
                    }
                }
            });
        }
    });
    let Ok((whole, differing)) = whole.into_inner() else { return ExitCode::FAILURE };
    let seconds = begun.elapsed().as_secs_f64();
    println!("seeds             {first} to {}, {} orders each, {threads} at a time", first + runs - 1, args.per_run);
    println!("{whole}");
    println!("played in         {seconds:.0} s, {:.0} orders a second", whole.orders as f64 / seconds);
    println!("runs that differ  {differing}");
    if differing == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
