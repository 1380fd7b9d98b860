//! One row of an answer.

use std::cell::Cell;

use super::error::Error;
use super::value::{FromColumn, Value};

pub struct Row<'a> {
    row: &'a rusqlite::Row<'a>,
    /// The place behind the column that was read last: the next one stands there, mostly.
    next: Cell<usize>,
}

impl<'a> Row<'a> {
    pub(super) fn new(row: &'a rusqlite::Row<'a>) -> Self {
        Self { row, next: Cell::new(0) }
    }

    /// The column of this name. Nothing is searched when they are read in the statement's order.
    pub fn get<T: FromColumn>(&self, column: &str) -> Result<T, Error> {
        let value = Value::of(self.row.get_ref(self.place(column)?)?);
        value.and_then(T::from_column).map_err(|why| Error::Column { column: column.to_owned(), why })
    }

    fn place(&self, column: &str) -> Result<usize, Error> {
        let statement = self.row.as_ref();
        let (first, count) = (self.next.get(), statement.column_count());
        let mut places = (first..count).chain(0..first.min(count));
        let place = places.find(|place| statement.column_name(*place).is_ok_and(|name| name == column));
        let place = place.ok_or_else(|| rusqlite::Error::InvalidColumnName(column.to_owned()))?;
        self.next.set(place + 1);
        Ok(place)
    }

    /// The column in this place, from 0 on: of statements that give one or two nameless ones.
    pub fn at<T: FromColumn>(&self, place: usize) -> Result<T, Error> {
        let value = Value::of(self.row.get_ref(place)?);
        value.and_then(T::from_column).map_err(|why| Error::Column { column: (place + 1).to_string(), why })
    }
}

/// The columns in their order.
macro_rules! from_places {
    ($($column:ident $place:literal),+) => {
        impl<$($column: FromColumn),+> TryFrom<&Row<'_>> for ($($column,)+) {
            type Error = Error;

            fn try_from(row: &Row<'_>) -> Result<Self, Error> {
                Ok(($(row.at::<$column>($place)?,)+))
            }
        }
    };
}

from_places!(A 0, B 1);
from_places!(A 0, B 1, C 2);
from_places!(A 0, B 1, C 2, D 3);
from_places!(A 0, B 1, C 2, D 3, E 4);

/// A struct whose fields are columns of the same names.
macro_rules! from_columns {
    ($name:ident: $($column:ident),+ $(,)?) => {
        impl TryFrom<&$crate::ledger::db::Row<'_>> for $name {
            type Error = $crate::ledger::db::Error;

            fn try_from(row: &$crate::ledger::db::Row<'_>) -> Result<Self, $crate::ledger::db::Error> {
                Ok(Self { $($column: row.get(stringify!($column))?),+ })
            }
        }
    };
}
pub(in crate::ledger) use from_columns;
