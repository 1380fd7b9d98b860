//! Kinds of columns: a shop's text, and JSON.

use std::ops::Deref;

use serde::Serialize;
use serde_json::value::RawValue;

use super::error::Error;
use super::value::{FromColumn, Value};

/// As a column holds it. A failure rolls back what was written with it.
pub(in crate::ledger) fn to_json(value: &(impl Serialize + ?Sized)) -> Result<String, Error> {
    Ok(serde_json::to_string(value)?)
}

/// Text of a shop. What is no UTF-8 in it, which older ledgers took, is shown as far as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Text(String);

impl FromColumn for Text {
    fn from_column(value: Value<'_>) -> Result<Self, String> {
        match value {
            Value::Text(bytes) | Value::Blob(bytes) => Ok(Self(String::from_utf8_lossy(bytes).into_owned())),
            other => Err(other.is_no("text")),
        }
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

impl Json {
    pub fn text(&self) -> &str {
        self.0.get()
    }
}

impl FromColumn for Json {
    fn from_column(value: Value<'_>) -> Result<Self, String> {
        RawValue::from_string(String::from_column(value)?).map(Self).map_err(|e| e.to_string())
    }
}
