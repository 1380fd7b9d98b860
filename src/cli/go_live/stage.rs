//! Where an order of the walk stands, from the ledger alone: a walk that begins anew goes on from there.

use crate::domain::order::{CaptureMode, OrderState};
use crate::domain::refund::RefundState;
use crate::domain::rule::Rule;
use crate::ledger::views::{OrderStatus, RefundStatus};

/// What the walk has an order for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lane {
    /// Step 1.
    Void,
    /// Steps 2 and 3.
    Capture,
}

/// What the daemon can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Money {
    /// All of an authorized order.
    Void,
    Capture,
    /// A part of a captured order.
    Part,
    /// What is left after it.
    Rest,
}

/// What is refunded of a captured order first.
pub(super) const PART_TWD: i64 = 30;

/// What has been reached: ECPay is looked at there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    Voided,
    ToBeCaptured,
    Captured,
    PartBack,
    AllBack,
}

impl Mark {
    /// In the recording.
    pub fn word(self) -> &'static str {
        match self {
            Self::Voided => "voided",
            Self::ToBeCaptured => "to_be_captured",
            Self::Captured => "captured",
            Self::PartBack => "part_refunded",
            Self::AllBack => "refunded",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stand {
    /// Not paid, or not looked at.
    Unpaid,
    /// A person is asked first.
    Ask(Money),
    /// It was asked for; the daemon has it.
    Working,
    /// Nothing more of it can be done today.
    Ended(Mark),
    Stuck(Stuck),
}

/// Why only a person can go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stuck {
    /// The order is in no state of this lane.
    State,
    /// The balance at ECPay is too small.
    Balance,
    /// The newest refund, or a call, is before a person.
    Review,
    /// By the rule of the order's next step.
    Rule,
}

/// Rules under which waiting brings nothing.
const OF_A_PERSON: [Rule; 9] = [
    Rule::AttemptInReview,
    Rule::EndedYetMoved,
    Rule::UnclaimedRefund,
    Rule::TwinRow,
    Rule::Contradiction,
    Rule::AmountMismatch,
    Rule::CaptureRefused,
    Rule::CaptureOverdue,
    Rule::MerchantMissing,
];

pub(super) fn stand(lane: Lane, order: &OrderStatus, refunds: &[RefundStatus]) -> Stand {
    use OrderState as S;
    let Some(state) = S::parse(&order.state) else { return Stand::Stuck(Stuck::State) };
    match (lane, state) {
        (_, S::Review | S::NotCard | S::Expired) => Stand::Stuck(Stuck::State),
        (_, S::Registered | S::Unpaid | S::NotFound) => Stand::Unpaid,
        _ if open(refunds).is_some() => under_way(order, open(refunds)),
        (Lane::Void, S::Authorized) => Stand::Ask(Money::Void),
        (Lane::Void, S::Voided) => Stand::Ended(Mark::Voided),
        (Lane::Void, _) => Stand::Stuck(Stuck::State),
        (Lane::Capture, S::Authorized) if order.capture == CaptureMode::Now.word() => under_way(order, None),
        (Lane::Capture, S::Authorized) => Stand::Ask(Money::Capture),
        (Lane::Capture, S::ToBeCaptured) => Stand::Ended(Mark::ToBeCaptured),
        (Lane::Capture, S::Captured) if order.refunded_amount == 0 && has_parts(order) => Stand::Ask(Money::Part),
        (Lane::Capture, S::Captured) => Stand::Ask(Money::Rest),
        (Lane::Capture, S::Refunded) => Stand::Ended(Mark::AllBack),
        (Lane::Capture, S::Voided) => Stand::Stuck(Stuck::State),
    }
}

fn has_parts(order: &OrderStatus) -> bool {
    order.amount.is_some_and(|amount| amount > PART_TWD)
}

/// The oldest refund that has not ended: the one that is worked on.
pub(super) fn open(refunds: &[RefundStatus]) -> Option<&RefundStatus> {
    let is_open = |r: &&RefundStatus| RefundState::parse(&r.state).is_none_or(RefundState::is_open);
    refunds.iter().filter(is_open).min_by_key(|r| r.id)
}

fn under_way(order: &OrderStatus, refund: Option<&RefundStatus>) -> Stand {
    if refund.is_some_and(|r| r.state == RefundState::Review.word()) {
        return Stand::Stuck(Stuck::Review);
    }
    if refund.is_some_and(|r| r.rule == Rule::BalanceShort.word()) {
        return Stand::Stuck(Stuck::Balance);
    }
    match OF_A_PERSON.iter().any(|rule| rule.word() == order.rule) {
        true => Stand::Stuck(Stuck::Rule),
        false => Stand::Working,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(state: &str, capture: &str, refunded: i64, rule: &str) -> OrderStatus {
        OrderStatus {
            merchant_id: "3002607".to_owned(),
            merchant_trade_no: "G1".to_owned(),
            trade_no: None,
            state: state.to_owned(),
            amount: Some(100),
            captured_amount: 0,
            refunded_amount: refunded,
            payment_type: None,
            capture: capture.to_owned(),
            authorized_at: None,
            capture_by: None,
            expires_at: None,
            next_step: None,
            next_step_at: None,
            last_checked_at: None,
            last_error: None,
            registered_at: String::new(),
            captured_at: None,
            memo: None,
            rule: rule.to_owned(),
            reason: None,
        }
    }

    fn refund((state, rule): &(&str, &str)) -> RefundStatus {
        RefundStatus {
            id: 1,
            merchant_id: "3002607".to_owned(),
            merchant_trade_no: "G1".to_owned(),
            amount: None,
            request_key: Default::default(),
            state: (*state).to_owned(),
            refunded_amount: 0,
            method: None,
            detail: String::new(),
            created_at: String::new(),
            updated_at: String::new(),
            rule: (*rule).to_owned(),
            reason: None,
            ended_at: None,
            comment: None,
        }
    }

    #[test]
    fn the_ledger_alone_says_where_an_order_stands() {
        use Lane::{Capture, Void};
        use Stand::{Ask, Ended, Unpaid, Working};
        let stuck = Stand::Stuck;
        for (lane, state, capture, refunded, rule, refunds, expected) in [
            (Void, "registered", "hold", 0, "", &[][..], Unpaid),
            (Void, "unpaid", "hold", 0, "not-paid", &[], Unpaid),
            (Void, "not_found", "hold", 0, "not-paid", &[], Unpaid),
            (Void, "authorized", "hold", 0, "hold", &[], Ask(Money::Void)),
            (Void, "authorized", "hold", 0, "hold", &[("queued", "")], Working),
            (Void, "authorized", "hold", 0, "hold", &[("running", "full-of-authorized")], Working),
            (Void, "authorized", "hold", 0, "hold", &[("rejected", "refused")], Ask(Money::Void)),
            (Void, "authorized", "hold", 0, "attempt-in-review", &[("review", "")], stuck(Stuck::Review)),
            (Void, "authorized", "hold", 0, "attempt-in-review", &[("running", "")], stuck(Stuck::Rule)),
            (Void, "voided", "hold", 0, "void", &[("done", "")], Ended(Mark::Voided)),
            (Void, "captured", "auto", 0, "captured", &[], stuck(Stuck::State)),
            (Void, "to_be_captured", "auto", 0, "settling", &[("running", "")], Working),
            (Void, "expired", "hold", 0, "expired", &[], stuck(Stuck::State)),
            (Capture, "unpaid", "hold", 0, "not-paid", &[], Unpaid),
            (Capture, "authorized", "hold", 0, "hold", &[], Ask(Money::Capture)),
            (Capture, "authorized", "auto", 0, "capture-ahead", &[], Ask(Money::Capture)),
            (Capture, "authorized", "now", 0, "capture-now", &[], Working),
            (Capture, "authorized", "now", 0, "closing-window", &[], Working),
            (Capture, "authorized", "now", 0, "capture-refused", &[], stuck(Stuck::Rule)),
            (Capture, "to_be_captured", "now", 0, "settling", &[], Ended(Mark::ToBeCaptured)),
            (Capture, "captured", "now", 0, "captured", &[], Ask(Money::Part)),
            (Capture, "captured", "now", 0, "captured", &[("waiting", "balance-short")], stuck(Stuck::Balance)),
            (Capture, "captured", "now", 0, "captured", &[("waiting", "closing-window")], Working),
            (Capture, "captured", "now", 30, "captured", &[("done", "")], Ask(Money::Rest)),
            (Capture, "captured", "now", 30, "captured", &[("done", ""), ("running", "")], Working),
            (Capture, "refunded", "now", 100, "refunded", &[("done", "")], Ended(Mark::AllBack)),
            (Capture, "voided", "hold", 0, "void", &[], stuck(Stuck::State)),
            (Capture, "review", "hold", 0, "unknown-status", &[], stuck(Stuck::State)),
            (Capture, "not_card", "hold", 0, "not-card", &[], stuck(Stuck::State)),
            (Capture, "of_a_later_version", "hold", 0, "", &[], stuck(Stuck::State)),
        ] {
            let refunds: Vec<_> = refunds.iter().map(refund).collect();
            let found = stand(lane, &order(state, capture, refunded, rule), &refunds);
            assert_eq!(found, expected, "{lane:?} {state} {capture} {refunded} {rule} {refunds:?}");
        }
    }
    #[test]
    fn an_order_that_is_no_more_than_the_part_goes_back_at_once() {
        for (amount, expected) in [(30, Money::Rest), (31, Money::Part)] {
            let order = OrderStatus { amount: Some(amount), ..order("captured", "now", 0, "captured") };
            assert_eq!(stand(Lane::Capture, &order, &[]), Stand::Ask(expected));
        }
    }
}
