//! What the books take of a statement, and which files they refuse.

use super::*;
use crate::domain::statement::StatementRow;

fn read(bytes: &[u8]) -> Result<Vec<StatementRow>, String> {
    let sheet = sheet(bytes).map_err(|error| error.to_string())?;
    let books = Books::of(sheet).map_err(|error| error.to_string())?;
    books.map(|row| row.map_err(|error| error.to_string())).collect()
}

/// A row in few words.
fn brief(row: &StatementRow) -> String {
    let or_dash = |text: &str| if text.is_empty() { "-".to_owned() } else { text.to_owned() };
    let day = |day: Option<chrono::NaiveDate>| day.map_or("-".to_owned(), |day| day.format("%m%d").to_string());
    let net = row.net_milli.map_or("-".to_owned(), |net| net.to_string());
    let card = if row.is_card { "" } else { " not-card" };
    let (settled, paid) = (day(row.settled_on), day(row.paid_on));
    let days = format!("{} {settled} {paid}", day(Some(row.traded_on)));
    let numbers = format!("{} {} {}", row.merchant_trade_no, or_dash(&row.trade_no), or_dash(&row.closing_no));
    format!("{} {numbers} {days} {} {} {net}{card}", row.line, row.gross, row.fee_milli)
}

fn briefly(bytes: &[u8]) -> Vec<String> {
    read(bytes).expect("a statement").iter().map(brief).collect()
}

const MEDIA_ROWS: [&str; 7] = [
    "2 SHOP0001 2608110900000001 - 0811 0812 0819 1290 25800 1264200",
    "3 SHOP0002 2608110900000002 - 0811 0812 0812 860 15000 845000 not-card",
    "4 SHOP0003 2608120900000003 - 0812 0813 0820 2180 43600 2136400",
    "5 SHOP0003 2608120900000003 - 0812 0814 0821 -2180 -43600 -2136400",
    "7 SUB0001 2608130900000004 - 0813 0814 0821 199 5000 194000",
    "8 SUB0001 2609130900000005 - 0913 0914 0921 199 5000 194000",
    "9 SHOP0006 2608140900000006 - 0814 0817 0817 500 30000 470000 not-card",
];

const FUNDING_ROWS: [&str; 3] = [
    "2 SHOP0001 - 50001 0811 0812 - 1290 25800 1264200",
    "3 SHOP0007 - 50002 0812 0813 - 3000 60000 2940000",
    "4 SHOP0007 - 50003 0812 0814 - -200 -4000 -196000",
];

const AIO_ROWS: [&str; 3] = [
    "2 SHOP0008 2608200900000008 - 0820 - - 1000 20000 980000",
    "4 SHOP0010 2608200900000010 - 0820 - - 900 9000 891000 not-card",
    "5 SHOP0001 2608110900000001 - 0821 - - 1290 25000 1265000",
];

#[test]
fn each_kind_gives_its_rows_in_big5_and_in_utf8() {
    for (bytes, rows) in [(MEDIA, &MEDIA_ROWS[..]), (FUNDING, &FUNDING_ROWS), (AIO, &AIO_ROWS)] {
        assert_eq!(briefly(bytes), rows);
        assert_eq!(briefly(text(bytes).as_bytes()), rows, "UTF-8");
        let marked = ["\u{feff}", &text(bytes)].concat();
        assert_eq!(briefly(marked.as_bytes()), rows, "UTF-8 with a mark");
        let bare = text(bytes).replace("=\"\"1,000\"\"", "1000").replace("=\"", "\"").replace("\n=", "\n");
        assert_eq!(briefly(bare.as_bytes()), rows, "without armour");
    }
}

#[test]
fn a_month_without_the_thirteenth_column_is_read() {
    let plain = "特店交易編號,綠界交易編號,交易日期,付款方式,手續費率,結算日期,撥款日期,交易金額,金流手續費,平台手續費,退款金額,應收款項(淨額)\r\nA1,T1,2026/08/11 13:27:00,信用卡,2%,2026/08/12,,500,10.5,1.25,0,488.25\r\n";
    assert_eq!(briefly(plain.as_bytes()), ["2 A1 T1 - 0811 0812 - 500 11750 488250"]);
}

