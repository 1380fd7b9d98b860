//! docs/books.md: the report of a month in each of its forms, the statements, and the ledger's check.

use crate::machine::{Machine, gateway_of};
use crate::page::Reading;

const MERCHANT: &str = "3002607";

pub async fn play(pages: &mut [Reading; 2]) {
    for page in pages {
        typed(page).await;
    }
}

async fn typed(page: &mut Reading) {
    let bank = gateway_of(&[MERCHANT]).await;
    let mut machine = Machine::new(page.page().locale(), &bank.url());
    machine.set_up(MERCHANT).await;
    machine.types("sudo systemctl start ecpayd").await;
    machine.sim("orders", "{\"merchant_trade_no\":\"S1\",\"amount\":1200}").await;
    machine.types("ecpayd orders add S1 --hold").await;
    machine.until("SELECT group_concat(kind || amount) FROM movements", "authorized1200").await;

    let summary = machine.types(&page.next("ecpayd report")).await;
    assert!(summary.contains("2026-11-01") && summary.contains("NT$"), "{summary}");
    machine.types(&page.next("ecpayd report")).await;
    assert_eq!(machine.types("head -c 2 november.xlsx").await.trim(), "PK");
    machine.types(&page.next("ecpayd report")).await;
    let files = machine.types("ls november").await;
    let expected =
        ["allowances", "days", "differences", "movements", "open", "vouchers"].map(|name| name.to_owned() + ".csv");
    assert_eq!(files.split_whitespace().collect::<Vec<_>>(), expected);
    let json = machine.types(&page.next("ecpayd report")).await;
    let report: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(report["from"], "2026-11-01");
    statements(page, &mut machine).await;
}

/// What was downloaded at ECPay has orders of which this shop knows none.
async fn statements(page: &mut Reading, machine: &mut Machine) {
    for (name, text) in [
        ("media.csv", &include_bytes!("../statements/query-trade-media.csv")[..]),
        ("funding.csv", include_bytes!("../statements/funding-recon-detail.csv")),
    ] {
        std::fs::write(machine.path(name), text).expect("a statement");
    }
    for _ in 0..3 {
        let told = machine.tells(&page.next("ecpayd reconcile"), "").await;
        assert!(told.code == Some(1) && told.out.contains("SHOP0001"), "{told:?}");
    }
    machine.types(&page.next("ecpayd reconcile --look")).await;
    let checked = machine.types(&page.next("ecpayd check")).await;
    assert!(checked.contains(" orders: every sum") || checked.contains("筆訂單：所有合計"), "{checked}");
}
