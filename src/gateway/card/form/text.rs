//! Answers of `key=value` pairs into typed ones.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::gateway::errors::{LookError, unreadable};
use crate::gateway::wire::checksum::form;
use crate::gateway::wire::urlencode;

/// By the names that its fields have on the wire.
pub fn read<T: DeserializeOwned>(fields: impl IntoIterator<Item = (String, String)>) -> Result<T, LookError> {
    let mut object = Map::new();
    for (name, value) in fields {
        if object.insert(name, Value::String(value)).is_some() {
            return Err(LookError::Unreadable("a field stands twice".to_owned()));
        }
    }
    serde_json::from_value(Value::Object(object)).map_err(|error| unreadable(&error))
}

/// The fields of an answer that is not signed. Its text has come raw and urlencoded.
pub fn unsigned(answer: &str) -> impl Iterator<Item = (String, String)> {
    form::fields(answer).map(|(name, value)| {
        let value = urlencode::decode(value).unwrap_or_else(|_| value.to_owned());
        (name.to_owned(), value)
    })
}
