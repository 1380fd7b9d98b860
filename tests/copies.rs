//! `ecpayd backup` and `ecpayd restore`: real commands on a real ledger, with whoever else is at it.

#[path = "copies/backups.rs"]
mod backups;
#[path = "copies/cut_short.rs"]
mod cut_short;
#[path = "copies/pages.rs"]
mod pages;
#[path = "copies/readers.rs"]
mod readers;
#[path = "copies/refused.rs"]
mod refused;
#[path = "copies/restores.rs"]
mod restores;
mod support;
#[path = "copies/unfit.rs"]
mod unfit;

use std::os::unix::fs::MetadataExt as _;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use support::{House, LedgerHandle, Told};

/// A ledger on which a daemon has run once, and everything is in its file.
fn house() -> House {
    let house = House::without_gateway(support::BRISK);
    house.done(&["run", "--once"]);
    house
}

fn text(path: &Path) -> String {
    path.to_str().expect("a path in UTF-8").to_owned()
}

fn backup(house: &House, name: &str) -> (PathBuf, Told) {
    let file = house.path(name);
    let told = house.tell(&["backup", &text(&file)]);
    (file, told)
}

fn backed_up(house: &House, name: &str) -> PathBuf {
    let (file, told) = backup(house, name);
    assert_eq!((told.code, told.err.as_str()), (Some(0), ""), "{told:?}");
    file
}

/// What a copy holds; it is whole, and for nobody else to read.
fn opened(copy: &Path) -> LedgerHandle {
    assert_eq!(std::fs::metadata(copy).expect("a copy").mode() & 0o777, 0o600, "{}", copy.display());
    let sql = LedgerHandle::open(copy);
    assert_eq!(sql.ask("PRAGMA integrity_check"), "ok");
    assert_eq!(sql.ask("PRAGMA journal_mode"), "delete", "nothing is laid beside it");
    sql
}

/// Everything in a directory, in order.
fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("a directory");
    let mut names: Vec<String> =
        entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// What was left behind by a process that was killed.
fn partials(folder: &Path) -> Vec<String> {
    names(folder).into_iter().filter(|name| name.contains(".partial-")).collect()
}

const KILLED: &str = "import os, sqlite3, sys
ledger = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=10)
ledger.execute(\"INSERT INTO orders (merchant_id, merchant_trade_no) VALUES ('3002607', ?)\", (sys.argv[2],))
os.kill(os.getpid(), 9)";

/// A shop that is killed when its row is committed, so that its log stays. False: no python3 with sqlite3.
fn killed_shop(ledger: &Path, no: &str) -> bool {
    let ended = Command::new("python3").args(["-c", KILLED]).arg(ledger).arg(no).status();
    let killed = ended.is_ok_and(|status| status.signal() == Some(9));
    if !killed {
        eprintln!("left out: no python3 with sqlite3");
    }
    killed
}
