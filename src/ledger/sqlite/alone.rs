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
            Some(why) if self.suspected == before => Err(LedgerError::Overwritten { path: self.path.clone(), why }),
            Some(_) => {
                self.suspected = before;
                Ok(())
            }
        }
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
