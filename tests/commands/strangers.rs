//! A user who is not let in hears that, and not that nothing is there.

use std::fs::Permissions;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Command;

use crate::support::{BRISK, House, Told, ecpayd, told};

const NOBODY: u32 = 65_534;

fn chmod(path: &Path, mode: u32) {
    std::fs::set_permissions(path, Permissions::from_mode(mode)).expect("a mode");
}

/// The binary for nobody, where the tester is root and would be let in anywhere; else for the tester.
fn by_a_stranger(house: &House) -> Command {
    let mut command = ecpayd();
    if house.settings().metadata().expect("settings").uid() == 0 {
        let (binary, own) = (command.get_program().to_owned(), house.path("ecpayd"));
        if !own.exists() {
            // Where the tester builds, nobody may not be let in either. By another process: whatever this one forks
            // meanwhile would hold the copy open for writing, and nobody could run it.
            let copied = Command::new("cp").arg(binary).arg(&own).status().expect("cp starts");
            assert!(copied.success(), "a copy of the binary");
        }
        let kept: Vec<_> = command.get_envs().map(|(name, _)| name.to_owned()).collect();
        command = Command::new(own);
        for name in kept {
            command.env_remove(name);
        }
        command.uid(NOBODY).gid(NOBODY);
    }
    command
}

fn stranger(house: &House, arguments: &[&str]) -> Told {
    let mut command = by_a_stranger(house);
    command.arg("--config").arg(house.settings()).args(arguments);
    told(command)
}

#[test]
fn a_stranger_is_told_of_the_permission_that_is_missing_and_of_no_missing_ledger() {
    let house = House::without_gateway(BRISK);
    let folder = house.path("folder");
    std::fs::create_dir(&folder).expect("a folder");
    let ledger = folder.join("ledger.db");
    let text = std::fs::read_to_string(house.settings()).expect("settings");
    let text = text.replace(&house.ledger().display().to_string(), &ledger.display().to_string());
    std::fs::write(house.settings(), text).expect("settings");
    chmod(house.settings().parent().expect("the house"), 0o755);
    chmod(&house.settings(), 0o644);
    house.done(&["run", "--once"]);
    for (folder_mode, ledger_mode) in [(0o000, 0o644), (0o711, 0o000)] {
        chmod(&ledger, ledger_mode);
        chmod(&folder, folder_mode);
        for arguments in [&["status"][..], &["show", "A1"], &["orders", "list"], &["refund", "A1"], &["pause"]] {
            let told = stranger(&house, arguments);
            let said = told.error(1);
            let wanted = format!("no permission for the ledger {}: join the group", ledger.display());
            assert!(said.starts_with(&wanted), "{arguments:?} {folder_mode:o} {ledger_mode:o}: {said}");
        }
        chmod(&folder, 0o755);
    }
    // It may be read, and a reader of SQLite writes too.
    chmod(&ledger, 0o444);
    chmod(&folder, 0o555);
    let read_only = stranger(&house, &["status"]);
    assert!(read_only.error(1).contains("it is read-only for this user"), "{read_only:?}");
    chmod(&folder, 0o755);
    std::fs::remove_file(&ledger).expect("a ledger");
    assert!(stranger(&house, &["status"]).error(1).contains("there is no ledger at"));

    chmod(&house.settings(), 0o000);
    let shut_out = stranger(&house, &["status"]);
    assert!(shut_out.error(2).contains("config.toml: no permission to read it; join the group"), "{shut_out:?}");
}

/// As with `sudo -u ecpayd` in the home of root.
#[test]
fn whoever_may_not_look_into_the_current_directory_is_told_of_it_and_not_of_settings_that_are_not_there() {
    let house = House::without_gateway(BRISK);
    let here = house.path("here");
    std::fs::create_dir(&here).expect("a folder");
    chmod(house.settings().parent().expect("the house"), 0o755);
    chmod(&here, 0o777);
    let ecpayd = by_a_stranger(&house);
    let mut shell = Command::new("sh");
    // A root that has become nobody cannot shut a folder of root's, so the shell makes its own.
    shell.args(["-c", "mkdir shut && cd shut && chmod 0 . && exec \"$0\" status"]).arg(ecpayd.get_program());
    shell.current_dir(&here).env_remove("ECPAYD_CONFIG");
    if house.settings().metadata().expect("settings").uid() == 0 {
        shell.uid(NOBODY).gid(NOBODY);
    }
    let told = told(shell);
    assert!(told.error(2).starts_with("this user may not look for a config.toml in the current directory"), "{told:?}");
    chmod(&here.join("shut"), 0o755);
}
