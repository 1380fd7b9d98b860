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
        let Ok(sheet) = sheet(&bytes) else { return Ok(()) };
        let Ok(mut statement) = Statement::of(sheet) else { return Ok(()) };
        let mut before = 0;
        while let Some((row, _)) = statement.read().expect("a row") {
            prop_assert!(row.line > before, "{} after {before}", row.line);
            before = row.line;
        }
    }
}
