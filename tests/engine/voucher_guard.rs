//! The guard, over real HTTP: what was redeemed in vouchers is never refunded to the card.

use ecpayd::domain::action::Action;
use ecpayd::domain::ids::MerchantId;
use ecpayd::simulator::bank::{Issuing, Kind, Pick};
use ecpayd::simulator::{FaultKind, OnCall};

use crate::harness::{MERCHANT, days, minutes, shop};
use crate::voucher_shop::{tickets, voucher};

#[tokio::test]
async fn a_full_refund_of_a_partly_redeemed_order_is_rejected_with_what_may_be_refunded() {
    let mut shop = shop().await;
    shop.card_order_of_vouchers("V1", vec![tickets(4, 300)]).await;
    shop.redeem("V1", 1);
    shop.refund("V1", None, "all").await;
    shop.run_for(minutes(1)).await;
    let all = shop.refund_row("all").await;
    assert_eq!(all.state, "rejected");
    let said = "NT$300 of NT$1200 were redeemed in vouchers: at most NT$900 may be refunded, not NT$1200";
    assert_eq!(all.detail, said);
    shop.refund("V1", Some(901), "too much").await;
    shop.run_for(minutes(5)).await;
    shop.refund("V1", Some(500), "part").await;
    shop.refund("V1", Some(400), "rest").await;
    shop.refund("V1", Some(1), "one more").await;
    shop.run_for(minutes(5)).await;
    let states = [shop.refund_state("too much").await, shop.refund_state("one more").await];
    assert_eq!(states, ["rejected", "rejected"]);
    shop.assert_done("part", 500, "R").await;
    shop.assert_done("rest", 400, "R").await;
    assert_eq!(shop.letters("V1"), "RR");
    shop.assert_books_agree().await;
}

#[tokio::test]
async fn what_is_redeemed_a_moment_before_the_refund_is_seen() {
    let mut shop = shop().await;
    shop.card_order_of_vouchers("V1", vec![tickets(2, 500)]).await;
    // The last look at the vouchers is seconds old, and older than this.
    shop.redeem("V1", 1);
    shop.refund("V1", None, "k").await;
    shop.settle().await;
    assert_eq!((shop.refund_state("k").await.as_str(), shop.letters("V1").as_str()), ("rejected", ""));
    assert_eq!(shop.voucher_row("V1").await.redeemed_amount, Some(500));
}

#[tokio::test]
async fn unredeemed_vouchers_let_every_way_of_refunding_pass() {
    let mut shop = shop().await;
    shop.fresh_order_of_vouchers("N1", vec![tickets(2, 500)]).await;
    shop.card_order_of_vouchers("R1", vec![tickets(2, 500)]).await;
    shop.fresh_order_of_vouchers("E1", vec![tickets(2, 500)]).await;
    shop.set_capture("E1", "now").await;
    shop.settle().await;
    for no in ["N1", "E1", "R1"] {
        shop.refund(no, None, no).await;
    }
    shop.run_for(minutes(5)).await;
    shop.assert_done("N1", 1000, "N").await;
    shop.assert_done("E1", 1000, "E+N").await;
    shop.assert_done("R1", 1000, "R").await;
    shop.assert_books_agree().await;
}

#[tokio::test]
async fn what_is_redeemed_between_calling_the_capture_back_and_abandoning_stops_the_refund() {
    let mut shop = shop().await;
    shop.fresh_order_of_vouchers("V1", vec![tickets(2, 500)]).await;
    shop.set_capture("V1", "now").await;
    shop.settle().await;
    shop.refund("V1", None, "k").await;
    let (sim, number, now) = (shop.sim.clone(), voucher("V1", Vec::new()).number, shop.now());
    shop.wire.once_answered(Action::E, move || {
        let id = MerchantId::parse(MERCHANT).expect("an id");
        sim.with_bank(|bank, _| bank.redeem(&id, &number, &Pick::Unused(1), now)).expect("a ticket is unused");
    });
    shop.run_for(minutes(30)).await;
    assert_eq!(shop.letters("V1"), "CEC", "nothing is abandoned, and what was called back is captured again");
    let row = shop.refund_row("k").await;
    assert!(row.state == "rejected" && row.detail.contains("at most NT$500"), "{row:?}");
    assert!(row.detail.contains("is made again by the order's own rule"), "{row:?}");
}

