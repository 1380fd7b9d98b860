//! The report of a range of days: its sheets, their columns, and what follows from the journal alone.

pub mod cell;
pub mod days;
pub mod hint;
pub mod roc;
pub mod sheet;
