//! The recipes of docs/shops.md for WooCommerce, OpenCart and Magento, run by PHP over a ledger that the daemon made.
//!
//! The shop's tables are in SQLite, with the columns that the plugins have; the platforms are stubs of as much as the
//! recipes touch (`tests/shops/stubs`).

mod support;

use std::path::{Path, PathBuf};

use ecpayd::domain::ids::MerchantId;
use ecpayd::simulator::Running;
use ecpayd::simulator::bank::Terms;
use support::{BRISK, House, LedgerHandle, MERCHANT, Told, gateway, languages, paid, told, truth};
use tempfile::TempDir;

const RECIPES: [&str; 4] = ["shop.php", "sweep.php", "woocommerce.php", "opencart.php"];
const PAGES: [&str; 2] = [include_str!("../docs/shops.md"), include_str!("../docs/shops.zh-TW.md")];

/// ECPay's own, for WooCommerce and OpenCart.
const NOTED: &str = "(order_id INTEGER, merchant_trade_no TEXT, payment_status INTEGER DEFAULT 1, TradeAmt INTEGER, \
                     PaymentDate TEXT, PaymentType TEXT DEFAULT 'Credit_CreditCard', gwsr INTEGER DEFAULT 11958723, \
                     stage INTEGER DEFAULT 0, red_dan INTEGER DEFAULT 0)";

const MAGENTO: &str = "
    CREATE TABLE sales_order (entity_id INTEGER, ecpay_payment_merchant_trade_no TEXT, grand_total TEXT DEFAULT '300.0000',
        state TEXT DEFAULT 'processing', ecpay_payment_complete_tag INTEGER DEFAULT 1, updated_at TEXT DEFAULT CURRENT_TIMESTAMP);
    CREATE TABLE sales_order_payment (parent_id INTEGER, method TEXT, additional_information TEXT);
    CREATE TABLE sales_creditmemo (order_id INTEGER, increment_id TEXT, grand_total TEXT, state INTEGER DEFAULT 2,
        transaction_id TEXT, created_at TEXT DEFAULT CURRENT_TIMESTAMP);";

/// A shop with the recipes beside its tables, and a ledger of the daemon's.
struct Shop {
    dir: TempDir,
    house: House,
}

impl Shop {
    /// None: there is no PHP, and the tester has been told.
    fn open(url: &str, settings: &str, tables: &str) -> Option<Self> {
        let shop = Self { dir: tempfile::tempdir().expect("a directory"), house: House::new(url, settings) };
        shop.php()?;
        let by_form = |text: &str| {
            text.replace("[merchant.card]\n", &format!("[merchant.card]\napi = \"form\"\nform_url = \"{url}\"\n"))
        };
        let file = shop.house.settings();
        std::fs::write(&file, by_form(&std::fs::read_to_string(&file).expect("settings"))).expect("settings");
        shop.house.done(&["run", "--once"]);
        let (_, ledger) = include_str!("../docs/sql.md").split_once("```php\n").expect("the PHP of docs/sql.md");
        let ledger = ledger.split_once("```\n").expect("its end").0;
        let at = |text: &str| text.replace("/var/lib/ecpayd/ecpayd.db", &shop.house.ledger().display().to_string());
        shop.write("ledger.php", &at(ledger));
        for name in RECIPES {
            let text = std::fs::read_to_string(folder().join(name)).expect("a recipe");
            shop.write(name, &text.replace("/usr/local/lib/ecpayd", &shop.dir.path().display().to_string()));
        }
        for name in ["wordpress.php", "opencart.php"] {
            let text = std::fs::read_to_string(folder().join("stubs").join(name)).expect("a stub");
            shop.write(&format!("stub-{name}"), &text);
        }
        shop.settings("wp_", "");
        shop.sql().does(tables);
        Some(shop)
    }

