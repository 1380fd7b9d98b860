//! What cannot be reported, or not there: a sentence each, and nothing is written.

use std::os::unix::fs::PermissionsExt as _;

use super::books::{NOVEMBER, house};

#[tokio::test(flavor = "multi_thread")]
async fn days_that_cannot_be_are_wrong_usage() {
    let house = house().await;
    for (from, to, says) in [
        ("2026-12-01", "2026-11-30", "--from 2026-12-01 is after --to 2026-11-30: exchange them"),
        (
            "2026-02-30",
            "2026-11-30",
            "invalid value '2026-02-30' for '--from <DAY>': '2026-02-30' is no day: it is written as 2026-08-31",
        ),
        (
            "2026-11-01",
            "2026-11-31",
            "invalid value '2026-11-31' for '--to <DAY>': '2026-11-31' is no day: it is written as 2026-08-31",
        ),
    ] {
        assert_eq!(house.tell(&["report", "--from", from, "--to", to]).error(2), says);
    }
    let told = house.tell(&[&NOVEMBER[..], &["--merchant", "1234567"]].concat());
    assert_eq!(told.error(1), "merchant 1234567 is not in the ledger");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_others_is_written_over() {
    let house = house().await;
    let (file, folder) = (house.path("there"), house.path("folder"));
    std::fs::write(&file, "mine").expect("a file");
    std::fs::create_dir(&folder).expect("a directory");
    std::fs::write(folder.join("days.csv"), "my,days\n").expect("a file");
    let (file_name, folder_name) = (file.display().to_string(), folder.display().to_string());
    for (more, says) in [
        (["--csv", &file_name], format!("{file_name} is a file: --csv takes a directory")),
        (["--xlsx", &file_name], format!("{file_name} is there already: remove it, or name another file")),
        (
            ["--csv", &folder_name],
            format!("{folder_name}/days.csv is not from a report: move it, or name another directory"),
        ),
        (
            ["--xlsx", "/nowhere/x.xlsx"],
            "/nowhere/x.xlsx cannot be written: No such file or directory (os error 2)".to_owned(),
        ),
    ] {
        assert_eq!(house.tell(&[&NOVEMBER[..], &more].concat()).error(1), says);
    }
    assert_eq!(std::fs::read_to_string(&file).expect("the file"), "mine");
    let left: Vec<_> = std::fs::read_dir(&folder).expect("the directory").collect();
    assert_eq!(left.len(), 1, "{left:?}");
    let told = house.tell(&[&NOVEMBER[..], &["--csv", "a", "--xlsx", "b"]].concat());
    assert_eq!(told.error(2), "the argument '--csv <DIR>' cannot be used with '--xlsx <FILE>'");
}

#[tokio::test(flavor = "multi_thread")]
async fn others_than_the_group_read_nothing() {
    let house = house().await;
    let path = |name: &str| house.path(name).display().to_string();
    house.done(&[&NOVEMBER[..], &["--csv", &path("out")]].concat());
    house.done(&[&NOVEMBER[..], &["--xlsx", &path("out/month.xlsx")]].concat());
    for entry in std::fs::read_dir(house.path("out")).expect("the directory") {
        let entry = entry.expect("an entry");
        assert_eq!(entry.metadata().expect("its mode").permissions().mode() & 0o7, 0, "{:?}", entry.path());
    }
}
