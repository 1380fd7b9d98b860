//! The database, as the rest of the ledger knows it: statements whose parameters have names, rows whose
//! columns have names, and errors in no engine's words.
//!
//! A statement that fits into a line stands beside the code that runs it; the others are files of `ledger/sql`.

mod columns;
mod error;
mod row;
mod value;

use rusqlite::{CachedStatement, Connection, InterruptHandle, Transaction, TransactionBehavior};

pub(super) use columns::to_json;
pub use columns::{Json, Text};
pub use error::Error;
pub(super) use error::{is_disk_full, message};
pub use row::Row;
pub(super) use row::from_columns;
pub(crate) use value::params;
pub use value::{Parameters, ToColumn};

/// Ends the statement that another thread is running on a connection.
pub struct Interrupter(InterruptHandle);

impl Interrupter {
    pub fn interrupt(&self) {
        self.0.interrupt();
    }
}

/// Questions that belong together: what is committed meanwhile is in none of their answers.
pub(super) struct Reading<'a>(Transaction<'a>);

impl Reading<'_> {
    pub(super) fn end(self) -> Result<(), Error> {
        Ok(self.0.commit()?)
    }
}

/// A connection. Each statement is prepared once for it.
pub struct Db(Connection);

impl Db {
    pub(super) fn new(connection: Connection) -> Self {
        Self(connection)
    }

    /// For what SQLite alone has.
    pub(super) fn sqlite(&self) -> &Connection {
        &self.0
    }

    /// How many rows were changed.
    pub fn run(&self, sql: &str, parameters: Parameters<'_>) -> Result<usize, Error> {
        Ok(self.told(sql, parameters)?.raw_execute()?)
    }

    /// The one row that there must be.
    pub fn one<T, E: From<Error>>(
        &self,
        sql: &str,
        parameters: Parameters<'_>,
        read: impl FnOnce(&Row<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut statement = self.told(sql, parameters)?;
        let mut rows = statement.raw_query();
        let row = rows.next().map_err(Error::from)?;
        read(&Row::new(row.ok_or(Error::NoRow)?))
    }

    /// The one row, if there is one.
    pub fn maybe<T>(
        &self,
        sql: &str,
        parameters: Parameters<'_>,
        read: impl FnOnce(&Row<'_>) -> Result<T, Error>,
    ) -> Result<Option<T>, Error> {
        match self.one(sql, parameters, read) {
            Err(Error::NoRow) => Ok(None),
            found => found.map(Some),
        }
    }

    pub fn all<T>(
        &self,
        sql: &str,
        parameters: Parameters<'_>,
        mut read: impl FnMut(&Row<'_>) -> Result<T, Error>,
    ) -> Result<Vec<T>, Error> {
        let mut statement = self.told(sql, parameters)?;
        let (mut rows, mut found) = (statement.raw_query(), Vec::new());
        while let Some(row) = rows.next()? {
            found.push(read(&Row::new(row))?);
        }
        Ok(found)
    }

    /// Row after row, of which none is kept: an answer may be longer than the memory.
    pub fn each<E: From<Error>>(
        &self,
        sql: &str,
        parameters: Parameters<'_>,
        mut read: impl FnMut(&Row<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut statement = self.told(sql, parameters)?;
        let mut rows = statement.raw_query();
        while let Some(row) = rows.next().map_err(Error::from)? {
            read(&Row::new(row))?;
        }
        Ok(())
    }

    /// All of it or nothing; not inside a transaction.
    pub(super) fn together<T, E: From<Error>>(&self, work: impl FnOnce(&Self) -> Result<T, E>) -> Result<T, E> {
        // Dropped without a commit, it is rolled back.
        let tx = Transaction::new_unchecked(&self.0, TransactionBehavior::Immediate).map_err(Error::from)?;
        let done = work(self)?;
        tx.commit().map_err(Error::from)?;
        Ok(done)
    }

    /// Until it is ended, or dropped.
    pub(super) fn begin_reading(&self) -> Result<Reading<'_>, Error> {
        Ok(Reading(Transaction::new_unchecked(&self.0, TransactionBehavior::Deferred)?))
    }

    pub(super) fn interrupter(&self) -> Interrupter {
        Interrupter(self.0.get_interrupt_handle())
    }

    /// What somebody's ANALYZE or `PRAGMA optimize` has left goes: every statement is written to do without.
    pub(super) fn forget_statistics(&self) -> Result<(), Error> {
        Ok(self.0.execute_batch("DROP TABLE IF EXISTS sqlite_stat1; DROP TABLE IF EXISTS sqlite_stat4;")?)
    }

    pub(super) fn close(self) -> Result<(), Error> {
        self.0.close().map_err(|(_, error)| error.into())
    }

    fn told(&self, sql: &str, parameters: Parameters<'_>) -> Result<CachedStatement<'_>, Error> {
        let mut statement = self.0.prepare_cached(sql)?;
        // One that is left out would be NULL.
        if statement.parameter_count() != parameters.len() {
            return Err(Error::Parameters { wanted: statement.parameter_count(), told: parameters.len() });
        }
        let mut next = 1;
        for (name, value) in parameters {
            let place = place_of(&statement, name, next)?;
            statement.raw_bind_parameter(place, value.to_column())?;
            next = place + 1;
        }
        Ok(statement)
    }
}

/// SQLite numbers parameters from 1 on, as they first stand in the statement. Nothing is searched when they are
/// told in that order.
fn place_of(statement: &CachedStatement<'_>, name: &str, next: usize) -> Result<usize, Error> {
    if statement.parameter_name(next) == Some(name) {
        return Ok(next);
    }
    let place = statement.parameter_index(name)?;
    Ok(place.ok_or_else(|| rusqlite::Error::InvalidParameterName(name.to_owned()))?)
}

#[cfg(test)]
mod tests;
