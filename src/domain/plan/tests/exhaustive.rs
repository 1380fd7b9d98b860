//! Every kind of situation against what must hold of any plan, see [`super::properties`].

use super::properties::hold;
use super::*;
use crate::domain::alert::AlertKind;
use crate::domain::policy::{CapturePolicy, PartialOnAuthorized};
use crate::domain::record::alerts::alerts;
use crate::domain::record::tests::properties;

const NETS: [i64; 4] = [0, 300, 700, 1000];

fn everything_seen() -> Vec<Seen> {
    let cards = CardStatus::ALL.into_iter().flat_map(|s| NETS.map(|net| Seen::Card(card(s, net))));
    let others = [
        Seen::NotFound,
        Seen::Unpaid { amount: None },
        Seen::BankPending { amount: Some(twd(1000)) },
        Seen::NotCard { amount: None, payment_type: "ATM_TAISHIN".to_owned() },
        Seen::Unclear { raw: "Settling".to_owned() },
        Seen::Twin { trade_no: TradeNo::parse("2608011000001").expect("a number"), row: 7 },
    ];
    cards.chain(others).collect()
}

/// All of them take a quarter of a minute; one in so many shares out evenly over every axis.
const EVERY: usize = 13;

/// None, or each action in each state an attempt can be in.
fn attempts() -> Vec<Option<(Action, AttemptState)>> {
    let all = Action::ALL.into_iter().flat_map(|a| AttemptState::ALL.iter().map(move |s| Some((a, *s))));
    [None].into_iter().chain(all).collect()
}

const REFUNDS: [&[Option<i64>]; 7] =
    [&[], &[None], &[Some(300)], &[Some(1000)], &[Some(700)], &[Some(1001)], &[Some(300), None]];

fn times() -> [DateTime<Utc>; 11] {
    [
        at(NOON),
        at("2026-08-01 20:12:31"),
        at("2026-08-01 20:13:00"),
        at("2026-08-01 20:20:00"),
        at("2026-08-01 20:31:59"),
        at("2026-08-01 20:32:00"),
        day(20),
        day(21) + Duration::hours(1),
        day(89) + Duration::hours(23),
        day(90) - secs(3),
        day(90) + secs(30),
    ]
}

/// How far the last look can be trusted.
const LOOKS: [fn(&mut Observation); 9] = [
    |_| (),
    |o| o.at -= secs(55),
    |o| o.at -= secs(56),
    |o| o.at -= secs(86_400 + 3600),
    |o| o.at += secs(600),
    |o| o.after_attempt = 0,
    |o| o.skew_s = Some(301),
    |o| o.skew_s = Some(-240),
    |o| o.skew_s = None,
];

/// The axes that the others are turned through, so that each value meets each pair of the rest.
fn turn(case: &mut Case, n: usize) {
    let pick = |axis: usize, of: usize| n / axis % of;
    case.s.order.capture = CaptureMode::ALL[pick(1, 3)];
    case.policy.capture = [CapturePolicy::Deadline, CapturePolicy::Immediate, CapturePolicy::Manual][pick(3, 3)];
    case.policy.partial_on_authorized = [PartialOnAuthorized::Wait, PartialOnAuthorized::Capture][pick(9, 2)];
    case.s.merchant.daily_auto_close = pick(18, 2) == 1;
    if let Some(Observation { seen: Seen::Card(card), .. }) = &mut case.s.observation {
        let kinds = [(false, false, false), (true, false, false), (false, true, false), (false, false, true)];
        let (installments, bonus_points, union_pay) = kinds[pick(36, 4)];
        card.kind = CardKind { installments, bonus_points, union_pay, unknown: false };
    }
    match pick(6480, 9) {
        0 => *case = case.clone().restored(false),
        1 => *case = case.clone().restored(false).look(|o| o.after_restore = 0),
        2 => *case = case.clone().restored(true).unclaimed(300, true),
        3 => {
            *case = case.clone().restored(false);
            case.s.restored.iter_mut().for_each(|r| r.answered_at = Some(case.now - Duration::minutes(14)));
        }
        _ => (),
    }
    match pick(144, 13) {
        7 => case.s.merchant.missing = true,
        // It was shown as authorized before, and this look shows something else.
        8 => {
            let before = Observation {
                seen: Seen::Card(card(CardStatus::Authorized, 0)),
                ..case.s.observation.clone().expect("a look")
            };
            *case = case.clone().look(|o| *o = o.clone().following(Some(&before)));
        }
        0 => case.s.merchant.pauses = Pauses::both(),
        11 => case.s.merchant.pauses.capture = Some(None),
        12 => case.s.merchant.pauses.refund = Some(Some(case.now + secs(1))),
        1 => case.s.merchant.silent_until = Some(case.now + secs(60)),
        2 => case.s.retry_at = Some(case.now + secs(60)),
        3 => case.s.order.expected_amount = Some(twd(999)),
        4 => case.s.refunds.iter_mut().for_each(|r| r.state = RefundState::Review),
        5 => case.s.capture_slot = Some(day(19)),
        // Left by the call that they were to end with.
        9 => case.s.refunds.iter_mut().for_each(|r| r.state = RefundState::Running),
        10 if case.s.attempts.iter().any(|a| a.refund_id == Some(1)) => {
            case.s.refunds.iter_mut().skip(1).for_each(|r| {
                r.state = RefundState::Running;
                r.led_by = Some(1);
            })
        }
        6 => case.s.order.registered_at = day(-60),
        _ => (),
    }
    if let Some(attempt) = case.s.attempts.last_mut() {
        match pick(1296, 5) {
            0 => attempt.text = "餘額不足".to_owned(),
            1 => attempt.text = "error_overDate".to_owned(),
            2 => attempt.before = Before { status: CardStatus::ToBeCaptured, net: 1000 },
            3 => {
                attempt.started_at -= Duration::hours(1);
                attempt.first_absence_at = Some(case.now - Duration::minutes(30));
            }
            _ => (),
        }
    }
}

