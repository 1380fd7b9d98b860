//! Watching voucher orders: each state, each kind, over real HTTP.

use chrono::NaiveDate;
use ecpayd::domain::voucher::{IssueType, PrintedBy};
use ecpayd::simulator::bank::{Issuing, JsonText, Kind, Percent, VoucherDates};
use ecpayd::simulator::{FaultKind, OnCall};

use crate::harness::{MERCHANT, Shop, at, days, minutes, shop};
use crate::voucher_shop::{gifts, tickets, voucher};

#[tokio::test]
async fn a_voucher_order_is_followed_from_its_sale_to_the_banks_last_word() {
    let mut shop = shop().await;
    shop.terms(|terms| terms.voucher_confirm_h = Some(30));
    shop.vouchers(voucher("V1", vec![tickets(3, 1200)])).await;
    shop.settle().await;
    let row = shop.voucher_row("V1").await;
    assert_eq!((row.state.as_str(), row.trade_amount, row.unused_amount), ("issued", Some(3600), Some(3600)));
    assert!(row.voucher_trade_no.is_some_and(|no| no.starts_with("20260803")));
    assert_eq!(shop.ticket_states("V1").await, ["unused", "unused", "unused"]);

    shop.redeem("V1", 1);
    shop.run_for(days(1)).await;
    assert_eq!(shop.voucher_row("V1").await.redeemed_amount, Some(1200));
    shop.refund_tickets("V1", 1, 80);
    shop.run_for(days(1)).await;
    let row = shop.voucher_row("V1").await;
    assert_eq!((row.refunded_amount, row.refund_confirmed_amount), (Some(1200), Some(0)));
    assert_eq!(shop.ticket_states("V1").await, ["redeemed", "refunded", "unused"]);
    // The bank confirms 30 hours after the refund; the faster looks show it.
    shop.run_for(minutes(12 * 60)).await;
    assert_eq!(shop.voucher_row("V1").await.refund_confirmed_amount, Some(1200));
    assert_eq!(shop.alerts().await, []);

    let changes: Vec<String> =
        shop.events("voucher_ticket").await.iter().map(|e| format!("{} {}", e["was"], e["is"])).collect();
    assert_eq!(changes, ["\"unused\" \"redeemed\"", "\"unused\" \"refunded\""]);
    assert_eq!(shop.events("voucher_tickets_listed").await[0]["count"], 3);
    assert_eq!(shop.events("voucher_refunds_observed").await.last().expect("an event")["confirmed"], 1200);
    assert_eq!(
        shop.events("voucher_observed").await.len(),
        3,
        "an event for each change of a total, none for the rest"
    );
}

#[tokio::test]
async fn every_way_of_issuing_and_every_dialect_is_read_the_same() {
    for (issue_type, printed_by) in [
        (IssueType::ConvenienceStore, None),
        (IssueType::Paper, Some(PrintedBy::Ecpay)),
        (IssueType::Paper, Some(PrintedBy::Merchant)),
        (IssueType::Electronic, None),
        (IssueType::Serial, None),
    ] {
        for dates in [VoucherDates::Sample, VoucherDates::Page] {
            let mut shop = shop().await;
            shop.terms(|terms| {
                terms.voucher_dates = dates;
                terms.percent = if dates == VoucherDates::Page { Percent::Dotnet } else { Percent::Php };
                terms.json = if dates == VoucherDates::Page { JsonText::Escaped } else { JsonText::Raw };
            });
            let mut new = voucher("V1", vec![tickets(2, 500)]);
            (new.issue_type, new.printed_by) = (issue_type, printed_by);
            shop.vouchers(new).await;
            shop.redeem("V1", 1);
            shop.settle().await;
            let row = shop.voucher_row("V1").await;
            assert_eq!(
                (row.state.as_str(), row.redeemed_amount),
                ("issued", Some(500)),
                "{issue_type:?} {dates:?}: {row:?}"
            );
            let items: Vec<Option<String>> = shop.sql.values("SELECT item_no FROM voucher_tickets", ());
            assert_eq!(items[0].is_some(), issue_type != IssueType::Serial);
            let redeemed_at = "SELECT redeemed_at FROM voucher_tickets WHERE use_status = 'redeemed'";
            let redeemed_at: String = shop.sql.value(redeemed_at, ());
            let whole = dates == VoucherDates::Page;
            assert_eq!(redeemed_at, if whole { "2026-08-03 12:00:00" } else { "2026-08-03 00:00:00" });
        }
    }
}

