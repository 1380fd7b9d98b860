//! ECPay's files, in the form that was seen and with invented numbers, and files that are bent.

mod books;
mod properties;

use encoding_rs::{BIG5, UTF_16LE};

use super::decode::{Coding, dollars, thousandths};
use super::*;

fn sheet(bytes: &[u8]) -> Result<Sheet<&[u8]>, SheetError> {
    Sheet::open(bytes, Coding::of(bytes).expect("bytes"))
}

/// All cells of a file, its header first.
fn cells(bytes: &[u8]) -> Vec<Vec<String>> {
    let mut sheet = sheet(bytes).expect("a header");
    let mut all = vec![sheet.header().to_vec()];
    while let Some(row) = sheet.read().expect("a row") {
        all.push(row.cells.iter().map(str::to_owned).collect());
    }
    all
}

fn text(bytes: &[u8]) -> String {
    let mut text = String::new();
    let read = std::io::Read::read_to_string(&mut Coding::of(bytes).expect("bytes").text(bytes), &mut text);
    read.expect("text");
    text
}

const MEDIA: &[u8] = include_bytes!("../../../../tests/statements/query-trade-media.csv");
const FUNDING: &[u8] = include_bytes!("../../../../tests/statements/funding-recon-detail.csv");
const AIO: &[u8] = include_bytes!("../../../../tests/statements/trade-no-aio.csv");

fn lines(bytes: &[u8]) -> (Kind, Vec<Line>) {
    let mut statement = Statement::of(sheet(bytes).expect("a header")).expect("a statement");
    let mut lines = Vec::new();
    while let Some((_, line)) = statement.read().expect("a row") {
        lines.push(line);
    }
    (statement.kind(), lines)
}

/// A line in few words.
fn brief(line: &Line) -> String {
    match line {
        Line::Paid(e) => format!(
            "paid {} {} {}",
            e.merchant_trade_no,
            e.trade_no.as_deref().unwrap_or("-"),
            e.amount.map_or("?".to_owned(), |a| a.to_string())
        ),
        Line::Refunded(e) => format!("refunded {} {:?}", e.merchant_trade_no, e.amount),
        Line::NotByCard(word, _) => format!("NotByCard({word:?})"),
        other => format!("{other:?}"),
    }
}

#[test]
fn each_kind_is_known_by_its_columns_and_its_rows_are_told_apart() {
    for (bytes, kind, expected) in [
        (
            MEDIA,
            Kind::QueryTradeMedia,
            &[
                "paid SHOP0001 2608110900000001 1290",
                "NotByCard(\"ATM\")",
                "paid SHOP0003 2608120900000003 2180",
                "refunded SHOP0003 Some(-2180)",
                "Subtotal",
                "paid SUB0001 2608130900000004 199",
                "paid SUB0001 2609130900000005 199",
                "NotByCard(\"超商代碼\")",
                "Subtotal",
            ][..],
        ),
        (
            FUNDING,
            Kind::FundingReconDetail,
            &["paid SHOP0001 - 1290", "paid SHOP0007 - 3000", "refunded SHOP0007 Some(-200)", "Subtotal", "Subtotal"],
        ),
        (
            AIO,
            Kind::TradeNoAio,
            &[
                "paid SHOP0008 2608200900000008 1000",
                "NotPaid",
                "NotByCard(\"ATM櫃員機\")",
                "paid SHOP0001 2608110900000001 1290",
            ],
        ),
    ] {
        let (found, lines) = lines(bytes);
        assert_eq!(
            (found, lines.iter().map(brief).collect::<Vec<_>>()),
            (kind, expected.iter().map(ToString::to_string).collect())
        );
    }
}

/// Headers that were seen in use, or that the vendor's pages list.
#[test]
fn every_header_that_is_known_to_be_in_use_is_read() {
    for (kind, header, row) in [
        (
            Kind::FundingReconDetail,
            "序號,授權單號,授權碼,訂單編號,交易日期,請款日期,交易金額,服務費(%數),撥款金額",
            "1,2,3,A1,20260811,20260812,500,10(2%),490",
        ),
        (
            Kind::TradeNoAio,
            "交易日期,交易序號,特店訂單編號,ATM條碼,交易金額,付款方式,付款結果,付款日期,款項來源,通路費,交易服務費率,交易服務費金額,應收款項(淨額),撥款狀態,撥款日期,備註",
            "2026/08/11,T1,A1,,500,信用卡,付款成功,2026/08/11,,0,2%,10,490,未撥款,,",
        ),
        (
            Kind::TradeNoAio,
            "訂單日期,廠商訂單編號,訂單編號,平台名稱,付款方式,費率(每筆),信用卡授權單號,信用卡卡號末4碼,超商資訊/ATM繳款帳號,付款狀態,交易金額,退款日期,退款金額,交易手續費,平台手續費,應收款項(淨額),撥款狀態,買家備註,廠商備註",
            "2026-08-11 10:00:00,A1,T1,,信用卡,2%,1,0000,,已付款,500,,0,10,0,490,未撥款,,",
        ),
        (
            Kind::TradeNoAio,
            "訂單日期,廠商訂單編號,綠界訂單編號,付款方式,交易金額,手續費率(每筆),手續費,處理費,交易手續費,平台手續費,應收款項(淨額),撥款狀態",
            "=2026-08-11 10:00:00,=A1,=T1,信用卡,=500,=2%,=10,=0,=10,=0,=490,未撥款",
        ),
        (
            Kind::QueryTradeMedia,
            "特店交易編號,綠界交易編號,交易日期,付款方式,手續費率,結算日期,撥款日期,交易金額,金流手續費,平台手續費,退款金額,應收款項(淨額)",
            "A1,T1,2026/08/11 13:27:00,信用卡,2%,,,500,10,0,0,490",
        ),
    ] {
        let trade_no = if kind == Kind::FundingReconDetail { "-" } else { "T1" };
        let (found, lines) = lines(format!("{header}\r\n{row}\r\n").as_bytes());
        let lines: Vec<_> = lines.iter().map(brief).collect();
        assert_eq!((found, lines), (kind, vec![format!("paid A1 {trade_no} 500")]), "{header}");
    }
}

