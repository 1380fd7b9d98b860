//! Fifty thousand capture deadlines on one day, under the pace of 200 ms, in virtual time.
//!
//! `cargo bench --bench morning -- [ORDERS [HOURS [DAYS]]]`; 50000 orders, sold within 24 hours and
//! registered 18 days later. Sold within one hour they are a crowd whose deadlines nearly fall
//! together. Registered later than they were sold they are looked at on fewer days, which saves
//! time and changes nothing on the day of their capture. Fails when an order is captured too late
//! or a refund waits too long.

#[path = "common/stage.rs"]
mod stage;

use std::collections::VecDeque;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use chrono::{DateTime, Duration, TimeZone, Utc};
use ecpayd::domain::deadlines::CAPTURE_LIMIT;
use ecpayd::engine::{Clock as _, Engine, ManualClock};
use ecpayd::gateway::transport::{Posted, Purpose, Transport};
use ecpayd::rehearsal::{Direct, Rehearsal};
use ecpayd::simulator::bank::{Kind, Paid};
use sqlx::{Connection, Row, SqliteConnection};

/// Orders captured long before, of which some is returned while the crowd is captured.
const OTHERS: usize = 30;

/// And returns of orders of the crowd, which are then given up and not captured.
const OF_THE_CROWD: usize = 6;

/// A refund may have to wait for the calls in flight and for its place in the pace.
const LONGEST_WAIT: Duration = Duration::seconds(30);

struct Return {
    at: DateTime<Utc>,
    no: String,
    amount: Option<i64>,
}

/// Orders, hours of their sale, days until they are registered.
struct Scene {
    orders: usize,
    sold_within: Duration,
    registered_after: Duration,
}

/// The network, and a shop that writes while calls are on their way.
struct Network {
    wire: Direct,
    clock: Arc<ManualClock>,
    returns: Mutex<VecDeque<Return>>,
    shop: tokio::sync::Mutex<SqliteConnection>,
    calls: Mutex<Vec<(DateTime<Utc>, Purpose)>>,
}

impl Network {
    async fn heed(&self) {
        let due = {
            let mut returns = self.returns.lock().unwrap_or_else(PoisonError::into_inner);
            let now = self.clock.now();
            let until = returns.iter().take_while(|r| r.at <= now).count();
            returns.drain(..until).collect::<Vec<_>>()
        };
        for Return { at, no, amount } in due {
            stage::refund(&mut *self.shop.lock().await, &no, amount, at).await;
        }
    }

    fn next_return(&self) -> Option<DateTime<Utc>> {
        self.returns.lock().unwrap_or_else(PoisonError::into_inner).front().map(|r| r.at)
    }
}

