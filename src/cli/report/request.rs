//! What is asked for, and what it is written into.

use chrono::{DateTime, Utc};

use crate::cli::Failure;
use crate::domain::language::Language;
use crate::domain::report::cell::Cell;
use crate::domain::report::sheet::{Column, Sheet};
use crate::ledger::Differences;
use crate::ledger::books::Range;

/// What is reported, and how its values are written.
pub(super) struct Request {
    pub range: Range,
    /// With days of the Republic.
    pub roc: bool,
    /// Of the files.
    pub language: Language,
    pub now: DateTime<Utc>,
    /// By merchant.
    pub differences: Vec<(String, Differences)>,
}

/// What the sheets are written into, one after the other.
pub(super) trait Sheets {
    fn begin(&mut self, sheet: Sheet, columns: &[Column]) -> Result<(), Failure>;
    fn row(&mut self, cells: &[Cell]) -> Result<(), Failure>;
    fn end(&mut self) -> Result<(), Failure>;
}
