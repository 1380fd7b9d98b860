//! The ledger's file read by itself, without its log: who wrote over it.
//!
//! `cp` over an open ledger is no commit, so nobody is notified; what is read afterwards is a page of
//! the copy here and a page of the log there. But the file alone only ever grows newer.

use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags};

use super::mark::Mark;
use super::open;
use crate::ledger::LedgerError;
use crate::ledger::db::{self, Db};

/// When it was written last, and how large it was then.
pub(super) type Stamp = (i64, i64, u64);

/// What the file alone holds.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Content {
    identity: String,
    newest: i64,
    schema: i64,
}

pub(in crate::ledger) struct Alone {
    path: PathBuf,
    /// Looked into at this stamp, and found good.
    checked: Option<Stamp>,
    /// Found bad at this stamp: a checkpoint that is under way may look so for a moment.
    suspected: Option<Stamp>,
    /// What it held then. None: it could not be read by itself yet, as long as all is in the log.
    held: Option<Content>,
}

impl Alone {
    pub(in crate::ledger) fn of(real: &Path) -> Self {
        Self { path: real.to_owned(), checked: stamp(real), suspected: None, held: read(real) }
    }

    /// An error when it was written over. `live` is a connection that reads the log too.
    pub(in crate::ledger) fn check(&mut self, mark: &Mark, live: &Db) -> Result<(), LedgerError> {
        let before = stamp(&self.path);
        if before.is_none() || before == self.checked {
            return Ok(());
        }
        let content = read(&self.path);
        if stamp(&self.path) != before {
            return Ok(());
        }
        let why = match (&content, &self.held) {
            (None, None) => None,
            (None, Some(_)) => Some("it can no longer be read".to_owned()),
            (Some(now), was) => written_over(now, was.as_ref(), mark, live),
        };
        match why {
            None => {
                (self.checked, self.suspected) = (before, None);
                self.held = content.or(self.held.take());
                Ok(())
            }
            Some(why) if self.suspected == before => {
                if self.is_sound(mark) {
                    (self.checked, self.suspected) = (before, None);
                    return Ok(());
                }
                Err(LedgerError::Overwritten { path: self.path.clone(), why })
            }
            Some(_) => {
                self.suspected = before;
                Ok(())
            }
        }
    }
}

impl Alone {
    /// The file and its log together are a whole ledger, with what was committed last in it. A checkpoint that is
    /// slow, or that died with the program that made it, leaves the file alone in pieces for as long as you like,
    /// and the two together whole. By a connection of its own: one that is open knows pages from before.
    fn is_sound(&self, mark: &Mark) -> bool {
        let Ok(fresh) = open::reader(&self.path) else { return false };
        let whole: Result<String, db::Error> = fresh.one("PRAGMA quick_check(1)", &[], |row| row.at(0));
        whole.is_ok_and(|told| told == "ok") && matches!(mark.missing_from(&fresh), Ok(None))
    }
}

fn written_over(now: &Content, was: Option<&Content>, mark: &Mark, live: &Db) -> Option<String> {
    if now.identity != mark.identity() {
        return Some("it is another ledger".to_owned());
    }
    let was = was?;
    if now.newest < was.newest {
        return Some(format!("event {} was in it, and the newest is {} now", was.newest, now.newest));
    }
    // A copy that SQLite has made counts the changes of its schema anew.
    let schema: Result<i64, db::Error> = live.one("PRAGMA schema_version", &[], |row| row.at(0));
    let known = schema.is_ok_and(|live| (was.schema..=live).contains(&now.schema));
    (!known).then(|| "its schema is numbered otherwise, as in a copy".to_owned())
}

pub(super) fn stamp(path: &Path) -> Option<Stamp> {
    std::fs::metadata(path).ok().map(|found| (found.mtime(), found.mtime_nsec(), found.len()))
}

/// None where it cannot be read.
fn read(path: &Path) -> Option<Content> {
    // Immutable: neither locks nor a log. By SQLite itself, since closing the file in any other way would
    // take the locks away that SQLite holds on it in this process.
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(open::uri(path, "immutable=1"), flags).map(Db::new).ok()?;
    let (identity, newest): (String, i64) = connection
        .one(
            "SELECT identity, (SELECT coalesce(max(id), 0) FROM events) FROM daemon",
            &[],
            |row| -> Result<(String, i64), db::Error> { row.try_into() },
        )
        .ok()?;
    let schema: Result<i64, db::Error> = connection.one("PRAGMA schema_version", &[], |row| row.at(0));
    Some(Content { identity, newest, schema: schema.ok()? })
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::FileExt as _;

    use chrono::DateTime;

    use super::*;
    use crate::ledger::{Ledger, as_a_shop};

    const PAGE: usize = 4096;

    fn sell(shop: &Db, orders: std::ops::Range<u32>) {
        for n in orders {
            let order = format!("INSERT INTO orders (merchant_id, merchant_trade_no) VALUES ('3002607', 'A{n}')");
            shop.run(&order, &[]).expect("an order");
        }
    }

    /// Whoever makes a checkpoint may be killed in it, or its disk may take seconds for the sync.
    #[tokio::test]
    async fn a_file_in_the_middle_of_a_checkpoint_is_no_other_ledger() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("ledger.db");
        let ledger = Ledger::open(&path, DateTime::UNIX_EPOCH).await.expect("a ledger");
        let shop = as_a_shop(&path).expect("a shop");
        shop.run("INSERT INTO merchants (merchant_id) VALUES ('3002607')", &[]).expect("a merchant");
        sell(&shop, 0..20);
        shop.one("PRAGMA wal_checkpoint(FULL)", &[], |_| Ok::<_, db::Error>(())).expect("a checkpoint");
        let before = std::fs::read(&path).expect("the file");
        let mut alone = Alone::of(&path);
        assert!(alone.held.is_some());

        shop.one("PRAGMA wal_autocheckpoint = 0", &[], |_| Ok::<_, db::Error>(())).expect("no checkpoint");
        sell(&shop, 20..200);
        let (mark, _) = Mark::open(&path, &shop).expect("a marker");
        mark.note(&shop);
        // What a checkpoint to its end would make of the file.
        let copy = dir.path().join("copy.db");
        for suffix in ["", "-wal"] {
            let beside = |path: &Path| format!("{}{suffix}", path.display());
            std::fs::copy(beside(&path), beside(&copy)).expect("a copy");
        }
        let other = as_a_shop(&copy).expect("the copy");
        other.one("PRAGMA wal_checkpoint(FULL)", &[], |_| Ok::<_, db::Error>(())).expect("a checkpoint");
        let after = std::fs::read(&copy).expect("the file");

        let file = std::fs::OpenOptions::new().write(true).open(&path).expect("the file");
        let mut suspected = 0;
        for pages in 1..before.len() / PAGE {
            file.write_all_at(&before, 0).expect("as before");
            file.write_all_at(&after[..pages * PAGE], 0).expect("a part of it");
            for _ in 0..3 {
                alone.check(&mark, &shop).unwrap_or_else(|error| panic!("{pages} pages: {error}"));
                suspected += usize::from(alone.suspected.is_some());
            }
        }
        assert!(suspected > 0, "some of them look like another file");

        // And one that is.
        file.write_all_at(&vec![0x55; before.len()], 0).expect("another file");
        std::fs::write(dir.path().join("ledger.db-wal"), b"").expect("an empty log");
        alone.check(&mark, &shop).expect("seen once");
        assert!(matches!(alone.check(&mark, &shop), Err(LedgerError::Overwritten { .. })));
        std::mem::forget(ledger);
    }
}
