//! The rules of the contract that are of no single invariant: kinds of orders, platforms, balance.

use ecpayd::domain::action::Action;
use ecpayd::domain::ids::MerchantId;
use ecpayd::domain::policy::PartialOnAuthorized;
use ecpayd::ledger::{Ack, Housekeeping, MerchantTerms};
use ecpayd::simulator::bank::{Kind, Paid};
use ecpayd::simulator::{FaultKind, OnCall};

use crate::harness::{MERCHANT, Shop, at, days, minutes, number, other_merchant, shop};
use crate::wire::settling;

#[tokio::test]
async fn a_part_of_an_installment_or_bonus_point_order_is_rejected_before_any_call() {
    for kind in [Kind::Installments(3), Kind::BonusPoints] {
        let mut shop = shop().await;
        shop.order_to_be_captured("A1", kind, 900).await;
        shop.order("A2", kind, 900).await;
        shop.refund("A1", Some(300), "part").await;
        shop.refund("A2", Some(300), "part of authorized").await;
        shop.run_for(minutes(5)).await;
        for key in ["part", "part of authorized"] {
            let refund = shop.refund_row(key).await;
            assert!(refund.state == "rejected" && refund.detail.contains("whole or not at all"), "{refund:?}");
        }
        assert_eq!((shop.letters("A1"), shop.letters("A2")), (String::new(), String::new()));
        shop.run_for(days(1)).await;
        shop.refund("A1", Some(900), "whole").await;
        shop.refund("A2", Some(900), "whole of authorized").await;
        shop.run_for(minutes(5)).await;
        shop.assert_done("whole", 900, "R").await;
        shop.assert_done("whole of authorized", 900, "N").await;
        shop.assert_books_agree().await;
    }
}

#[tokio::test]
async fn an_order_not_paid_by_card_is_rejected_for_a_refund_by_hand() {
    let mut shop = shop().await;
    shop.order("A1", Kind::Atm, 900).await;
    shop.refund("A1", Some(300), "k").await;
    shop.run_for(minutes(5)).await;
    let refund = shop.refund_row("k").await;
    assert!(refund.state == "rejected" && refund.detail.contains("by hand"), "{refund:?}");
    assert_eq!(shop.state("A1").await, "not_card");
    shop.assert_books_agree().await;
}

json_only! {
    #[tokio::test]
    async fn a_union_pay_order_is_refunded_by_r_whole_and_in_parts() {
        for card_info in [true, false] {
            let mut shop = shop().await;
            shop.terms(|terms| terms.card_info = card_info);
            shop.order("WHOLE", Kind::UnionPay, 900).await;
            shop.order("PARTS", Kind::UnionPay, 900).await;
            shop.refund("WHOLE", None, "whole").await;
            shop.refund("PARTS", Some(300), "part").await;
            shop.run_for(minutes(5)).await;
            shop.assert_done("whole", 900, "R").await;
            shop.assert_done("part", 300, "R").await;
            assert_eq!((shop.letters("WHOLE").as_str(), shop.letters("PARTS").as_str()), ("R", "R"));
            shop.assert_books_agree().await;
        }
    }
}

json_only! {
    #[tokio::test]
    async fn a_union_pay_order_that_is_to_be_captured_is_refunded_in_part_at_once_and_whole_after_the_claim() {
        // Told to be UnionPay it is not called back; else the bank's refusal tells.
        for (card_info, tried) in [(true, ""), (false, "E")] {
            let mut shop = shop().await;
            shop.terms(|terms| (terms.card_info, terms.union_pay_claimed) = (card_info, false));
            shop.order("WHOLE", Kind::UnionPay, 900).await;
            shop.order("PARTS", Kind::UnionPay, 900).await;
            shop.refund("WHOLE", None, "whole").await;
            shop.refund("PARTS", Some(300), "part").await;
            shop.run_for(minutes(5)).await;
            assert_eq!((shop.letters("WHOLE").as_str(), shop.letters("PARTS").as_str()), (tried, "R"));
            assert_eq!(shop.refund_state("whole").await, "waiting");
            shop.assert_done("part", 300, "R").await;
            shop.run_for(days(1)).await;
            shop.assert_done("whole", 900, "R").await;
            assert_eq!(shop.letters("WHOLE"), format!("{tried}R"));
            shop.assert_books_agree().await;
        }
    }
}

