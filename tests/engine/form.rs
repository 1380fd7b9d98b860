//! Orders of 全方位金流 (AIO), acted on by form: what holds for the JSON products holds for them, and what their
//! requests lack is made up for by waiting, or by a person.

use chrono::{Duration, NaiveTime};
use ecpayd::domain::action::Action;
use ecpayd::ledger::Resolve;
use ecpayd::rehearsal::Merchant;
use ecpayd::simulator::bank::{Kind, Paid};
use ecpayd::simulator::{FaultKind, OnCall};

use crate::harness::{MERCHANT, Shop, at, days, minutes, shop};
use crate::invariant_1_once::FAULTS;

/// By which a shop is looked after.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Api {
    Json,
    Form,
}

impl Api {
    async fn open(self) -> Shop {
        match self {
            Self::Json => shop().await,
            Self::Form => form_shop().await,
        }
    }

    /// How long an unanswered call is waited for, and what is still waited with it.
    fn waits(self) -> std::ops::Range<i64> {
        match self {
            Self::Json => 15..20,
            Self::Form => 30..35,
        }
    }
}

async fn form_shop() -> Shop {
    Shop::open(at("2026-08-03 12:00:00"), |setup| setup.merchants = vec![Merchant::stage().with_vouchers().of_aio()])
        .await
}

impl Shop {
    /// Minutes between the first two calls for an order.
    async fn apart(&mut self, no: &str) -> i64 {
        let select = "SELECT a.started_at FROM attempts a JOIN orders o ON o.id = a.order_id
                       WHERE o.merchant_trade_no = ?1 ORDER BY a.id";
        let at: Vec<i64> = self.sql.values(select, [no]);
        (at[1] - at[0]) / 60_000
    }

    async fn resolve(&mut self, applied: bool) {
        let attempt_id = self.in_review().await.expect("an attempt in review");
        let resolve = Resolve { attempt_id, applied, by: "Mei".to_owned(), now: self.now() };
        self.ledger().write(resolve).await.expect("an attempt in review");
    }

    async fn why_review(&mut self) -> String {
        self.sql.ask("SELECT text FROM attempts WHERE state = 'review'")
    }
}

#[tokio::test]
async fn captures_and_refunds_of_every_state_are_the_same_in_both_dialects() {
    for api in [Api::Json, Api::Form] {
        let mut shop = api.open().await;
        shop.order_captured("AFTER", 1000).await;
        shop.order_captured("WHOLE", 1000).await;
        shop.order_to_be_captured("BEFORE", Kind::Card, 1000).await;
        shop.order_to_be_captured("CALLBACK", Kind::Card, 1000).await;
        for no in ["VOID", "CAPTURE"] {
            shop.order(no, Kind::Card, 1000).await;
        }
        shop.settle().await;
        shop.refund("AFTER", Some(300), "after").await;
        shop.refund("WHOLE", None, "whole").await;
        shop.refund("BEFORE", Some(300), "before").await;
        shop.refund("CALLBACK", None, "e").await;
        shop.refund("VOID", None, "n").await;
        shop.set_capture("CAPTURE", "now").await;
        shop.run_for(minutes(10)).await;
        for (key, amount, method) in
            [("after", 300, "R"), ("whole", 1000, "R"), ("before", 300, "R"), ("e", 1000, "E+N"), ("n", 1000, "N")]
        {
            shop.assert_done(key, amount, method).await;
        }
        for (no, letters) in
            [("AFTER", "R"), ("WHOLE", "R"), ("BEFORE", "R"), ("CALLBACK", "EN"), ("VOID", "N"), ("CAPTURE", "C")]
        {
            assert_eq!(shop.letters(no), letters, "{api:?} {no}");
        }
        assert_eq!((shop.truth("AFTER").refunded, shop.truth("CAPTURE").captured), (300, 1000));
        let stamped = shop.sent("AFTER")[0].stamp_s != 0;
        assert_eq!(stamped, api == Api::Json, "{api:?}: the call is of its own dialect");
        let by_form: i64 = shop.sql.value("SELECT count(*) FROM form_calls", ());
        let calls: i64 = shop.sql.value("SELECT count(*) FROM attempts", ());
        assert_eq!(by_form, if api == Api::Form { calls } else { 0 });
        shop.assert_books_agree().await;
    }
}

