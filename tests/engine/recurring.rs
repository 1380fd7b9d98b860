//! 定期定額: an order that is charged again and again, each time by an authorization of its own.

use ecpayd::domain::ids::MerchantId;
use ecpayd::rehearsal::Merchant;
use ecpayd::simulator::bank::{Kind, Paid, Truth};
use ecpayd::simulator::{FaultKind, OnCall};

use crate::harness::{MERCHANT, Shop, at, days, minutes, number, shop};

/// A shop of 全方位金流, whose order query tells of recurring orders or leaves it out.
async fn of_aio(told: bool) -> Shop {
    let start = at("2026-08-03 12:00:00");
    let shop = Shop::open(start, |setup| setup.merchants = vec![Merchant::stage().of_aio()]).await;
    shop.terms(|terms| terms.card_info = told);
    shop
}

impl Shop {
    async fn subscribed(&mut self, no: &str, capture: &str) {
        self.sold(MERCHANT, no, Kind::Recurring, 500, self.now(), Paid::Yes);
        self.register(MERCHANT, no, capture).await;
    }

    fn charge_again(&self, no: &str) -> Truth {
        let id = MerchantId::parse(MERCHANT).expect("an id");
        self.sim.with_bank(|bank, now| bank.pay(&id, &number(no), now)).expect("the next period")
    }

    fn followed(&self, no: &str) -> i64 {
        self.sql.value("SELECT count(*) FROM orders WHERE merchant_trade_no = ?1", [no])
    }

    fn captured(&self, no: &str) -> Vec<i64> {
        self.truth(no).authorizations.iter().map(|a| a.captured).collect()
    }
}

#[tokio::test]
async fn each_later_charge_of_an_aio_order_is_followed_and_captured_by_itself_for_as_long_as_they_come() {
    for told in [true, false] {
        let mut shop = of_aio(told).await;
        shop.subscribed("SUB", "now").await;
        shop.order_captured("ONCE", 500).await;
        shop.run_for(days(1)).await;
        assert_eq!((shop.followed("SUB"), shop.captured("SUB")), (1, vec![500]), "{told}");
        for month in 1..=3 {
            shop.run_for(days(30)).await;
            shop.charge_again("SUB");
            shop.run_for(days(22)).await;
            assert_eq!(shop.followed("SUB"), month + 1, "{told}");
            assert!(shop.captured("SUB").iter().all(|captured| *captured == 500), "{told} {month}");
        }
        assert!(shop.alert("unregistered").await.is_none(), "{told}: each is registered");
        let last = shop.truth("SUB").authorizations[3].trade_no.clone();
        shop.refund_authorization("SUB", Some(&last), Some(200), "k").await.expect("a refund");
        shop.run_for(minutes(5)).await;
        shop.assert_done("k", 200, "R").await;
        let refunded: Vec<_> = shop.truth("SUB").authorizations.iter().map(|a| a.refunded).collect();
        assert_eq!((refunded, shop.followed("ONCE")), (vec![0, 0, 0, 200], 1), "{told}");
        shop.assert_books_agree().await;
    }
}

#[tokio::test]
async fn a_subscription_that_is_taken_over_late_has_all_its_charges_followed_at_once() {
    let mut shop = of_aio(false).await;
    shop.sold(MERCHANT, "SUB", Kind::Recurring, 500, shop.now(), Paid::Yes);
    shop.sleep_until(shop.now() + days(30));
    let second = shop.charge_again("SUB").authorizations[1].trade_no.clone();
    shop.try_register(MERCHANT, "SUB", Some(&second), None, "auto").await.expect("one that the shop follows");
    shop.sleep_until(shop.now() + days(10));
    shop.charge_again("SUB");
    shop.register(MERCHANT, "SUB", "hold").await;
    shop.run_for(minutes(5)).await;
    let modes = "SELECT group_concat(capture) FROM (SELECT capture FROM orders ORDER BY ifnull(trade_no, ''))";
    assert_eq!((shop.followed("SUB"), shop.sql.ask(modes)), (3, "hold,auto,hold".to_owned()));
    assert!(shop.alert("unregistered").await.is_none());
    shop.assert_books_agree().await;
}

