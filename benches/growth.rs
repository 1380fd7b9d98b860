//! Whether the daemon's work and people's questions stay as fast as the ledger grows.
//!
//! `cargo bench --bench growth -- [ORDERS...]`; 10000 100000 1000000 unless told otherwise. The
//! ledgers lie side by side, and lookups and passes are measured by turns, so that a disk that becomes
//! slower does so for all of them. Each size prints its figures, its references, and how many
//! times the first size's they are.

#[path = "common/fill.rs"]
mod fill;
#[path = "common/stage.rs"]
mod stage;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration as StdDuration, Instant};

use chrono::{SubsecRound, Utc};
use ecpayd::domain::money::Twd;
use ecpayd::engine::{Clock as _, Engine};
use ecpayd::gateway::transport::{Posted, Purpose, Transport};
use ecpayd::ledger::{ClockSeen, Housekeeping};
use ecpayd::simulator::bank::{Kind, Paid};
use sqlx::{Connection, Row, SqliteConnection};
use tempfile::TempDir;

use stage::{Stage, Wire};

const BINARY: &str = env!("CARGO_BIN_EXE_ecpayd");

/// Rows that are due in a pass.
const DUE: usize = 1000;

/// Flat: no more than this many times what it was in the smallest ledger.
const FLAT: f64 = 1.5;

