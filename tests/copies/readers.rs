//! A user who may only read the ledger makes backups, and leaves nothing beside it.

use std::fs::Permissions;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{House, killed_shop, names, opened, text};
use crate::support::{BRISK, Told, ecpayd, told};

const NOBODY: u32 = 65_534;

fn chmod(path: &Path, mode: u32) {
    std::fs::set_permissions(path, Permissions::from_mode(mode)).expect("a mode");
}

/// A ledger in a directory that only its owner may write to, and one that everybody may.
struct Shared {
    house: House,
    folder: PathBuf,
    out: PathBuf,
}

/// None: the tester is no root, and has no other user to be.
fn shared() -> Option<Shared> {
    let house = House::without_gateway(BRISK);
    if house.settings().metadata().expect("settings").uid() != 0 {
        eprintln!("left out: this user can be no other");
        return None;
    }
    let (folder, out) = (house.path("folder"), house.path("out"));
    for (made, mode) in [(&folder, 0o755), (&out, 0o777)] {
        std::fs::create_dir(made).expect("a directory");
        chmod(made, mode);
    }
    let settings = std::fs::read_to_string(house.settings()).expect("settings");
    let settings = settings.replace(&text(&house.ledger()), &text(&folder.join("ledger.db")));
    std::fs::write(house.settings(), settings).expect("settings");
    chmod(&house.path(""), 0o755);
    chmod(&house.settings(), 0o644);
    house.done(&["run", "--once"]);
    chmod(&folder.join("ledger.db"), 0o644);
    // By another process: one that is begun by this one meanwhile would hold the copy open for writing.
    let copied = Command::new("cp").arg(ecpayd().get_program()).arg(house.path("ecpayd")).status();
    assert!(copied.is_ok_and(|status| status.success()), "a copy of the binary");
    Some(Shared { house, folder, out })
}

impl Shared {
    fn reader(&self, name: &str) -> Told {
        let mut command = Command::new(self.house.path("ecpayd"));
        command.env_clear().uid(NOBODY).gid(NOBODY).current_dir("/");
        command.arg("--config").arg(self.house.settings()).arg("backup").arg(self.out.join(name));
        told(command)
    }

    fn sql(&self) -> crate::support::LedgerHandle {
        crate::support::LedgerHandle::open(&self.folder.join("ledger.db"))
    }
}

const UNNOTED: &str = "ecpayd: the ledger does not know of this backup, since this user may only read it\n";

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_makes_a_backup_of_a_ledger_at_rest_and_of_one_at_work() {
    let Some(shared) = shared() else { return };
    let before = names(&shared.folder);
    let told = shared.reader("rest.db");
    assert_eq!((told.code, told.err.as_str()), (Some(0), UNNOTED), "{told:?}");
    assert_eq!(names(&shared.folder), before, "nothing is left beside it");
    let sql = shared.sql();
    assert_eq!(sql.ask("SELECT backed_up_at FROM daemon"), "");
    // Its row is in the log alone.
    sql.add_refund("A1", Some(1), "k1");
    let before = names(&shared.folder);
    assert!(before.iter().any(|name| name == "ledger.db-wal"), "{before:?}");
    let told = shared.reader("work.db");
    assert_eq!((told.code, told.err.as_str()), (Some(0), UNNOTED), "{told:?}");
    assert_eq!(names(&shared.folder), before);
    for (name, refunds) in [("rest.db", "0"), ("work.db", "1")] {
        assert_eq!(opened(&shared.out.join(name)).ask("SELECT count(*) FROM refund_intents"), refunds, "{name}");
        assert_eq!(std::fs::metadata(shared.out.join(name)).expect("it").uid(), NOBODY);
    }
}

/// A program that was killed leaves its log behind, and the rows in it.
#[tokio::test(flavor = "multi_thread")]
async fn a_reader_has_what_is_in_a_log_that_was_left_behind() {
    let Some(shared) = shared() else { return };
    if !killed_shop(&shared.folder.join("ledger.db"), "A1") {
        return;
    }
    let before = names(&shared.folder);
    let told = shared.reader("copy.db");
    assert_eq!((told.code, told.err.as_str()), (Some(0), UNNOTED), "{told:?}");
    assert_eq!(names(&shared.folder), before);
    assert_eq!(opened(&shared.out.join("copy.db")).ask("SELECT merchant_trade_no FROM orders"), "A1");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_read_the_ledger_hears_that() {
    let Some(shared) = shared() else { return };
    chmod(&shared.folder.join("ledger.db"), 0o600);
    let told = shared.reader("copy.db");
    assert!(told.error(1).starts_with("no permission for the ledger"), "{told:?}");
    assert_eq!(names(&shared.out), [""; 0]);
}
