//! One row of an answer.

use super::error::Error;
use super::value::{FromColumn, Value};

pub struct Row<'a>(&'a rusqlite::Row<'a>);

impl<'a> Row<'a> {
    pub(super) fn new(row: &'a rusqlite::Row<'a>) -> Self {
        Self(row)
    }

    /// The column of this name.
    pub fn get<T: FromColumn>(&self, column: &str) -> Result<T, Error> {
        let value = Value::of(self.0.get_ref(column)?);
        value.and_then(T::from_column).map_err(|why| Error::Column { column: column.to_owned(), why })
    }

    /// The column in this place, from 0 on: of statements that give one or two nameless ones.
    pub fn at<T: FromColumn>(&self, place: usize) -> Result<T, Error> {
        let value = Value::of(self.0.get_ref(place)?);
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
