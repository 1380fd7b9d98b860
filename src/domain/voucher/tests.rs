//! When voucher orders are looked at, and what of them a person has to hear.

use super::*;
use crate::domain::alert::AlertKind;
use crate::domain::calendar::show;
use crate::domain::plan::tests::{at, twd};
use crate::domain::policy::Policy;

/// When the orders of these tests were registered.
const SOLD: &str = "2026-08-01 10:00:00";

fn registered(number: &str) -> VoucherSituation {
    let number = match number.strip_prefix("free ") {
        Some(no) => VoucherNumber::FreeTradeNo(FreeTradeNo::parse(no).expect("a number")),
        None => VoucherNumber::MerchantTradeNo(VoucherTradeNo::parse(number).expect("a number")),
    };
    VoucherSituation {
        order: VoucherOrder {
            id: 1,
            merchant_id: MerchantId::parse("3362787").expect("a merchant"),
            number,
            registered_at: at(SOLD),
        },
        silent_until: None,
        observation: None,
        retry_at: None,
        changed_at: None,
        known_amount: None,
        refunds: Refunds::default(),
    }
}

fn facts(status: IssueStatus, unused: u32, refunded: u32) -> VoucherFacts {
    let part = |count: u32| Part { count, amount: twd(i64::from(count) * 100) };
    VoucherFacts {
        ticket_trade_no: Some("2026080100000001".to_owned()),
        credit_trade_id: None,
        status,
        remark: if status == IssueStatus::IssueFailed { "庫存不足".to_owned() } else { String::new() },
        issued_at: None,
        issue_type: None,
        printed_by: None,
        escrow_expires_on: None,
        totals: Totals {
            count: 4,
            trade_amount: twd(400),
            redeemed: part(4 - unused - refunded),
            refunded: part(refunded),
            unused: part(unused),
            ..Totals::default()
        },
        has_pickup: true,
        mismatch: None,
    }
}

impl VoucherSituation {
    fn seeing(mut self, when: &str, seen: VoucherSeen) -> Self {
        self.looked(VoucherObservation { at: at(when), skew_s: Some(0), for_refund: None, seen });
        self
    }

    fn showing(self, when: &str, facts: VoucherFacts) -> Self {
        self.seeing(when, VoucherSeen::Order(facts))
    }

    fn told(mut self, when: &str, confirmed: i64) -> Self {
        self.confirmed(Ok(ConfirmedRefunds { trade_amount: Some(twd(400)), confirmed: twd(confirmed) }), at(when));
        self
    }

    #[track_caller]
    fn says(&self, now: &str, expected: &str) {
        let planned = plan(self, &Policy::default(), at(now));
        let step = match planned.step {
            VoucherStep::Wait { until: None } => "wait".to_owned(),
            VoucherStep::Wait { until: Some(until) } => format!("wait until {}", show(until)),
            VoucherStep::Look => "look".to_owned(),
            VoucherStep::AskRefunds => "ask refunds".to_owned(),
        };
        assert_eq!(format!("{step} by {}", planned.rule.word()), expected, "{planned:?}");
    }

    fn alerts_at(&self, now: &str) -> Vec<AlertKind> {
        alerts(self, &Policy::default(), at(now)).into_iter().map(|a| a.kind).collect()
    }
}

#[test]
fn a_new_order_is_looked_at_at_once() {
    registered("V1").says(SOLD, "look by first-look");
    let mut failed = registered("V1");
    failed.retry_at = Some(at("2026-08-01 10:00:30"));
    failed.says(SOLD, "wait until 2026-08-01 10:00:30 by first-look");
    failed.silent_until = Some(at("2026-08-01 10:30:00"));
    failed.says(SOLD, "wait until 2026-08-01 10:30:00 by rate-limited");
}

#[test]
fn the_next_look_comes_by_state_and_age() {
    use IssueStatus::{IssueFailed, Issued, Issuing};
    let order = |when, status, unused, refunded| registered("V1").showing(when, facts(status, unused, refunded));
    let table = [
        // Being issued: soon, then an eighth of its age, then daily.
        (order("2026-08-01 10:00:05", Issuing, 0, 0), "wait until 2026-08-01 10:01:05 by issuing"),
        (order("2026-08-01 18:00:00", Issuing, 0, 0), "wait until 2026-08-01 19:00:00 by issuing"),
        (order("2026-08-31 10:00:00", Issuing, 0, 0), "wait until 2026-09-01 10:00:00 by issuing"),
        (order("2026-08-01 10:00:05", IssueFailed, 0, 0), "wait until 2026-08-02 10:00:05 by issue-failed"),
        (order("2026-08-01 10:00:05", Issued, 4, 0), "wait until 2026-08-02 10:00:05 by issued"),
        (order("2026-08-01 10:00:05", Issued, 0, 0), "wait until 2026-08-31 10:00:05 by used-up"),
        (order("2026-08-01 10:00:05", Issued, 2, 1), "ask refunds by refund-unconfirmed"),
    ];
    for (order, expected) in table {
        order.says(&show(order.observation.as_ref().expect("a look").at), expected);
    }
    registered("V1")
        .seeing("2026-08-01 10:00:05", VoucherSeen::NotFound)
        .says(SOLD, "wait until 2026-08-01 10:10:05 by not-found");
    registered("V1")
        .seeing("2026-09-01 10:00:05", VoucherSeen::NotFound)
        .says("2026-09-01 10:00:05", "wait by give-up-not-found");
}

