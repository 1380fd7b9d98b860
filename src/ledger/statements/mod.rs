//! ECPay's statements: read into the ledger, and held against its orders.

mod compare;
mod fetches;
mod file;
mod import;
mod place;
mod tell;
mod whose;

pub use compare::{Differences, Range};
pub(in crate::ledger) use compare::{coverage, read_page};
pub use fetches::{StatementAsked, StatementAskedByHand};
pub use file::{RowSource, StatementFile, Whose};
pub use import::{ReadStatement, StatementRead};
