//! Polls and money steps a second: the real engine over HTTP against the real simulator, without
//! pacing, beside a prototype with as many calls and commits.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration as StdDuration, Instant};

use chrono::Duration;
use ecpayd::config::GatewaySettings;
use ecpayd::engine::{Clock as _, Engine};
use ecpayd::gateway::transport::{HttpTransport, Posted, Purpose, Transport};
use ecpayd::rehearsal::{Rehearsal, Setup};
use rusqlite::{Connection, params};
use tokio::runtime::{Builder, Runtime};

use super::gateway::{own_thread, sell};
use super::prototype::{Prototype, Work};
use crate::common::bare::commits;
use crate::common::books::{Books, MERCHANT, noon};
use crate::common::{Goal, Line, argument, connect, measures, median, on_disk, table};

/// HTTP as the daemon has it, counted.
struct Counted {
    http: HttpTransport,
    queries: AtomicU64,
    money: AtomicU64,
}

impl Transport for Counted {
    fn post<'a>(&'a self, url: &'a str, body: Vec<u8>, purpose: Purpose) -> Posted<'a> {
        let count = if purpose == Purpose::Money { &self.money } else { &self.queries };
        count.fetch_add(1, Ordering::Relaxed);
        self.http.post(url, body, purpose)
    }
}

/// Calls and commits of a stretch of work.
#[derive(Clone, Copy, Debug)]
struct Count {
    queries: u64,
    money: u64,
    commits: u32,
    spent: Spent,
}

/// A shop with its daemon and its bank, whose clock stands until it is moved.
pub(super) struct Scene<'a> {
    runtime: &'a Runtime,
    pub(super) stage: Rehearsal,
    counted: Arc<Counted>,
    pub(super) engine: Engine,
    pub(super) sql: Connection,
    orders: i64,
    _gateway: Runtime,
    _dir: tempfile::TempDir,
}

impl<'a> Scene<'a> {
    pub(super) fn open(runtime: &'a Runtime, in_flight: u32) -> Self {
        let (gateway, dir) = (own_thread(), on_disk());
        let pace = GatewaySettings { min_interval: StdDuration::ZERO, concurrency: in_flight, ..Default::default() };
        let setup = Setup { gateway: pace, ..Setup::new(noon(), dir.path().join("ledger.db")) };
        let mut stage = Rehearsal::open(setup).expect("the stage keys");
        gateway.block_on(stage.serve()).expect("a free port");
        let http = HttpTransport::new(stage.settings.gateway.timeout).expect("a client");
        let counted = Arc::new(Counted { http, queries: AtomicU64::new(0), money: AtomicU64::new(0) });
        let engine = runtime.block_on(stage.daemon_over(counted.clone())).expect("the engine");
        let sql = connect(&stage.settings.database_path).expect("the shop's connection");
        Self { runtime, stage, counted, engine, sql, orders: 0, _gateway: gateway, _dir: dir }
    }

    /// Orders that are paid, at the bank and in the ledger.
    fn sell(&mut self, orders: i64, capture: &str) {
        let first = self.orders + 1;
        sell(&self.stage.bank, first, orders, self.stage.clock.now() - Duration::hours(1));
        let new = "INSERT INTO orders (merchant_id, merchant_trade_no, capture)
            WITH RECURSIVE n (i) AS (SELECT ?2 UNION ALL SELECT i + 1 FROM n WHERE i < ?3) SELECT ?1, printf('B%09d', i), ?4 FROM n";
        self.sql.execute(new, params![MERCHANT, first, first + orders - 1, capture]).expect("orders");
        self.orders += orders;
    }

    /// Sells so many orders and captures them: how many a second.
    pub(super) fn captures(&mut self, orders: i64) -> f64 {
        self.sell(orders, "now");
        let count = self.settle();
        assert_eq!(count.money, orders.unsigned_abs(), "one DoAction for each order");
        orders as f64 / count.spent.passed
    }

    /// Does all that is due.
    fn settle(&self) -> Count {
        let counters = || (self.counted.queries.load(Ordering::Relaxed), self.counted.money.load(Ordering::Relaxed));
        let ledger = &self.stage.settings.database_path;
        let ((queries, money), before) = (counters(), commits(ledger));
        let spent = spent_on(|| self.runtime.block_on(self.stage.settle(&self.engine)).expect("the ledger holds"));
        let (queries_after, money_after) = counters();
        Count {
            queries: queries_after - queries,
            money: money_after - money,
            commits: commits(ledger).wrapping_sub(before),
            spent,
        }
    }
}

/// How much is done, and how often.
#[derive(Clone, Copy)]
struct Size {
    in_flight: u32,
    polls: i64,
    steps: i64,
    rounds: usize,
}

pub fn measure() {
    let rounds = argument("rounds", if measures() { 5 } else { 1 });
    let (only, what): (u32, String) = (argument("in-flight", 0), argument("only", String::new()));
    let percent: i64 = argument("percent", if measures() { 100 } else { 5 });
    let runtime = Builder::new_multi_thread().thread_name("engine").enable_all().build().expect("a runtime");
    let work = seen_work(&runtime);
    println!("a money step is {work:?} and one DoAction");
    let mut table_lines = Vec::new();
    for (in_flight, polls, steps) in [(1, 400, 100), (16, 3_000, 600), (64, 5_000, 1_000)] {
        if only != 0 && only != in_flight {
            continue;
        }
        let size = Size { in_flight, polls: polls * percent / 100, steps: steps * percent / 100, rounds };
        if what != "steps" {
            table_lines.extend(compare_polls(&runtime, size));
        }
        if what != "polls" {
            table_lines.extend(compare_steps(&runtime, size, work));
        }
    }
    let title = "Engine over loopback HTTP, no pacing. Reference: a prototype with as many calls and durable commits, no rules, no crypto, no reading.";
    table(title, &table_lines);
}

