//! Decisions a second of the plan, over orders as they lie in a ledger.

mod common;

use std::hint::black_box;

use chrono::{DateTime, Duration, Utc};
use common::books::{card, merchant, noon, number};
use common::{Goal, Line, by_turns, measures, nanos, table};
use criterion::{Criterion, Throughput};
use ecpayd::domain::action::Action;
use ecpayd::domain::api::CardApi;
use ecpayd::domain::attempt::{Attempt, AttemptState, Before};
use ecpayd::domain::facts::{Observation, Seen};
use ecpayd::domain::money::Twd;
use ecpayd::domain::order::{CaptureMode, Order};
use ecpayd::domain::plan::plan;
use ecpayd::domain::policy::Policy;
use ecpayd::domain::refund::{Refund, RefundState};
use ecpayd::domain::restored::Unclaimed;
use ecpayd::domain::situation::{MerchantState, Situation};
use ecpayd::domain::status::CardStatus;
use ecpayd::domain::voucher::{
    ForRefund, IssueStatus, PaidVouchers, Part, Totals, VoucherFacts, VoucherObservation, VoucherSeen,
};

const SITUATIONS: i64 = 4096;

/// What an order is going through.
#[derive(Clone, Copy)]
enum Kind {
    Waiting,
    Due,
    Settling,
    Captured,
    Unpaid,
    Refund(RefundState, CardStatus),
    Unanswered(AttemptState, Action),
    Vouchers { redeemed: i64 },
}

/// As often as each stands here among as many: most orders wait, a few are worked on.
const MIX: [Kind; 16] = [
    Kind::Waiting,
    Kind::Waiting,
    Kind::Waiting,
    Kind::Due,
    Kind::Settling,
    Kind::Captured,
    Kind::Unpaid,
    Kind::Refund(RefundState::Queued, CardStatus::Captured),
    Kind::Refund(RefundState::Waiting, CardStatus::Authorized),
    Kind::Refund(RefundState::Running, CardStatus::ToBeCaptured),
    Kind::Refund(RefundState::Review, CardStatus::Captured),
    Kind::Unanswered(AttemptState::Accepted, Action::R),
    Kind::Unanswered(AttemptState::Unknown, Action::C),
    Kind::Unanswered(AttemptState::Unknown, Action::R),
    Kind::Vouchers { redeemed: 0 },
    Kind::Vouchers { redeemed: 4 },
];

/// Each with its own numbers and age.
fn situations(now: DateTime<Utc>) -> Vec<Situation> {
    (0..SITUATIONS).zip(MIX.into_iter().cycle()).map(|(id, kind)| situation(id + 1, kind, now)).collect()
}

fn situation(id: i64, kind: Kind, now: DateTime<Utc>) -> Situation {
    let mut s = seen(id, Seen::Card(card(id, CardStatus::Authorized)), now);
    match kind {
        Kind::Waiting => {}
        Kind::Due => s.order.capture = CaptureMode::Now,
        Kind::Settling => show(&mut s, CardStatus::ToBeCaptured),
        Kind::Captured => show(&mut s, CardStatus::Captured),
        Kind::Unpaid => {
            let amount = Twd::new(1200).ok();
            s = seen(id, Seen::Unpaid { amount }, now);
        }
        Kind::Refund(state, status) => {
            show(&mut s, status);
            ask(&mut s, state);
        }
        Kind::Unanswered(state, action) => {
            show(&mut s, if action == Action::C { CardStatus::Authorized } else { CardStatus::Captured });
            if action != Action::C {
                ask(&mut s, RefundState::Running);
            }
            send(&mut s, state, action, now);
        }
        Kind::Vouchers { redeemed } => {
            show(&mut s, CardStatus::Captured);
            ask(&mut s, RefundState::Queued);
            s.vouchers = Some(vouchers(&s, redeemed, now));
        }
    }
    s
}

fn seen(id: i64, seen: Seen, now: DateTime<Utc>) -> Situation {
    // Looks of the last minute: some are fresh enough to act upon, some are not.
    let at = now - Duration::seconds(id % 60);
    Situation {
        order: Order {
            id,
            merchant_id: merchant(),
            merchant_trade_no: number(id),
            asked_trade_no: None,
            expected_amount: None,
            installments: None,
            capture: CaptureMode::Auto,
            registered_at: noon() - Duration::days(1),
            changed_after_attempt: 0,
            revision: 1,
        },
        merchant: MerchantState::default(),
        observation: Some(Observation {
            at,
            skew_s: Some(0),
            after_attempt: 0,
            after_revision: 1,
            after_restore: 0,
            void_since: None,
            unclaimed_since: None,
            last_card: None,
            seen,
        }),
        retry_at: None,
        last_error: None,
        followed: 1,
        funded_back: None,
        capture_slot: None,
        refunds: Vec::new(),
        attempts: Vec::new(),
        restored: None,
        unclaimed: Unclaimed::default(),
        vouchers: None,
    }
}

