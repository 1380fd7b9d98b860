//! When an authorized order is captured, and until when it can be.

use chrono::{DateTime, Duration, Utc};

use super::facts::CardFacts;
use super::order::{CaptureMode, Order};
use super::policy::{CapturePolicy, Policy};

/// The vendor abandons what is not captured by then (vendor page 信用卡請退款功能, in English, note on capture).
pub const ABANDONED_AFTER: Duration = Duration::days(90);

/// C by API ends then (vendor page 信用卡請退款功能, in English, note on capture).
pub const CAPTURE_LIMIT: Duration = Duration::days(21);

/// The shop's own limit, never later than the vendor's.
pub fn capture_by(card: &CardFacts, policy: &Policy) -> DateTime<Utc> {
    card.authorized_at + Duration::days(policy.deadline_days)
}

/// A capture that the policy puts later than this before the vendor's limit would find it passed
/// after a closing window and a few calls that fail.
const LATEST: Duration = Duration::hours(1);

/// When the deadline policy captures a single order.
pub fn nominal_capture(card: &CardFacts, policy: &Policy) -> DateTime<Utc> {
    if deliberate!(CapturesTooLate) {
        return capture_by(card, policy) + Duration::days(3);
    }
    let latest = card.authorized_at + CAPTURE_LIMIT - policy.window.closed_for() - LATEST;
    (capture_by(card, policy) - policy.lead).min(latest)
}

/// Whether the shop or the policy asks for the capture, now or at its time.
pub fn wants_capture(order: &Order, policy: &Policy) -> bool {
    match order.capture {
        CaptureMode::Hold => false,
        CaptureMode::Now => true,
        CaptureMode::Auto => policy.capture != CapturePolicy::Manual,
    }
}