#[test]
fn each_way_to_write_fees_payout_and_refunds_is_read() {
    for (header, row, expected) in [
        // The vendor's page joins the fee and its rate.
        (
            "序號,授權單號,授權碼,訂單編號,交易日期,請款日期,交易金額,服務費(%數),撥款金額",
            "1,2,3,A1,20260811,20260812,500,10.5(2.1%),489.5",
            &["2 A1 - - 0811 0812 - 500 10500 489500"][..],
        ),
        (
            "交易日期,交易序號,特店訂單編號,ATM條碼,交易金額,付款方式,付款結果,付款日期,款項來源,通路費,交易服務費率,交易服務費金額,應收款項(淨額),撥款狀態,撥款日期,備註",
            "2026/08/11,T1,A1,,500,信用卡,付款成功,2026/08/11,,3,2%,10,487,已撥款,2026/08/19,x",
            &["2 A1 T1 - 0811 - 0819 500 13000 487000"],
        ),
        // 撥款日期 is foreseen, and 撥款狀態 says that it has not come.
        (
            "訂單日期,廠商訂單編號,訂單編號,付款方式,付款狀態,交易金額,交易手續費,平台手續費,應收款項(淨額),撥款狀態,撥款日期",
            "2026-08-11 10:00:00,A1,T1,信用卡,已付款,500,10,1,489,未撥款,2026-08-19",
            &["2 A1 T1 - 0811 - - 500 11000 489000"],
        ),
        (
            "訂單日期,廠商訂單編號,綠界訂單編號,付款方式,交易金額,手續費率(每筆),手續費,處理費,平台手續費,應收款項(淨額),撥款狀態",
            "=2026-08-11 10:00:00,=A1,=T1,信用卡,=500,=2%,=10,=1,=0.5,=488.5,未撥款",
            &["2 A1 T1 - 0811 - - 500 11500 488500"],
        ),
        // A refund in its payment's row.
        (
            "訂單日期,廠商訂單編號,訂單編號,付款方式,付款狀態,交易金額,退款日期,退款金額,交易手續費,應收款項(淨額),撥款狀態",
            "2026-08-11 10:00:00,A1,T1,信用卡,已付款,500,2026-08-14,200,10,290,已撥款",
            &["2 A1 T1 - 0811 - - 500 10000 290000", "2 A1 T1 - 0811 0814 - -200 0 -"],
        ),
    ] {
        assert_eq!(briefly(format!("{header}\r\n{row}\r\n").as_bytes()), expected, "{header}");
    }
}

#[test]
fn a_column_that_the_books_need_is_named_and_orders_are_read_without_it() {
    for (bytes, column, kind) in [
        (MEDIA, "結算日期", Kind::QueryTradeMedia),
        (MEDIA, "撥款日期", Kind::QueryTradeMedia),
        (MEDIA, "金流手續費", Kind::QueryTradeMedia),
        (MEDIA, "平台手續費", Kind::QueryTradeMedia),
        (MEDIA, "應收款項(淨額)", Kind::QueryTradeMedia),
        (FUNDING, "手續費", Kind::FundingReconDetail),
        (FUNDING, "撥款金額", Kind::FundingReconDetail),
        (AIO, "交易手續費", Kind::TradeNoAio),
        (AIO, "應收款項(淨額)", Kind::TradeNoAio),
    ] {
        let without = text(bytes).replacen(column, "別的", 1);
        let expected = StatementError::Missing { kind, column }.to_string();
        assert_eq!(read(without.as_bytes()), Err(expected), "{column}");
        let (read_for_orders, lines) = super::lines(without.as_bytes());
        assert_eq!((read_for_orders, lines.len()), (kind, super::lines(bytes).1.len()), "{column}");
    }
    // 金流處理費 came later.
    assert_eq!(briefly(text(MEDIA).replacen("金流處理費", "別的", 1).as_bytes()), MEDIA_ROWS);
}

