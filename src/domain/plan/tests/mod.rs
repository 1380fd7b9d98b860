//! The rules as facts. Each test builds one situation and reads the plan for it in words.

mod cadence;
mod captures;
mod confirms;
mod exhaustive;
mod forms;
mod gates;
mod properties;
mod refunds;
mod refusals;
mod restored;
mod retries;
mod slots;
mod unanswered;
mod vouchers;
mod walks;

use chrono::{DateTime, Duration, NaiveDateTime, Utc};

use super::{Plan, Step, plan};
use crate::domain::action::Action;
use crate::domain::attempt::{Attempt, AttemptState, Before, Verdict};
use crate::domain::calendar::{from_taipei, show};
use crate::domain::facts::{CardFacts, CardKind, Observation, Seen};
use crate::domain::ids::{MerchantId, MerchantTradeNo, TradeNo};
use crate::domain::money::Twd;
use crate::domain::order::{CaptureMode, Order};
use crate::domain::pause::Pauses;
use crate::domain::policy::Policy;
use crate::domain::refund::{Refund, RefundState};
use crate::domain::restored::{Restored, Unclaimed};
use crate::domain::situation::{MerchantState, Situation};
use crate::domain::status::CardStatus;

/// When the orders of these tests were authorized.
pub const AUTHORIZED: &str = "2026-08-01 10:00:00";
/// And two hours later.
pub const NOON: &str = "2026-08-01 12:00:00";

