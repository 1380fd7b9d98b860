//! What people read, in both languages: each command against a page that a person has looked at.
//!
//! `ECPAYD_WRITE_GOLDEN=1 cargo test --test commands languages` writes the pages anew; look at them in a terminal.

use std::path::{Path, PathBuf};
use std::process::Command;

use ecpayd::simulator::bank::Pick;

use super::support::vouchers::{at_the_counter, sold, sold_vouchers};
use super::support::{BRISK, House, Told, add_order, add_refund, does, gateway, paid, told};

const LANGUAGES: [&str; 2] = ["en", "zh-TW"];

const PAGES: [(&str, &[&str]); 12] = [
    ("status", &["status"]),
    ("show", &["show", "P1"]),
    ("show-vouchers", &["show", "V1"]),
    ("explain", &["explain", "W1"]),
    ("explain-rejected", &["explain", "V1"]),
    ("alerts", &["alerts"]),
    ("orders", &["orders", "list"]),
    ("refunds", &["refunds", "list", "--all"]),
    ("refunds-open", &["refunds", "list"]),
    ("orders-import", &["orders", "import", "list.csv"]),
    ("orders-adopt", &["orders", "adopt", "--statement", "media.csv"]),
    ("vouchers", &["vouchers", "list"]),
];

/// P1 is captured with 300 refunded and another 300 that were undone, V1 paid for vouchers. W1 is on hold: one
/// refund of a part waits for its capture, another behind it, and a third was taken back. Lin has paused all.
async fn house() -> House {
    let bank = gateway().await;
    let house = House::with_vouchers(&bank.url(), BRISK);
    house.done(&["run", "--once"]);
    let mut sql = house.sql().await;
    // One after the other, so that each has the same numbers every time.
    for no in ["P1", "V1"] {
        paid(&bank.handle, no, 1200);
        add_order(&mut sql, no).await;
        house.done(&["run", "--once"]);
    }
    paid(&bank.handle, "W1", 1200);
    house.done(&["orders", "add", "W1", "--hold"]);
    sold_vouchers(&bank.handle, sold("V1"), 4, 300);
    house.done(&["vouchers", "add", "V1"]);
    house.done(&["run", "--once"]);
    at_the_counter(&bank.handle, &sold("V1"), |bank, id, no, now| bank.redeem(id, no, &Pick::Unused(1), now));
    add_refund(&mut sql, "V1", None, "all").await;
    house.done(&["run", "--once"]);
    for key in ["lid", "undone"] {
        add_refund(&mut sql, "P1", Some(300), key).await;
        house.done(&["run", "--once"]);
    }
    add_refund(&mut sql, "W1", Some(200), "waits").await;
    house.done(&["run", "--once"]);
    for key in ["behind", "back"] {
        add_refund(&mut sql, "W1", Some(100), key).await;
    }
    does(&mut sql, "UPDATE refund_intents SET cancel = 1 WHERE request_key = 'back'").await;
    does(&mut sql, BY_LIN).await;
    does(&mut sql, ALERTS).await;
    std::fs::write(house.path("list.csv"), "merchant_trade_no,capture\nP1,\nN1,\nN2,auto\nN1,\n").expect("a list");
    std::fs::write(house.path("media.csv"), include_bytes!("../statements/query-trade-media.csv"))
        .expect("a statement");
    house
}

const BY_LIN: &str = "
    INSERT INTO pauses (merchant_id, action, at, by) SELECT merchant_id, action, 0, 'Lin' FROM merchants, (SELECT 'capture' AS action UNION ALL SELECT 'refund');
    UPDATE refunds SET undone_at = 0, undone_by = 'Lin', undone_why = '卡片已停用' WHERE request_key = 'undone'";

/// One of each way that an alert's reason may be there, or not.
const ALERTS: &str = "
    INSERT INTO alerts (kind, severity, merchant_id, message, reason, raised_at) VALUES
        ('gateway_down', 'warning', '3002607', 'the gateway does not answer (timed out)',
         '{\"code\":\"no_answer\",\"service\":\"card\",\"error\":\"timed out\"}', 0),
        ('refund_review', 'critical', '3002607', 'attempt 24 (R NT$300) needs a person: another amount moved',
         '{\"code\":\"attempt_needs_person\",\"attempt\":24,\"action\":\"R\",\"amount\":300,\"text\":\"another amount moved\"}', 0),
        ('clock_skew', 'critical', '3002607', 'words of a later version', '{\"code\":\"of_tomorrow\",\"x\":1}', 0);
    INSERT INTO alerts (kind, severity, merchant_id, message, raised_at) VALUES
        ('disk_low', 'critical', '', 'words without a reason', 0)";

