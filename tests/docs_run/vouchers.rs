//! docs/vouchers.md: the keys, and the commands.

use crate::machine::{Machine, gateway_of};
use crate::page::Reading;

const SETTLED: &str =
    "SELECT coalesce(group_concat(state), '') FROM (SELECT state FROM voucher_status ORDER BY merchant_trade_no)";
const ORDER: &str = "CBX20230302153064";

pub async fn play(pages: &mut [Reading; 2]) {
    for page in pages {
        typed(page).await;
    }
}

async fn typed(page: &mut Reading) {
    let bank = gateway_of(&["1234567"]).await;
    let mut machine = Machine::new(page.page().locale(), &bank.url());
    machine.set_up("1234567").await;
    let section = page.page().blocks("toml")[0].replace("https://ecticket.ecpay.com.tw", &bank.url());
    assert!(section.contains(&bank.url()), "{section}");
    let settings =
        machine.read("/etc/ecpayd/config.toml").replace("\n# Who is told", &format!("\n{section}\n# Who is told"));
    std::fs::write(machine.path("/etc/ecpayd/config.toml"), settings).expect("settings");
    machine.types(&page.next("sudo -v")).await;
    let keys = ecpayd::simulator::STAGE_VOUCHER_KEYS;
    for (prompt, key) in [("HashKey", keys.0), ("HashIV", keys.1)] {
        machine.secret(prompt, key);
        machine.types(&page.next(&format!("systemd-ask-password {prompt}"))).await;
    }
    assert_eq!(machine.mode("/etc/ecpayd/keys/1234567.voucher.hash_iv"), 0o600);
    // "Then `ecpayd doctor` and a restart."
    machine.finds_no_fault("sudo ecpayd doctor").await;
    machine.types("sudo systemctl start ecpayd").await;

    machine.sim("orders", &format!("{{\"merchant_trade_no\":\"{ORDER}\",\"amount\":4800}}")).await;
    let sold = format!("{{\"merchant_trade_no\":\"{ORDER}\",\"tickets\":[{{\"count\":4,\"amount\":1200}}]}}");
    machine.sim("vouchers", &sold).await;
    machine.sim("vouchers", "{\"free_trade_no\":\"FREE20230302001\",\"tickets\":[{\"count\":2,\"amount\":100}]}").await;
    machine.sim(&format!("vouchers/{ORDER}/redeem"), "{\"count\":2}").await;
    machine.types(&format!("ecpayd orders add {ORDER}")).await;

    machine.types(&page.next("ecpayd vouchers add CBX")).await;
    machine.types(&page.next("ecpayd vouchers add FREE20230302001 --free")).await;
    machine.until(SETTLED, "issued,issued").await;
    machine.until("SELECT state FROM order_status", "authorized").await;
    let review = machine.types(&page.next("ecpayd vouchers list --state review")).await;
    assert!(!review.contains(ORDER), "{review}");
    let tickets = machine.types(&page.next("ecpayd vouchers show")).await;
    assert!(tickets.contains("2400") && tickets.matches("1200").count() >= 4, "{tickets}");
    let shown = machine.types(&page.next("ecpayd show")).await;
    assert!(shown.contains("4800") && shown.contains("2400"), "the card order with its vouchers: {shown}");
    let explained = machine.types(&page.next("ecpayd explain")).await;
    assert!(explained.contains("capture-ahead"), "{explained}");
}
