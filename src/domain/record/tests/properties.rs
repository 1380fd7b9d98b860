//! What must hold of the change for any situation; asked beside the plan's own properties.

use super::*;
use crate::domain::transitions::Transitions;

pub fn hold(case: &Case) {
    let planned = case.plan();
    let (mut kept, mut found) = (case.kept(), Findings::default());
    let ok = |truth: bool, what: &str| assert!(truth, "{what}\n{case:#?}\n{planned:#?}");
    found.decided(&mut kept.situation, &planned, case.now);
    let after = kept.situation.clone();
    let change = found.change(&kept, &planned, &case.end());
    steps(case, &change.steps, &ok);

    if matches!(planned.step, Step::Settle { .. } | Step::Reject | Step::Review | Step::CatchUp) {
        ok(change.steps != Steps::default() || change.caught_up.done.is_some(), "a decision changes something");
        let next = crate::domain::plan::plan(&after, &case.policy, case.now);
        ok((&next.step, next.refund) != (&planned.step, planned.refund), "and is not taken again");
    }
    ok(
        change.question.is_some() == matches!(planned.step, Step::Ask { .. }),
        "a question is asked where one is planned",
    );
    ok(change.look.is_none() && change.external.is_none() && change.slot.is_none(), "without a look nothing is seen");
    if let Step::Wait { until } = planned.step {
        ok(change.next.at == until, "it waits as long as the plan says");
    }
    if matches!(planned.step, Step::Wait { .. }) && after.open_attempt().is_none() {
        let mut rested = after.clone();
        rested.take(&change.steps, case.now);
        for refund in &rested.refunds {
            let begun = |a: &Attempt| a.refund_id == Some(refund.id) || a.refund_id == refund.led_by;
            let runs = after.attempts.iter().any(|a| begun(a) && a.refund_id.is_some());
            ok(refund.state != RefundState::Running || runs, "what runs is in a call, its own or its leader's");
        }
    }
    let booked = change.movements.iter().fold(kept.booked.position, |sum, m| sum.plus(m.kind, m.amount));
    let (captured, refunded) = (change.row.captured.dollars(), change.row.refunded.dollars());
    ok((booked.captured, booked.refunded) == (captured, refunded), "the journal adds up to what the order shows");
    ok(change.movements.is_empty() || !change.is_quiet(), "and what it adds is written");
    let whole = change.row.amount.unwrap_or(Twd::MAX);
    // More than the order in our own attempts is what the ledger's guards never let happen.
    ok(change.row.refunded <= whole.max(case.s.refunded_by_us()), "no more goes back than there was");
    ok(change.row.left.unwrap_or_default() <= whole, "nor is left");
}

fn steps(case: &Case, steps: &Steps, ok: &dyn Fn(bool, &str)) {
    for step in &steps.attempts {
        let attempt = case.s.attempts.iter().find(|a| a.id == step.id);
        ok(attempt.is_some_and(|a| a.state == step.from), "a step is taken from where the attempt is");
        let to = match &step.what {
            AttemptChange::AbsentOnce { .. } => continue,
            AttemptChange::Answered { to, .. } | AttemptChange::Settled { to, .. } => *to,
            AttemptChange::InReview { .. } => AttemptState::Review,
        };
        ok(step.from.may_become(to), "an attempt takes only steps of the table");
    }
    for step in &steps.refunds {
        let refund = case.s.refunds.iter().find(|r| r.id == step.id);
        let Some(refund) = refund else { return ok(false, "only open refunds take steps") };
        ok(refund.state == step.to || refund.state.may_become(step.to), "a refund takes only steps of the table");
        ok(!step.detail().is_empty(), "and says why");
        ok(step.done.is_some() == (step.to == RefundState::Done), "what is done says what gave it back");
        ok(step.alert.is_some() == (step.to == RefundState::Rejected), "what is rejected is reported");
    }
    let done: i64 = steps.refunds.iter().filter_map(|r| r.done).map(|done| done.amount.dollars()).sum();
    let moved = steps
        .attempts
        .iter()
        .filter(|s| matches!(&s.what, AttemptChange::Settled { to, .. } if *to == AttemptState::Applied));
    let moved: i64 =
        moved.filter_map(|s| case.s.attempts.iter().find(|a| a.id == s.id)).map(|a| a.amount.dollars()).sum();
    ok(done == 0 || done == moved, "what refunds say went back is what the attempt moved");
}
