//! docs/operations.md: a machine that is set up, looked after, moved and restored.

use serde_json::Value;

use crate::machine::{KEYS, Machine, gateway_of};
use crate::page::Reading;
use crate::receiver::{Receiver, answer};
use crate::shown::is_said;
use crate::support::MERCHANT;

const ORDER: &str = "20180914001";
const OPEN_REFUNDS: &str = "SELECT count(*) FROM refund_status WHERE state <> 'done'";

pub async fn play(pages: &mut [Reading; 2]) {
    for page in pages {
        let bank = gateway_of(&[MERCHANT]).await;
        let receiver = Receiver::new(answer(200, "", "ok")).await;
        let mut machine = Machine::new(page.page().locale(), &bank.url());
        machine.set("POLL__FOREIGN_WRITES", "20ms");
        machine.set("GATEWAY__MIN_INTERVAL", "0s");
        machine.set("GATEWAY__STATEMENT_INTERVAL", "0s");
        machine.set_up(MERCHANT).await;
        machine.add_settings(&format!("[[alerts.channel]]\nkind = \"slack\"\nurl = \"http://{}\"\n", receiver.at));
        machine.types("sudo systemctl start ecpayd").await;
        machine.sim("orders", &format!("{{\"merchant_trade_no\":\"{ORDER}\",\"amount\":1200}}")).await;
        machine.types(&format!("ecpayd orders add {ORDER}")).await;

        assert_eq!(machine.types(&page.next("sqlite3 -cmd")).await, "0\n");
        assert_eq!(machine.sql().ask("SELECT memo FROM orders"), "called the customer");
        let mut another = Machine::new(page.page().locale(), &bank.url());
        set_up(&mut another, page).await;
        keys(&mut another, page).await;
        doctor(&mut machine, page, &receiver).await;
        probe(page).await;
        start_and_stop(&mut machine, page).await;
        every_day(&mut machine, page).await;
        pause_and_reload(&mut machine, page).await;
        copies(&mut machine, page).await;
        // Upgrade.
        machine.types(&page.next("sudo -u ecpayd ecpayd --config /etc/ecpayd/config.toml backup")).await;
        assert_eq!(machine.mode("/var/backups/ecpayd/before-upgrade.db"), 0o600);
    }
}

async fn set_up(machine: &mut Machine, page: &mut Reading) {
    let said = machine.answers(&page.next("sudo ecpayd init"), &format!("{MERCHANT}\n{KEYS}yes\njson\n")).await;
    assert!(said.contains("gateway-answer"), "{said}");
    assert_eq!((machine.mode("/etc/ecpayd/config.toml"), machine.mode("/etc/ecpayd/keys")), (0o640, 0o700));
    assert_eq!(machine.mode(&format!("/etc/ecpayd/keys/{MERCHANT}.card.hash_key")), 0o600);
    assert!(machine.read("/etc/ecpayd/config.toml").contains("daily_auto_close = true"));
    machine.types(&page.next("printf '%s\\n' 3002607 pwFHCqoQZGmho4w6")).await;
    let run = machine.tells(&page.next("ecpayd --config trial/config.toml run --once"), "").await;
    assert!(run.code == Some(0) && machine.path("trial/ecpayd.db").exists(), "{run:?}");
}

async fn keys(machine: &mut Machine, page: &mut Reading) {
    machine.types(&page.next("sudo -v")).await;
    for ((prompt, key), file) in ["HashKey", "HashIV"].into_iter().zip(KEYS.lines()).zip(["hash_key", "hash_iv"]) {
        machine.secret(prompt, key);
        machine.types(&page.next(&format!("systemd-ask-password {prompt}"))).await;
        let file = format!("/etc/ecpayd/keys/2345678.card.{file}");
        assert_eq!((machine.read(&file), machine.mode(&file)), (format!("{key}\n"), 0o600));
    }
    let settings = machine.read("/etc/ecpayd/config.toml");
    let (_, merchant) = settings.split_once("[[merchant]]").expect("a merchant");
    let (merchant, _) = merchant.split_once("# Who is told").expect("what follows it");
    machine.add_settings(&format!("[[merchant]]{}", merchant.replace(MERCHANT, "2345678")));
    machine.types("sudo ecpayd check-config").await;
}

