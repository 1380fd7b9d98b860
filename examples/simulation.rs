//! Plays whole lives of orders, as many as one likes, and compares the books after each run:
//!
//! ```text
//! cargo run --release --example simulation -- --orders 100000 --seed 1
//! ```
//!
//! Each run is a world of its own with its own ledger and bank; each processor plays one at a
//! time. A difference prints the seed of its run, and `--replay SEED` plays that run alone again.
//! With `--book FILE` each run that has ended is a line in that file; a long job that was cut off
//! goes on after them.

#[path = "../tests/simulation/actors.rs"]
mod actors;
#[path = "../tests/simulation/books.rs"]
mod books;
#[path = "../tests/simulation/checks.rs"]
mod checks;
#[path = "../tests/simulation/due.rs"]
mod due;
#[path = "../tests/simulation/forms.rs"]
mod forms;
#[path = "../tests/simulation/hands.rs"]
mod hands;
#[path = "../tests/simulation/journal.rs"]
mod journal;
#[path = "../tests/support/ledger/mod.rs"]
mod ledger;
#[path = "../tests/simulation/obligations.rs"]
mod obligations;
#[path = "../tests/simulation/oddity.rs"]
mod oddity;
#[path = "../tests/simulation/reaper.rs"]
mod reaper;
#[path = "../tests/simulation/story.rs"]
mod story;
#[path = "../tests/simulation/strange.rs"]
mod strange;
#[path = "../tests/simulation/subscription_checks.rs"]
mod subscription_checks;
#[path = "../tests/simulation/subscriptions.rs"]
mod subscriptions;
#[path = "../tests/simulation/trespass.rs"]
mod trespass;
#[path = "../tests/simulation/voucher_checks.rs"]
mod voucher_checks;
#[path = "../tests/simulation/vouchers.rs"]
mod vouchers;
#[path = "../tests/simulation/wire.rs"]
mod wire;
#[path = "../tests/simulation/world.rs"]
mod world;

use std::collections::HashSet;
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use clap::Parser;
use serde::{Deserialize, Serialize};
use story::Story;
use world::{Drive, Play, play};

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
    /// Plays with these oddities in every run, in place of the usual ones in some.
    #[arg(long, value_delimiter = ',')]
    odd: Vec<oddity::Oddity>,
    /// Asks each morning whether every unfinished obligation has its alert.
    #[arg(long)]
    by_age: bool,
    /// Keeps the runs that have ended in this file, and plays only those that are not in it.
    #[arg(long, conflicts_with = "replay")]
    book: Option<PathBuf>,
}

impl Args {
    fn drive(&self, seed: u64) -> Drive {
        let together = self.together_every > 0 && seed.is_multiple_of(self.together_every);
        if together { Drive::Together } else { Drive::InTurn }
    }

    fn first(&self) -> u64 {
        self.replay.unwrap_or(self.seed)
    }

    fn runs(&self) -> u64 {
        if self.replay.is_some() { 1 } else { self.orders.div_ceil(self.per_run.max(1)) as u64 }
    }

    fn run(&self, seed: u64) -> Result<Story, Vec<String>> {
        let drive = self.drive(seed);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
        let runtime = runtime.map_err(|e| vec![format!("no runtime: {e}")])?;
        let mut wanted = Play::usual(seed, self.per_run, drive);
        if !self.odd.is_empty() {
            (wanted.oddities, wanted.often) = (self.odd.clone(), 100);
        }
        wanted.by_age |= self.by_age;
        runtime.block_on(play(&wanted))
    }
}

/// A run that has ended.
#[derive(Serialize, Deserialize)]
struct Played {
    seed: u64,
    per_run: usize,
    together_every: u64,
    seconds: f64,
    story: Story,
    /// Every difference in words.
    wrong: Vec<String>,
}

/// The sum of the runs that have ended.
#[derive(Default)]
struct Sum {
    seeds: HashSet<u64>,
    seconds: f64,
    story: Story,
    differing: u64,
    book: Option<File>,
}

impl Sum {
    /// Takes up what the book holds.
    fn of(args: &Args) -> io::Result<Self> {
        let mut sum = Self::default();
        let Some(path) = &args.book else { return Ok(sum) };
        for played in runs_in(path)? {
            if (played.per_run, played.together_every) != (args.per_run, args.together_every) {
                return Err(io::Error::other("its runs were played with another --per-run or --together-every"));
            }
            if (args.first()..args.first() + args.runs()).contains(&played.seed) {
                sum.add(args, &played);
            }
        }
        sum.book = Some(OpenOptions::new().create(true).append(true).open(path)?);
        Ok(sum)
    }

