//! What a backup refuses, each in a sentence, with nothing left behind.

use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use super::{backup, house, names, opened, partials, text};
use crate::support::{BRISK, House, LedgerHandle, told};

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_there_is_never_written_over() {
    let house = house();
    std::fs::write(house.path("mine"), "mine").expect("a file");
    std::fs::create_dir(house.path("folder")).expect("a directory");
    std::os::unix::fs::symlink(house.path("elsewhere"), house.path("link")).expect("a link");
    for name in ["mine", "folder", "link"] {
        let (file, told) = backup(&house, name);
        let expected =
            format!("{} is there already, and a backup never takes the place of a file: name another", text(&file));
        assert_eq!(told.error(1), expected);
    }
    assert_eq!(std::fs::read_to_string(house.path("mine")).expect("it"), "mine");
    assert_eq!(house.sql().await.ask("SELECT count(*) FROM alerts"), "0", "nobody has to be told of a slip");
    assert_eq!(partials(&house.path("")), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_takes_no_name_that_belongs_to_the_ledger() {
    let house = house();
    std::os::unix::fs::symlink(house.path("."), house.path("elsewhere")).expect("a link");
    let before = names(&house.path(""));
    for name in [
        "ledger.db",
        "ledger.db-wal",
        "ledger.db-shm",
        "ledger.db.mark",
        "ledger.db.restoring",
        "elsewhere/ledger.db-wal",
    ] {
        let (_, told) = backup(&house, name);
        assert!(told.error(1).contains("is the ledger or belongs to it"), "{name}: {told:?}");
    }
    assert_eq!(names(&house.path("")), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_ledger_is_named_as_what_it_is() {
    let house = House::without_gateway(BRISK);
    let (_, told) = backup(&house, "copy.db");
    assert!(told.error(1).starts_with("there is no ledger at"), "{told:?}");
    assert!(!house.ledger().exists(), "none is made");
    std::fs::write(house.ledger(), "a shopping list, longer than a header").expect("a file");
    let (_, told) = backup(&house, "copy.db");
    assert!(told.error(1).contains("is no SQLite database"), "{told:?}");
    std::fs::remove_file(house.ledger()).expect("it");
    LedgerHandle::create(&house.ledger()).does("CREATE TABLE mine (id)");
    let (copy, told) = backup(&house, "copy.db");
    assert!(told.error(1).contains("is a database, but no ecpayd ledger"), "{told:?}");
    assert!(!copy.exists() && partials(&house.path("")).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_ledger_gives_no_backup_and_an_alert_where_it_still_can() {
    let house = house();
    let sql = house.sql().await;
    sql.add_refund("A1", Some(1), "k1");
    // A row that names an order that is not there, as no trigger lets it be.
    sql.does_unguarded("PRAGMA foreign_keys = OFF; UPDATE refunds SET order_id = 77");
    sql.close();
    let (copy, told) = backup(&house, "copy.db");
    assert!(told.error(1).contains("a row of refunds names one of orders that is not there"), "{told:?}");
    assert!(!copy.exists() && partials(&house.path("")).is_empty());
    assert_eq!(house.sql().await.ask("SELECT kind FROM open_alerts"), "backup_failing");
}

/// No file of the process may grow beyond this; a write that wants more fails, as on a full disk.
fn with_files_up_to(house: &House, kilobytes: u64, arguments: &[&str]) -> Command {
    let inner = house.command(arguments);
    let mut command = Command::new("bash");
    let limited = format!("trap '' XFSZ; ulimit -S -f {kilobytes}; exec \"$@\"");
    command.arg("-c").arg(limited).arg("bash").arg(inner.get_program()).args(inner.get_args());
    command
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_that_cannot_be_written_to_its_end_leaves_nothing() {
    let house = house();
    let file = house.path("copy.db");
    for kilobytes in [64, 128, 256] {
        let told = told(with_files_up_to(&house, kilobytes, &["backup", &text(&file)]));
        assert!(told.error(1).contains(&text(&file)), "{kilobytes}: {told:?}");
        assert!(!file.exists() && partials(&house.path("")).is_empty(), "{kilobytes}: {:?}", names(&house.path("")));
        assert_eq!(house.sql().await.ask("SELECT kind FROM open_alerts"), "backup_failing");
    }
    let (copy, told) = backup(&house, "copy.db");
    assert_eq!(told.code, Some(0), "{told:?}");
    opened(&copy);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_is_full_is_named_by_the_file_that_it_has_no_room_for() {
    let house = house();
    let disk = house.path("disk");
    std::fs::create_dir(&disk).expect("a directory");
    if !Command::new("unshare").args(["--mount", "true"]).status().is_ok_and(|s| s.success()) {
        eprintln!("left out: this user may not mount");
        return;
    }
    let inner = house.command(&["backup", &text(&disk.join("copy.db"))]);
    let mut command = Command::new("unshare");
    let script =
        format!("mount -t tmpfs -o size=100k none {0} && \"$@\"; code=$?; ls -A {0}; exit $code", disk.display());
    command.args(["--mount", "bash", "-c", &script, "bash"]).arg(inner.get_program()).args(inner.get_args());
    let told = told(command);
    let expected = format!("the disk that holds {} is full: make room on it", text(&disk.join("copy.db")));
    assert_eq!((told.error(1), told.out.as_str()), (expected.as_str(), ""), "nothing is left there");
    assert!(house.sql().await.ask("SELECT message FROM open_alerts").contains(&expected));
}

#[test]
fn how_it_is_called_is_told_where_it_is_called_wrong() {
    let house = house();
    let folder = text(&house.path(""));
    for (arguments, part) in [
        (&["backup"][..], "required"),
        (&["backup", "x.db", "--dir", &folder, "--keep", "1"], "cannot be used with"),
        (&["backup", "--dir", &folder], "--keep"),
        (&["backup", "x.db", "--keep", "3"], "--keep"),
        (&["backup", "--dir", &folder, "--keep", "0"], "0"),
        (&["backup", "--dir", &folder, "--keep", "many"], "many"),
        (&["restore"], "COPY"),
        (&["restore", "x.db", "--lang", "fr"], "there is no language 'fr'"),
    ] {
        let told = house.tell(arguments);
        assert!(told.error(2).contains(part), "{arguments:?}: {told:?}");
    }
    std::fs::write(house.path("file"), "").expect("a file");
    let told = house.tell(&["backup", "--dir", &text(&house.path("file")), "--keep", "3"]);
    assert!(told.error(1).contains("file"), "{told:?}");
    std::fs::set_permissions(house.path("file"), std::fs::Permissions::from_mode(0o600)).expect("a mode");
}