/// What a money step takes: with one order at a time each write is a commit of its own.
fn seen_work(runtime: &Runtime) -> Work {
    const ORDERS: u64 = 20;
    let mut scene = Scene::open(runtime, 1);
    let (mut queries, mut commits) = (0, 0);
    for _ in 0..ORDERS {
        scene.sell(1, "now");
        let count = scene.settle();
        assert_eq!(count.money, 1, "one DoAction for each order");
        queries += count.queries;
        commits += u64::from(count.commits);
    }
    let each = |n: u64| usize::try_from(n / ORDERS).expect("a few");
    Work::Step { queries: each(queries), writes: each(commits) }
}

/// Orders that wait for their deadline are all due once a day.
fn compare_polls(runtime: &Runtime, size: Size) -> [Line; 2] {
    let Size { in_flight, polls, rounds, .. } = size;
    let mut scene = Scene::open(runtime, in_flight);
    scene.sell(polls, "auto");
    scene.settle();
    let books = runtime.block_on(Books::filled(polls));
    let prototype = Prototype::start(&books.path);
    let (mut ours, mut reference, mut to_a_commit) = (Vec::new(), Vec::new(), 0.0);
    for _ in 0..rounds {
        scene.stage.clock.step(Duration::hours(24));
        let count = scene.settle();
        assert_eq!((count.queries, count.money), (polls.unsigned_abs(), 0), "a look at each order and nothing else");
        ours.push(count.spent.each(polls));
        to_a_commit = polls as f64 / f64::from(count.commits);
        prototype.again();
        reference.push(prototype_spends(runtime, &prototype, Work::Poll, polls, in_flight).each(polls));
    }
    lines(&format!("polls, {in_flight} in flight (1 call; {to_a_commit:.1} to a commit)"), &ours, &reference)
}

fn compare_steps(runtime: &Runtime, size: Size, work: Work) -> [Line; 2] {
    let Size { in_flight, steps, rounds, .. } = size;
    let mut scene = Scene::open(runtime, in_flight);
    let all = steps * i64::try_from(rounds).expect("a few");
    let books = runtime.block_on(Books::filled(all));
    let prototype = Prototype::start(&books.path);
    let (mut ours, mut reference, mut calls) = (Vec::new(), Vec::new(), 0);
    for _ in 0..rounds {
        scene.sell(steps, "now");
        let count = scene.settle();
        assert_eq!(count.money, steps.unsigned_abs(), "one DoAction for each order");
        calls = (count.queries + count.money) / count.money;
        ours.push(count.spent.each(steps));
        reference.push(prototype_spends(runtime, &prototype, work, steps, in_flight).each(steps));
    }
    lines(&format!("money steps, {in_flight} in flight ({calls} calls each)"), &ours, &reference)
}

fn prototype_spends(runtime: &Runtime, prototype: &Arc<Prototype>, work: Work, orders: i64, in_flight: u32) -> Spent {
    let in_flight = usize::try_from(in_flight).expect("64 at most");
    spent_on(|| runtime.block_on(prototype.run(work, orders, in_flight)))
}

/// What a stretch of work took, in seconds; of the processors, in all threads and in the gateway's alone.
#[derive(Clone, Copy, Debug)]
struct Spent {
    passed: f64,
    processors: f64,
    gateway: f64,
}

impl Spent {
    fn each(self, orders: i64) -> Self {
        let each = |seconds: f64| seconds / orders as f64;
        Self { passed: each(self.passed), processors: each(self.processors), gateway: each(self.gateway) }
    }
}

fn spent_on(work: impl FnOnce()) -> Spent {
    let (start, (all, gateway)) = (Instant::now(), processors());
    work();
    let passed = start.elapsed().as_secs_f64();
    let (all_after, gateway_after) = processors();
    Spent { passed, processors: all_after - all, gateway: gateway_after - gateway }
}

/// Processor seconds of this process's threads so far, and of those that are the gateway's.
fn processors() -> (f64, f64) {
    let (mut all, mut gateway) = (0.0, 0.0);
    for thread in std::fs::read_dir("/proc/self/task").expect("Linux").map(|entry| entry.expect("a thread").path()) {
        // A thread that has ended meanwhile.
        let (Ok(name), Ok(times)) =
            (std::fs::read_to_string(thread.join("comm")), std::fs::read_to_string(thread.join("schedstat")))
        else {
            continue;
        };
        let nanos: f64 = times.split(' ').next().and_then(|n| n.parse().ok()).expect("nanoseconds");
        all += nanos / 1e9;
        if name.trim() == "gateway" {
            gateway += nanos / 1e9;
        }
    }
    (all, gateway)
}

/// How many a second, and what one of them takes of the processors.
fn lines(what: &str, ours: &[Spent], reference: &[Spent]) -> [Line; 2] {
    let of = |all: &[Spent], part: fn(&Spent) -> f64| median(all.iter().map(part).collect());
    let rate = |all: &[Spent]| 1.0 / of(all, |s| s.passed);
    let time = |all: &[Spent]| of(all, |s| s.processors);
    let shown = |all: &[Spent]| format!("{:.0} µs, gateway {:.0}", time(all) * 1e6, of(all, |s| s.gateway) * 1e6);
    [
        Line {
            what: what.to_owned(),
            ours: format!("{:.0}/s", rate(ours)),
            reference: format!("{:.0}/s", rate(reference)),
            ratio: rate(ours) / rate(reference),
            goal: Goal::None,
        },
        Line {
            what: "of the processors".to_owned(),
            ours: shown(ours),
            reference: shown(reference),
            ratio: time(ours) / time(reference),
            goal: Goal::None,
        },
    ]
}
