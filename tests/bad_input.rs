//! Bad answers, a ledger that cannot be written, a full disk: one clear sentence, no panic, and
//! no call that is not in the ledger.

mod support;

use std::process::Command;

use ecpayd::domain::action::Action;
use ecpayd::simulator::{Fault, FaultKind, OnCall, SimHandle};
use support::{BRISK, House, Told, gateway, paid, told, truth, until};

/// Answers that tell nothing, whoever sends them.
const NONSENSE: [FaultKind; 5] =
    [FaultKind::Huge, FaultKind::Slow { ms: 3 }, FaultKind::Html, FaultKind::WrongKey, FaultKind::WrongOrderNumber];

fn calls(bank: &SimHandle) -> usize {
    bank.with_bank(|bank, _| bank.actions().len())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_look_that_is_answered_with_nonsense_moves_no_money() {
    for call in [OnCall::QueryOrder, OnCall::CardDetail] {
        for kind in NONSENSE {
            let bank = gateway().await;
            // A trickle is bounded by the time of a whole call.
            let house = House::new(&bank.url(), &BRISK.replace("5s", "500ms"));
            house.done(&["run", "--once"]);
            let sql = house.sql().await;
            paid(&bank.handle, "A1", 1000);
            sql.add_order("A1");
            bank.handle.strike(Fault { call, times: 99, ..Fault::any(kind) });
            let told = house.tell(&["run", "--once"]);
            assert!(told.code == Some(0) && !told.err.contains("panicked"), "{call:?} {kind:?}: {told:?}");
            assert_eq!(calls(&bank.handle), 0, "{call:?} {kind:?}");
            let shown = "SELECT state || ': ' || last_error FROM order_status WHERE next_step_at IS NOT NULL";
            let error = sql.ask(shown);
            assert!(error.starts_with("registered: ") && error.len() < 300, "{call:?} {kind:?}: {error}");
            assert!(!error.contains("pwFHCqoQZGmho4w6") && !error.contains('\n'), "{error}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_money_call_that_is_answered_with_nonsense_is_settled_by_looks() {
    for kind in NONSENSE {
        let bank = gateway().await;
        let house = House::new(&bank.url(), &BRISK.replace("5s", "500ms"));
        house.done(&["run", "--once"]);
        let sql = house.sql().await;
        paid(&bank.handle, "A1", 1000);
        sql.add_order("A1");
        bank.handle.strike(Fault { times: 99, ..Fault::on(Action::C, kind) });
        let told = house.tell(&["run", "--once"]);
        assert!(told.code == Some(0) && !told.err.contains("panicked"), "{kind:?}: {told:?}");
        assert_eq!((calls(&bank.handle), truth(&bank.handle, "A1").captured), (1, 1000), "{kind:?}");
        let history = "SELECT kind FROM events WHERE kind LIKE 'attempt%' ORDER BY id";
        assert_eq!(sql.ask(history), "attempt_started,attempt_unknown,attempt_applied", "{kind:?}");
    }
}

#[test]
fn a_ledger_in_a_directory_that_is_not_there_is_named() {
    let house = House::without_gateway(BRISK);
    let text = std::fs::read_to_string(house.settings()).expect("settings");
    std::fs::write(house.settings(), text.replace("ledger.db", "nowhere/ledger.db")).expect("settings");
    for arguments in [&["run"][..], &["run", "--once"], &["status"]] {
        let told = house.tell(arguments);
        assert!(told.error(1).contains("nowhere/ledger.db"), "{told:?}");
    }
}

#[test]
fn a_ledger_that_is_a_directory_is_named() {
    let house = House::without_gateway(BRISK);
    std::fs::create_dir(house.ledger()).expect("a directory");
    for arguments in [&["run", "--once"][..], &["status"]] {
        let told = house.tell(arguments);
        assert!(told.error(1).contains("ledger.db"), "{told:?}");
    }
}

/// Runs the command in a mount namespace of its own, after `prepare`; None where that is not allowed.
fn in_own_mounts(house: &House, prepare: &str, arguments: &[&str]) -> Option<Told> {
    const NOT_PREPARED: i32 = 77;
    let try_it = ["--mount", "mount", "-t", "tmpfs", "none"];
    if !Command::new("unshare").args(try_it).arg(house.path("")).status().is_ok_and(|s| s.success()) {
        eprintln!("left out: this user may not mount");
        return None;
    }
    let inner = house.command(arguments);
    let mut command = Command::new("unshare");
    command.args(["--mount", "bash", "-c"]);
    command.arg(format!("({prepare}) || exit {NOT_PREPARED}; cd /; exec \"$@\"")).arg("bash");
    command.arg(inner.get_program()).args(inner.get_args());
    let told = told(command);
    assert_ne!(told.code, Some(NOT_PREPARED), "{prepare}: {told:?}");
    Some(told)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ledger_that_is_read_only_is_named_and_no_call_goes_out() {
    let bank = gateway().await;
    let house = House::new(&bank.url(), BRISK);
    house.done(&["run", "--once"]);
    paid(&bank.handle, "A1", 1000);
    house.sql().await.add_order("A1");
    let directory = house.ledger().parent().expect("a directory").display().to_string();
    let read_only = format!("mount --bind {directory} {directory} && mount -o remount,bind,ro {directory}");
    for arguments in [&["run", "--once"][..], &["orders", "add", "A2"]] {
        let Some(told) = in_own_mounts(&house, &read_only, arguments) else { return };
        assert!(told.error(1).contains("ledger.db"), "{arguments:?}: {told:?}");
    }
    assert_eq!(calls(&bank.handle), 0);
    house.done(&["run", "--once"]);
    assert_eq!(truth(&bank.handle, "A1").captured, 1000);
}

/// The disk is full from some byte on, which is another one each time: before the attempt,
/// between the attempt and its outcome, and later.
#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_loses_nothing_and_lets_no_call_out_that_is_not_written_down() {
    let mut stopped_by_the_disk = 0;
    for kilobytes in [4, 8, 16, 24, 32, 40, 48, 56, 64, 72, 80, 96, 112, 128, 160, 192] {
        let bank = gateway().await;
        let house = House::new(&bank.url(), BRISK);
        house.done(&["run", "--once"]);
        let sql = house.sql().await;
        for (index, no) in ["A1", "A2", "A3", "A4"].into_iter().enumerate() {
            paid(&bank.handle, no, 1000);
            sql.add_order(no);
            let amount = if index % 2 == 0 { None } else { Some(300) };
            sql.add_refund(no, amount, no);
        }
        // Everything into the main file: only the log grows from here.
        sql.ask("PRAGMA wal_checkpoint(TRUNCATE)");
        let told = told(with_files_up_to(&house, kilobytes, &["run", "--once"]));
        assert!(!told.err.contains("panicked"), "{kilobytes} kB: {told:?}");
        let written = "SELECT count(*) FROM attempts WHERE state <> 'not_sent'";
        let written: usize = sql.ask(written).parse().expect("a number");
        assert!(written >= calls(&bank.handle), "{kilobytes} kB: {written} of {}", calls(&bank.handle));
        if told.code != Some(0) {
            stopped_by_the_disk += 1;
            let last = told.err.lines().last().unwrap_or_default();
            assert!(told.code == Some(1) && last.starts_with("ecpayd: ledger: "), "{kilobytes} kB: {told:?}");
        }
        // Space is back.
        house.done(&["run", "--once"]);
        let unsent = sql.ask("SELECT count(*) FROM attempts WHERE state = 'started'");
        assert_eq!(unsent, "0", "{kilobytes} kB");
        let done = "SELECT group_concat(method, '') FROM (SELECT * FROM refund_status ORDER BY id)";
        assert_eq!(sql.ask(done), "NRNR", "{kilobytes} kB");
        for (no, expected) in [("A1", 0), ("A2", 300), ("A3", 0), ("A4", 300)] {
            assert_eq!(truth(&bank.handle, no).refunded, expected, "{kilobytes} kB: {no}");
        }
        assert_eq!(sql.ask("PRAGMA integrity_check"), "ok");
    }
    assert!(stopped_by_the_disk > 3, "only {stopped_by_the_disk} runs met the limit");
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
async fn a_daemon_goes_on_by_itself_when_there_is_space_again() {
    if !Command::new("prlimit").arg("--version").output().is_ok_and(|o| o.status.success()) {
        eprintln!("left out: no prlimit");
        return;
    }
    let bank = gateway().await;
    let house = House::new(&bank.url(), BRISK);
    house.done(&["run", "--once"]);
    let daemon = house.started_as(with_files_up_to(&house, 40, &["run"])).await;
    let sql = house.sql().await;
    paid(&bank.handle, "A1", 1000);
    sql.add_order("A1");
    until("the disk is full", async || daemon.log().contains("disk I/O error")).await;
    let lifted = Command::new("prlimit").args(["--fsize=unlimited", "--pid"]).arg(daemon.id().to_string()).status();
    assert!(lifted.is_ok_and(|s| s.success()));
    paid(&bank.handle, "A2", 1000);
    sql.add_order("A2");
    until("the daemon is at work again", async || truth(&bank.handle, "A2").captured == 1000).await;
    assert!(daemon.stop().await.success());
    assert_eq!(sql.ask("SELECT stopped_at >= started_at FROM daemon"), "1");
    house.done(&["run", "--once"]);
    assert_eq!(truth(&bank.handle, "A1").captured, 1000);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_named_as_what_it_is() {
    let bank = gateway().await;
    let house = House::new(&bank.url(), BRISK);
    let disk = house.path("disk");
    std::fs::create_dir(&disk).expect("a directory");
    let text = std::fs::read_to_string(house.settings()).expect("settings");
    std::fs::write(house.settings(), text.replace("ledger.db", "disk/ledger.db")).expect("settings");
    house.done(&["run", "--once"]);
    paid(&bank.handle, "A1", 1000);
    house.done(&["orders", "add", "A1"]);
    let disk = disk.display();
    // Without a free page the log's index cannot be laid out; with some, the log cannot be written.
    for free in [0, 16, 32] {
        let full = format!(
            "cp -r {disk} {disk}.kept && mount -t tmpfs -o size=4m none {disk} && cp {disk}.kept/* {disk} && rm -r {disk}.kept && {{ cat /dev/zero 2>&- > {disk}/fill; truncate -s -{free}K {disk}/fill; }}"
        );
        for arguments in [&["orders", "add", "A2"][..], &["run", "--once"]] {
            let Some(told) = in_own_mounts(&house, &full, arguments) else { return };
            assert_eq!(told.code, Some(1), "{free} kB free: {told:?}");
            assert_eq!(
                told.err.lines().last(),
                Some("ecpayd: the disk that holds the ledger is full: make room on it"),
                "{free} kB free"
            );
        }
    }
    assert_eq!(calls(&bank.handle), 0);
}