/// What was measured, in milliseconds.
type Figures = Vec<(&'static str, f64)>;

/// Those that have to be flat.
const GOALS: [&str; 3] = ["due lookup", "due lookup, 1,000 due", "pass, 1,000 routine looks"];

#[tokio::main]
async fn main() -> ExitCode {
    let sizes: Vec<usize> = std::env::args().skip(1).filter_map(|a| a.parse().ok()).collect();
    let sizes = if sizes.is_empty() { vec![10_000, 100_000, 1_000_000] } else { sizes };
    let mut sites = Vec::new();
    for orders in sizes {
        sites.push(Site::fill(orders).await);
    }
    by_turns(&mut sites).await;
    for site in &mut sites {
        site.figures.extend(commands(site.folder.path(), &site.stage, site.orders));
    }
    let mut missed = false;
    for site in &sites {
        println!("\n{} orders", site.orders);
        for ((what, ms), (_, first)) in site.figures.iter().zip(&sites[0].figures) {
            let times = ms / first;
            println!("  {what:<44} {ms:>12.4} ms {times:>8.2} x");
            missed |= GOALS.contains(what) && times > FLAT;
        }
    }
    for site in sites {
        site.shop.close().await.expect("the ledger");
        stage::close(site.engine).await;
    }
    if missed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// The way to the bank, counted.
struct Counted {
    wire: Wire,
    calls: AtomicUsize,
}

impl Transport for Counted {
    fn post<'a>(&'a self, url: &'a str, body: Vec<u8>, purpose: Purpose) -> Posted<'a> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        self.wire.post(url, body, purpose)
    }
}

/// One ledger with its daemon and its shop.
struct Site {
    orders: usize,
    stage: Stage,
    counted: Arc<Counted>,
    engine: Engine,
    shop: SqliteConnection,
    figures: Figures,
    folder: TempDir,
}

impl Site {
    /// With all that is measured on each ledger alone.
    async fn fill(orders: usize) -> Self {
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a directory");
        let end = Utc::now().trunc_subsecs(0);
        let mut stage = Stage::new(fill::begin(end), folder.path());
        let started = Instant::now();
        fill::fill(&mut stage, orders, end).await;
        let bytes = std::fs::metadata(&stage.settings.database_path).expect("the ledger").len();
        println!("filled with {orders} orders in {:.1} s: {} MB", started.elapsed().as_secs_f64(), bytes / 1_000_000);
        let mut figures = start_up(&stage).await;
        let counted = Arc::new(Counted { wire: Wire(stage.bank.clone()), calls: AtomicUsize::new(0) });
        let engine = stage.daemon_over(counted.clone()).await;
        let shop = stage.shop().await;
        figures.extend(chores(&engine).await);
        Self { orders, stage, counted, engine, shop, figures, folder }
    }

    /// Does all that is due, for which the gateway is asked so many times.
    async fn pass(&self, calls: usize) -> f64 {
        let before = self.counted.calls.load(Ordering::Relaxed);
        let started = Instant::now();
        self.engine.settle(&self.stage.running).await.expect("the ledger holds");
        let took = ms(started.elapsed());
        assert_eq!(self.counted.calls.load(Ordering::Relaxed) - before, calls, "calls of a pass");
        took
    }

    /// Orders that nobody has looked at yet.
    async fn first_pass(&mut self, round: usize) -> f64 {
        let now = self.stage.clock.now();
        for n in 0..DUE {
            let no = format!("R{round}N{n}");
            self.stage.sell(&no, Kind::Card, 1000, now, Paid::Yes);
            stage::register(&mut self.shop, &no, now).await;
        }
        self.pass(2 * DUE).await
    }

    /// Orders whose last look is a day old. The clock stands: a day later others would be due as well.
    async fn routine_pass(&mut self, chosen: &Chosen) -> f64 {
        wake(&mut self.shop, chosen).await;
        let old = format!(
            "UPDATE order_state SET observation = json_set(observation, '$.at', observation ->> '$.at' - 86400000)
              WHERE order_id IN (SELECT order_id FROM temp.{})",
            chosen.table
        );
        fill::run(&mut self.shop, &old).await;
        self.pass(DUE).await
    }

    /// Orders that are due and need no look.
    async fn idle_pass(&mut self) -> f64 {
        wake(&mut self.shop, &TOGETHER).await;
        self.pass(0).await
    }

    async fn round(&mut self, round: usize) -> Figures {
        let mut figures = lookups(&self.stage, &self.engine, &mut self.shop).await;
        figures.extend([
            ("pass, 1,000 first looks (2 calls each)", self.first_pass(round).await),
            ("pass, 1,000 routine looks", self.routine_pass(&TOGETHER).await),
            ("the same, each far from the next", self.routine_pass(&APART).await),
            ("pass, 1,000 due and nothing to do", self.idle_pass().await),
            ("reference: 1,000 commits of one row", self.commits().await),
        ]);
        figures
    }

    /// What as many commits cost here and now.
    async fn commits(&self) -> f64 {
        let (ledger, now) = (&self.engine.shared().ledger, self.stage.clock.now());
        let started = Instant::now();
        for n in 0..DUE {
            // The same time once more would be no change, and nothing to sync.
            let now = now + chrono::Duration::milliseconds(i64::try_from(n).expect("small"));
            ledger.write(ClockSeen { now }).await.expect("the ledger");
        }
        ms(started.elapsed())
    }
}

/// In all ledgers by turns: the least of each figure, for what the machine does beside it only ever adds.
async fn by_turns(sites: &mut [Site]) {
    let mut taken: Vec<Figures> = vec![Vec::new(); sites.len()];
    for site in sites.iter_mut() {
        for chosen in [TOGETHER, APART] {
            choose(&mut site.shop, &chosen).await;
        }
        sell_copies(&site.stage, &mut site.shop).await;
    }
    for round in 0..5 {
        for (site, taken) in sites.iter_mut().zip(&mut taken) {
            let now = site.round(round).await;
            if taken.is_empty() {
                *taken = now;
                continue;
            }
            for ((_, least), (_, ms)) in taken.iter_mut().zip(now) {
                *least = least.min(ms);
            }
        }
    }
    for (site, taken) in sites.iter_mut().zip(taken) {
        let wrong = "SELECT count(*) FROM order_state WHERE last_error IS NOT NULL OR state = 'review'";
        let wrong: i64 = sqlx::query_scalar(wrong).fetch_one(&mut site.shop).await.expect("sql");
        assert_eq!(wrong, 0, "looks that were answered");
        site.figures.extend(taken);
    }
}

async fn least<F: Future<Output = ()>>(times: usize, mut run: impl FnMut() -> F) -> f64 {
    let mut least = f64::INFINITY;
    for _ in 0..times {
        let started = Instant::now();
        run().await;
        least = least.min(ms(started.elapsed()));
    }
    least
}

async fn median<F: Future<Output = ()>>(times: usize, mut run: impl FnMut() -> F) -> f64 {
    let mut all = Vec::new();
    for _ in 0..times {
        let started = Instant::now();
        run().await;
        all.push(ms(started.elapsed()));
    }
    all.sort_by(f64::total_cmp);
    all[times / 2]
}

fn ms(time: StdDuration) -> f64 {
    time.as_secs_f64() * 1000.0
}

async fn start_up(stage: &Stage) -> Figures {
    let mut opened = f64::INFINITY;
    for _ in 0..7 {
        let started = Instant::now();
        let engine = stage.daemon().await;
        opened = opened.min(ms(started.elapsed()));
        stage::close(engine).await;
    }
    vec![("start: open the ledger, DaemonStarted", opened)]
}

async fn lookups(stage: &Stage, engine: &Engine, shop: &mut SqliteConnection) -> Figures {
    let ledger = &engine.shared().ledger;
    let (merchant, now) = (stage::merchant(), stage.clock.now());
    let ask = || async {
        ledger.due(&merchant, now, 8).expect("the ledger");
    };
    let none = median(2000, ask).await;
    wake(shop, &TOGETHER).await;
    let some = median(2000, ask).await;
    put_back(shop, &TOGETHER).await;
    let newest: i64 = sqlx::query_scalar("SELECT max(id) FROM orders").fetch_one(&mut *shop).await.expect("sql");
    let mut points = Vec::new();
    for n in 0..2000 {
        let started = Instant::now();
        let id = n * 7919 % newest + 1;
        let row = sqlx::query("SELECT rank, next_at FROM order_state WHERE order_id = ?").bind(id);
        row.fetch_one(&mut *shop).await.expect("a row");
        points.push(ms(started.elapsed()));
    }
    points.sort_by(f64::total_cmp);
    vec![
        ("reference: one row by its primary key", points[points.len() / 2]),
        ("due lookup", none),
        ("due lookup, 1,000 due", some),
    ]
}

async fn chores(engine: &Engine) -> Figures {
    let ledger = &engine.shared().ledger;
    let now = engine.shared().clock.now();
    let stages = least(5, || async {
        engine.raise_stages().await.expect("the ledger");
    });
    let stages = stages.await;
    let mut swept = now;
    let sweep = least(100, || {
        swept += chrono::Duration::milliseconds(1);
        let now = swept;
        async move {
            ledger.write(ClockSeen { now }).await.expect("the ledger");
        }
    });
    let sweep = sweep.await;
    let next = median(200, || async {
        ledger.next_step_at().expect("the ledger");
    });
    let started = Instant::now();
    ledger.write(Housekeeping { now }).await.expect("the ledger");
    let night = ms(started.elapsed());
    vec![
        ("the morning's alert stages", stages),
        ("the night's chore", night),
        ("the minute's sweep (one commit)", sweep),
        ("when the next step is due", next.await),
    ]
}

/// Waiting orders, in so many places of the ledger.
struct Chosen {
    table: &'static str,
    places: usize,
}

/// As a day brings them: what is due together was sold at the same time of day, on each of the days
/// before, and lies together.
const TOGETHER: Chosen = Chosen { table: "together", places: 20 };

/// Each far from the next, where enough of them wait. No shop sells so.
const APART: Chosen = Chosen { table: "apart", places: DUE };

async fn choose(shop: &mut SqliteConnection, chosen: &Chosen) {
    let Chosen { table, places } = chosen;
    let create = format!(
        "CREATE TEMP TABLE {table} AS SELECT order_id, next_at FROM (
           SELECT order_id, next_at, row_number() OVER (ORDER BY order_id) AS n, count(*) OVER () AS total FROM order_state
            WHERE state = 'authorized') WHERE n % (total / {places}) < {DUE} / {places} LIMIT {DUE}"
    );
    fill::run(shop, &create).await;
}

