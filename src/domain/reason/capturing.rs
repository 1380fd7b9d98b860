//! Captures.

use super::At;
use super::codes::reasons;
use crate::domain::money::Twd;

reasons! {
    /// When an order is captured, and what is left to do about one that is not.
    Capturing {
        /// The order is void: nothing to do.
        Void = "void",
        /// Not captured within 90 days, ECPay has abandoned it: nothing to do.
        Expired = "expired",
        /// Not captured by then, the 90th day: ECPay has abandoned the order.
        Abandoned = "abandoned" { on: At },
        /// All of the order is refunded: nothing to do.
        Refunded = "refunded",
        /// The order is captured: nothing to do.
        Captured = "captured",
        /// The capture is to be claimed from the bank.
        Settling = "settling",
        /// The shop expects another amount than the gateway holds.
        AmountMismatch = "amount_mismatch" { expected: Twd, amount: Twd },
        /// The shop holds the capture.
        Hold = "hold",
        /// The shop holds the capture, and the time for it is over.
        HoldOverdue = "hold_overdue" { authorized_at: At, limit_days: i64 },
        /// Not captured within the vendor's limit: C by API is over.
        CaptureOverdue = "capture_overdue" { authorized_at: At, limit_days: i64 },
        /// The gateway refused C, in these words.
        CaptureRefused = "capture_refused" { text: String, again_at: At },
        /// Past the limit one capture is still tried.
        CapturePastLimit = "capture_past_limit",
        /// Captured now, so that a part can be refunded.
        CaptureForPart = "capture_for_part",
        /// The shop asked for the capture.
        CaptureNow = "capture_now",
        /// Captured only when the shop asks for it.
        Manual = "manual",
        /// The time to capture has come.
        CaptureDue = "capture_due",
        /// Captured at its time, ahead of the shop's limit.
        CaptureAhead = "capture_ahead" { at: At, deadline_days: i64 },
    }
}
