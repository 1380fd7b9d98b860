//! A ledger that may have been put back from a copy: what it does not know of, and whose it was.
//!
//! What was sent in the part that is lost left no attempt here. So until an order has
//! caught up nothing moves on it; and money that went back without the ledger knowing is put to a
//! person before any refund of that order goes on.

use chrono::{DateTime, Utc};

use super::api::CardApi;
use super::facts::Observation;
use super::money::Twd;
use super::policy::Policy;

/// The newest time at which the ledger was found to be behind, as one order sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    pub id: i64,
    pub noticed_at: DateTime<Utc>,
    /// The gateway's time of the first look after that. Whatever was sent in the part that is
    /// lost had been stamped by then; our own clock may be set between the two.
    pub answered_at: Option<DateTime<Utc>>,
    /// The ledger's newest attempt then: what became of those up to it may be lost.
    pub newest_attempt: i64,
    /// This order has caught up since.
    pub caught_up: bool,
    /// What the ledger knows to have gone back.
    pub known: Twd,
}

impl Restored {
    /// From then on, by the gateway's clock, nothing that was under way can take effect any more.
    /// Of calls by form, which nothing ends, it is unlikely by then.
    pub fn quiet_from(&self, observation: &Observation, policy: &Policy, api: CardApi) -> DateTime<Utc> {
        let answered_at = self.answered_at.unwrap_or_else(|| observation.gateway_time());
        let stamped = policy.request_validity + policy.max_skew + chrono::Duration::seconds(1);
        answered_at
            + match api {
                CardApi::Json => stamped,
                // It may have been JSON's before.
                CardApi::Form => stamped.max(policy.timeout + policy.quiet + policy.max_skew),
            }
    }
}

/// What the gateway shows of an order and the ledger cannot explain since it was restored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Unclaimed {
    pub amount: Twd,
    /// The order is void.
    pub void: bool,
}

impl Unclaimed {
    pub fn is_nothing(self) -> bool {
        self == Self::default()
    }

    pub fn plus(self, other: Self) -> Self {
        Self { amount: self.amount.plus(other.amount), void: self.void || other.void }
    }

    /// What is left once some of it is explained.
    pub fn less(self, explained: Self) -> Self {
        Self { amount: self.amount.less(explained.amount), void: self.void && !explained.void }
    }
}