impl Transport for Network {
    fn post<'a>(&'a self, url: &'a str, body: Vec<u8>, purpose: Purpose) -> Posted<'a> {
        Box::pin(async move {
            self.calls.lock().unwrap_or_else(PoisonError::into_inner).push((self.clock.now(), purpose));
            self.heed().await;
            self.wire.post(url, body, purpose).await
        })
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let numbers: Vec<i64> = std::env::args().skip(1).filter_map(|a| a.parse().ok()).collect();
    let number = |n: usize, otherwise| numbers.get(n).copied().unwrap_or(otherwise);
    let scene = Scene {
        orders: usize::try_from(number(0, 50_000)).expect("so many orders"),
        sold_within: Duration::hours(number(1, 24)),
        registered_after: Duration::days(number(2, 18)),
    };
    // In memory where the machine has a file system there: the pace is measured, not the disk.
    let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).expect("a directory");
    let sold_at = Utc.with_ymd_and_hms(2026, 8, 2, 16, 0, 0).single().expect("midnight in Taipei");
    let stage = stage::open(sold_at - Duration::days(25), folder.path());
    let started = Instant::now();
    let (network, engine) = prepare(&stage, &scene, sold_at).await;
    while let Some(next) = network.next_return() {
        stage::live_until(&stage, &engine, next).await;
        network.heed().await;
    }
    stage::live_until(&stage, &engine, sold_at + scene.sold_within + CAPTURE_LIMIT).await;
    let day = sold_at + CAPTURE_LIMIT - stage.settings.policy.lead - stage.settings.policy.spread;
    let good = report(&stage, &network, day).await;
    println!("played in {:.0} s", started.elapsed().as_secs_f64());
    stage::close(engine).await;
    if good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The shop's history up to the evening before its crowd is due.
async fn prepare(stage: &Rehearsal, scene: &Scene, sold_at: DateTime<Utc>) -> (Arc<Network>, Engine) {
    stage::close(stage::daemon(stage).await).await;
    let network = Arc::new(Network {
        wire: stage.direct(),
        clock: stage.clock.clone(),
        returns: Mutex::default(),
        shop: tokio::sync::Mutex::new(stage::shop(stage).await),
        calls: Mutex::default(),
    });
    let engine = stage.daemon_over(network.clone()).await.expect("the daemon starts");
    for n in 0..OTHERS {
        let (no, now) = (format!("O{n}"), stage.clock.now());
        stage::sell(stage, &no, Kind::Card, 1000, now, Paid::Yes);
        stage::register(&mut *network.shop.lock().await, &no, now).await;
    }
    stage::live_until(stage, &engine, sold_at + scene.registered_after).await;
    let mut shop = network.shop.lock().await;
    let mut transaction = shop.begin().await.expect("a transaction");
    for n in 0..scene.orders {
        let apart = scene.sold_within.num_milliseconds() * i64::try_from(n).expect("small");
        let at = sold_at + Duration::milliseconds(apart / i64::try_from(scene.orders).expect("small"));
        let no = format!("A{n}");
        stage::sell(stage, &no, Kind::Card, 1000, at, Paid::Yes);
        stage::register(&mut transaction, &no, at).await;
    }
    transaction.commit().await.expect("a commit");
    drop(shop);
    *network.returns.lock().unwrap_or_else(PoisonError::into_inner) = returns(scene, sold_at);
    println!(
        "{} orders sold within {} h, captures due from {} on",
        scene.orders,
        scene.sold_within.num_hours(),
        sold_at + CAPTURE_LIMIT - Duration::days(2)
    );
    (network, engine)
}

/// Five minutes past each hour from before the crowd is due: none falls into the closing window.
fn returns(scene: &Scene, sold_at: DateTime<Utc>) -> VecDeque<Return> {
    let first = sold_at + Duration::days(19) - Duration::hours(6) + Duration::minutes(5);
    let hour = |n: usize| Duration::hours(i64::try_from(n).expect("small"));
    let mut all: Vec<Return> =
        (0..OTHERS).map(|n| Return { at: first + hour(n), no: format!("O{n}"), amount: Some(10) }).collect();
    // The last ones sold: their captures come last.
    all.extend((0..OF_THE_CROWD).map(|n| Return {
        at: first + hour(n) + Duration::minutes(1),
        no: format!("A{}", scene.orders - 1 - n),
        amount: None,
    }));
    all.sort_by_key(|r| r.at);
    all.into()
}

/// One capture: when its order was authorized, when it was sent.
struct Capture {
    authorized_at: DateTime<Utc>,
    sent_at: DateTime<Utc>,
}

async fn report(stage: &Rehearsal, network: &Network, day: DateTime<Utc>) -> bool {
    let mut shop = network.shop.lock().await;
    let captures = captures(&mut shop).await;
    let policy = &stage.settings.policy;
    let nominal = |c: &Capture| c.authorized_at + Duration::days(policy.deadline_days) - policy.lead;
    let counted = |state: &'static str| {
        sqlx::query_scalar::<_, i64>("SELECT count(*) FROM order_state WHERE merchant_trade_no LIKE 'A%' AND state = ?")
            .bind(state)
    };
    let uncaptured = counted("authorized").fetch_one(&mut *shop).await.expect("sql");
    let voided = counted("voided").fetch_one(&mut *shop).await.expect("sql");
    let late = captures.iter().filter(|c| c.sent_at >= c.authorized_at + CAPTURE_LIMIT).count();
    println!(
        "captured           {} in time, {late} too late; {voided} refunded before, {uncaptured} not captured",
        captures.len() - late
    );
    let margin = captures.iter().map(|c| c.authorized_at + CAPTURE_LIMIT - c.sent_at).min().unwrap_or_default();
    let early = captures.iter().map(|c| nominal(c) - c.sent_at).max().unwrap_or_default();
    let behind = captures.iter().map(|c| c.sent_at - nominal(c)).max().unwrap_or_default();
    println!("before day 21      by {} at least", show(margin));
    println!(
        "against the plan   {} early at most, {} late at most (lead {}, spread {})",
        show(early),
        show(behind),
        show(policy.lead),
        show(policy.spread)
    );
    out_of_order(&captures);
    let good = refunds(&mut shop).await;
    calls(stage, network, day);
    good && late == 0 && uncaptured == 0
}