fn show(s: &mut Situation, status: CardStatus) {
    let observation = s.observation.as_mut().expect("a look");
    observation.seen = Seen::Card(card(s.order.id, status));
}

fn ask(s: &mut Situation, state: RefundState) {
    // Every other one asks for all that is left.
    let amount = Twd::new(300).ok().filter(|_| s.order.id % 32 < 16);
    let asked_at = s.order.registered_at;
    s.refunds.push(Refund { id: s.order.id, amount, state, detail: String::new(), asked_at, led_by: None });
}

fn send(s: &mut Situation, state: AttemptState, action: Action, now: DateTime<Utc>) {
    let card = s.card().expect("a card order");
    let (amount, before) = (card.amount, Before::of(card));
    s.attempts.push(Attempt {
        id: 1,
        refund_id: s.refunds.first().map(|refund| refund.id),
        api: CardApi::Json,
        action,
        amount,
        state,
        before,
        started_at: now - Duration::minutes(s.order.id % 30),
        finished_at: Some(now - Duration::minutes(s.order.id % 30)),
        code: None,
        text: String::new(),
        first_absence_at: None,
        sent: true,
        reviewed: None,
        undone: false,
        asked: None,
    });
    s.observation.as_mut().expect("a look").after_attempt = 1;
}

fn vouchers(s: &Situation, redeemed: i64, now: DateTime<Utc>) -> PaidVouchers {
    let part = |count: i64| Part {
        count: u32::try_from(count).expect("a few"),
        amount: Twd::new(count * 100).expect("an amount"),
    };
    let facts = VoucherFacts {
        ticket_trade_no: Some("2026080100000001".to_owned()),
        credit_trade_id: s.card().and_then(|card| card.gwsr),
        status: IssueStatus::Issued,
        remark: String::new(),
        issued_at: Some(noon()),
        issue_type: None,
        printed_by: None,
        escrow_expires_on: None,
        totals: Totals {
            count: 12,
            trade_amount: Twd::new(1200).expect("an amount"),
            redeemed: part(redeemed),
            unused: part(12 - redeemed),
            ..Totals::default()
        },
        has_pickup: true,
        mismatch: None,
    };
    let for_refund = Some(ForRefund { order_id: s.order.id, after_revision: 1, after_attempt: 0 });
    let observation = VoucherObservation { at: now, skew_s: Some(0), for_refund, seen: VoucherSeen::Order(facts) };
    PaidVouchers { id: 1, served: true, guard: true, observation: Some(observation), retry_at: None, last_error: None }
}

fn main() {
    let (policy, now) = (Policy::default(), noon());
    let situations = situations(now);
    let json: Vec<String> =
        situations.iter().map(|s| serde_json::to_string(&s.observation).expect("plain data")).collect();
    let decide = || situations.iter().filter(|s| plan(black_box(s), &policy, now).refund.is_some()).count();
    let read = || json.iter().filter(|json| serde_json::from_str::<Observation>(black_box(json)).is_ok()).count();
    assert_eq!(read(), json.len());

    let mut criterion = Criterion::default().configure_from_args();
    let mut group = criterion.benchmark_group("plan");
    group.throughput(Throughput::Elements(situations.len() as u64));
    group.bench_function("decide", |bencher| bencher.iter(decide));
    group.bench_function("read the observations", |bencher| bencher.iter(read));
    group.finish();
    criterion.final_summary();

    if measures() {
        let (ours, reference) = by_turns(15, || nanos(decide), || nanos(read));
        let rate = |nanos: f64| format!("{:.2} million/s", situations.len() as f64 * 1e3 / nanos);
        let what = format!("decisions over {} situations", situations.len());
        let line =
            Line { what, ours: rate(ours), reference: rate(reference), ratio: ours / reference, goal: Goal::None };
        table("Time of a decision. Reference: reading the same orders' observations from their JSON.", &[line]);
    }
}
