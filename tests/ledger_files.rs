//! What may happen to the ledger's files and schema around a daemon. Whatever does, the daemon stops and
//! says so, and of a row that a shop has committed it is known what became of it.

mod support;

use std::path::{Path, PathBuf};
use std::process::Command;

use support::{BRISK, Daemon, House, LedgerHandle, until};

fn beside(house: &House, suffix: &str) -> PathBuf {
    PathBuf::from(format!("{}{suffix}", house.ledger().display()))
}

async fn ends_saying(daemon: &mut Daemon, sentence: &str) {
    assert_eq!(daemon.ended().await.code(), Some(1), "{}", daemon.log());
    assert!(daemon.log().contains(sentence), "{}", daemon.log());
    assert!(!daemon.log().contains("panicked"), "{}", daemon.log());
}

/// A copy as an operator makes one, of a ledger that holds one order.
async fn copy(house: &House) -> PathBuf {
    house.done(&["run", "--once"]);
    let sql = house.sql().await;
    sql.add_order("OLD1");
    let copy = house.path("copy.db");
    sql.copy(&copy);
    sql.close();
    assert_eq!(house.tell(&["run", "--once"]).code, Some(0));
    copy
}

fn orders(sql: &LedgerHandle) -> String {
    assert_eq!(sql.ask("PRAGMA integrity_check"), "ok");
    sql.ask("SELECT merchant_trade_no FROM orders ORDER BY id")
}

/// The next daemon starts on what lies there and knows that it may be a copy.
async fn is_taken_over_with_care(house: &House) {
    let told = house.tell(&["run", "--once"]);
    assert_eq!(told.code, Some(0), "{told:?}");
    assert!(told.err.contains("this ledger may have been put back from a copy"), "{told:?}");
    assert_eq!(house.sql().await.ask("SELECT count(*) FROM restores"), "1");
}

const RESTORE: &str =
    "import sqlite3, sys; sqlite3.connect(sys.argv[1]).backup(sqlite3.connect(sys.argv[2], timeout=10))";

fn restores(copy: &Path, ledger: &Path) -> bool {
    Command::new("python3").args(["-c", RESTORE]).args([copy, ledger]).status().is_ok_and(|s| s.success())
}

/// As `sqlite3 ecpayd.db ".restore copy.db"` does it: by SQLite itself, as a commit. What was written
/// since the copy is gone by the operator's own act, and the daemon says so.
#[tokio::test(flavor = "multi_thread")]
async fn a_copy_that_is_restored_into_a_running_ledger_ends_the_daemon() {
    let house = House::without_gateway(&BRISK.replace("\"error\"", "\"warn\""));
    let copy = copy(&house).await;
    let mut daemon = house.started().await;
    let sql = house.sql().await;
    sql.add_order("NEW1");
    sql.close();
    if !restores(&copy, &house.ledger()) {
        eprintln!("left out: no python3 with sqlite3");
        return;
    }
    ends_saying(&mut daemon, "another content was restored into the ledger").await;
    assert!(daemon.log().contains("what was written since that copy is not in it"), "{}", daemon.log());
    assert_eq!(orders(&house.sql().await), "OLD1");
    is_taken_over_with_care(&house).await;
}

/// A copy of the ledger as it stands changes nothing that the daemon has made plans from.
#[tokio::test(flavor = "multi_thread")]
async fn a_shop_that_commits_under_the_daemon_ends_nobody() {
    let house = House::without_gateway(BRISK);
    let daemon = house.started().await;
    let sql = house.sql().await;
    for no in ["A1", "A2", "A3"] {
        sql.add_order(no);
        sql.does("CREATE TABLE IF NOT EXISTS mine (note TEXT); CREATE INDEX IF NOT EXISTS mine_too ON orders (memo)");
        sql.does("PRAGMA wal_checkpoint(TRUNCATE)");
    }
    until("all were looked at", async || {
        sql.ask("SELECT count(*) FROM order_status WHERE last_error IS NOT NULL") == "3"
    })
    .await;
    assert!(daemon.stop().await.success());
}

/// `cp copy.db ecpayd.db`: no commit, and the log of the old file beside the new one. What was in the log
/// is kept in a file that the daemon names.
#[tokio::test(flavor = "multi_thread")]
async fn a_copy_that_is_written_over_a_running_ledger_ends_the_daemon_and_keeps_its_log() {
    let house = House::without_gateway(BRISK);
    let copy = copy(&house).await;
    let mut daemon = house.started().await;
    let sql = house.sql().await;
    sql.add_order("NEW1");
    sql.close();
    std::fs::copy(&copy, house.ledger()).expect("cp");
    ends_saying(&mut daemon, "was written over by another file under the running daemon").await;
    let aside = beside(&house, &format!("-wal.aside-{}", daemon.id()));
    assert!(daemon.log().contains(&aside.display().to_string()), "{}", daemon.log());
    let log = std::fs::read(&aside).expect("the log");
    assert!(log.windows(4).any(|bytes| bytes == b"NEW1"), "the shop's row");
    assert_eq!(orders(&house.sql().await), "OLD1");
}

