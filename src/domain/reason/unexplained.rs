//! What the ledger and the gateway do not agree on.

use super::codes::reasons;
use super::{At, Shown};
use crate::domain::money::Twd;

reasons! {
    /// What cannot be as the ledger has it: a contradiction, or money that no call explains.
    Unexplained {
        /// The ledger holds money calls for the order, and the gateway shows it as never authorized.
        CallsContradicted = "calls_contradicted" { calls: usize, shown: Shown },
        /// The ledger holds refunds of the order, and the gateway shows it as never captured.
        RefundsContradicted = "refunds_contradicted" { refunded: Twd, shown: Shown },
        /// The gateway shows less refunded than our own calls gave back.
        RefundsMissing = "refunds_missing" { refunded: Twd, shown_refunded: Twd },
        /// An attempt voided the order, and the gateway shows another state.
        VoidContradicted = "void_contradicted" { attempt: i64, shown: Shown },
        /// R was refused in these words, and so many dollars went back since: was it this refund?
        RefusedYetRefunded = "refused_yet_refunded" { amount: Twd, text: String, moved: i64 },
        /// N was refused in these words, and the order is void since: was it this refund?
        RefusedYetVoid = "refused_yet_void" { amount: Twd, text: String },
        /// R was told to be without effect, and so many dollars went back since: was it this refund?
        EndedYetRefunded = "ended_yet_refunded" { attempt: i64, amount: Twd, moved: i64 },
        /// N was told to be without effect, and the order is void since: was it this refund?
        EndedYetVoid = "ended_yet_void" { attempt: i64, amount: Twd },
        /// So much went back since the attempt that no call of ours explains: was it this refund?
        MovedUnexplained = "moved_unexplained" { attempt: i64, amount: Twd, moved: Twd },
        /// An R that was refused in these words may still take effect until then, and the next waits for it.
        RefusedMayLand = "refused_may_land" { attempt: i64, amount: Twd, text: String, until: At },
        /// A refund was seen whose call was never answered: one more look when that is too old to be accepted.
        MayStillLand = "may_still_land",
    }
}