async fn captures(shop: &mut SqliteConnection) -> Vec<Capture> {
    let rows = sqlx::query(
        "SELECT s.authorized_at, a.started_at FROM attempts a JOIN order_state s ON s.order_id = a.order_id
          WHERE a.action = 'C' AND a.state = 'applied' AND s.merchant_trade_no LIKE 'A%' ORDER BY a.started_at, a.id",
    )
    .fetch_all(shop)
    .await
    .expect("sql");
    let at = |ms| Utc.timestamp_millis_opt(ms).single().expect("a time");
    rows.iter().map(|r| Capture { authorized_at: at(r.get(0)), sent_at: at(r.get(1)) }).collect()
}

/// How much later the deadline was of an order that was captured before another.
fn out_of_order(captures: &[Capture]) {
    let (mut latest, mut most, mut count) = (DateTime::UNIX_EPOCH, Duration::zero(), 0);
    for capture in captures {
        let by = latest - capture.authorized_at;
        most = most.max(by);
        count += usize::from(by > Duration::minutes(1));
        latest = latest.max(capture.authorized_at);
    }
    println!("out of order       by {} at most; {count} by more than a minute", show(most));
}

async fn refunds(shop: &mut SqliteConnection) -> bool {
    let mut good = true;
    for (what, of, expected) in [("returns of others", "O%", OTHERS), ("of the crowd", "A%", OF_THE_CROWD)] {
        let waits: Vec<i64> = sqlx::query_scalar(
            "SELECT (SELECT min(a.started_at) FROM attempts a WHERE a.refund_id = i.id) - i.created_at
               FROM refund_intents i JOIN refunds r ON r.intent_id = i.id WHERE i.merchant_trade_no LIKE ? AND r.state = 'done'",
        )
        .bind(of)
        .fetch_all(&mut *shop)
        .await
        .expect("sql");
        let longest = Duration::milliseconds(waits.iter().copied().max().unwrap_or(0));
        println!("{what:<18} {} of {expected} refunded, sent after {} at most", waits.len(), show(longest));
        good &= waits.len() == expected && longest <= LONGEST_WAIT;
    }
    good
}

/// What was called from the first captures on, against what the pace alone allows.
fn calls(stage: &Rehearsal, network: &Network, day: DateTime<Utc>) {
    let calls = network.calls.lock().unwrap_or_else(PoisonError::into_inner);
    let that_day: Vec<_> = calls.iter().filter(|(at, _)| (day..day + Duration::hours(54)).contains(at)).collect();
    let money = that_day.iter().filter(|(_, purpose)| *purpose == Purpose::Money).count();
    let pace = Duration::from_std(stage.settings.gateway.min_interval).expect("small");
    let alone = pace * i32::try_from(that_day.len()).expect("small");
    println!("calls              {} from {day} on, {money} of them money; {} in all", that_day.len(), calls.len());
    println!("reference          at a pace of {} they take {}", show(pace), show(alone));
}

fn show(time: Duration) -> String {
    let (sign, ms) =
        if time < Duration::zero() { ("-", -time.num_milliseconds()) } else { ("", time.num_milliseconds()) };
    let s = ms / 1000;
    if s < 60 {
        format!("{sign}{s}.{:01} s", ms % 1000 / 100)
    } else {
        format!("{sign}{} h {:02} min", s / 3600, s / 60 % 60)
    }
}
