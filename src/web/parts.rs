//! A part of a page that cannot be read says so in its place, and the others are shown all the same.

use super::ask::Ask;
use super::form::minute;
use crate::ledger::LedgerError;

/// A part, or why it is not there.
pub type Part<T> = Result<T, String>;

impl Ask<'_> {
    /// A page that takes too long, or for which the ledger is too busy, is given up as a whole.
    pub fn part<T>(&self, name: &'static str, read: Result<T, LedgerError>) -> Result<Part<T>, LedgerError> {
        self.part_or(name, read, self.w().could_not_be_read)
    }

    /// With another sentence, from since when.
    pub fn part_or<T>(
        &self,
        name: &'static str,
        read: Result<T, LedgerError>,
        sentence: fn(&str) -> String,
    ) -> Result<Part<T>, LedgerError> {
        match read {
            Ok(part) => {
                self.failing.is_over(name);
                Ok(Ok(part))
            }
            Err(error) if error.is_of_the_moment() => Err(error),
            Err(error) => {
                tracing::warn!(%error, part = name, "a part of the status page cannot be read");
                Ok(Err(sentence(&minute(self.failing.since(name, self.now)))))
            }
        }
    }
}