/// Whoever opens the ledger next begins an index of its own: the daemon would never see the row, and
/// write over it. The row is in the log, and the daemon leaves it there.
#[tokio::test(flavor = "multi_thread")]
async fn an_index_that_is_deleted_under_the_daemon_ends_it_and_costs_no_row() {
    for shops in [0, 1] {
        let house = House::without_gateway(BRISK);
        let mut daemon = house.started().await;
        let sql = house.sql().await;
        sql.add_order("OLD1");
        sql.close();
        std::fs::remove_file(beside(&house, "-shm")).expect("the index");
        if shops == 1 {
            let sql = house.sql().await;
            sql.add_order("NEW1");
            sql.close();
        }
        ends_saying(&mut daemon, "ledger.db-shm was deleted or replaced under the running daemon").await;
        let all = if shops == 1 { "OLD1,NEW1" } else { "OLD1" };
        assert_eq!(orders(&house.sql().await), all);
        house.tell(&["run", "--once"]);
        assert_eq!(orders(&house.sql().await), all);
    }
}

/// What the daemon and the shops have written before goes into the ledger. A shop that comes after it is
/// refused by SQLite, or its row stays.
#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_is_deleted_under_the_daemon_ends_it_and_costs_no_row() {
    for checkpointed in [false, true] {
        let house = House::without_gateway(BRISK);
        let mut daemon = house.started().await;
        let sql = house.sql().await;
        sql.add_order("OLD1");
        if checkpointed {
            sql.does("PRAGMA wal_checkpoint(PASSIVE)");
        }
        sql.close();
        std::fs::remove_file(beside(&house, "-wal")).expect("the log");
        // Its view of the schema is in the log, unless that is in the ledger: an error is told to it.
        let added = Command::new("python3").args(["-c", INSERT]).arg(house.ledger()).output().expect("python3").status;
        ends_saying(&mut daemon, "ledger.db-wal was deleted or replaced under the running daemon").await;
        let all = if added.success() { "OLD1,NEW1" } else { "OLD1" };
        assert_eq!(orders(&house.sql().await), all, "checkpointed: {checkpointed}");
        house.tell(&["run", "--once"]);
        assert_eq!(orders(&house.sql().await), all, "checkpointed: {checkpointed}");
    }
}

