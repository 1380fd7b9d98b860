//! The guard: what was redeemed in vouchers does not go back to the card.

use super::*;
use crate::domain::alert::AlertKind;
use crate::domain::record::alerts::alerts;
use crate::domain::voucher::{
    ForRefund, IssueStatus, PaidVouchers, Part, Totals, VoucherFacts, VoucherObservation, VoucherSeen,
};

/// Ten tickets for NT$1000, so many of them redeemed.
fn facts(redeemed: i64) -> VoucherFacts {
    let part = |count: i64| Part { count: u32::try_from(count).expect("a few"), amount: twd(count * 100) };
    VoucherFacts {
        ticket_trade_no: Some("2026080100000001".to_owned()),
        credit_trade_id: Some(7),
        status: IssueStatus::Issued,
        remark: String::new(),
        issued_at: Some(at(AUTHORIZED)),
        issue_type: None,
        printed_by: None,
        escrow_expires_on: None,
        totals: Totals {
            count: 10,
            trade_amount: twd(1000),
            redeemed: part(redeemed),
            unused: part(10 - redeemed),
            ..Totals::default()
        },
        has_pickup: true,
        mismatch: None,
    }
}

/// The order paid for vouchers, which were looked at for its refund three seconds ago.
fn paid_for(case: Case, seen: VoucherSeen) -> Case {
    let for_refund = ForRefund {
        order_id: 1,
        after_revision: case.s.order.revision,
        after_attempt: case.s.attempts.last().map_or(0, |a| a.id),
    };
    let observation =
        VoucherObservation { at: case.now - secs(3), skew_s: Some(0), for_refund: Some(for_refund), seen };
    case.with(|c| {
        c.s.vouchers = Some(PaidVouchers {
            id: 5,
            served: true,
            guard: true,
            observation: Some(observation),
            retry_at: None,
            last_error: None,
        });
    })
}

fn captured_with(redeemed: i64, refund: Option<i64>) -> Case {
    paid_for(order(CardStatus::Captured, 1000).refund(refund), VoucherSeen::Order(facts(redeemed)))
}

impl Case {
    fn vouchers(self, bend: impl FnOnce(&mut PaidVouchers)) -> Self {
        self.with(|c| bend(c.s.vouchers.as_mut().expect("vouchers")))
    }

    fn voucher_look(self, bend: impl FnOnce(&mut VoucherObservation)) -> Self {
        self.vouchers(|v| bend(v.observation.as_mut().expect("a look")))
    }

    fn facts(self, bend: impl FnOnce(&mut VoucherFacts)) -> Self {
        self.voucher_look(|o| match &mut o.seen {
            VoucherSeen::Order(facts) => bend(facts),
            other => panic!("no facts in {other:?}"),
        })
    }
}

#[test]
fn no_more_goes_back_than_what_is_not_redeemed() {
    let table = [
        (0, None, "act R 1000 by captured"),
        (0, Some(1000), "act R 1000 by captured"),
        (0, Some(300), "act R 300 by captured"),
        (3, None, "reject by voucher-guard"),
        (3, Some(1000), "reject by voucher-guard"),
        (3, Some(701), "reject by voucher-guard"),
        (3, Some(700), "act R 700 by captured"),
        (10, Some(1), "reject by voucher-guard"),
        (10, None, "reject by voucher-guard"),
    ];
    for (redeemed, refund, expected) in table {
        captured_with(redeemed, refund).says(expected);
    }
}

#[test]
fn the_sentence_says_how_much_may_be_refunded() {
    let plan = captured_with(3, None).plan();
    assert_eq!(plan.why(), "NT$300 of NT$1000 were redeemed in vouchers: at most NT$700 may be refunded, not NT$1000");
}

#[test]
fn a_refund_that_is_stopped_between_e_and_n_says_what_becomes_of_the_capture() {
    let case = paid_for(order(CardStatus::OperationCanceled, 0).refund(None), VoucherSeen::Order(facts(3)));
    let case = case.tried(Action::E, 1000, AttemptState::Applied);
    let case = case.voucher_look(|o| o.for_refund.as_mut().expect("made for a refund").after_attempt = 1);
    let why = case.plan().why();
    assert!(why.ends_with("is made again by the order's own rule, or with capture = 'now'"), "{why}");
}

#[test]
fn what_went_back_before_counts_toward_what_may_go_back() {
    let refunded_500 = order(CardStatus::Captured, 500);
    let with = |refund| paid_for(refunded_500.clone().refund(refund), VoucherSeen::Order(facts(3)));
    with(Some(200)).says("act R 200 by captured");
    with(Some(201)).says("reject by voucher-guard");
    with(None).says("reject by voucher-guard");
}

#[test]
fn each_way_of_giving_back_is_guarded_and_a_capture_is_not() {
    for (status, net, action) in
        [(CardStatus::Authorized, 0, "N"), (CardStatus::ToBeCaptured, 1000, "E"), (CardStatus::Captured, 1000, "R")]
    {
        let free = |redeemed| paid_for(order(status, net).refund(None), VoucherSeen::Order(facts(redeemed)));
        assert!(words(&free(0).plan()).starts_with(&format!("act {action} 1000")), "{status:?}");
        free(1).says("reject by voucher-guard");
    }
    let stale = paid_for(order(CardStatus::Authorized, 0).mode(CaptureMode::Now), VoucherSeen::Order(facts(10)));
    stale.voucher_look(|o| o.at = day(-9)).says("act C 1000 by capture-now");
}