async fn doctor(machine: &mut Machine, page: &mut Reading, receiver: &Receiver) {
    machine.finds_no_fault(&page.next("sudo ecpayd doctor ")).await;
    // The day's summary may be among them.
    let tests = || receiver.asked().iter().filter(|asked| asked.body.contains("測試訊息")).count();
    assert_eq!(tests(), 0);
    machine.finds_no_fault(&page.next("sudo ecpayd doctor --alerts")).await;
    assert_eq!(tests(), 1);
    machine.tells(&page.next("sudo ecpayd doctor --bundle help.tar"), "").await;
    assert_eq!(machine.mode("help.tar"), 0o600);
    assert!(machine.types("tar -tf help.tar").await.lines().count() > 3);
}

/// With a shop of 全方位金流, and a bank of its own.
async fn probe(page: &mut Reading) {
    let bank = gateway_of(&[MERCHANT]).await;
    let mut machine = Machine::new(page.page().locale(), &bank.url());
    machine.set_up(MERCHANT).await;
    machine.set("MERCHANT__0__CARD__API", "form");
    machine.set("MERCHANT__0__CARD__FORM_URL", &bank.url());
    machine.sim(&format!("merchants/{MERCHANT}"), "{\"aio\":true}").await;
    machine.sim("orders", "{\"merchant_trade_no\":\"PROBE35\",\"amount\":35}").await;
    machine.types("sudo systemctl start ecpayd").await;
    machine.types(&page.next("sudo ecpayd orders add PROBE35 --hold")).await;
    let said = machine.finds_no_fault(&page.next("sudo ecpayd doctor --probe PROBE35")).await;
    let line = said.lines().find(|line| line.contains("  probe ")).expect("the answer");
    assert!(line.starts_with('✓') && line.contains("10000185") && line.contains("api = \"form\""), "{line}");
}

async fn start_and_stop(machine: &mut Machine, page: &mut Reading) {
    machine.types("systemctl stop ecpayd").await;
    machine.types(&page.next("systemctl start ecpayd")).await;
    // An order has a next step, which systemd shows.
    machine.until("SELECT rule FROM order_status", "capture-ahead").await;
    machine.shows_a_step_in_its_status(&page.next("systemctl status ecpayd")).await;
    machine.types(&page.next("systemctl stop ecpayd")).await;
    assert!(machine.daemon.is_none());
    machine.types("systemctl start ecpayd").await;
}

async fn every_day(machine: &mut Machine, page: &mut Reading) {
    // An order of another amount needs somebody: twelve alerts.
    for number in 1..=12 {
        machine.sim("orders", &format!("{{\"merchant_trade_no\":\"H{number}\",\"amount\":100}}")).await;
        let row = format!("'{MERCHANT}', 'H{number}', 99");
        machine
            .sql()
            .does(&format!("INSERT INTO orders (merchant_id, merchant_trade_no, expected_amount) VALUES ({row})"));
    }
    machine.until("SELECT count(*) FROM open_alerts", "12").await;
    let status = machine.types(&page.next("ecpayd status ")).await;
    let has_counts = status.lines().any(|line| line.contains("authorized") && line.trim_end().ends_with("13"));
    assert!(has_counts && status.contains("NT$99"), "{status}");
    let alerts = machine.types(&page.next("ecpayd alerts ")).await;
    assert!((1..=12).all(|number| alerts.contains(&format!("H{number}"))), "{alerts}");
    machine.types(&page.next("ecpayd alerts ack 12")).await;
    assert_eq!(machine.sql().ask("SELECT count(*) FROM open_alerts WHERE acked_by IS NOT NULL"), "1");
    let listed = machine.types(&page.next("ecpayd orders list --state authorized")).await;
    assert!(listed.contains(ORDER), "{listed}");
    let shown = machine.types(&page.next("ecpayd show")).await;
    assert!(shown.contains(ORDER) && shown.contains("called the customer"), "{shown}");
    assert!(machine.types(&page.next("ecpayd explain")).await.contains("capture-ahead"));
    assert_eq!(machine.types(&page.next("ecpayd vouchers list")).await.lines().count(), 1, "there are none");

    let watch = page.next("ecpayd alerts --json | python3");
    let said = machine.types(&watch).await;
    let spoken = if page.page().is_chinese { "有事要看" } else { "somebody has to look" };
    assert!(said.lines().count() == 12 && said.ends_with(&format!("{spoken}\n")), "{said}");
    for number in 1..=11 {
        machine.types(&format!("ecpayd alerts ack {number}")).await;
    }
    assert_eq!(machine.types(&watch).await, "");
    statements(machine, page).await;
    let health = machine.types(&page.next("ecpayd health")).await;
    assert_eq!(health.lines().count(), 1, "{health}");
    machine.types(&page.next("ecpayd status --exit-code")).await;
}