#[test]
fn columns_are_found_wherever_they_stand() {
    let utf8 = text(MEDIA);
    let turned: String = utf8.lines().map(|line| line.split(',').rev().collect::<Vec<_>>().join(",") + "\n").collect();
    assert_eq!(lines(turned.as_bytes()), lines(MEDIA));
    let spaced = utf8.replacen("應收款項(淨額)", " 應收款項（淨額） ", 1).replacen("交易金額", "交易 金額", 1);
    assert_eq!(lines(spaced.as_bytes()), lines(MEDIA));
}

#[test]
fn a_column_that_is_missing_or_there_twice_is_named_with_the_kind_of_file() {
    let of = |bytes: &[u8]| Statement::of(sheet(bytes).expect("a header")).map(|s| s.kind()).expect_err("an error");
    for (bytes, column, kind) in [
        (MEDIA, "特店交易編號", Kind::QueryTradeMedia),
        (MEDIA, "綠界交易編號", Kind::QueryTradeMedia),
        (MEDIA, "交易日期", Kind::QueryTradeMedia),
        (MEDIA, "付款方式", Kind::QueryTradeMedia),
        (MEDIA, "交易金額", Kind::QueryTradeMedia),
        (FUNDING, "訂單編號", Kind::FundingReconDetail),
        (FUNDING, "請款日期", Kind::FundingReconDetail),
        (FUNDING, "交易金額", Kind::FundingReconDetail),
        (AIO, "廠商訂單編號", Kind::TradeNoAio),
        (AIO, "綠界訂單編號", Kind::TradeNoAio),
        (AIO, "付款方式", Kind::TradeNoAio),
    ] {
        let without = text(bytes).replacen(column, "別的", 1);
        assert_eq!(of(without.as_bytes()), StatementError::Missing { kind, column }, "{column}");
        let twice = format!("=\"{column}\",{}", text(bytes));
        assert_eq!(of(twice.as_bytes()), StatementError::Twice { kind, column }, "{column}");
    }
    for other in ["a,b,c\n1,2,3\n", "{\"TransCode\":128}", "<html>", "訂單編號,交易日期\n"] {
        assert_eq!(of(other.as_bytes()), StatementError::Unknown, "{other}");
    }
}

#[test]
fn a_row_is_a_subtotal_only_where_neither_number_nor_day_stands_in_it() {
    let header = text(MEDIA).lines().next().expect("a header").to_owned();
    for (number, day, expected) in [
        ("", "", "Subtotal"),
        ("合計", "", "Subtotal"),
        ("", "每日小計:", "Subtotal"),
        ("3", "", "Undated"),
        ("A1", "小計", "Undated"),
        ("A1", "2026/13/45", "Undated"),
        ("合計", "2026/08/11", "paid 合計 9 5"),
        ("", "2026/08/11", "paid  9 5"),
        ("A1", "2016/5/12 下午 07:09:17", "paid A1 9 5"),
        ("A1", "20260811", "paid A1 9 5"),
    ] {
        let file = format!("{header}\n{number},9,{day},信用卡,,,,5\n");
        let (_, lines) = lines(file.as_bytes());
        assert_eq!(lines.iter().map(brief).collect::<Vec<_>>(), [expected], "{number:?} {day:?}");
    }
}

