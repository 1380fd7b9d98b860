//! What may be written to the ledger, whatever the engine.

use super::LedgerError;
use super::db::Db;

/// A change of the ledger. It may be applied more than once before it is committed,
/// each time on the state before it.
pub trait Write: Send + 'static {
    type Out: Send + 'static;

    /// A refusal ([`LedgerError::Stale`], [`LedgerError::Refused`]) is given before anything is written.
    fn apply(&self, tx: &Db) -> Result<Self::Out, LedgerError>;

    /// It is one statement and tells no event: by itself that statement is its own transaction,
    /// which saves most of what a routine look costs.
    fn is_one_statement(&self) -> bool {
        false
    }
}