#[tokio::test]
async fn a_refund_that_waits_hides_no_later_charge() {
    for by_form in [true, false] {
        let mut shop = if by_form { of_aio(true).await } else { shop().await };
        shop.subscribed("SUB", "hold").await;
        shop.run_for(minutes(5)).await;
        shop.refund("SUB", Some(200), "k").await;
        shop.run_for(days(30)).await;
        shop.charge_again("SUB");
        shop.run_for(days(8)).await;
        let waits: i64 = shop.sql.value("SELECT count(*) FROM refunds WHERE state = 'waiting'", ());
        let alert = shop.alert("unregistered").await;
        assert_eq!((waits, shop.followed("SUB")), (1, if by_form { 2 } else { 1 }), "{by_form}");
        assert_eq!(alert.is_some(), !by_form, "{by_form}");
    }
}

#[tokio::test]
async fn a_refund_does_not_wait_for_a_query_of_the_charges_that_fails() {
    for by_form in [true, false] {
        let mut shop = if by_form { of_aio(true).await } else { shop().await };
        shop.subscribed("SUB", "now").await;
        shop.run_for(days(2)).await;
        for call in [OnCall::QueryOrder, OnCall::QueryCreditCardPeriodInfo] {
            shop.strike_looks(call, FaultKind::LostAfter, 50);
        }
        shop.refund("SUB", Some(200), "k").await;
        shop.run_for(minutes(10)).await;
        shop.assert_done("k", 200, "R").await;
    }
}

#[tokio::test]
async fn a_query_of_the_periods_that_fails_holds_no_capture_up() {
    for kind in [FaultKind::LostBefore, FaultKind::LostAfter, FaultKind::WrongOrderNumber] {
        let mut shop = of_aio(false).await;
        shop.strike_looks(OnCall::QueryCreditCardPeriodInfo, kind, 50);
        shop.subscribed("SUB", "now").await;
        shop.run_for(minutes(10)).await;
        assert_eq!(shop.captured("SUB"), [500], "{kind:?}");
    }
}

#[tokio::test]
async fn an_order_whose_periods_were_not_told_at_first_is_asked_about_them_until_they_are() {
    let mut shop = of_aio(false).await;
    shop.strike_looks(OnCall::QueryCreditCardPeriodInfo, FaultKind::LostBefore, 1);
    shop.subscribed("SUB", "hold").await;
    shop.run_for(minutes(5)).await;
    shop.charge_again("SUB");
    shop.run_for(days(8)).await;
    assert_eq!(shop.followed("SUB"), 2);
    shop.assert_books_agree().await;
}

#[tokio::test]
async fn an_order_that_is_paid_once_is_asked_about_its_periods_once() {
    let mut shop = of_aio(false).await;
    shop.sold(MERCHANT, "ONCE", Kind::Card, 500, shop.now(), Paid::Yes);
    shop.register(MERCHANT, "ONCE", "hold").await;
    shop.run_for(days(30)).await;
    shop.engine().shared().tally.traffic.keep(shop.ledger()).await.expect("the ledger");
    let asked = "SELECT coalesce(sum(calls), 0) FROM traffic WHERE call = 'period_query'";
    let looked = "SELECT coalesce(sum(calls), 0) FROM traffic WHERE call = 'card_detail'";
    let (asked, looked): (i64, i64) = (shop.sql.value(asked, ()), shop.sql.value(looked, ()));
    assert!(asked == 1 && looked > 3, "{asked} of {looked}");
}

#[tokio::test]
async fn a_charge_of_the_json_products_that_nobody_registered_is_told_of_also_months_later() {
    let mut shop = shop().await;
    shop.subscribed("SUB", "now").await;
    shop.run_for(days(40)).await;
    assert_eq!(shop.captured("SUB"), [500]);
    assert!(shop.alert("unregistered").await.is_none());
    shop.charge_again("SUB");
    shop.run_for(days(5)).await;
    let alert = shop.alert("unregistered").await.expect("an alert");
    assert!(alert.message.contains("charged 2 times"), "{}", alert.message);
    assert_eq!(shop.followed("SUB"), 1, "its number is not told");
}

#[tokio::test]
async fn a_subscription_is_looked_for_until_its_last_charge_and_no_longer() {
    let mut shop = of_aio(true).await;
    shop.subscribed("SUB", "now").await;
    for _ in 1..12 {
        shop.run_for(days(20)).await;
        shop.charge_again("SUB");
    }
    shop.run_for(days(40)).await;
    assert_eq!((shop.followed("SUB"), shop.captured("SUB").len()), (12, 12));
    let waiting: i64 = shop.sql.value("SELECT count(*) FROM order_state WHERE next_at IS NOT NULL", ());
    assert_eq!(waiting, 0, "nothing is left to look for");
}
