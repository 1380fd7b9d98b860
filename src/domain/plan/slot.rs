//! Where many deadlines fall together, each capture has a place of its own before them.

use chrono::{DateTime, Duration, Utc};

use crate::domain::deadlines::nominal_capture;
use crate::domain::order::CaptureMode;
use crate::domain::policy::{CapturePolicy, Policy};
use crate::domain::situation::Situation;

/// Calls that a capture needs: a look, C, a look, and one to spare.
const CALLS_OF_A_CAPTURE: i64 = 4;

/// Where the capture of a newly authorized order may be put in a crowd.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlotRequest {
    pub nominal: DateTime<Utc>,
    pub earliest: DateTime<Utc>,
    /// Captures that fit into a minute under the merchant's pacing.
    pub per_minute: i64,
}

/// A place for the capture of an order that is newly seen authorized, where the merchant's calls
/// are `min_interval` apart.
pub fn slot(s: &Situation, policy: &Policy, min_interval: Duration, now: DateTime<Utc>) -> Option<SlotRequest> {
    let card = s.card().filter(|c| c.status.is_open())?;
    let nominal = nominal_capture(card, policy);
    let by_deadline = policy.capture == CapturePolicy::Deadline && s.order.capture == CaptureMode::Auto;
    if !by_deadline || s.capture_slot.is_some() || nominal <= now {
        return None;
    }
    let pause_ms = min_interval.num_milliseconds().max(1) * CALLS_OF_A_CAPTURE;
    let per_minute = (Duration::minutes(1).num_milliseconds() / pause_ms).clamp(1, 600);
    Some(SlotRequest { nominal, earliest: (nominal - policy.spread).max(now), per_minute })
}
