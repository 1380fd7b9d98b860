//! A ledger that was put back from a copy.

use super::At;
use super::codes::reasons;
use crate::domain::money::Twd;

reasons! {
    /// A ledger that was put back from a copy: first a look at what happened meanwhile, then the question whose it was.
    Restoring {
        /// The ledger may have been put back from a copy: a look shows what happened meanwhile.
        RestoredLook = "restored_look" { noticed_at: At },
        /// The ledger may have been put back from a copy, and no order catches up until the clocks agree.
        RestoredClock = "restored_clock" { noticed_at: At },
        /// The ledger may have been put back from a copy, and what was under way may take effect until then.
        RestoredUnderWay = "restored_under_way" { noticed_at: At, until: At },
        /// The ledger may have been put back from a copy: the order catches up with what happened meanwhile.
        RestoredCaughtUp = "restored_caught_up" { noticed_at: At },
        /// The order is void, and the restored ledger does not know by whom: was it this refund?
        UnclaimedVoid = "unclaimed_void",
        /// So much went back that the restored ledger does not know of: was it this refund?
        UnclaimedRefund = "unclaimed_refund" { amount: Twd },
    }
}
