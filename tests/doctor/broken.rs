//! One thing is broken at a time: `doctor` names it with what mends it, and `check-config` as far as it is of the
//! settings.

use std::fs;

use super::scene::{Gateway, KEY, Scene};
use super::support::{BRISK, House};

#[tokio::test(flavor = "multi_thread")]
async fn all_is_good_and_then_somebody_is_told_and_the_daemon_runs() {
    let gateway = Gateway::start();
    let scene = Scene::at_work(&gateway.url);
    let checks = scene.checks();
    assert_eq!((checks.told.code, checks.of("fails")), (Some(0), vec![]), "{:?}", checks.told);
    let warned: Vec<_> = checks.of("warning").iter().map(|w| w.split(':').next().expect("a code").to_owned()).collect();
    assert_eq!(warned, ["channels", "heartbeat", "daemon", "backup"]);

    scene.add_settings(
        "[http]\nheartbeat_url = \"http://127.0.0.1:9/x\"\n[[alerts.channel]]\nkind = \"command\"\nargv = [\"true\"]\n",
    );
    let copy = scene.path("copy.db").display().to_string();
    let backup = scene.tell(&["backup", &copy]);
    assert_eq!(backup.code, Some(0), "{backup:?}");
    let daemon = scene.daemon().await;
    let checks = scene.checks();
    assert_eq!((checks.told.code, checks.told.err.as_str()), (Some(0), ""));
    assert_eq!((checks.of("fails"), checks.of("warning")), (vec![], vec![]), "{:?}", checks.told);
    let page = scene.tell(&["doctor", "--lang", "zh-TW"]);
    // As in `of`: how full the tester's disk is is nobody's fault here.
    let is_good = |line: &str| line.starts_with("✓ 正常  ") || line.contains(" disk-space ");
    assert!(page.out.lines().all(is_good) && !page.out.contains('\u{1b}'), "{page:?}");
    assert!(daemon.stop().await.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_not_whole_or_not_private_is_named_by_both_commands() {
    let gateway = Gateway::start();
    let scene = Scene::at_work(&gateway.url);
    let file = scene.key_file("hash_key");
    for (key, why) in [("k3yK3yk3yK3yk3y", "gives 15 bytes"), ("", "gives 0 bytes"), ("\n", "gives 0 bytes")] {
        fs::write(&file, key).expect("a file");
        let checks = scene.checks();
        assert_eq!(checks.told.code, Some(2), "{:?}", checks.told);
        let failing = checks.of("fails");
        assert!(failing.len() == 1 && failing[0].contains(why) && failing[0].contains("系統介接設定"), "{failing:?}");
        assert!(checks.told.error(2).contains("config.toml are wrong"), "{:?}", checks.told);
        let told = scene.tell(&["check-config"]);
        assert!(told.error(2).contains("hash_key_credential gives"), "{told:?}");
        assert!(!format!("{told:?}{failing:?}").contains("k3yK3y"), "{told:?}");
    }
    fs::remove_file(&file).expect("removed");
    let told = scene.tell(&["check-config"]);
    assert!(told.error(2).contains("$CREDENTIALS_DIRECTORY is not set; looked in "), "{told:?}");
    assert!(told.err.contains("etc/keys, from where the unit reads"), "{told:?}");

    fs::write(&file, KEY).expect("a file");
    Scene::chmod(&file, 0o644);
    let open = scene.checks().only_failure();
    assert!(open.starts_with("key-files: others can open ") && open.contains("chmod 600 /"), "{open}");
    let told = scene.tell(&["check-config"]);
    assert!(told.error(1).contains("others can open ") && told.err.contains("chmod 600 /"), "{told:?}");
    Scene::chmod(&file, 0o600);

    let odd = scene.path("keys/a:b");
    fs::write(&odd, "").expect("a file");
    let refused = scene.checks().only_failure();
    assert!(refused.contains("a file named \"a:b\"") && refused.contains("without a colon"), "{refused}");
    fs::rename(&odd, scene.path("keys/.a:b")).expect("hidden");
    assert_eq!(scene.checks().of("fails"), Vec::<String>::new());

    let other = scene.path("other");
    fs::rename(&file, &other).expect("moved");
    std::os::unix::fs::symlink(&other, &file).expect("a link");
    let linked = scene.checks().only_failure();
    assert!(linked.contains("symbolic link, which systemd leaves out"), "{linked}");
}

#[test]
fn settings_with_keys_in_them_that_others_can_open_fail_on_loopback_too() {
    let house = House::without_gateway(BRISK);
    Scene::chmod(&house.settings(), 0o644);
    for command in [&["check-config"][..], &["doctor"]] {
        let told = house.tell(command);
        assert_eq!(told.code, Some(1), "{told:?}");
        let both = told.out + &told.err;
        assert!(both.contains("holds keys or secrets, and others can open it; to mend: `chmod 640 /"), "{both}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ledger_that_no_longer_guards_itself_is_named_with_what_puts_it_back() {
    let gateway = Gateway::start();
    for (statement, what) in [
        ("DROP TRIGGER events_are_not_deleted", "trigger events_are_not_deleted is missing"),
        ("DROP VIEW order_status; CREATE VIEW order_status AS SELECT 1 AS state", "view order_status is another one"),
        ("DROP INDEX attempts_open", "index attempts_open is missing"),
        ("CREATE TRIGGER mine AFTER INSERT ON refunds BEGIN SELECT 1; END", "trigger mine on refunds is not of ecpayd"),
    ] {
        let scene = Scene::at_work(&gateway.url);
        let sql = scene.sql();
        sql.does(statement);
        sql.close();
        let failing = scene.checks().only_failure();
        assert!(failing.starts_with("schema: ") && failing.contains(what), "{failing}");
        assert!(failing.contains("ecpayd.db.mend.sql") && !scene.path("ecpayd.db.mend.sql").exists(), "{failing}");
        // The mend does what it says.
        assert!(scene.tell(&["run", "--once"]).error(1).contains("no longer has the schema"));
        let script = scene.path("ecpayd.db.mend.sql");
        let mended = std::process::Command::new("sqlite3")
            .arg(scene.path("ecpayd.db"))
            .stdin(fs::File::open(&script).expect("the script"))
            .status();
        if mended.is_ok_and(|status| status.success()) {
            assert_eq!(scene.checks().of("fails"), Vec::<String>::new());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stands_in_the_ledger_is_told_by_how_bad_it_is() {
    let gateway = Gateway::start();
    let scene = Scene::at_work(&gateway.url);
    let alert = |severity: &str| {
        format!(
            "INSERT INTO alerts (kind, severity, merchant_id, message, raised_at) VALUES ('gateway_down', '{severity}', '3002607', 'm', 1)"
        )
    };
    let sql = scene.sql();
    sql.does(&alert("warning"));
    assert!(scene.checks().of("warning").iter().any(|w| w.starts_with("alerts: open: 1 alert; `ecpayd alerts`")));
    sql.does("DELETE FROM channels WHERE 0; UPDATE alerts SET severity = 'critical'");
    assert!(
        scene.checks().only_failure().starts_with("alerts: open: 1 alert; critical, and acknowledged by nobody: 1")
    );
    sql.does("UPDATE alerts SET acked_at = 2, acked_by = 'Lin'");
    assert_eq!(scene.checks().of("fails"), Vec::<String>::new());

    // Killed: no word of its end.
    sql.does("UPDATE daemon SET started_at = 1, stopped_at = NULL, passed_at = 1");
    let killed = scene.checks().only_failure();
    assert!(killed.starts_with("daemon: unhealthy: no pass") && killed.contains("journalctl"), "{killed}");
    sql.does("UPDATE daemon SET stopped_at = 2");
    sql.close();

    fs::hard_link(scene.path("ecpayd.db"), scene.path("second")).expect("a link");
    let linked = scene.checks().only_failure();
    assert!(
        linked.starts_with("ledger-links: the ledger has 2 hard links") && linked.contains("-samefile"),
        "{linked}"
    );
    fs::remove_file(scene.path("second")).expect("removed");

    fs::copy(scene.path("ecpayd.db"), scene.path("ecpayd.db.bak")).expect("a copy");
    Scene::chmod(&scene.path("ecpayd.db.bak"), 0o644);
    Scene::chmod(&scene.home(), 0o755);
    let copied = scene.checks().only_failure();
    assert!(copied.starts_with("copies: others can read ") && copied.contains("chmod 600 /"), "{copied}");
    fs::remove_file(scene.path("ecpayd.db.bak")).expect("removed");

    fs::write(scene.path("ecpayd.db"), "this is no database at all").expect("written");
    let other = scene.checks().only_failure();
    assert!(other.starts_with("ledger: ") && other.contains("is no SQLite database"), "{other}");
}

#[test]
fn settings_that_are_not_there_end_with_2_and_a_line_all_the_same() {
    let scene = Scene::empty();
    let checks = scene.checks();
    assert!(checks.told.error(2).contains("etc/config.toml are wrong"), "{:?}", checks.told);
    assert!(checks.of("fails")[0].contains("no such file; `ecpayd init` writes one"), "{:?}", checks.of("fails"));
}