#[test]
fn a_clock_that_is_not_believed_ends_no_order() {
    let table = [
        VoucherSeen::NotFound,
        VoucherSeen::Order(facts(IssueStatus::IssueFailed, 0, 0)),
        VoucherSeen::Order(facts(IssueStatus::Issued, 0, 0)),
    ];
    for seen in table {
        let mut order = registered("V1").seeing("2028-09-01 10:00:00", seen);
        order.changed_at = Some(at(SOLD));
        for skew_s in [None, Some(-700 * 86_400), Some(301)] {
            let mut skewed = order.clone();
            skewed.observation.as_mut().expect("a look").skew_s = skew_s;
            skewed.says("2028-09-01 10:00:00", "wait until 2028-09-01 10:10:00 by clock-skew");
        }
        let planned = plan(&order, &Policy::default(), at("2028-09-01 10:00:00"));
        assert_eq!(planned.step, VoucherStep::Wait { until: None });
    }
}

#[test]
fn a_clock_that_steps_back_asks_no_refunds_again() {
    let looked = registered("V1").showing("2026-08-02 10:00:50", facts(IssueStatus::Issued, 2, 2));
    let told = looked.told("2026-08-02 10:00:12", 100);
    told.says("2026-08-02 10:00:12", "wait until 2026-08-02 16:00:50 by refund-unconfirmed");
}

#[test]
fn refunds_are_asked_about_once_after_each_look_until_the_bank_has_confirmed() {
    let refunded = facts(IssueStatus::Issued, 2, 2);
    let looked = registered("V1").showing("2026-08-02 10:00:00", refunded.clone());
    let now = "2026-08-02 10:00:01";
    looked.says(now, "ask refunds by refund-unconfirmed");
    let part = looked.clone().told(now, 100);
    assert_eq!(part.unconfirmed(), twd(100));
    part.says(now, "wait until 2026-08-02 16:00:00 by refund-unconfirmed");
    part.clone()
        .showing("2026-08-02 16:00:00", refunded.clone())
        .says("2026-08-02 16:00:00", "ask refunds by refund-unconfirmed");
    looked.clone().told(now, 200).says(now, "wait until 2026-08-03 10:00:00 by issued");

    // Where the call is missing the looks go on.
    let mut missing = looked;
    missing.confirmed(Err("http 404".to_owned()), at(now));
    missing.says(now, "wait until 2026-08-02 16:00:00 by refund-unconfirmed");
    assert_eq!(missing.refunds.error.as_deref(), Some("http 404"));

    // Only money that is held in trust is confirmed by a bank.
    let gift = VoucherFacts { has_pickup: false, ..refunded.clone() };
    registered("V1").showing("2026-08-02 10:00:00", gift).says(now, "wait until 2026-08-03 10:00:00 by issued");
    registered("free F1")
        .showing("2026-08-02 10:00:00", refunded)
        .says(now, "wait until 2026-08-03 10:00:00 by issued");
}

#[test]
fn an_order_that_nothing_can_change_any_more_is_let_go() {
    let used_up = registered("V1").showing("2026-08-02 10:00:00", facts(IssueStatus::Issued, 0, 0));
    let later = used_up.showing("2027-08-02 10:00:00", facts(IssueStatus::Issued, 0, 0));
    later.says("2027-08-02 10:00:00", "wait by used-up");
    let failed = registered("V1").showing("2026-08-02 10:00:00", facts(IssueStatus::IssueFailed, 0, 0));
    failed
        .showing("2026-09-01 10:00:00", facts(IssueStatus::IssueFailed, 0, 0))
        .says("2026-09-01 10:00:00", "wait by issue-failed");
}

#[test]
fn a_bank_that_takes_longer_than_seven_days_is_told_of() {
    let refunded = registered("V1").showing("2026-08-02 10:00:00", facts(IssueStatus::Issued, 2, 2));
    assert_eq!(refunded.alerts_at("2026-08-09 09:59:59"), []);
    assert_eq!(refunded.alerts_at("2026-08-09 10:00:00"), [AlertKind::VoucherRefundUnconfirmed]);
    // What is missing after a part was confirmed counts from then on.
    let part = refunded.clone().told("2026-08-08 10:00:00", 100);
    assert_eq!(part.alerts_at("2026-08-14 10:00:00"), []);
    assert_eq!(part.alerts_at("2026-08-15 10:00:00"), [AlertKind::VoucherRefundUnconfirmed]);
    assert_eq!(part.told("2026-08-15 10:00:00", 200).alerts_at("2026-09-15 10:00:00"), []);
    // An answer that says nothing new keeps the time.
    let same = refunded.told("2026-08-03 10:00:00", 0);
    assert_eq!(same.alerts_at("2026-08-09 10:00:00"), [AlertKind::VoucherRefundUnconfirmed]);
}

