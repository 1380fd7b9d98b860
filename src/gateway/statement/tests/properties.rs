//! What holds of any text and of any bytes.

use std::borrow::Cow;

use encoding_rs::BIG5;
use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::gateway::statement::decode::{bare, unarmour};

fn armoured(text: &str) -> String {
    format!("=\"{}\"", text.replace('"', "\"\""))
}

/// A file with these cells, as any program writes it.
fn csv_of(rows: &[Vec<String>]) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
    rows.iter().for_each(|row| writer.write_record(row).expect("a row"));
    writer.into_inner().expect("bytes")
}

proptest! {
    #[test]
    fn any_text_comes_back_out_of_its_armour(text in any::<String>()) {
        prop_assert_eq!(unarmour(&armoured(&text)).into_owned(), text.as_str());
        prop_assert_eq!(bare(&armoured(text.trim().trim_start_matches('='))), text.trim().trim_start_matches('=').trim());
    }

    #[test]
    fn text_without_armour_is_left_as_it_is(text in any::<String>()) {
        prop_assume!(!text.starts_with("=\""));
        prop_assert!(matches!(unarmour(&text), Cow::Borrowed(same) if same == text));
    }

    #[test]
    fn any_text_in_utf8_comes_back_with_and_without_a_mark(written in any::<String>()) {
        prop_assume!(!written.starts_with('\u{feff}'));
        prop_assert_eq!(text(written.as_bytes()), written.as_str());
        prop_assert_eq!(text(["\u{feff}", &written].concat().as_bytes()), written.as_str());
    }

    #[test]
    fn chinese_in_big5_reads_right(memos in vec("[一-龥a-z0-9，。（）]{1,20}", 1..20)) {
        let in_big5 = |c: &char| !BIG5.encode(c.encode_utf8(&mut [0; 4])).2;
        let written: String = memos.join("\r\n").chars().filter(in_big5).collect();
        let bytes = BIG5.encode(&written).0;
        // What happens to be UTF-8 as well is read as that.
        prop_assume!(std::str::from_utf8(&bytes).is_err());
        prop_assert_eq!(text(&bytes), written);
    }

    #[test]
    fn armoured_cells_come_back_as_they_were(rows in vec(vec("[ -~一-龥\"\r\n]{0,8}", 1..5), 1..6)) {
        let header = vec!["c".to_owned(); 5];
        let armoured: Vec<Vec<String>> = rows.iter().map(|row| row.iter().map(|cell| armoured(cell)).collect()).collect();
        let read = cells(&csv_of(&[&[header], armoured.as_slice()].concat()));
        let read: Vec<Vec<String>> =
            read[1..].iter().map(|row| row.iter().map(|cell| unarmour(cell).into_owned()).collect()).collect();
        prop_assert_eq!(read, rows);
    }

    #[test]
    fn any_bytes_are_read_to_their_end_or_refused(bytes in vec(any::<u8>(), 0..400), kind in 0..4_usize) {
        let begins: [&[u8]; 4] = [b"", MEDIA, FUNDING, AIO];
        let bytes = [begins[kind], &bytes].concat();
        if let Ok(Ok(books)) = super::sheet(&bytes).map(Books::of) {
            // At most one error, and nothing behind it.
            let rows: Vec<_> = books.collect();
            prop_assert!(rows.iter().rev().skip(1).all(Result::is_ok));
        }
        let Ok(sheet) = sheet(&bytes) else { return Ok(()) };
        let Ok(mut statement) = Statement::of(sheet) else { return Ok(()) };
        let mut before = 0;
        while let Some((row, _)) = statement.read().expect("a row") {
            prop_assert!(row.line > before, "{} after {before}", row.line);
            before = row.line;
        }
    }

    /// A month of rows, its sums behind them: what was written is what is read, and a row less is told.
    #[test]
    fn any_month_with_its_sums_is_read_and_a_row_that_is_gone_is_missed(
        rows in vec((1_i64..100_000, 0_i64..5_000_000, any::<bool>()), 1..20), gone in any::<prop::sample::Index>(),
    ) {
        let decimal = |milli: i64| format!("{}{}.{:03}", if milli < 0 { "-" } else { "" }, milli.abs() / 1000, milli.abs() % 1000);
        let signed = |&(gross, fee, is_refund): &(i64, i64, bool)| if is_refund { (-gross, -fee) } else { (gross, fee) };
        let line = |(place, row): (usize, &(i64, i64, bool))| {
            let (gross, fee) = signed(row);
            format!("1,2,c{place},A{place},20260811,20260812,{gross},{},2%,{},0", decimal(fee), decimal(gross * 1000 - fee))
        };
        let lines: Vec<String> = rows.iter().enumerate().map(line).collect();
        let sums = rows.iter().map(signed).fold((0, 0), |sum, row| (sum.0 + row.0, sum.1 + row.1));
        let total = format!(",,,,,合計:,{},{},,{},0", sums.0, decimal(sums.1), decimal(sums.0 * 1000 - sums.1));
        let header = "授權單號,授權碼,關帳單號,訂單編號,交易日期,請款日期,交易金額,手續費,%數,撥款金額,交易處理費";
        let file = |lines: &[String]| [&[header.to_owned()], lines, std::slice::from_ref(&total)].concat().join("\r\n");
        let read = |text: &str| Books::of(super::sheet(text.as_bytes()).expect("a header")).expect("all columns").collect::<Result<Vec<_>, _>>();
        let all = read(&file(&lines)).map_err(|error| TestCaseError::fail(error.to_string()))?;
        let found: Vec<_> = all.iter().map(|row| (row.gross, row.fee_milli)).collect();
        prop_assert_eq!(found, rows.iter().map(signed).collect::<Vec<_>>());
        let mut fewer = lines.clone();
        fewer.remove(gone.index(lines.len()));
        let is_missed = matches!(read(&file(&fewer)), Err(BooksError::Sum { .. }));
        prop_assert!(is_missed);
    }
}