    fn settings(&self, prefix: &str, refunds_since: &str) {
        let dsn = self.dir.path().join("shop.db");
        let text = format!("dsn = \"sqlite:{}\"\nuser = \"\"\npassword = \"\"\nprefix = \"{prefix}\"\n", dsn.display());
        self.write("shop.ini", &format!("{text}refunds_since = \"{refunds_since}\"\n"));
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.dir.path().join(name), text).expect("a file");
    }

    fn php(&self) -> Option<std::process::Command> {
        let probe = ["-r", "exit(PHP_VERSION_ID >= 80100 && extension_loaded('pdo_sqlite') ? 0 : 1);"];
        languages::found("PHP", &["php"], &probe, self.dir.path())
    }

    fn runs(&self, arguments: &[&str]) -> Told {
        let mut php = self.php().expect("it was there");
        php.args(["-d", "display_errors=stderr"]).args(arguments);
        told(php)
    }

    /// A script that has to end well.
    fn does(&self, script: &str) -> String {
        let told = self.runs(&["-r", script]);
        assert_eq!((told.code, told.err.as_str()), (Some(0), ""), "{}", told.out);
        told.out
    }

    fn sweeps(&self, kind: &str) -> String {
        let told = self.runs(&["sweep.php", kind]);
        assert_eq!((told.code, told.err.as_str()), (Some(0), ""), "{}", told.out);
        told.out
    }

    /// The shop's own database.
    fn sql(&self) -> LedgerHandle {
        LedgerHandle::create(&self.dir.path().join("shop.db"))
    }

    fn ledger(&self) -> LedgerHandle {
        LedgerHandle::open(&self.house.ledger())
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/shops")
}

/// A row that a plugin has noted, days ago in Taipei; `more` are further columns with their values.
fn noted(table: &str, order: i64, number: &str, days: i64, more: &[(&str, &str)]) -> String {
    let at =
        (chrono::Utc::now() + chrono::Duration::hours(8) - chrono::Duration::days(days)).format("%Y/%m/%d %H:%M:%S");
    let columns: String = more.iter().map(|(name, _)| format!(", {name}")).collect();
    let values: String = more.iter().map(|(_, value)| format!(", {value}")).collect();
    format!(
        "INSERT INTO {table} (order_id, merchant_trade_no, TradeAmt, PaymentDate{columns}) \
         VALUES ({order}, '{number}', 300, '{at}'{values});"
    )
}

const REGISTERED: &str = "SELECT coalesce(group_concat(merchant_trade_no || ':' || expected_amount || ':' || \
                          coalesce(installments, '?'), ' '), '') FROM (SELECT * FROM orders ORDER BY merchant_trade_no)";
const ASKED: &str = "SELECT coalesce(group_concat(merchant_trade_no || ':' || coalesce(amount, 'all') || ':' || \
                     request_key, ' '), '') FROM (SELECT * FROM refund_intents ORDER BY id)";

#[test]
fn a_sweep_registers_what_was_paid_by_card_with_installments_where_the_plugin_knows_them() {
    for (kind, prefix, table) in [
        ("woocommerce", "wp_", "wp_ecpay_orders_payment_status"),
        ("opencart", "oc_", "oc_ecpay_payment_response_info"),
    ] {
        let Some(shop) = Shop::open("http://127.0.0.1:9", BRISK, &format!("CREATE TABLE {table} {NOTED};")) else {
            return;
        };
        shop.settings(prefix, "");
        let rows = [
            noted(table, 1, "A1", 0, &[]),
            noted(table, 2, "A2", 6, &[("stage", "3")]),
            // Extra fields that did not come are written as 0.
            noted(table, 3, "A3", 0, &[("gwsr", "0")]),
            noted(table, 4, "A4", 0, &[("red_dan", "100")]),
            noted(table, 5, "A5", 0, &[("PaymentType", "'Flexible_Installment'"), ("stage", "0")]),
            // The same order, paid twice.
            noted(table, 6, "A6", 0, &[]),
            noted(table, 6, "A7", 0, &[]),
            noted(table, 7, "X1", 0, &[("PaymentType", "'ATM_LAND'")]),
            noted(table, 8, "X2", 0, &[("payment_status", "0")]),
            noted(table, 9, "X3", 8, &[]),
        ];
        shop.sql().does(&rows.concat());
        assert_eq!(shop.sweeps(kind), "7 new payments\n");
        let registered = "A1:300:0 A2:300:3 A3:300:? A4:300:? A5:300:? A6:300:0 A7:300:0";
        assert_eq!(shop.ledger().ask(REGISTERED), registered, "{kind}");
        assert_eq!(shop.sweeps(kind), "0 new payments\n", "a second time nothing is new");
        assert_eq!(shop.ledger().ask(REGISTERED), registered, "{kind}");
    }
}