#[tokio::test]
async fn issuing_is_looked_at_soon_and_then_slower_and_its_failure_is_told() {
    let mut shop = shop().await;
    shop.vouchers(voucher_in(Issuing::For { s: 90 }, "SOON")).await;
    shop.vouchers(voucher_in(Issuing::UntilTold, "LATE")).await;
    shop.settle().await;
    assert_eq!(
        (shop.voucher_state("SOON").await, shop.voucher_state("LATE").await),
        ("issuing".into(), "issuing".into())
    );
    assert_eq!(shop.voucher_row("LATE").await.unused_amount, Some(0));
    shop.run_for(minutes(3)).await;
    assert_eq!(shop.voucher_state("SOON").await, "issued");
    shop.issue("LATE", Some("庫存不足"));
    shop.run_for(minutes(3)).await;
    assert_eq!(shop.voucher_state("LATE").await, "issue_failed");
    let alert = shop.alert("voucher_issue_failed").await.expect("an alert");
    assert_eq!(alert.merchant_trade_no.as_deref(), Some("LATE"));
    assert!(alert.message.contains("庫存不足"), "{}", alert.message);
}

fn voucher_in(issuing: Issuing, no: &str) -> ecpayd::simulator::bank::NewVoucher {
    let mut new = voucher(no, vec![tickets(2, 500)]);
    new.issuing = issuing;
    new
}

#[tokio::test]
async fn what_was_given_away_expires_and_is_looked_at_more_rarely_then() {
    let mut shop = shop().await;
    let last = NaiveDate::from_ymd_opt(2026, 8, 10);
    shop.vouchers(voucher("free F1", vec![gifts(2, 300, last)])).await;
    shop.settle().await;
    shop.redeem("free F1", 1);
    shop.run_until(at("2026-08-11 13:00:00")).await;
    let row = shop.voucher_row("free F1").await;
    assert_eq!(
        (row.state.as_str(), row.trade_amount, row.redeemed_amount, row.unused_amount),
        ("issued", Some(0), Some(300), Some(0))
    );
    assert_eq!(shop.ticket_states("free F1").await, ["redeemed", "expired"]);
    let rule: String = shop.sql.value("SELECT rule FROM voucher_state", ());
    assert_eq!((rule.as_str(), shop.alerts().await.len()), ("used-up", 0));
}

#[tokio::test]
async fn more_than_two_hundred_tickets_are_read_page_by_page() {
    for pages in [true, false] {
        let mut shop = shop().await;
        shop.terms(|terms| terms.voucher_pages = pages);
        shop.vouchers(voucher("V1", vec![tickets(450, 100)])).await;
        shop.settle().await;
        shop.redeem("V1", 210);
        shop.run_for(days(1)).await;
        let row = shop.voucher_row("V1").await;
        assert_eq!((row.state.as_str(), row.redeemed_amount, row.last_error), ("issued", Some(21_000), None));
        let states = shop.ticket_states("V1").await;
        assert_eq!((states.len(), states.iter().filter(|s| *s == "redeemed").count()), (450, 210));
        assert_eq!(shop.events("voucher_ticket").await.len(), 210);
    }
}

#[tokio::test]
async fn a_forged_or_damaged_answer_changes_nothing_and_shows_in_last_error() {
    for (kind, said) in [
        (FaultKind::WrongChecksum, "CheckMacValue"),
        (FaultKind::WrongKey, "does not decrypt"),
        (FaultKind::WrongOrderNumber, "the answer is not of what was asked"),
        (FaultKind::Html, "no usable answer"),
        (FaultKind::Cut, "no usable answer"),
        (FaultKind::LostAfter, "no usable answer"),
        (FaultKind::Status { code: 500 }, "http 500"),
    ] {
        let mut shop = shop().await;
        shop.vouchers(voucher("V1", vec![tickets(2, 500)])).await;
        shop.settle().await;
        let before = shop.voucher_row("V1").await;
        shop.redeem("V1", 1);
        shop.strike_vouchers(OnCall::QueryOrderInfo, kind, 1);
        shop.sleep_until(shop.now() + days(1));
        shop.settle().await;
        let row = shop.voucher_row("V1").await;
        assert!(row.last_error.as_ref().is_some_and(|e| e.contains(said)), "{kind:?}: {row:?}");
        assert_eq!(crate::voucher_shop::VoucherRow { last_error: None, ..row }, before, "{kind:?}");
        assert_eq!(shop.ticket_states("V1").await, ["unused", "unused"]);
        shop.run_for(minutes(2)).await;
        let row = shop.voucher_row("V1").await;
        assert_eq!((row.redeemed_amount, row.last_error), (Some(500), None), "{kind:?}");
    }
}

