//! The times within which an action is legal, which the schedule keeps to as well.

use chrono::{DateTime, Duration, NaiveTime, Utc};

use super::order::Authorization;
use crate::domain::calendar::taipei;

/// C ends this long after authorization (vendor page 信用卡請退款功能, in English, note on capture).
const CAPTURE_DAYS: i64 = 21;

/// Uncaptured orders are abandoned (vendor page 信用卡請退款功能, in English, note on capture).
pub(super) const ABANDON_DAYS: i64 = 90;

const _: () = assert!(CAPTURE_DAYS < ABANDON_DAYS);

pub(super) fn capture_has_ended(authorization: &Authorization, at: DateTime<Utc>) -> bool {
    at > authorization.authorized_at + Duration::days(CAPTURE_DAYS)
}

/// 20:15 up to, not including, 20:30 (vendor page 信用卡請退款功能, first note).
pub(super) fn in_closing_window(at: DateTime<Utc>) -> bool {
    let time = taipei(at).time();
    closing_time() <= time && time < closing_time() + Duration::minutes(15)
}

pub(super) fn closing_time() -> NaiveTime {
    NaiveTime::MIN + Duration::minutes(20 * 60 + 15)
}
