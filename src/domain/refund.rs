//! A refund that a shop asked for.

use chrono::{DateTime, Utc};

use super::money::Twd;
use super::order::words;

words! {
    /// `refund_status.state`.
    RefundState {
        Queued = "queued",
        /// A money call for it has been written down.
        Running = "running",
        /// For a stated reason; see `detail`.
        Waiting = "waiting",
        Done = "done",
        Rejected = "rejected",
        Review = "review",
        Canceled = "canceled",
    }
}

impl RefundState {
    pub fn is_open(self) -> bool {
        matches!(self, Self::Queued | Self::Running | Self::Waiting | Self::Review)
    }
}

/// An open refund intent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refund {
    pub id: i64,
    /// None: all that is left.
    pub amount: Option<Twd>,
    pub state: RefundState,
    pub detail: String,
    pub asked_at: DateTime<Utc>,
    /// The refund whose call ends it as well.
    pub led_by: Option<i64>,
}

words! {
    /// `refund_status.method`: the actions that took effect for it.
    Method {
        N = "N",
        EN = "E+N",
        R = "R",
    }
}