#[tokio::test]
async fn while_the_voucher_service_does_not_answer_the_refund_waits_and_then_goes_on() {
    let mut shop = shop().await;
    shop.card_order_of_vouchers("V1", vec![tickets(2, 500)]).await;
    shop.strike_vouchers(OnCall::QueryOrderInfo, FaultKind::Status { code: 500 }, 4);
    shop.refund("V1", Some(500), "k").await;
    shop.settle().await;
    let row = shop.refund_row("k").await;
    assert!(row.state == "waiting" && row.detail.contains("http 500"), "{row:?}");
    assert_eq!(shop.letters("V1"), "");
    shop.run_for(minutes(20)).await;
    shop.assert_done("k", 500, "R").await;
    assert_eq!(shop.alerts().await, []);
}

#[tokio::test]
async fn refunds_leave_a_voucher_service_alone_that_does_not_answer() {
    let mut shop = shop().await;
    for no in ["V1", "V2", "V3", "V4"] {
        shop.card_order_of_vouchers(no, vec![tickets(2, 500)]).await;
    }
    shop.strike_vouchers(OnCall::QueryOrderInfo, FaultKind::Status { code: 500 }, 1_000_000);
    for no in ["V1", "V2", "V3"] {
        shop.refund(no, None, no).await;
    }
    shop.settle().await;
    let before = shop.wire.posts();
    shop.refund("V4", None, "V4").await;
    shop.settle().await;
    assert_eq!(shop.wire.posts(), before + 1, "the card alone is looked at, and no place in the lane is held");
    let row = shop.refund_row("V4").await;
    assert!(row.state == "waiting" && row.detail.contains("vouchers"), "{row:?}");
}

#[tokio::test]
async fn vouchers_that_are_registered_while_a_refund_is_under_way_make_its_plan_void() {
    let mut shop = shop().await;
    shop.order_captured("V1", 1000).await;
    let revision = "SELECT revision FROM order_state WHERE merchant_trade_no = 'V1'";
    shop.refund("V1", None, "k").await;
    let before: i64 = shop.sql.value(revision, ());
    shop.vouchers(voucher("V1", vec![tickets(2, 500)])).await;
    let after: i64 = shop.sql.value(revision, ());
    assert_eq!(after, before + 1);
    shop.redeem("V1", 1);
    shop.settle().await;
    assert_eq!((shop.refund_state("k").await.as_str(), shop.letters("V1").as_str()), ("rejected", ""));
}

/// A whole refund wins over the capture; while its vouchers hold it up, the capture's time may come.
#[tokio::test]
async fn a_whole_refund_that_its_vouchers_hold_up_past_the_captures_time_is_told() {
    let mut shop = shop().await;
    shop.fresh_order_of_vouchers("V1", vec![tickets(2, 500)]).await;
    shop.strike_vouchers(OnCall::QueryOrderInfo, FaultKind::Status { code: 500 }, 1_000_000);
    shop.refund("V1", None, "k").await;
    shop.run_for(days(19)).await;
    assert!(shop.alert("capture_failing").await.is_none());
    shop.run_for(days(2)).await;
    let told = shop.alert("capture_failing").await.expect("an alert");
    assert!(told.severity == "critical" && told.message.contains("a full refund that waits comes first"), "{told:?}");
    assert_eq!(shop.letters("V1"), "");
}

#[tokio::test]
async fn a_capture_never_waits_for_the_voucher_service() {
    let mut shop = shop().await;
    shop.fresh_order_of_vouchers("V1", vec![tickets(2, 500)]).await;
    shop.strike_vouchers(OnCall::QueryOrderInfo, FaultKind::Status { code: 500 }, 1_000_000);
    shop.refund("V1", Some(500), "part").await;
    shop.run_for(days(22)).await;
    assert_eq!(shop.state("V1").await, "captured");
    assert_eq!(shop.refund_state("part").await, "waiting");
}

