//! The days against the ledger and the bank, on real histories: the daemon against the stand-in gateway.

use ecpayd::simulator::SimHandle;
use serde_json::Value;

use crate::support::{BRISK, House, add_refund, gateway, paid, truth};

/// Orders that are captured at once or held, and refunds of a part or of all that is left: C, R, N and E.
async fn play(house: &House, bank: &SimHandle, random: &mut fastrand::Rng) -> Vec<String> {
    let mut numbers = Vec::new();
    for step in 0..10 {
        let no = format!("S{step}");
        paid(bank, &no, random.i64(100..5000));
        let hold: &[&str] = if random.bool() { &["--hold"] } else { &[] };
        house.done(&[&["orders", "add", &no], hold].concat());
        numbers.push(no);
        house.done(&["run", "--once"]);
        let mut sql = house.sql().await;
        if random.u8(0..3) > 0 {
            let no = &numbers[random.usize(0..numbers.len())];
            let left = format!("SELECT ifnull(left_amount, 0) FROM order_state WHERE merchant_trade_no = '{no}'");
            let is_open = format!(
                "SELECT count(*) FROM refunds r JOIN refund_intents i ON i.id = r.intent_id WHERE r.is_open = 1 AND i.merchant_trade_no = '{no}'"
            );
            let (left, is_open): (i64, i64) = (sql.value(&left, ()), sql.value(&is_open, ()));
            if left > 1 && is_open == 0 {
                let amount = random.bool().then(|| random.i64(1..left));
                add_refund(&mut sql, no, amount, &format!("k{step}")).await;
            }
        }
        sql.close();
        house.done(&["run", "--once"]);
    }
    numbers
}

fn sum(rows: &Value, column: &str) -> i64 {
    rows.as_array().expect("rows").iter().filter_map(|row| row[column].as_i64()).sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_day_ends_where_the_ledger_and_the_bank_stand() {
    for seed in 1..4 {
        let bank = gateway().await;
        let house = House::new(&bank.url(), BRISK);
        house.done(&["run", "--once"]);
        let numbers = play(&house, &bank.handle, &mut fastrand::Rng::with_seed(seed)).await;
        let report = house.done(&["report", "--from", "2000-01-01", "--to", "2999-12-31", "--json"]);
        let report: Value = serde_json::from_str(&report).expect("JSON");
        let days = report["days"].as_array().expect("days");
        for pair in days.windows(2) {
            assert_eq!(pair[0]["closing"], pair[1]["opening"], "seed {seed}");
        }
        for day in days {
            let of = |name: &str| day[name].as_i64().expect("an amount");
            let closing =
                of("opening") + of("authorized") - of("captured") + of("called_back") - of("voided") - of("expired");
            assert_eq!(closing, of("closing"), "seed {seed}: {day}");
            assert_eq!(of("net"), of("captured") - of("called_back") - of("refunded"), "seed {seed}: {day}");
        }
        let sql = house.sql().await;
        let now = |what: &str| -> i64 { sql.value(&format!("SELECT coalesce(sum({what}), 0) FROM order_state"), ()) };
        let rows = &report["days"];
        assert_eq!(
            days.last().expect("a day")["closing"].as_i64(),
            Some(now("CASE state WHEN 'authorized' THEN amount ELSE 0 END")),
            "seed {seed}"
        );
        assert_eq!(sum(rows, "captured") - sum(rows, "called_back"), now("captured_amount"), "seed {seed}");
        assert_eq!(sum(rows, "refunded"), now("refunded_amount"), "seed {seed}");
        assert_eq!(sum(rows, "net"), sum(&report["movements"], "amount"), "seed {seed}");
        let back = sum(rows, "refunded") + sum(rows, "voided");
        assert_eq!(sum(&report["allowances"], "amount"), back, "seed {seed}");
        let at_the_bank: Vec<_> = numbers.iter().map(|no| truth(&bank.handle, no)).collect();
        let net: i64 = at_the_bank.iter().map(|truth| truth.captured - truth.refunded).sum();
        assert_eq!(sum(rows, "net"), net, "seed {seed}");
        let open = report["open"].as_array().expect("rows").iter().filter(|row| row["what"] == "order").count();
        assert_eq!(open, at_the_bank.iter().filter(|truth| truth.captured == 0 && !truth.void).count(), "seed {seed}");
    }
}