/// Each is a sentence that names the line.
#[test]
fn a_file_that_was_cut_changed_or_put_together_is_refused() {
    let media = text(MEDIA);
    let lines: Vec<&str> = media.lines().collect();
    let without = |gone: usize| {
        lines
            .iter()
            .enumerate()
            .filter(|(place, _)| *place != gone)
            .map(|(_, line)| *line)
            .collect::<Vec<_>>()
            .join("\r\n")
    };
    let cut = &media[..media.find("2136.4").expect("a net amount")];
    for (what, file, expected) in [
        (
            "cut off in quotes",
            format!("{}\r\n\"A1\",\"T1", lines[0]),
            "line 2: a quote is opened in this row and never closed",
        ),
        (
            "cut off in a row",
            cut.to_owned(),
            "line 4 has 12 cells, and the first line names 14 columns: the file was cut off",
        ),
        (
            "cut off between two cells",
            format!("{}\r\n{}", lines[0], "\"A1\",\"T1\",\"2026/08/11\",\"信用卡\""),
            "line 2 has 4 cells, and the first line names 14 columns: the file was cut off, so download it again",
        ),
        ("a row is gone", without(1), "line 5: 每日小計 is 2150, and the rows above it add up to 860"),
        ("a row behind the subtotal is gone", without(6), "line 9: 合計 is 3048, and the rows above it add up to 2849"),
        (
            "an amount was changed",
            media.replacen("\"1290\"", "\"1291\"", 1),
            "line 6: 每日小計 is 2150, and the rows above it add up to 2151",
        ),
        (
            "a fee was changed",
            media.replacen("\"25.8\"", "\"35.8\"", 1),
            "line 6: 每日小計 is 40.800, and the rows above it add up to 50.800",
        ),
        ("a net amount was changed", media.replacen("\"1264.2\"", "\"1364.2\"", 1), "line 6: 每日小計 is 2109.200"),
        ("two files in one", [&media[..], &media[..]].concat(), "line 11 is its first line once more"),
        (
            "no whole number",
            media.replacen("\"1290\"", "\"12.9\"", 1),
            "line 2: '12.9' is no amount in New Taiwan dollars",
        ),
        ("no fee", media.replacen("\"25.8\"", "\"2%\"", 1), "line 2: '2%' is no amount in New Taiwan dollars"),
        (
            "more than there can be",
            media.replacen("\"1290\"", "\"2147483648\"", 1),
            "line 2: '2147483648' is no amount",
        ),
        ("no day", media.replacen("2026/08/11 13:27:00", "soon", 1), "line 2 has no day that can be read"),
        ("no number", media.replacen("SHOP0001", "", 1), "line 2: '' is no order number"),
        (
            "a quote too many",
            media.replacen("=\"SHOP0001\"", "\"SHOP0001,", 1),
            "line 2: 'SHOP0001,,=260811090' has the amount 25.8, and is neither an order nor a sum",
        ),
        ("no statement", "a,b,c\n1,2,3\n".to_owned(), "is none of ECPay's statements"),
        ("an error of ECPay's", "{\"TransCode\":128}".to_owned(), "is none of ECPay's statements"),
        ("nothing", String::new(), "is empty: its first line has to name the columns"),
    ] {
        let said = read(file.as_bytes()).expect_err(what);
        assert!(said.starts_with(expected), "{what}: {said}");
    }
}

#[test]
fn a_file_without_rows_is_one_without_rows() {
    for bytes in [MEDIA, FUNDING, AIO] {
        let header = text(bytes).lines().next().expect("a header").to_owned();
        assert_eq!(read(header.as_bytes()), Ok(vec![]));
    }
}

#[test]
fn sums_may_be_rounded_by_less_than_a_dollar_and_other_words_are_no_sums() {
    let header = "訂單編號,交易日期,請款日期,交易金額,手續費,撥款金額";
    let file = |last: &str| format!("{header}\r\nA1,20260811,20260812,1290,25.8,1264.2\r\n{last}\r\n");
    for sum in
        [",,每日小計,1290,26,1264", ",,合計:,1290,25.8,1264.2", ",,總計,1290,,", ",,每日小計,,,", "資料筆數：1,,,,9,9"]
    {
        assert_eq!(read(file(sum).as_bytes()).map(|rows| rows.len()), Ok(1), "{sum}");
    }
    for sum in [",,每日小計,1290,27,1264", ",,合計:,1291,25.8,1264.2", ",,總計,-1290,,", "資料筆數：1,,,9,9,9"]
    {
        assert!(read(file(sum).as_bytes()).is_err(), "{sum}");
    }
}

#[test]
fn a_row_without_an_end_does_not_fill_the_memory() {
    struct Endless;
    impl std::io::Read for Endless {
        fn read(&mut self, room: &mut [u8]) -> std::io::Result<usize> {
            room.fill(b'x');
            Ok(room.len())
        }
    }
    let coding = Coding::of(&b"a"[..]).expect("bytes");
    let said = Sheet::open(Endless, coding).map(|_| ()).expect_err("no header").to_string();
    assert!(said.contains("a row is longer than 4 MB"), "{said}");
}
