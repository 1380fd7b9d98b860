//! Times as columns hold them: milliseconds since 1970, in UTC.

use chrono::{DateTime, TimeZone as _, Utc};

pub(super) fn ms(at: DateTime<Utc>) -> i64 {
    at.timestamp_millis()
}

/// Rounded up: what is to wait for a time is not due a moment before it.
pub(super) fn ms_up(at: DateTime<Utc>) -> i64 {
    at.timestamp_millis() + i64::from(!at.timestamp_subsec_nanos().is_multiple_of(1_000_000))
}

/// The year 3000. Later times, and those before 1970, are nobody's.
const LATEST_MS: i64 = 32_503_680_000_000;

/// A shop may have written the time, and days are added to it: one that is no time of an order is
/// taken for the nearest that could be.
pub(super) fn from_ms(ms: i64) -> DateTime<Utc> {
    // In range by now, so there is always one.
    Utc.timestamp_millis_opt(ms.clamp(0, LATEST_MS)).single().unwrap_or_default()
}
