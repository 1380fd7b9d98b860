//! November 2026 of two merchants, as looks have shown it.

use ecpayd::domain::calendar::{from_taipei, taipei_date};

use crate::support::ledger::Cell;
use crate::support::{BRISK, House, LedgerHandle, MERCHANT};

pub const OTHER: &str = "3003008";

pub const NOVEMBER: [&str; 5] = ["report", "--from", "2026-11-01", "--to", "2026-11-30"];

/// Milliseconds since 1970.
fn ms(civil: &str) -> i64 {
    let civil = chrono::NaiveDateTime::parse_from_str(civil, "%Y-%m-%d %H:%M:%S").expect("a civil time");
    from_taipei(civil).timestamp_millis()
}

/// Days since a day of November, as a report of today tells them.
pub fn days_since(day: u32) -> i64 {
    let day = chrono::NaiveDate::from_ymd_opt(2026, 11, day).expect("a day");
    (taipei_date(chrono::Utc::now()) - day).num_days().max(0)
}

/// An order as it is in the end.
struct Shown {
    no: &'static str,
    merchant: &'static str,
    state: &'static str,
    amount: i64,
    captured: i64,
    refunded: i64,
    authorized: &'static str,
}

const fn shown(
    no: &'static str,
    state: &'static str,
    [amount, captured, refunded]: [i64; 3],
    authorized: &'static str,
) -> Shown {
    Shown { no, merchant: MERCHANT, state, amount, captured, refunded, authorized }
}

const ORDERS: [Shown; 8] = [
    shown("20261028000000000001", "captured", [1000, 1000, 300], "2026-10-28 10:00:00"),
    shown("VOID1", "voided", [500, 0, 0], "2026-11-05 10:00:00"),
    shown("AUTO1", "captured", [800, 800, 100], "2026-11-07 10:00:00"),
    shown("BOTH1", "voided", [1200, 0, 0], "2026-11-09 10:00:00"),
    // Captured in December.
    shown("OPEN1", "captured", [2000, 2000, 0], "2026-11-12 10:00:00"),
    shown("OLD1", "expired", [700, 0, 0], "2026-09-01 10:00:00"),
    shown("LATER1", "refunded", [900, 900, 900], "2026-10-10 10:00:00"),
    Shown {
        no: "OTHER1",
        merchant: OTHER,
        state: "captured",
        amount: 60,
        captured: 60,
        refunded: 0,
        authorized: "2026-11-30 10:00:00",
    },
];