/// No obligation is older than its limit without an open alert: the table of what is not finished, read anew.
fn told(case: &Case) {
    let planned = case.plan();
    // The call that is due decides; what it does not change is told after it.
    if matches!(planned.step, Step::Act { .. } | Step::Settle { .. } | Step::Reject | Step::Review | Step::Ask { .. }) {
        return;
    }
    let alerts = alerts(&case.s, &planned, &case.policy, case.now);
    let open = |kinds: &[AlertKind]| alerts.iter().any(|a| kinds.contains(&a.kind));
    let ok = |told: bool, what: &str| assert!(told, "{what}\n{alerts:#?}\n{case:#?}\n{planned:#?}");
    let seen = case.s.observation.as_ref().map(|o| &o.seen);
    let known = match seen {
        Some(Seen::Card(card)) if card.status != CardStatus::Unauthorized => Some(card),
        _ => case.s.observation.as_ref().and_then(|o| o.last_card.as_deref()),
    };
    if let Some(card) = known.filter(|c| matches!(c.status, CardStatus::Authorized | CardStatus::OperationCanceled)) {
        let age = case.now - card.authorized_at;
        use AlertKind::{CaptureEnding, CaptureOverdue, Expired, Expiring};
        let foreseen = planned.ahead.is_some_and(|a| a.at > case.now);
        ok(foreseen || age < Duration::days(20) || open(&[CaptureEnding, CaptureOverdue, Expired]), "the last day");
        ok(age < Duration::days(21) || open(&[CaptureOverdue, Expired]), "past day 21");
        ok(age < Duration::days(79) || open(&[Expiring, Expired]), "near day 80");
    }
    for refund in &case.s.refunds {
        let waits_for = |card: &CardFacts| {
            let part = refund.amount.is_some_and(|amount| amount != card.amount);
            let open = matches!(card.status, CardStatus::Authorized | CardStatus::OperationCanceled);
            // Not before the earliest place in a crowd; asked for before, it is late from that time on.
            (open && part).then(|| card.authorized_at + Duration::days(20))
        };
        let from = known.and_then(waits_for).map_or(refund.asked_at, |at| at.max(refund.asked_at));
        let late = case.now - from >= Duration::hours(4);
        use AlertKind::{BalanceShort, RefundReview, RefundWaiting};
        ok(!late || open(&[RefundWaiting, RefundReview, BalanceShort]), "a refund that has not ended");
    }
    let unknown = matches!(seen, None | Some(Seen::NotFound));
    let known_for = case.now - case.s.order.registered_at;
    ok(!unknown || known_for < Duration::days(1) || open(&[AlertKind::OrderUnknown]), "an unknown order");
    let open_call = case.s.attempts.iter().any(|a| a.state == AttemptState::Review);
    ok(!open_call || open(&[AlertKind::RefundReview, AlertKind::CaptureFailing]), "a call before a person");
}

#[test]
fn whatever_the_situation_no_plan_breaks_a_rule() {
    let (attempts, times) = (attempts(), times());
    let mut n = 0_usize;
    for seen_as in everything_seen() {
        for (attempt, refunds) in attempts.iter().flat_map(|a| REFUNDS.iter().map(move |r| (a, r))) {
            for (now, look) in times.iter().flat_map(|t| LOOKS.iter().map(move |l| (t, l))) {
                // Prime, so that the turns do not fall in step with the loops.
                n += 7919;
                if !n.is_multiple_of(EVERY) {
                    continue;
                }
                let mut case = refunds.iter().fold(seen(seen_as.clone()), |c, amount| c.refund(*amount)).on(*now);
                let age = Duration::hours([0, 3, 5, 30, 100][n / 7 % 5]);
                case.s.refunds.iter_mut().for_each(|r| r.asked_at = case.now - age);
                if let Some((action, state)) = attempt {
                    let first = refunds.first().copied().flatten().unwrap_or(1000);
                    case = case.tried(*action, if *action == Action::R { first } else { 1000 }, *state);
                }
                turn(&mut case, n);
                let case = case.look(look);
                hold(&case);
                properties::hold(&case);
                told(&case);
            }
        }
    }
    assert_eq!(n / 7919, 30 * 33 * 7 * 11 * 9);
}
