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

impl Situation {
    pub fn urgency(&self, policy: &Policy, now: DateTime<Utc>) -> Urgency {
        let due = self.card().is_some_and(|card| card.status.is_open() && now >= nominal_capture(card, policy));
        match due || !self.refunds.is_empty() || self.open_attempt().is_some() {
            true => Urgency::Money,
            false => Urgency::Routine,
        }
    }
}