/// A refund: its order, what it asks for, its key, the shop's reason, and what became of it.
type Refund =
    (&'static str, Option<i64>, &'static str, Option<&'static str>, Option<(&'static str, i64, &'static str)>);

const REFUNDS: [Refund; 6] = [
    (
        "20261028000000000001",
        Some(300),
        "rma-1001",
        Some("=HYPERLINK(\"http://evil.example\",\"click\")"),
        Some(("R", 300, "2026-11-10 12:00:05")),
    ),
    ("VOID1", None, "rma-2", None, Some(("N", 500, "2026-11-06 12:00:05"))),
    ("BOTH1", Some(200), "both-1", Some("退貨，分兩次"), Some(("E+N", 200, "2026-11-11 12:00:05"))),
    ("BOTH1", None, "both-2", Some("second, \"last\""), Some(("E+N", 1000, "2026-11-11 12:00:05"))),
    ("LATER1", Some(900), "-later", Some("line one\nline two"), Some(("R", 900, "2026-11-15 12:00:05"))),
    ("OPEN1", Some(50), "waits", None, None),
];

/// A movement: of which order, what, how much, by whom, of which refund, when ECPay dates it, and the foreseen fee.
type Movement = (&'static str, &'static str, i64, &'static str, Option<&'static str>, &'static str, Option<i64>);

const MOVEMENTS: [Movement; 21] = [
    ("OLD1", "authorized", 700, "other", None, "2026-09-01 10:00:00", None),
    ("LATER1", "authorized", 900, "other", None, "2026-10-10 10:00:00", None),
    ("LATER1", "captured", 900, "ecpayd", None, "2026-10-20 10:00:00", Some(24_750)),
    ("20261028000000000001", "authorized", 1000, "other", None, "2026-10-28 10:00:00", None),
    ("20261028000000000001", "captured", 1000, "ecpayd", None, "2026-11-02 10:00:00", Some(27_500)),
    ("VOID1", "authorized", 500, "other", None, "2026-11-05 10:00:00", None),
    ("VOID1", "voided", 500, "ecpayd", Some("rma-2"), "2026-11-06 12:00:00", None),
    ("AUTO1", "authorized", 800, "other", None, "2026-11-07 10:00:00", None),
    ("AUTO1", "captured", 800, "ecpay", None, "2026-11-08 20:20:00", Some(22_000)),
    ("BOTH1", "authorized", 1200, "other", None, "2026-11-09 10:00:00", None),
    ("BOTH1", "captured", 1200, "ecpayd", None, "2026-11-10 10:00:00", Some(33_000)),
    ("20261028000000000001", "refunded", 300, "ecpayd", Some("rma-1001"), "2026-11-10 12:00:00", None),
    ("BOTH1", "called_back", 1200, "ecpayd", Some("both-1"), "2026-11-11 11:59:00", None),
    ("BOTH1", "voided", 1200, "ecpayd", Some("both-1"), "2026-11-11 12:00:00", None),
    ("OPEN1", "authorized", 2000, "other", None, "2026-11-12 10:00:00", None),
    ("LATER1", "refunded", 900, "ecpayd", Some("-later"), "2026-11-15 12:00:00", None),
    ("AUTO1", "refunded", 100, "other", None, "2026-11-20 09:00:00", None),
    ("OLD1", "expired", 700, "ecpay", None, "2026-11-30 10:00:00", None),
    ("OTHER1", "authorized", 60, "other", None, "2026-11-30 10:00:00", None),
    ("OTHER1", "captured", 60, "ecpayd", None, "2026-11-30 10:30:00", None),
    ("OPEN1", "captured", 2000, "ecpayd", None, "2026-12-01 10:00:00", None),
];

/// Nobody is asked about anything: all of it is in the ledger.
pub async fn house() -> House {
    let house = House::without_gateway(BRISK);
    house.settle(&[MERCHANT, OTHER], "http://127.0.0.1:9", &[MERCHANT], BRISK);
    house.done(&["run", "--once"]);
    let sql = house.sql().await;
    orders(&sql);
    refunds(&sql);
    movements(&sql);
    statements(&sql);
    vouchers(&sql);
    sql.close();
    house
}

fn orders(sql: &LedgerHandle) {
    for (at, order) in ORDERS.iter().enumerate() {
        let Shown { no, merchant, .. } = order;
        let (memo, capture) = if *no == "OPEN1" { ("'+886 2 1234'", "hold") } else { ("NULL", "auto") };
        sql.does(&format!(
            "INSERT INTO orders (merchant_id, merchant_trade_no, memo, capture) VALUES ('{merchant}', '{no}', {memo}, '{capture}')"
        ));
        let authorized = ms(order.authorized);
        sql.does_unguarded(&format!(
            "UPDATE order_state SET state = '{}', amount = {}, captured_amount = {}, refunded_amount = {}, trade_no = '{}',
                    authorized_at = {authorized}, capture_by = {authorized} + 21 * 86400000, expires_at = {authorized} + 90 * 86400000,
                    next_at = NULL WHERE merchant_trade_no = '{no}'",
            order.state, order.amount, order.captured, order.refunded, 2_611_000_000_000_000 + at
        ));
    }
}

fn refunds(sql: &LedgerHandle) {
    for (no, amount, key, reason, end) in REFUNDS {
        let asked = if key == "waits" { ms("2026-11-25 10:00:00") } else { ms("2026-11-05 11:00:00") };
        let insert =
            "INSERT INTO refund_intents (merchant_id, merchant_trade_no, amount, request_key, reason, created_at)
                      VALUES (?, ?, ?, ?, ?, ?)";
        let of: Vec<Cell> = vec![MERCHANT.into(), no.into(), amount.into(), key.into(), reason.into(), asked.into()];
        sql.write(insert, of).expect("a refund");
        let (state, method, given, ended) = match end {
            Some((method, given, ended)) => ("done", format!("'{method}'"), given, ms(ended).to_string()),
            None => ("waiting", "NULL".to_owned(), 0, "NULL".to_owned()),
        };
        sql.does_unguarded(&format!(
            "UPDATE refunds SET state = '{state}', method = {method}, refunded_amount = {given}, ended_at = {ended},
                    detail = CASE '{state}' WHEN 'waiting' THEN 'waits for the capture' ELSE '' END WHERE request_key = '{key}';
             UPDATE refunds SET led_by = 3 WHERE request_key = 'both-2'"
        ));
    }
}

fn movements(sql: &LedgerHandle) {
    for (no, kind, amount, by, refund, at, fee) in MOVEMENTS {
        let gateway_at = ms(at);
        // A movement is taken as far as the order shows it.
        match kind {
            "captured" => of_order(sql, no, &format!("captured_amount = {amount}")),
            "called_back" => of_order(sql, no, "captured_amount = 0"),
            _ => {}
        }
        let attempt = (by == "ecpayd").then(|| attempt(sql, no, kind, amount, refund, gateway_at));
        let insert =
            "INSERT INTO journal (order_id, merchant_id, day, at, kind, amount, by, attempt_id, refund_id, gateway_at, fee_milli)
             SELECT order_id, merchant_id, ?, ?, ?, ?, ?, ?, (SELECT id FROM refund_intents WHERE request_key = ?), ?, ?
               FROM order_state WHERE merchant_trade_no = ?";
        let of: Vec<Cell> = vec![
            at[..10].into(),
            (gateway_at + 5000).into(),
            kind.into(),
            amount.into(),
            by.into(),
            attempt.into(),
            refund.into(),
            gateway_at.into(),
            fee.into(),
            no.into(),
        ];
        sql.write(insert, of).expect("a movement");
    }
}

fn of_order(sql: &LedgerHandle, no: &str, set: &str) {
    sql.does_unguarded(&format!("UPDATE order_state SET {set} WHERE merchant_trade_no = '{no}'"));
}

/// The call that explains a movement.
fn attempt(sql: &LedgerHandle, no: &str, kind: &str, amount: i64, refund: Option<&str>, at: i64) -> i64 {
    let action = match kind {
        "captured" => "C",
        "called_back" => "E",
        "voided" => "N",
        _ => "R",
    };
    let key = refund.map_or("NULL".to_owned(), |key| format!("'{key}'"));
    sql.does_unguarded(&format!(
        "INSERT INTO attempts (order_id, refund_id, action, amount, trade_no, state, before_status, before_net, started_at, finished_at, ended_at)
         SELECT order_id, (SELECT id FROM refund_intents WHERE request_key = {key}), '{action}', {amount}, trade_no, 'applied',
                'Authorized', 0, {at}, {at}, {at} FROM order_state WHERE merchant_trade_no = '{no}'"
    ));
    sql.value("SELECT max(id) FROM attempts", ())
}

/// ECPay's own of November. Nobody has registered STRANGER; the refund of AUTO1 is not in it.
fn statements(sql: &LedgerHandle) {
    let read_at = ms("2026-12-05 15:00:00");
    sql.does(&format!(
        "INSERT INTO statements (sha256, name, kind, merchant_id, from_day, to_day, row_count, read_at)
         VALUES ('{}', 'november.csv', 'QueryTradeMedia', '{MERCHANT}', '2026-11-01', '2026-11-30', 4, {read_at});
         INSERT INTO statement_rows (statement_id, line, kind, merchant_id, merchant_trade_no, traded_on, gross, nth, settled_on, paid_on, fee_milli, net_milli)
         VALUES (1, 2, 'QueryTradeMedia', '{MERCHANT}', '20261028000000000001', '2026-10-28', 1000, 1, '2026-11-03', '2026-11-05', 28000, 972000),
                (1, 3, 'QueryTradeMedia', '{MERCHANT}', '20261028000000000001', '2026-10-28', -300, 1, '2026-11-11', '2026-11-13', 0, -300000),
                (1, 4, 'QueryTradeMedia', '{MERCHANT}', 'AUTO1', '2026-11-07', 800, 1, '2026-11-09', '2026-11-11', 22000, 778000),
                (1, 5, 'QueryTradeMedia', '{MERCHANT}', 'STRANGER', '2026-11-08', 150, 1, '2026-11-09', '2026-11-11', 5000, 145000);
         INSERT INTO refund_allowances (request_key, allowance_no, amount) VALUES ('rma-1001', 'AB12345678', 100), ('rma-1001', 'AB12345679', 200);
         INSERT INTO refund_allowances (request_key, allowance_no, amount) VALUES ('-later', 'AB99999999', 900);
         UPDATE refund_allowances SET canceled = 1 WHERE allowance_no = 'AB99999999'",
        "0".repeat(64)
    ));
}

/// Four tickets of NT$300: one used in November, one given back in it, one in December, one not at all.
fn vouchers(sql: &LedgerHandle) {
    let (sold, used, back, later) =
        (ms("2026-11-03 09:00:00"), ms("2026-11-14 18:00:00"), ms("2026-11-16 18:00:00"), ms("2026-12-02 18:00:00"));
    sql.does(&format!("INSERT INTO voucher_orders (merchant_id, merchant_trade_no, created_at) VALUES ('{MERCHANT}', 'TICKETS1', {sold})"));
    sql.does_unguarded(&format!(
        "UPDATE voucher_state SET state = 'issued', voucher_trade_no = '9000000000000001', trade_amount = 1200, redeemed_amount = 600,
                refunded_amount = 300, confirmed_amount = 300, unused_amount = 300, last_checked_at = {later};
         INSERT INTO tickets (voucher_id, ticket_no, use_status, amount, redeemed_at, refunded_at)
         VALUES (1, 'T1', 'redeemed', 300, {used}, NULL), (1, 'T2', 'refunded', 300, NULL, {back}),
                (1, 'T3', 'redeemed', 300, {later}, NULL), (1, 'T4', 'unused', 300, NULL, NULL)"
    ));
}
