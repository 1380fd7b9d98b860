//! What more than one sentence says.

use crate::domain::language::counted;
use crate::domain::reason::At;

/// What is left to do after the limit.
pub(super) fn by_hand(authorized_at: &At, limit_days: i64) -> String {
    format!(
        "authorized on {authorized_at} and not captured within {}: ask ECPay's customer service to capture it by hand",
        counted(limit_days, "day")
    )
}