/// What differs from run to run, with something as long in its place.
fn steady(page: &str) -> String {
    let steady = [
        ("dddd-dd-dd dd:dd:dd", "2026-08-01 12:00:00"),
        ("dddd-dd-dd", "2026-08-01"),
        ("dddddddddddddddd", "2608011200000001"),
    ];
    let mut page = page.to_owned();
    for at in 0..page.len() {
        for (pattern, steady) in steady {
            if matches(page.as_bytes().get(at..at + pattern.len()), pattern) {
                page.replace_range(at..at + pattern.len(), steady);
            }
        }
    }
    // The size of the ledger, and the disk's.
    let lines = page.lines().filter(|line| !line.starts_with("ledger ") && !line.starts_with("帳本 /"));
    lines.map(|line| line.trim_end().to_owned() + "\n").collect()
}

fn matches(text: Option<&[u8]>, pattern: &str) -> bool {
    let fits = |(byte, wanted): (&u8, u8)| if wanted == b'd' { byte.is_ascii_digit() } else { *byte == wanted };
    text.is_some_and(|text| text.iter().zip(pattern.bytes()).all(fits))
}

fn golden(name: &str, language: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/commands/golden/{name}.{language}.txt"))
}

#[tokio::test(flavor = "multi_thread")]
async fn each_page_reads_well_in_both_languages() {
    let house = house().await;
    for language in LANGUAGES {
        for (name, arguments) in PAGES {
            let page = steady(&house.done(&[arguments, &["--lang", language]].concat()));
            let golden = golden(name, language);
            if std::env::var_os("ECPAYD_WRITE_GOLDEN").is_some() {
                std::fs::write(&golden, page).expect("a golden page");
            } else {
                let expected = std::fs::read_to_string(&golden).unwrap_or_default();
                assert_eq!(page, expected, "{}", golden.display());
            }
        }
    }
}

fn in_environment(house: &House, values: &[(&str, &str)], arguments: &[&str]) -> Told {
    let mut command: Command = house.command(arguments);
    command.envs(values.iter().copied());
    told(command)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_environment_names_a_language_and_the_command_line_another() {
    let house = House::without_gateway(BRISK);
    house.done(&["run", "--once"]);
    let (english, chinese) = ("no open alerts\n", "沒有未結的警告\n");
    for (values, arguments, expected) in [
        (&[][..], &["alerts"][..], english),
        (&[("LANG", "zh_TW.UTF-8")], &["alerts"], chinese),
        (&[("LANG", "zh_TW.UTF-8"), ("LC_ALL", "C")], &["alerts"], english),
        (&[("LANG", "en_US.UTF-8"), ("LC_MESSAGES", "zh_TW.UTF-8"), ("LC_ALL", "")], &["alerts"], chinese),
        (&[("LANG", "zh_TW.UTF-8")], &["alerts", "--lang", "en"], english),
        (&[("LC_ALL", "C")], &["alerts", "--lang", "zh-TW"], chinese),
    ] {
        let told = in_environment(&house, values, arguments);
        assert_eq!((told.code, told.out.as_str()), (Some(0), expected), "{values:?} {arguments:?}: {told:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_and_errors_are_spoken_to_in_english() {
    let house = house().await;
    for arguments in [&["status"][..], &["show", "W1"], &["explain", "P1"], &["alerts"], &["refunds", "list"]] {
        let told = in_environment(&house, &[("LANG", "zh_TW.UTF-8")], &[arguments, &["--json"]].concat());
        let json = |text: &str| -> serde_json::Value { serde_json::from_str(text).expect("JSON") };
        let mut pages = [json(&told.out), json(&house.done(&[arguments, &["--json"]].concat()))];
        for page in &mut pages {
            // The disk fills and empties between the two.
            page.as_object_mut().map(|page| page.remove("storage"));
            page.as_object_mut().map(|page| page.remove("decision_at"));
        }
        assert_eq!(pages[0], pages[1], "{arguments:?}");
    }
    let told = in_environment(&house, &[("LANG", "zh_TW.UTF-8")], &["show", "NOBODY"]);
    assert_eq!(told.error(1), "order NOBODY is not in the ledger");
}

#[test]
fn a_language_that_is_not_spoken_is_wrong_usage() {
    let house = House::without_gateway(BRISK);
    for arguments in [&["status"][..], &["show", "P1"], &["explain", "P1"], &["alerts"], &["orders", "list"]] {
        let told = house.tell(&[arguments, &["--lang", "fr"]].concat());
        assert!(told.error(2).ends_with("there is no language 'fr': name en or zh-TW"), "{told:?}");
    }
}
