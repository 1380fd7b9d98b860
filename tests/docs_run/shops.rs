//! docs/shops.md: the recipes in their place, and a sweep; what they do with every kind of row is in tests/shops.rs.

use crate::machine::{Machine, gateway_of};
use crate::page::{Page, Reading};
use crate::support::MERCHANT;
use crate::support::ledger::LedgerHandle;

const TABLE: &str = "CREATE TABLE wp_ecpay_orders_payment_status (merchant_trade_no TEXT, payment_status INTEGER, \
                     TradeAmt INTEGER, PaymentDate TEXT, PaymentType TEXT, gwsr INTEGER, stage INTEGER, red_dan INTEGER)";

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
    machine.sim("orders", "{\"merchant_trade_no\":\"W1\",\"amount\":300}").await;

    let [english, chinese] = Page::both("sql");
    let sql = if page.page().is_chinese { chinese } else { english };
    let [shop, sweep] = page.page().blocks("php")[..2] else { panic!("two files") };
    for (name, text) in [("ledger.php", sql.blocks("php")[0]), ("shop.php", shop), ("sweep.php", sweep)] {
        std::fs::write(machine.path(name), machine.here(text)).expect("a file");
    }
    machine.types(&page.next("sudo install -d")).await;
    machine.types(&page.next("sudo install -m 644")).await;
    settings(&machine, page.page().blocks("ini")[0]);
    let sweep = page.next("sudo -u www-data php");
    assert_eq!(machine.types(&sweep).await, "1 new payments\n");
    machine.until("SELECT rule FROM order_status", "capture-ahead").await;
    let listed = machine.types(&page.next("ecpayd orders list")).await;
    assert!(listed.contains("W1") && listed.contains("300"), "{listed}");
    // What cron types is the same.
    let cron = page.page().blocks("cron")[0].trim_end().to_owned();
    assert_eq!(cron.strip_prefix("*/5 * * * * www-data "), sweep.strip_prefix("sudo -u www-data "), "{cron}");
}

/// As the page has them, but for where the database is.
fn settings(machine: &Machine, shown: &str) {
    let file = machine.path("shop.db");
    let at = (chrono::Utc::now() + chrono::Duration::hours(8)).format("%Y/%m/%d %H:%M:%S");
    let row = format!("VALUES ('W1', 1, 300, '{at}', 'Credit_CreditCard', 11958723, 0, 0)");
    LedgerHandle::create(&file).does(&format!("{TABLE}; INSERT INTO wp_ecpay_orders_payment_status {row}"));
    let mysql = "mysql:host=localhost;dbname=shop;charset=utf8mb4";
    assert!(shown.contains(mysql), "{shown}");
    let here = shown.replace(mysql, &format!("sqlite:{}", file.display()));
    std::fs::write(machine.path("/usr/local/lib/ecpayd/shop.ini"), here).expect("settings");
}
