//! What the real daemon costs: start to ready, memory, and the processor while it has nothing to do.
//!
//! `cargo bench --bench footprint -- [--rest SECONDS] [ORDERS...]`; 60 s of rest, and ledgers of
//! 0, 10000 and 1000000 orders. The empty ledger is the reference. Not to be run between 20:10
//! and 20:35 in Taipei, when captures wait.

#[path = "common/fill.rs"]
mod fill;
#[path = "common/stage.rs"]
mod stage;

use std::fs;
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use chrono::{SubsecRound, Utc};
use ecpayd::rehearsal::{Merchant, Rehearsal, settings_file};
use ecpayd::simulator::bank::{Kind, Paid};
use sqlx::{Connection, SqliteConnection};

const BINARY: &str = env!("CARGO_BIN_EXE_ecpayd");

const STARTS: usize = 5;
/// Orders that come in at once, each captured as soon as it is seen.
const LOAD: usize = 2000;
const PATIENCE: Duration = Duration::from_secs(300);

/// Linux tells the time that a process was running in hundredths of a second.
const TICK_MS: f64 = 10.0;

const MOST_START_MS: f64 = 150.0;
const MOST_REST_PERCENT: f64 = 0.5;
const MOST_REST_MB: f64 = 30.0;
const MOST_LOAD_MB: f64 = 60.0;

struct Figures {
    start_ms: f64,
    rest: Memory,
    rest_percent: f64,
    load_peak_mb: f64,
    load_s: f64,
    after: Memory,
    threads: usize,
}

struct Memory {
    rss_mb: f64,
    pss_mb: f64,
    private_mb: f64,
}

#[tokio::main]
async fn main() -> ExitCode {
    let mut rest = Duration::from_secs(60);
    let mut sizes = Vec::new();
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        if arg == "--rest" {
            rest = Duration::from_secs(args.next().and_then(|s| s.parse().ok()).expect("--rest SECONDS"));
        }
        sizes.extend(arg.parse::<usize>());
    }
    if sizes.is_empty() {
        sizes = vec![0, 10_000, 1_000_000];
    }
    let mut missed = false;
    for orders in sizes {
        let f = measure(orders, rest).await;
        let goal = |good: bool| if good { "" } else { "  <- above the goal" };
        let checks = [
            f.start_ms < MOST_START_MS,
            f.rest.rss_mb < MOST_REST_MB,
            f.rest_percent < MOST_REST_PERCENT,
            f.load_peak_mb < MOST_LOAD_MB,
        ];
        missed |= checks.contains(&false);
        println!("\n{orders} orders{}", if orders == 0 { " (the reference)" } else { "" });
        println!("  start to ready      {:>8.1} ms, median of {STARTS}{}", f.start_ms, goal(checks[0]));
        println!("  at rest             {} ({} threads){}", show(&f.rest), f.threads, goal(checks[1]));
        println!(
            "  processor at rest   {:>8.3} % of a core over {} s{}",
            f.rest_percent,
            rest.as_secs(),
            goal(checks[2])
        );
        println!(
            "  under load          {:>8.1} MB at most, {LOAD} orders in {:.1} s{}",
            f.load_peak_mb,
            f.load_s,
            goal(checks[3])
        );
        println!("  five seconds later  {}", show(&f.after));
    }
    if missed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

async fn measure(orders: usize, rest: Duration) -> Figures {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a directory");
    let end = Utc::now().trunc_subsecs(0);
    let mut stage = stage::open(fill::begin(end), folder.path());
    if orders > 0 {
        fill::fill(&mut stage, orders, end).await;
    }
    stage.bank.run_clock_from(Utc::now());
    stage.serve().await.expect("a free port");
    let daemon = Daemon::prepare(folder.path(), &stage);
    let mut starts = Vec::new();
    for _ in 0..STARTS {
        let started = Instant::now();
        let process = daemon.start();
        starts.push(started.elapsed().as_secs_f64() * 1000.0);
        process.stop();
    }
    starts.sort_by(f64::total_cmp);
    let process = daemon.start();
    // What the start itself leaves to do is no rest.
    tokio::time::sleep(Duration::from_secs(5)).await;
    let (before, since) = (process.processor_ms(), Instant::now());
    tokio::time::sleep(rest).await;
    let rest_percent = (process.processor_ms() - before) / since.elapsed().as_secs_f64() / 10.0;
    let at_rest = process.memory();
    let threads = fs::read_dir(process.path("task")).expect("the process").count();
    let mut shop = stage::shop(&stage).await;
    let (load_peak_mb, load_s) = load(&stage, &mut shop, &process).await;
    tokio::time::sleep(Duration::from_secs(5)).await;
    let after = process.memory();
    process.stop();
    shop.close().await.expect("the ledger");
    stage.close().await;
    Figures { start_ms: starts[STARTS / 2], rest: at_rest, rest_percent, load_peak_mb, load_s, after, threads }
}