#[tokio::test]
async fn every_fault_on_calls_that_the_state_guards_moves_the_money_exactly_once_in_both_dialects() {
    for api in [Api::Json, Api::Form] {
        // An answer to a form is sealed with no key.
        for (kind, takes_effect) in FAULTS.into_iter().filter(|(kind, _)| *kind != FaultKind::WrongKey) {
            let mut shop = api.open().await;
            shop.order_captured("MOST", 1000).await;
            shop.order_to_be_captured("CALLBACK", Kind::Card, 1000).await;
            for no in ["VOID", "CAPTURE"] {
                shop.order(no, Kind::Card, 1000).await;
            }
            shop.settle().await;
            for action in Action::ALL {
                shop.strike(action, kind, 1);
            }
            shop.refund("CALLBACK", None, "e").await;
            shop.run_for(minutes(120)).await;
            shop.refund("VOID", None, "n").await;
            shop.set_capture("CAPTURE", "now").await;
            // A second one of these would be more than is left.
            shop.refund("MOST", Some(600), "r").await;
            shop.run_for(minutes(240)).await;
            for (key, amount, method) in [("e", 1000, "E+N"), ("n", 1000, "N"), ("r", 600, "R")] {
                shop.assert_done(key, amount, method).await;
            }
            assert!(shop.truth("CALLBACK").void && shop.truth("VOID").void, "{api:?} {kind:?}");
            assert_eq!((shop.truth("CAPTURE").captured, shop.truth("MOST").refunded), (1000, 600), "{api:?} {kind:?}");
            if kind != FaultKind::Forbidden {
                let again = if takes_effect { ["EN", "C", "R"] } else { ["EENN", "CC", "RR"] };
                assert_eq!(["CALLBACK", "CAPTURE", "MOST"].map(|no| shop.letters(no)), again, "{api:?} {kind:?}");
            }
            if !takes_effect && kind != FaultKind::Forbidden {
                assert!(api.waits().contains(&shop.apart("MOST").await), "{api:?} {kind:?}");
                assert!(api.waits().contains(&shop.apart("CAPTURE").await), "{api:?} {kind:?}");
            }
            shop.assert_books_agree().await;
        }
    }
}

#[tokio::test]
async fn a_part_that_no_look_shows_goes_to_a_person_after_the_quiet_time_and_is_never_sent_again_by_itself() {
    for (applied, letters) in [(true, "R"), (false, "RR")] {
        let mut shop = form_shop().await;
        shop.order_captured("A1", 1000).await;
        shop.refund("A1", Some(300), "k").await;
        shop.strike(Action::R, FaultKind::LostBefore, 1);
        shop.run_for(minutes(29)).await;
        assert_eq!((shop.in_review().await, shop.letters("A1").as_str()), (None, "R"));
        shop.run_for(minutes(3)).await;
        assert_eq!(shop.refund_state("k").await, "review");
        assert_eq!(shop.alert("refund_review").await.expect("an alert").severity, "critical");
        let why = shop.why_review().await;
        assert!(why.contains("carries no time stamp"), "{why}");
        shop.run_for(days(3)).await;
        assert_eq!(shop.letters("A1"), "R", "nothing is sent while it is with a person");
        shop.resolve(applied).await;
        shop.run_for(minutes(30)).await;
        assert_eq!(shop.letters("A1"), letters);
        shop.assert_done("k", 300, "R").await;
    }
}

/// FundingReconDetail of the order's days, as ECPay gives it out at `now`.
async fn statement_read(shop: &mut Shop) {
    shop.restart_with(|settings| settings.fetch_statements = NaiveTime::from_hms_opt(14, 30, 0)).await;
    assert!(shop.engine().fetch_statement().await.expect("the ledger holds"));
}

