//! ECPay's statements: fetched once a day, read into the ledger, and held against it.

pub(in crate::engine) mod nightly;
mod pace;
mod take;

pub use pace::StatementPace;
pub use take::{Fetched, NotTaken, name, take};
