//! Settling a money call whose answer never came, or whose effect is not yet seen.
//!
//! By looks only. An effect that is there settles it at once; absence proves nothing until the
//! request has grown too old to be accepted, and then two looks have to agree.

use chrono::{DateTime, Duration, Utc};

use super::case::Ctx;
use super::step::{Plan, Step};
use crate::domain::action::Action;
use crate::domain::attempt::{Attempt, AttemptState, Effect, Verdict};
use crate::domain::calendar;
use crate::domain::facts::Observation;
use crate::domain::policy::SKEWED;
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
    let why = format!(
        "attempt {} ({} {}) needs a person: ecpayd resolve {} --applied or --not-applied --by NAME",
        attempt.id, attempt.action, attempt.amount, attempt.id
    );
    ctx.look_every(ctx.policy.poll_authorized, Rule::AttemptInReview, why)
}

fn by_looks(ctx: &Ctx, attempt: &Attempt) -> Plan {
    let answered = attempt.state == AttemptState::Accepted;
    let what = format!(
        "attempt {} ({} {}) {}",
        attempt.id,
        attempt.action,
        attempt.amount,
        if answered { "was accepted" } else { "has no answer" }
    );
    let Some(observation) = ctx.s.observation.as_ref().filter(|o| o.after_attempt >= attempt.id) else {
        return ctx.look(Rule::Unanswered, format!("{what}; looking whether it took effect"));
    };
    let seen = &observation.seen;
    let lost = ctx.s.predates_restore(attempt);
    let effect = if lost { attempt.effect_in_restored(seen) } else { attempt.effect_in(seen) };
    // What a clock says that is not believed proves no request too old.
    let skewed = observation.skew_within(ctx.policy.max_skew).is_none();
    let spent = !skewed && observation.gateway_time() >= attempt.spent_at(ctx.policy);
    let verdict = |verdict| ctx.say(Step::Settle { attempt: attempt.id, verdict }, Rule::Unanswered, what.clone());
    match effect {
        Effect::There => verdict(Verdict::Applied),
        // As long as its own effect may still come, nobody can tell either.
        Effect::Odd(why) if spent || answered => verdict(Verdict::Review { why: why.to_owned() }),
        Effect::Unreadable if spent => {
            let why = "for a day the gateway's answers have not shown what became of it";
            patiently(ctx, attempt, attempt.spent_at(ctx.policy), observation.at, &what, why)
        }
        Effect::Absent if answered && attempt.action == Action::R => {
            let since = attempt.finished_at.unwrap_or(attempt.started_at);
            let why = "the gateway accepted it, and a day later no look shows it";
            patiently(ctx, attempt, since, observation.at, &what, why)
        }
        Effect::Absent if spent => absent(ctx, attempt, observation, &what),
        Effect::Absent | Effect::Unreadable | Effect::Odd(_) => {
            let next = observation.at + if skewed { SKEWED } else { ctx.policy.settle_gap };
            ctx.look_at(
                next,
                Rule::Unanswered,
                format!("{what}; it may take effect until {}", calendar::show(attempt.spent_at(ctx.policy))),
            )
        }
    }
}

fn absent(ctx: &Ctx, attempt: &Attempt, observation: &Observation, what: &str) -> Plan {
    let settle = |verdict, why: &str| {
        ctx.say(Step::Settle { attempt: attempt.id, verdict }, Rule::Unanswered, format!("{what}; {why}"))
    };
    match attempt.first_absence_at {
        None => settle(Verdict::AbsentOnce, "its request is too old to be accepted and no effect shows; one more look"),
        Some(first) if observation.gateway_time() >= first + ctx.policy.settle_gap => {
            settle(Verdict::NotApplied, "two looks after its validity show no effect")
        }
        Some(_) => {
            ctx.look_every(ctx.policy.settle_gap, Rule::Unanswered, format!("{what}; no effect shows, one more look"))
        }
    }
}

/// Looks again, each time after as long as it has waited so far; after a day a person has to.
fn patiently(
    ctx: &Ctx,
    attempt: &Attempt,
    since: DateTime<Utc>,
    looked_at: DateTime<Utc>,
    what: &str,
    why: &str,
) -> Plan {
    if looked_at >= since + PATIENCE {
        let verdict = Verdict::Review { why: why.to_owned() };
        return ctx.say(Step::Settle { attempt: attempt.id, verdict }, Rule::UnseenEffect, what);
    }
    let next = looked_at + ctx.policy.settle_gap.max(looked_at - since);
    ctx.look_at(next, Rule::UnseenEffect, format!("{what}, and no look shows what became of it yet"))
}