#[test]
fn the_vouchers_are_looked_at_for_this_refund_and_within_a_minute() {
    let good = captured_with(0, None);
    good.clone().says("act R 1000 by captured");
    let look = "look at vouchers 5 by voucher-guard";
    good.clone().vouchers(|v| v.observation = None).says(look);
    good.clone().voucher_look(|o| o.at -= secs(58)).says(look);
    good.clone().voucher_look(|o| o.at += secs(4)).says(look);
    good.clone().voucher_look(|o| o.for_refund = None).says(look);
    let bend = |bend: fn(&mut ForRefund)| {
        good.clone().voucher_look(|o| bend(o.for_refund.as_mut().expect("made for a refund")))
    };
    bend(|f| f.order_id = 2).says(look);
    bend(|f| f.after_revision = 0).says(look);
    // Between calling the capture back and abandoning the order somebody may have redeemed.
    let called_back = paid_for(order(CardStatus::OperationCanceled, 0).refund(None), VoucherSeen::Order(facts(0)));
    called_back.tried(Action::E, 1000, AttemptState::Applied).says(look);
}

#[test]
fn while_the_voucher_service_does_not_answer_the_refund_waits() {
    let retry = at(NOON) + secs(30);
    let silent = captured_with(0, None).vouchers(|v| {
        v.observation = None;
        v.retry_at = Some(retry);
        v.last_error = Some("no usable answer: http 500".to_owned());
    });
    let plan = silent.clone().says("wait until 2026-08-01 12:00:30 by voucher-guard").plan();
    assert!(plan.why().contains("http 500"), "{}", plan.why());
    silent.at("2026-08-01 12:00:30").says("look at vouchers 5 by voucher-guard");
}

#[test]
fn a_refund_waits_while_tickets_are_being_issued_and_goes_on_when_that_failed() {
    let with = |status| captured_with(0, None).facts(|f| (f.status, f.totals.unused) = (status, Part::default()));
    with(IssueStatus::Issuing).says("wait until 2026-08-01 12:09:57 by voucher-guard");
    with(IssueStatus::IssueFailed).says("act R 1000 by captured");
    // A day after the payment a person has to look.
    let late = captured_with(0, None).at("2026-08-02 10:00:03");
    let late = paid_for(late, VoucherSeen::Order(VoucherFacts { status: IssueStatus::Issuing, ..facts(0) }));
    late.facts(|f| f.totals.unused = Part::default()).says("review by voucher-guard");
}

#[test]
fn what_was_never_issued_may_come_without_an_amount() {
    let with = |status| captured_with(0, None).facts(|f| (f.status, f.totals) = (status, Totals::default()));
    with(IssueStatus::Issuing).says("wait until 2026-08-01 12:09:57 by voucher-guard");
    with(IssueStatus::IssueFailed).says("act R 1000 by captured");
    with(IssueStatus::Issued).says("review by voucher-mismatch");
}

#[test]
fn what_cannot_be_believed_is_put_to_a_person_and_never_refunded() {
    let mismatch = captured_with(0, None).facts(|f| f.mismatch = Some("8 tickets came of the 10 of the order".into()));
    mismatch.clone().says("review by voucher-mismatch");
    let dearer = captured_with(0, None).facts(|f| f.totals.trade_amount = twd(1200));
    let plan = dearer.clone().says("review by voucher-mismatch").plan();
    assert!(plan.why().contains("sold for NT$1200, the card paid NT$1000"), "{}", plan.why());
    let unclear = VoucherSeen::Unclear { raw: "UseStatus 9".to_owned() };
    paid_for(order(CardStatus::Captured, 1000).refund(None), unclear).says("review by voucher-mismatch");
    paid_for(order(CardStatus::Captured, 1000).refund(None), VoucherSeen::NotFound).says("review by voucher-guard");

    // Told once by the voucher order itself, and by the card order where the two do not go together.
    let told = |case: &Case| {
        let alerts = alerts(&case.s, &case.plan(), &case.policy, case.now);
        alerts.iter().any(|a| a.kind == AlertKind::VoucherMismatch)
    };
    assert!(!told(&mismatch) && told(&dearer));
}

#[test]
fn the_guard_is_off_where_it_is_switched_off() {
    let guarded = captured_with(10, None);
    guarded.clone().says("reject by voucher-guard");
    guarded.clone().vouchers(|v| v.guard = false).says("act R 1000 by captured");
    guarded.clone().with(|c| c.policy.voucher_guard = false).says("act R 1000 by captured");
    // Never by an inference: numbers that differ are a person's to judge.
    guarded.clone().facts(|f| f.credit_trade_id = Some(8)).says("review by voucher-mismatch");
    // The shop has said that it is a later charge, which paid for no vouchers.
    let later = guarded.clone().facts(|f| f.credit_trade_id = Some(8));
    later.with(|c| c.s.order.asked_trade_no = TradeNo::parse("T2").ok()).says("act R 1000 by captured");
    let other = guarded.clone().facts(|f| f.credit_trade_id = Some(8));
    let told = alerts(&other.s, &other.plan(), &other.policy, other.now);
    assert!(
        told.iter().any(|a| a.kind == AlertKind::VoucherMismatch && a.message().contains("another card authorization"))
    );
    // Where the guard is off there is nothing to tell of what it would hold back.
    let off = other.with(|c| c.policy.voucher_guard = false);
    assert!(alerts(&off.s, &off.plan(), &off.policy, off.now).iter().all(|a| a.kind != AlertKind::VoucherMismatch));
    // Not known: taken for the same.
    guarded.clone().facts(|f| f.credit_trade_id = None).says("reject by voucher-guard");
}

#[test]
fn vouchers_whose_service_is_not_in_the_settings_hold_the_refund_back() {
    let plan = captured_with(0, None)
        .vouchers(|v| v.served = false)
        .says("wait until 2026-08-01 17:59:55 by voucher-guard")
        .plan();
    assert!(plan.why().contains("add [merchant.voucher]"), "{}", plan.why());
}