    fn add(&mut self, args: &Args, played: &Played) {
        if self.seeds.insert(played.seed) {
            self.seconds += played.seconds;
            self.story.add(&played.story);
        }
        if !played.wrong.is_empty() {
            self.differing += 1;
            tell(args, played.seed, &played.wrong);
        }
    }

    fn write(&mut self, played: &Played) -> io::Result<()> {
        let Some(book) = &mut self.book else { return Ok(()) };
        // In one piece, so that a job that is cut off leaves whole lines.
        book.write_all(format!("{}\n", serde_json::to_string(played)?).as_bytes())
    }
}

fn runs_in(book: &Path) -> io::Result<Vec<Played>> {
    let file = match File::open(book) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        file => file?,
    };
    BufReader::new(file).lines().map(|line| Ok(serde_json::from_str(&line?)?)).collect()
}

/// What the threads share.
struct Job {
    args: Args,
    begun: Instant,
    next: AtomicU64,
    sum: Mutex<Sum>,
}

impl Job {
    /// Plays the next run, and the next, until there is none.
    fn work(&self) {
        loop {
            let seed = self.next.fetch_add(1, Ordering::Relaxed);
            if seed >= self.args.first() + self.args.runs() {
                return;
            }
            if self.sum().seeds.contains(&seed) {
                continue;
            }
            let begun = Instant::now();
            let played = catch_unwind(AssertUnwindSafe(|| self.args.run(seed)));
            let played = played.unwrap_or_else(|_| Err(vec!["it panicked, as the lines above say".to_owned()]));
            let seconds = begun.elapsed().as_secs_f64();
            let (story, wrong) = played.map_or_else(|wrong| (Story::default(), wrong), |story| (story, Vec::new()));
            let Args { per_run, together_every, .. } = self.args;
            let played = Played { seed, per_run, together_every, seconds, story, wrong };
            let mut sum = self.sum();
            sum.add(&self.args, &played);
            if let Err(error) = sum.write(&played) {
                eprintln!("seed {seed} is not in the book: {error}");
            }
            let done = sum.seeds.len();
            if done.is_multiple_of(100) {
                eprintln!("{done} of {} runs, {} s", self.args.runs(), self.begun.elapsed().as_secs());
            }
        }
    }

    fn sum(&self) -> MutexGuard<'_, Sum> {
        self.sum.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn tell(args: &Args, seed: u64, wrong: &[String]) {
    let (drive, orders) = (args.drive(seed), args.per_run);
    println!("seed {seed} ({drive:?}, {orders} orders), play it again with --replay {seed} --per-run {orders}:");
    println!("{}", wrong.join("\n"));
}

fn main() -> ExitCode {
    let args = Args::parse();
    // A run and SQLite's threads hand each call to and fro: on one processor that costs least.
    let Some(cores) = core_affinity::get_core_ids().filter(|cores| !cores.is_empty()) else {
        eprintln!("the processors of this machine cannot be told apart");
        return ExitCode::FAILURE;
    };
    let sum = match Sum::of(&args) {
        Ok(sum) => sum,
        Err(error) => {
            eprintln!("book {}: {error}", args.book.unwrap_or_default().display());
            return ExitCode::FAILURE;
        }
    };
    let threads = args.threads.unwrap_or(cores.len()).max(1);
    let next = AtomicU64::new(args.first());
    let job = Job { args, begun: Instant::now(), next, sum: Mutex::new(sum) };
    std::thread::scope(|scope| {
        for core in cores.iter().cycle().take(threads) {
            let job = &job;
            scope.spawn(move || {
                core_affinity::set_for_current(*core);
                job.work();
            });
        }
    });
    let Job { args, sum, .. } = job;
    let Ok(Sum { seconds, story, differing, .. }) = sum.into_inner() else { return ExitCode::FAILURE };
    let (first, last) = (args.first(), args.first() + args.runs() - 1);
    println!("seeds             {first} to {last}, {} orders each, {threads} at a time", args.per_run);
    println!("{story}");
    println!(
        "played in         {seconds:.0} s of one processor, {:.0} orders a second on each",
        story.orders as f64 / seconds
    );
    println!("runs that differ  {differing}");
    if differing == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
