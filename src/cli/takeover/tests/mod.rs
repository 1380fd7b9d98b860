//! Any file, through a dry run and a real one, on a real ledger.

use std::path::Path;

use chrono::Utc;
use indicatif::ProgressBar;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::*;
use crate::ledger::{as_a_shop, params};

const MERCHANT: &str = "3002607";

/// What a run says of a file: rows, new, there, refused; and its file of refused rows.
type Said = ([u64; 4], Option<String>);

async fn import_of(ledger: &Ledger, path: &Path, writes: bool) -> Option<Said> {
    let (sheet, bar) = open(path).ok()?;
    let defaults = Defaults { merchant_id: Some(MERCHANT.to_owned()), capture: "hold" };
    said(ledger, path, ShopList::of(sheet, defaults).ok()?, &bar, writes).await
}

async fn adoption_of(ledger: &Ledger, path: &Path, writes: bool) -> Option<Said> {
    let (sheet, bar) = open(path).ok()?;
    let statement = Statement::of(sheet).ok()?;
    said(ledger, path, CardOrders { statement, merchant_id: MERCHANT.to_owned(), capture: "hold" }, &bar, writes).await
}

async fn said(ledger: &Ledger, path: &Path, list: impl List, bar: &ProgressBar, writes: bool) -> Option<Said> {
    let mut intake = Intake::new(ledger, writes).expect("signals");
    intake.take(path, list, bar).await.expect("the end of the file");
    let summary = intake.files.pop().expect("a summary");
    Some(([summary.rows, summary.new, summary.already_there, summary.refused], summary.refused_file))
}

fn orders(ledger: &Path) -> u64 {
    let shop = as_a_shop(ledger).expect("the ledger");
    let count: i64 = shop.one("SELECT count(*) FROM orders", &[], |row| row.at(0)).expect("a count");
    count.try_into().expect("a count")
}

/// Rows behind the first line in which something stands, as anybody's reader of CSV finds them. What is behind the
/// file is a row of its own, or in the cell that a quote has left open.
fn rows_of(path: &Path) -> u64 {
    let bytes = std::fs::read(path).expect("the file");
    let text = String::from_utf8_lossy(&bytes).trim_start_matches('\u{feff}').to_owned() + "\nbehind";
    let mut reader = csv::ReaderBuilder::new();
    let reader = reader.has_headers(false).flexible(true).terminator(csv::Terminator::Any(b'\n'));
    let rows: Vec<_> = reader.from_reader(text.as_bytes()).records().map(|row| row.expect("text")).collect();
    let filled = rows.iter().filter(|row| row.iter().any(|cell| !cell.trim().is_empty()) && **row != vec!["behind"]);
    filled.count().saturating_sub(1).try_into().expect("a count")
}

/// Each row ends in exactly one way, the dry run foretells it, and a second run finds all there.
async fn ends_in_one_way(ledger: &Ledger, at: &Path, path: &Path, adopts: bool) {
    let run = async |writes| match adopts {
        true => adoption_of(ledger, path, writes).await,
        false => import_of(ledger, path, writes).await,
    };
    let before = orders(at);
    let Some((foretold, no_file)) = run(false).await else { return };
    assert_eq!((orders(at), no_file), (before, None), "a dry run writes nothing");
    let (counts, file) = run(true).await.expect("a list still");
    assert_eq!(foretold, counts);
    let [rows, new, there, refused] = counts;
    assert_eq!(orders(at) - before, new);
    if adopts {
        assert!(new + there + refused <= rows);
    } else {
        assert_eq!((new + there + refused, rows), (rows, rows_of(path)));
    }
    assert_eq!(file.as_deref().map_or(0, |file| rows_of(Path::new(file))), refused);
    let ([rows_again, new_again, there_again, refused_again], second) = run(true).await.expect("a list still");
    // A row that was refused may name an order that came in with one behind it.
    assert!(there_again >= new + there && refused_again <= refused, "{counts:?}");
    let ended = |there, refused| there + refused;
    assert_eq!((rows_again, new_again, ended(there_again, refused_again)), (rows, 0, ended(new + there, refused)));
    assert_eq!(second.is_some(), refused_again > 0);
    assert!(file.is_none() || file != second, "the file of the first run is left alone");
}

fn cell() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => "[A-C][0-9]",
        2 => "2608110000[0-9]{6}",
        2 => "[0-9]{1,4}",
        1 => "=\"[A-C][0-9]\"",
        1 => "=[0-9]{3}",
        1 => Just("hold".to_owned()),
        1 => Just("auto".to_owned()),
        1 => Just(MERCHANT.to_owned()),
        1 => Just("信用卡".to_owned()),
        1 => Just("2026/08/11".to_owned()),
        1 => Just(String::new()),
        1 => "[\" ,\r\n一-龥a-z0-9=-]{0,6}",
    ]
}

const HEADERS: [&str; 6] = [
    "merchant_trade_no",
    "merchant_trade_no,trade_no,expected_amount,capture,memo",
    "memo,綠界交易編號,特店訂單編號,交易金額",
    "\u{feff}capture,merchant_id,merchant_trade_no",
    "特店交易編號,綠界交易編號,交易日期,付款方式,交易金額",
    "訂單編號,交易日期,請款日期,交易金額,撥款金額",
];

#[test]
fn each_row_of_any_file_is_new_or_there_or_refused() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let dir = tempfile::tempdir().expect("a directory");
    let at = dir.path().join("ledger.db");
    let ledger = runtime.block_on(Ledger::open(&at, Utc::now())).expect("a ledger");
    let shop = as_a_shop(&at).expect("the ledger");
    let merchant = "INSERT INTO merchants (merchant_id, configured) VALUES (:merchant, 1)";
    shop.run(merchant, params! { merchant: MERCHANT }).expect("a merchant");
    let header = prop_oneof![4 => (0..HEADERS.len()).prop_map(|n| HEADERS[n].to_owned()), 1 => "[a-z_,\"]{0,30}"];
    let rows = vec(vec(cell(), 1..7).prop_map(|cells| cells.join(",")), 0..12);
    let file = (header, rows, vec(any::<u8>(), 0..6), any::<bool>());
    let mut runner = TestRunner::new(Config { cases: 200, failure_persistence: None, ..Config::default() });
    let checked = runner.run(&file, |(header, rows, end, adopts)| {
        let folder = tempfile::tempdir().expect("a directory");
        let path = folder.path().join("list.csv");
        let text = format!("{header}\r\n{}\r\n", rows.join("\r\n"));
        // Only now and then bytes that make it no text.
        let end: &[u8] = if end.len() > 4 { &end } else { b"" };
        std::fs::write(&path, [text.as_bytes(), end].concat()).expect("a file");
        runtime.block_on(ends_in_one_way(&ledger, &at, &path, adopts));
        Ok(())
    });
    checked.expect("every file");
    runtime.block_on(ledger.close());
}
