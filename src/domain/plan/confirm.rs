//! One answer ends nothing: a money call that has ended is looked at again, whatever its end.

use chrono::{DateTime, Utc};

use super::case::Ctx;
use super::step::{Plan, Step};
use crate::domain::attempt::AttemptState;
use crate::domain::reason::Looking;
use crate::domain::rule::Rule;

/// Puts a look in where the plan would wait longer than the next confirmation, or for good.
pub(super) fn look_again(ctx: &Ctx, planned: Plan) -> Plan {
    let Step::Wait { until } = planned.step else { return planned };
    if matches!(planned.rule, Rule::RateLimited | Rule::MerchantMissing) {
        return planned;
    }
    let Some(due) = due(ctx).filter(|due| until.is_none_or(|until| *due < until)) else { return planned };
    let reason = match until {
        Some(_) => planned.reason,
        None => Looking::LookedAtAgain { then: Box::new(planned.reason) }.into(),
    };
    let look = ctx.look_at(due, planned.rule, reason);
    Plan { refund: planned.refund, ahead: planned.ahead, rank: planned.rank, ..look }
}

/// The first look after a money call's end that has not been made yet.
fn due(ctx: &Ctx) -> Option<DateTime<Utc>> {
    let looked_at = ctx.s.observation.as_ref()?.at;
    let ended = ctx.s.attempts.iter().filter(|a| !a.state.is_open() && a.state != AttemptState::NotSent);
    let looks = ended.filter_map(|a| a.finished_at).flat_map(|at| ctx.policy.poll_confirm.iter().map(move |c| at + *c));
    // A clock that ran ahead at the end of a call would ask for looks in a far future.
    let latest = ctx.policy.poll_confirm.last().map(|longest| ctx.now + *longest)?;
    looks.filter(|at| *at > looked_at && *at <= latest).min()
}
