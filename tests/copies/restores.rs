//! A copy put in the ledger's place, and what is told of it.

use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::PathBuf;
use std::time::Duration;

use ecpayd::simulator::Running;
use serde_json::Value;

use super::{backed_up, house, killed_shop, names, opened, partials, text};
use crate::support::{BRISK, House, LedgerHandle, MERCHANT, gateway, paid, truth, until, until_within};

pub const ORDERS: &str = "SELECT merchant_trade_no FROM orders ORDER BY id";

/// As in the other tests, and with the shortest time that a call may be under way, which a restored ledger waits for.
fn settings() -> String {
    BRISK
        .replace("settle_gap", "request_validity = \"1m\"\nmax_skew = \"2s\"\nsettle_gap")
        .replace("\"error\"", "\"warn\"")
}

/// A captured order P1 of NT$1000 with NT$100 refunded, a copy of that, and then three more refunds.
async fn with_three_more(bank: &Running) -> (House, PathBuf) {
    let house = House::new(&bank.url(), &settings());
    house.done(&["run", "--once"]);
    paid(&bank.handle, "P1", 1000);
    let sql = house.sql().await;
    sql.add_order("P1");
    house.done(&["run", "--once"]);
    refunded(&house, &sql, "early", 100);
    let copy = backed_up(&house, "copy.db");
    for (key, amount) in [("one", 200), ("two", 250), ("three", 50)] {
        refunded(&house, &sql, key, amount);
    }
    sql.close();
    (house, copy)
}

fn refunded(house: &House, sql: &LedgerHandle, key: &str, amount: i64) {
    sql.add_refund("P1", Some(amount), key);
    house.done(&["run", "--once"]);
    assert_eq!(sql.value::<String>("SELECT state FROM refund_status WHERE request_key = ?", [key]), "done");
}

