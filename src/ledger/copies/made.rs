//! The content of a ledger in a file of its own, and that it is there whole.

use std::path::Path;

use super::error::CopyError;
use super::partial::Partial;
use crate::ledger::LedgerError;
use crate::ledger::db::{self, Db};
use crate::ledger::sqlite::mark::{self, Known};
use crate::ledger::sqlite::source::Source;
use crate::ledger::sqlite::{copy, verify};

/// How often a ledger is read anew that nobody has open for long, and somebody writes to.
const TRIES: u32 = 5;

/// What a copy has to have, at least.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Content {
    pub identity: String,
    pub newest: Known,
}

impl Content {
    pub(super) fn of(db: &Db) -> Result<Self, db::Error> {
        let identity = db.one("SELECT identity FROM daemon", &[], |row| row.at::<String>(0))?;
        Ok(Self { identity, newest: mark::newest(db)? })
    }
}

/// A copy of the ledger `from`, verified, in the file that is in the making. What it holds. `is_open`: in this
/// process, and known to be a ledger.
pub(super) fn made(from: &Path, is_open: bool, to: &Partial) -> Result<Content, CopyError> {
    for _ in 0..TRIES {
        let source = if is_open { Source::open_beside(from)? } else { Source::open(from)? };
        let read = Content::of(source.db()).map_err(CopyError::from).and_then(|before| {
            copy::copy(source.db(), to.path()).map_err(|error| cannot_copy(error, from, to))?;
            Ok(before)
        });
        if source.is_of_one_moment() {
            return verified(&read?, to);
        }
        to.empty()?;
    }
    Err(CopyError::NeverStill)
}

fn cannot_copy(error: db::Error, from: &Path, to: &Partial) -> CopyError {
    if verify::is_damage(&error) {
        return CopyError::Damaged { path: from.to_owned(), why: error.to_string() };
    }
    match error {
        db::Error::DiskFull => CopyError::DiskFull { path: to.target().to_owned() },
        error if verify::is_unreadable(&error) => {
            let why = error.to_string();
            CopyError::Io { doing: "the ledger cannot be copied there", path: to.target().to_owned(), why }
        }
        error => error.into(),
    }
}

/// What was in the ledger when the copy was begun is in it, and it is whole.
fn verified(before: &Content, made: &Partial) -> Result<Content, CopyError> {
    let not_as_read = |why: &str| Err(CopyError::NotAsRead { why: why.to_owned() });
    let db = verify::open_alone(made.path())?;
    if let Some(why) = verify::damage(&db)? {
        return not_as_read(&why);
    }
    let contract = verify::contract(&db)?;
    if contract != verify::CONTRACT {
        return not_as_read(&format!("its contract version is {contract}"));
    }
    let after = Content::of(&db)?;
    let Known { id, .. } = before.newest;
    if after.identity != before.identity {
        return not_as_read("it is another ledger");
    }
    if id > 0 && mark::known(&db, id)? != Some(before.newest) {
        return not_as_read(&format!("event {id} of the ledger is missing"));
    }
    Ok(after)
}

/// A file that is to be copied from, before anything else is done: a ledger, whole, and of the contract that is known.
pub(super) fn check(file: &Path) -> Result<(), CopyError> {
    let damaged = |why: String| CopyError::Damaged { path: file.to_owned(), why };
    let source = Source::open(file).map_err(|error| match error {
        LedgerError::Missing { .. } if file.exists() => damaged("it holds nothing".to_owned()),
        LedgerError::Missing { path } => CopyError::NoCopy { path },
        LedgerError::NotLetIn { path } => CopyError::NotLetIn { path },
        LedgerError::Sql(error) if verify::is_damage(&error) => damaged(error.to_string()),
        error => error.into(),
    })?;
    if let Some(why) = verify::damage(source.db())? {
        return Err(damaged(why));
    }
    match verify::contract(source.db())? {
        verify::CONTRACT => Ok(()),
        found => Err(CopyError::OtherContract { path: file.to_owned(), found, known: verify::CONTRACT }),
    }
}
