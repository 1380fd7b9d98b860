//! README: the demo, and from the settings to an order that is to be captured.

use crate::machine::{KEYS, Machine, gateway_of};
use crate::page::{Reading, bare};
use crate::shown::is_said;

const ORDER: &str = "20180914001";
const STATE: &str =
    "SELECT coalesce(max(state || ' ' || rule), '') FROM order_status WHERE merchant_id = '1234567' AND amount = 1200";

pub async fn play(pages: &mut [Reading; 2]) {
    demo(pages).await;
    for page in pages {
        first_order(page).await;
    }
}

/// Played once, since both pages show the same.
async fn demo(pages: &mut [Reading; 2]) {
    let machine = Machine::new(pages[0].page().locale(), "http://127.0.0.1:9");
    let [command, twin] = pages.each_mut().map(|page| bare(&page.next("cargo run --release -- demo")));
    assert_eq!(command, twin);
    let said = machine.starts(&command).ends().await;
    for page in pages {
        is_said(page.page().blocks("text")[0], &said);
    }
}

async fn first_order(page: &mut Reading) {
    let bank = gateway_of(&["1234567"]).await;
    let mut machine = Machine::new(page.page().locale(), &bank.url());
    let shown: Vec<String> = page.page().blocks("text").into_iter().map(str::to_owned).collect();
    assert_eq!(shown.len(), 3);

    let said = machine.answers(&page.next("sudo ecpayd init"), &format!("1234567\n{KEYS}no\njson\n")).await;
    assert!(said.contains("gateway-answer"), "it ends with doctor: {said}");
    machine.types(&page.next("cd /")).await;
    machine.types(&page.next("sudo systemctl start ecpayd")).await;
    machine.types(&page.next("sudo usermod")).await;
    machine.types(&page.next("sudo systemctl restart")).await;
    let asked = machine.asked();
    assert_eq!(asked, ["start ecpayd", "usermod --append --groups ecpayd www-data", "restart php*-fpm.service"]);
    machine.finds_no_fault(&page.next("sudo ecpayd doctor")).await;

    machine.sim("orders", &format!("{{\"merchant_trade_no\":\"{ORDER}\",\"amount\":1200}}")).await;
    assert_eq!(machine.types(&page.next("sudo -u www-data sqlite3")).await, "0\n", "as the page says");
    machine.until(STATE, "authorized hold").await;
    let status = machine.types(&page.next("sudo ecpayd status")).await;
    assert!(status.lines().any(|line| line.contains("authorized") && line.trim_end().ends_with('1')), "{status}");
    is_said(&shown[1], &machine.types(&page.next("sudo ecpayd explain")).await);
    machine.types(&page.next("sudo ecpayd orders release")).await;
    machine.until(STATE, "authorized capture-ahead").await;
    is_said(&shown[2], &machine.types(&page.next("sudo ecpayd explain")).await);
}
