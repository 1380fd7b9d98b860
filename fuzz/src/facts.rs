//! What was seen goes on into the plan, the alerts and the ledger's columns.

use chrono::{DateTime, Duration, Utc};

use super::scripted::{self, AMOUNT, MERCHANT, STAMP_S};
use ecpayd::domain::action::Action;
use ecpayd::domain::api::CardApi;
use ecpayd::domain::attempt::{Attempt, AttemptState, Before};
use ecpayd::domain::calendar;
use ecpayd::domain::facts::{Observation, Seen};
use ecpayd::domain::ids::MerchantId;
use ecpayd::domain::money::Twd;
use ecpayd::domain::order::{CaptureMode, Order};
use ecpayd::domain::plan::{Step, plan};
use ecpayd::domain::policy::Policy;
use ecpayd::domain::record::OrderRow;
use ecpayd::domain::record::alerts::alerts;
use ecpayd::domain::refund::{Refund, RefundState};
use ecpayd::domain::restored::{Restored, Unclaimed};
use ecpayd::domain::situation::{MerchantState, Situation};
use ecpayd::domain::status::CardStatus;

/// The last second that a date can hold.
const END_OF_TIME_S: i64 = 8_210_266_876_799;

/// Nothing panics, and money moves only for a card and never more than it has.
pub fn through_the_plan(seen: Seen) {
    let started = DateTime::from_timestamp(STAMP_S, 0).expect("a time");
    for days in [0, 22, 91] {
        let now = started + Duration::days(days);
        for (skew_s, refunds, attempts) in [
            (Some(0), false, false),
            (Some(0), true, false),
            (Some(0), true, true),
            (Some(i64::MIN), true, true),
            (Some(i64::MAX), true, false),
            (Some(END_OF_TIME_S - now.timestamp()), true, true),
            (None, true, true),
        ] {
            let mut situation = situation(&seen, now, skew_s, refunds, attempts);
            planned(&situation, now);
            situation.restored = Some(restore(now));
            planned(&situation, now);
        }
    }
}

/// As if the ledger had been restored from an older copy just now.
fn restore(now: DateTime<Utc>) -> Restored {
    Restored { id: 1, noticed_at: now, answered_at: None, newest_attempt: 3, caught_up: false, known: Twd::ZERO }
}

fn planned(situation: &Situation, now: DateTime<Utc>) {
    let policy = Policy::default();
    let planned = plan(situation, &policy, now);
    let _ = OrderRow::of(situation, &OrderRow::REGISTERED, &policy, now);
    for alert in alerts(situation, &planned, &policy, now) {
        assert!(alert.message().chars().count() < 600, "{alert:?}");
    }
    if let Step::Act { amount, .. } = planned.step {
        let card = situation.card().expect("money moves for a card");
        assert!(amount <= card.amount && !amount.is_zero(), "{planned:?}");
        assert_eq!(situation.observation.as_ref().and_then(|o| o.skew_s), Some(0), "the clocks agree");
    }
    if let Seen::Card(card) = &situation.observation.as_ref().expect("a look").seen {
        let _ = calendar::show(card.authorized_at);
        assert!(card.refunded() <= card.amount);
    }
}

fn situation(seen: &Seen, now: DateTime<Utc>, skew_s: Option<i64>, refunds: bool, attempts: bool) -> Situation {
    let order = Order {
        id: 1,
        merchant_id: MerchantId::parse(MERCHANT).expect("a number"),
        merchant_trade_no: scripted::order(),
        asked_trade_no: None,
        expected_amount: None,
        installments: None,
        capture: CaptureMode::Auto,
        registered_at: now,
        changed_after_attempt: 0,
        revision: 1,
    };
    let amount = Twd::new(300).expect("an amount");
    let (state, detail) = (RefundState::Queued, String::new());
    let refund =
        Refund { id: 7, amount: Some(amount), state, detail, asked_at: now - Duration::hours(1), led_by: None };
    let attempt = Attempt {
        id: 3,
        refund_id: Some(7),
        api: CardApi::Json,
        action: Action::R,
        amount,
        state: AttemptState::Unknown,
        before: Before { status: CardStatus::Captured, net: AMOUNT },
        started_at: now - Duration::minutes(20),
        finished_at: Some(now - Duration::minutes(20)),
        code: None,
        text: String::new(),
        first_absence_at: None,
        sent: true,
        reviewed: None,
        undone: false,
        asked: None,
    };
    Situation {
        order,
        merchant: MerchantState::default(),
        observation: Some(Observation {
            at: now,
            skew_s,
            after_attempt: 3,
            after_revision: 1,
            after_restore: 0,
            void_since: None,
            unclaimed_since: None,
            seen: seen.clone(),
            last_card: None,
        }),
        restored: None,
        unclaimed: Unclaimed::default(),
        followed: 1,
        funded_back: None,
        vouchers: None,
        retry_at: None,
        last_error: None,
        capture_slot: None,
        refunds: if refunds { vec![refund] } else { Vec::new() },
        attempts: if attempts { vec![attempt] } else { Vec::new() },
    }
}
