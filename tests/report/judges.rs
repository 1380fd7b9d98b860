//! What Python's csv, openpyxl and json make of the files.

use std::io::Write as _;
use std::path::Path;
use std::process::Command;

use super::books::{NOVEMBER, house};
use crate::support::House;

/// None: they are not here, and `ALL_CLIENTS` does not ask for them.
fn python() -> Option<Command> {
    let judges = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/judges/bin/python");
    let mut command = Command::new(&judges);
    if command.args(["-c", "import openpyxl"]).output().is_ok_and(|o| o.status.success()) {
        let mut command = Command::new(judges);
        command.env("PYTHONDONTWRITEBYTECODE", "1");
        return Some(command);
    }
    let why = "no target/judges with the packages of tests/report/requirements.txt";
    assert!(std::env::var_os("ALL_CLIENTS").is_none(), "{why}, and ALL_CLIENTS is set");
    writeln!(std::io::stderr(), "skipped: {why}").expect("standard error");
    None
}

fn path(house: &House, name: &str) -> String {
    house.path(name).display().to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn other_programs_read_the_same_numbers_in_every_form() {
    let Some(mut python) = python() else { return };
    let house = house().await;
    let of = |more: &[&str]| house.done(&[&NOVEMBER[..], more].concat());
    of(&["--csv", &path(&house, "csv"), "--header", "en"]);
    of(&["--xlsx", &path(&house, "month.xlsx"), "--header", "en"]);
    of(&["--xlsx", &path(&house, "month.zh.xlsx"), "--header", "zh-TW", "--calendar", "roc"]);
    std::fs::write(house.path("month.json"), of(&["--json"])).expect("a file");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/report/judge.py");
    let seen = python.arg(script).arg(house.path("")).output().expect("python runs");
    let said = String::from_utf8_lossy(&seen.stdout).into_owned() + &String::from_utf8_lossy(&seen.stderr);
    assert_eq!(said.trim(), "6 sheets in 3 forms");
}
