//! What stands in a row and what a statement is given: values in words of our own, whatever library reads them.

use chrono::{DateTime, Utc};
use rusqlite::types::{ToSql, ToSqlOutput, ValueRef};

#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    Null,
    Number(i64),
    Real(f64),
    Text(String),
    Bytes(Vec<u8>),
}

impl Cell {
    /// As SQL itself turns it into text; nothing for NULL.
    pub fn text(self) -> Option<String> {
        match self {
            Self::Null => None,
            Self::Number(n) => Some(n.to_string()),
            Self::Real(n) => Some(format!("{n:?}")),
            Self::Text(text) => Some(text),
            Self::Bytes(bytes) => Some(String::from_utf8_lossy(&bytes).into_owned()),
        }
    }

    fn read(value: ValueRef<'_>) -> Self {
        match value {
            ValueRef::Null => Self::Null,
            ValueRef::Integer(n) => Self::Number(n),
            ValueRef::Real(n) => Self::Real(n),
            ValueRef::Text(text) => Self::Text(String::from_utf8(text.to_vec()).expect("text in UTF-8")),
            ValueRef::Blob(bytes) => Self::Bytes(bytes.to_vec()),
        }
    }
}

impl ToSql for Cell {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Number(n) => ValueRef::Integer(*n),
            Self::Real(n) => ValueRef::Real(*n),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

impl From<i64> for Cell {
    fn from(n: i64) -> Self {
        Self::Number(n)
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<&String> for Cell {
    fn from(text: &String) -> Self {
        Self::Text(text.clone())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

/// In milliseconds since 1970, as the ledger keeps times.
impl From<DateTime<Utc>> for Cell {
    fn from(at: DateTime<Utc>) -> Self {
        Self::Number(at.timestamp_millis())
    }
}

impl<T: Into<Cell>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// What the places of a statement are filled with, from the first.
pub trait Given {
    fn cells(self) -> Vec<Cell>;
}

impl Given for () {
    fn cells(self) -> Vec<Cell> {
        Vec::new()
    }
}

impl Given for Vec<Cell> {
    fn cells(self) -> Vec<Cell> {
        self
    }
}

impl<T: Into<Cell>, const N: usize> Given for [T; N] {
    fn cells(self) -> Vec<Cell> {
        self.map(Into::into).into()
    }
}

/// What a cell is read as. Nothing where it is of another kind: a text is no number here.
pub trait FromCell: Sized {
    fn from_cell(cell: Cell) -> Option<Self>;
}

impl FromCell for Cell {
    fn from_cell(cell: Cell) -> Option<Self> {
        Some(cell)
    }
}

impl FromCell for i64 {
    fn from_cell(cell: Cell) -> Option<Self> {
        if let Cell::Number(n) = cell { Some(n) } else { None }
    }
}

impl FromCell for bool {
    fn from_cell(cell: Cell) -> Option<Self> {
        i64::from_cell(cell).map(|n| n != 0)
    }
}

impl FromCell for String {
    fn from_cell(cell: Cell) -> Option<Self> {
        if let Cell::Text(text) = cell { Some(text) } else { None }
    }
}

impl FromCell for DateTime<Utc> {
    fn from_cell(cell: Cell) -> Option<Self> {
        DateTime::from_timestamp_millis(i64::from_cell(cell)?)
    }
}

impl<T: FromCell> FromCell for Option<T> {
    fn from_cell(cell: Cell) -> Option<Self> {
        if cell == Cell::Null { Some(None) } else { T::from_cell(cell).map(Some) }
    }
}

/// One row of an answer.
pub struct Row<'r>(pub(super) &'r rusqlite::Row<'r>);

impl Row<'_> {
    /// By name or by place.
    pub fn get<T: FromCell>(&self, column: impl Column) -> T {
        let name = format_args!("{column:?}");
        let value = self.0.get_ref(column).unwrap_or_else(|e| panic!("{name}: {e}"));
        let cell = Cell::read(value);
        // Asked for again only where it is to be told.
        T::from_cell(cell).unwrap_or_else(|| panic!("{name} is not what is read: {value:?}"))
    }

    /// Its first columns together.
    pub fn all<T: FromRow>(&self) -> T {
        T::from_row(self)
    }

    pub fn cells(&self) -> Vec<Cell> {
        (0..self.0.as_ref().column_count()).map(|place| self.get(place)).collect()
    }
}

/// A column's name or its place, counted from 0.
pub trait Column: rusqlite::RowIndex + std::fmt::Debug + Copy {}

impl<T: rusqlite::RowIndex + std::fmt::Debug + Copy> Column for T {}

pub trait FromRow {
    fn from_row(row: &Row<'_>) -> Self;
}

/// Several values: tuples are given and read column by column.
macro_rules! tuples {
    ($(($($part:ident $place:tt),+))+) => { $(
        impl<$($part: Into<Cell>),+> Given for ($($part,)+) {
            fn cells(self) -> Vec<Cell> {
                vec![$(self.$place.into()),+]
            }
        }

        impl<$($part: FromCell),+> FromRow for ($($part,)+) {
            fn from_row(row: &Row<'_>) -> Self {
                ($(row.get::<$part>($place),)+)
            }
        }
    )+ };
}

tuples! {
    (A 0, B 1)
    (A 0, B 1, C 2)
    (A 0, B 1, C 2, D 3)
    (A 0, B 1, C 2, D 3, E 4)
    (A 0, B 1, C 2, D 3, E 4, F 5)
}
