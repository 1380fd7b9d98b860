//! When an order is looked at again after a look that failed.

use chrono::{DateTime, Duration, Utc};

use super::{Situation, nominal_capture};
use crate::domain::policy::Policy;

/// What waits for a look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Urgency {
    /// Nothing but the next look.
    Routine,
    /// Money: a refund, an unanswered call, or a capture that is due.
    Money,
}

impl Urgency {
    fn longest(self) -> Duration {
        match self {
            Self::Routine => Duration::hours(1),
            Self::Money => Duration::minutes(5),
        }
    }
}

/// The pause after so many failures in a row: half a minute, twice as long each time.
pub fn retry_pause(failures: u32, urgency: Urgency) -> Duration {
    let doublings = failures.saturating_sub(1).min(10);
    (Duration::seconds(30) * 2_i32.pow(doublings)).min(urgency.longest())
}

/// In the last day before a deadline a call that cannot act twice is asked again at least so often.
const LAST_DAYS_PAUSE: Duration = Duration::hours(1);

const LAST_DAY: Duration = Duration::hours(24);

/// When a call that ended without effect at `ended` is made again, after so many pauses before this
/// one: an hour, twice as long each time up to a day. No pause steps over the beginning of the last day before
/// the deadline, and in that day it is made each hour.
pub fn again_at(pauses: usize, ended: DateTime<Utc>, deadline: DateTime<Utc>) -> DateTime<Utc> {
    let doublings = u32::try_from(pauses).unwrap_or(u32::MAX).min(5);
    let pause = (LAST_DAYS_PAUSE * 2_i32.pow(doublings)).min(LAST_DAY);
    let last_day = deadline - LAST_DAY;
    if ended >= deadline || ended + pause <= last_day { ended + pause } else { last_day.max(ended + LAST_DAYS_PAUSE) }
}

impl Situation {
    pub fn urgency(&self, policy: &Policy, now: DateTime<Utc>) -> Urgency {
        let due = self.card().is_some_and(|card| card.status.is_open() && now >= nominal_capture(card, policy));
        match due || !self.refunds.is_empty() || self.open_attempt().is_some() {
            true => Urgency::Money,
            false => Urgency::Routine,
        }
    }
}
