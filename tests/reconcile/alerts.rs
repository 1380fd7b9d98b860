//! What the comparison tells people, and when it is over.

use crate::{MEDIA, captured, golden, house, write};

const ALERTS: &str =
    "SELECT coalesce(group_concat(kind || ' ' || severity || ' ' || ifnull(merchant_trade_no, '-'), ', '), '')
                        FROM (SELECT * FROM open_alerts ORDER BY kind, merchant_trade_no)";

fn file(rows: &[usize]) -> String {
    let golden = golden(MEDIA);
    let lines: Vec<&str> = golden.lines().collect();
    rows.iter().map(|row| lines[*row]).collect::<Vec<_>>().join("\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_that_nobody_registered_is_told_until_somebody_does() {
    let house = house();
    let sql = house.sql().await;
    captured("SHOP0003", "2608120900000003", 2180, "2026-08-12").book(&sql);
    // Paid and refunded: nothing is left to look after. And two that are.
    write(&house, "a.csv", &file(&[0, 1, 3, 6]));
    let told = house.tell(&["reconcile", "--statement", "a.csv"]);
    assert_eq!(told.code, Some(1), "{told:?}");
    assert_eq!(sql.ask(ALERTS), "unregistered warning SHOP0001, unregistered warning SUB0001");
    let message = sql.ask("SELECT message FROM open_alerts WHERE merchant_trade_no = 'SHOP0001'");
    assert_eq!(
        message,
        "a.csv has order SHOP0001 of NT$1290, paid by card on 2026-08-11, and nobody has registered it: ecpayd orders add SHOP0001, or all that it has with ecpayd orders adopt, by --statement FILE or --fetch --since DAY"
    );
    // Told once.
    house.tell(&["reconcile", "--statement", "a.csv"]);
    assert_eq!(sql.ask("SELECT count(*) FROM alerts"), "2");
    captured("SHOP0001", "2608110900000001", 1290, "2026-08-11").book(&sql);
    house.tell(&["reconcile", "--from", "2026-10-01", "--to", "2026-10-02"]);
    assert_eq!(sql.ask(ALERTS), "unregistered warning SUB0001", "whichever days were compared");
    // A newer statement of those days no longer has it.
    write(&house, "b.csv", &file(&[0, 1, 3]));
    let told = house.tell(&["reconcile", "--statement", "b.csv", "--from", "2026-08-01", "--to", "2026-08-31"]);
    assert_eq!((told.code, sql.ask(ALERTS).as_str()), (Some(0), ""), "{told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_that_ecpay_has_not_settled_is_critical_from_day_fifteen_on() {
    let house = house();
    let sql = house.sql().await;
    let day = |ago: i64| {
        (chrono::Utc::now() + chrono::Duration::hours(8) - chrono::Duration::days(ago)).format("%Y-%m-%d").to_string()
    };
    let header = "訂單日期,廠商訂單編號,訂單編號,付款方式,付款狀態,交易金額,交易手續費,應收款項(淨額),撥款狀態";
    let row = |no: &str, day: &str| format!("{day} 10:00:00,{no},T{no},信用卡,已付款,500,10,490,未撥款");
    write(&house, "aio.csv", &[header, &row("A14", &day(14)), &row("A15", &day(15))].join("\n"));
    house.tell(&["reconcile", "--statement", "aio.csv"]);
    assert_eq!(sql.ask(ALERTS), "unregistered warning A14, unregistered critical A15");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_differs_is_one_alert_that_names_its_days_and_ends_when_they_agree() {
    let house = house();
    let sql = house.sql().await;
    captured("SHOP0001", "2608110900000001", 1290, "2026-08-11").book(&sql);
    write(&house, "wrong.csv", &file(&[0, 1]).replace("\"1290\"", "\"1390\"").replace("1264.2", "1364.2"));
    let days = ["--from", "2026-08-01", "--to", "2026-08-31"];
    house.tell(&[&["reconcile", "--statement", "wrong.csv"][..], &days].concat());
    assert_eq!(sql.ask(ALERTS), "statement_differs warning -");
    let message = "ECPay's statements of 2026-08-01 to 2026-08-31 and the ledger differ in 1 order and 0 payout days: ecpayd reconcile --from 2026-08-01 --to 2026-08-31 lists them";
    assert_eq!(sql.ask("SELECT message FROM open_alerts"), message);
    // Other days are compared with those that it speaks of.
    house.tell(&["reconcile", "--from", "2026-10-01", "--to", "2026-10-02"]);
    assert_eq!(sql.ask(ALERTS), "statement_differs warning -");
    write(&house, "right.csv", &file(&[0, 1]));
    let told = house.tell(&["reconcile", "--statement", "right.csv"]);
    assert_eq!((told.code, sql.ask(ALERTS).as_str()), (Some(0), ""), "{told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payout_that_does_not_add_up_is_a_difference() {
    let house = house();
    let sql = house.sql().await;
    captured("SHOP0001", "2608110900000001", 1290, "2026-08-11").book(&sql);
    write(&house, "off.csv", &file(&[0, 1]).replace("1264.2", "1200.2"));
    let told = house.tell(&["reconcile", "--statement", "off.csv", "--from", "2026-08-01", "--to", "2026-08-31"]);
    assert_eq!(told.error(1), "1 payout day does not add up");
    assert!(told.out.contains("1200 !"), "{told:?}");
    assert_eq!(sql.ask(ALERTS), "statement_differs warning -");
}
