//! The figures for Prometheus, judged by its own tool.

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::sync::Arc;

use ecpayd::metrics::{Calls, Counted, Snapshot, text};
use ecpayd::simulator::bank::{Kind, Paid};

use crate::harness::{MERCHANT, days, shop};
use crate::ledger::{AddOrder, LedgerHandle};

/// None: it is not installed here, and `ALL_CLIENTS` does not ask for it.
fn promtool(arguments: &[&str], figures: &str) -> Option<String> {
    let mut tool = Command::new("promtool");
    tool.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut tool = match tool.spawn() {
        Ok(tool) => tool,
        Err(error) => {
            assert!(std::env::var_os("ALL_CLIENTS").is_none(), "promtool: {error} (apt-get install prometheus)");
            eprintln!("left out: promtool is not installed (apt-get install prometheus)");
            return None;
        }
    };
    tool.stdin.take().expect("a pipe").write_all(figures.as_bytes()).expect("it reads");
    let told = tool.wait_with_output().expect("it ends");
    let said = String::from_utf8_lossy(&told.stdout).into_owned() + &String::from_utf8_lossy(&told.stderr);
    assert!(told.status.success(), "{said}\n{figures}");
    Some(said)
}

#[tokio::test]
async fn a_merchant_is_silent_whichever_of_its_services_is() {
    let mut shop = shop().await;
    shop.stage.settings.database_path.set_extension("other");
    let engine = shop.stage.daemon().await.expect("the daemon starts");
    let (ledger, sql) = (&engine.shared().ledger, LedgerHandle::open(&shop.stage.settings.database_path));
    let until = (shop.now() + days(1)).timestamp_millis();
    for column in ["silent_until", "voucher_silent_until"] {
        assert_eq!(ledger.vitals(shop.now()).await.expect("the ledger").merchants_silent, 0);
        sql.does(&format!("UPDATE merchants SET {column} = {until}"));
        assert_eq!(ledger.vitals(shop.now()).await.expect("the ledger").merchants_silent, 1, "{column}");
        sql.does(&format!("UPDATE merchants SET {column} = NULL"));
    }
}

#[tokio::test]
async fn the_figures_are_what_prometheus_takes_and_tell_what_was_done_and_what_waits() {
    let mut shop = shop().await;
    shop.stage.settings.database_path.set_extension("other");
    let calls = Calls::default();
    let counted = Arc::new(Counted { inner: shop.wire.clone(), calls: calls.clone() });
    let engine = ecpayd::daemon::open(&shop.stage.settings, shop.clock(), counted).await.expect("the daemon starts");
    let sql = LedgerHandle::open(&shop.stage.settings.database_path);
    shop.sold(MERCHANT, "A1", Kind::Card, 1000, shop.now(), Paid::Yes);
    for (no, capture) in [("A1", "now"), ("A2", "auto")] {
        let order = AddOrder { merchant: MERCHANT, no, capture: Some(capture), ..AddOrder::default() };
        sql.order(&order).expect("an order");
    }
    shop.stage.settle(&engine).await.expect("the ledger");
    sql.does("INSERT INTO pauses (merchant_id, action, at, by) SELECT merchant_id, action, 1, 'Lin' FROM merchants, (SELECT 'capture' AS action UNION ALL SELECT 'refund')");
    sql.does("UPDATE daemon SET backed_up_at = 1764430800999, backed_up_to = '/var/backups/ecpayd/x.db'");
    // Nobody has looked at A2 since.
    let now = shop.now() + days(1);
    let ledger = &engine.shared().ledger;
    let snapshot = Snapshot {
        now,
        figures: &ledger.figures(now).await.expect("the ledger"),
        vitals: &ledger.vitals(now).await.expect("the ledger"),
        storage: &ledger.storage(),
        tally: &engine.shared().tally,
    };
    let figures = text(&calls, &snapshot).expect("text");

    for line in [
        "ecpayd_attempts_total{action=\"C\",outcome=\"accepted\"} 1",
        "ecpayd_attempts_total{action=\"R\",outcome=\"accepted\"} 0",
        "ecpayd_calls_total{call=\"DoAction\",outcome=\"answered\"} 1",
        "ecpayd_orders{state=\"to_be_captured\"} 1",
        "ecpayd_orders{state=\"captured\"} 0",
        "ecpayd_open_refunds{state=\"queued\"} 0",
        "ecpayd_merchants_paused 1",
        "ecpayd_open_unknowns 0",
        "ecpayd_health{state=\"unhealthy\"} 1",
        "ecpayd_deliveries{state=\"pending\"} 0",
        "ecpayd_last_backup_timestamp_seconds 1764430800",
    ] {
        assert!(figures.lines().any(|found| found == line), "{line} in\n{figures}");
    }
    let value = |name: &str| -> f64 {
        let line = figures.lines().find(|line| line.split([' ', '{']).next() == Some(name));
        line.and_then(|line| line.rsplit(' ').next()?.parse().ok()).unwrap_or_else(|| panic!("{name} in\n{figures}"))
    };
    assert!(value("ecpayd_oldest_overdue_seconds") > 3600.0, "A2 has waited for hours");
    assert!(value("ecpayd_commits_total") >= 4.0 && value("ecpayd_commit_seconds_total") > 0.0);
    assert!(value("ecpayd_pace_turns_total") >= 5.0 && value("ecpayd_ledger_bytes") > 4096.0);
    assert!(!figures.contains("A1") && !figures.contains(MERCHANT), "no numbers of orders or merchants");
    promtool(&["check", "metrics"], &figures);

    // What the rules and the board ask for is there: by its name, without the endings of a histogram.
    let named =
        figures.lines().filter_map(|line| line.strip_prefix("# TYPE ")).filter_map(|line| line.split(' ').next());
    let named: Vec<&str> = named.collect();
    for asked in [RULES, BOARD].into_iter().flat_map(metrics_of) {
        let name = asked.trim_end_matches("_bucket");
        assert!(named.contains(&name), "{name} is asked for, and there are {named:?}");
    }
}

const RULES: &str = include_str!("../../docs/prometheus/rules.yml");
const BOARD: &str = include_str!("../../docs/prometheus/grafana.json");

fn metrics_of(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    words.filter(|word| word.starts_with("ecpayd_"))
}

#[test]
fn the_rules_for_prometheus_are_right_and_do_what_their_tests_say() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/prometheus");
    let file = |name: &str| folder.join(name).display().to_string();
    promtool(&["check", "rules", &file("rules.yml")], "");
    promtool(&["test", "rules", &file("rules.test.yml")], "");
    serde_json::from_str::<serde_json::Value>(BOARD).expect("a board");
}
