//! What a list may be, what comes of its rows, and what is said of a file that is no list.

use encoding_rs::BIG5;

use crate::support::{BRISK, House, MERCHANT};
use crate::{counts, house, json, read, write};

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_written_without_yes() {
    let house = house();
    write(&house, "list.csv", "merchant_trade_no,expected_amount\nA1,100\nA1,100\nA2,x\n");
    let told = house.tell(&["orders", "import", "list.csv"]);
    assert_eq!(told.error(1), "1 of 3 rows were refused");
    let dollars = "expected_amount must be a whole number of New Taiwan dollars from 1 to 2147483647";
    let expected = format!(
        "list.csv: 3 rows, 1 new, 1 in the ledger already, 1 refused\n  capture of the new ones: hold 1\n  line 4: {dollars}\nnothing was written: --yes writes it\n"
    );
    assert_eq!(told.out, expected);
    let json = json(&house.tell(&["orders", "import", "list.csv", "--json"]));
    assert_eq!((counts(&json), &json["dry_run"]), ([3, 1, 1, 1], &true.into()));
    assert_eq!(json["files"][0]["refusals"][0], serde_json::json!({"line": 4, "why": dollars}));
    let sql = house.sql().await;
    assert_eq!(sql.ask("SELECT count(*) FROM orders"), "0");
    assert_eq!(sql.ask("SELECT count(*) FROM events WHERE kind = 'order_registered'"), "0");
    assert!(!house.path("list.refused.csv").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn every_column_arrives_in_the_ledger_in_any_order_and_by_both_names() {
    let rows = "SELECT group_concat(merchant_trade_no || ' ' || ifnull(trade_no, '-') || ' ' || ifnull(expected_amount, '-') || ' ' || capture || ' ' || ifnull(memo, '-'), '; ') FROM (SELECT * FROM orders ORDER BY id)";
    let expected = "A1 2608110000000001 1200 auto 公司，二樓; A2 - - now -; A3 - 1200 hold a \"b\"";
    let english = "memo,capture,expected_amount,trade_no,merchant_id,merchant_trade_no\r\n\
        公司，二樓,auto,\"1,200\",2608110000000001,3002607,A1\r\n,NOW,,,,A2\r\n\"a \"\"b\"\"\",,=\"1200\",,,=\"A3\"\r\n";
    let chinese = "memo,capture,訂單金額,綠界交易編號,特店編號,特店訂單編號\n公司，二樓,auto,NT$1200,=\"2608110000000001\",=\"3002607\",=\"A1\"\n,now,,,,A2\n\"a \"\"b\"\"\",,=1200.00,,,A3\n";
    let other = "memo,Capture,交易金額,Trade_No,特店編號,特店交易編號,\n公司，二樓,auto,1200,2608110000000001,,A1\n,now,,,,A2,,\n\"a \"\"b\"\"\",,1200,,,A3\n";
    for (list, bytes) in [
        (english, english.as_bytes().to_vec()),
        (english, ["\u{feff}", english].concat().into_bytes()),
        (english, BIG5.encode(english).0.into_owned()),
        (chinese, BIG5.encode(chinese).0.into_owned()),
        (other, other.as_bytes().to_vec()),
    ] {
        let house = house();
        write(&house, "list.csv", bytes);
        let said = house.done(&["orders", "import", "list.csv", "--yes"]);
        assert!(said.contains("3 rows, 3 new, 0 in the ledger already, 0 refused"), "{said}");
        assert_eq!(house.sql().await.ask(rows), expected, "{list}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn imported_orders_are_on_hold_unless_the_list_or_the_command_says_otherwise() {
    for (arguments, expected) in
        [(&[][..], "hold,auto"), (&["--capture", "auto"][..], "auto,auto"), (&["--capture", "now"], "now,auto")]
    {
        let house = house();
        write(&house, "list.csv", "merchant_trade_no,capture\nA1,\nA2,auto\n");
        house.done(&[&["orders", "import", "list.csv", "--yes"], arguments].concat());
        let captures = "SELECT group_concat(capture) FROM (SELECT capture FROM orders ORDER BY id)";
        assert_eq!(house.sql().await.ask(captures), expected);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_row_stands_in_a_file_of_its_own_with_the_ledgers_sentence() {
    let house = house();
    let list = "merchant_trade_no,memo,capture,trade_no,merchant_id\n\
        A-1,謝謝,,,\nA2\nA3,\"x, y\",later,,\nA4,,,,9\nA5,,,a b,\nA6,,,,,surplus\n,,,,3002607\nA7,\"never closed\n";
    write(&house, "list.csv", list);
    let told = house.tell(&["orders", "import", "list.csv", "--yes"]);
    assert_eq!(told.error(1), "7 of 8 rows were refused");
    assert!(told.out.contains("the refused rows are in list.refused.csv"), "{told:?}");
    let number = "\"merchant_trade_no must be 1 to 20 letters and digits, as sent to ECPay\"";
    let expected = [
        "\u{feff}refused_line,refused_because,merchant_trade_no,memo,capture,trade_no,merchant_id".to_owned(),
        format!("2,{number},A-1,謝謝,,,"),
        "4,\"capture must be one of auto, now, hold\",A3,\"x, y\",later,,".to_owned(),
        "5,merchant_id is not in the settings of ecpayd: add a [[merchant]] section and start ecpayd once,A4,,,,9".to_owned(),
        "6,\"trade_no must be 1 to 20 letters and digits, as ECPay gave it; leave it NULL for an ordinary order\",A5,,,a b,".to_owned(),
        "7,\"the row has 6 cells, and the first line names 5 columns: text with a comma in it needs quotes\",A6,,,,,surplus".to_owned(),
        format!("8,{number},,,,,3002607"),
    ];
    let refused = read(&house, "list.refused.csv");
    let lines: Vec<&str> = refused.split("\r\n").collect();
    assert_eq!(lines[..7], expected);
    let open = "9,\"a quote is opened in this row and never closed, and all rows behind it were taken for one cell: close it\",A7,\"never closed\n";
    assert_eq!(lines[7..], [open], "open as it was");
    assert_eq!(house.sql().await.ask("SELECT group_concat(merchant_trade_no) FROM orders"), "A2");

    // Another run leaves the file of the first one alone: somebody may be correcting it.
    write(&house, "list.refused.csv", refused.replace("A-1", "A1").replace("later", "now"));
    let told = house.tell(&["orders", "import", "list.csv", "--yes"]);
    assert!(told.out.contains("the refused rows are in list.refused-2.csv"), "{told:?}");
    assert_eq!(read(&house, "list.refused-2.csv"), refused);
    // And once it is corrected it is a list.
    let told = house.tell(&["orders", "import", "list.refused.csv", "--yes", "--json"]);
    assert_eq!(counts(&json(&told)), [7, 2, 0, 5], "{told:?}");
    assert_eq!(json(&told)["files"][0]["refused_file"], "list.refused.refused.csv");
}

/// Whatever says that a row is there: the number, and where ECPay's number stands in both, that too.
#[tokio::test(flavor = "multi_thread")]
async fn an_order_is_there_by_its_number_and_by_its_authorization() {
    let house = house();
    let sql = house.sql().await;
    sql.does("INSERT INTO orders (merchant_id, merchant_trade_no) VALUES ('3002607', 'OWN'), ('3002607', 'SEEN')");
    sql.does("INSERT INTO orders (merchant_id, merchant_trade_no, trade_no) VALUES ('3002607', 'LATER', 'T2')");
    sql.does("UPDATE order_state SET trade_no = 'T7' WHERE merchant_trade_no = 'SEEN'");
    for (row, new) in [
        ("OWN,", false),
        ("OWN,T1", false),
        ("SEEN,", false),
        ("SEEN,T7", false),
        ("SEEN,T8", true),
        ("LATER,", false),
        ("LATER,T2", false),
        ("LATER,T3", true),
        ("own,", true),
    ] {
        write(&house, "list.csv", format!("merchant_trade_no,trade_no\n{row}\n"));
        for write in [&[][..], &["--yes"]] {
            let told = house.tell(&[&["orders", "import", "list.csv", "--json"], write].concat());
            assert_eq!(counts(&json(&told)), [1, u64::from(new), u64::from(!new), 0], "{row}: {told:?}");
        }
    }
    // One authorization is of one order alone.
    write(&house, "list.csv", "merchant_trade_no,trade_no\nOTHER,T7\n");
    let told = house.tell(&["orders", "import", "list.csv", "--yes"]);
    assert!(told.out.contains("trade_no is the authorization of another order in the ledger"), "{told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_no_list_is_wrong_usage_in_one_sentence() {
    let house = house();
    std::fs::create_dir(house.path("folder.csv")).expect("a folder");
    for (list, part) in [
        ("merchant_tradeno\nA1\n", "has a column 'merchant_tradeno', which is unknown (is merchant_trade_no meant?)"),
        ("merchant_trade_no,amount\nA1\n", "has a column 'amount', which is unknown"),
        ("merchant_trade_no,特店訂單號碼\nA1\n", "(is 特店訂單編號 meant?)"),
        ("merchant_trade_no,,memo\nA1\n", "has a column '', which is unknown"),
        ("memo,capture\nA1\n", "has no column merchant_trade_no (特店訂單編號)"),
        ("merchant_trade_no,特店交易編號\nA1\n", "has the column merchant_trade_no twice"),
        ("", "is empty: its first line has to name the columns"),
        ("\"merchant_trade_no\nA1\n", "the quote that its first line opens is never closed"),
        ("A1\nA2\n", "which is unknown"),
        ("\0\0\0\0", "which is unknown"),
    ] {
        write(&house, "list.csv", list);
        let told = house.tell(&["orders", "import", "list.csv", "--yes"]);
        let said = told.error(2);
        assert!(said.starts_with("list.csv ") || said.starts_with("list.csv: "), "{said}");
        assert!(said.contains(part), "{list:?}: {said}");
    }
    for (file, part) in
        [("nowhere.csv", "nowhere.csv: there is no such file"), ("folder.csv", "folder.csv: it is a directory")]
    {
        assert_eq!(house.tell(&["orders", "import", file, "--yes"]).error(2), part);
    }
    for mode in ["later", ""] {
        assert!(
            house.tell(&["orders", "import", "list.csv", "--capture", mode]).error(2).contains("auto, now or hold")
        );
    }
    assert_eq!(house.sql().await.ask("SELECT count(*) FROM orders"), "0");
}

#[tokio::test(flavor = "multi_thread")]
async fn where_several_merchants_are_there_a_list_names_them_or_the_command_names_one() {
    let house = House::without_gateway(BRISK);
    house.settle_in(&[MERCHANT, "2000132"], "http://127.0.0.1:9", BRISK);
    house.done(&["run", "--once"]);
    write(&house, "list.csv", "merchant_trade_no\nA1\n");
    let told = house.tell(&["orders", "import", "list.csv", "--yes"]);
    assert!(told.error(2).ends_with("it has no column merchant_id: choose one with --merchant"), "{told:?}");
    house.done(&["orders", "import", "list.csv", "--yes", "--merchant", "2000132"]);
    write(&house, "both.csv", "merchant_id,merchant_trade_no\n3002607,A1\n2000132,A1\n,A2\n");
    let told = house.tell(&["orders", "import", "both.csv", "--yes", "--json"]);
    assert_eq!(counts(&json(&told)), [3, 1, 1, 1], "{told:?}");
    let sql = house.sql().await;
    let orders =
        "SELECT group_concat(merchant_id || ' ' || merchant_trade_no) FROM (SELECT * FROM orders ORDER BY merchant_id)";
    assert_eq!(sql.ask(orders), "2000132 A1,3002607 A1");
}
