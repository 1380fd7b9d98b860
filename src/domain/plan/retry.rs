//! When an order is looked at again after a look that failed.

use chrono::{DateTime, Duration, Utc};

use crate::domain::deadlines::{CAPTURE_LIMIT, nominal_capture};
use crate::domain::policy::Policy;
use crate::domain::situation::Situation;

/// A row that brought 403 so often, while others were answered, is set aside.
const SET_ASIDE_FROM: u32 = 3;

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
            Self::Routine => Duration::hours(6),
            Self::Money => Duration::hours(1),
        }
    }
}

/// How long a row whose looks fail may rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rest {
    pub urgency: Urgency,
    /// Not to be slept through: its capture, or the end of the time for it.
    pub by: Option<DateTime<Utc>>,
}

impl Rest {
    /// After so many failures in a row: half a minute, twice as long each time.
    pub fn retry_at(self, failures: u32, now: DateTime<Utc>) -> DateTime<Utc> {
        let doublings = failures.saturating_sub(1).min(12);
        let pause = (Duration::seconds(30) * 2_i32.pow(doublings)).min(self.urgency.longest());
        now + self.within(pause, Duration::minutes(5), now)
    }

    /// After it was set aside so often in a row: a day, twice as long each time, up to a week. Each of
    /// its calls costs the others of its merchant half an hour.
    pub fn set_aside_until(self, provoked: Provoked, now: DateTime<Utc>) -> DateTime<Utc> {
        let doublings = provoked.times().saturating_sub(SET_ASIDE_FROM).min(3);
        let pause = (Duration::days(1) * 2_i32.pow(doublings)).min(Duration::days(7));
        now + self.within(pause, Duration::hours(1), now)
    }

    /// No more than half of the time that is left, so that several tries come before its end.
    fn within(self, pause: Duration, least: Duration, now: DateTime<Utc>) -> Duration {
        match self.by.filter(|by| *by > now) {
            Some(by) => pause.min(((by - now) / 2).max(least)),
            None => pause,
        }
    }
}

/// How often in a row the gateway answered calls for one order with 403, and calls for others in
/// between well.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Provoked {
    pub looks: u32,
    pub money_calls: u32,
}

impl Provoked {
    pub fn is_set_aside(self) -> bool {
        self.times() >= SET_ASIDE_FROM
    }

    /// Looks that are answered well say nothing of the money calls, nor they of the looks.
    fn times(self) -> u32 {
        self.looks.max(self.money_calls)
    }
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
    pub fn rest(&self, policy: &Policy, now: DateTime<Utc>) -> Rest {
        let open = self.card().filter(|card| card.status.is_open());
        let capture = open.map(|card| {
            let nominal = nominal_capture(card, policy);
            self.capture_slot.map_or(nominal, |slot| slot.min(nominal))
        });
        let due = capture.is_some_and(|at| at <= now);
        let urgency = match due || !self.refunds.is_empty() || self.open_attempt().is_some() {
            true => Urgency::Money,
            false => Urgency::Routine,
        };
        let by = match (open, self.card()) {
            (Some(card), _) if due => Some(card.authorized_at + CAPTURE_LIMIT),
            (Some(_), _) => capture,
            (None, Some(_)) => None,
            // It may be authorized by now, most often after the shop has registered it.
            (None, None) => Some(self.order.registered_at + CAPTURE_LIMIT),
        };
        Rest { urgency, by }
    }
}
