//! What others did at ECPay.

use super::codes::reasons;
use super::{Ended, Shown};
use crate::domain::action::Action;
use crate::domain::money::Twd;

reasons! {
    /// What happened at ECPay that no attempt of ours explains.
    Elsewhere {
        /// The order was voided; `was`: its state before.
        VoidedAtEcpay = "voided_at_ecpay" { by: By, was: Shown },
        /// The order was captured, though the shop holds it.
        CapturedAtEcpay = "captured_at_ecpay",
        /// So many dollars were refunded; `left`: of the order's amount.
        RefundedAtEcpay = "refunded_at_ecpay" { moved: i64, by: By, left: i64, amount: Twd },
        /// So many dollars less are shown as refunded than before.
        LessRefunded = "less_refunded" { moved: i64, left: i64, amount: Twd },
        /// The capture was called back.
        CalledBackAtEcpay = "called_back_at_ecpay" { by: By },
        /// The order was voided, and the restored ledger does not know by whom.
        VoidedWhileLost = "voided_while_lost" { left: Twd, amount: Twd },
        /// So much was refunded, and the restored ledger does not know by whom.
        RefundedWhileLost = "refunded_while_lost" { refunded: Twd, left: Twd, amount: Twd },
    }
}

reasons! {
    /// Who may have done it: the argument `by`.
    By {
        /// By an attempt of ours that ended otherwise, or by hand; `ended`: `refused`, `in_review`, `without_effect`.
        AttemptOrHand = "attempt_or_hand" { attempt: i64, action: Action, amount: Twd, ended: Ended },
        /// The amount of an attempt of ours once more, by hand or by ECPay.
        OnceMore = "once_more" { attempt: i64 },
        /// Not by ecpayd.
        Others = "others",
    }
}