pub fn at(text: &str) -> DateTime<Utc> {
    from_taipei(NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S").expect("a civil time"))
}

pub fn twd(dollars: i64) -> Twd {
    Twd::new(dollars).expect("an amount")
}

pub fn secs(n: i64) -> Duration {
    Duration::seconds(n)
}

/// `n` days after the authorization.
pub fn day(n: i64) -> DateTime<Utc> {
    at(AUTHORIZED) + Duration::days(n)
}

pub fn card(status: CardStatus, net: i64) -> CardFacts {
    CardFacts {
        trade_no: TradeNo::parse("2608011000001").expect("a number"),
        gwsr: Some(7),
        amount: twd(1000),
        authorized_at: at(AUTHORIZED),
        payment_type: "Credit".to_owned(),
        kind: CardKind::default(),
        status,
        net,
        listed: true,
        recurring: false,
        charges: None,
        periods: None,
        rows: Vec::new(),
        fee_milli: None,
    }
}

/// A situation, the policy and the time, to be bent to the case at hand.
#[derive(Clone, Debug)]
pub struct Case {
    pub s: Situation,
    pub policy: Policy,
    pub now: DateTime<Utc>,
}

/// An order of NT$1000 in a state, seen five seconds ago, at noon of its first day.
pub fn order(status: CardStatus, net: i64) -> Case {
    seen(Seen::Card(card(status, net)))
}

pub fn seen(seen: Seen) -> Case {
    let order = Order {
        id: 1,
        merchant_id: MerchantId::parse("3002607").expect("a merchant"),
        merchant_trade_no: MerchantTradeNo::parse("20180914001").expect("a number"),
        asked_trade_no: None,
        expected_amount: None,
        installments: None,
        capture: CaptureMode::Auto,
        registered_at: at(AUTHORIZED),
        changed_after_attempt: 0,
        revision: 1,
    };
    let observation = Observation {
        at: at(NOON) - secs(5),
        skew_s: Some(0),
        after_attempt: 0,
        after_revision: 1,
        after_restore: 0,
        void_since: None,
        unclaimed_since: None,
        seen,
        last_card: None,
    };
    let s = Situation {
        order,
        merchant: MerchantState::default(),
        observation: Some(observation),
        retry_at: None,
        last_error: None,
        capture_slot: None,
        refunds: Vec::new(),
        attempts: Vec::new(),
        restored: None,
        unclaimed: Unclaimed::default(),
        followed: 1,
        funded_back: None,
        vouchers: None,
    };
    // A day ahead, so that what is due on day 20 reads as such; without the looks that confirm an end, which
    // have tests of their own.
    let policy = Policy { lead: Duration::days(1), poll_confirm: Vec::new(), ..Policy::default() };
    Case { s, policy, now: at(NOON) }
}

impl Case {
    /// At another time, looked at five seconds before.
    pub fn at(self, now: &str) -> Self {
        self.on(at(now))
    }

    pub fn on(mut self, now: DateTime<Utc>) -> Self {
        self.now = now;
        self.look(|o| o.at = now - secs(5))
    }

    /// Bends anything.
    pub fn with(mut self, bend: impl FnOnce(&mut Self)) -> Self {
        bend(&mut self);
        self
    }

    pub fn look(mut self, bend: impl FnOnce(&mut Observation)) -> Self {
        bend(self.s.observation.as_mut().expect("a look"));
        self
    }

    pub fn seen_ago(self, seconds: i64) -> Self {
        let now = self.now;
        self.look(|o| o.at = now - secs(seconds))
    }

    pub fn kind(self, kind: CardKind) -> Self {
        self.look(|o| {
            if let Seen::Card(card) = &mut o.seen {
                card.kind = kind;
            }
        })
    }

    pub fn mode(mut self, mode: CaptureMode) -> Self {
        self.s.order.capture = mode;
        self
    }

    /// The ledger was found to be restored at 11:00, by a gateway that said so too.
    pub fn restored(mut self, caught_up: bool) -> Self {
        let noticed_at = at("2026-08-01 11:00:00");
        let newest_attempt = self.s.attempts.last().map_or(0, |a| a.id);
        let answered_at = Some(noticed_at);
        self.s.restored =
            Some(Restored { id: 1, noticed_at, answered_at, newest_attempt, caught_up, known: Twd::ZERO });
        self.look(|o| o.after_restore = 1)
    }

    /// What the gateway shows and the ledger does not know of.
    pub fn unclaimed(mut self, amount: i64, void: bool) -> Self {
        self.s.unclaimed = Unclaimed { amount: twd(amount), void };
        self
    }

    /// Queues a refund: of all that is left without an amount.
    pub fn refund(mut self, amount: Option<i64>) -> Self {
        let id = 1 + i64::try_from(self.s.refunds.len()).expect("few refunds");
        let refund = Refund {
            id,
            amount: amount.map(twd),
            state: RefundState::Queued,
            detail: String::new(),
            asked_at: self.now,
            led_by: None,
        };
        self.s.refunds.push(refund);
        self
    }

    /// An attempt ten minutes ago, decided a minute later, from where the order stands now,
    /// with a look after it.
    pub fn tried(self, action: Action, amount: i64, state: AttemptState) -> Self {
        self.tried_as(action, amount, state, |_| ())
    }

    pub fn tried_as(
        mut self,
        action: Action,
        amount: i64,
        state: AttemptState,
        bend: impl FnOnce(&mut Attempt),
    ) -> Self {
        let id = 1 + self.s.attempts.last().map_or(0, |a| a.id);
        let before = self.s.card().map_or(Before { status: CardStatus::Authorized, net: 0 }, Before::of);
        let mut attempt = Attempt {
            id,
            refund_id: self.s.refunds.first().filter(|_| action != Action::C).map(|r| r.id),
            api: self.s.merchant.api,
            action,
            amount: twd(amount),
            state,
            before,
            started_at: self.now - Duration::minutes(10),
            finished_at: (state != AttemptState::Started).then(|| self.now - Duration::minutes(9)),
            code: None,
            text: String::new(),
            first_absence_at: None,
            sent: true,
            reviewed: None,
            undone: false,
            asked: None,
        };
        bend(&mut attempt);
        self.s.attempts.push(attempt);
        self.look(|o| o.after_attempt = id)
    }

    pub fn plan(&self) -> Plan {
        plan(&self.s, &self.policy, self.now)
    }

    /// The plan in words: `act R 300 by captured`.
    #[track_caller]
    pub fn says(self, expected: &str) -> Self {
        let plan = self.plan();
        assert_eq!(words(&plan), expected, "{plan:#?}");
        self
    }
}

pub fn words(plan: &Plan) -> String {
    let step = match &plan.step {
        Step::Wait { until: None } => "wait".to_owned(),
        Step::Wait { until: Some(until) } => format!("wait until {}", show(*until)),
        Step::Look => "look".to_owned(),
        Step::LookAtVouchers { voucher } => format!("look at vouchers {voucher}"),
        Step::Act { action, amount } => format!("act {action} {}", amount.dollars()),
        Step::Settle { attempt, verdict } => match verdict {
            Verdict::Applied => format!("settle {attempt} applied"),
            Verdict::AbsentOnce => format!("settle {attempt} absent once"),
            Verdict::NotApplied => format!("settle {attempt} not applied"),
            Verdict::Review { .. } => format!("settle {attempt} review"),
        },
        Step::Reject => "reject".to_owned(),
        Step::Review => "review".to_owned(),
        Step::CatchUp => "catch up".to_owned(),
        Step::Ask { action, amount, .. } => format!("ask {action} {}", amount.dollars()),
    };
    format!("{step} by {}", plan.rule.word())
}
