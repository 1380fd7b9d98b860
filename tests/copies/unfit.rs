//! A ledger that is damaged, and copies that are none.

use std::path::Path;

use super::restores::{ORDERS, replaced};
use super::{backed_up, house, names, text};
use crate::support::LedgerHandle;

fn spoiled(path: &Path, at: usize, length: usize) {
    let mut bytes = std::fs::read(path).expect("a file");
    let end = (at + length).min(bytes.len());
    bytes[at..end].fill(0x5a);
    std::fs::write(path, bytes).expect("a file");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_ledger_is_replaced_and_kept_and_told_as_unreadable() {
    for (at, length, is_readable) in [(0, 4096, false), (100, 8000, true)] {
        let house = house();
        house.sql().await.add_order("A1");
        let copy = backed_up(&house, "copy.db");
        spoiled(&house.ledger(), at, length);
        std::fs::write(house.path("ledger.db-wal"), b"what a log may be").expect("a log");
        let said = house.done(&["restore", &text(&copy)]);
        assert!(said.contains("the ledger that it replaces cannot be read"), "{said}");
        assert_eq!(house.sql().await.ask(ORDERS), "A1");
        let kept = names(&replaced(&house));
        assert!(kept.contains(&"ledger.db".to_owned()), "{kept:?}");
        // SQLite itself has looked into the log, and found nothing to keep.
        assert!(is_readable || kept.contains(&"ledger.db-wal".to_owned()), "{kept:?}");
        assert_eq!(house.tell(&["run", "--once"]).code, Some(0));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_copy_of_a_ledger_is_refused_and_nothing_is_changed() {
    let house = house();
    house.sql().await.add_order("A1");
    let copy = backed_up(&house, "copy.db");
    let file = |name: &str, make: &dyn Fn(&Path)| {
        let path = house.path(name);
        std::fs::copy(&copy, &path).expect("a copy");
        make(&path);
        path
    };
    let truncated = |path: &Path| {
        let half = std::fs::metadata(path).expect("it").len() / 2;
        std::fs::File::options().write(true).open(path).and_then(|f| f.set_len(half)).expect("a file");
    };
    let altered = |statement: &'static str| move |path: &Path| LedgerHandle::open(path).does_unguarded(statement);
    let cases = [
        (house.path("nowhere"), "there is no file"),
        (house.ledger(), "is the ledger itself"),
        (house.path("config.toml"), "is no SQLite database"),
        (file("empty", &|path| std::fs::write(path, "").expect("a file")), "is damaged: it holds nothing"),
        (file("half", &truncated), "is damaged"),
        (file("spoiled", &|path| spoiled(path, 4096, 20_000)), "is damaged"),
        (
            file("other", &|path| {
                std::fs::remove_file(path).expect("it");
                LedgerHandle::create(path).does("CREATE TABLE mine (id)");
            }),
            "is a database, but no ecpayd ledger",
        ),
        (
            file("contract", &altered("UPDATE contract SET version = 2")),
            "is a ledger of contract version 2, and this ecpayd knows version 1",
        ),
        (
            file(
                "newer",
                &altered(
                    "UPDATE _sqlx_migrations SET version = 99 WHERE version = (SELECT max(version) FROM _sqlx_migrations)",
                ),
            ),
            "is of a newer ecpayd",
        ),
        (
            file("dangling", &altered("PRAGMA foreign_keys = OFF; UPDATE order_state SET order_id = 77")),
            "that is not there",
        ),
    ];
    for (path, part) in cases {
        let before = names(&house.path(""));
        let told = house.tell(&["restore", &text(&path)]);
        assert!(told.error(1).contains(part), "{part}: {told:?}");
        assert_eq!(names(&house.path("")), before, "{part}");
        assert_eq!(house.sql().await.ask(ORDERS), "A1");
    }
}
