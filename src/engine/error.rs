//! Why the engine's work ended.

use crate::domain::ids::MerchantId;
use crate::ledger::LedgerError;

#[derive(Clone, Debug, thiserror::Error)]
pub enum EngineError {
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    #[error("merchant {0} is not in the settings")]
    NotServed(MerchantId),
    /// A panic: of one order's task, or of a whole lane.
    #[error("a bug in ecpayd has ended {what}: {why}")]
    Bug { what: String, why: String },
    #[error("a part of the engine has ended by itself")]
    EndedByItself,
    #[error("the thread that writes the ledger has ended by itself")]
    NoWriter,
}

impl EngineError {
    pub fn bug(what: impl Into<String>, why: impl ToString) -> Self {
        Self::Bug { what: what.into(), why: why.to_string() }
    }

    /// Somebody else wrote meanwhile: what is due stays due.
    pub(super) fn is_stale(&self) -> bool {
        matches!(self, Self::Ledger(LedgerError::Stale))
    }
}
