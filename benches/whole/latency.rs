//! From a shop's commit to the first byte at the gateway: the daemon's binary, a shop that knows
//! nothing but SQL, and a watcher without anything else as the reference.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{JoinHandle, sleep, spawn};
use std::time::{Duration, Instant};

use ecpayd::gateway::transport::{HttpTransport, Purpose, Transport};
use tokio::runtime::Builder;

use super::gateway::{Noting, sell};
use super::house::{Daemon, House, add_order, add_refund, shop};
use crate::common::books::{Books, number};
use crate::common::{Goal, Line, argument, measures, quantile, table};

/// No row may take longer: a bound for a daemon that hangs.
const PATIENCE: Duration = Duration::from_secs(60);

pub fn measure() {
    let rows: i64 = argument("rows", if measures() { 300 } else { 10 });
    let mut lines = Vec::new();
    for (setting, every, goal_ms) in
        [("20ms", Duration::from_millis(20), 50.0), ("1s", Duration::from_secs(1), 1_100.0)]
    {
        let (ours, reference) = (of_the_daemon(setting, rows), of_a_watcher(every, rows));
        for (name, part, goal) in [("p50", 0.5, Goal::None), ("p99", 0.99, Goal::AtMost(goal_ms))] {
            lines.push(line(&format!("{name} at {setting}"), quantile(&ours, part), quantile(&reference, part), goal));
        }
    }
    let title = format!(
        "From a shop's commit to the gateway, {rows} rows each. Reference: a loop that asks SQLite as often and sends one POST. The goal is in milliseconds."
    );
    table(&title, &lines);
}

fn line(what: &str, ours: Duration, reference: Duration, goal: Goal) -> Line {
    let ms = |time: Duration| time.as_secs_f64() * 1e3;
    let met = match goal {
        Goal::AtMost(most) if ms(ours) > most => format!(" (missed: {most:.0} ms)"),
        Goal::AtMost(most) => format!(" (goal: {most:.0} ms)"),
        Goal::AtLeast(_) | Goal::None => String::new(),
    };
    Line {
        what: what.to_owned(),
        ours: format!("{:.1} ms{met}", ms(ours)),
        reference: format!("{:.1} ms", ms(reference)),
        ratio: ms(ours) / ms(reference),
        goal: Goal::None,
    }
}

fn of_the_daemon(foreign_writes: &str, rows: i64) -> Vec<Duration> {
    let gateway = Noting::start();
    let settings = format!(
        "[gateway]\nmin_interval = \"0s\"\n[poll]\nforeign_writes = \"{foreign_writes}\"\n[log]\nlevel = \"error\"\n"
    );
    let house = House::new(&gateway.url, &settings);
    sell(&gateway.bank, 1, rows + 1, chrono::Utc::now());
    let _daemon = Daemon::start(house.command(None, &["run"]));
    written(&gateway, &house.ledger(), rows)
}

/// Writes rows at random moments and says how long each was on its way.
fn written(gateway: &Noting, ledger: &Path, rows: i64) -> Vec<Duration> {
    let sql = shop(ledger);
    // The first finds everybody awake.
    add_order(&sql, rows + 1, "auto");
    arrived(gateway, rows + 1);
    let sent: Vec<Instant> = (1..=rows)
        .map(|order| {
            sleep(Duration::from_millis(fastrand::u64(30..150)));
            if order % 2 == 0 {
                add_refund(&sql, order)
            } else {
                add_order(&sql, order, "auto")
            }
            Instant::now()
        })
        .collect();
    (1..=rows).zip(sent).map(|(order, sent)| arrived(gateway, order).saturating_duration_since(sent)).collect()
}

fn arrived(gateway: &Noting, order: i64) -> Instant {
    let start = Instant::now();
    loop {
        if let Some(at) = gateway.heard_of(number(order).as_str()) {
            return at;
        }
        assert!(start.elapsed() < PATIENCE, "order {order} never reaches the gateway");
        sleep(Duration::from_millis(5));
    }
}

/// The same rows, seen by a loop that does nothing but look for them.
fn of_a_watcher(every: Duration, rows: i64) -> Vec<Duration> {
    let gateway = Noting::start();
    let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
    let books = runtime.block_on(Books::filled(1));
    let stop = Arc::new(AtomicBool::new(false));
    let watching = watch(&books, &gateway, every, &stop);
    // Above the number that the ledger holds already.
    let sql = shop(&books.path);
    let taken: Vec<Duration> = (2..rows + 2)
        .map(|order| {
            sleep(Duration::from_millis(fastrand::u64(30..150)));
            add_order(&sql, order, "auto");
            let sent = Instant::now();
            (order, sent)
        })
        .collect::<Vec<_>>()
        .into_iter()
        .map(|(order, sent)| arrived(&gateway, order).saturating_duration_since(sent))
        .collect();
    stop.store(true, Ordering::Relaxed);
    watching.join().expect("the watcher");
    taken
}

fn watch(books: &Books, gateway: &Noting, every: Duration, stop: &Arc<AtomicBool>) -> JoinHandle<()> {
    let (path, url, stop) = (books.path.clone(), gateway.url.clone(), stop.clone());
    spawn(move || {
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let (sql, http) = (shop(&path), Arc::new(HttpTransport::new(PATIENCE).expect("a client")));
            let (mut known, mut last, mut tick) = (0_i64, 1_i64, tokio::time::interval(every));
            while !stop.load(Ordering::Relaxed) {
                tick.tick().await;
                let version = sql.query_row("PRAGMA data_version", [], |row| row.get(0)).expect("a number");
                if std::mem::replace(&mut known, version) == version {
                    continue;
                }
                let mut newer =
                    sql.prepare_cached("SELECT id, merchant_trade_no FROM orders WHERE id > ?").expect("SQL");
                let rows = newer.query_map([last], |row| Ok((row.get(0)?, row.get(1)?))).expect("orders");
                for (id, number) in rows.map(|row| row.expect("an order")).collect::<Vec<(i64, String)>>() {
                    last = id;
                    let (http, url) = (http.clone(), format!("{url}/bare/{number}"));
                    tokio::spawn(async move { http.post(&url, Vec::new(), Purpose::Query).await });
                }
            }
        });
    })
}