/// Orders by the thousand, until each of them is captured. The most memory meanwhile, and how long it took.
async fn load(stage: &Rehearsal, shop: &mut SqliteConnection, process: &Process) -> (f64, f64) {
    let started = Instant::now();
    let mut transaction = shop.begin().await.expect("a transaction");
    for n in 0..LOAD {
        let (no, now) = (format!("L{n}"), Utc::now());
        stage::sell(stage, &no, Kind::Card, 1000, now, Paid::Yes);
        stage::register(&mut transaction, &no, now).await;
    }
    sqlx::query("UPDATE orders SET capture = 'now' WHERE merchant_trade_no LIKE 'L%'")
        .execute(&mut *transaction)
        .await
        .expect("the orders");
    transaction.commit().await.expect("a commit");
    let mut peak: f64 = 0.0;
    loop {
        peak = peak.max(process.memory().rss_mb);
        let left: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM order_state WHERE state IN ('registered', 'authorized') AND merchant_trade_no >= 'L' AND merchant_trade_no < 'M'",
        )
        .fetch_one(&mut *shop)
        .await
        .expect("sql");
        if left == 0 {
            return (peak, started.elapsed().as_secs_f64());
        }
        assert!(started.elapsed() < PATIENCE, "{left} orders are not captured after {PATIENCE:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// The binary with its settings, and the socket that it tells systemd's news on.
struct Daemon {
    config: PathBuf,
    notify: PathBuf,
    socket: UnixDatagram,
}

impl Daemon {
    fn prepare(folder: &Path, stage: &Rehearsal) -> Self {
        let (config, notify) = (folder.join("config.toml"), folder.join("notify"));
        let text = settings_file(&stage.settings.database_path, &[Merchant::stage()], &stage.url);
        fs::write(&config, text + "\n[gateway]\nmin_interval = \"0s\"\n\n[log]\nlevel = \"warn\"\n")
            .expect("the settings");
        let socket = UnixDatagram::bind(&notify).expect("a socket");
        socket.set_read_timeout(Some(PATIENCE)).expect("a time-out");
        Self { config, notify, socket }
    }

    /// Returns when it is ready.
    fn start(&self) -> Process {
        let mut command = Command::new(BINARY);
        command.arg("--config").arg(&self.config).arg("run").env("NOTIFY_SOCKET", &self.notify).stdin(Stdio::null());
        let process = Process(command.spawn().expect("the binary"));
        let mut buffer = [0; 4096];
        loop {
            let length = self.socket.recv(&mut buffer).expect("news of the daemon");
            if buffer[..length].split(|b| *b == b'\n').any(|line| line == b"READY=1") {
                return process;
            }
        }
    }
}

struct Process(Child);

impl Process {
    fn path(&self, file: &str) -> PathBuf {
        PathBuf::from(format!("/proc/{}/{file}", self.0.id()))
    }

    fn processor_ms(&self) -> f64 {
        let stat = fs::read_to_string(self.path("stat")).expect("the process");
        // The name in brackets may hold blanks; user and system time are the twelfth and thirteenth after it.
        let rest = stat.rsplit(')').next().expect("fields");
        let ticks: f64 = rest.split_whitespace().skip(11).take(2).filter_map(|n| n.parse::<f64>().ok()).sum();
        ticks * TICK_MS
    }

    fn memory(&self) -> Memory {
        let rollup = fs::read_to_string(self.path("smaps_rollup")).expect("the process");
        let kb = |name: &str| {
            let lines = rollup.lines().filter_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
            lines.filter_map(|rest| rest.trim().trim_end_matches("kB").trim().parse::<f64>().ok()).sum::<f64>() / 1000.0
        };
        Memory { rss_mb: kb("Rss"), pss_mb: kb("Pss"), private_mb: kb("Private_Clean") + kb("Private_Dirty") }
    }

    fn stop(mut self) {
        let id = self.0.id().to_string();
        let told = Command::new("kill").args(["-TERM", &id]).status().expect("kill");
        assert!(told.success() && self.0.wait().expect("its end").success(), "the daemon ends in peace");
    }
}

fn show(memory: &Memory) -> String {
    format!(
        "{:>8.1} MB resident, {:.1} MB of it shared out by PSS, {:.1} MB private",
        memory.rss_mb, memory.pss_mb, memory.private_mb
    )
}