#[test]
fn a_sweep_of_magento_takes_installments_from_the_way_to_pay_and_asks_for_each_credit_memo_once() {
    let Some(shop) = Shop::open("http://127.0.0.1:9", BRISK, MAGENTO) else { return };
    shop.settings("", "2026-01-01 00:00:00");
    shop.sql().does(
        "INSERT INTO sales_order (entity_id, ecpay_payment_merchant_trade_no) VALUES (1, 'M1'), (2, 'M2'), (3, 'M3'), (4, 'X1');
             INSERT INTO sales_order (entity_id, ecpay_payment_merchant_trade_no, ecpay_payment_complete_tag) VALUES (5, 'X2', 0);
             INSERT INTO sales_order (entity_id, ecpay_payment_merchant_trade_no, state) VALUES (6, 'X3', 'canceled');
             INSERT INTO sales_order_payment VALUES (1, 'ecpay_credit_gateway', NULL), (3, 'ecpay_applepay_gateway', NULL),
                (2, 'ecpay_credit_installment_gateway', '{\"method_title\":\"x\",\"ecpay_credit_installment\":\"credit_12\"}'),
                (4, 'ecpay_atm_gateway', NULL), (5, 'ecpay_credit_gateway', NULL), (6, 'ecpay_credit_gateway', NULL);
             INSERT INTO sales_creditmemo (order_id, increment_id, grand_total) VALUES (1, '000000001', '100.0000'), (4, '000000002', '300.0000');
             INSERT INTO sales_creditmemo (order_id, increment_id, grand_total, created_at) VALUES (1, '000000003', '50.0000', '2025-12-31 23:59:59');
             INSERT INTO sales_creditmemo (order_id, increment_id, grand_total, transaction_id) VALUES (1, '000000004', '50.0000', 'online');
             INSERT INTO sales_creditmemo (order_id, increment_id, grand_total, state) VALUES (1, '000000005', '50.0000', 1);",
    );
    assert_eq!(shop.sweeps("magento"), "3 new payments\n");
    assert_eq!(shop.ledger().ask(REGISTERED), "M1:300:0 M2:300:12 M3:300:?");
    assert_eq!(shop.sweeps("magento"), "0 new payments\n");
    assert_eq!(shop.ledger().ask(ASKED), "M1:100:creditmemo-000000001");
}

#[test]
fn a_sweep_tells_what_it_could_not_register_and_goes_on() {
    let table = "wp_ecpay_orders_payment_status";
    let Some(shop) = Shop::open("http://127.0.0.1:9", BRISK, &format!("CREATE TABLE {table} {NOTED};")) else { return };
    let rows = [noted(table, 1, "no number!", 0, &[]), noted(table, 2, "A2", 0, &[])];
    shop.sql().does(&rows.concat());
    let told = shop.runs(&["sweep.php", "woocommerce"]);
    assert_eq!((told.code, told.out.as_str()), (Some(1), "1 new payments\n"), "{told:?}");
    assert!(told.err.contains("no number!: ") && told.err.lines().count() == 1, "{told:?}");
    assert_eq!(shop.ledger().ask(REGISTERED), "A2:300:0");
    assert_ne!(shop.runs(&["sweep.php", "shopify"]).code, Some(0));
}

/// The hooks, with orders 1 to 6: a card of ECPay's plugin, RY Tools', an ATM's, one paid twice, one recurring, one
/// whose number nobody noted.
const WORDPRESS: &str = r#"require 'stub-wordpress.php'; require 'woocommerce.php';
    $wpdb->pdo = new PDO('sqlite:shop.db');
    $posts = [
        1 => new WC_Order(1, 'Wooecpay_Gateway_Credit', ['_wooecpay_payment_merchant_trade_no' => 'OTHER']),
        2 => new WC_Order(2, 'ry_ecpay_credit', ['_ecpay_MerchantTradeNo' => 'OTHER']),
        3 => new WC_Order(3, 'Wooecpay_Gateway_Atm'),
        4 => new WC_Order(4, 'Wooecpay_Gateway_Credit'),
        5 => new WC_Order(5, 'Wooecpay_Gateway_Dca'),
        6 => new WC_Order(6, 'Wooecpay_Gateway_Credit'),
        99 => null,
    ];
    $notified = ['MerchantTradeNo' => 'W2', 'TradeAmt' => '300', 'PaymentType' => 'Credit_CreditCard', 'SimulatePaid' => '0',
        'gwsr' => '11958723', 'stage' => '6', 'red_dan' => '0'];
    $refund = function (int $order, mixed $amount, bool $by_plugin = false): void {
        $made = wc_create_refund(['order_id' => $order, 'amount' => $amount, 'refund_payment' => $by_plugin, 'reason' => 'broken lid']);
        echo is_string($made) ? "$made\n" : "refund $made->id\n";
    };