#[tokio::test]
async fn a_part_of_an_authorized_order_waits_for_the_capture_or_makes_it_as_set() {
    for (policy, now, in_the_end) in [(PartialOnAuthorized::Wait, "", "CR"), (PartialOnAuthorized::Capture, "CR", "CR")]
    {
        let mut shop = Shop::open(at("2026-08-03 12:00:00"), |setup| setup.policy.partial_on_authorized = policy).await;
        shop.order("A1", Kind::Card, 1000).await;
        shop.refund("A1", Some(300), "k").await;
        shop.run_for(minutes(5)).await;
        assert_eq!(shop.letters("A1"), now);
        shop.run_for(days(20)).await;
        assert_eq!(shop.letters("A1"), in_the_end);
        shop.assert_done("k", 300, "R").await;
        assert_eq!(shop.truth("A1").net, 700);
        shop.assert_books_agree().await;
    }
}

#[tokio::test]
async fn an_order_on_hold_is_not_captured_for_a_part_but_is_abandoned_for_the_whole() {
    let mut shop =
        Shop::open(at("2026-08-03 12:00:00"), |s| s.policy.partial_on_authorized = PartialOnAuthorized::Capture).await;
    shop.order("A1", Kind::Card, 1000).await;
    shop.set_capture("A1", "hold").await;
    shop.refund("A1", Some(300), "part").await;
    shop.run_for(days(2)).await;
    assert_eq!((shop.letters("A1").as_str(), shop.refund_state("part").await.as_str()), ("", "waiting"));
    shop.cancel("part").await.expect("not begun");
    shop.refund("A1", None, "whole").await;
    shop.run_for(minutes(5)).await;
    shop.assert_done("whole", 1000, "N").await;
    shop.assert_books_agree().await;
}

#[tokio::test]
async fn a_full_refund_wins_over_a_capture_that_is_due() {
    let mut shop = shop().await;
    shop.order("A1", Kind::Card, 1000).await;
    shop.set_capture("A1", "now").await;
    shop.refund("A1", None, "k").await;
    shop.run_for(minutes(5)).await;
    assert_eq!(shop.letters("A1"), "N");
    shop.assert_books_agree().await;
}

#[tokio::test]
async fn a_refund_without_balance_waits_tells_and_goes_through_when_money_is_there() {
    let mut shop = shop().await;
    shop.order_captured("A1", 1000).await;
    shop.terms(|terms| terms.balance = Some(100));
    shop.refund("A1", Some(300), "k").await;
    shop.run_for(minutes(60)).await;
    assert_eq!((shop.letters("A1").as_str(), shop.refund_state("k").await.as_str()), ("R", "waiting"));
    assert_eq!(shop.alert("balance_short").await.expect("an alert").severity, "warning");
    shop.run_for(minutes(6 * 60)).await;
    assert_eq!((shop.letters("A1").as_str(), shop.truth("A1").refunded), ("RR", 0));
    shop.terms(|terms| terms.balance = Some(500));
    shop.run_for(minutes(7 * 60)).await;
    shop.assert_done("k", 300, "R").await;
    assert_eq!(shop.alerts().await, []);
    shop.assert_books_agree().await;
}

#[tokio::test]
async fn a_platform_calls_for_its_merchant() {
    let mut shop = Shop::open(at("2026-08-03 12:00:00"), |setup| {
        setup.merchants[0].at_bank.platform_id = Some("3085340".to_owned());
        setup.merchants.push(other_merchant("3085340"));
    })
    .await;
    shop.order_captured("A1", 1000).await;
    shop.order("A2", Kind::Card, 500).await;
    shop.refund("A1", Some(300), "k").await;
    shop.refund("A2", None, "n").await;
    shop.run_for(minutes(5)).await;
    shop.assert_done("k", 300, "R").await;
    shop.assert_done("n", 500, "N").await;
    shop.assert_books_agree().await;
}

