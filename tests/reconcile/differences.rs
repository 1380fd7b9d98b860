//! The files that lie beside the tests: what agrees, and what does not once something is changed.

use serde_json::json as value;

use crate::{AIO, FUNDING, MEDIA, agree, books, captured, classes, golden, house, json, support, write, write_big5};

const AUGUST: [&str; 4] = ["--from", "2026-08-01", "--to", "2026-09-30"];

#[tokio::test(flavor = "multi_thread")]
async fn a_ledger_that_has_all_of_a_statement_agrees_in_big5_and_in_utf8() {
    for (file, orders) in [(MEDIA, 4), (FUNDING, 2), (AIO, 2)] {
        for is_big5 in [true, false] {
            let house = house();
            books(&house.sql().await, &[file]);
            let write = if is_big5 { write_big5 } else { write };
            write(&house, file, &golden(file));
            let told = house.tell(&["reconcile", "--statement", file, "--json"]);
            assert_eq!(told.code, Some(0), "{told:?}");
            let found = json(&told);
            assert_eq!((agree(&found), classes(&found)), (orders, vec![]), "{file}: {found}");
            assert_eq!(found["files"][0]["read_before"], value!(null));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn three_files_of_the_same_orders_are_one_account() {
    let house = house();
    books(&house.sql().await, &[MEDIA, FUNDING, AIO]);
    for file in [MEDIA, FUNDING, AIO] {
        write_big5(&house, file, &golden(file));
    }
    let found =
        json(&house.tell(&[&["reconcile", "--json", "--statement", MEDIA, FUNDING, AIO][..], &AUGUST].concat()));
    assert_eq!((agree(&found), classes(&found)), (6, vec![]), "{found}");
    // Each day that the files tell, by the vendor's rounding.
    let payouts = found["merchants"][0]["payouts"].as_array().expect("payouts");
    let of = |day: &str| payouts.iter().find(|payout| payout["day"] == day).expect(day);
    assert_eq!(of("2026-08-19")["payout"], 1264);
    assert_eq!((&of("2026-08-21")["payout"], &of("2026-08-21")["refunds"]), (&value!(-1942), &value!(2180)));
    assert!(payouts.iter().all(|payout| payout["agrees"] == true), "{found}");
}

/// Without its sums, which would tell of each change by themselves.
fn bare() -> Vec<String> {
    golden(MEDIA).lines().filter(|line| !line.contains("計")).map(str::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_change_of_the_file_is_a_class_of_its_own() {
    let house = house();
    let sql = house.sql().await;
    books(&sql, &[MEDIA, FUNDING, AIO]);
    captured("SHOP0009", "2608120900000009", 500, "2026-08-12").book(&sql);
    // As it is, but for an order that the file has no row of.
    let mut lines = bare();
    write(&house, MEDIA, &lines.join("\r\n"));
    let expected = ["missing_at_ecpay SHOP0007", "missing_at_ecpay SHOP0008", "missing_at_ecpay SHOP0009"];
    let told = house.tell(&[&["reconcile", "--json", "--statement", MEDIA][..], &AUGUST].concat());
    assert_eq!((told.code, classes(&json(&told))), (Some(1), expected.map(str::to_owned).to_vec()), "{told:?}");

    let line = |no: &str| bare().into_iter().find(|line| line.contains(no)).expect(no);
    lines.retain(|line| !line.contains("2608130900000004"));
    let other = |no: &str, from: &str, to: &str| line(no).replace(from, to);
    lines.push(other("SHOP0001", "SHOP0001", "FOREIGN1").replace("2608110900000001", "2608110900000099"));
    lines.push(other("SHOP0001", "\"1290\"", "\"-90\""));
    lines
        .iter_mut()
        .filter(|line| line.contains("2609130900000005"))
        .for_each(|line| *line = line.replace("\"199\"", "\"200\""));
    let all = [&["reconcile", "--statement", "changed.csv"][..], &AUGUST].concat();
    write(&house, "changed.csv", &lines.join("\r\n"));
    let told = house.tell(&[&all[..], &["--json"]].concat());
    let found = json(&told);
    let expected = [
        "missing_in_ledger FOREIGN1",
        "refund_only_at_ecpay SHOP0001",
        "missing_at_ecpay SHOP0007",
        "missing_at_ecpay SHOP0008",
        "missing_at_ecpay SHOP0009",
        "missing_at_ecpay SUB0001",
        "amount_differs SUB0001",
    ];
    assert_eq!((told.code, classes(&found)), (Some(1), expected.map(str::to_owned).to_vec()), "{told:?}");
    assert_eq!(told.err, "ecpayd: 7 orders differ from ECPay's statements; 2 payout days do not add up\n", "{told:?}");
    let order = |no: &str| {
        found["merchants"][0]["orders"]
            .as_array()
            .expect("orders")
            .iter()
            .find(|o| o["merchant_trade_no"] == no)
            .expect(no)
            .clone()
    };
    let place = |no: &str| (order(no)["file"].clone(), order(no)["line"].clone());
    assert_eq!(place("FOREIGN1"), (value!("changed.csv"), value!(8)));
    assert_eq!((order("SHOP0001")["ledger"].clone(), order("SHOP0001")["ecpay"].clone()), (value!(1290), value!(1200)));

    let again = house.tell(&all);
    assert!(again.out.contains("changed.csv (QueryTradeMedia): was read already, on "), "{again:?}");
    assert!(again.out.contains("missing at ECPay: 4\n") && again.out.contains("changed.csv:8"), "{again:?}");
    assert_eq!(again.code, Some(1));
    let chinese = house.tell(&[&all[..], &["--lang", "zh-TW"]].concat());
    assert!(chinese.out.contains("帳本沒有: 1") || chinese.out.contains("帳本沒有 1"), "{chinese:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fee_that_was_foretold_otherwise_is_told_with_both() {
    let house = house();
    let sql = house.sql().await;
    crate::Captured { fee_milli: Some(24_510), ..captured("SHOP0001", "2608110900000001", 1290, "2026-08-11") }
        .book(&sql);
    write(&house, MEDIA, &bare()[..2].join("\n"));
    let told = house.tell(&["reconcile", "--statement", MEDIA]);
    assert_eq!(told.error(1), "1 order differs from ECPay's statements");
    assert!(
        told.out.contains("fee differs: 1\n") && told.out.contains("24.510") && told.out.contains("25.800"),
        "{told:?}"
    );
}

/// What the newest file says of a row is so, and a row that it has no more is gone.
#[tokio::test(flavor = "multi_thread")]
async fn the_newest_file_counts() {
    let house = house();
    let sql = house.sql().await;
    captured("SHOP0001", "2608110900000001", 1290, "2026-08-11").book(&sql);
    let wrong = bare()[..2].join("\n").replace("\"1290\"", "\"1390\"");
    write(&house, "old.csv", &wrong);
    let reconcile = |file: &str| house.tell(&[&["reconcile", "--json", "--statement", file][..], &AUGUST].concat());
    assert_eq!(classes(&json(&reconcile("old.csv"))), ["amount_differs SHOP0001"]);
    write(&house, "new.csv", &bare()[..2].join("\n"));
    let told = reconcile("new.csv");
    assert_eq!((told.code, agree(&json(&told))), (Some(0), 1), "{told:?}");
    // Two refunds of one amount, in files of their own, are two.
    let refund =
        |day: &str| bare()[1].replace("\"1290\"", "\"-100\"").replace("2026/08/12 00", &format!("2026/08/{day} 00"));
    for (file, day) in [("first.csv", "17"), ("second.csv", "24")] {
        write(&house, file, &[bare()[0].clone(), refund(day)].join("\n"));
        house.tell(&["reconcile", "--statement", file]);
    }
    let rows = "SELECT group_concat(gross || ' ' || settled_on, ', ') FROM (SELECT * FROM statement_rows WHERE gross < 0 ORDER BY settled_on)";
    assert_eq!(sql.ask(rows), "-100 2026-08-17, -100 2026-08-24");
    // And the same file once more under another name is known by its content.
    std::fs::copy(house.path("first.csv"), house.path("copy.csv")).expect("a copy");
    let told = house.tell(&["reconcile", "--statement", "copy.csv"]);
    assert!(told.out.contains("copy.csv (QueryTradeMedia): was read already"), "{told:?}");
    assert_eq!(sql.ask("SELECT count(*) FROM statements"), "4");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_files_what_was_read_before_is_compared() {
    let house = house();
    books(&house.sql().await, &[FUNDING]);
    write_big5(&house, FUNDING, &golden(FUNDING));
    house.done(&["reconcile", "--statement", FUNDING]);
    let told = house.tell(&["reconcile", "--json", "--from", "2026-08-12", "--to", "2026-08-14"]);
    assert_eq!((told.code, agree(&json(&told))), (Some(0), 2), "{told:?}");
    let nothing = house.done(&["reconcile"]);
    assert!(
        nothing.starts_with(&format!("merchant {}, ", support::MERCHANT)) && nothing.ends_with("nothing to compare\n"),
        "{nothing}"
    );
}
