//! What goes into a column and comes out of it.

use rusqlite::ToSql;
use rusqlite::types::{ToSqlOutput, ValueRef};

/// Nothing of it is copied on the way.
#[derive(Clone, Copy)]
pub enum Value<'a> {
    Null,
    Integer(i64),
    /// Bytes, since older ledgers took text that is no UTF-8.
    Text(&'a [u8]),
    Blob(&'a [u8]),
}

impl<'a> Value<'a> {
    pub(super) fn of(value: ValueRef<'a>) -> Result<Self, String> {
        match value {
            ValueRef::Null => Ok(Self::Null),
            ValueRef::Integer(number) => Ok(Self::Integer(number)),
            ValueRef::Text(text) => Ok(Self::Text(text)),
            ValueRef::Blob(bytes) => Ok(Self::Blob(bytes)),
            ValueRef::Real(_) => Err("it is no whole number".to_owned()),
        }
    }

    /// For the words of an error.
    fn kind(self) -> &'static str {
        match self {
            Self::Null => "nothing",
            Self::Integer(_) => "a number",
            Self::Text(_) => "text",
            Self::Blob(_) => "bytes",
        }
    }

    pub(super) fn is_no(self, wanted: &str) -> String {
        format!("it is {}, not {wanted}", self.kind())
    }
}

impl ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match *self {
            Self::Null => ValueRef::Null,
            Self::Integer(number) => ValueRef::Integer(number),
            Self::Text(text) => ValueRef::Text(text),
            Self::Blob(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

/// What a statement is told, each by its name; see [`params`].
pub type Parameters<'a> = &'a [(&'static str, &'a dyn ToColumn)];

/// `params! { order: id, now }` is what stands for `:order` and `:now` in a statement.
macro_rules! params {
    (@value $name:ident) => {
        &$name as &dyn $crate::ledger::ToColumn
    };
    (@value $name:ident $value:expr) => {
        &$value as &dyn $crate::ledger::ToColumn
    };
    ($($name:ident $(: $value:expr)?),* $(,)?) => {
        &[$((concat!(":", stringify!($name)), params!(@value $name $($value)?))),*]
    };
}
pub(crate) use params;

pub trait ToColumn {
    fn to_column(&self) -> Value<'_>;
}

impl<T: ToColumn + ?Sized> ToColumn for &T {
    fn to_column(&self) -> Value<'_> {
        (**self).to_column()
    }
}

impl<T: ToColumn> ToColumn for Option<T> {
    fn to_column(&self) -> Value<'_> {
        self.as_ref().map_or(Value::Null, T::to_column)
    }
}

impl ToColumn for i64 {
    fn to_column(&self) -> Value<'_> {
        Value::Integer(*self)
    }
}

impl ToColumn for bool {
    fn to_column(&self) -> Value<'_> {
        Value::Integer(i64::from(*self))
    }
}

impl ToColumn for str {
    fn to_column(&self) -> Value<'_> {
        Value::Text(self.as_bytes())
    }
}

impl ToColumn for String {
    fn to_column(&self) -> Value<'_> {
        Value::Text(self.as_bytes())
    }
}

impl ToColumn for [u8] {
    fn to_column(&self) -> Value<'_> {
        Value::Blob(self)
    }
}

impl ToColumn for Vec<u8> {
    fn to_column(&self) -> Value<'_> {
        Value::Blob(self)
    }
}

pub trait FromColumn: Sized {
    /// Or why it is none.
    fn from_column(value: Value<'_>) -> Result<Self, String>;
}

impl<T: FromColumn> FromColumn for Option<T> {
    fn from_column(value: Value<'_>) -> Result<Self, String> {
        match value {
            Value::Null => Ok(None),
            value => T::from_column(value).map(Some),
        }
    }
}

impl FromColumn for i64 {
    fn from_column(value: Value<'_>) -> Result<Self, String> {
        match value {
            Value::Integer(number) => Ok(number),
            other => Err(other.is_no("a number")),
        }
    }
}

/// Numbers of fewer bits.
macro_rules! from_number {
    ($($number:ty),+) => {
        $(impl FromColumn for $number {
            fn from_column(value: Value<'_>) -> Result<Self, String> {
                let number = i64::from_column(value)?;
                Self::try_from(number).map_err(|_| format!("{number} is out of range"))
            }
        })+
    };
}

from_number!(u8, u32);

impl FromColumn for bool {
    fn from_column(value: Value<'_>) -> Result<Self, String> {
        i64::from_column(value).map(|number| number != 0)
    }
}

impl FromColumn for String {
    fn from_column(value: Value<'_>) -> Result<Self, String> {
        match value {
            Value::Text(text) => std::str::from_utf8(text).map(str::to_owned).map_err(|e| e.to_string()),
            other => Err(other.is_no("text")),
        }
    }
}

impl FromColumn for Vec<u8> {
    fn from_column(value: Value<'_>) -> Result<Self, String> {
        match value {
            Value::Blob(bytes) => Ok(bytes.to_vec()),
            other => Err(other.is_no("bytes")),
        }
    }
}
