//! What is left of a backup or a restore that is killed at any instant.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use super::{backed_up, house, names, opened, partials, text};
use crate::support::{House, LedgerHandle};

/// Large enough that a copy takes a while.
fn large() -> House {
    let house = house();
    let sql = LedgerHandle::open(&house.ledger());
    sql.does("CREATE TABLE mine (note BLOB)");
    for _ in 0..40 {
        sql.does("INSERT INTO mine VALUES (randomblob(1000000))");
    }
    sql.ask("PRAGMA wal_checkpoint(TRUNCATE)");
    house
}

fn started(mut command: Command) -> Child {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts")
}

fn killed(mut child: Child) {
    let _ = child.kill(); // It may have ended.
    child.wait().expect("our own child");
}

fn size(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |found| found.len())
}

/// Until a file in the making has so many bytes, or the child has ended. Whether it has so many.
fn has_come_to(child: &mut Child, folder: &Path, bytes: u64) -> bool {
    loop {
        let made = partials(folder).iter().map(|name| size(&folder.join(name))).max();
        if made.is_some_and(|made| made >= bytes) {
            return true;
        }
        if child.try_wait().expect("our own child").is_some() {
            return false;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_that_is_killed_in_the_middle_leaves_no_file_and_the_next_one_tidies_up() {
    let house = large();
    let folder = house.path("backups");
    std::fs::create_dir(&folder).expect("a directory");
    let whole = size(&house.ledger());
    let mut cut_short = 0;
    // As soon as there is a name, in the middle of the copy, and while it is verified.
    for part in [0, 1, 10, 25, 50, 75, 90, 99] {
        let file = folder.join(format!("{part}.db"));
        let mut child = started(house.command(&["backup", &text(&file)]));
        assert!(has_come_to(&mut child, &folder, whole / 100 * part), "{part} %: it ended before it was killed");
        killed(child);
        let left = partials(&folder);
        if left.is_empty() {
            opened(&file);
            continue;
        }
        cut_short += 1;
        assert!(!file.exists(), "{part} %");
        assert!(left.iter().all(|name| name.starts_with(&format!(".{part}.db.partial-"))), "{left:?}");
        backed_up(&house, &format!("backups/{part}.db"));
        assert_eq!(partials(&folder), [""; 0]);
        opened(&file);
    }
    assert!(cut_short > 4, "{cut_short} were cut short");
}

/// Somebody is at work on it.
#[tokio::test(flavor = "multi_thread")]
async fn a_backup_leaves_the_one_alone_that_is_made_beside_it() {
    let house = large();
    let folder = house.path("backups");
    std::fs::create_dir(&folder).expect("a directory");
    let arguments = ["backup", "--dir", &text(&folder), "--keep", "9"];
    let mut first = started(house.command(&arguments));
    assert!(has_come_to(&mut first, &folder, 1));
    house.done(&arguments);
    assert!(first.wait().expect("our own child").success());
    let made = names(&folder);
    assert_eq!(made.len(), 2, "{made:?}");
    made.iter().for_each(|name| drop(opened(&folder.join(name))));
}

/// A ledger of two orders, and a copy from when there was one.
async fn house_with_copy() -> (House, PathBuf) {
    let house = house();
    let sql = house.sql().await;
    sql.add_order("OLD1");
    sql.close();
    let copy = backed_up(&house, "copy.db");
    let sql = house.sql().await;
    sql.add_order("NEW1");
    sql.close();
    (house, copy)
}

/// The last of them come after its end.
const ROUNDS: u32 = 48;

const ORDERS: &str = "SELECT merchant_trade_no FROM orders ORDER BY id";

#[tokio::test(flavor = "multi_thread")]
async fn a_restore_that_is_killed_at_any_instant_leaves_the_old_ledger_the_new_one_or_a_word_on_how_to_go_on() {
    let (mut old, mut new, mut open) = (0, 0, 0);
    let whole = {
        let (house, copy) = house_with_copy().await;
        let began = Instant::now();
        house.done(&["restore", &text(&copy)]);
        began.elapsed()
    };
    for round in 0..ROUNDS {
        let (house, copy) = house_with_copy().await;
        let child = started(house.command(&["restore", &text(&copy)]));
        // The kill comes when it comes; over all rounds it meets every part.
        tokio::time::sleep(whole * 2 * round / ROUNDS).await;
        killed(child);
        let told = house.tell(&["run", "--once"]);
        match told.code {
            Some(0) => {
                let found = house.sql().await.ask(ORDERS);
                match found.as_str() {
                    "OLD1" => new += 1,
                    "OLD1,NEW1" => old += 1,
                    other => panic!("round {round}: '{other}': {told:?}"),
                }
            }
            _ => {
                assert!(told.error(1).contains("was cut short") && told.err.contains("finishes it"), "{told:?}");
                open += 1;
            }
        }
        // Once more, to its end.
        let told = house.tell(&["restore", &text(&copy)]);
        assert_eq!(told.code, Some(0), "round {round}: {told:?}");
        assert_eq!(house.sql().await.ask(ORDERS), "OLD1", "round {round}");
        assert_eq!(partials(&house.path("")), [""; 0]);
        assert_eq!(house.tell(&["run", "--once"]).code, Some(0));
        // Nothing that was ever there is gone.
        let kept: Vec<PathBuf> =
            names(&house.path("")).iter().filter(|n| n.starts_with("replaced-")).map(|n| house.path(n)).collect();
        let all = kept.iter().map(|folder| LedgerHandle::open(&folder.join("ledger.db")).ask(ORDERS));
        assert!(all.into_iter().any(|orders| orders == "OLD1,NEW1"), "round {round}: {kept:?}");
    }
    eprintln!("killed: {old} with the old ledger, {new} with the new one, {open} told how to go on");
    assert!(old > 0 && new > 0, "{old} {new}");
}

/// Each state that the steps leave, made by hand: what a daemon says there, and that the next restore goes on.
#[tokio::test(flavor = "multi_thread")]
async fn every_state_between_the_steps_of_a_restore_is_told_of_and_ended_by_the_next_one() {
    let steps: [fn(&House); 4] = [
        |_| {},
        |house| std::fs::create_dir(house.path("replaced-20261129T101500")).expect("a directory"),
        |house| {
            std::fs::create_dir(house.path("replaced-20261129T101500")).expect("a directory");
            let second = house.path("replaced-20261129T101500/ledger.db");
            std::fs::hard_link(house.ledger(), second).expect("a second name");
        },
        // Where there was no ledger before.
        |house| std::fs::remove_file(house.ledger()).expect("the ledger"),
    ];
    for (number, step) in steps.into_iter().enumerate() {
        let (house, copy) = house_with_copy().await;
        let ready = house.path("ledger.db.restoring");
        std::fs::copy(&copy, &ready).expect("a copy");
        step(&house);
        for arguments in [&["run"][..], &["run", "--once"]] {
            let expected = format!(
                "a restore of the ledger {} was cut short before the copy was in its place: `ecpayd restore {}` finishes it",
                text(&house.ledger()),
                text(&ready.canonicalize().expect("a path"))
            );
            assert_eq!(house.tell(arguments).error(1), expected, "step {number}");
        }
        assert_eq!(house.ledger().exists(), number != 3, "no empty ledger is made");
        // As the sentence says it.
        let said = house.done(&["restore", &text(&ready)]);
        assert_eq!(said.contains("NEW1"), number != 3, "step {number}: what is lost is told: {said}");
        assert_eq!(house.sql().await.ask(ORDERS), "OLD1", "step {number}");
        assert!(!ready.exists());
        assert_eq!(house.tell(&["run", "--once"]).code, Some(0));
    }
}
