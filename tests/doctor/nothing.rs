//! `doctor` and `check-config` only look: no file is made, and none is written.

use std::os::unix::fs::MetadataExt as _;
use std::os::unix::process::CommandExt as _;

use super::scene::{Gateway, Scene};

fn leaves_all_as_it_is(scene: &Scene) {
    let before = scene.seen();
    for arguments in [&["doctor"][..], &["doctor", "--json"], &["check-config"]] {
        scene.tell(arguments);
        assert_eq!(before, scene.seen(), "{arguments:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_made_and_nothing_is_touched() {
    let gateway = Gateway::start();
    let scene = Scene::new(&gateway.url);
    leaves_all_as_it_is(&scene);
    assert!(!scene.path("ecpayd.db").exists(), "no ledger is made");
    assert_eq!(scene.tell(&["run", "--once"]).code, Some(0));
    assert!(!scene.path("ecpayd.db-wal").exists(), "the daemon leaves no log");
    leaves_all_as_it_is(&scene);

    // What a kill leaves: the log and its index, with everything in them.
    let daemon = scene.daemon().await;
    scene.tell(&["orders", "add", "A1"]);
    daemon.kill();
    assert!(std::fs::metadata(scene.path("ecpayd.db-wal")).is_ok_and(|log| log.len() > 0));
    assert!(scene.checks().of("ok").iter().any(|g| g.starts_with("ledger-content: ")));
    leaves_all_as_it_is(&scene);

    // A copy that came without the index.
    std::fs::remove_file(scene.path("ecpayd.db-shm")).expect("removed");
    assert!(scene.checks().of("warning").iter().any(|w| w.starts_with("ledger: ") && w.contains("ecpayd status")));
    leaves_all_as_it_is(&scene);
    assert_eq!(scene.tell(&["status"]).code, Some(0));
    assert!(scene.tell(&["status"]).out.contains("registered"), "and nothing was lost");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_daemon_at_work_is_not_disturbed_and_its_newest_rows_are_seen() {
    let gateway = Gateway::start();
    let scene = Scene::at_work(&gateway.url);
    let daemon = scene.daemon().await;
    let sql = scene.sql();
    sql.does("INSERT INTO pauses (merchant_id, action, at, by) SELECT merchant_id, 'refund', 1, 'Lin' FROM merchants");
    let names = |scene: &Scene| scene.seen().into_keys().collect::<Vec<_>>();
    let before = names(&scene);
    let found = scene.checks();
    assert!(
        found.of("ok").iter().any(|g| g.starts_with("daemon: degraded: money actions are paused")),
        "{:?}",
        found.told
    );
    assert_eq!(before, names(&scene));
    sql.close();
    assert!(daemon.stop().await.success());
    assert_eq!(scene.tell(&["run", "--once"]).code, Some(0));
}

/// Somebody in the group reads the settings, and the keys are root's alone.
#[test]
fn what_a_user_cannot_look_at_is_said_and_is_no_failure() {
    let gateway = Gateway::start();
    let scene = Scene::at_work(&gateway.url);
    if std::fs::metadata(scene.path("config.toml")).expect("settings").uid() != 0 {
        eprintln!("left out: only root can become somebody else");
        return;
    }
    for path in [scene.dir.path().to_owned(), scene.home()] {
        Scene::chmod(&path, 0o755);
    }
    Scene::chmod(&scene.path("config.toml"), 0o644);
    let binary = scene.dir.path().join("ecpayd");
    std::fs::copy(env!("CARGO_BIN_EXE_ecpayd"), &binary).expect("a copy of the binary");
    let before = scene.seen();
    let nobody = |arguments: &[&str]| {
        let mut command = std::process::Command::new(&binary);
        command.arg("--config").arg(scene.path("config.toml")).args(arguments).uid(65_534).gid(65_534);
        command
    };
    let told = super::support::told(nobody(&["check-config"]));
    assert_eq!((told.code, told.err.lines().count()), (Some(0), 2), "{told:?}");
    assert!(told.err.contains("/keys cannot be read by you"), "{told:?}");
    let checks = scene.checks_by(nobody(&["doctor", "--json"]));
    assert_eq!((checks.told.code, checks.of("fails")), (Some(0), vec![]));
    let warned = checks.of("warning");
    assert!(
        warned.iter().any(|w| w.starts_with("gateway-answer: not asked: the keys cannot be read by you")),
        "{warned:#?}"
    );
    assert!(checks.of("ok").iter().any(|g| g.starts_with("schema: ")), "{:?}", checks.told);
    assert_eq!(before, scene.seen());
    let told = super::support::told(nobody(&["run", "--once"]));
    assert!(
        told.code == Some(2) && told.err.contains("looked in ") && told.err.contains("permission denied"),
        "{told:?}"
    );
}
