//! One ledger, with what is measured of the daemon on it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use chrono::{DurationRound, TimeDelta, Utc};
use ecpayd::engine::{Clock as _, Engine};
use ecpayd::gateway::transport::{Posted, Purpose, Transport};
use ecpayd::ledger::{ClockSeen, Housekeeping};
use ecpayd::rehearsal::{Direct, Rehearsal};
use ecpayd::simulator::bank::{Kind, Paid};
use sqlx::SqliteConnection;
use tempfile::TempDir;

use crate::timing::{least, median, ms};
use crate::waking::{APART, Chosen, TOGETHER, put_back, wake};
use crate::{DUE, Figures, fill, stage};

/// The way to the bank, counted.
struct Counted {
    wire: Direct,
    calls: AtomicUsize,
}

impl Transport for Counted {
    fn post<'a>(&'a self, url: &'a str, body: Vec<u8>, purpose: Purpose) -> Posted<'a> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        self.wire.post(url, body, purpose)
    }
}

/// One ledger with its daemon and its shop.
pub struct Site {
    pub orders: usize,
    pub stage: Rehearsal,
    counted: Arc<Counted>,
    pub engine: Engine,
    pub shop: SqliteConnection,
    pub figures: Figures,
    pub folder: TempDir,
}

impl Site {
    /// With all that is measured on each ledger alone.
    pub async fn fill(orders: usize) -> Self {
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a directory");
        // Noon in Taipei: at other hours some of those that wait become due by themselves.
        let end = Utc::now().duration_trunc(TimeDelta::days(1)).expect("a day") + TimeDelta::hours(4);
        let mut stage = stage::open(fill::begin(end), folder.path());
        let started = Instant::now();
        fill::fill(&mut stage, orders, end).await;
        let bytes = std::fs::metadata(&stage.settings.database_path).expect("the ledger").len();
        println!("filled with {orders} orders in {:.1} s: {} MB", started.elapsed().as_secs_f64(), bytes / 1_000_000);
        let mut figures = start_up(&stage).await;
        let counted = Arc::new(Counted { wire: stage.direct(), calls: AtomicUsize::new(0) });
        let engine = stage.daemon_over(counted.clone()).await.expect("the daemon starts");
        let shop = stage::shop(&stage).await;
        figures.extend(chores(&engine).await);
        Self { orders, stage, counted, engine, shop, figures, folder }
    }

    /// Does all that is due, for which the gateway is asked so many times.
    async fn pass(&self, calls: usize) -> f64 {
        let before = self.counted.calls.load(Ordering::Relaxed);
        let started = Instant::now();
        self.stage.settle(&self.engine).await.expect("the ledger holds");
        let took = ms(started.elapsed());
        assert_eq!(self.counted.calls.load(Ordering::Relaxed) - before, calls, "calls of a pass");
        took
    }

    /// Orders that nobody has looked at yet.
    async fn first_pass(&mut self, round: usize) -> f64 {
        let now = self.stage.clock.now();
        for n in 0..DUE {
            let no = format!("R{round}N{n}");
            stage::sell(&self.stage, &no, Kind::Card, 1000, now, Paid::Yes);
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

    pub async fn round(&mut self, round: usize) -> Figures {
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
            ledger.write(ClockSeen { now, passed: true }).await.expect("the ledger");
        }
        ms(started.elapsed())
    }
}

async fn start_up(stage: &Rehearsal) -> Figures {
    let mut opened = f64::INFINITY;
    for _ in 0..7 {
        let started = Instant::now();
        let engine = stage::daemon(stage).await;
        opened = opened.min(ms(started.elapsed()));
        stage::close(engine).await;
    }
    vec![("start: open the ledger, DaemonStarted", opened)]
}

async fn lookups(stage: &Rehearsal, engine: &Engine, shop: &mut SqliteConnection) -> Figures {
    let ledger = &engine.shared().ledger;
    let (merchant, now) = (stage::merchant(), stage.clock.now());
    let ask = || async {
        ledger.due(&merchant, now, 8).await.expect("the ledger");
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
            ledger.write(ClockSeen { now, passed: true }).await.expect("the ledger");
        }
    });
    let sweep = sweep.await;
    let next = median(200, || async {
        ledger.next_step_at().await.expect("the ledger");
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
