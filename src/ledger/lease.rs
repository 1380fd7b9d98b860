//! By what a process may begin steps with what a ledger holds.

/// Held by the daemon, never by a person's command: that one writes rows, and the daemon acts on them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lease {
    /// The lock of a ledger that only one process works on. It is held until the ledger is closed.
    Sole,
}

impl Lease {
    pub fn holds(self) -> bool {
        match self {
            Self::Sole => true,
        }
    }
}