/// They become due.
async fn wake(shop: &mut SqliteConnection, Chosen { table, .. }: &Chosen) {
    let wake = format!("UPDATE order_state SET next_at = 0 WHERE order_id IN (SELECT order_id FROM temp.{table})");
    fill::run(shop, &wake).await;
}

async fn put_back(shop: &mut SqliteConnection, Chosen { table, .. }: &Chosen) {
    let back = format!(
        "UPDATE order_state SET next_at = w.next_at FROM temp.{table} w WHERE w.order_id = order_state.order_id"
    );
    fill::run(shop, &back).await;
}

/// The bank learns of the copies that are going to be looked at, the ledger of the bank's numbers.
async fn sell_copies(stage: &Stage, shop: &mut SqliteConnection) {
    let rows = sqlx::query(
        "SELECT s.order_id, s.merchant_trade_no, s.amount, s.authorized_at
           FROM (SELECT order_id FROM temp.together UNION SELECT order_id FROM temp.apart) w JOIN order_state s ON s.order_id = w.order_id",
    )
    .fetch_all(&mut *shop)
    .await
    .expect("sql");
    for row in &rows {
        let no: String = row.get("merchant_trade_no");
        let at = chrono::DateTime::from_timestamp_millis(row.get("authorized_at")).expect("a time");
        let amount = Twd::new(row.get("amount")).expect("an amount");
        // Those of the first deck are at the bank already.
        if no.len() == fill::number(0).len() {
            continue;
        }
        let truth = stage.sell(&no, Kind::Card, amount.dollars(), at, Paid::Yes);
        sqlx::query(
            "UPDATE order_state SET trade_no = ?2, observation = json_set(observation, '$.seen.card.trade_no', ?2, '$.seen.card.gwsr', ?3)
              WHERE order_id = ?1",
        )
        .bind(row.get::<i64, _>("order_id"))
        .bind(&truth.trade_no)
        .bind(truth.authorizations[0].gwsr)
        .execute(&mut *shop)
        .await
        .expect("the ledger");
    }
}

