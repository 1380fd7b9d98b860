//! Alerts of an order, by its age.

use super::codes::reasons;
use super::{At, Reason};
use crate::domain::money::Twd;

reasons! {
    /// Alerts of an order, by its age: what is not finished.
    Age {
        /// An authorized order was not seen captured within 90 days, and no look since tells what became of it.
        NotSeenCaptured = "not_seen_captured" { amount: Twd, authorized_at: At, why: Box<Reason> },
        /// C by API is over: only ECPay's customer service can capture the order.
        CaptureByHand = "capture_by_hand" { authorized_at: At, limit_days: i64, why: Box<Reason> },
        /// C by API ends soon.
        CaptureEnds = "capture_ends" { amount: Twd, authorized_at: At, ends_at: At, why: Box<Reason> },
        /// ECPay abandons the order soon; `by_api`: C by API still works.
        Expiring = "expiring" { amount: Twd, days: i64, days_left: i64, abandoned_at: At, by_api: bool },
        /// The capture waits for the bank's claim.
        ClaimAwaited = "claim_awaited" { amount: Twd, since: At, why: Box<Reason> },
        /// The refund has not ended.
        RefundNotEnded = "refund_not_ended" { refund: i64, asked_at: At, why: Box<Reason> },
        /// No look at the order has been answered.
        NeverAnswered = "never_answered" { registered_at: At, why: Box<Reason> },
        /// The gateway does not know the order.
        StillUnknown = "still_unknown" { registered_at: At, why: Box<Reason> },
        /// As before, and the last look failed, with this error.
        LastError = "last_error" { error: String, then: Box<Reason> },
    }
}
