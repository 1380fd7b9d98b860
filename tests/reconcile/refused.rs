//! Files of which nothing is read, each with one sentence.

use crate::support::{BRISK, House, MERCHANT};
use crate::{FUNDING, MEDIA, books, captured, golden, house, json, write, write_big5};

const OTHER: &str = "2000132";

/// How much of statements is in the ledger.
async fn kept(house: &House) -> String {
    house.sql().await.ask("SELECT (SELECT count(*) FROM statements) || ' ' || (SELECT count(*) FROM statement_rows)")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_not_as_ecpay_made_it_leaves_nothing() {
    let house = house();
    let media = golden(MEDIA);
    let rows: Vec<&str> = media.lines().filter(|line| !line.contains("計")).collect();
    let days = ["--from", "2026-10-01", "--to", "2026-10-31"];
    for (what, text, extra, expected) in [
        ("not CSV", "PK\u{3}\u{4} no table at all".to_owned(), &[][..], "bad.csv: is none of ECPay's statements"),
        (
            "an error of ECPay's",
            "{\"TransCode\":128,\"TransMsg\":\"x\"}".to_owned(),
            &[],
            "bad.csv: is none of ECPay's statements",
        ),
        ("nothing", String::new(), &[], "bad.csv: is empty: its first line has to name the columns"),
        ("cut off", media[..media.find("2136.4").expect("an amount")].to_owned(), &[], "bad.csv: line 4 has 12 cells"),
        ("an open quote", format!("{}\n\"A1,x\nB1,y", rows[0]), &[], "bad.csv: line 2: a quote is opened"),
        ("a row gone", media.replacen(rows[2], "", 1), &[], "bad.csv: line 6: 每日小計 is 2150"),
        ("doubled", [&media[..], &media[..]].concat(), &[], "bad.csv: line 11 is its first line once more"),
        (
            "its rows doubled",
            [&rows[..], &rows[1..]].concat().join("\n"),
            &[],
            "bad.csv: order SHOP0001 stands in it twice, in lines 2 and 9: its content was doubled, so download it again; nothing of it was read",
        ),
        (
            "another month",
            media.clone(),
            &days,
            "bad.csv: its rows are of 2026-08-12 to 2026-09-14, and none is of the days asked for, 2026-10-01 to 2026-10-31; nothing of it was read",
        ),
        (
            "a needed column gone",
            media.replacen("金流手續費", "x", 1),
            &[],
            "bad.csv: looks like ECPay's QueryTradeMedia, but has no column 金流手續費",
        ),
    ] {
        write(&house, "bad.csv", &text);
        let told = house.tell(&[&["reconcile", "--statement", "bad.csv"][..], extra].concat());
        assert!(told.error(2).starts_with(expected), "{what}: {told:?}");
        assert_eq!(kept(&house).await, "0 0", "{what}");
    }
    let told = house.tell(&["reconcile", "--statement", "nowhere.csv"]);
    assert_eq!(told.error(2), "nowhere.csv: there is no such file");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_several_files_none_is_read_where_one_cannot_be() {
    let house = house();
    write_big5(&house, FUNDING, &golden(FUNDING));
    write(&house, "bad.csv", "a,b\n1,2\n");
    house.tell(&["reconcile", "--statement", FUNDING, "bad.csv"]).error(2);
    assert_eq!(kept(&house).await, "0 0");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_without_rows_is_told_and_kept() {
    let house = house();
    let header = golden(MEDIA).lines().next().expect("a header").to_owned();
    write(&house, "empty.csv", &header);
    let said = house.done(&["reconcile", "--statement", "empty.csv"]);
    assert!(said.starts_with("empty.csv (QueryTradeMedia): has no rows; that it is empty is noted\n"), "{said}");
    assert_eq!(kept(&house).await, "1 0");
    assert!(house.done(&["reconcile", "--statement", "empty.csv"]).contains("was read already"));
}

fn two_merchants() -> House {
    let house = House::without_gateway(BRISK);
    house.settle_in(&[MERCHANT, OTHER], "http://127.0.0.1:9", BRISK);
    house.done(&["run", "--once"]);
    house
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_of_another_merchant_is_refused_and_its_own_is_found() {
    let house = two_merchants();
    books(&house.sql().await, &[FUNDING]);
    write_big5(&house, FUNDING, &golden(FUNDING));
    let told = house.tell(&["reconcile", "--merchant", OTHER, "--statement", FUNDING]);
    let expected = format!(
        "{FUNDING}: it has no order of merchant {OTHER}, and orders of merchant {MERCHANT} (as SHOP0001): it is a statement of {MERCHANT}; nothing of it was read"
    );
    assert_eq!(told.error(2), expected);
    assert_eq!(kept(&house).await, "0 0");
    let told = house.tell(&["reconcile", "--json", "--statement", FUNDING]);
    assert_eq!(json(&told)["files"][0]["merchant_id"], MERCHANT, "{told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn whose_a_statement_is_that_does_not_show_it_has_to_be_said() {
    let house = two_merchants();
    write_big5(&house, FUNDING, &golden(FUNDING));
    let told = house.tell(&["reconcile", "--statement", FUNDING]);
    assert!(told.error(2).contains("name the merchant with --merchant; nothing of it was read"), "{told:?}");
    let sql = house.sql().await;
    for merchant in [MERCHANT, OTHER] {
        crate::Captured { merchant, ..captured("SHOP0001", &format!("26081109{merchant}"), 1290, "2026-08-11") }
            .book(&sql);
    }
    let told = house.tell(&["reconcile", "--statement", FUNDING]);
    let expected = "it has order numbers of merchant 3002607 and of merchant 2000132: name whose it is with --merchant";
    assert!(told.error(2).contains(expected), "{told:?}");
    let told = house.tell(&["reconcile", "--json", "--merchant", OTHER, "--statement", FUNDING]);
    assert_eq!(json(&told)["files"][0]["merchant_id"], OTHER, "{told:?}");
    let unknown = house.tell(&["reconcile", "--merchant", "1234", "--statement", FUNDING]);
    assert_eq!(unknown.error(2), "merchant 1234 is not in the settings");
}

#[test]
fn days_that_are_none_or_the_wrong_way_round_are_told() {
    let house = house();
    let told = house.tell(&["reconcile", "--from", "2026-08-31", "--to", "2026-08-01"]);
    assert_eq!(told.error(2), "--from 2026-08-31 is after --to 2026-08-01: exchange them");
    let told = house.tell(&["reconcile", "--from", "2026/08/31", "--to", "2026-08-01"]);
    assert!(told.error(2).contains("'2026/08/31' is no day: it is written as 2026-08-31"), "{told:?}");
}
