//! The files against those that a person has looked at.
//!
//! `ECPAYD_WRITE_GOLDEN=1 cargo test --test report golden` writes them anew; open them in a spreadsheet.

use std::path::{Path, PathBuf};

use ecpayd::ledger::{Ledger, SumDays};

use super::books::{NOVEMBER, days_since, house};
use crate::support::House;

const FILES: [&str; 6] = ["movements", "days", "open", "allowances", "differences", "vouchers"];

/// Days without an allowance are counted until today: with the same in their place every day.
fn steady(text: &str) -> String {
    // Behind two columns of an allowance that is not there.
    let counted = |text: String, day: &u32| text.replace(&format!(",,,{},", days_since(*day)), ",,,DAYS,");
    [15, 20].iter().fold(text.to_owned(), counted)
}

fn compare(name: &str, text: &str) {
    let golden: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/report/golden").join(name);
    if std::env::var_os("ECPAYD_WRITE_GOLDEN").is_some() {
        std::fs::write(&golden, text).expect("a golden file");
    } else {
        assert_eq!(text, std::fs::read_to_string(&golden).unwrap_or_default(), "{}", golden.display());
    }
}

fn written(house: &House, folder: &str, more: &[&str]) -> Vec<(&'static str, String)> {
    let path = house.path(folder).display().to_string();
    house.done(&[&NOVEMBER[..], &["--csv", &path], more].concat());
    let read = |name: &&'static str| {
        let text =
            std::fs::read_to_string(house.path(folder).join(format!("{name}.csv"))).expect("a file of the report");
        (*name, steady(&text))
    };
    FILES.iter().map(read).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_files_of_a_month_are_as_they_were_in_both_languages() {
    let house = house().await;
    for (language, more) in [("en", &[][..]), ("zh-TW", &["--calendar", "roc", "--armour"])] {
        for (name, text) in written(&house, language, &[&["--lang", language], more].concat()) {
            assert!(text.starts_with('\u{feff}') && text.ends_with("\r\n"), "{name}");
            compare(&format!("{name}.{language}.csv"), &text);
        }
        let page = house.done(&[&NOVEMBER[..], &["--lang", language]].concat());
        compare(&format!("summary.{language}.txt"), &page);
    }
}

/// Each step takes in a few more, across days and merchants; whoever reads in between reads the same.
#[tokio::test(flavor = "multi_thread")]
async fn the_report_is_the_same_however_much_of_the_journal_has_been_added_up() {
    let house = house().await;
    let first = written(&house, "first", &[]);
    let summary = house.done(&NOVEMBER);
    let movements: i64 = {
        let sql = house.sql().await;
        sql.value("SELECT count(*) FROM journal", ())
    };
    let ledger = Ledger::open(&house.ledger(), chrono::Utc::now()).await.expect("the ledger");
    let step = |at_least| ledger.write(SumDays { at_least, at_most: 3 });
    assert!(!step(movements + 1).await.expect("a step"), "so many are not there");
    let mut steps = 0;
    while step(1).await.expect("a step") {
        steps += 1;
        assert_eq!(written(&house, "again", &[]), first, "after {steps} steps");
        assert_eq!(house.done(&NOVEMBER), summary, "after {steps} steps");
    }
    assert_eq!(steps, (movements + 2) / 3);
    ledger.close().await;
    let sql = house.sql().await;
    let rest = "SELECT count(*) FROM journal WHERE id > (SELECT summed_to FROM daemon)";
    assert_eq!((sql.ask(rest), sql.ask("SELECT sum(count) FROM journal_days")), ("0".into(), movements.to_string()));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_header_may_be_in_another_language_than_what_is_said() {
    let house = house().await;
    let names = |of: Vec<(&str, String)>| of.into_iter().map(|(_, text)| text).collect::<Vec<_>>();
    let english = names(written(&house, "en", &["--lang", "en"]));
    assert_eq!(names(written(&house, "program", &["--lang", "zh-TW", "--header", "en"])), english);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_later_report_takes_the_place_of_an_earlier_one_and_leaves_nothing_beside_it() {
    let house = house().await;
    let first = written(&house, "out", &["--lang", "en"]);
    written(&house, "out", &["--lang", "zh-TW"]);
    assert_eq!(written(&house, "out", &["--lang", "en"]), first);
    let mut names: Vec<String> = std::fs::read_dir(house.path("out"))
        .expect("the directory")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    let mut expected = FILES.map(|name| format!("{name}.csv"));
    expected.sort();
    assert_eq!(names, expected);
}
