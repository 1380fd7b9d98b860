//! Calls by form, whose requests carry no stamp that ends them.

use super::*;
use crate::domain::api::CardApi;
use crate::domain::attempt::Before;
use crate::domain::facts::Periods;
use crate::domain::rule::Rule;
use Action::{C, E, N, R};
use AttemptState::{Accepted, Applied, NotApplied, NotSent, Refused, Started, Unknown};
use CardStatus::{Authorized, Canceled, Captured, OperationCanceled, ToBeCaptured};

/// An attempt that began at noon of day one and was given up half a minute later, seen as before.
fn unanswered(action: Action, amount: i64, state: AttemptState, before: (CardStatus, i64)) -> Case {
    let case = order(before.0, before.1).with(|c| c.s.merchant.api = CardApi::Form);
    let case = if action == C { case } else { case.refund(Some(amount)) };
    let case = case.tried_as(action, amount, state, |a| {
        a.started_at = at(NOON);
        a.finished_at = (state != Started).then(|| at(NOON) + secs(30));
    });
    case.at("2026-08-01 12:01:00")
}

#[test]
fn looks_settle_a_call_that_the_state_guards_once_it_has_been_quiet_for_long_enough() {
    for (action, before) in [(C, (Authorized, 0)), (E, (ToBeCaptured, 1000)), (N, (Authorized, 0))] {
        for state in [Started, Unknown, Accepted] {
            let case = unanswered(action, 1000, state, before);
            let case = case.says("wait until 2026-08-01 12:01:55 by unanswered");
            // Nothing ends it at 12:15, as the stamp of a JSON request would.
            let case = case.at("2026-08-01 12:30:34").says("wait until 2026-08-01 12:31:29 by unanswered");
            let case = case.at("2026-08-01 12:30:35").says("settle 1 absent once by unanswered");
            let case = case.with(|c| c.s.attempts[0].first_absence_at = Some(at("2026-08-01 12:29:30")));
            case.says("settle 1 not applied by unanswered");
        }
    }
}

#[test]
fn a_part_without_effect_goes_to_a_person_unless_a_second_one_could_not_fit() {
    for state in [Started, Unknown] {
        for (amount, net, fits_once) in [
            (300, 1000, false),
            (500, 1000, false),
            (501, 1000, true),
            (1000, 1000, true),
            (300, 600, false),
            (301, 600, true),
            (600, 600, true),
        ] {
            let case = unanswered(R, amount, state, (Captured, net));
            let case = case.says("wait until 2026-08-01 12:01:55 by unanswered").at("2026-08-01 12:31:00");
            let settled = if fits_once { "absent once" } else { "review" };
            let plan = case.says(&format!("settle 1 {settled} by unanswered")).plan();
            if !fits_once {
                let Step::Settle { verdict: Verdict::Review { why }, .. } = plan.step else { panic!("{plan:?}") };
                assert!(why.english().contains("carries no time stamp"), "{why:?}");
            }
        }
    }
}

#[test]
fn a_call_is_as_old_as_both_clocks_say() {
    let case = unanswered(C, 1000, Unknown, (Authorized, 0)).at("2026-08-01 12:31:00");
    case.clone().says("settle 1 absent once by unanswered");
    // Theirs is behind; then ours had been ahead.
    case.clone().look(|o| o.skew_s = Some(-60)).says("wait until 2026-08-01 12:31:55 by unanswered");
    case.at("2026-08-01 12:29:00").look(|o| o.skew_s = Some(200)).says("wait until 2026-08-01 12:29:55 by unanswered");
}

#[test]
fn the_quiet_time_is_a_setting_and_json_calls_know_nothing_of_it() {
    let quick = |case: Case| case.with(|c| c.policy.quiet = secs(1)).on(at(NOON) + secs(40));
    quick(unanswered(C, 1000, Unknown, (Authorized, 0))).says("settle 1 absent once by unanswered");
    let json = unanswered(C, 1000, Unknown, (Authorized, 0)).with(|c| c.s.attempts[0].api = CardApi::Json);
    quick(json).says("wait until 2026-08-01 12:01:35 by unanswered");
}

#[test]
fn what_an_unanswered_call_would_undo_waits_until_it_is_quiet() {
    let text = |a: &mut Attempt| a.text = "http 500".to_owned();
    // It was seen to have acted, by whichever copy or hand.
    let after = |action: Action, state: AttemptState, status: CardStatus, net: i64| {
        let case = order(status, net).with(|c| c.s.merchant.api = CardApi::Form);
        let case = case.tried_as(action, 1000, state, |a| {
            a.started_at = at(NOON);
            a.finished_at = Some(at(NOON) + secs(30));
            text(a);
        });
        case.at("2026-08-01 12:01:00")
    };
    let captured = after(C, Applied, ToBeCaptured, 1000).refund(Some(1000));
    let plan = captured.clone().says("wait until 2026-08-01 12:30:30 by may-cross").plan();
    assert_eq!((plan.rule, plan.ahead.map(|ahead| ahead.action)), (Rule::MayCross, Some(E)));
    captured.clone().at("2026-08-01 12:30:34").says("look by may-cross");
    captured.clone().at("2026-08-01 12:30:35").says("act E 1000 by full-of-to-be-captured");
    // A part is no opposite of a capture, and N of an order that is still open would come first.
    captured.with(|c| c.s.refunds[0].amount = Some(twd(300))).says("act R 300 by part-of-to-be-captured");

    let called_back = after(E, Applied, OperationCanceled, 0).with(|c| c.s.order.capture = CaptureMode::Now);
    called_back.says("wait until 2026-08-01 12:30:30 by may-cross");
    let claimed = after(E, NotApplied, Captured, 1000).refund(Some(300));
    claimed.says("wait until 2026-08-01 12:30:30 by may-cross");

    for answered in [Refused, NotSent] {
        let case = after(C, answered, ToBeCaptured, 1000).refund(Some(1000)).at("2026-08-01 12:10:00");
        case.says("act E 1000 by full-of-to-be-captured");
    }
    let json = after(C, Applied, ToBeCaptured, 1000).with(|c| c.s.attempts[0].api = CardApi::Json);
    json.refund(Some(1000)).says("act E 1000 by full-of-to-be-captured");
    let said_yes = after(C, Applied, ToBeCaptured, 1000).with(|c| c.s.attempts[0].text.clear());
    said_yes.refund(Some(1000)).says("act E 1000 by full-of-to-be-captured");
}