/// What is asked for is told on standard error.
async fn statements(machine: &mut Machine, page: &mut Reading) {
    machine.sim(&format!("merchants/{MERCHANT}"), "{\"statement\":{\"every_s\":0}}").await;
    let told = machine.tells(&page.next("ecpayd reconcile --fetch"), "").await;
    assert!(told.code == Some(0) && told.err.lines().count() == 3, "{told:?}");
    assert_eq!(machine.sql().ask("SELECT count(*) FROM statements WHERE row_count = 0"), "3");
    // Of the last month, whatever the day is.
    let since = (chrono::Utc::now() - chrono::Duration::days(20)).format("%Y-%m-%d").to_string();
    let adopt = page.next("ecpayd orders adopt --fetch").replace("2026-06-01", &since);
    let told = machine.tells(&adopt, "").await;
    assert!(told.code == Some(0) && told.out.contains("QueryTradeMedia"), "{told:?}");
}

async fn pause_and_reload(machine: &mut Machine, page: &mut Reading) {
    let paused = "SELECT coalesce(group_concat(action || why || (until IS NOT NULL)), '') FROM \
                  (SELECT * FROM pauses ORDER BY action)";
    machine.types(&page.next("ecpayd pause ")).await;
    machine.until(paused, "capture0,refund0").await;
    // Of two pauses the one that lasts longer holds.
    machine.types("ecpayd resume").await;
    machine.types(&page.next("ecpayd pause 3002607 --only refund")).await;
    let why = if page.page().is_chinese { "盤點" } else { "stock count" };
    machine.until(paused, &format!("refund{why}1")).await;
    machine.types(&page.next("ecpayd resume")).await;
    machine.until(paused, "").await;
    machine.types(&page.next("sudo ecpayd check-config && sudo systemctl reload ecpayd")).await;
    machine.until_the_log_says("settings read again").await;
}

async fn copies(machine: &mut Machine, page: &mut Reading) {
    machine.types(&page.next("ecpayd backup /var/backups/ecpayd-before-move.db")).await;
    assert_eq!(machine.mode("/var/backups/ecpayd-before-move.db"), 0o600);
    machine.types(&page.next("ecpayd backup --dir /var/backups/ecpayd")).await;
    let files = std::fs::read_dir(machine.path("/var/backups/ecpayd")).expect("backups");
    let files: Vec<_> = files.map(|file| file.expect("a file").path()).collect();
    assert_eq!(files.len(), 1, "{files:?}");
    std::fs::rename(&files[0], machine.path("/var/backups/ecpayd/ecpayd-20261130T034012.db")).expect("a name");
    // What the copy does not know of.
    machine.types(&format!("ecpayd orders capture {ORDER}")).await;
    machine.types(&format!("ecpayd refund {ORDER} --amount 300 --key rma-1001")).await;
    machine.until(OPEN_REFUNDS, "0").await;

    machine.types(&page.next("sudo systemctl stop ecpayd php-fpm")).await;
    let said = machine.types(&page.next("sudo ecpayd restore")).await;
    let printed = page.page().blocks("");
    is_said(printed.last().expect("what it prints"), &said);
    machine.types("sudo systemctl start ecpayd").await;
    machine.until_the_log_says("this ledger may have been put back from a copy").await;
    let status: Value = serde_json::from_str(&machine.types("ecpayd status --json").await).expect("JSON");
    assert!(status["restore"]["waiting_orders"] == 13, "{status}");
}