#[tokio::test]
async fn a_later_authorization_of_a_recurring_order_is_refunded_under_its_own_number() {
    let mut shop = shop().await;
    let now = shop.now();
    shop.sold(MERCHANT, "MONTHLY", Kind::Recurring, 500, now, Paid::Yes);
    shop.sleep_until(now + days(1));
    let id = MerchantId::parse(MERCHANT).expect("an id");
    let truth = shop.sim.with_bank(|bank, now| bank.pay(&id, &number("MONTHLY"), now)).expect("the second month");
    let second = truth.authorizations[1].trade_no.clone();
    shop.try_register(MERCHANT, "MONTHLY", None, None, "auto").await.expect("the first");
    shop.try_register(MERCHANT, "MONTHLY", Some(&second), None, "now").await.expect("the second");
    shop.run_for(minutes(5)).await;
    shop.refund_authorization("MONTHLY", Some(&second), Some(200), "of the second").await.expect("a refund");
    shop.run_for(minutes(5)).await;
    let truth = shop.truth("MONTHLY");
    let sums: Vec<(i64, i64)> = truth.authorizations.iter().map(|a| (a.captured, a.refunded)).collect();
    assert_eq!(sums, [(0, 0), (500, 200)]);
    shop.assert_done("of the second", 200, "R").await;
    shop.refund("MONTHLY", None, "of the first").await;
    shop.run_for(minutes(5)).await;
    shop.assert_done("of the first", 500, "N").await;
    shop.assert_books_agree().await;
}

#[tokio::test]
async fn how_often_a_recurring_order_was_charged_is_asked_anew_at_each_routine_look() {
    let mut shop = shop().await;
    let now = shop.now();
    shop.sold(MERCHANT, "MONTHLY", Kind::Recurring, 500, now, Paid::Yes);
    shop.order("ONCE", Kind::Card, 500).await;
    shop.register(MERCHANT, "MONTHLY", "hold").await;
    shop.run_for(minutes(5)).await;
    let select = "SELECT json_extract(observation, '$.seen.card.charges') FROM order_state WHERE merchant_trade_no = ?";
    let charges = |shop: &Shop, no: &str| shop.sql.value::<Option<i64>>(select, [no]);
    assert_eq!(charges(&shop, "MONTHLY"), Some(1));
    let id = MerchantId::parse(MERCHANT).expect("an id");
    shop.sim.with_bank(|bank, now| bank.pay(&id, &number("MONTHLY"), now)).expect("the second month");
    shop.run_for(days(2)).await;
    assert_eq!((charges(&shop, "MONTHLY"), charges(&shop, "ONCE")), (Some(2), None));
    // Its own authorization is refunded as any other.
    shop.refund("MONTHLY", None, "k").await;
    shop.run_for(minutes(5)).await;
    shop.assert_done("k", 500, "N").await;
    shop.assert_books_agree().await;
}

json_only! {
    /// Nobody captures a charge that is not registered.
    #[tokio::test]
    async fn charges_of_a_recurring_order_beyond_those_that_are_followed_raise_an_alert_until_they_are() {
        let mut shop = shop().await;
        shop.sold(MERCHANT, "MONTHLY", Kind::Recurring, 500, shop.now(), Paid::Yes);
        shop.register(MERCHANT, "MONTHLY", "hold").await;
        shop.run_for(minutes(5)).await;
        assert!(shop.alert("unregistered").await.is_none(), "the one charge is followed");
        let id = MerchantId::parse(MERCHANT).expect("an id");
        let truth = shop.sim.with_bank(|bank, now| bank.pay(&id, &number("MONTHLY"), now)).expect("the second month");
        shop.run_for(days(2)).await;
        let alert = shop.alert("unregistered").await.expect("an alert");
        assert_eq!((alert.severity.as_str(), alert.merchant_trade_no.as_deref()), ("warning", Some("MONTHLY")));
        assert!(alert.message.contains('2') && alert.message.contains('1'), "{}", alert.message);
        let second = truth.authorizations[1].trade_no.clone();
        shop.try_register(MERCHANT, "MONTHLY", Some(&second), None, "hold").await.expect("the second");
        shop.run_for(days(2)).await;
        assert!(shop.alert("unregistered").await.is_none(), "both are followed");
        shop.assert_books_agree().await;
    }
}

