//! Why a statement was refused.

use std::fmt;

use rusqlite::{Error, ffi};

#[derive(Debug)]
pub struct Refused {
    sentence: String,
    by_trigger: bool,
}

impl Refused {
    /// A sentence of the ledger's own; anything else is said by the database itself.
    pub fn is_by_trigger(&self) -> bool {
        self.by_trigger
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence)
    }
}

impl std::error::Error for Refused {}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        let code = error.sqlite_error().map(|e| e.extended_code);
        let sentence = match error {
            Error::SqliteFailure(_, Some(said)) => said,
            error => error.to_string(),
        };
        Self { sentence, by_trigger: code == Some(ffi::SQLITE_CONSTRAINT_TRIGGER) }
    }
}