#[test]
fn a_part_that_is_with_a_person_is_settled_by_a_look_that_shows_it_or_by_a_statement_that_has_none() {
    // 100 had gone back before; the person was asked about 300 more.
    let with_a_person = |net: i64, funded_back: Option<i64>| {
        let case = unanswered(R, 300, AttemptState::Review, (Captured, 900)).at("2026-08-05 12:00:00");
        case.with(|c| {
            c.s.attempts[0].reviewed = Some(c.s.attempts[0].before);
            c.s.funded_back = funded_back;
            let Some(Seen::Card(card)) = c.s.observation.as_mut().map(|o| &mut o.seen) else { return };
            card.net = net;
        })
    };
    // What may still come is looked for more often than what only a person can tell.
    let waits = "wait until 2026-08-05 17:59:55 by attempt-in-review";
    let for_a_person = "wait until 2026-08-06 11:59:55 by attempt-in-review";
    for (net, funded_back, says) in [
        (900, None, waits),
        (900, Some(0), waits),
        (900, Some(400), waits),
        (900, Some(100), "settle 1 not applied by unanswered"),
        (600, None, "settle 1 applied by unanswered"),
        (600, Some(100), "settle 1 applied by unanswered"),
        (700, Some(100), waits),
    ] {
        with_a_person(net, funded_back).says(says);
    }
    let old = with_a_person(900, Some(100)).look(|o| o.at -= Duration::hours(2));
    old.says("look by unanswered");
    let apart = with_a_person(900, Some(100)).look(|o| o.skew_s = Some(3600));
    assert!(!matches!(apart.plan().step, Step::Settle { .. }), "the days of a clock that is not believed");
    let before = with_a_person(600, Some(100)).look(|o| o.after_attempt = 0);
    assert!(!matches!(before.plan().step, Step::Settle { .. }), "a look from before the call");
    // What a person was asked for another reason is for the person alone.
    for change in [
        |a: &mut Attempt| a.reviewed = None,
        |a: &mut Attempt| a.reviewed = Some(Before { net: 800, ..a.before }),
        |a: &mut Attempt| a.api = CardApi::Json,
        |a: &mut Attempt| a.sent = false,
        |a: &mut Attempt| a.asked = Some(1),
    ] {
        for net in [900, 600] {
            with_a_person(net, Some(100)).with(|c| change(&mut c.s.attempts[0])).says(for_a_person);
        }
    }
}

#[test]
fn a_recurring_order_that_is_through_is_looked_at_for_its_next_charge_by_the_row_of_the_order_itself() {
    let monthly = Periods::of(Some("M"), Some(1), Some(12));
    let of = |case: Case, periods: Option<Periods>| {
        case.with(|c| {
            let Some(Seen::Card(card)) = c.s.observation.as_mut().map(|o| &mut o.seen) else { return };
            (card.recurring, card.periods) = (true, periods);
        })
    };
    let ended = Periods { ended: true, ..monthly };
    for (status, net, rule) in [(Captured, 1000, "captured"), (Captured, 0, "refunded"), (Canceled, 0, "void")] {
        let case = || order(status, net).at("2026-08-01 12:00:00");
        of(case(), Some(monthly)).says(&format!("wait until 2026-08-04 11:59:55 by {rule}"));
        of(case(), None).says(&format!("wait until 2026-08-02 11:59:55 by {rule}"));
        of(case(), Some(ended)).says(&format!("wait by {rule}"));
        let later = if status == Canceled { "expired" } else { rule };
        of(case().at("2027-09-20 12:00:00"), Some(monthly)).says(&format!("wait by {later}"));
        let later = TradeNo::parse("T2").expect("a number");
        of(case(), Some(monthly))
            .with(|c| c.s.order.asked_trade_no = Some(later.clone()))
            .says(&format!("wait by {rule}"));
    }
}

#[test]
fn a_restored_ledger_waits_for_calls_by_form_as_long() {
    let restored = |api: CardApi| {
        let case = order(Captured, 1000).with(|c| c.s.merchant.api = api).restored(false);
        let noon = at(NOON);
        case.with(|c| c.s.restored.iter_mut().for_each(|r| r.answered_at = Some(noon)))
    };
    restored(CardApi::Json).at("2026-08-01 12:16:00").says("catch up by restored-ledger");
    let by_form = restored(CardApi::Form).at("2026-08-01 12:16:00");
    by_form.clone().says("wait until 2026-08-01 12:35:30 by restored-ledger");
    by_form.at("2026-08-01 12:35:35").says("catch up by restored-ledger");
    // Its merchant's settings have been changed since an attempt of it went by form.
    let changed = restored(CardApi::Json).tried_as(C, 1000, Applied, |a| a.api = CardApi::Form);
    changed.at("2026-08-01 12:16:00").says("wait until 2026-08-01 12:35:30 by restored-ledger");
}
