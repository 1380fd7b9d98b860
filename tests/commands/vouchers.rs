//! The commands about voucher orders, and what the other commands tell of them.

use ecpayd::simulator::bank::Pick;
use ecpayd::simulator::{Fault, FaultKind, OnCall, Running};
use serde_json::Value;

use super::support::vouchers::{at_the_counter, given, sold, sold_vouchers};
use super::support::{BRISK, House, MERCHANT, add_refund, ask, does, gateway, paid};
use super::{columns, fields, json};

/// V1, paid by card, has four tickets of NT$300, one of them redeemed and one refunded; F1 was given
/// away; N1 is known to nobody. A refund of all of V1 was asked for.
async fn house() -> (House, Running) {
    let bank = gateway().await;
    let house = House::with_vouchers(&bank.url(), BRISK);
    house.done(&["run", "--once"]);
    paid(&bank.handle, "V1", 1200);
    sold_vouchers(&bank.handle, sold("V1"), 4, 300);
    sold_vouchers(&bank.handle, given("F1"), 2, 100);
    house.done(&["orders", "add", "V1"]);
    for number in [&["V1"][..], &["N1"], &["F1", "--free"]] {
        house.done(&[&["vouchers", "add"], number].concat());
    }
    house.done(&["run", "--once"]);
    at_the_counter(&bank.handle, &sold("V1"), |bank, id, no, now| bank.redeem(id, no, &Pick::Unused(1), now));
    at_the_counter(&bank.handle, &sold("V1"), |bank, id, no, now| {
        bank.refund_tickets(id, no, &Pick::Unused(1), 0, now)
    });
    add_refund(&mut house.sql().await, "V1", None, "k1").await;
    house.done(&["run", "--once"]);
    (house, bank)
}

const SAID: &str = "NT$300 of NT$1200 were redeemed in vouchers: at most NT$900 may be refunded, not NT$1200";

fn says(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{part}: {text}");
    }
}