const INSERT: &str = "import sqlite3, sys
ledger = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=10)
ledger.execute(\"INSERT INTO orders (merchant_id, merchant_trade_no) VALUES ('3002607', 'NEW1')\")";

#[tokio::test(flavor = "multi_thread")]
async fn a_ledger_with_a_second_name_is_refused_and_noticed_while_it_runs() {
    let house = House::without_gateway(BRISK);
    let mut daemon = house.started().await;
    let sql = house.sql().await;
    sql.add_order("A1");
    sql.close();
    let other = house.path("other.db");
    std::fs::hard_link(house.ledger(), &other).expect("a link");
    ends_saying(&mut daemon, "has 2 hard links").await;
    for arguments in [&["run"][..], &["run", "--once"]] {
        assert!(house.tell(arguments).error(1).contains("has 2 hard links"), "{arguments:?}");
    }
    assert!(house.done(&["status"]).contains("registered"));
    std::fs::remove_file(other).expect("our own link");
    house.tell(&["run", "--once"]);
    assert_eq!(orders(&house.sql().await), "A1");
}

/// The lock is on the ledger itself, whatever lies beside it and by whatever path it was found.
#[tokio::test(flavor = "multi_thread")]
async fn a_second_daemon_is_refused_by_every_path_to_the_same_file() {
    let house = House::without_gateway(BRISK);
    let mut first = house.started().await;
    std::os::unix::fs::symlink(house.path("."), house.path("elsewhere")).expect("a link");
    std::os::unix::fs::symlink(house.ledger(), house.path("link.db")).expect("a link");
    let by = |path: PathBuf| {
        let mut command = house.command(&["run", "--once"]);
        command.env("ECPAYD_DATABASE__PATH", path);
        support::told(command)
    };
    for path in [house.ledger(), house.path("elsewhere/ledger.db"), house.path("link.db")] {
        let told = by(path.clone());
        assert!(told.error(1).contains(&format!("(process {})", first.id())), "{told:?}");
    }
    // As for a ledger whose directory is mounted elsewhere without what lies beside it.
    std::fs::remove_file(beside(&house, ".lock")).expect("the file that names the process");
    assert!(by(house.ledger()).error(1).contains("is held by another ecpayd under another name"));
    assert!(first.is_running());
    assert!(first.stop().await.success());
}

/// What somebody has done to the schema, and how it is named.
const ALTERED: [(&str, &str); 3] = [
    ("DROP TRIGGER refunds_keep_their_end", "trigger refunds_keep_their_end is missing"),
    (
        "CREATE TRIGGER mine AFTER INSERT ON refund_intents BEGIN UPDATE orders SET memo = 'x' WHERE id = 1; END",
        "trigger mine on refund_intents is not of ecpayd",
    ),
    (
        "BEGIN; DROP VIEW refund_status; CREATE VIEW refund_status AS SELECT 1 AS id; COMMIT",
        "view refund_status is another one",
    ),
];

#[tokio::test(flavor = "multi_thread")]
async fn a_schema_that_is_not_the_shipped_one_stops_the_daemon_until_it_is_mended() {
    for (statement, what) in ALTERED {
        let house = House::without_gateway(BRISK);
        let mut daemon = house.started().await;
        house.sql().await.does(statement);
        ends_saying(&mut daemon, what).await;
        for arguments in [&["run"][..], &["run", "--once"]] {
            let told = house.tell(arguments);
            let said = told.error(1);
            assert!(said.contains("no longer has the schema that ecpayd made") && said.contains(what), "{said}");
            assert!(said.contains("no money moves until it has") && said.contains("ledger.db.mend.sql"), "{said}");
        }
        if !statement.contains("VIEW") {
            house.done(&["status"]);
        }
        let script = std::fs::read_to_string(beside(&house, ".mend.sql")).expect("a script");
        let statements = script.lines().filter(|line| !line.starts_with('.')).collect::<Vec<_>>().join("\n");
        let sql = house.sql().await;
        sql.does(&statements);
        sql.close();
        house.done(&["run", "--once"]);
    }
}

/// 70 MB that a reader keeps from being put into the ledger.
#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_a_reader_keeps_growing_is_told_of_until_the_reader_ends() {
    let house = House::without_gateway(&BRISK.replace("\"error\"", "\"warn\""));
    house.done(&["run", "--once"]);
    let reader = house.sql().await;
    reader.does("BEGIN");
    reader.ask("SELECT count(*) FROM orders");
    let sql = house.sql().await;
    sql.does(
        "PRAGMA wal_autocheckpoint = 0; CREATE TABLE mine (bytes BLOB); INSERT INTO mine VALUES (zeroblob(70000000))",
    );
    let told = house.tell(&["run", "--once"]);
    assert!(
        told.err.contains("the log of the ledger has grown to") && told.err.contains("ledger_log_large"),
        "{told:?}"
    );
    let open = "SELECT kind || ' ' || severity || ' [' || merchant_id || ']' FROM open_alerts";
    assert_eq!(sql.ask(open), "ledger_log_large warning []");
    let alerts = house.done(&["alerts"]);
    assert!(alerts.contains("the ledger") && alerts.contains("ledger_log_large"), "{alerts}");
    let status = house.done(&["status"]);
    assert!(status.contains("log 6") && status.contains("% of its disk is free"), "{status}");
    // Told once, as long as it lasts.
    assert_eq!(house.tell(&["run", "--once"]).err, "");
    reader.does("COMMIT");
    house.done(&["run", "--once"]);
    assert_eq!(sql.ask(open), "");
    sql.does("UPDATE orders SET memo = 'x'; DROP TABLE mine");
}

#[tokio::test(flavor = "multi_thread")]
async fn status_tells_how_much_room_the_ledger_takes_and_has() {
    let house = House::without_gateway(BRISK);
    house.done(&["run", "--once"]);
    let told: serde_json::Value = serde_json::from_str(&house.done(&["status", "--json"])).expect("JSON");
    let storage = &told["storage"];
    assert_eq!(storage["path"], house.ledger().canonicalize().expect("a path").to_str().expect("text"));
    assert_eq!(storage["ledger_bytes"], std::fs::metadata(house.ledger()).expect("the ledger").len());
    for number in ["log_bytes", "disk_free_bytes", "disk_free_percent"] {
        assert!(storage[number].is_u64(), "{number}: {storage}");
    }
    let status = house.done(&["status"]);
    assert!(status.contains("no orders yet") && status.contains("MB; ") || status.contains("MB, log"), "{status}");
}
