//! One daemon on a ledger, its end, and everybody else at the same ledger while it runs.

mod support;

use ecpayd::domain::action::Action;
use ecpayd::simulator::{Fault, FaultKind};
use support::{BRISK, House, Notified, gateway, paid, truth, until};

#[tokio::test(flavor = "multi_thread")]
async fn a_second_daemon_on_a_ledger_is_refused_and_told_of_the_first() {
    let house = House::without_gateway(BRISK);
    let mut first = house.started().await;
    for arguments in [&["run"][..], &["run", "--once"]] {
        let second = house.tell(arguments);
        assert!(second.code == Some(1) && second.err.lines().count() == 1, "{second:?}");
        // The daemon's last line is one of its log.
        let said = second.err.as_str();
        assert_eq!(said.starts_with("ecpayd: "), arguments.len() == 2, "{said}");
        assert_eq!(said.contains(" ERROR ecpayd::cli::run: "), arguments.len() == 1, "{said}");
        assert!(said.contains(&house.ledger().display().to_string()), "{said}");
        assert!(said.contains(&format!("process {}", first.id())), "{said}");
    }
    assert!(first.is_running());
    let sql = house.sql().await;
    assert_eq!(sql.ask("SELECT count(*) FROM events WHERE kind = 'daemon_started'"), "1");
    assert!(first.stop().await.success());
    house.done(&["run", "--once"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ledger_that_a_killed_daemon_held_is_free_again() {
    let house = House::without_gateway(BRISK);
    house.started().await.kill();
    let sql = house.sql().await;
    assert_eq!(sql.ask("SELECT stopped_at FROM daemon"), "");
    assert!(house.started().await.stop().await.success());
    assert_ne!(sql.ask("SELECT stopped_at FROM daemon"), "");
}

/// Whoever writes to the new file would be heard by nobody.
#[tokio::test(flavor = "multi_thread")]
async fn a_daemon_whose_ledger_is_taken_away_ends_and_says_so() {
    let replaced = |house: &House| {
        std::fs::write(house.path("other"), b"")?;
        std::fs::rename(house.ledger(), house.path("elsewhere"))?;
        std::fs::rename(house.path("other"), house.ledger())
    };
    let moved = |house: &House| std::fs::rename(house.ledger(), house.path("elsewhere"));
    let ways: [fn(&House) -> std::io::Result<()>; 2] = [replaced, moved];
    for take_away in ways {
        let house = House::without_gateway(BRISK);
        let mut daemon = house.started().await;
        let sql = house.sql().await;
        sql.add_order("A1");
        sql.close();
        take_away(&house).expect("our own file");
        assert_eq!(daemon.ended().await.code(), Some(1));
        assert!(daemon.log().contains("was moved, deleted or replaced under the running daemon"), "{}", daemon.log());
        // All that was written is in the file itself, and nothing of it beside whatever lies there next.
        let log = std::fs::metadata(format!("{}-wal", house.ledger().display()));
        assert!(log.is_err() || log.is_ok_and(|log| log.len() == 0), "the log is left beside another file");
        std::fs::rename(house.path("elsewhere"), house.ledger()).expect("put back");
        assert_eq!(house.sql().await.ask("SELECT merchant_trade_no FROM orders"), "A1");
        assert!(house.done(&["status"]).contains("registered"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_daemon_whose_ledger_is_deleted_puts_all_into_it_ends_and_says_so() {
    let house = House::without_gateway(BRISK);
    let mut daemon = house.started().await;
    let sql = house.sql().await;
    sql.add_order("A1");
    sql.close();
    let mut held = std::fs::File::open(house.ledger()).expect("our own file");
    std::fs::remove_file(house.ledger()).expect("our own file");
    assert_eq!(daemon.ended().await.code(), Some(1));
    assert!(daemon.log().contains("was moved, deleted or replaced under the running daemon"), "{}", daemon.log());
    // As from a snapshot of the disk.
    std::io::copy(&mut held, &mut std::fs::File::create(house.ledger()).expect("a file")).expect("put back");
    assert_eq!(house.sql().await.ask("SELECT merchant_trade_no FROM orders"), "A1");
    assert!(house.done(&["status"]).contains("registered"));
}

/// SQLite would delete the log beside a new file.
#[tokio::test(flavor = "multi_thread")]
async fn a_log_without_its_ledger_is_kept_and_told_of() {
    let house = House::without_gateway(BRISK);
    let daemon = house.started().await;
    let sql = house.sql().await;
    sql.add_order("A1");
    daemon.kill();
    std::mem::forget(sql); // As a shop that was killed as well: the log is not emptied by its end.
    std::fs::rename(house.ledger(), house.path("elsewhere")).expect("our own file");
    for opener in [&["run"][..], &["run", "--once"]] {
        let told = house.tell(opener);
        assert!(told.code == Some(1) && told.err.lines().count() == 1, "{told:?}");
        assert!(told.err.contains("put the ledger back beside it, or remove the log"), "{told:?}");
    }
    std::fs::rename(house.path("elsewhere"), house.ledger()).expect("put back");
    house.done(&["run", "--once"]);
    assert_eq!(house.sql().await.ask("SELECT merchant_trade_no FROM orders"), "A1");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hangup_over_the_same_settings_changes_nothing_and_is_answered() {
    let house = House::without_gateway(&BRISK.replace("level = \"error\"", "level = \"info\""));
    let mut daemon = house.started().await;
    daemon.signal("HUP");
    until("the signal is answered", async || daemon.log().contains("no key or level has changed")).await;
    assert!(daemon.is_running());
    assert!(daemon.stop().await.success());
}

/// The call in flight at SIGTERM is finished and written down; no new one is begun.
async fn stopped_during(fault: FaultKind) {
    let bank = gateway().await;
    let house = House::new(&bank.url(), &BRISK.replace("min_interval", "concurrency = 1\nmin_interval"));
    house.done(&["run", "--once"]);
    for no in ["A1", "A2", "A3"] {
        paid(&bank.handle, no, 1000);
    }
    bank.handle.strike(Fault { times: 9, ..Fault::on(Action::C, fault) });
    let daemon = house.started().await;
    let sql = house.sql().await;
    for no in ["A1", "A2", "A3"] {
        sql.add_order(no);
    }
    let calls = || bank.handle.with_bank(|bank, _| bank.actions().len());
    until("a call is in flight", async || calls() == 1).await;
    assert!(daemon.stop().await.success());
    assert_eq!(calls(), 1, "no call is begun after SIGTERM");
    assert_eq!(sql.ask("SELECT state FROM attempts"), "accepted");
    assert_eq!(sql.ask("SELECT stopped_at >= started_at FROM daemon"), "1");
    // What was left is done by the next one.
    bank.handle.with_bank(|bank, _| assert_eq!(bank.orders().filter(|o| o.truth().captured > 0).count(), 1));
    assert_eq!(sql.ask("SELECT group_concat(DISTINCT next_at IS NOT NULL) FROM order_state"), "1");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_is_answered_late_is_finished_before_the_daemon_stops() {
    stopped_during(FaultKind::Late { ms: 700 }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_is_answered_byte_by_byte_is_finished_before_the_daemon_stops() {
    stopped_during(FaultKind::Slow { ms: 2 }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_and_shops_are_served_while_the_daemon_runs() {
    let bank = gateway().await;
    let house = House::new(&bank.url(), BRISK);
    let daemon = house.started().await;
    paid(&bank.handle, "A1", 1000);
    paid(&bank.handle, "A2", 800);
    house.done(&["orders", "add", "A1"]);
    until("an order added by the command is captured", async || truth(&bank.handle, "A1").captured == 1000).await;
    let sql = house.sql().await;
    sql.add_order("A2");
    until("an order added by SQL is captured", async || truth(&bank.handle, "A2").captured == 800).await;

    house.done(&["refund", "A1", "--amount", "300", "--key", "rma-1"]);
    until("the refund is done", async || sql.ask("SELECT state || method FROM refund_status") == "doneR").await;
    assert_eq!(truth(&bank.handle, "A1").refunded, 300);
    assert!(house.done(&["show", "A1"]).contains("rma-1"));
    assert!(house.done(&["status"]).contains("to_be_captured"));

    assert!(house.done(&["pause"]).contains("1 merchant"));
    house.done(&["refund", "A2", "--key", "rma-2"]);
    until("the plan has stopped at the pause", async || {
        sql.ask("SELECT rule FROM order_state WHERE merchant_trade_no = 'A2'") == "paused"
    })
    .await;
    assert_eq!(truth(&bank.handle, "A2").captured, 800);
    assert!(house.done(&["resume", support::MERCHANT]).contains("1 merchant"));
    until("the money moves again", async || truth(&bank.handle, "A2").void).await;
    assert!(daemon.stop().await.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_channels_and_the_level_are_taken_over_on_sighup_all_or_nothing() {
    let bank = gateway().await;
    let house = House::new(&bank.url(), BRISK);
    let good = std::fs::read_to_string(house.settings()).expect("settings");
    let wrong = good.replace("pwFHCqoQZGmho4w6", "xxxxxxxxxxxxxxxx");
    std::fs::write(house.settings(), &wrong).expect("settings");
    let daemon = house.started().await;
    paid(&bank.handle, "A1", 1000);
    house.done(&["orders", "add", "A1"]);
    let sql = house.sql().await;
    until("a look fails", async || sql.ask("SELECT look_failures > 0 FROM order_state") == "1").await;

    // One mistake, and nothing is taken over: neither the keys nor the level.
    let debug = good.replace("level = \"error\"", "level = \"debug\"");
    std::fs::write(house.settings(), debug.clone() + "\n[nonsense]\n").expect("settings");
    daemon.signal("HUP");
    let said = |part: &str| daemon.log().contains(part);
    until("it says so", async || said("settings were not taken over, nothing has changed")).await;
    assert!(said("nonsense"), "{}", daemon.log());

    let channel = "\n[[alerts.channel]]\nname = \"ops\"\nkind = \"command\"\nargv = [\"/bin/true\"]\n";
    let more = debug.replace("[gateway]", "[gateway]\nconcurrency = 2");
    std::fs::write(house.settings(), more + channel).expect("settings");
    daemon.signal("HUP");
    until("it says what has changed", async || {
        said("new keys of merchant 3002607 for the gateway, log.level is debug")
    })
    .await;
    assert!(said("need a restart: [gateway]"), "{}", daemon.log());
    // The order rests after its failures; the shop asks for it.
    house.done(&["orders", "capture", "A1"]);
    sql.does("UPDATE order_state SET next_at = 0, retry_at = NULL");
    until("the order is captured with the new keys", async || truth(&bank.handle, "A1").captured == 1000).await;
    assert_eq!(sql.ask("SELECT name FROM channels WHERE configured = 1"), "ops");
    assert!(said("DEBUG"), "the level");
    assert!(!daemon.log().contains("pwFHCqoQZGmho4w6"));
    assert!(daemon.stop().await.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pause_goes_through_while_a_shop_holds_the_ledger() {
    let bank = gateway().await;
    let house = House::new(&bank.url(), BRISK);
    let daemon = house.started().await;
    paid(&bank.handle, "A1", 1000);
    paid(&bank.handle, "A2", 800);
    house.done(&["orders", "add", "A1"]);
    until("the daemon captures", async || truth(&bank.handle, "A1").captured == 1000).await;

    let sql = house.sql().await;
    // In the shop's transaction: what the daemon would do as soon as it is committed.
    sql.does("BEGIN IMMEDIATE");
    sql.add_order("A2");
    let told = house.done(&["pause", "--why", "a wrong price"]);
    assert!(told.contains("no money call leaves any more") && told.contains("ledger.db.pause"), "{told}");
    sql.does("COMMIT");
    until("the pause is in the ledger", async || sql.ask("SELECT DISTINCT why FROM pauses") == "a wrong price").await;
    until("the plan has stopped at the pause", async || {
        sql.ask("SELECT rule FROM order_state WHERE merchant_trade_no = 'A2'") == "paused"
    })
    .await;
    assert_eq!(truth(&bank.handle, "A2").captured, 0);
    house.done(&["resume"]);
    until("the money moves again", async || truth(&bank.handle, "A2").captured == 800).await;
    assert!(daemon.stop().await.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn one_run_does_everything_that_is_due_and_ends() {
    let bank = gateway().await;
    let house = House::new(&bank.url(), BRISK);
    house.done(&["run", "--once"]);
    let sql = house.sql().await;
    for no in ["A1", "A2", "A3", "A4", "A5", "A6"] {
        paid(&bank.handle, no, 1000);
        sql.add_order(no);
    }
    sql.add_refund("A1", None, "all");
    sql.add_refund("A2", Some(400), "part");
    house.done(&["run", "--once"]);
    assert_eq!(sql.ask("SELECT group_concat(method) FROM refund_status WHERE state = 'done'"), "N,R");
    assert_eq!(sql.ask("SELECT state FROM order_status ORDER BY state DESC LIMIT 1"), "voided");
    assert_eq!(truth(&bank.handle, "A2").net, 600);
    assert_ne!(sql.ask("SELECT stopped_at FROM daemon"), "");
}

#[tokio::test(flavor = "multi_thread")]
async fn systemd_hears_ready_alive_and_stopping() {
    for is_abstract in [false, true] {
        let house = House::without_gateway(BRISK);
        let mut command = house.command(&["run"]);
        command.env("WATCHDOG_USEC", "400000");
        let name = format!("ecpayd-test-{}", std::process::id());
        let notified = match is_abstract {
            true => Notified::by_name(&mut command, &name),
            false => Notified::by(&mut command, house.path("notify")),
        };
        hears(&notified, house.start_as(command)).await;
    }
}

async fn hears(notified: &Notified, mut daemon: support::Daemon) {
    let mut heard = String::new();
    for word in ["READY=1", "WATCHDOG=1", "STOPPING=1"] {
        if word == "STOPPING=1" {
            daemon.terminate();
        }
        until(word, async || {
            heard.push_str(&notified.hear());
            heard.push('\n');
            heard.lines().any(|line| line == word)
        })
        .await;
    }
    let order: Vec<_> = ["READY=1", "WATCHDOG=1", "STOPPING=1"].map(|word| heard.find(word)).to_vec();
    assert!(order.is_sorted(), "{heard}");
    assert!(heard.lines().any(|line| line.starts_with("STATUS=")), "{heard}");
    assert!(daemon.ended().await.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_systemd_that_reads_nothing_holds_up_nobody() {
    let bank = gateway().await;
    let house = House::new(&bank.url(), BRISK);
    house.done(&["run", "--once"]);
    let mut command = house.command(&["run"]);
    command.env("WATCHDOG_USEC", "200000");
    let notified = Notified::by(&mut command, house.path("notify"));
    notified.fill();
    let daemon = house.start_as(command);
    let sql = house.sql().await;
    until("the daemon has started", async || {
        sql.ask("SELECT count(*) FROM events WHERE kind = 'daemon_started'") == "2"
    })
    .await;
    paid(&bank.handle, "A1", 1000);
    sql.add_order("A1");
    until("its order is captured", async || truth(&bank.handle, "A1").captured == 1000).await;
    assert!(daemon.stop().await.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_marker_that_cannot_be_written_is_told_once_and_stops_nobody() {
    let house = House::without_gateway(&BRISK.replace("error", "warn"));
    let marker = house.path("ledger.db.mark");
    std::fs::create_dir(&marker).expect("a directory in its place");
    for orders in [0, 1] {
        let told = house.tell(&["run", "--once"]);
        assert_eq!(told.code, Some(0), "{told:?}");
        assert_eq!(told.err.matches("the marker cannot be written").count(), 1, "{told:?}");
        assert!(told.err.contains(&marker.display().to_string()), "{told:?}");
        assert_eq!(told.err.matches("may have been put back from a copy").count(), orders, "{told:?}");
        if orders == 0 {
            house.sql().await.add_order("A1");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn status_reports_a_restore_until_all_orders_have_caught_up() {
    let bank = gateway().await;
    let house = House::new(&bank.url(), &BRISK.replace("immediate", "deadline"));
    house.done(&["run", "--once"]);
    paid(&bank.handle, "A1", 1000);
    let sql = house.sql().await;
    sql.add_order("A1");
    house.done(&["run", "--once"]);
    assert!(!house.done(&["status"]).contains("orders wait for a look"));
    std::fs::remove_file(house.path("ledger.db.mark")).expect("a marker");
    // The refund makes it due; what is authorized by then waits.
    sql.add_refund("A1", None, "all");
    house.done(&["run", "--once"]);
    let status = house.done(&["status"]);
    assert!(status.contains("the ledger may have been put back from a copy: its marker"), "{status}");
    assert!(status.contains("1 unfinished orders wait for a look; 0 show"), "{status}");
    assert!(house.done(&["status", "--json"]).contains("\"waiting_orders\": 1"));
    assert!(house.done(&["explain", "A1"]).contains("restored-ledger"));
    assert_eq!(bank.handle.with_bank(|bank, _| bank.actions().len()), 0);
    sql.does("UPDATE order_state SET caught_up = 1");
    assert!(!house.done(&["status"]).contains("orders wait for a look"));
    sql.does("UPDATE order_state SET unclaimed_amount = 300");
    assert!(house.done(&["status"]).contains("1 show a refund or a void that nobody has claimed"));
}
