//! What a walk of `go-live` has around it.

use std::process::Command;

use chrono::Duration;
use ecpayd::simulator::SimHandle;

use super::{House, PATIENCE, Told, until};

/// Runs a command to its end, with these lines on its standard input.
pub fn answered(command: Command, answers: &str) -> Told {
    let output = assert_cmd::Command::from_std(command).write_stdin(answers).timeout(PATIENCE).output();
    let output = output.expect("the command starts");
    let text = |bytes| String::from_utf8(bytes).expect("text");
    Told { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
}

/// The bank claims what is to be captured, and the daemon sees it.
pub async fn night(house: &House, bank: &SimHandle, order: &str) {
    // Claimed at three of the day after the capture, which may be at one in the morning.
    bank.with_bank(|bank, now| bank.advance(now + Duration::hours(28)));
    let sql = house.sql().await;
    sql.does(&format!("UPDATE orders SET memo = 'a day later' WHERE merchant_trade_no = '{order}'"));
    let state = format!("SELECT state FROM order_status WHERE merchant_trade_no = '{order}'");
    until("the order is captured", async || sql.ask(&state) == "captured").await;
}

/// Puts the keys into files of the house, as systemd's credentials lie in a directory.
pub fn keys_as_credentials(house: &House) {
    let text = std::fs::read_to_string(house.settings()).expect("settings");
    let by_credential = |line: &str| match line.split_once(" = ") {
        Some((key @ ("hash_key" | "hash_iv"), value)) => {
            std::fs::write(house.path(key), value.trim_matches('"')).expect("a key");
            let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
            std::fs::set_permissions(house.path(key), mode).expect("its mode");
            format!("{key}_credential = \"{key}\"\n")
        }
        _ => format!("{line}\n"),
    };
    std::fs::write(house.settings(), text.lines().map(by_credential).collect::<String>()).expect("settings");
}
