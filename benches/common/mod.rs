//! What the benches share: ours and a reference timed by turns, and a table of their ratios.
#![allow(dead_code)] // Each bench uses its own part.

pub mod bare;
pub mod books;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rusqlite::Connection;

/// Whether figures are wanted: `cargo test --benches` only asks whether a bench still runs.
pub fn measures() -> bool {
    std::env::args().any(|argument| argument == "--bench")
}

/// The argument after `--name`, or what is usual.
pub fn argument<T: std::str::FromStr>(name: &str, usual: T) -> T {
    let mut arguments = std::env::args().skip_while(|argument| *argument != format!("--{name}"));
    arguments.nth(1).map_or(usual, |text| text.parse().unwrap_or_else(|_| panic!("--{name} {text} is no such value")))
}

/// A directory below `target`, which lies on a disk: in memory an fsync costs nothing.
pub fn on_disk() -> tempfile::TempDir {
    let below = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    tempfile::Builder::new().prefix("bench").tempdir_in(below).expect("a directory below target")
}

/// As the ledger's own write connection is set.
pub fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let sql = Connection::open(path)?;
    sql.pragma_update(None, "journal_mode", "WAL")?;
    sql.pragma_update(None, "synchronous", "FULL")?;
    sql.pragma_update(None, "foreign_keys", "ON")?;
    sql.busy_timeout(Duration::from_secs(10))?;
    sql.set_prepared_statement_cache_capacity(100);
    Ok(sql)
}

pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// The value that `part` of all values do not exceed.
pub fn quantile(values: &[Duration], part: f64) -> Duration {
    let mut sorted = values.to_vec();
    sorted.sort();
    // A part of a few hundred values: nothing is lost on the way.
    let place = (part * (sorted.len() - 1) as f64).ceil() as usize;
    sorted[place]
}

/// Medians of both, measured alternately, so that what else the machine does strikes both.
pub fn by_turns(rounds: usize, mut ours: impl FnMut() -> f64, mut reference: impl FnMut() -> f64) -> (f64, f64) {
    let (ours, reference): (Vec<f64>, Vec<f64>) = (0..rounds).map(|_| (ours(), reference())).unzip();
    (median(ours), median(reference))
}

/// Nanoseconds a call, over a run long enough for the clock.
pub fn nanos<T>(mut call: impl FnMut() -> T) -> f64 {
    const RUN: Duration = Duration::from_millis(20);
    let (start, mut calls) = (Instant::now(), 0_u32);
    while start.elapsed() < RUN {
        for _ in 0..64 {
            std::hint::black_box(call());
        }
        calls += 64;
    }
    start.elapsed().as_secs_f64() * 1e9 / f64::from(calls)
}

/// What a figure may be in units of its reference.
#[derive(Clone, Copy)]
pub enum Goal {
    AtMost(f64),
    AtLeast(f64),
    None,
}

/// One figure with its reference.
pub struct Line {
    pub what: String,
    pub ours: String,
    pub reference: String,
    pub ratio: f64,
    pub goal: Goal,
}

/// A ratio to each line, as a table that can be pasted into the documentation.
pub fn table(title: &str, lines: &[Line]) {
    println!("\n{title}\n\n| | ours | reference | ratio | goal | |\n|---|---:|---:|---:|---:|---|");
    for Line { what, ours, reference, ratio, goal } in lines {
        let (goal, met) = match *goal {
            Goal::AtMost(most) => (format!("at most {most:.2}"), *ratio <= most),
            Goal::AtLeast(least) => (format!("at least {least:.2}"), *ratio >= least),
            Goal::None => (String::new(), true),
        };
        let mark = if met { "" } else { "missed" };
        println!("| {what} | {ours} | {reference} | {ratio:.2} | {goal} | {mark} |");
    }
}