#[test]
fn a_mark_comes_first_then_utf8_then_big5() {
    let chinese = "特店訂單編號,memo\r\nA1,請寄到公司，謝謝\r\n";
    let big5 = BIG5.encode(chinese).0;
    let utf16: Vec<u8> = [0xFF, 0xFE].into_iter().chain(chinese.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let marked = ["\u{feff}", chinese].concat();
    for (bytes, name, valid) in [
        (chinese.as_bytes(), "UTF-8", true),
        (marked.as_bytes(), "UTF-8", true),
        (&big5, "Big5", false),
        (&utf16, UTF_16LE.name(), false),
    ] {
        let coding = Coding::of(bytes).expect("bytes");
        assert_eq!((coding.name(), coding.is_valid()), (name, valid));
        assert_eq!(text(bytes), chinese, "{name}");
    }
    // Cut off in the middle of a character, it is no UTF-8.
    assert_eq!(Coding::of(&chinese.as_bytes()[..chinese.len() - 3]).expect("bytes").name(), "Big5");
}

#[test]
fn utf8_is_known_however_its_characters_fall_on_the_parts_that_are_read() {
    for before in 0..4 {
        let long = "x".repeat(before) + &"謝".repeat(70_000);
        assert!(Coding::of(long.as_bytes()).expect("bytes").is_valid(), "{before}");
        let mut broken = long.into_bytes();
        broken.push(0xE8);
        assert_eq!(Coding::of(broken.as_slice()).expect("bytes").name(), "Big5", "{before}");
    }
}

#[test]
fn bytes_that_are_no_text_are_told_in_the_row_that_has_them() {
    let big5 = [BIG5.encode("編號,memo\nA1,謝謝\nA2,").0.as_ref(), b"\xFF\xFF\n", b"A3,x\n"].concat();
    let mut sheet = sheet(&big5).expect("a header");
    let mut faults = Vec::new();
    while let Some(row) = sheet.read().expect("a row") {
        faults.push((row.line, row.fault));
    }
    assert_eq!(faults, [(2, None), (3, Some(RowFault::NoText("Big5"))), (4, None)]);
}

#[test]
fn a_quote_that_is_never_closed_swallows_nothing_in_silence() {
    let mut sheet = sheet(b"a,b\n1,2\n3,\"4\n5,6\n7,8").expect("a header");
    let mut rows = Vec::new();
    while let Some(row) = sheet.read().expect("a row") {
        rows.push((row.line, row.fault));
    }
    assert_eq!(rows, [(2, None), (3, Some(RowFault::OpenQuote))]);
    let mut sheet = self::sheet(b"a,b\n3,\"4\r\n5,6\r\n").expect("a header");
    assert_eq!(sheet.read().expect("a row").expect("a row").cell(1), "4\r\n5,6\r\n", "as it came");
    assert!(matches!(
        Sheet::open(&b"\"a,b\n1,2"[..], Coding::of(&b"a"[..]).expect("bytes")),
        Err(SheetError::OpenHeader)
    ));
    for empty in ["", "\n\n", " , ,\r\n", "\u{feff}"] {
        assert!(matches!(self::sheet(empty.as_bytes()), Err(SheetError::Empty)), "{empty:?}");
    }
}

#[test]
fn ragged_and_blank_rows_are_read_as_a_spreadsheet_shows_them() {
    let file = "a,b,,\r\n1\r\n,,,\r\n\r\n2,\"x, \"\"y\"\"\r\nz\",,\r\n3,4,5\r\n6";
    assert_eq!(cells(file.as_bytes())[0], ["a", "b"]);
    let mut sheet = sheet(file.as_bytes()).expect("a header");
    let mut rows = Vec::new();
    while let Some(row) = sheet.read().expect("a row") {
        rows.push((row.line, row.cell(0).to_owned(), row.cell(1).to_owned(), row.fault.is_some()));
    }
    let row = |line, a: &str, b: &str, fault| (line, a.to_owned(), b.to_owned(), fault);
    assert_eq!(
        rows,
        [row(2, "1", "", false), row(5, "2", "x, \"y\"\r\nz", false), row(7, "3", "4", true), row(8, "6", "", false)]
    );
}

#[test]
fn thousandths_are_read_to_the_digit() {
    for (cell, milli) in [
        ("25.8", Some(25_800)),
        ("=\"-43.6\"", Some(-43_600)),
        ("0.001", Some(1)),
        ("-0.001", Some(-1)),
        ("1,234.567", Some(1_234_567)),
        ("2.5000000", Some(2_500)),
        // A double has no such number.
        ("9007199254740993.001", Some(9_007_199_254_740_993_001)),
        ("0.0005", None),
        ("1.2.3", None),
        (".5", None),
        ("5.", Some(5_000)),
        ("1.-5", None),
        ("9223372036854775.808", None),
        ("2%", None),
        ("", None),
    ] {
        assert_eq!(thousandths(cell), milli, "{cell:?}");
    }
}

#[test]
fn an_amount_is_whole_dollars_however_it_is_written() {
    for (cell, dollars_read) in [
        ("1200", Some(1200)),
        ("=\"1200\"", Some(1200)),
        ("=1200", Some(1200)),
        (" 1,200 ", Some(1200)),
        ("=\"1,234,567\"", Some(1_234_567)),
        ("NT$1,200", Some(1200)),
        ("$5", Some(5)),
        ("1200.00", Some(1200)),
        ("-2180", Some(-2180)),
        ("0", Some(0)),
        ("", None),
        ("12.5", None),
        ("-43.6", None),
        ("1,2", None),
        ("12,34", None),
        ("1234,567", None),
        (",5", None),
        ("5,", None),
        ("1e3", None),
        ("--5", None),
        ("壹", None),
        ("１２", None),
        ("99999999999999999999", None),
    ] {
        assert_eq!(dollars(cell), dollars_read, "{cell:?}");
    }
}
