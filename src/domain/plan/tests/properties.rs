//! What must hold of the plan for any situation.

use crate::domain::rule::Rule;
use chrono::Timelike;

use super::*;
use crate::domain::calendar::taipei;
use crate::domain::plan::money::lasts;

pub fn hold(case: &Case) {
    let plan = case.plan();
    let ok = |truth: bool, what: &str| assert!(truth, "{what}\n{case:#?}\n{plan:#?}");
    ok(!plan.why().is_empty(), "every plan says why");
    ok(plan.refund.is_none_or(|id| case.s.refunds.iter().any(|r| r.id == id)), "a plan is about an open refund");
    match &plan.step {
        Step::Act { action, amount } => {
            trusted(case, &ok);
            let pause = case.s.merchant.pauses.stop(*action, plan.rule, case.now);
            ok(pause.is_none(), "what is paused moves no money");
            outside_the_window(case, *action, &ok);
            legal(case, *action, *amount, &ok);
        }
        Step::Wait { until } => waits(case, &plan, *until, &ok),
        Step::Look => looks(case, &ok),
        Step::LookAtVouchers { voucher } => {
            ok(case.s.vouchers.as_ref().is_some_and(|v| v.id == *voucher && v.served), "at the order's own vouchers");
        }
        Step::Settle { attempt, verdict } => settles(case, *attempt, verdict, &ok),
        Step::CatchUp => {
            let look = case.s.observation.as_ref().expect("a look");
            let restored = case.s.to_catch_up().expect("a restored ledger");
            ok(look.after_restore == restored.id, "by a look of after the copy was noticed");
            ok(look.skew_s.is_some_and(|s| s.abs() <= 300), "by a clock that is believed");
            let quiet = restored.answered_at.expect("an answer") + Duration::minutes(15);
            ok(look.gateway_time() >= quiet, "when nothing can be under way any more");
        }
        Step::Reject | Step::Review | Step::Ask { .. } => {
            let age = case.now - case.s.observation.as_ref().expect("a look").at;
            ok(plan.refund == case.s.refunds.first().map(|r| r.id) && plan.refund.is_some(), "it names the refund");
            ok(case.s.open_attempt().is_none(), "no refund ends under an open call");
            ok(age <= secs(120), "from what was seen of late");
        }
    }
}

type Ok<'a> = &'a dyn Fn(bool, &str);

fn trusted(case: &Case, ok: Ok) {
    let look = case.s.observation.as_ref().expect("a look");
    let age = case.now - look.at;
    ok(matches!(look.seen, Seen::Card(_)), "money moves only for what was seen as a card order");
    ok(age >= Duration::zero() && age <= secs(60), "money moves only from a look of the last minute");
    ok(look.skew_s.is_some_and(|s| s.abs() <= 300), "money moves only while the clocks agree");
    ok(case.s.attempts.last().is_none_or(|a| a.id <= look.after_attempt), "the look is of after the last call");
    ok(case.s.open_attempt().is_none(), "one open call at a time");
    ok(case.s.to_catch_up().is_none(), "nothing moves in a restored ledger before its order has caught up");
    ok(case.s.merchant.silent_until.is_none_or(|t| t <= case.now), "a silent merchant is asked nothing");
}

/// By our clock and by the gateway's, from the call to the end of the step it begins.
fn outside_the_window(case: &Case, action: Action, ok: Ok) {
    let skew = case.s.observation.as_ref().map_or(0, |o| o.skew_s.unwrap_or_default());
    for now in [case.now, case.now + secs(skew)] {
        let from = i64::from(taipei(now).num_seconds_from_midnight());
        let to = from + lasts(action, &case.policy).num_seconds();
        let (start, end) = ((20 * 60 + 15) * 60, (20 * 60 + 30) * 60);
        ok(from <= start - 120 || from >= end + 120, "no call within the window or its guard");
        ok(to <= start || from >= end, "no step that may last into the window");
    }
}

