//! Settling a money call whose answer never came, or whose effect is not yet seen.
//!
//! By looks only, and by the table of `domain::unanswered`. An effect that is there settles it at once; absence
//! proves nothing until its time is over, and then two looks have to agree.

use chrono::{DateTime, Duration, Utc};

use super::case::Ctx;
use super::step::{Plan, Step};
use crate::domain::action::Action;
use crate::domain::api::CardApi;
use crate::domain::attempt::{Attempt, AttemptState, Effect, Verdict};
use crate::domain::facts::Observation;
use crate::domain::money::Twd;
use crate::domain::policy::SKEWED;
use crate::domain::reason::Settling;
use crate::domain::rule::Rule;
use crate::domain::unanswered::{Next, Open, Shows};

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
    late(ctx, attempt).unwrap_or_else(|| waits_for_a_person(ctx, attempt))
}

/// A refund that no look showed: one that shows it now settles it, and so does a statement that has all of its days
/// and tells of no refund but those from before it, as a look does that was made since.
fn late(ctx: &Ctx, attempt: &Attempt) -> Option<Plan> {
    let since = |o: &&Observation| o.after_attempt >= attempt.id;
    ctx.s.observation.as_ref().filter(since)?;
    let card = ctx.card().filter(|_| attempt.waits_for_an_effect())?;
    let settle = |verdict| {
        let (attempt, action, amount, accepted) = told_of(attempt);
        let reason = Settling::SettledByLook { attempt, action, amount, accepted };
        ctx.say(Step::Settle { attempt, verdict }, Rule::Unanswered, reason)
    };
    match attempt.effect_in(ctx.seen()?) {
        Effect::There => Some(settle(Verdict::Applied)),
        // By a clock that is not believed nobody knows which days ECPay has listed.
        Effect::Absent if ctx.believes_the_clock() => {
            let from_before = card.amount.dollars() - attempt.before.net;
            ctx.s.funded_back.filter(|refunded| *refunded == from_before)?;
            let looking = || ctx.look(Rule::Unanswered, Settling::StatementShowsNone { attempt: attempt.id });
            Some(if ctx.is_current() { settle(Verdict::NotApplied) } else { looking() })
        }
        Effect::Absent | Effect::Unreadable | Effect::Odd(_) => None,
    }
}

fn waits_for_a_person(ctx: &Ctx, attempt: &Attempt) -> Plan {
    let waits = attempt.waits_for_an_effect();
    let (attempt, action, amount) = (attempt.id, attempt.action, attempt.amount);
    let reason = Settling::AttemptInReview { attempt, action, amount };
    // What may still come is seen while a person thinks about it.
    let every = match waits {
        true => ctx.policy.poll_settling.min(ctx.policy.poll_authorized),
        false => ctx.policy.poll_authorized,
    };
    ctx.look_every(every, Rule::AttemptInReview, reason)
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
    let over = !skewed && attempt.is_over(observation, ctx.policy);
    let open = Open { api: attempt.api, action, accepted, fits_once: fits_once(attempt), over };
    let verdict = |verdict| {
        let reason = Settling::SettledByLook { attempt: id, action, amount, accepted };
        ctx.say(Step::Settle { attempt: id, verdict }, Rule::Unanswered, reason)
    };
    match open.next(shows(&effect)) {
        Next::Applied => verdict(Verdict::Applied),
        Next::Person => verdict(Verdict::Review { why: why_a_person(effect).into() }),
        Next::Patience if effect == Effect::Unreadable => {
            patiently(ctx, attempt, attempt.over_at(ctx.policy), observation.at, Settling::UnreadableForADay)
        }
        Next::Patience => {
            let since = attempt.finished_at.unwrap_or(attempt.started_at);
            patiently(ctx, attempt, since, observation.at, Settling::UnseenForADay)
        }
        Next::NotApplied => absent(ctx, attempt, observation),
        Next::Wait => {
            let next = observation.at + if skewed { SKEWED } else { ctx.policy.settle_gap };
            ctx.look_at(next, Rule::Unanswered, may_come(ctx, attempt))
        }
    }
}

fn shows(effect: &Effect) -> Shows {
    match effect {
        Effect::There => Shows::Effect,
        Effect::Absent => Shows::NoEffect,
        Effect::Unreadable => Shows::Nothing,
        Effect::Odd(_) => Shows::SomethingElse,
    }
}

/// Where it has had no effect, what was left before it still is.
fn fits_once(attempt: &Attempt) -> bool {
    attempt.amount.dollars().saturating_mul(2) > attempt.before.net
}

fn why_a_person(effect: Effect) -> Settling {
    match effect {
        Effect::Odd(why) => why,
        _ => Settling::MayComeAtAnyTime,
    }
}

fn may_come(ctx: &Ctx, attempt: &Attempt) -> Settling {
    let (attempt_id, action, amount, accepted) = told_of(attempt);
    let until = attempt.over_at(ctx.policy).into();
    match attempt.api {
        CardApi::Json => Settling::MayTakeEffect { attempt: attempt_id, action, amount, accepted, until },
        CardApi::Form => Settling::WaitsForQuiet { attempt: attempt_id, action, amount, accepted, until },
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