#[tokio::test]
async fn a_refund_waits_while_its_tickets_are_being_issued_and_after_a_day_for_a_person() {
    let mut shop = shop().await;
    for no in ["V1", "V2"] {
        shop.order(no, Kind::Card, 1000).await;
        let mut new = voucher(no, vec![tickets(2, 500)]);
        new.issuing = Issuing::UntilTold;
        shop.vouchers(new).await;
        shop.refund(no, None, no).await;
    }
    shop.run_for(minutes(25)).await;
    let row = shop.refund_row("V1").await;
    assert!(row.state == "waiting" && row.detail.contains("being issued"), "{row:?}");
    shop.issue("V1", Some("庫存不足"));
    shop.run_for(minutes(11)).await;
    shop.assert_done("V1", 1000, "N").await;

    shop.run_for(days(1)).await;
    assert_eq!(shop.refund_state("V2").await, "review");
    assert!(shop.alert("refund_review").await.is_some_and(|a| a.message.contains("still being issued")));
    shop.issue("V2", None);
    shop.run_for(days(1)).await;
    shop.assert_done("V2", 1000, "N").await;
}

#[tokio::test]
async fn vouchers_that_do_not_go_with_the_payment_put_the_refund_before_a_person_until_the_guard_is_taken_back() {
    let mut shop = shop().await;
    shop.order_captured("V1", 1200).await;
    shop.vouchers(voucher("V1", vec![tickets(2, 500)])).await;
    shop.refund("V1", Some(200), "k").await;
    shop.run_for(minutes(5)).await;
    let row = shop.refund_row("k").await;
    assert!(row.state == "review" && row.detail.contains("sold for NT$1000, the card paid NT$1200"), "{row:?}");
    assert!(shop.alert("voucher_mismatch").await.is_some() && shop.alert("refund_review").await.is_some());
    shop.sql.does("UPDATE voucher_orders SET guard = 0"); // The shop may.
    shop.run_for(minutes(5)).await;
    shop.assert_done("k", 200, "R").await;
    assert_eq!(shop.alerts().await, []);
    assert_eq!(shop.events("voucher_guard_changed").await.len(), 1);
}

#[tokio::test]
async fn vouchers_that_name_another_authorization_hold_the_refund_for_a_person_or_guard_0() {
    let mut shop = shop().await;
    shop.order_captured("V1", 1000).await;
    let mut new = voucher("V1", vec![tickets(2, 500)]);
    new.credit_trade_id = Some(99_999_999);
    shop.vouchers(new).await;
    shop.redeem("V1", 2);
    shop.refund("V1", None, "k").await;
    shop.run_for(minutes(5)).await;
    let refund = shop.refund_row("k").await;
    assert_eq!((refund.state.as_str(), shop.letters("V1").as_str()), ("review", ""), "{}", refund.detail);
    shop.sql.unguard(MERCHANT, "V1"); // A person's word.
    shop.run_for(minutes(5)).await;
    shop.assert_done("k", 1000, "R").await;
}

#[tokio::test]
async fn the_guard_can_be_switched_off_in_the_settings() {
    let mut shop = shop().await;
    shop.card_order_of_vouchers("V1", vec![tickets(2, 500)]).await;
    shop.redeem("V1", 2);
    shop.restart_with(|settings| settings.policy.voucher_guard = false).await;
    shop.refund("V1", None, "k").await;
    shop.run_for(minutes(5)).await;
    shop.assert_done("k", 1000, "R").await;
}

#[tokio::test]
async fn a_service_that_was_taken_out_of_the_settings_holds_the_refund_back_with_the_fix() {
    let mut shop = shop().await;
    shop.card_order_of_vouchers("V1", vec![tickets(2, 500)]).await;
    let mut service = None;
    shop.restart_with(|settings| service = settings.merchants[0].voucher.take()).await;
    shop.refund("V1", None, "k").await;
    shop.run_for(minutes(5)).await;
    let row = shop.refund_row("k").await;
    assert!(row.state == "waiting" && row.detail.contains("add [merchant.voucher]"), "{row:?}");
    assert_eq!(shop.letters("V1"), "");
    let told = shop.voucher_row("V1").await.last_error;
    assert!(told.is_some_and(|e| e.contains("add [merchant.voucher]")));

    shop.restart_with(|settings| settings.merchants[0].voucher = service).await;
    assert_eq!(shop.voucher_row("V1").await.last_error, None, "said before the next look");
    shop.run_for(minutes(5)).await;
    shop.assert_done("k", 1000, "R").await;
    assert_eq!(shop.voucher_row("V1").await.last_error, None);
}
