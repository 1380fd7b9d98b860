//! The files in which ECPay accounts for what it was paid, as an accountant downloads them.
//!
//! From bytes to text in [`decode`], from text to rows by the names of columns in [`Sheet`], from rows to what they
//! tell in [`Statement`]. Nothing is found by its place: the vendor adds columns and moves them.

mod books;
pub mod decode;
mod entry;
mod kind;
mod sheet;
mod sums;

pub use books::{Books, BooksError};
pub use entry::{BookEntry, Entry, Line, Statement};
pub use kind::{Kind, StatementError};
pub use sheet::{Row, RowFault, Sheet, SheetError};

#[cfg(test)]
mod tests;
