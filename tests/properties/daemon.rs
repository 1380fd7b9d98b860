//! A whole pass of the daemon over what a shop may write and a gateway may answer.

use std::sync::Arc;
use std::time::Duration;

use chrono::DateTime;
use ecpayd::config::GatewaySettings;
use ecpayd::gateway::transport::{HttpAnswer, Posted, Purpose, Transport};
use ecpayd::gateway::wire::envelope::RequestEnvelope;
use ecpayd::rehearsal::{Rehearsal, Setup};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::answers::{Mutation, mutated, mutation};
use crate::cases;
use crate::checks::scripted::{GWSR, MERCHANT, ORDER, STAMP_S, TRADE_NO, keys};
use crate::ledger::{AddRefund, LedgerHandle};

/// Answers for the one order, bent, with whatever clock.
struct Bent {
    clock_s: i64,
    paid: bool,
    authorized_at: String,
    bent: Vec<Mutation>,
}

impl Transport for Bent {
    fn post<'a>(&'a self, url: &'a str, body: Vec<u8>, purpose: Purpose) -> Posted<'a> {
        let request: RequestEnvelope = serde_json::from_slice(&body).expect("our own request");
        let asked: Value = serde_json::from_str(&keys().open(&request.data).expect("our own data")).expect("json");
        let data = match purpose {
            Purpose::Money => json!({"RtnCode": 1, "RtnMsg": "", "MerchantTradeNo": asked["MerchantTradeNo"],
                "TradeNo": asked["TradeNo"]}),
            Purpose::Query if url.contains("Cashier") => json!({"RtnCode": 1, "OrderInfo": {
                "MerchantTradeNo": asked["MerchantTradeNo"], "TradeNo": TRADE_NO, "TradeAmt": 1000,
                "TradeStatus": if self.paid { "1" } else { "0" }, "PaymentType": "Credit_CreditCard"}}),
            Purpose::Query | Purpose::Statement => {
                json!({"RtnMsg": "", "RtnValue": {"TradeID": GWSR, "Amount": 1000, "ClsAmt": 0,
                "AuthTime": self.authorized_at, "Status": "Authorized"}, "CloseData": {}})
            }
        };
        let data = mutated(data, self.bent.clone()).to_string();
        let answer = json!({"MerchantID": MERCHANT, "RpHeader": {"Timestamp": self.clock_s}, "TransCode": 1,
            "TransMsg": "", "Data": keys().seal(&data)});
        Box::pin(async move { Ok(HttpAnswer { status: 200, date_s: None, body: answer.to_string().into_bytes() }) })
    }
}

/// One order with a refund, until nothing is left to do without waiting; what the ledger says then.
async fn a_pass(gateway: Bent, created_at: i64, refund: bool) -> (String, String) {
    let dir = tempfile::tempdir().expect("a directory");
    let now = DateTime::from_timestamp(STAMP_S, 0).expect("a time");
    let pace = GatewaySettings { min_interval: Duration::ZERO, ..GatewaySettings::default() };
    let stage = Rehearsal::open(Setup { gateway: pace, ..Setup::new(now, dir.path().join("ledger.db")) });
    let stage = stage.expect("the stage keys");
    let engine = stage.daemon_over(Arc::new(gateway)).await.expect("the daemon starts");
    let shop = LedgerHandle::open(&stage.settings.database_path);
    // As the rows of an older ledger: today such a date is refused.
    shop.does("DROP TRIGGER orders_date_check");
    let order = "INSERT INTO orders (merchant_id, merchant_trade_no, created_at) VALUES (?, ?, ?)";
    if shop.write(order, (MERCHANT, ORDER, created_at)).is_err() {
        // Refused at the INSERT: nothing for the daemon to fall over.
        return ("refused".to_owned(), String::new());
    }
    if refund {
        let refund = AddRefund { merchant: MERCHANT, no: ORDER, key: "k", ..AddRefund::default() };
        shop.refund(&refund).expect("a refund");
    }
    let settled = tokio::time::timeout(Duration::from_secs(60), stage.settle(&engine)).await;
    settled.expect("the daemon comes to rest").expect("the ledger holds");
    let row = "SELECT rule, state, ifnull(next_step, '') FROM order_state";
    shop.row(row, (), |row| row.all())
}

fn pass(gateway: Bent, created_at: i64, refund: bool) -> (String, String) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(a_pass(gateway, created_at, refund))
}

fn extreme() -> impl Strategy<Value = i64> {
    let ends = vec![
        i64::MIN,
        i64::MIN + 1,
        -1,
        0,
        1,
        i64::MAX / 1000,
        i64::MAX / 1000 + 1,
        i64::MAX - 1,
        i64::MAX,
        // The ends of what a date can hold, in seconds and in milliseconds.
        8_210_266_876_799,
        8_210_266_876_799_000,
        -8_334_601_228_800,
        -8_334_601_228_800_000,
        STAMP_S,
        STAMP_S * 1000,
    ];
    prop_oneof![prop::sample::select(ends), any::<i64>()]
}

proptest! {
    #![proptest_config(cases(48))]

    #[test]
    fn no_answer_and_no_row_stops_the_daemon(
        clock_s in extreme(), created_at in extreme(), paid: bool, refund: bool,
        authorized_at in prop_oneof!["2026/08/01 09:30:52", "[+]26214[0-3]/12/31 23:59:59", "0000/01/01 00:00:00", "\\PC{0,20}"],
        bent in proptest::collection::vec(mutation(), 0..3),
    ) {
        let (rule, _) = pass(Bent { clock_s, paid, authorized_at, bent }, created_at, refund);
        prop_assert!(!rule.is_empty(), "the pass has left the order as it was");
    }
}

#[test]
fn a_gateways_clock_at_the_end_of_time_is_a_clock_that_differs() {
    for clock_s in [i64::MAX, i64::MIN, i64::MAX / 1000 + 1] {
        let gateway = Bent { clock_s, paid: true, authorized_at: "2026/08/01 09:30:52".to_owned(), bent: Vec::new() };
        let (rule, state) = pass(gateway, STAMP_S * 1000, true);
        assert_eq!((rule.as_str(), state.as_str()), ("clock-skew", "authorized"), "{clock_s}");
    }
}

#[test]
fn an_authorization_in_a_year_that_no_order_has_is_no_answer() {
    let authorized_at = "+262142/12/31 23:59:59".to_owned();
    let gateway = Bent { clock_s: STAMP_S, paid: true, authorized_at, bent: Vec::new() };
    assert_eq!(pass(gateway, STAMP_S * 1000, false).1, "registered");
}

#[test]
fn an_order_dated_to_the_end_of_time_is_worked_on() {
    for created_at in [8_210_266_876_799_000, i64::MAX, i64::MIN] {
        let gateway = Bent { clock_s: STAMP_S, paid: false, authorized_at: String::new(), bent: Vec::new() };
        assert_ne!(pass(gateway, created_at, true).0, "", "{created_at}");
    }
}