"#;

fn woocommerce(url: &str) -> Option<Shop> {
    let table = "wp_ecpay_orders_payment_status";
    let shop = Shop::open(url, BRISK, &format!("CREATE TABLE {table} {NOTED};"))?;
    let rows = [
        noted(table, 1, "W1", 0, &[]),
        noted(table, 1, "OTHER", 0, &[("payment_status", "0")]),
        noted(table, 4, "W4", 0, &[]),
        noted(table, 4, "W5", 0, &[]),
    ];
    shop.sql().does(&rows.concat());
    Some(shop)
}

#[test]
fn a_manual_refund_in_woocommerce_is_asked_for_once_under_the_number_that_was_paid() {
    let Some(shop) = woocommerce("http://127.0.0.1:9") else { return };
    let said = shop.does(&format!(
        "{WORDPRESS} do_action('ry_ecpay_gateway_response_status_1', $notified, $posts[2]);
         do_action('ry_ecpay_gateway_response_status_1', ['SimulatePaid' => '1'] + $notified, $posts[2]);
         do_action('ry_ecpay_gateway_response_status_1', $notified, $posts[3]);
         $refund(1, '100'); $refund(2, '300.00'); $refund(1, '50', true); $refund(3, '300'); $refund(5, '300');"
    ));
    assert_eq!(said, "refund 100\nrefund 101\nrefund 102\nrefund 103\nrefund 104\n");
    assert_eq!(shop.ledger().ask(ASKED), "W1:100:wc-refund-100 W2:300:wc-refund-101");
    assert_eq!(
        shop.ledger().ask("SELECT merchant_trade_no || installments FROM orders WHERE expected_amount = 300"),
        "W26"
    );
    assert_eq!(shop.ledger().ask("SELECT DISTINCT reason FROM refund_intents"), "broken lid");
}

#[test]
fn a_refund_that_cannot_be_asked_for_is_told_in_woocommerce_and_kept_nowhere() {
    let Some(shop) = woocommerce("http://127.0.0.1:9") else { return };
    let kept = "echo count($posts), ' ';";
    let said = shop.does(&format!("{WORDPRESS} $refund(1, '99.50'); $refund(4, '300'); $refund(6, '300'); {kept}"));
    let lines: Vec<_> = said.lines().collect();
    assert!(lines[0].contains("whole dollars"), "{said}");
    assert!(lines[1].contains("paid more than once, as W4, W5"), "{said}");
    assert!(lines[2].contains("no MerchantTradeNo that was paid") && lines[3] == "7 ", "{said}");
    assert_eq!(shop.ledger().ask(ASKED), "");
    // Nor without a ledger, nor beyond what the order was paid.
    let gone = shop.house.path("gone.db");
    std::fs::rename(shop.house.ledger(), &gone).expect("a file");
    let said = shop.does(&format!("{WORDPRESS} $refund(1, '100'); {kept}"));
    assert!(said.contains("unable to open database file") && said.ends_with("\n7 "), "{said}");
    assert!(!shop.house.ledger().exists(), "no empty one is made");
}

#[test]
fn the_button_by_which_a_plugin_refunds_by_itself_is_taken_away_from_ecpays_gateways_alone() {
    let Some(shop) = woocommerce("http://127.0.0.1:9") else { return };
    let said = shop.does(&format!(
        "{WORDPRESS} foreach (['ry_ecpay_credit', 'Wooecpay_Gateway_Credit', 'stripe'] as $id) {{
             foreach (['refunds', 'products'] as $feature) {{
                 echo (int) apply_filters('woocommerce_payment_gateway_supports', true, $feature, (object) ['id' => $id]);
             }}
         }}"
    ));
    assert_eq!(said, "010111");
}

