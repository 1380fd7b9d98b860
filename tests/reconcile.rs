//! The ledger against ECPay's statements, and against what ECPay shows now, as an accountant asks for it.

#[path = "reconcile/alerts.rs"]
mod alerts;
#[path = "reconcile/differences.rs"]
mod differences;
#[path = "reconcile/look.rs"]
mod look;
#[path = "reconcile/refused.rs"]
mod refused;
mod support;

use std::path::Path;

use encoding_rs::BIG5;
use serde_json::Value;
use support::{House, LedgerHandle, MERCHANT, Told};

const MEDIA: &str = "query-trade-media.csv";
const FUNDING: &str = "funding-recon-detail.csv";
const AIO: &str = "trade-no-aio.csv";

/// Settings that no test here waits for, and a ledger.
fn house() -> House {
    let house = House::without_gateway(support::BRISK);
    house.done(&["run", "--once"]);
    house
}

/// The text of a file that lies beside the tests.
fn golden(file: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/statements").join(file);
    let bytes = std::fs::read(path).expect("a file");
    BIG5.decode(&bytes).0.into_owned()
}

fn write(house: &House, file: &str, text: &str) {
    std::fs::write(house.path(file), text).expect("a file");
}

fn write_big5(house: &House, file: &str, text: &str) {
    std::fs::write(house.path(file), BIG5.encode(text).0).expect("a file");
}

/// An order that was captured on a day of August 2026, and given back in these parts.
struct Captured<'a> {
    merchant: &'a str,
    no: &'a str,
    trade_no: &'a str,
    /// Of a later charge of a recurring order.
    is_later: bool,
    amount: i64,
    day: &'a str,
    fee_milli: Option<i64>,
    refunds: &'a [(&'a str, i64)],
}

fn captured<'a>(no: &'a str, trade_no: &'a str, amount: i64, day: &'a str) -> Captured<'a> {
    Captured { merchant: MERCHANT, no, trade_no, is_later: false, amount, day, fee_milli: None, refunds: &[] }
}

impl Captured<'_> {
    /// As looks would have shown it.
    fn book(&self, sql: &LedgerHandle) {
        let Self { merchant, no, trade_no, is_later, amount, day, fee_milli, refunds } = self;
        let asked = if *is_later { format!("'{trade_no}'") } else { "NULL".to_owned() };
        sql.does(&format!(
            "INSERT INTO orders (merchant_id, merchant_trade_no, trade_no) VALUES ('{merchant}', '{no}', {asked})"
        ));
        let order =
            format!("(SELECT max(id) FROM orders WHERE merchant_id = '{merchant}' AND merchant_trade_no = '{no}')");
        let at = format!("(CAST(strftime('%s', '{day} 02:00:00') AS INTEGER) * 1000)");
        let fee = fee_milli.map_or("NULL".to_owned(), |fee| fee.to_string());
        let given_back: i64 = refunds.iter().map(|(_, amount)| amount).sum();
        sql.does(&format!(
            "UPDATE order_state SET state = 'captured', observation = '{{}}', trade_no = '{trade_no}', amount = {amount},
                    captured_amount = {amount}, refunded_amount = {given_back}, authorized_at = {at}, last_checked_at = {at},
                    next_at = NULL
              WHERE order_id = {order};
             INSERT INTO journal (order_id, merchant_id, day, at, kind, amount, by, fee_milli)
             VALUES ({order}, '{merchant}', '{day}', {at}, 'captured', {amount}, 'ecpay', {fee})"
        ));
        for (day, amount) in *refunds {
            sql.does(&format!(
                "INSERT INTO journal (order_id, merchant_id, day, at, kind, amount, by)
                 VALUES ({order}, '{merchant}', '{day}', {at}, 'refunded', {amount}, 'other')"
            ));
        }
    }
}

/// All card orders of the files, as the ledger would have them.
fn books(sql: &LedgerHandle, files: &[&str]) {
    let orders = [
        Captured { fee_milli: Some(25_800), ..captured("SHOP0001", "2608110900000001", 1290, "2026-08-11") },
        Captured { refunds: &[("2026-08-13", 2180)], ..captured("SHOP0003", "2608120900000003", 2180, "2026-08-12") },
        Captured { refunds: &[("2026-08-13", 200)], ..captured("SHOP0007", "2608120900000007", 3000, "2026-08-12") },
        captured("SUB0001", "2608130900000004", 199, "2026-08-13"),
        Captured { is_later: true, ..captured("SUB0001", "2609130900000005", 199, "2026-09-13") },
        captured("SHOP0008", "2608200900000008", 1000, "2026-08-20"),
    ];
    let texts: Vec<String> = files.iter().map(|file| golden(file)).collect();
    let is_listed = |order: &&Captured| texts.iter().any(|text| text.contains(order.no));
    orders.iter().filter(is_listed).for_each(|order| order.book(sql));
}

fn json(told: &Told) -> Value {
    serde_json::from_str(&told.out).unwrap_or_else(|error| panic!("{error}: {told:?}"))
}

/// Each order that does not agree, as class and number.
fn classes(told: &Value) -> Vec<String> {
    let orders = told["merchants"].as_array().expect("merchants").iter();
    let orders = orders.flat_map(|merchant| merchant["orders"].as_array().expect("orders"));
    let word = |order: &Value, name: &str| order[name].as_str().unwrap_or("-").to_owned();
    orders.map(|order| format!("{} {}", word(order, "class"), word(order, "merchant_trade_no"))).collect()
}

/// How many orders agree.
fn agree(told: &Value) -> u64 {
    told["merchants"]
        .as_array()
        .expect("merchants")
        .iter()
        .map(|m| m["counts"]["agrees"].as_u64().expect("a count"))
        .sum()
}