/// Both looks pass before either is written: the second row is told apart when it is.
#[tokio::test]
async fn an_authorization_registered_twice_is_followed_by_one_row_and_the_other_is_told_of() {
    let mut shop = shop().await;
    let sold = shop.sold(MERCHANT, "MONTHLY", Kind::Recurring, 500, shop.now(), Paid::Yes);
    let first = sold.authorizations[0].trade_no.clone();
    shop.try_register(MERCHANT, "MONTHLY", Some(&first), None, "hold").await.expect("the first");
    shop.try_register(MERCHANT, "MONTHLY", None, None, "hold").await.expect("the order itself");
    shop.wire.hold_next_look();
    tokio::join!(shop.settle(), async {
        shop.wire.held().await;
        let seen = async |row| {
            let loaded = shop.ledger().load(row, MerchantTerms::default()).await.expect("the order");
            loaded.situation.observation.is_some()
        };
        while !seen(1).await && !seen(2).await {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        shop.wire.release();
    });
    let states = "SELECT group_concat(state) FROM (SELECT state FROM order_status ORDER BY state)";
    assert_eq!(shop.sql.value::<String>(states, ()), "authorized,review");
    let alert = shop.alert("unknown_status").await.expect("an alert");
    assert!(alert.message.contains("is followed by row"), "{}", alert.message);
    let again = shop.try_register(MERCHANT, "OTHER", Some(&first), None, "hold").await.expect_err("it is known");
    assert!(again.to_string().contains("trade_no is the authorization of another order in the ledger"), "{again}");
}

#[tokio::test]
async fn changes_by_hand_are_told_and_never_doubled() {
    let mut shop = shop().await;
    for no in ["VOIDED", "CALLEDBACK", "REFUNDED"] {
        shop.order_to_be_captured(no, Kind::Card, 1000).await;
    }
    for no in ["VOIDED", "CALLEDBACK"] {
        shop.by_hand(no, Action::E, 1000).expect("by hand");
    }
    shop.by_hand("VOIDED", Action::N, 1000).expect("by hand");
    shop.by_hand("REFUNDED", Action::R, 400).expect("by hand");
    shop.run_for(days(1)).await;
    let mut told: Vec<String> = shop.alerts().await.into_iter().filter_map(|a| a.merchant_trade_no).collect();
    told.sort();
    assert_eq!(told, ["CALLEDBACK", "REFUNDED", "VOIDED"]);
    for no in ["VOIDED", "CALLEDBACK", "REFUNDED"] {
        shop.refund(no, None, no).await;
    }
    shop.run_for(minutes(30)).await;
    assert_eq!(shop.refund_state("VOIDED").await, "rejected");
    shop.assert_done("CALLEDBACK", 1000, "N").await;
    shop.assert_done("REFUNDED", 600, "R").await;
    shop.assert_books_agree().await;
}

json_only! {
    #[tokio::test]
    async fn a_refund_that_is_stuck_after_its_capture_was_called_back_is_taken_back_and_asked_for_anew() {
        let mut shop = Shop::open(at("2026-08-03 08:00:00"), |_| {}).await;
        shop.order_to_be_captured("A1", Kind::Card, 1000).await;
        shop.settle().await;
        shop.refund("A1", None, "first").await;
        shop.strike(Action::N, FaultKind::LostBefore, 3);
        shop.run_for(minutes(60)).await;
        shop.wire.bend(Some(settling));
        shop.run_for(minutes(90)).await;
        assert_eq!((shop.letters("A1").as_str(), shop.refund_row("first").await.state.as_str()), ("ENNN", "review"));
        shop.wire.bend(None);

        shop.refund("A1", None, "second").await;
        assert_eq!(shop.refund_row("second").await.detail, "waits for refund 1 of the same order");
        shop.cancel("first").await.expect("no money has moved for it");
        shop.settle().await;
        assert_eq!(shop.refund_row("first").await.state, "canceled");
        assert_eq!(shop.refund_row("second").await.state, "done");
        shop.assert_books_agree().await;
    }
}

#[tokio::test]
async fn a_look_that_shows_the_same_still_shows_what_the_settings_have_changed() {
    let mut shop = shop().await;
    shop.order("A1", Kind::Card, 1000).await;
    shop.settle().await;
    let capture_by = "SELECT capture_by || ' ' || last_checked_at FROM order_status";
    assert_eq!(shop.sql.value::<String>(capture_by, ()), "2026-08-24 12:00:00 2026-08-03 12:00:00");
    // The first thing under the new settings is a look.
    shop.sleep_until(shop.now() + days(2));
    shop.restart_with(|settings| settings.policy.deadline_days = 14).await;
    shop.settle().await;
    assert_eq!(shop.sql.value::<String>(capture_by, ()), "2026-08-17 12:00:00 2026-08-05 12:00:00");
}

#[tokio::test]
async fn a_pass_without_a_look_keeps_what_the_last_one_and_its_failure_have_left() {
    let mut shop = shop().await;
    shop.order("A1", Kind::Card, 1000).await;
    shop.settle().await;
    shop.sleep_until(shop.now() + days(1));
    shop.strike_looks(OnCall::CardDetail, FaultKind::Status { code: 500 }, 1);
    shop.settle().await;
    let left = "SELECT last_error, look_failures, retry_at, observation, last_checked_at, next_at FROM order_state";
    type Left = (String, i64, i64, String, i64, i64);
    let before: Left = shop.sql.row(left, (), |row| row.all());
    assert_eq!((before.0.as_str(), before.1), ("no usable answer: http 500", 1));
    shop.sql.does("UPDATE order_state SET next_at = 0");
    shop.settle().await;
    let after: Left = shop.sql.row(left, (), |row| row.all());
    assert_eq!(after, before);
}

#[tokio::test]
async fn the_nights_chore_closes_what_was_acknowledged_a_month_ago_and_forgets_minutes_and_statistics() {
    let mut shop = shop().await;
    shop.order("A1", Kind::Card, 1000).await;
    shop.order("A2", Kind::Card, 1000).await;
    shop.settle().await;
    shop.by_hand("A1", Action::N, 1000).expect("by hand");
    shop.refund("A1", None, "k").await;
    shop.run_for(days(22)).await;
    let slots = "SELECT count(*) FROM capture_slots";
    assert_ne!(shop.sql.value::<i64>(slots, ()), 0);
    let told = "SELECT id FROM alerts WHERE kind = 'external_change' AND closed_at IS NULL";
    let alert_id: i64 = shop.sql.value(told, ());
    shop.sql.does("ANALYZE"); // As some shop's library does.
    let acked_at = shop.now();
    shop.ledger().write(Ack { alert_id, by: "accountant".to_owned(), now: acked_at }).await.expect("the ledger holds");
    for (later, open) in [(days(30), true), (days(30) + minutes(1), false)] {
        shop.ledger().write(Housekeeping { now: acked_at + later }).await.expect("the ledger holds");
        assert_eq!(shop.alert("external_change").await.is_some(), open, "{later} later");
    }
    let statistics = "SELECT count(*) FROM sqlite_master WHERE name LIKE 'sqlite_stat%'";
    for left in [slots, statistics] {
        assert_eq!(shop.sql.value::<i64>(left, ()), 0, "{left}");
    }
    shop.assert_books_agree().await;
}
