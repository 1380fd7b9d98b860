//! What a restore prints, in both languages, against pages that a person has looked at.
//!
//! `ECPAYD_WRITE_GOLDEN=1 cargo test --test copies pages` writes them anew; look at them in a terminal.

use std::path::{Path, PathBuf};

use ecpayd::domain::action::Action;
use ecpayd::simulator::{Fault, FaultKind};

use super::{backed_up, text};
use crate::support::{BRISK, House, gateway, paid};

/// P1 is captured, and an R of NT$200 was under way when the copy was made. Since then Lin has said that it took
/// effect and paused all, a part was refunded, and the shop has added an order, put it on hold, and taken a refund back.
async fn house() -> (House, PathBuf) {
    let bank = gateway().await;
    let house = House::new(&bank.url(), BRISK);
    house.done(&["run", "--once"]);
    paid(&bank.handle, "P1", 1000);
    let sql = house.sql().await;
    sql.add_order("P1");
    house.done(&["run", "--once"]);
    bank.handle.strike(Fault::on(Action::R, FaultKind::Forbidden));
    sql.add_refund("P1", Some(200), "lid");
    house.tell(&["run", "--once"]);
    sql.does("UPDATE attempts SET state = 'review', finished_at = 1 WHERE action = 'R'");
    sql.does("UPDATE refunds SET state = 'review'");
    let copy = backed_up(&house, "copy.db");
    let attempt = sql.ask("SELECT max(id) FROM attempts");
    house.done(&["resolve", &attempt, "--applied", "--by", "Lin"]);
    sql.add_order("HELD1");
    sql.does("UPDATE orders SET capture = 'hold' WHERE merchant_trade_no = 'HELD1'");
    sql.add_refund("HELD1", None, "all");
    sql.add_refund("HELD1", Some(30), "back");
    sql.does("UPDATE refund_intents SET cancel = 1 WHERE request_key = 'back'");
    sql.does("DELETE FROM pauses");
    let mut pause = house.command(&["pause"]);
    pause.env("SUDO_USER", "Lin");
    assert_eq!(crate::support::told(pause).code, Some(0));
    sql.close();
    (house, copy)
}

/// What differs from run to run, with something as long in its place.
fn steady(page: &str, house: &House) -> String {
    let mut page = page.replace(&text(&house.path("").canonicalize().expect("a path")), "/var/lib/ecpayd");
    page = page.replace(text(&house.path("")).trim_end_matches('/'), "/var/lib/ecpayd");
    for (pattern, steady) in [("dddd-dd-dd dd:dd:dd", "2026-08-01 12:00:00"), ("ddddddddTdddddd", "20260801T120000")] {
        for at in 0..page.len() {
            if fits(page.as_bytes().get(at..at + pattern.len()), pattern) {
                page.replace_range(at..at + pattern.len(), steady);
            }
        }
    }
    page.lines().map(|line| line.trim_end().to_owned() + "\n").collect()
}

fn fits(text: Option<&[u8]>, pattern: &str) -> bool {
    let same = |(byte, wanted): (&u8, u8)| if wanted == b'd' { byte.is_ascii_digit() } else { *byte == wanted };
    text.is_some_and(|text| text.iter().zip(pattern.bytes()).all(same))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_restore_prints_reads_well_in_both_languages() {
    for language in ["en", "zh-TW"] {
        let (house, copy) = house().await;
        let page = steady(&house.done(&["restore", &text(&copy), "--pause", "--lang", language]), &house);
        let golden =
            Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/commands/golden/restore.{language}.txt"));
        if std::env::var_os("ECPAYD_WRITE_GOLDEN").is_some() {
            std::fs::write(&golden, page).expect("a golden page");
        } else {
            assert_eq!(page, std::fs::read_to_string(&golden).unwrap_or_default(), "{}", golden.display());
        }
    }
}