#[test]
fn an_order_set_to_refunded_in_opencart_is_refunded_whole_and_once() {
    let table = "oc_ecpay_payment_response_info";
    let Some(shop) = Shop::open("http://127.0.0.1:9", BRISK, &format!("CREATE TABLE {table} {NOTED};")) else { return };
    let atm = [("PaymentType", "'ATM_LAND'")];
    let rows = [
        noted(table, 1, "O1", 0, &[]),
        noted(table, 1, "OTHER", 0, &[("payment_status", "0")]),
        noted(table, 2, "O2", 0, &atm),
    ];
    shop.sql().does(&rows.concat());
    let to = |order: u8, status: u8| format!("$args = [{order}, {status}, '', true]; $module->history($route, $args);");
    let module = "require 'stub-opencart.php'; require 'opencart.php'; $route = 'checkout/order/addOrderHistory';
        $module = new ControllerExtensionModuleEcpayd(new PDO('sqlite:shop.db'));";
    shop.does(&[module, &to(1, 15), &to(2, 11), &to(1, 11), &to(1, 11)].concat());
    assert_eq!(shop.ledger().ask(ASKED), "O1:all:oc-order-1");
}

/// A bank whose orders are of 全方位金流, with one that is paid. `told`: whether it tells installments.
async fn bank_with(order: &str, told: bool) -> Running {
    let bank = gateway().await;
    let merchant = MerchantId::parse(MERCHANT).expect("an id");
    let change = |terms: &mut Terms| (terms.aio, terms.card_info) = (true, told);
    bank.handle.with_bank(|bank, now| bank.change_terms(&merchant, now, change)).expect("terms");
    paid(&bank.handle, order, 300);
    bank
}

/// From the payment in the shop to the money that goes back, by form.
#[tokio::test(flavor = "multi_thread")]
async fn a_payment_of_woocommerce_is_captured_and_refunded_at_the_bank() {
    let bank = bank_with("W1", true).await;
    let Some(shop) = woocommerce(&bank.url()) else { return };
    shop.sql().does("DELETE FROM wp_ecpay_orders_payment_status WHERE order_id = 4");
    assert_eq!(shop.sweeps("woocommerce"), "1 new payments\n");
    shop.house.done(&["run", "--once"]);
    assert_eq!(truth(&bank.handle, "W1").captured, 300);
    shop.does(&format!("{WORDPRESS} $refund(1, '100');"));
    shop.house.done(&["run", "--once"]);
    assert_eq!(shop.ledger().ask("SELECT state || method FROM refund_status"), "doneR");
    let truth = truth(&bank.handle, "W1");
    assert_eq!((truth.refunded, truth.net), (100, 200));
}

/// ECPay tells nobody whether an order of Magento is in parts; the sweep does.
#[tokio::test(flavor = "multi_thread")]
async fn a_part_of_an_order_of_magento_goes_back_since_the_sweep_has_said_that_it_was_paid_at_once() {
    for (method, state) in [("ecpay_credit_gateway", "done"), ("ecpay_applepay_gateway", "rejected")] {
        let bank = bank_with("M1", false).await;
        let Some(shop) = Shop::open(&bank.url(), BRISK, MAGENTO) else { return };
        shop.settings("", "2026-01-01 00:00:00");
        shop.sql().does(&format!(
            "INSERT INTO sales_order (entity_id, ecpay_payment_merchant_trade_no) VALUES (1, 'M1');
             INSERT INTO sales_order_payment VALUES (1, '{method}', NULL);
             INSERT INTO sales_creditmemo (order_id, increment_id, grand_total) VALUES (1, '000000001', '100.0000');"
        ));
        assert_eq!(shop.sweeps("magento"), "1 new payments\n");
        shop.house.done(&["run", "--once"]);
        assert_eq!(shop.ledger().ask("SELECT state FROM refund_status"), state, "{method}");
        assert_eq!(truth(&bank.handle, "M1").refunded, if state == "done" { 100 } else { 0 }, "{method}");
    }
}

#[test]
fn the_pages_show_the_recipes_that_the_tests_run() {
    for name in RECIPES {
        let text = std::fs::read_to_string(folder().join(name)).expect("a recipe");
        let block = format!("```php\n{text}```\n");
        assert!(PAGES.iter().all(|page| page.contains(&block)), "the pages show another {name} than tests/shops");
    }
}
