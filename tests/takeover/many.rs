//! Ten thousand rows in each encoding that a shop's list comes in.

use encoding_rs::BIG5;

use crate::{counts, house, json, read, write};

const ROWS: usize = 10_000;

/// Row, number, amount, capture: what is wrong with seven of them.
const BAD: [(usize, &str, &str, &str); 7] = [
    (0, "BAD-NUMBER", "100", ""),
    (499, "", "100", ""),
    (500, "123456789012345678901", "100", ""),
    (3_333, "BADAMOUNT", "12.5", ""),
    (7_000, "BADAMOUNT2", "0", ""),
    (7_001, "BADCAPTURE", "100", "later"),
    (9_999, "訂單一", "100", ""),
];

fn list(cell: impl Fn(&str) -> String) -> String {
    let mut text = String::from("特店訂單編號,memo,交易金額,capture\r\n");
    for row in 0..ROWS {
        let number = format!("S{row:07}");
        let bad = BAD.iter().find(|(bad, ..)| *bad == row);
        let (number, amount, capture) = bad.map_or((number.as_str(), "1200", ""), |(_, n, a, c)| (*n, *a, *c));
        text += &format!("{},{},{},{capture}\r\n", cell(number), cell("第二批，請小心"), cell(amount));
    }
    text
}

async fn all_but_seven_come_in(bytes: &[u8]) {
    let house = house();
    write(&house, "list.csv", bytes);
    let import = ["orders", "import", "list.csv", "--yes", "--json"];
    let told = house.tell(&import);
    assert_eq!((counts(&json(&told)), told.code), ([10_000, 9_993, 0, 7], Some(1)), "{}", told.err);
    let sql = house.sql().await;
    assert_eq!(sql.ask("SELECT count(*) || memo || capture FROM orders"), "9993第二批，請小心hold");
    let refused = read(&house, "list.refused.csv");
    let lines: Vec<&str> = refused.strip_prefix('\u{feff}').expect("a mark").split_terminator("\r\n").collect();
    assert_eq!(lines.len(), 1 + BAD.len());
    for ((row, number, ..), line) in BAD.iter().zip(&lines[1..]) {
        let (at, rest) = line.split_once(',').expect("a line number");
        assert_eq!(at, (row + 2).to_string());
        assert!(rest.contains(" must be ") && rest.contains(number) && rest.contains("第二批"), "{line}");
    }
    let again = house.tell(&import);
    assert_eq!(counts(&json(&again)), [10_000, 0, 9_993, 7]);
    assert_eq!(read(&house, "list.refused-2.csv"), refused);
    assert_eq!(sql.ask("SELECT count(*) FROM orders"), "9993");
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_rows_in_utf8_with_a_mark() {
    all_but_seven_come_in(["\u{feff}", &list(str::to_owned)].concat().as_bytes()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_rows_in_big5() {
    all_but_seven_come_in(&BIG5.encode(&list(str::to_owned)).0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_rows_in_armour() {
    all_but_seven_come_in(&BIG5.encode(&list(|cell| format!("=\"{cell}\""))).0).await;
}
