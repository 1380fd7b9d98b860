//! The bank's own time.

use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};

/// How the bank's time follows the clock it was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Time {
    /// With this much added.
    Running {
        #[serde(with = "whole_ms")]
        ahead: Duration,
    },
    /// Not at all: it stands until it is set again.
    Fixed(DateTime<Utc>),
    /// So many times as fast, from what it was when the clock stood at `since`.
    Fast { since: DateTime<Utc>, from: DateTime<Utc>, speed: u32 },
}

/// Whose time `RqHeader.Timestamp` is compared with, and `RpHeader.Timestamp` is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stamps {
    #[default]
    Bank,
    /// The clock that the simulator was started with: for a caller that cannot move its own.
    Computer,
}

/// A bank that lives faster than this gains nothing, and its calendar would come to an end.
pub const FASTEST: u32 = 1_000_000;

/// So far ahead a fast clock stands still: adding days must not overflow.
const LONGEST_S: i64 = 200 * 365 * 86_400;

impl Time {
    /// Runs on from `now`.
    pub fn running(now: DateTime<Utc>, clock: DateTime<Utc>) -> Self {
        Self::Running { ahead: now - clock }
    }

    pub fn fast(now: DateTime<Utc>, clock: DateTime<Utc>, speed: u32) -> Self {
        Self::Fast { since: clock, from: now, speed: speed.min(FASTEST) }
    }

    pub fn at(self, clock: DateTime<Utc>) -> DateTime<Utc> {
        match self {
            Self::Running { ahead } => clock + ahead,
            Self::Fixed(at) => at,
            Self::Fast { since, from, speed } => {
                let seconds = (clock - since).num_milliseconds().saturating_mul(i64::from(speed)) / 1000;
                from + Duration::seconds(seconds.min(LONGEST_S))
            }
        }
    }
}

mod whole_ms {
    use chrono::Duration;
    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(ahead: &Duration, out: S) -> Result<S::Ok, S::Error> {
        out.serialize_i64(ahead.num_milliseconds())
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
        i64::deserialize(from).map(Duration::milliseconds)
    }
}
