//! Whether the ledger is still the one that was opened, all of it, and has the schema that was shipped.
//!
//! Once it is not, this process writes nothing more into it: what is there is not what its plans were
//! made from.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

use super::alone::Alone;
use super::mark::Mark;
use super::place::Place;
use super::shipped;
use crate::ledger::LedgerError;
use crate::ledger::db::Db;

pub(in crate::ledger) struct Guard {
    real: PathBuf,
    place: Place,
    mark: Mark,
    alone: Mutex<Alone>,
    /// `PRAGMA data_version` and `schema_version` of the write connection, when they were last looked at.
    commits: AtomicI64,
    schema: AtomicI64,
    lost: OnceLock<LedgerError>,
}

impl Guard {
    pub(in crate::ledger) fn of(path: &Path, real: &Path, mark: Mark, connection: &Db) -> Result<Self, LedgerError> {
        let place = Place::of(path, real)?;
        // So that the file alone can be read, as far as no reader is in the way.
        connection.one("PRAGMA wal_checkpoint(PASSIVE)", &[], |_| Ok::<_, LedgerError>(()))?;
        let commits = AtomicI64::new(number(connection, "PRAGMA data_version")?);
        let schema = AtomicI64::new(number(connection, "PRAGMA schema_version")?);
        let alone = Mutex::new(Alone::of(real));
        Ok(Self { real: real.to_owned(), place, mark, alone, commits, schema, lost: OnceLock::new() })
    }

    /// Before a write, inside its transaction: nobody else can commit until it ends.
    pub(in crate::ledger) fn before_write(&self, connection: &Db) -> Result<(), LedgerError> {
        // What became of a call in flight is written wherever the file lies by now.
        if let Some(lost) = self.lost().filter(|lost| lost.is_of_another_content()) {
            return Err(lost.clone());
        }
        self.noted(self.place.check_beside())?;
        self.noted(self.still_ours(connection))
    }

    /// After somebody else may have committed.
    pub(in crate::ledger) fn after_commits(&self, connection: &Db) -> Result<(), LedgerError> {
        self.before_write(connection)?;
        let schema = number(connection, "PRAGMA schema_version")?;
        if self.schema.swap(schema, Ordering::Relaxed) == schema { Ok(()) } else { self.check_schema(connection) }
    }

    pub(in crate::ledger) fn check_schema(&self, connection: &Db) -> Result<(), LedgerError> {
        self.noted(shipped::check(connection, &self.real))
    }

    /// The files, as often as anybody likes. `live` reads the ledger.
    pub(in crate::ledger) fn check_files(&self, live: &Db) -> Result<(), LedgerError> {
        self.once()?;
        self.noted(self.place.check_ledger())?;
        self.noted(self.place.check_beside())?;
        let mut alone = self.alone.lock().unwrap_or_else(PoisonError::into_inner);
        self.noted(alone.check(&self.mark, live))
    }

    /// What was committed last by us is there, whoever has committed since.
    fn still_ours(&self, connection: &Db) -> Result<(), LedgerError> {
        let commits = number(connection, "PRAGMA data_version")?;
        if self.commits.load(Ordering::Relaxed) == commits {
            return Ok(());
        }
        if let Some(why) = self.mark.missing_from(connection)? {
            return Err(LedgerError::Restored { path: self.real.clone(), why });
        }
        self.commits.store(commits, Ordering::Relaxed);
        Ok(())
    }

    fn once(&self) -> Result<(), LedgerError> {
        self.lost.get().map_or(Ok(()), |lost| Err(lost.clone()))
    }

    /// What makes the ledger another one is kept; a question that could not be answered is not.
    fn noted(&self, found: Result<(), LedgerError>) -> Result<(), LedgerError> {
        if let Err(lost) = &found
            && lost.is_lost()
        {
            let _ = self.lost.set(lost.clone()); // The first one counts.
        }
        found
    }

    pub(in crate::ledger) fn lost(&self) -> Option<&LedgerError> {
        self.lost.get()
    }

    pub(in crate::ledger) fn place(&self) -> &Place {
        &self.place
    }

    pub(in crate::ledger) fn mark(&self) -> &Mark {
        &self.mark
    }
}

fn number(connection: &Db, pragma: &str) -> Result<i64, LedgerError> {
    connection.one(pragma, &[], |row| Ok(row.at(0)?))
}