fn legal(case: &Case, action: Action, amount: Twd, ok: Ok) {
    use CardStatus::{Authorized, Captured, OperationCanceled, ToBeCaptured};
    let card = case.s.card().expect("a card");
    let refund = case.s.refunds.first();
    let named: i64 = case.s.refunds.iter().filter_map(|r| r.amount).map(Twd::dollars).sum();
    let rest = case.s.refunds.iter().filter(|r| r.amount.is_none()).count();
    let alone = refund.is_some_and(|r| r.amount.is_none_or(|a| a == card.amount));
    let in_review = case.s.refunds.iter().any(|r| r.state == RefundState::Review);
    let all = (rest == 0 && named == card.amount.dollars()) || (rest == 1 && named < card.amount.dollars());
    let together = !alone && case.s.refunds.len() > 1 && all && !in_review;
    let whole = (alone || together) && case.s.refunded().is_zero();
    let others: Vec<i64> = case.s.refunds.iter().skip(1).map(|r| r.id).collect();
    let ends_with_it = if together && action != Action::C && action != Action::R { others } else { Vec::new() };
    ok(case.plan().together == ends_with_it, "what together asks for the whole ends together");
    match action {
        Action::C => {
            ok(matches!(card.status, Authorized | OperationCanceled), "C is legal from there");
            ok(amount == card.amount, "C is of the order's amount");
            ok(case.s.order.capture != CaptureMode::Hold, "a held order is not captured");
            ok(case.s.order.expected_amount.is_none_or(|e| e == card.amount), "an unexpected amount is not captured");
            ok(!whole, "a full refund wins over a capture");
            let look = case.s.observation.as_ref().expect("a look");
            ok(look.at < day(90), "an abandoned order is not captured");
        }
        Action::N => {
            ok(matches!(card.status, Authorized | OperationCanceled), "N is legal from there");
            ok(amount == card.amount && whole, "N is of a whole order");
        }
        Action::E => {
            ok(card.status == ToBeCaptured && !card.kind.union_pay, "E is legal from there");
            ok(amount == card.amount && whole, "E is of a whole order");
        }
        Action::R => {
            let asked = refund.is_some_and(|r| case.s.was_asked_about(r.id));
            ok(
                case.s.unclaimed.amount.is_zero() || asked,
                "nothing goes back while it is not known whose the rest was",
            );
            ok(matches!(card.status, ToBeCaptured | Captured), "R is legal from there");
            ok(!amount.is_zero() && amount <= case.s.left(), "R is of what is left");
            ok(card.kind.whole_only().is_none() || amount == card.amount, "some orders are refunded whole");
            ok(refund.is_some_and(|r| r.amount.is_none_or(|a| a == amount)), "R is of what was asked for");
        }
    }
}

fn waits(case: &Case, plan: &Plan, until: Option<DateTime<Utc>>, ok: Ok) {
    match until {
        Some(until) => {
            ok(until > case.now, "a wait ends in the future");
            ok(until <= case.now + Duration::days(3), "no wait is longer than the slowest cadence");
        }
        // Nobody looks after it; by its age it is told all the same.
        None if case.s.merchant.missing => ok(plan.rule == Rule::MerchantMissing, "and it says so"),
        None => {
            ok(case.s.refunds.is_empty(), "an open refund is never left without a next step");
            ok(case.s.open_attempt().is_none(), "an open call is never left without a next look");
            let ends = [
                Rule::Void,
                Rule::Captured,
                Rule::Refunded,
                Rule::Expired,
                Rule::NotCard,
                Rule::GiveUpUnpaid,
                Rule::TwinRow,
            ];
            ok(ends.contains(&plan.rule), "only a finished order has no next look");
        }
    }
}

fn looks(case: &Case, ok: Ok) {
    ok(case.s.retry_at.is_none_or(|t| t <= case.now), "a failed look is not repeated before its time");
    ok(case.s.merchant.silent_until.is_none_or(|t| t <= case.now), "a silent merchant is not looked at");
    // The same answer, just now: a look that leads to a look would turn in circles.
    let newest = case.s.attempts.last().map_or(0, |a| a.id);
    let restore = case.s.restored.as_ref().map_or(0, |r| r.id);
    let looked = case.clone().look(|o| {
        o.after_restore = restore;
        o.at = case.now;
        o.after_attempt = newest;
    });
    ok(looked.plan().step != Step::Look, "a look is not followed by a look at once");
}

fn settles(case: &Case, id: i64, verdict: &Verdict, ok: Ok) {
    let look = case.s.observation.as_ref().expect("a look");
    let Some(attempt) = case.s.open_attempt() else {
        let refused = case.s.attempts.iter().find(|a| a.id == id).expect("a call");
        ok(refused.state == AttemptState::Refused, "only an open call is settled, or a refused one");
        ok(matches!(verdict, Verdict::Review { .. }), "and then by a person");
        ok(look.after_attempt >= id, "after a look that began after it");
        return;
    };
    ok(attempt.id == id && attempt.state != AttemptState::Review, "only an open call is settled");
    ok(look.after_attempt >= id, "by a look that began after it");
    if matches!(verdict, Verdict::AbsentOnce | Verdict::NotApplied) {
        let spent = attempt.started_at + Duration::minutes(15);
        ok(
            look.skew_s.is_some_and(|s| s.abs() <= 300) && look.gateway_time() >= spent,
            "absence counts once the request is too old",
        );
        let unseen = attempt.state == AttemptState::Accepted && attempt.action == Action::R;
        ok(!unseen, "an accepted refund is never taken for not applied");
    }
    if *verdict == Verdict::NotApplied {
        let first = attempt.first_absence_at.expect("a first look");
        ok(look.gateway_time() >= first + case.policy.settle_gap, "two looks settle an absence");
    }
}