#[test]
fn an_answer_that_decides_nothing_does_not_stop_the_banks_seven_days() {
    let refunded = registered("V1").showing("2026-08-02 10:00:00", facts(IssueStatus::Issued, 2, 2));
    let unclear = VoucherSeen::Unclear { raw: "Status '9'".to_owned() };
    let odd = refunded.clone().seeing("2026-08-08 10:00:00", unclear);
    let again = odd.clone().showing("2026-08-08 16:00:00", facts(IssueStatus::Issued, 2, 2));
    assert_eq!(again.alerts_at("2026-08-09 10:00:00"), [AlertKind::VoucherRefundUnconfirmed]);
    // It is not raised by such an answer, and one that is open stands.
    let told = alerts(&odd, &Policy::default(), at("2026-08-09 10:00:00"));
    assert!(told.iter().any(|a| a.kind == AlertKind::VoucherRefundUnconfirmed && !a.raise), "{told:?}");
}

#[test]
fn a_failed_issuing_is_told_in_the_vendors_words() {
    let failed = registered("V1").showing(SOLD, facts(IssueStatus::IssueFailed, 0, 0));
    let told = alerts(&failed, &Policy::default(), at(SOLD));
    assert_eq!((told[0].kind, told.len()), (AlertKind::VoucherIssueFailed, 1));
    assert_eq!(told[0].message(), "the issuing of vouchers for NT$400 failed: 庫存不足");
    assert_eq!(failed.state(), VoucherState::IssueFailed);
}

#[test]
fn totals_that_do_not_add_up_are_told_and_decide_nothing() {
    let odd = VoucherFacts {
        mismatch: Some("1 tickets came of the 4 of the order".into()),
        ..facts(IssueStatus::Issued, 2, 2)
    };
    let order = registered("V1").showing(SOLD, odd);
    assert_eq!((order.state(), order.unconfirmed()), (VoucherState::Review, Twd::ZERO));
    assert_eq!(order.alerts_at(SOLD), [AlertKind::VoucherMismatch]);
    order.says(SOLD, "wait until 2026-08-01 16:00:00 by mismatch");
    // The bank cannot have confirmed more than was refunded, nor refunds of another order.
    let refunded = registered("V1").showing(SOLD, facts(IssueStatus::Issued, 2, 2));
    let too_much = refunded.clone().told(SOLD, 300);
    assert_eq!((too_much.refunds.confirmed, too_much.alerts_at(SOLD)), (None, vec![AlertKind::VoucherMismatch]));
    let mut other = refunded;
    other.confirmed(Ok(ConfirmedRefunds { trade_amount: Some(twd(900)), confirmed: twd(100) }), at(SOLD));
    assert_eq!((other.refunds.confirmed, other.alerts_at(SOLD)), (None, vec![AlertKind::VoucherMismatch]));
}

#[test]
fn an_order_that_was_shown_neither_vanishes_nor_changes_its_amount() {
    let shown = registered("V1").showing(SOLD, facts(IssueStatus::Issued, 4, 0));
    let other = VoucherFacts {
        totals: Totals { trade_amount: twd(500), ..Totals::default() },
        ..facts(IssueStatus::Issued, 4, 0)
    };
    let shown_as = |status| VoucherSeen::Order(facts(status, 4, 0));
    // What was issued is neither being issued again nor has it failed: its tickets can be redeemed.
    let statuses = [shown_as(IssueStatus::Issuing), shown_as(IssueStatus::IssueFailed)];
    for seen in [VoucherSeen::NotFound, VoucherSeen::Order(other)].into_iter().chain(statuses) {
        let after = shown.clone().seeing("2026-08-02 10:00:00", seen);
        assert_eq!(after.state(), VoucherState::Review);
        assert_eq!(after.alerts_at(SOLD), [AlertKind::UnknownStatus]);
        after.says("2026-08-02 10:00:00", "wait until 2026-08-02 16:00:00 by unknown-status");
        // Said twice it is not truer.
        let again = after.observation.as_ref().map(|o| o.seen.clone()).expect("a look");
        assert!(matches!(again, VoucherSeen::Unclear { .. }));
        assert_eq!(after.seeing("2026-08-02 16:00:00", VoucherSeen::NotFound).state(), VoucherState::Review);
    }
}

#[test]
fn a_clock_that_was_set_back_does_not_put_off_the_next_look() {
    let ahead = registered("V1").showing("2026-09-01 10:00:00", facts(IssueStatus::Issued, 4, 0));
    ahead.says(SOLD, "look by clock-stepped-back");
}