#[tokio::test]
async fn where_the_bank_does_not_confirm_or_cannot_be_asked_a_person_hears_of_it_after_seven_days() {
    for missing in [false, true] {
        let mut shop = shop().await;
        shop.terms(|terms| (terms.voucher_confirm_h, terms.voucher_refund_info) = (None, !missing));
        shop.vouchers(voucher("V1", vec![tickets(2, 500)])).await;
        shop.settle().await;
        shop.refund_tickets("V1", 1, 0);
        shop.run_for(days(7)).await;
        assert_eq!(shop.alert("voucher_refund_unconfirmed").await, None);
        let row = shop.voucher_row("V1").await;
        assert_eq!((row.refunded_amount, row.last_error.is_some()), (Some(500), missing), "{row:?}");
        shop.run_for(days(2)).await;
        let alert = shop.alert("voucher_refund_unconfirmed").await.expect("an alert");
        assert!(alert.message.starts_with("NT$500 refunded in tickets"), "{}", alert.message);
        assert_eq!(alert.message.contains("404"), missing, "{}", alert.message);
        let alerts = shop.alerts().await;
        assert_eq!(alerts.len(), 1, "a missing call is no gateway that is down: {alerts:?}");

        shop.terms(|terms| terms.voucher_refund_info = true);
        let id = ecpayd::domain::ids::MerchantId::parse(MERCHANT).expect("an id");
        let now = shop.now();
        shop.at_the_counter("V1", |bank, number| bank.confirm_refunds(&id, number, now));
        shop.run_for(days(1)).await;
        assert_eq!((shop.voucher_row("V1").await.refund_confirmed_amount, shop.alerts().await.len()), (Some(500), 0));
    }
}

json_only! {
    #[tokio::test]
    async fn keys_that_are_not_taken_are_named_by_their_section_of_the_settings() {
        for (call, kind, who, mend) in [
            (OnCall::QueryOrder, FaultKind::WrongKey, "the gateway does not take our calls: ", "of [merchant.card]"),
            (
                OnCall::CardDetail,
                FaultKind::CheckFailed,
                "the gateway does not take our calls: error; ",
                "the contract runs",
            ),
            (
                OnCall::QueryOrderInfo,
                FaultKind::WrongKey,
                "the voucher service does not take our calls: ",
                "of [merchant.voucher]",
            ),
        ] {
            let mut shop = shop().await;
            shop.order("A1", Kind::Card, 1000).await;
            shop.vouchers(voucher("V1", vec![tickets(2, 500)])).await;
            shop.strike_looks(call, kind, 8);
            // A few answers of this kind are also what a gateway gives that is being worked on.
            shop.run_for(minutes(4)).await;
            assert_eq!(shop.alerts().await, [], "{call:?}");
            shop.run_for(minutes(8)).await;
            let told = shop.alert("bad_credentials").await.expect("an alert");
            assert!(told.message.starts_with(who) && told.message.ends_with(mend), "{}", told.message);
            shop.run_for(days(1)).await;
            assert!(shop.alert("bad_credentials").await.is_none(), "{call:?}: taken again");
        }
    }
}

#[tokio::test]
async fn the_voucher_service_that_limits_us_is_left_alone_for_half_an_hour_and_the_card_service_is_not() {
    let mut shop = shop().await;
    shop.strike_vouchers(OnCall::QueryOrderInfo, FaultKind::Forbidden, 1);
    shop.vouchers(voucher("V1", vec![tickets(2, 500)])).await;
    shop.settle().await;
    let alert = shop.alert("rate_limited").await.expect("an alert");
    assert!(alert.message.starts_with("the voucher service limits our rate"), "{}", alert.message);
    shop.reopen().await;
    shop.run_for(minutes(29)).await;
    assert_eq!(shop.voucher_state("V1").await, "registered");
    shop.run_for(minutes(2)).await;
    assert_eq!((shop.voucher_state("V1").await.as_str(), shop.alerts().await.len()), ("issued", 0));
}

#[tokio::test]
async fn an_unknown_order_is_asked_about_ever_more_rarely_and_then_given_up() {
    let mut shop = shop().await;
    let number = voucher("V9", Vec::new()).number;
    shop.register_vouchers(&number).await.expect("a new row");
    shop.settle().await;
    assert_eq!(shop.voucher_state("V9").await, "not_found");
    shop.run_for(days(32)).await;
    let next: Option<i64> = shop.sql.value("SELECT next_at FROM voucher_state", ());
    assert_eq!(next, None);
    assert!(shop.events("voucher_observed").await.len() == 1, "it is seen once, however often it is asked about");
}

#[tokio::test]
async fn without_the_voucher_service_in_the_settings_the_row_is_refused_with_the_fix() {
    let mut shop = Shop::open(at("2026-08-03 12:00:00"), |setup| setup.merchants[0].vouchers = false).await;
    let number = voucher("V1", Vec::new()).number;
    let told = shop.register_vouchers(&number).await.expect_err("no voucher service").to_string();
    assert!(told.contains("add its [merchant.voucher] section"), "{told}");
}