/// The real binary, from its start to its end.
struct Binary {
    config: PathBuf,
}

impl Binary {
    fn prepare(folder: &Path, stage: &Stage) -> Self {
        let config = folder.join("config.toml");
        let text = stage::config_text("http://127.0.0.1:1", &stage.settings.database_path);
        std::fs::write(&config, text).expect("the settings");
        Self { config }
    }

    fn takes(&self, words: &[&str]) -> f64 {
        let mut least = f64::INFINITY;
        for _ in 0..7 {
            let mut command = Command::new(BINARY);
            command.arg("--config").arg(&self.config).args(words).stdin(Stdio::null()).stdout(Stdio::null());
            let started = Instant::now();
            let status = command.status().expect("the binary");
            least = least.min(ms(started.elapsed()));
            assert!(status.success(), "ecpayd {words:?}: {status}");
        }
        least
    }
}

fn commands(folder: &Path, stage: &Stage, orders: usize) -> Figures {
    let binary = Binary::prepare(folder, stage);
    let middle = fill::number_in(orders / fill::DECK / 2, 20);
    vec![
        ("reference: ecpayd --version", binary.takes(&["--version"])),
        ("ecpayd status", binary.takes(&["status"])),
        ("ecpayd show", binary.takes(&["show", &middle])),
        ("ecpayd orders list", binary.takes(&["orders", "list"])),
        ("ecpayd orders list --state authorized", binary.takes(&["orders", "list", "--state", "authorized"])),
        ("ecpayd orders list --state review (none)", binary.takes(&["orders", "list", "--state", "review"])),
        ("ecpayd orders list --merchant", binary.takes(&["orders", "list", "--merchant", stage::MERCHANT])),
    ]
}
