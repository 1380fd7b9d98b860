//! Invariant 8: keys, card digits and customer data never reach a log, an event or an error.
//!
//! Every log line of this whole binary, libraries included, is listened to; every
//! `assert_books_agree` asks whether one held a secret.

use std::io::Write as _;

use ecpayd::domain::action::Action;
use ecpayd::simulator::bank::Kind;
use ecpayd::simulator::{FaultKind, OnCall};

use crate::harness::{Shop, at, days, minutes, other_merchant, shop};
use crate::invariant_1_once::FAULTS;
use crate::ledger::Cell;
use crate::telltale::{self, Ear, secret_in};
use crate::voucher_shop::tickets;
use crate::wire::settling;

/// Everything that can be said about an order, its answers broken in every way.
async fn talkative_life() -> Shop {
    let mut shop = Shop::open(at("2026-08-03 12:00:00"), |setup| setup.merchants.push(other_merchant("2000999"))).await;
    shop.order_captured("A1", 1000).await;
    shop.order_to_be_captured("A2", Kind::Card, 1000).await;
    for (n, (kind, _)) in FAULTS.into_iter().enumerate() {
        shop.strike_looks(OnCall::Any, kind, 1);
        shop.strike(Action::R, kind, 1);
        shop.order(&format!("B{n}"), Kind::Card, 100).await;
        shop.refund("A1", Some(10), &format!("k{n}")).await;
        shop.run_for(minutes(90)).await;
    }
    shop.fresh_order_of_vouchers("V1", vec![tickets(3, 100)]).await;
    shop.run_for(minutes(10)).await;
    shop.redeem("V1", 1);
    shop.strike_vouchers(OnCall::QueryOrderInfo, FaultKind::Html, 1);
    shop.refund("A2", None, "full").await;
    shop.wire.bend(Some(settling));
    shop.run_for(days(1)).await;
    shop.wire.bend(None);
    shop.run_for(days(2)).await;
    shop
}

#[tokio::test]
async fn invariant_8_no_secret_reaches_a_log_line_or_a_row() {
    let mut shop = talkative_life().await;
    shop.reopen().await;
    shop.assert_books_agree().await;
    // Of this life alone there are more than six hundred.
    assert!(telltale::ear().lines() > 500, "the ear is deaf");
    for row in rows(&mut shop).await {
        assert_eq!(secret_in(&row), None, "{row}");
    }
    let ledger = std::fs::read(&shop.stage.settings.database_path).expect("the ledger");
    let log = std::fs::read(shop.stage.settings.database_path.with_extension("db-wal")).unwrap_or_default();
    for bytes in [ledger, log] {
        let text = String::from_utf8_lossy(&bytes);
        for secret in telltale::KEYS.into_iter().chain(telltale::CUSTOMERS) {
            assert!(!text.contains(secret), "{secret} is in the ledger's file");
        }
    }
}

#[tokio::test]
async fn invariant_8_settings_and_errors_do_not_show_keys() {
    let mut shop = shop().await;
    assert_eq!(secret_in(&format!("{:?}", shop.stage.settings)), None);
    shop.stage.settings.merchants[0].card.hash_key = "madeUpKey0000001-and-too-long".into();
    let Err(error) = shop.stage.daemon_over(shop.wire.clone()).await else { panic!("a bad key") };
    assert_eq!(secret_in(&format!("{error} {error:?}")), None);
}

#[tokio::test]
async fn invariant_8_the_ear_hears() {
    let mut ear = Ear::default();
    for line in ["key pwFHCqoQZGmho4w6", "Card4No: 2222", "\"431195\"", "auth=777777.", "for 王小明"] {
        ear.write_all(line.as_bytes()).expect("a line");
    }
    assert_eq!(ear.leaks().len(), 5);
    ear.write_all(b"port 42222, order 22221, failures=2222").expect("a line");
    assert_eq!((ear.leaks().len(), ear.lines()), (5, 6));
}

/// Every text of every table, as a line for each row.
async fn rows(shop: &mut Shop) -> Vec<String> {
    let names =
        "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%' ORDER BY name";
    let names: Vec<String> = shop.sql.values(names, ());
    let mut lines = Vec::new();
    for name in names {
        let rows = shop.sql.rows(&format!("SELECT * FROM {name}"), (), |row| row.cells());
        let told = ["events", "alerts", "attempts", "refunds", "order_state", "voucher_state", "tickets"];
        assert!(!rows.is_empty() || !told.contains(&name.as_str()), "{name} is empty: nothing is asked of it");
        for row in rows {
            lines.push(row.into_iter().filter_map(Cell::text).collect::<Vec<_>>().join(" | "));
        }
    }
    lines
}
