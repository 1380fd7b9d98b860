//! Parts of a page that could not be read when it was tried last.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Utc};

/// Each with since when.
#[derive(Default)]
pub struct Failing(Mutex<BTreeMap<&'static str, DateTime<Utc>>>);

impl Failing {
    pub fn since(&self, part: &'static str, now: DateTime<Utc>) -> DateTime<Utc> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(part).or_insert(now)
    }

    pub fn is_over(&self, part: &'static str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(part);
    }
}