fn kinds(page: &Value) -> Vec<&str> {
    page["events"].as_array().expect("events").iter().map(|e| e["kind"].as_str().expect("a kind")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn voucher_orders_are_registered_as_by_sql_and_told_what_is_wrong() {
    let (house, _bank) = house().await;
    let rows = "SELECT ifnull(merchant_trade_no, 'free ' || free_trade_no) FROM voucher_orders ORDER BY id";
    assert_eq!(ask(&mut house.sql().await, rows).await, "V1,N1,free F1");
    for (code, arguments, part) in [
        (1, &["vouchers", "add", "V1"][..], "voucher order V1 is in the ledger already"),
        (1, &["vouchers", "add", "F1", "--free"], "voucher order F1 is in the ledger already"),
        (1, &["vouchers", "add", "B1", "--merchant", "9"], "merchant_id is not in the settings"),
        (2, &["vouchers", "add", "a b"], "'a b' is not 1 to 25 letters and digits"),
        (2, &["vouchers", "add", "abcdefghijABCDEFGHIJ1", "--free"], "is not 1 to 20 letters and digits"),
        (1, &["vouchers", "show", "NOBODY"], "voucher order NOBODY is not in the ledger"),
        (1, &["vouchers", "show", "V1", "--free"], "voucher order V1 is not in the ledger"),
        (1, &["vouchers", "show", "V1", "--merchant", "9"], "voucher order V1 is not in the ledger"),
        (
            2,
            &["vouchers", "list", "--state", "paid"],
            "there is no state 'paid'; the states are registered, issuing, issued, issue_failed, not_found, review",
        ),
    ] {
        let told = house.tell(arguments);
        let said = told.error(code);
        assert!(said.contains(part), "{arguments:?}: {said}");
    }
    assert_eq!(ask(&mut house.sql().await, rows).await, "V1,N1,free F1");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_merchant_without_vouchers_is_told_which_section_to_add() {
    let house = House::without_gateway(BRISK);
    house.done(&["run", "--once"]);
    let told = house.tell(&["vouchers", "add", "V1"]);
    let part = "the merchant has no voucher service in the settings of ecpayd: add its [merchant.voucher] section";
    assert!(told.error(1).contains(part), "{told:?}");
    assert!(house.done(&["vouchers", "list"]).contains("no voucher orders"));
}

#[tokio::test(flavor = "multi_thread")]
async fn voucher_orders_are_listed_newest_first_by_state_and_as_json() {
    let (house, _bank) = house().await;
    let list = json(&house.done(&["vouchers", "list", "--json"]));
    let numbers: Vec<_> =
        list.as_array().expect("rows").iter().map(|o| (&o["merchant_trade_no"], &o["free_trade_no"])).collect();
    let (v1, n1, f1) = (&Value::from("V1"), &Value::from("N1"), &Value::from("F1"));
    assert_eq!(numbers, [(&Value::Null, f1), (n1, &Value::Null), (v1, &Value::Null)]);
    assert_eq!(fields(&list[0]), columns(&house, "voucher_status").await);
    assert_eq!(
        json(&house.done(&["vouchers", "list", "--json", "--state", "not_found"]))[0]["merchant_trade_no"],
        "N1"
    );
    assert_eq!(json(&house.done(&["vouchers", "list", "--json", "--limit", "1"])).as_array().map(Vec::len), Some(1));
    assert!(house.done(&["vouchers", "list", "--merchant", "9"]).contains("no voucher orders"));
    let text = house.done(&["vouchers", "list"]);
    let line =
        |start: &str| text.lines().find(|l| l.trim_start().starts_with(start)).unwrap_or_else(|| panic!("{text}"));
    says(line("V1"), &["sold", "issued", "1200", "300", "600"]);
    says(line("F1"), &["given away", "issued", "200"]);
    says(line("N1"), &["not_found", "–"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_voucher_order_is_shown_with_its_tickets_and_its_history() {
    let (house, _bank) = house().await;
    let text = house.done(&["vouchers", "show", "V1"]);
    says(
        &text,
        &[
            "V1 (merchant 3002607, ECTicket ",
            ", sold)",
            "NT$1200, redeemed NT$300, unused NT$600, refunded in tickets NT$300",
            "of its card order at most NT$900 may be refunded in all",
            "平日住宿券",
            "vouchers of NT$1200: NT$1200 unused",
            "4 tickets listed",
            "of NT$300: redeemed, was unused",
            "of NT$300: refunded, was unused",
        ],
    );
    let page = json(&house.done(&["vouchers", "show", "V1", "--json"]));
    let tickets = page["tickets"].as_array().expect("tickets");
    let statuses: Vec<_> = tickets.iter().map(|t| t["use_status"].as_str().expect("a word")).collect();
    assert_eq!(statuses, ["redeemed", "refunded", "unused", "unused"]);
    let view = columns(&house, "voucher_tickets").await;
    assert!(fields(&tickets[0]).split(',').all(|field| view.split(',').any(|column| column == field)), "{view}");
    let status = columns(&house, "voucher_status").await;
    assert!(status.split(',').all(|column| !page[column].is_null() || page.get(column).is_some()), "{page}");
    assert_eq!((&page["redeemed_amount"], &page["guard"]), (&300.into(), &true.into()));
    assert!(kinds(&page).contains(&"voucher_ticket"), "{page}");

    let free = house.done(&["vouchers", "show", "F1", "--free"]);
    says(&free, &[", given away)", "redeemed NT$0, unused NT$200", "voucher order registered, given away"]);
    assert!(!free.contains("guard"), "nobody paid for it: {free}");
    says(
        &house.done(&["vouchers", "show", "N1"]),
        &["not_found", "not known", "the voucher service does not know the order"],
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_that_was_sold_and_given_away_is_told_apart_by_free() {
    let (house, bank) = house().await;
    sold_vouchers(&bank.handle, given("V1"), 1, 100);
    house.done(&["vouchers", "add", "V1", "--free"]);
    let told = house.tell(&["vouchers", "show", "V1"]);
    assert!(told.error(2).contains("was sold once and given away once: name the latter with --free"), "{told:?}");
    assert!(house.done(&["vouchers", "show", "V1", "--free"]).contains(", given away)"));
    says(&house.done(&["show", "V1"]), &["ECTicket", ", sold)"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_of_several_merchants_needs_the_merchant() {
    let bank = gateway().await;
    let house = House::with_vouchers(&bank.url(), BRISK);
    let both = [MERCHANT, "2000132"];
    house.settle(&both, &bank.url(), &both, BRISK);
    house.done(&["run", "--once"]);
    assert!(house.tell(&["vouchers", "add", "V1"]).error(2).contains("--merchant"));
    for merchant in both {
        house.done(&["vouchers", "add", "V1", "--merchant", merchant]);
    }
    let told = house.tell(&["vouchers", "show", "V1"]);
    assert!(told.error(2).contains("voucher order V1 is known at several merchants: name one with --merchant"));
    says(&house.done(&["vouchers", "show", "V1", "--merchant", "2000132"]), &["(merchant 2000132,", "registered"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_of_a_card_order_includes_its_vouchers_and_what_happened_to_them() {
    let (house, _bank) = house().await;
    let text = house.done(&["show", "V1"]);
    says(&text, &["Vouchers", "of its card order at most NT$900", "Tickets", "refunded, was unused", SAID]);
    let page = json(&house.done(&["show", "V1", "--json"]));
    assert_eq!((&page["vouchers"]["redeemed_amount"], &page["vouchers"]["state"]), (&300.into(), &"issued".into()));
    assert_eq!(page["vouchers"]["tickets"].as_array().map(Vec::len), Some(4));
    let kinds = kinds(&page);
    for kind in ["order_registered", "voucher_registered", "voucher_observed", "voucher_ticket", "refund_rejected"] {
        assert!(kinds.contains(&kind), "{kind}: {kinds:?}");
    }
    let ids: Vec<_> = page["events"].as_array().expect("events").iter().map(|e| e["id"].as_i64()).collect();
    assert!(ids.is_sorted(), "one history: {ids:?}");
    house.done(&["orders", "add", "P1"]);
    assert_eq!(json(&house.done(&["show", "P1", "--json"]))["vouchers"], Value::Null);
    assert!(!house.done(&["show", "P1"]).contains("Vouchers"));
}

#[tokio::test(flavor = "multi_thread")]
async fn explain_names_the_guard_while_it_decides_and_its_verdict_afterwards() {
    let (house, bank) = house().await;
    let explained = house.done(&["explain", "V1"]);
    says(&explained, &["refund 1   rejected: ", SAID]);
    assert_eq!(json(&house.done(&["explain", "V1", "--json"]))["refund"]["detail"], SAID);

    add_refund(&mut house.sql().await, "V1", Some(900), "k2").await;
    let explained = json(&house.done(&["explain", "V1", "--json"]));
    assert_eq!(
        (&explained["rule"], &explained["next_step"], &explained["decision"]),
        (&"look-after-write".into(), &"look".into(), &"look at the gateway".into())
    );

    let down = Fault::any(FaultKind::Status { code: 500 });
    let fault =
        Fault { call: OnCall::QueryOrderInfo, voucher_no: Some("V1".to_owned()), times: Fault::ENDLESS, ..down };
    bank.handle.strike(fault);
    house.done(&["run", "--once"]);
    says(
        &house.done(&["explain", "V1"]),
        &[
            "rule       voucher-guard",
            "looked at before anything goes back",
            "that failed (no usable answer: http 500)",
        ],
    );

    paid(&bank.handle, "N1", 500);
    house.done(&["orders", "add", "N1"]);
    does(
        &mut house.sql().await,
        "INSERT INTO refund_intents (merchant_id, merchant_trade_no, request_key) VALUES ('3002607', 'N1', 'k3')",
    )
    .await;
    let told = house.tell(&["run", "--once"]);
    assert!(told.code == Some(0) && told.err.contains("refund_review"), "{told:?}");
    says(
        &house.done(&["explain", "N1"]),
        &["voucher-guard", "review: the voucher service does not know this order", "guard = 0"],
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guard_that_was_taken_back_shows_on_both_pages() {
    let (house, bank) = house().await;
    does(&mut house.sql().await, "UPDATE voucher_orders SET guard = 0 WHERE merchant_trade_no = 'V1'").await;
    for page in [&["show", "V1"][..], &["vouchers", "show", "V1"]] {
        says(&house.done(page), &["off (guard = 0)", "the shop lets refunds go on whatever is redeemed"]);
    }
    assert_eq!(json(&house.done(&["vouchers", "show", "V1", "--json"]))["guard"], false);
    let off = format!("{BRISK}[refund]\nvoucher_guard = false\n");
    house.settle(&[MERCHANT], &bank.url(), &[MERCHANT], &off);
    for page in [&["show", "V1"][..], &["vouchers", "show", "V1"]] {
        says(&house.done(page), &["off in the settings"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn status_counts_voucher_orders_by_state() {
    let (house, _bank) = house().await;
    let status = json(&house.done(&["status", "--json"]));
    let counts: Vec<_> = status["voucher_orders"]
        .as_array()
        .expect("counts")
        .iter()
        .map(|c| (c["state"].as_str(), c["count"].as_i64()))
        .collect();
    assert_eq!(counts, [(Some("issued"), Some(2)), (Some("not_found"), Some(1))]);
    says(&house.done(&["status"]), &["voucher state", "not_found"]);
}
