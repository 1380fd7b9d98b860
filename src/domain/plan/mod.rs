//! The one decision: what to do next about an order, and why.
//!
//! [`plan`] reads what the ledger knows, what the gateway last said, the policy and the
//! time, and answers with exactly one step. It has no clock, no socket and no row.
//! The guards stand in a column; the first that has something to say decides.
//! What a step then means for the ledger is decided by its mirror, `domain::record`.

use case::Ctx;
use chrono::{DateTime, Utc};

use super::policy::Policy;
use super::situation::Situation;

/// Decides the next step for one order.
pub fn plan(situation: &Situation, policy: &Policy, now: DateTime<Utc>) -> Plan {
    let ctx = Ctx { s: situation, policy, now };
    let planned = guards::missing(&ctx)
        .or_else(|| guards::silence(&ctx))
        .or_else(|| guards::dated_ahead(&ctx))
        .or_else(|| restored::restored(&ctx))
        .or_else(|| unanswered::settle(&ctx))
        .or_else(|| guards::never_looked(&ctx))
        .or_else(|| guards::looked_before_the_last_attempt(&ctx))
        .or_else(|| guards::looked_before_the_shop_wrote(&ctx))
        .or_else(|| guards::twin(&ctx))
        .or_else(|| guards::unclear(&ctx))
        .or_else(|| guards::contradicts_the_ledger(&ctx))
        .or_else(|| guards::not_by_card(&ctx))
        .or_else(|| guards::not_paid(&ctx))
        .or_else(|| refund::refund(&ctx))
        .unwrap_or_else(|| capture::capture(&ctx));
    confirm::look_again(&ctx, planned)
}

mod capture;
mod case;
mod confirm;
mod guards;
mod money;
mod refund;
mod restored;
mod retry;
mod slot;
mod step;
mod unanswered;
mod unexplained;
mod vouchers;

pub(in crate::domain) use capture::captures_at;
pub use retry::{Provoked, Rest, Urgency};
pub use slot::{SlotRequest, slot};
pub use step::{Ahead, Plan, Rank, Step};
pub(in crate::domain) use vouchers::{is_of_another, sold_for_another};

#[cfg(test)]
pub(in crate::domain) mod tests;
