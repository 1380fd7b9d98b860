//! ECPay's own statements: the card orders in them, and nothing else.

use std::path::Path;

use crate::support::{self, BRISK, House, ask, gateway, paid};
use crate::{counts, house, json, write};

const FILES: [&str; 3] = ["query-trade-media.csv", "funding-recon-detail.csv", "trade-no-aio.csv"];

const ORDERS: &str = "SELECT group_concat(merchant_trade_no || ' ' || ifnull(trade_no, '-') || ' ' || expected_amount || ' ' || capture, '; ') FROM (SELECT * FROM orders ORDER BY id)";

/// The files that lie beside the tests.
fn with_statements(house: &House) {
    for file in FILES {
        let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/statements").join(file);
        std::fs::copy(golden, house.path(file)).expect("a copy");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_card_orders_of_each_statement_come_in_on_hold_with_their_numbers_and_amounts() {
    for (file, [rows, new, twice], expected) in [
        (
            FILES[0],
            // Two authorizations of one recurring order.
            [9, 3, 1],
            "SHOP0001 - 1290 hold; SHOP0003 - 2180 hold; SUB0001 - 199 hold",
        ),
        (FILES[1], [5, 2, 0], "SHOP0001 - 1290 hold; SHOP0007 - 3000 hold"),
        (FILES[2], [4, 2, 0], "SHOP0008 - 1000 hold; SHOP0001 - 1290 hold"),
    ] {
        let house = house();
        with_statements(&house);
        let adopt = ["orders", "adopt", "--statement", file, "--json"];
        let foretold = json(&house.tell(&adopt));
        assert_eq!(house.sql().await.ask("SELECT count(*) FROM orders"), "0");
        for (run, counted) in [
            (foretold, [rows, new, twice, 0]),
            (json(&house.tell(&[&adopt[..], &["--yes"]].concat())), [rows, new, twice, 0]),
        ] {
            assert_eq!(counts(&run), counted, "{run}");
        }
        assert_eq!(house.sql().await.ask(ORDERS), expected);
        let again = json(&house.tell(&[&adopt[..], &["--yes"]].concat()));
        assert_eq!(counts(&again), [rows, 0, new + twice, 0], "{again}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_left_out_of_a_statement_is_told() {
    let house = house();
    with_statements(&house);
    let said = house.done(&[&["orders", "adopt", "--yes", "--statement"][..], &FILES].concat());
    let expected = "query-trade-media.csv (QueryTradeMedia): 9 rows, 3 new, 1 in the ledger already, 0 refused\n  \
        left out: 2 subtotals, 1 refund, 2 not paid by card (ATM 1, 超商代碼 1)\n  capture of the new ones: hold 3\n\
        funding-recon-detail.csv (FundingReconDetail): 5 rows, 1 new, 1 in the ledger already, 0 refused\n  \
        left out: 2 subtotals, 1 refund\n  capture of the new ones: hold 1\n\
        trade-no-aio.csv (TradeNoAio): 4 rows, 1 new, 1 in the ledger already, 0 refused\n  \
        left out: 1 not paid, 1 not paid by card (ATM櫃員機 1)\n  capture of the new ones: hold 1\n";
    assert_eq!(said, expected);
    let report = json(&house.tell(&["orders", "adopt", "--json", "--statement", FILES[0]]));
    let left_out = serde_json::json!({"subtotals": 2, "refunds": 1, "not_paid": 0, "not_by_card": 2, "paid_by": {"ATM": 1, "超商代碼": 1}});
    assert_eq!((&report["files"][0]["left_out"], &report["files"][0]["kind"]), (&left_out, &"QueryTradeMedia".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_without_a_column_is_refused_before_anything_is_written() {
    let house = house();
    with_statements(&house);
    write(&house, "cut.csv", "特店交易編號,交易日期,付款方式,交易金額,金流手續費\nA1,2026/08/11,信用卡,5,1\n");
    let told = house.tell(&["orders", "adopt", "--yes", "--statement", FILES[0], "cut.csv"]);
    assert_eq!(told.error(2), "cut.csv looks like ECPay's QueryTradeMedia, but has no column 綠界交易編號");
    write(&house, "other.csv", "{\"TransCode\":128,\"TransMsg\":\"System exception\"}");
    let told = house.tell(&["orders", "adopt", "--yes", "--statement", "other.csv"]);
    assert!(told.error(2).starts_with("other.csv is none of ECPay's statements"), "{told:?}");
    let told = house.tell(&["orders", "adopt", "--yes", "--statement", "nowhere.csv"]);
    assert_eq!(told.error(2), "nowhere.csv: there is no such file");
    assert!(house.tell(&["orders", "adopt", "--yes"]).error(2).contains("--statement"));
    for mode in ["now", "later"] {
        let told = house.tell(&["orders", "adopt", "--statement", FILES[0], "--capture", mode]);
        assert!(told.error(2).contains("auto or hold is needed"), "{told:?}");
    }
    assert_eq!(house.sql().await.ask("SELECT count(*) FROM orders"), "0");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_no_order_can_be_made_of_is_refused_with_its_reason() {
    let house = house();
    let statement = "特店交易編號,綠界交易編號,交易日期,付款方式,交易金額,金流手續費\n\
        A-1,2608110000000001,2026/08/11,信用卡,5,1\nA2,2608110000000002,2026/08/11,信用卡,5.5,1\nA3,2608110000000003,,信用卡,5,1\nA4,2608110000000004,2026/08/11,信用卡,5,1\n";
    write(&house, "media.csv", statement);
    let told = house.tell(&["orders", "adopt", "--yes", "--json", "--statement", "media.csv"]);
    let report = json(&told);
    assert_eq!((counts(&report), told.code), ([4, 1, 0, 3], Some(1)));
    let why = |n: usize| report["files"][0]["refusals"][n]["why"].as_str().expect("a sentence").to_owned();
    assert!(why(0).starts_with("merchant_trade_no must be 1 to 20 letters and digits"), "{report}");
    assert!(why(1).starts_with("expected_amount must be a whole number"), "{report}");
    assert!(why(2).starts_with("the row has no day that can be read"), "{report}");
    assert_eq!(report["files"][0]["refused_file"], "media.refused.csv");
}

/// Taken over as it is at the bank: held back by default, and captured like any other once it is let go.
#[tokio::test(flavor = "multi_thread")]
async fn an_adopted_order_is_followed_and_moves_no_money_until_somebody_says_so() {
    let bank = gateway().await;
    let house = House::new(&bank.url(), BRISK);
    house.done(&["run", "--once"]);
    paid(&bank.handle, "P1", 1000);
    paid(&bank.handle, "P2", 500);
    let trade_no = |no: &str| support::truth(&bank.handle, no).trade_no;
    let row = |no: &str, amount| format!("{no},{},2026/08/11,信用卡,{amount},1\n", trade_no(no));
    let header = "特店交易編號,綠界交易編號,交易日期,付款方式,交易金額,金流手續費\n";
    write(&house, "media.csv", [header, &row("P1", 1000)].concat());
    write(&house, "later.csv", [header, &row("P2", 500)].concat());
    house.done(&["orders", "adopt", "--yes", "--statement", "media.csv"]);
    house.done(&["orders", "adopt", "--yes", "--statement", "later.csv", "--capture", "auto"]);
    house.done(&["run", "--once"]);
    let mut sql = house.sql().await;
    let states = "SELECT group_concat(state) FROM (SELECT state FROM order_status ORDER BY merchant_trade_no, state)";
    assert_eq!(ask(&mut sql, states).await, "authorized,to_be_captured");
    house.done(&["orders", "release", "P1"]);
    house.done(&["run", "--once"]);
    assert_eq!(ask(&mut sql, states).await, "to_be_captured,to_be_captured");
    // As the shop's own refunds are written.
    sql.add_refund("P1", Some(300), "r1");
    house.done(&["run", "--once"]);
    assert_eq!(ask(&mut sql, "SELECT state || refunded_amount FROM refund_status").await, "done300");
    assert_eq!(ask(&mut sql, "SELECT count(*) FROM orders").await, "2");
    house.done(&["refund", "P2", "--amount", "200"]);
    house.done(&["run", "--once"]);
    assert_eq!(
        ask(&mut sql, "SELECT group_concat(state || refunded_amount) FROM (SELECT * FROM refund_status ORDER BY id)")
            .await,
        "done300,done200"
    );
}
