use chrono::NaiveDateTime;

use super::*;
use crate::domain::action::Action;
use crate::domain::calendar::from_taipei;
use CardStatus::{Authorized, Canceled, Captured, OperationCanceled, ToBeCaptured, Unauthorized};

pub(super) fn at(text: &str) -> DateTime<Utc> {
    from_taipei(NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S").expect("a civil time"))
}

/// A bank with one merchant and one order of NT$1000, authorized on August 1st at 10:00.
struct Desk {
    bank: Bank,
    merchant: MerchantId,
    no: MerchantTradeNo,
}

const AUTHORIZED_AT: &str = "2026-08-01 10:00:00";

impl Desk {
    fn with(kind: Kind, terms: Terms) -> Self {
        Self::paid(kind, terms, Paid::Yes)
    }

    fn paid(kind: Kind, terms: Terms, paid: Paid) -> Self {
        let merchant = MerchantId::parse("3002607").expect("an id");
        let no = MerchantTradeNo::parse("A1").expect("a number");
        let mut bank = Bank::new(at(AUTHORIZED_AT));
        bank.add_merchant(merchant.clone(), terms);
        let amount = Twd::new(1000).expect("an amount");
        let (merchant_id, merchant_trade_no) = (merchant.clone(), no.clone());
        let new = NewOrder { merchant_id, merchant_trade_no, kind, amount, created_at: at(AUTHORIZED_AT), paid };
        bank.create(new, at(AUTHORIZED_AT)).expect("a new order");
        Self { bank, merchant, no }
    }

    fn act(&mut self, when: &str, action: Action, amount: i64) -> Result<(), String> {
        self.act_by(By::Api, when, action, amount)
    }

    fn act_by(&mut self, by: By, when: &str, action: Action, amount: i64) -> Result<(), String> {
        let trade_no = self.bank.order(&self.merchant, &self.no).expect("the order").trade_no.clone();
        let ask = Ask {
            at: at(when),
            by,
            merchant_id: self.merchant.clone(),
            merchant_trade_no: self.no.clone(),
            trade_no,
            action,
            amount: Twd::new(amount).expect("an amount"),
        };
        self.bank.act(&ask).map_err(|refusal| refusal.to_string())
    }

    fn done(&mut self, when: &str, action: Action, amount: i64) {
        assert_eq!(self.act(when, action, amount), Ok(()), "{action} at {when}");
    }

    fn truth_at(&mut self, when: &str) -> Truth {
        self.bank.advance(at(when));
        self.bank.order(&self.merchant, &self.no).expect("the order").truth()
    }

    fn status_at(&mut self, when: &str) -> CardStatus {
        self.truth_at(when).status.expect("an authorization")
    }

    fn rows(&mut self, when: &str) -> Vec<(CardStatus, i64)> {
        self.truth_at(when).authorizations[0].rows.iter().map(|r| (r.status, r.amount)).collect()
    }
}

/// An order of the kind, brought to a state by legal steps on its first day.
fn brought_to(status: CardStatus, kind: Kind) -> (Desk, &'static str) {
    let paid = if status == Unauthorized { Paid::Unauthorized } else { Paid::Yes };
    let mut desk = Desk::paid(kind, Terms::default(), paid);
    let steps: &[Action] = match status {
        Unauthorized | Authorized => &[],
        ToBeCaptured | Captured => &[Action::C],
        OperationCanceled => &[Action::C, Action::E],
        Canceled => &[Action::N],
    };
    for step in steps {
        desk.done("2026-08-01 11:00:00", *step, 1000);
    }
    let now = if status == Captured { "2026-08-02 12:00:00" } else { "2026-08-01 12:00:00" };
    assert_eq!(desk.status_at(now), status);
    (desk, now)
}

#[test]
fn every_action_is_legal_from_its_states_only() {
    let (c, e, n, r) = (Action::C, Action::E, Action::N, Action::R);
    let legal = [
        (Authorized, c, ToBeCaptured),
        (Authorized, n, Canceled),
        (OperationCanceled, c, ToBeCaptured),
        (OperationCanceled, n, Canceled),
        (ToBeCaptured, e, OperationCanceled),
        (ToBeCaptured, r, ToBeCaptured),
        (Captured, r, Captured),
    ];
    for kind in [Kind::Card, Kind::Installments(3), Kind::BonusPoints, Kind::Recurring] {
        for status in CardStatus::ALL {
            for action in Action::ALL {
                let (mut desk, now) = brought_to(status, kind);
                let done = desk.act(now, action, 1000);
                let next = legal.iter().find(|(from, a, _)| (*from, *a) == (status, action));
                assert_eq!(done.is_ok(), next.is_some(), "{action} from {status:?} on {kind:?}: {done:?}");
                let expected = next.map_or(status, |(_, _, to)| *to);
                assert_eq!(desk.status_at(now), expected, "{action} from {status:?} on {kind:?}");
            }
        }
    }
}

#[test]
fn a_refund_on_a_merely_authorized_order_is_refused_with_the_vendors_words() {
    let mut desk = Desk::with(Kind::Card, Terms::default());
    let refused = desk.act("2026-08-01 12:00:00", Action::R, 300);
    assert_eq!(refused, Err("更新失敗.(error_amount_R)".to_owned()));
    let record = &desk.bank.actions()[0];
    assert_eq!((record.effect, record.refused.as_deref()), (false, Some("更新失敗.(error_amount_R)")));
}

#[test]
fn whole_order_actions_want_the_whole_amount() {
    for (status, action) in [(Authorized, Action::C), (Authorized, Action::N), (ToBeCaptured, Action::E)] {
        for amount in [1, 999, 1001] {
            let (mut desk, now) = brought_to(status, Kind::Card);
            assert_eq!(desk.act(now, action, amount), Err(format!("更新失敗.(error_amount_{action})")));
        }
    }
}

#[test]
fn refunds_never_add_up_to_more_than_the_amount() {
    for status in [ToBeCaptured, Captured] {
        let (mut desk, now) = brought_to(status, Kind::Card);
        desk.done(now, Action::R, 600);
        assert!(desk.act(now, Action::R, 401).is_err());
        desk.done(now, Action::R, 400);
        assert!(desk.act(now, Action::R, 1).is_err());
        let truth = desk.truth_at(now);
        assert_eq!((truth.captured, truth.refunded, truth.net, truth.void), (1000, 1000, 0, false));
    }
}

#[test]
fn installments_and_bonus_points_are_refunded_whole_or_not_at_all() {
    for kind in [Kind::Installments(3), Kind::BonusPoints] {
        for status in [ToBeCaptured, Captured] {
            let (mut desk, now) = brought_to(status, kind);
            assert!(desk.act(now, Action::R, 999).is_err_and(|text| text.contains("全額退刷")), "{kind:?}");
            desk.done(now, Action::R, 1000);
        }
    }
}

#[test]
fn a_refund_above_the_balance_is_refused_until_money_is_there() {
    let (mut desk, now) = brought_to(Captured, Kind::Card);
    let merchant = desk.merchant.clone();
    desk.bank.change_terms(&merchant, at(now), |t| t.balance = Some(299)).expect("the merchant");
    assert!(desk.act(now, Action::R, 300).is_err_and(|text| text.contains("餘額不足")));
    desk.bank.change_terms(&merchant, at(now), |t| t.balance = Some(400)).expect("the merchant");
    desk.done(now, Action::R, 300);
    assert_eq!(desk.bank.terms(&merchant).expect("terms").balance, Some(100));
}

#[test]
fn union_pay_is_captured_at_once_and_never_called_back() {
    let mut desk = Desk::with(Kind::UnionPay, Terms::default());
    assert_eq!(desk.rows(AUTHORIZED_AT), [(Captured, 1000)]);
    for action in [Action::C, Action::E, Action::N] {
        assert!(desk.act("2026-08-01 10:01:00", action, 1000).is_err(), "{action}");
    }
    desk.done("2026-08-01 10:01:00", Action::R, 300);
}

#[test]
fn what_is_not_paid_by_card_has_nothing_to_act_on() {
    for (kind, paid, text) in [
        (Kind::Atm, Paid::Yes, "Cant not find the trade data"),
        (Kind::Card, Paid::No, "Cant not find the trade data"),
        (Kind::Card, Paid::BankPending, "error_nopay"),
    ] {
        let mut desk = Desk::paid(kind, Terms::default(), paid);
        for action in Action::ALL {
            assert_eq!(desk.act("2026-08-01 12:00:00", action, 1000), Err(text.to_owned()));
        }
    }
}

#[test]
fn a_refund_before_the_claim_shows_as_a_row_or_as_a_smaller_capture() {
    let (mut desk, now) = brought_to(ToBeCaptured, Kind::Card);
    desk.done(now, Action::R, 300);
    assert_eq!(desk.rows(now), [(ToBeCaptured, 1000), (ToBeCaptured, -300)]);

    let (mut desk, now) = brought_to(ToBeCaptured, Kind::Card);
    let merchant = desk.merchant.clone();
    desk.bank.change_terms(&merchant, at(now), |t| t.shrink = true).expect("the merchant");
    desk.done(now, Action::R, 300);
    assert_eq!(desk.rows(now), [(ToBeCaptured, 700)]);
    let truth = desk.truth_at(now);
    assert_eq!((truth.captured, truth.refunded, truth.net), (1000, 300, 700));
}

#[test]
fn the_claim_comes_in_the_night_after_the_capture() {
    let (mut desk, _) = brought_to(ToBeCaptured, Kind::Card);
    assert_eq!(desk.status_at("2026-08-02 02:59:59"), ToBeCaptured);
    assert_eq!(desk.status_at("2026-08-02 03:00:00"), Captured);
    desk.done("2026-08-02 12:00:00", Action::R, 300);
    assert_eq!(desk.rows("2026-08-02 12:00:00"), [(Captured, 1000), (ToBeCaptured, -300)]);
    assert_eq!(desk.rows("2026-08-03 03:00:00"), [(Captured, 1000), (Captured, -300)]);
}

#[test]
fn capture_by_call_ends_after_21_days() {
    let mut desk = Desk::with(Kind::Card, Terms::default());
    assert_eq!(desk.act("2026-08-22 10:00:01", Action::C, 1000), Err("error_overDate".to_owned()));
    let mut desk = Desk::with(Kind::Card, Terms::default());
    desk.done("2026-08-22 10:00:00", Action::C, 1000);
}

#[test]
fn an_uncaptured_order_is_abandoned_on_day_90() {
    let mut desk = Desk::with(Kind::Card, Terms::default());
    assert_eq!(desk.status_at("2026-10-30 09:59:59"), Authorized);
    let truth = desk.truth_at("2026-10-30 10:00:00");
    assert_eq!((truth.status, truth.void, truth.net), (Some(Canceled), true, 0));
}

#[test]
fn daily_auto_close_captures_at_a_quarter_past_eight_where_it_is_on() {
    let mut off = Desk::with(Kind::Card, Terms::default());
    assert_eq!(off.status_at("2026-08-10 00:00:00"), Authorized);

    let mut on = Desk::with(Kind::Card, Terms { daily_auto_close: true, ..Terms::default() });
    assert_eq!(on.status_at("2026-08-01 20:14:59"), Authorized);
    assert_eq!(on.rows("2026-08-01 20:15:00"), [(ToBeCaptured, 1000)]);
    assert_eq!(on.status_at("2026-08-10 00:00:00"), Captured);
}

#[test]
fn the_closing_run_takes_a_called_back_order_the_same_day_or_leaves_it_out() {
    for (takes, that_evening) in [(true, ToBeCaptured), (false, OperationCanceled)] {
        let terms = Terms { daily_auto_close: true, closes_called_back: takes, ..Terms::default() };
        let mut desk = Desk::with(Kind::Card, terms);
        desk.done("2026-08-01 11:00:00", Action::C, 1000);
        desk.done("2026-08-01 12:00:00", Action::E, 1000);
        assert_eq!(desk.status_at("2026-08-01 21:00:00"), that_evening);
        assert_eq!(desk.truth_at("2026-08-02 21:00:00").captured, 1000);
    }
}

#[test]
fn the_closing_window_refuses_calls_but_not_the_dashboard() {
    let auto = Terms { daily_auto_close: true, ..Terms::default() };
    for (when, open) in [
        ("2026-08-02 20:14:59", true),
        ("2026-08-02 20:15:00", false),
        ("2026-08-02 20:29:59", false),
        ("2026-08-02 20:30:00", true),
    ] {
        let mut desk = Desk::with(Kind::Card, auto.clone());
        assert_eq!(desk.act(when, Action::R, 300).is_ok(), open, "{when}");
        let mut desk = Desk::with(Kind::Card, auto.clone());
        assert_eq!(desk.act_by(By::Dashboard, when, Action::R, 300), Ok(()), "{when}");
    }
    let mut without = Desk::with(Kind::Card, Terms::default());
    without.done("2026-08-02 20:20:00", Action::C, 1000);
}

#[test]
fn terms_changed_today_do_not_change_yesterday() {
    let mut desk = Desk::with(Kind::Card, Terms::default());
    let merchant = desk.merchant.clone();
    let noon = at("2026-08-03 12:00:00");
    desk.bank.change_terms(&merchant, noon, |t| t.daily_auto_close = true).expect("the merchant");
    assert_eq!(desk.status_at("2026-08-03 20:14:59"), Authorized);
    assert_eq!(desk.status_at("2026-08-03 20:15:00"), ToBeCaptured);
}

#[test]
fn each_period_of_a_recurring_order_is_an_authorization_of_its_own() {
    let mut desk = Desk::with(Kind::Recurring, Terms::default());
    let (merchant, no) = (desk.merchant.clone(), desk.no.clone());
    desk.done("2026-08-01 12:00:00", Action::C, 1000);
    desk.bank.pay(&merchant, &no, at("2026-09-01 10:00:00")).expect("another period");
    let truth = desk.truth_at("2026-09-01 10:00:00");
    let states: Vec<_> = truth.authorizations.iter().map(|a| a.status).collect();
    assert_eq!(states, [Captured, Authorized]);
    assert_ne!(truth.authorizations[0].trade_no, truth.authorizations[1].trade_no);
    assert_ne!(truth.authorizations[0].gwsr, truth.authorizations[1].gwsr);
}
