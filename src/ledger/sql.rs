//! Statements, each prepared once for each connection. Those that do not fit into a line are files of `sql/`.

use std::ops::Deref;

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ValueRef};
use rusqlite::{Connection, OptionalExtension as _, Result, Row, ToSql};
use serde::Serialize;
use serde_json::value::RawValue;

/// What a statement is told, each by its name; see [`params`].
pub(super) type Parameters<'a> = &'a [(&'static str, &'a dyn ToSql)];

/// `params! { order: id, now }` is what stands for `:order` and `:now` in a statement.
macro_rules! params {
    (@value $name:ident) => {
        &$name as &dyn rusqlite::ToSql
    };
    (@value $name:ident $value:expr) => {
        &$value as &dyn rusqlite::ToSql
    };
    ($($name:ident $(: $value:expr)?),* $(,)?) => {
        &[$((concat!(":", stringify!($name)), params!(@value $name $($value)?))),*]
    };
}
pub(super) use params;

pub(super) trait Sql {
    /// How many rows were changed.
    fn run(&self, sql: &str, parameters: Parameters<'_>) -> Result<usize>;

    fn one<T, E: From<rusqlite::Error>>(
        &self,
        sql: &str,
        parameters: Parameters<'_>,
        read: impl FnOnce(&Row<'_>) -> Result<T, E>,
    ) -> Result<T, E>;

    fn maybe<T>(
        &self,
        sql: &str,
        parameters: Parameters<'_>,
        read: impl FnOnce(&Row<'_>) -> Result<T>,
    ) -> Result<Option<T>>;

    fn all<T>(&self, sql: &str, parameters: Parameters<'_>, read: impl FnMut(&Row<'_>) -> Result<T>) -> Result<Vec<T>>;
}

impl Sql for Connection {
    fn run(&self, sql: &str, parameters: Parameters<'_>) -> Result<usize> {
        self.prepare_cached(sql)?.execute(parameters)
    }

    fn one<T, E: From<rusqlite::Error>>(
        &self,
        sql: &str,
        parameters: Parameters<'_>,
        read: impl FnOnce(&Row<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut statement = self.prepare_cached(sql)?;
        let mut rows = statement.query(parameters)?;
        read(rows.next()?.ok_or(rusqlite::Error::QueryReturnedNoRows)?)
    }

    fn maybe<T>(
        &self,
        sql: &str,
        parameters: Parameters<'_>,
        read: impl FnOnce(&Row<'_>) -> Result<T>,
    ) -> Result<Option<T>> {
        self.one(sql, parameters, read).optional()
    }

    fn all<T>(&self, sql: &str, parameters: Parameters<'_>, read: impl FnMut(&Row<'_>) -> Result<T>) -> Result<Vec<T>> {
        self.prepare_cached(sql)?.query_map(parameters, read)?.collect()
    }
}

/// As a column holds it. A failure rolls back what was written with it.
pub(super) fn to_json(value: &(impl Serialize + ?Sized)) -> Result<String> {
    serde_json::to_string(value).map_err(|e| rusqlite::Error::ToSqlConversionFailure(e.into()))
}

/// Text of a shop. What is no UTF-8 in it, which older ledgers took, is shown as far as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Text(String);

impl FromSql for Text {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        value.as_bytes().map(|bytes| Self(String::from_utf8_lossy(bytes).into_owned()))
    }
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

/// JSON of a column, as it stands there.
#[derive(Clone, Debug, Serialize)]
pub struct Json(Box<RawValue>);

impl FromSql for Json {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let text = value.as_str()?.to_owned();
        RawValue::from_string(text).map(Self).map_err(|e| FromSqlError::Other(e.into()))
    }
}

/// A struct whose fields are columns of the same names.
macro_rules! from_columns {
    ($name:ident: $($column:ident),+ $(,)?) => {
        impl TryFrom<&rusqlite::Row<'_>> for $name {
            type Error = rusqlite::Error;

            fn try_from(row: &rusqlite::Row<'_>) -> Result<Self, rusqlite::Error> {
                Ok(Self { $($column: row.get(stringify!($column))?),+ })
            }
        }
    };
}
pub(super) use from_columns;

#[cfg(test)]
mod tests;
