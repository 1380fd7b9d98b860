//! Whether the disk was asked before the gateway. Fails when durability is traded for speed.
//!
//! Two readings: what the writer's own connection says of itself, and what the kernel saw the
//! daemon's binary do, by strace. Without strace the second cannot be had, and the check fails.

use std::process::Command;

use ecpayd::ledger::{Db, Ledger, LedgerError, Write};
use tokio::runtime::Builder;

use super::gateway::{Noting, sell};
use super::house::{House, add_order, shop};
use super::trace::{self, Order};
use crate::common::books::noon;
use crate::common::on_disk;

const ORDERS: i64 = 20;

/// What a line of strace shows of a page of the log.
const LONGEST_TEXT: &str = "9000";

pub fn check() -> Result<(), String> {
    let (synchronous, journal) = settings_of_the_writer()?;
    println!("the writer's connection: journal_mode={journal}, synchronous={synchronous}");
    // 2 is FULL, 3 is EXTRA (SQLite, PRAGMA synchronous).
    if journal != "wal" || !matches!(synchronous, 2 | 3) {
        return Err("the writer's connection may lose a commit when the power fails".to_owned());
    }
    let Order { sent, synced } = traced()?;
    println!(
        "{sent} DoAction sent; before each its attempt was written to the log and {synced} times the log was synced"
    );
    if sent == ORDERS.unsigned_abs() {
        return Ok(());
    }
    Err(format!("{sent} DoAction of {ORDERS} were seen"))
}

/// Asked on the connection that writes, as a write.
struct Ask;

impl Write for Ask {
    type Out = (i64, String);

    fn apply(&self, tx: &Db) -> Result<Self::Out, LedgerError> {
        let synchronous = tx.one("PRAGMA synchronous", &[], |row| row.at(0))?;
        let journal = tx.one("PRAGMA journal_mode", &[], |row| row.at(0))?;
        Ok((synchronous, journal))
    }
}

fn settings_of_the_writer() -> Result<(i64, String), String> {
    let runtime = Builder::new_current_thread().enable_all().build().map_err(|e| e.to_string())?;
    runtime.block_on(async {
        let dir = on_disk();
        let ledger = Ledger::open(&dir.path().join("ledger.db"), noon()).await.map_err(|e| e.to_string())?;
        let answer = ledger.write(Ask).await.map_err(|e| e.to_string());
        ledger.close().await;
        answer
    })
}

/// The daemon captures orders, one at a time, under strace.
fn traced() -> Result<Order, String> {
    let gateway = Noting::start();
    let settings = "[gateway]\nmin_interval = \"0s\"\nconcurrency = 1\n[log]\nlevel = \"error\"\n";
    let house = House::new(&gateway.url, settings);
    run(house.command(None, &["run", "--once"]))?;
    sell(&gateway.bank, 1, ORDERS, chrono::Utc::now());
    let sql = shop(&house.ledger());
    for order in 1..=ORDERS {
        add_order(&sql, order, "now");
    }
    drop(sql);
    let file = house.path("strace");
    let mut strace = Command::new("strace");
    strace.args(["-f", "-y", "-s", LONGEST_TEXT, "-e", trace::CALLS, "-o"]).arg(&file);
    run(house.command(Some(strace), &["run", "--once"]))?;
    let text = std::fs::read(&file).map_err(|e| format!("strace wrote nothing: {e}"))?;
    trace::read(&String::from_utf8_lossy(&text))
}

fn run(mut command: Command) -> Result<(), String> {
    let program = command.get_program().to_string_lossy().into_owned();
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{program} ended with {status}")),
        Err(error) => Err(format!("{program} cannot be started ({error}); it is needed for this check")),
    }
}
