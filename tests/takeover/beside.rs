//! Others write meanwhile, and somebody ends it in the middle: real processes on one ledger.

use std::io::Write as _;
use std::process::{Child, Command, Stdio};

use crate::support::{self, House, until};
use crate::{counts, house, json, read, write};

const ROWS: usize = 10_000;

fn with_a_list(house: &House, rows: usize) {
    let rows: String = (0..rows).map(|row| format!("L{row:07}\n")).collect();
    write(house, "list.csv", format!("merchant_trade_no\n{rows}"));
}

/// A process of a shop that waits for at most a second, until it is told to stop. Without a pause of its own four of
/// them keep the lock from each other.
const SHOP: &str = r#"
import os, sqlite3, sys, time
ledger, enough, begun, name = sys.argv[1:]
db = sqlite3.connect(ledger, timeout=1, isolation_level=None)
db.execute("PRAGMA wal_autocheckpoint = 0")
rows = 0
while not os.path.exists(enough):
    db.execute("INSERT INTO orders (merchant_id, merchant_trade_no) VALUES ('3002607', ?)", (f"S{name}{rows:07}",))
    rows += 1
    open(begun, "a").close()
    time.sleep(0.05)
print(rows)
"#;

/// STRICT tables are in SQLite 3.37.
fn has_python() -> bool {
    let probe = "import sqlite3, sys; sys.exit(sqlite3.sqlite_version_info < (3, 37))";
    let is_there = Command::new("python3").args(["-c", probe]).output().is_ok_and(|o| o.status.success());
    if !is_there {
        let why = "python3 cannot write to a ledger here";
        assert!(std::env::var_os("ALL_CLIENTS").is_none(), "{why}, and ALL_CLIENTS is set");
        writeln!(std::io::stderr(), "skipped: {why}").expect("standard error");
    }
    is_there
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shop_gets_all_its_rows_in_while_twenty_thousand_are_imported() {
    if !has_python() {
        return;
    }
    let house = house();
    with_a_list(&house, 2 * ROWS);
    let enough = house.path("enough");
    let mut shops = Vec::new();
    for name in ["A", "B", "C", "D"] {
        let begun = house.path(name);
        let mut shop = Command::new("python3");
        shop.args(["-c", SHOP]).arg(house.ledger()).arg(&enough).arg(&begun).arg(name);
        let mut shop = shop.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("python3");
        until("the shop writes", async || begun.exists() || has_ended(&mut shop)).await;
        shops.push(shop);
    }
    let told = house.tell(&["orders", "import", "list.csv", "--yes", "--json"]);
    std::fs::write(&enough, "").expect("a file");
    let mut rows = 0;
    for shop in shops {
        let output = shop.wait_with_output().expect("its end");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "the shop was refused: {said}");
        let written: u64 = String::from_utf8_lossy(&output.stdout).trim().parse().expect("a count");
        rows += written;
    }
    assert_eq!(counts(&json(&told)), [20_000, 20_000, 0, 0], "{told:?}");
    let sql = house.sql().await;
    assert_eq!(sql.ask("SELECT count(*) FROM orders WHERE merchant_trade_no GLOB 'S*'"), rows.to_string());
    assert_eq!(sql.ask("SELECT count(*) FROM orders WHERE merchant_trade_no GLOB 'L*'"), "20000");
}

fn has_ended(child: &mut Child) -> bool {
    child.try_wait().expect("our own child").is_some()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_ended_in_the_middle_leaves_whole_transactions_and_is_gone_on_with() {
    for signal in ["INT", "TERM"] {
        let house = house();
        with_a_list(&house, ROWS);
        let mut command = house.command(&["orders", "import", "list.csv", "--yes"]);
        let (out, err) = (house.path("out"), house.path("err"));
        let file = |path| std::fs::File::create(path).expect("a file");
        let mut import = command.stdout(file(&out)).stderr(file(&err)).spawn().expect("the command");
        let sql = house.sql().await;
        let count = || -> usize { sql.ask("SELECT count(*) FROM orders").parse().expect("a count") };
        until("some rows are in", async || count() > 0 || has_ended(&mut import)).await;
        let told = Command::new("kill").arg(format!("-{signal}")).arg(import.id().to_string()).status();
        assert!(told.is_ok_and(|s| s.success()), "SIG{signal}");
        let status = import.wait().expect("its end");
        let are_in = count();
        assert_eq!((status.code(), are_in % 500), (Some(1), 0), "{are_in}: {}", read(&house, "err"));
        assert!((500..ROWS).contains(&are_in), "{are_in}");
        let said = format!(
            "ecpayd: ended as asked; rows that are in: {are_in}, {are_in} of them new; refused: 0; the same command again goes on from there\n"
        );
        assert_eq!((read(&house, "err"), read(&house, "out")), (said, String::new()));
        let told = house.tell(&["orders", "import", "list.csv", "--yes", "--json"]);
        let (there, new) = (are_in as u64, (ROWS - are_in) as u64);
        assert_eq!(counts(&json(&told)), [ROWS as u64, new, there, 0], "{told:?}");
        assert_eq!(count(), ROWS);
    }
}

/// SIGKILL, which nobody can answer.
#[tokio::test(flavor = "multi_thread")]
async fn a_killed_import_leaves_whole_transactions_too() {
    let house = house();
    with_a_list(&house, ROWS);
    let mut command = house.command(&["orders", "import", "list.csv", "--yes"]);
    let mut import = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the command");
    let sql = house.sql().await;
    let count = || -> usize { sql.ask("SELECT count(*) FROM orders").parse().expect("a count") };
    support::until("some rows are in", async || count() > 0 || has_ended(&mut import)).await;
    import.kill().expect("our own child");
    import.wait().expect("its end");
    assert!(count() % 500 == 0 && count() < ROWS, "{}", count());
    house.done(&["orders", "import", "list.csv", "--yes"]);
    assert_eq!(count(), ROWS);
}