pub fn replaced(house: &House) -> PathBuf {
    let found: Vec<String> = names(&house.path("")).into_iter().filter(|name| name.starts_with("replaced-")).collect();
    assert_eq!(found.len(), 1, "{found:?}");
    house.path(&found[0])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restore_is_refused_while_the_daemon_runs_or_anybody_else_has_the_ledger_open() {
    let house = house();
    let copy = backed_up(&house, "copy.db");
    let daemon = house.started().await;
    let before = names(&house.path(""));
    let told = house.tell(&["restore", &text(&copy)]);
    let said = told.error(1);
    assert!(said.contains("is held by another ecpayd") && said.contains(&format!("process {}", daemon.id())), "{said}");
    assert!(said.ends_with("stop it before a copy is put in its place"), "{said}");
    assert_eq!(names(&house.path("")), before);
    assert!(daemon.stop().await.success());
    let shop = house.sql().await;
    shop.add_order("A1");
    let told = house.tell(&["restore", &text(&copy)]);
    assert!(told.error(1).contains("other programs have the ledger") && told.err.contains("lsof"), "{told:?}");
    assert_eq!(partials(&house.path("")), [""; 0]);
    assert!(!house.path("ledger.db.restoring").exists());
    shop.add_order("A2");
    shop.close();
    assert_eq!(house.sql().await.ask(ORDERS), "A1,A2");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_replaced_ledger_did_after_the_copy_is_listed_in_both_languages() {
    let bank = gateway().await;
    let (house, copy) = with_three_more(&bank).await;
    let sql = house.sql().await;
    sql.add_order("HELD1");
    sql.does("UPDATE orders SET capture = 'hold' WHERE merchant_trade_no = 'HELD1'");
    sql.close();
    house.done(&["pause"]);
    house.done(&["resume"]);
    let said = house.done(&["restore", &text(&copy)]);
    for part in [
        "the ledger that it replaces went on until 20",
        "Refunds asked for",
        "Money calls",
        "Said by people",
        "Written by shops",
        "money actions paused by ",
        "the shop sets capture 'hold'",
        "no other machine runs this ledger",
        "let the shop write again",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let line = |parts: &[&str]| said.lines().any(|line| parts.iter().all(|part| line.contains(part)));
    for (key, amount) in [("one", "200"), ("two", "250"), ("three", "50")] {
        assert!(line(&["P1", amount, "done", key]), "{key}: {said}");
        assert!(line(&["P1", "R", amount, "applied"]), "{key}: {said}");
    }
    assert!(!said.contains("early"), "what the copy has is not lost: {said}");
    let folder = replaced(&house);
    assert!(said.contains(&format!("what it replaces is kept in {}", text(&folder.canonicalize().expect("a path")))));

    // The other way round, and in the other language.
    let again = ["restore", &text(&folder.join("ledger.db")), "--lang", "zh-TW"];
    let said = house.done(&again);
    assert!(said.contains("沒有遺失：備份裡有原帳本最新的事件"), "{said}");
    assert_eq!(house.sql().await.ask("SELECT count(*) FROM refund_intents"), "4");
    let said = house.done(&["restore", &text(&copy), "--lang", "zh-TW"]);
    for part in ["要求的退款", "金額動作", "人員的判定與暫停", "商店寫入的", "已完成", "R 退刷", "已生效", "別的主機"]
    {
        assert!(said.contains(part), "{part}: {said}");
    }
    let english = |c: &char| c.is_ascii_uppercase();
    assert!(said.lines().last().is_some_and(|last| !last.chars().any(|c| english(&c))), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_get_the_same_as_json() {
    let bank = gateway().await;
    let (house, copy) = with_three_more(&bank).await;
    let told: Value = serde_json::from_str(&house.done(&["restore", &text(&copy), "--json"])).expect("JSON");
    assert_eq!((&told["history"], &told["paused_merchants"]), (&"lost".into(), &Value::Null));
    let column = |list: &str, field: &str| -> Vec<Value> {
        told["lost"][list].as_array().expect("a list").iter().map(|row| row[field].clone()).collect()
    };
    assert_eq!(column("refunds", "request_key"), ["one", "two", "three"]);
    assert_eq!(column("refunds", "amount"), [200, 250, 50]);
    assert_eq!(column("attempts", "action"), ["R", "R", "R"]);
    assert_eq!(column("attempts", "merchant_trade_no"), ["P1", "P1", "P1"]);
}

/// A person says of each refund, from ECPay's dashboard, that it was made.
fn answer(house: &House, sql: &LedgerHandle) {
    for attempt in sql.values::<i64>("SELECT id FROM attempts WHERE state = 'review'", ()) {
        house.done(&["resolve", &attempt.to_string(), "--applied", "--by", "Mei"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_restore_the_start_says_so_and_no_dollar_moves_twice() {
    let bank = gateway().await;
    let (house, copy) = with_three_more(&bank).await;
    assert_eq!(truth(&bank.handle, "P1").refunded, 600);
    house.done(&["restore", &text(&copy)]);
    let daemon = house.started().await;
    assert!(daemon.log().contains("this ledger may have been put back from a copy"), "{}", daemon.log());
    let sql = house.sql().await;
    assert_eq!(sql.ask("SELECT group_concat(request_key) FROM refund_status"), "early");
    // The shop repeats what it has in its own books.
    for (key, amount) in [("one", 200), ("two", 250), ("three", 50)] {
        sql.add_refund("P1", Some(amount), key);
    }
    until_within(Duration::from_secs(300), "each of them is put to a person, and ends", async || {
        assert_eq!(truth(&bank.handle, "P1").refunded, 600);
        answer(&house, &sql);
        sql.ask("SELECT count(*) FROM refund_status WHERE state = 'done'") == "4"
    })
    .await;
    assert_eq!(truth(&bank.handle, "P1").refunded, 600);
    assert_eq!(sql.ask("SELECT sum(refunded_amount) FROM refund_status"), "600");
    assert!(daemon.stop().await.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_that_has_the_newest_event_loses_nothing_and_is_taken_for_the_same_ledger() {
    let house = House::without_gateway(&settings());
    house.done(&["run", "--once"]);
    let sql = house.sql().await;
    sql.add_order("A1");
    sql.close();
    let copy = backed_up(&house, "copy.db");
    let said = house.done(&["restore", &text(&copy)]);
    assert!(said.contains("nothing is lost: the copy has the newest event"), "{said}");
    assert!(!said.contains("let the shop write again"), "{said}");
    let told = house.tell(&["run", "--once"]);
    assert!(told.code == Some(0) && !told.err.contains("put back from a copy"), "{told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restored_ledger_can_be_paused_before_any_daemon_starts() {
    let bank = gateway().await;
    let (house, copy) = with_three_more(&bank).await;
    let said = house.done(&["restore", &text(&copy), "--pause"]);
    assert!(said.contains("money actions are paused for 1 merchant(s): ecpayd resume lets them go on"), "{said}");
    assert!(said.contains("three"), "what is lost is told all the same: {said}");
    let sql = house.sql().await;
    assert_eq!(sql.ask("SELECT DISTINCT by FROM pauses"), "restore");
    assert!(house.done(&["status"]).contains("captures and refunds of merchant 3002607 paused by restore"));
    // The pause is no event of the replaced ledger: the start notices the copy.
    let told = house.tell(&["run", "--once"]);
    assert!(told.err.contains("this ledger may have been put back from a copy"), "{told:?}");
    sql.add_refund("P1", Some(200), "one");
    house.tell(&["run", "--once"]);
    assert_eq!(truth(&bank.handle, "P1").refunded, 600);
    assert_eq!(opened(&copy).ask("SELECT count(*) FROM pauses"), "0", "the copy itself stays as it is");
}

#[tokio::test(flavor = "multi_thread")]
async fn owner_and_mode_are_those_of_the_ledger_that_was_there() {
    let house = house();
    let copy = backed_up(&house, "copy.db");
    let is_root = house.settings().metadata().expect("settings").uid() == 0;
    if is_root {
        std::os::unix::fs::chown(house.ledger(), Some(65_534), Some(65_533)).expect("root gives away");
    }
    std::fs::set_permissions(house.ledger(), std::fs::Permissions::from_mode(0o640)).expect("a mode");
    let before = house.ledger().metadata().expect("it");
    let said = house.done(&["restore", &text(&copy)]);
    let after = house.ledger().metadata().expect("it");
    assert_ne!(before.ino(), after.ino());
    assert_eq!((before.uid(), before.gid(), before.mode()), (after.uid(), after.gid(), after.mode()));
    assert!(!said.contains("chown"), "{said}");
    let folder = replaced(&house).metadata().expect("it");
    assert_eq!((folder.uid(), folder.gid(), folder.mode() & 0o777), (before.uid(), before.gid(), 0o700));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ledger_that_went_another_way_is_compared_from_where_the_two_parted() {
    let house = house();
    let add = async |no: &str| house.sql().await.add_order(no);
    add("BOTH1").await;
    let first = backed_up(&house, "first.db");
    for no in ["HERE1", "HERE2", "HERE3"] {
        add(no).await;
    }
    let second = backed_up(&house, "second.db");
    house.done(&["restore", &text(&first)]);
    for no in ["THERE1", "THERE2"] {
        add(no).await;
    }
    let said = house.done(&["restore", &text(&second)]);
    assert!(said.contains("THERE1") && said.contains("THERE2"), "{said}");
    assert!(!said.contains("BOTH1") && !said.contains("HERE3"), "{said}");
    assert_eq!(house.sql().await.ask(ORDERS), "BOTH1,HERE1,HERE2,HERE3");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ledger_that_is_named_by_a_link_is_replaced_where_it_lies() {
    let house = house();
    house.sql().await.add_order("A1");
    let copy = backed_up(&house, "copy.db");
    let elsewhere = house.path("elsewhere");
    std::fs::create_dir(&elsewhere).expect("a directory");
    for part in ["ledger.db", "ledger.db.lock", "ledger.db.mark"] {
        std::fs::rename(house.path(part), elsewhere.join(part)).expect("our own file");
    }
    std::os::unix::fs::symlink(elsewhere.join("ledger.db"), house.ledger()).expect("a link");
    house.done(&["restore", &text(&copy)]);
    assert!(house.ledger().is_symlink());
    assert!(names(&elsewhere).iter().any(|name| name.starts_with("replaced-")), "{:?}", names(&elsewhere));
    assert_eq!(house.sql().await.ask(ORDERS), "A1");
}

/// On a new machine.
#[tokio::test(flavor = "multi_thread")]
async fn a_copy_is_put_where_there_was_no_ledger() {
    let (first, second) = (house(), House::without_gateway(&settings()));
    first.sql().await.add_order("A1");
    let copy = backed_up(&first, "copy.db");
    let said = second.done(&["restore", &text(&copy)]);
    assert!(!said.contains("replaces") && said.contains("no other machine runs this ledger"), "{said}");
    assert_eq!(second.sql().await.ask(ORDERS), "A1");
    assert_eq!(second.ledger().metadata().expect("it").mode() & 0o777, 0o660);
    let told = second.tell(&["run", "--once"]);
    assert!(told.code == Some(0) && told.err.contains("may have been put back from a copy"), "no marker: {told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_of_another_ledger_is_told_as_such_with_all_that_the_replaced_one_did() {
    let (ours, other) = (house(), house());
    ours.sql().await.add_refund("A1", Some(5), "ours");
    other.sql().await.add_refund("B1", Some(7), "theirs");
    let copy = backed_up(&other, "copy.db");
    let said = ours.done(&["restore", &text(&copy)]);
    assert!(said.contains("this is no copy of the ledger that it replaces") && said.contains("ours"), "{said}");
    assert_eq!(ours.sql().await.ask("SELECT request_key FROM refund_intents"), "theirs");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_in_the_log_of_the_replaced_ledger_is_told_and_kept_with_it() {
    let house = house();
    let copy = backed_up(&house, "copy.db");
    if !killed_shop(&house.ledger(), "LOG1") {
        return;
    }
    assert!(house.path("ledger.db-wal").metadata().is_ok_and(|log| log.len() > 0), "its row is in the log alone");
    let said = house.done(&["restore", &text(&copy)]);
    assert!(said.contains("LOG1"), "{said}");
    assert_eq!(house.sql().await.ask(ORDERS), "");
    let folder = replaced(&house);
    assert_eq!(names(&folder), ["ledger.db"], "all of it is in its one file");
    assert_eq!(LedgerHandle::open(&folder.join("ledger.db")).ask(ORDERS), "LOG1");
}

/// A shop that opens the ledger while it is put aside is told by SQLite, and writes to no file that nobody reads.
#[tokio::test(flavor = "multi_thread")]
async fn a_shop_that_writes_all_the_while_loses_no_row_in_silence() {
    let house = house();
    let copy = backed_up(&house, "copy.db");
    let stop = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let (stopped, ledger) = (stop.clone(), house.ledger());
    let shop = std::thread::spawn(move || {
        let mut taken = Vec::new();
        for n in 0.. {
            if stopped.load(std::sync::atomic::Ordering::Relaxed) {
                break;
            }
            let sql = LedgerHandle::open(&ledger);
            let no = format!("S{n}");
            let add = "INSERT INTO orders (merchant_id, merchant_trade_no) VALUES (?, ?)";
            if sql.write(add, [MERCHANT, no.as_str()]).is_ok() {
                taken.push(no);
            }
            sql.close();
            std::thread::sleep(Duration::from_millis(1));
        }
        taken
    });
    until("the shop writes", async || house.sql().await.ask("SELECT count(*) FROM orders") != "0").await;
    let told = house.tell(&["restore", &text(&copy)]);
    assert_eq!(told.code, Some(0), "{told:?}");
    let restored = house.sql().await;
    until("the shop goes on", async || restored.ask("SELECT count(*) FROM orders") != "0").await;
    stop.store(true, std::sync::atomic::Ordering::Relaxed);
    let taken = shop.join().expect("the shop");
    let old = LedgerHandle::open(&replaced(&house).join("ledger.db"));
    let is_there = |sql: &LedgerHandle, no: &str| {
        sql.value::<i64>("SELECT count(*) FROM orders WHERE merchant_trade_no = ?", [no]) == 1
    };
    for no in &taken {
        let told_as_lost = is_there(&old, no) && told.out.contains(no.as_str());
        assert!(told_as_lost || is_there(&restored, no), "{no} is nowhere");
    }
    assert_eq!(restored.ask("PRAGMA integrity_check"), "ok");
    assert_eq!(old.ask("PRAGMA integrity_check"), "ok");
}