#[tokio::test]
async fn a_statement_that_has_all_the_days_of_a_part_that_was_lost_settles_it_and_one_that_has_not_does_not() {
    // A Monday.
    let mut shop = form_shop().await;
    shop.order_captured("A1", 1000).await;
    shop.run_for(days(1)).await;
    shop.refund("A1", Some(300), "k").await;
    shop.strike(Action::R, FaultKind::LostBefore, 1);
    shop.run_until(shop.now() + minutes(60)).await;
    let asked_on = shop.now();
    assert_eq!(shop.refund_state("k").await, "review");
    for day in 1..=5 {
        shop.run_until(at(&format!("{} 14:30:00", (asked_on + days(day)).format("%Y-%m-%d")))).await;
        statement_read(&mut shop).await;
        shop.run_for(minutes(10)).await;
        let (state, letters) = (shop.refund_state("k").await, shop.letters("A1"));
        match (state.as_str(), letters.as_str()) {
            ("review", "R") => assert!(day < 5, "a statement of all its days has been read"),
            ("done", "RR") => {
                assert!(day > 2, "day {day}: not all the days in which it would be listed are read");
                assert_eq!(shop.truth("A1").refunded, 300);
                shop.assert_books_agree().await;
                return;
            }
            other => panic!("day {day}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn a_refund_that_a_statement_shows_and_no_look_does_is_left_to_a_person() {
    let mut shop = form_shop().await;
    shop.order_captured("A1", 1000).await;
    shop.refund("A1", Some(300), "k").await;
    shop.strike(Action::R, FaultKind::LostBefore, 1);
    shop.run_for(minutes(60)).await;
    // 200 by hand, which is not the refund: neither the looks nor the statement can tell what it is for.
    shop.by_hand("A1", Action::R, 200).expect("by hand");
    for day in 4..=9 {
        shop.run_until(at(&format!("2026-08-{day:02} 14:30:00"))).await;
        statement_read(&mut shop).await;
        shop.run_for(minutes(10)).await;
    }
    assert_eq!((shop.refund_state("k").await.as_str(), shop.letters("A1").as_str()), ("review", "R"));
}

#[tokio::test]
async fn a_part_whose_effect_comes_long_after_any_stamp_would_have_ended_it_is_paid_once() {
    // 20 minutes: a JSON request is refused by then, and has been sent again.
    for s in [60, 1200] {
        let mut shop = form_shop().await;
        shop.order_captured("A1", 1000).await;
        shop.refund("A1", Some(300), "k").await;
        shop.strike(Action::R, FaultKind::Delayed { s }, 1);
        shop.run_for(minutes(60)).await;
        shop.assert_done("k", 300, "R").await;
        assert_eq!((shop.letters("A1").as_str(), shop.truth("A1").refunded), ("R", 300));
        shop.assert_books_agree().await;
    }
    // Two hours: it is with a person by then, and the next day's look tells all the same.
    let mut shop = form_shop().await;
    shop.order_captured("A1", 1000).await;
    shop.refund("A1", Some(300), "k").await;
    shop.strike(Action::R, FaultKind::Delayed { s: 7200 }, 1);
    shop.run_for(minutes(100)).await;
    assert_eq!((shop.refund_state("k").await.as_str(), shop.truth("A1").refunded), ("review", 0));
    shop.run_for(minutes(25 * 60)).await;
    assert_eq!((shop.letters("A1").as_str(), shop.truth("A1").refunded), ("R", 300));
    shop.assert_done("k", 300, "R").await;
    assert_eq!(shop.letters("A1"), "R");
    for told in ["external_change", "refund_review"] {
        assert!(shop.alert(told).await.is_none(), "{told}: what was waited for came");
    }
}

#[tokio::test]
async fn the_rest_that_guards_itself_is_sent_again_and_a_late_first_one_is_refused() {
    let mut shop = form_shop().await;
    shop.order_captured("A1", 1000).await;
    shop.refund("A1", Some(600), "k").await;
    shop.strike(Action::R, FaultKind::Delayed { s: 7200 }, 1);
    shop.run_for(minutes(180)).await;
    shop.assert_done("k", 600, "R").await;
    assert_eq!((shop.letters("A1").as_str(), shop.truth("A1").refunded), ("RR", 600));
    shop.run_for(days(2)).await;
    assert_eq!(shop.truth("A1").refunded, 600, "the first was refused when it came");
    shop.assert_books_agree().await;
}

#[tokio::test]
async fn a_calling_back_waits_until_no_copy_of_an_unanswered_capture_can_close_the_order_again() {
    for copy_s in [300, 1500] {
        let mut shop = form_shop().await;
        shop.order("A1", Kind::Card, 1000).await;
        shop.settle().await;
        shop.strike(Action::C, FaultKind::CopyLater { s: copy_s }, 1);
        shop.set_capture("A1", "now").await;
        shop.run_for(minutes(1)).await;
        assert_eq!(shop.state("A1").await, "to_be_captured", "its effect is seen at once");
        shop.refund("A1", None, "k").await;
        shop.run_for(minutes(25)).await;
        assert_eq!(shop.letters("A1"), "C");
        assert_eq!(shop.sql.ask("SELECT rule FROM order_status"), "may-cross");
        shop.run_for(minutes(15)).await;
        shop.assert_done("k", 1000, "E+N").await;
        assert_eq!(shop.letters("A1"), "CEN");
        assert!(shop.truth("A1").void);
        shop.assert_books_agree().await;
    }
    // A JSON request carries a stamp, and nothing waits for it.
    let mut shop = shop().await;
    shop.order("A1", Kind::Card, 1000).await;
    shop.settle().await;
    shop.strike(Action::C, FaultKind::LostAfter, 1);
    shop.set_capture("A1", "now").await;
    shop.settle().await;
    shop.refund("A1", None, "k").await;
    shop.run_for(minutes(5)).await;
    shop.assert_done("k", 1000, "E+N").await;
}

#[tokio::test]
async fn a_call_that_was_sent_by_form_is_waited_for_as_one_also_after_the_settings_have_changed() {
    let mut shop = form_shop().await;
    shop.order_captured("A1", 1000).await;
    shop.refund("A1", Some(300), "k").await;
    shop.strike(Action::R, FaultKind::Delayed { s: 1200 }, 1);
    shop.settle().await;
    shop.terms(|terms| terms.aio_on_json = true);
    shop.restart_with(|settings| settings.merchants[0].form = None).await;
    shop.run_for(minutes(60)).await;
    shop.assert_done("k", 300, "R").await;
    assert_eq!((shop.letters("A1").as_str(), shop.truth("A1").refunded), ("R", 300));
    shop.refund("A1", Some(100), "k2").await;
    shop.run_for(minutes(5)).await;
    assert_ne!(shop.sent("A1")[1].stamp_s, 0, "the next one goes by JSON");
    shop.assert_books_agree().await;
}

#[tokio::test]
async fn an_order_that_may_be_one_of_installments_is_refunded_whole_or_not_at_all() {
    for (kind, told) in [(Kind::Card, false), (Kind::Installments(3), false), (Kind::Installments(3), true)] {
        let mut shop = form_shop().await;
        shop.terms(|terms| terms.card_info = told);
        shop.order_captured("PART", 900).await;
        shop.sold(MERCHANT, "WHOLE", kind, 900, shop.now(), Paid::Yes);
        shop.register(MERCHANT, "WHOLE", "now").await;
        shop.run_for(days(1)).await;
        shop.refund("WHOLE", Some(300), "part").await;
        shop.run_for(minutes(5)).await;
        let row = shop.refund_row("part").await;
        assert_eq!((row.state.as_str(), shop.letters("WHOLE").as_str()), ("rejected", "C"), "{kind:?} {told}");
        let why = if told { "an installment order" } else { "set orders.installments = 0" };
        assert!(row.detail.contains(why), "{}", row.detail);
        shop.refund("WHOLE", None, "whole").await;
        shop.refund("PART", Some(300), "other").await;
        shop.run_for(minutes(5)).await;
        shop.assert_done("whole", 900, "R").await;
        assert_eq!(shop.refund_state("other").await, if told { "done" } else { "rejected" });
    }
}

#[tokio::test]
async fn a_shop_that_knows_that_an_order_was_paid_at_once_has_parts_of_it_refunded() {
    for (word, state) in [("0", "done"), ("3", "rejected"), ("NULL", "rejected")] {
        let mut shop = form_shop().await;
        shop.terms(|terms| terms.card_info = false);
        shop.order_captured("A1", 900).await;
        shop.sql.write(&format!("UPDATE orders SET installments = {word}"), ()).expect("taken");
        shop.refund("A1", Some(300), "part").await;
        shop.run_for(minutes(5)).await;
        assert_eq!(shop.refund_state("part").await, state, "{word}");
        assert_eq!(shop.truth("A1").refunded, if state == "done" { 300 } else { 0 }, "{word}");
    }
}

/// Since 20:15 the order is To be captured, R of the whole is refused there, and E comes too early before 06:00.
#[tokio::test]
async fn the_whole_of_what_ecpay_closed_itself_waits_until_six_and_goes_back_as_it_stands_then() {
    for api in [Api::Json, Api::Form] {
        for (claims, method, letters) in [(false, "E+N", "EN"), (true, "R", "R")] {
            let stage = Merchant::stage();
            let merchant = if api == Api::Form { stage.of_aio() } else { stage };
            let mut shop = Shop::open(at("2026-08-03 19:00:00"), |setup| {
                setup.merchants = vec![merchant];
                setup.merchants[0].at_bank.daily_auto_close = true;
            })
            .await;
            shop.terms(|terms| terms.claims = claims);
            shop.order("A1", Kind::Card, 1000).await;
            shop.run_until(at("2026-08-03 21:00:00")).await;
            shop.refund("A1", None, "k").await;
            shop.run_until(at("2026-08-03 21:05:00")).await;
            assert_eq!(shop.state("A1").await, "to_be_captured", "{api:?}: ECPay has closed it");
            let waiting = shop.refund_row("k").await;
            let rule = shop.sql.ask("SELECT rule FROM refund_status");
            assert_eq!((waiting.state.as_str(), rule.as_str()), ("waiting", "night-of-the-closing"), "{api:?}");
            assert!(waiting.detail.contains("2026-08-04 06:00:00"), "{}", waiting.detail);
            shop.run_until(at("2026-08-04 05:59:59")).await;
            assert_eq!(shop.letters("A1"), "", "{api:?}");
            shop.run_until(at("2026-08-04 06:10:00")).await;
            shop.assert_done("k", 1000, method).await;
            assert_eq!(shop.letters("A1"), letters, "{api:?}");
            assert!(
                shop.attempts("A1").await.iter().all(|a| a.started_at >= at("2026-08-04 06:00:00").timestamp_millis())
            );
            let truth = shop.truth("A1");
            assert_eq!((truth.void, truth.refunded), (!claims, if claims { 1000 } else { 0 }), "{api:?}");
            assert_eq!(shop.sent("A1")[0].stamp_s == 0, api == Api::Form, "the call is of its own dialect");
            shop.assert_books_agree().await;
        }
    }
}

#[tokio::test]
async fn an_order_query_that_is_not_signed_with_our_keys_is_not_believed() {
    for kind in [FaultKind::WrongChecksum, FaultKind::WrongKey, FaultKind::WrongOrderNumber] {
        let mut shop = form_shop().await;
        shop.strike_looks(OnCall::QueryOrder, kind, 2);
        shop.order("A1", Kind::Card, 1000).await;
        shop.set_capture("A1", "now").await;
        shop.settle().await;
        assert_eq!((shop.state("A1").await.as_str(), shop.letters("A1").as_str()), ("registered", ""), "{kind:?}");
        shop.run_for(Duration::minutes(30)).await;
        assert_eq!(shop.letters("A1"), "C", "{kind:?}");
        shop.assert_books_agree().await;
    }
}

#[tokio::test]
async fn the_card_detail_by_form_is_asked_where_the_json_one_does_not_know_the_order() {
    let mut shop = form_shop().await;
    shop.restart_with(|settings| {
        settings.merchants[0].form.as_mut().expect("by form").credit_check_code = Some("66315911".into());
    })
    .await;
    shop.order("A1", Kind::Card, 1000).await;
    // The JSON detail alone: the one by form is asked next.
    shop.strike_looks(OnCall::CardDetail, FaultKind::NotFound, 1);
    shop.settle().await;
    assert_eq!(shop.state("A1").await, "authorized");
    shop.set_capture("A1", "now").await;
    shop.run_for(minutes(5)).await;
    assert_eq!(shop.truth("A1").captured, 1000);
    shop.assert_books_agree().await;
}

#[tokio::test]
async fn an_order_that_the_json_card_detail_never_knows_names_the_setting_that_helps() {
    let mut shop = form_shop().await;
    shop.order("A1", Kind::Card, 1000).await;
    shop.strike_looks(OnCall::CardDetail, FaultKind::NotFound, 200);
    shop.run_for(days(2)).await;
    let told: Vec<_> = shop.alerts().await.into_iter().map(|alert| alert.message).collect();
    assert!(told.iter().any(|told| told.contains("is asked only where credit_check_code is set")), "{told:?}");
}
