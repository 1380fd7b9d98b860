//! Parts of a page that cannot be read: each says so in its place, and the others are shown all the same.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use super::ask::Ask;
use super::form::minute;
use crate::ledger::LedgerError;
use chrono::{DateTime, Utc};

/// What could not be read when it was tried last, and since when.
#[derive(Default)]
pub struct Failing(Mutex<BTreeMap<&'static str, DateTime<Utc>>>);

/// A part, or why it is not there.
pub type Part<T> = Result<T, String>;

impl Failing {
    fn since(&self, part: &'static str, now: DateTime<Utc>) -> DateTime<Utc> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(part).or_insert(now)
    }

    fn is_over(&self, part: &'static str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(part);
    }
}

impl Ask<'_> {
    /// A page that takes too long, or for which the ledger is too busy, is given up as a whole.
    pub fn part<T>(&self, name: &'static str, read: Result<T, LedgerError>) -> Result<Part<T>, LedgerError> {
        match read {
            Ok(part) => {
                self.failing.is_over(name);
                Ok(Ok(part))
            }
            Err(error) if error.is_of_the_moment() => Err(error),
            Err(error) => {
                tracing::warn!(%error, part = name, "a part of the status page cannot be read");
                Ok(Err((self.w().could_not_be_read)(&minute(self.failing.since(name, self.now)))))
            }
        }
    }
}
