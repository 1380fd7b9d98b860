//! Copies of a ledger that others work on, and what is known of them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::Value;

use super::{backed_up, backup, house, names, opened, partials, text};
use crate::support::ledger::{AddRefund, LedgerHandle};
use crate::support::{BRISK, House, MERCHANT, gateway, paid, until};

/// Writes a refund after the other, on one order, and counts those that are committed.
fn shop(house: &House, stop: Arc<AtomicBool>) -> (Arc<AtomicUsize>, std::thread::JoinHandle<()>) {
    let (committed, ledger) = (Arc::new(AtomicUsize::new(0)), house.ledger());
    let count = committed.clone();
    let writing = std::thread::spawn(move || {
        let sql = LedgerHandle::open(&ledger);
        for n in 0.. {
            if stop.load(Ordering::Relaxed) {
                return;
            }
            let (no, key) = (format!("S{n}"), format!("key-{n}"));
            let refund = AddRefund { merchant: MERCHANT, no: &no, amount: Some(1), key: &key, ..AddRefund::default() };
            sql.refund(&refund).expect("a shop writes");
            count.store(n + 1, Ordering::Release);
            // SQLite hands its lock to nobody in turn: a shop without a pause keeps the daemon from it for good.
            std::thread::sleep(Duration::from_millis(2));
        }
    });
    (committed, writing)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_refund_that_was_committed_before_a_backup_is_in_it_whoever_works_on_the_ledger() {
    let bank = gateway().await;
    let house = House::new(&bank.url(), BRISK);
    let daemon = house.started().await;
    let stop = Arc::new(AtomicBool::new(false));
    let (committed, writing) = shop(&house, stop.clone());
    let mut sizes = Vec::new();
    for n in 0..12 {
        let before = committed.load(Ordering::Acquire);
        let copy = backed_up(&house, &format!("{n}.db"));
        let keys = "SELECT count(*) FROM refund_intents WHERE CAST(substr(request_key, 5) AS INTEGER) < ?";
        let sql = opened(&copy);
        assert_eq!(
            sql.value::<i64>(keys, [i64::try_from(before).expect("a count")]),
            i64::try_from(before).expect("one")
        );
        assert_eq!(sql.ask("PRAGMA foreign_key_check"), "");
        sizes.push(sql.value::<i64>("SELECT count(*) FROM refund_intents", ()));
        until("the shop goes on", async || committed.load(Ordering::Acquire) > before).await;
    }
    stop.store(true, Ordering::Relaxed);
    writing.join().expect("the shop");
    assert!(sizes.is_sorted() && sizes[0] < sizes[11], "{sizes:?}");
    assert!(daemon.stop().await.success());
    assert_eq!(partials(house.path("").as_path()), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_is_the_ledger_with_its_numbers_and_without_its_marker() {
    let house = house();
    let sql = house.sql().await;
    sql.add_refund("A1", Some(300), "k1");
    let copy = backed_up(&house, "copy.db");
    assert_eq!(
        names(&house.path("")),
        ["config.toml", "copy.db", "ledger.db", "ledger.db-shm", "ledger.db-wal", "ledger.db.lock", "ledger.db.mark"]
    );
    let there = opened(&copy);
    for figure in [
        "PRAGMA application_id",
        "PRAGMA user_version",
        "SELECT identity FROM daemon",
        "SELECT version FROM contract",
        "SELECT max(version) FROM _sqlx_migrations",
        "SELECT group_concat(name || ' ' || seq) FROM (SELECT * FROM sqlite_sequence ORDER BY name)",
        "SELECT max(id) || ' ' || count(*) FROM events",
        "SELECT count(*) FROM sqlite_master",
    ] {
        assert_eq!(there.ask(figure), sql.ask(figure), "{figure}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_of_a_ledger_at_rest_leaves_nothing_beside_it() {
    let house = house();
    let before = names(&house.path(""));
    backed_up(&house, "copy.db");
    let mut after = names(&house.path(""));
    after.retain(|name| name != "copy.db");
    assert_eq!(after, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn as_many_are_kept_as_was_said_and_nothing_else_is_touched() {
    let house = house();
    let folder = house.path("backups");
    std::fs::create_dir(&folder).expect("a directory");
    let others = ["ecpayd-before-upgrade.db", "ecpayd-20200101T034000.db.gz", "notes.txt", "ecpayd-20209901T034000.db"];
    for other in others {
        std::fs::write(folder.join(other), "mine").expect("a file");
    }
    std::fs::create_dir(folder.join("ecpayd-20200102T034000.db")).expect("a directory of that name");
    std::fs::write(folder.join("ecpayd-20200103T034000.db"), "an old backup").expect("a file");
    std::fs::write(folder.join(".ecpayd-20200103T034000.db.partial-1.0"), "of one that was killed").expect("a file");
    let ours = || -> Vec<String> {
        let is_file = |name: &String| folder.join(name).is_file() && !others.contains(&name.as_str());
        names(&folder).into_iter().filter(is_file).collect()
    };
    let mut made = Vec::new();
    for n in 1..=5 {
        let said = house.done(&["backup", "--dir", &text(&folder), "--keep", "3"]);
        let (_, name) = said.lines().next().unwrap_or_default().rsplit_once('/').expect("a path");
        made.push(name.to_owned());
        assert!(made.is_sorted(), "{made:?}");
        let mut kept = made[made.len().saturating_sub(3)..].to_vec();
        if n < 3 {
            kept.insert(0, "ecpayd-20200103T034000.db".to_owned());
        }
        assert_eq!(ours(), kept, "after {n}: {said}");
        assert_eq!(said.contains("removed"), n >= 3, "{said}");
        opened(&folder.join(name));
    }
    assert!(folder.join("ecpayd-20200102T034000.db").is_dir());
    assert!(others.iter().all(|other| folder.join(other).is_file()));
}

#[tokio::test(flavor = "multi_thread")]
async fn status_and_its_json_tell_of_the_newest_backup() {
    let house = house();
    let json = || -> Value { serde_json::from_str(&house.done(&["status", "--json"])).expect("JSON") };
    assert!(house.done(&["status"]).contains("no backup yet"));
    assert!(house.done(&["status", "--lang", "zh-TW"]).contains("還沒有備份"));
    assert_eq!(json()["backup"], Value::Null);
    let copy = backed_up(&house, "copy.db").canonicalize().expect("a path");
    let status = house.done(&["status"]);
    assert!(
        status.contains("newest backup 20") && status.contains(&format!("less than an hour ago: {}", text(&copy))),
        "{status}"
    );
    let told = json();
    assert_eq!(told["backup"]["file"], text(&copy));
    assert!(told["backup"]["age_s"].as_i64().is_some_and(|age| (0..600).contains(&age)), "{told}");
    house.sql().await.does("UPDATE daemon SET backed_up_at = backed_up_at - 86400000 * 3");
    assert!(house.done(&["status"]).contains("3 days ago"));
    assert!(house.done(&["status", "--lang", "zh-TW"]).contains("3 天前"));
}

const ALERTS: &str = "SELECT kind || ' ' || severity || ' [' || merchant_id || ']: ' || message FROM open_alerts";

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_that_failed_is_told_of_until_the_next_one_is_made_also_under_a_daemon() {
    for running in [false, true] {
        let house = house();
        let daemon = if running { Some(house.started().await) } else { None };
        let sql = house.sql().await;
        for _ in 0..2 {
            let (file, told) = backup(&house, "nowhere/copy.db");
            assert!(told.error(1).contains(&format!("{}: there is no such directory", text(&file))), "{told:?}");
        }
        let alert = sql.ask(ALERTS);
        assert!(alert.starts_with("backup_failing warning []: the ledger could not be backed up ("), "{alert}");
        assert!(alert.contains("nowhere/copy.db: there is no such directory"), "{alert}");
        assert!(house.done(&["alerts", "--lang", "zh-TW"]).contains("帳本備份失敗"));
        backed_up(&house, "copy.db");
        assert_eq!(sql.ask(ALERTS), "");
        assert_eq!(sql.ask("SELECT count(*) FROM alerts"), "1", "raised once");
        if let Some(daemon) = daemon {
            assert!(daemon.stop().await.success());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_daemon_tells_that_the_newest_backup_is_older_than_two_days_and_a_new_one_ends_it() {
    let house = House::without_gateway(&BRISK.replace("\"error\"", "\"warn\""));
    house.done(&["run", "--once"]);
    backed_up(&house, "first.db");
    let sql = house.sql().await;
    house.done(&["run", "--once"]);
    assert_eq!(sql.ask(ALERTS), "");
    sql.does("UPDATE daemon SET backed_up_at = backed_up_at - 86400000 * 2 - 1000");
    let told = house.tell(&["run", "--once"]);
    assert!(told.err.contains("backup_failing") && told.err.contains("2 days ago"), "{told:?}");
    assert!(sql.ask(ALERTS).starts_with("backup_failing warning []: the newest backup of the ledger was made at "));
    // Told once, and a daemon alone does not end it.
    house.done(&["run", "--once"]);
    sql.does("UPDATE daemon SET backed_up_at = backed_up_at + 86400000 * 2");
    house.done(&["run", "--once"]);
    assert_ne!(sql.ask(ALERTS), "");
    backed_up(&house, "second.db");
    assert_eq!(sql.ask(ALERTS), "");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_holds_up_no_order() {
    let bank = gateway().await;
    let house = House::new(&bank.url(), BRISK);
    let daemon = house.started().await;
    let sql = house.sql().await;
    for n in 0..5 {
        let no = format!("B{n}");
        paid(&bank.handle, &no, 1000);
        sql.add_order(&no);
        backed_up(&house, &format!("{n}.db"));
    }
    until("all are captured", async || {
        sql.ask("SELECT count(*) FROM order_status WHERE captured_amount = 1000") == "5"
    })
    .await;
    assert!(daemon.stop().await.success());
}
