//! The names of rules that more than the plan goes by: alerts, the ledger, the voucher plan.

/// An order that was written to since it was looked at.
pub const LOOK_AFTER_WRITE: &str = "look-after-write";
/// A merchant that is not in the settings.
pub const MERCHANT_MISSING: &str = "merchant-missing";
/// Silence after HTTP 403.
pub const RATE_LIMITED: &str = "rate-limited";
pub const CLOCK_STEPPED_BACK: &str = "clock-stepped-back";
pub const CLOCK_SKEW: &str = "clock-skew";
/// What the gateway shows cannot be after what the ledger has seen happen.
pub const CONTRADICTION: &str = "contradiction";
/// Another row of the ledger follows the authorization.
pub const TWIN: &str = "twin-row";
/// An order that is not taken over yet.
pub const RESTORED: &str = "restored-ledger";
/// Money that went back in the part of the ledger that is lost.
pub const UNCLAIMED: &str = "unclaimed-refund";
/// Not captured within 21 days.
pub const CAPTURE_OVERDUE: &str = "capture-overdue";
/// Money actions are paused. The ledger's SQL and one of its indexes have this word as well.
pub const PAUSED: &str = "paused";
/// A call that could not leave, and is due again after a while.
pub const NOT_SENT: &str = "not-sent";
/// The shop holds the capture.
pub const HOLD: &str = "hold";
/// Calls that cannot act twice, and again and again had no effect.
pub const UNANSWERED_AGAIN: &str = "unanswered-again";
/// A refund that no further call is made for.
pub const OUT_OF_TRIES: &str = "out-of-tries";
/// A refund that the vouchers hold back or limit.
pub const GUARD: &str = "voucher-guard";
