//! Settling a money call whose answer never came, or whose effect is not yet seen.
//!
//! By looks only. An effect that is there settles it at once; absence proves nothing until the
//! request has grown too old to be accepted, and then two looks have to agree.

use chrono::{DateTime, Duration, Utc};

use super::case::Ctx;
use super::step::{Plan, Step};
use crate::domain::action::Action;
use crate::domain::attempt::{Attempt, AttemptState, Effect, Verdict};
use crate::domain::facts::Observation;
use crate::domain::money::Twd;
use crate::domain::policy::SKEWED;
use crate::domain::reason::Settling;
use crate::domain::rule::Rule;

/// How long looks go on where absence is no proof, before a person has to tell.
///
/// For an accepted R: it is the one action that a second call would repeat, so it is never
/// taken for not applied. And for answers that cannot be read: one of them is no reason to
/// call a person.
const PATIENCE: Duration = Duration::hours(24);

pub(super) fn settle(ctx: &Ctx) -> Option<Plan> {
    let attempt = ctx.s.open_attempt()?;
    let plan = match attempt.state {
        AttemptState::Review => in_review(ctx, attempt),
        _ => by_looks(ctx, attempt),
    };
    Some(Plan { refund: attempt.refund_id, ..plan })
}

fn in_review(ctx: &Ctx, attempt: &Attempt) -> Plan {
    let (attempt, action, amount) = (attempt.id, attempt.action, attempt.amount);
    let reason = Settling::AttemptInReview { attempt, action, amount };
    ctx.look_every(ctx.policy.poll_authorized, Rule::AttemptInReview, reason)
}

/// Which call it is, and whether the gateway said yes.
fn told_of(attempt: &Attempt) -> (i64, Action, Twd, bool) {
    (attempt.id, attempt.action, attempt.amount, attempt.state == AttemptState::Accepted)
}

fn by_looks(ctx: &Ctx, attempt: &Attempt) -> Plan {
    let (id, action, amount, accepted) = told_of(attempt);
    let Some(observation) = ctx.s.observation.as_ref().filter(|o| o.after_attempt >= id) else {
        return ctx.look(Rule::Unanswered, Settling::LookingForEffect { attempt: id, action, amount, accepted });
    };
    let seen = &observation.seen;
    let lost = ctx.s.predates_restore(attempt);
    let effect = if lost { attempt.effect_in_restored(seen) } else { attempt.effect_in(seen) };
    // What a clock says that is not believed proves no request too old.
    let skewed = observation.skew_within(ctx.policy.max_skew).is_none();
    let spent = !skewed && observation.gateway_time() >= attempt.spent_at(ctx.policy);
    let verdict = |verdict| {
        let reason = Settling::SettledByLook { attempt: id, action, amount, accepted };
        ctx.say(Step::Settle { attempt: id, verdict }, Rule::Unanswered, reason)
    };
    match effect {
        Effect::There => verdict(Verdict::Applied),
        // As long as its own effect may still come, nobody can tell either.
        Effect::Odd(why) if spent || accepted => verdict(Verdict::Review { why: why.into() }),
        Effect::Unreadable if spent => {
            patiently(ctx, attempt, attempt.spent_at(ctx.policy), observation.at, Settling::UnreadableForADay)
        }
        Effect::Absent if accepted && action == Action::R => {
            let since = attempt.finished_at.unwrap_or(attempt.started_at);
            patiently(ctx, attempt, since, observation.at, Settling::UnseenForADay)
        }
        Effect::Absent if spent => absent(ctx, attempt, observation),
        Effect::Absent | Effect::Unreadable | Effect::Odd(_) => {
            let next = observation.at + if skewed { SKEWED } else { ctx.policy.settle_gap };
            let until = attempt.spent_at(ctx.policy).into();
            let reason = Settling::MayTakeEffect { attempt: id, action, amount, accepted, until };
            ctx.look_at(next, Rule::Unanswered, reason)
        }
    }
}

fn absent(ctx: &Ctx, attempt: &Attempt, observation: &Observation) -> Plan {
    let (id, action, amount, accepted) = told_of(attempt);
    let settle = |verdict, reason: Settling| ctx.say(Step::Settle { attempt: id, verdict }, Rule::Unanswered, reason);
    match attempt.first_absence_at {
        None => settle(Verdict::AbsentOnce, Settling::AbsentOnce { attempt: id, action, amount, accepted }),
        Some(first) if observation.gateway_time() >= first + ctx.policy.settle_gap => {
            settle(Verdict::NotApplied, Settling::NoEffect { attempt: id, action, amount, accepted })
        }
        Some(_) => {
            let reason = Settling::AbsentAgain { attempt: id, action, amount, accepted };
            ctx.look_every(ctx.policy.settle_gap, Rule::Unanswered, reason)
        }
    }
}

/// Looks again, each time after as long as it has waited so far; after a day a person has to, for this reason.
fn patiently(ctx: &Ctx, attempt: &Attempt, since: DateTime<Utc>, looked_at: DateTime<Utc>, why: Settling) -> Plan {
    let (id, action, amount, accepted) = told_of(attempt);
    if looked_at >= since + PATIENCE {
        let verdict = Verdict::Review { why: why.into() };
        let reason = Settling::SettledByLook { attempt: id, action, amount, accepted };
        return ctx.say(Step::Settle { attempt: id, verdict }, Rule::UnseenEffect, reason);
    }
    let next = looked_at + ctx.policy.settle_gap.max(looked_at - since);
    ctx.look_at(next, Rule::UnseenEffect, Settling::UnseenEffect { attempt: id, action, amount, accepted })
}
