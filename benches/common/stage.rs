//! A rehearsal without a socket, and what a shop does there.
#![allow(dead_code)] // Each bench uses its own part.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration as StdDuration;

use chrono::{DateTime, Utc};
use ecpayd::domain::ids::{MerchantId, MerchantTradeNo};
use ecpayd::domain::money::Twd;
use ecpayd::engine::Engine;
use ecpayd::rehearsal::{Rehearsal, Setup};
use ecpayd::simulator::bank::{Kind, NewOrder, Paid, Truth};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, SqliteConnection};

/// The public stage merchant.
pub const MERCHANT: &str = "3002607";

/// The bank's time runs by the real clock where it is let run.
pub fn open(start: DateTime<Utc>, folder: &Path) -> Rehearsal {
    let setup = Setup { bank_clock: Arc::new(Utc::now), ..Setup::new(start, folder.join("ledger.db")) };
    Rehearsal::open(setup).expect("the stage keys")
}

/// An order at the bank, unknown to the ledger.
pub fn sell(stage: &Rehearsal, no: &str, kind: Kind, amount: i64, at: DateTime<Utc>, paid: Paid) -> Truth {
    let new = NewOrder {
        merchant_id: merchant(),
        merchant_trade_no: MerchantTradeNo::parse(no).expect("a number"),
        kind,
        amount: Twd::new(amount).expect("an amount"),
        created_at: at,
        paid,
    };
    stage.bank.with_bank(|bank, now| bank.create(new, now)).expect("a new order")
}

pub async fn daemon(stage: &Rehearsal) -> Engine {
    stage.daemon().await.expect("the daemon starts")
}

pub async fn live_until(stage: &Rehearsal, engine: &Engine, end: DateTime<Utc>) {
    stage.live_until(engine, end).await.expect("the ledger holds");
}

/// The shop's own connection.
pub async fn shop(stage: &Rehearsal) -> SqliteConnection {
    let options = SqliteConnectOptions::new().filename(&stage.settings.database_path).foreign_keys(true);
    let options = options.busy_timeout(StdDuration::from_secs(10)).disable_statement_logging();
    options.connect().await.expect("the ledger")
}

pub async fn register(shop: &mut SqliteConnection, no: &str, at: DateTime<Utc>) {
    sqlx::query("INSERT INTO orders (merchant_id, merchant_trade_no, created_at) VALUES (?, ?, ?)")
        .bind(MERCHANT)
        .bind(no)
        .bind(at.timestamp_millis())
        .execute(shop)
        .await
        .expect("an order");
}

/// None: all that is left.
pub async fn refund(shop: &mut SqliteConnection, no: &str, amount: Option<i64>, at: DateTime<Utc>) {
    sqlx::query(
        "INSERT INTO refund_intents (merchant_id, merchant_trade_no, amount, request_key, created_at) VALUES (?, ?, ?, ?, ?)",
    )
    .bind(MERCHANT)
    .bind(no)
    .bind(amount)
    .bind(format!("return of {no}"))
    .bind(at.timestamp_millis())
    .execute(shop)
    .await
    .expect("a refund");
}

pub async fn close(engine: Engine) {
    engine.into_shared().expect("nobody else has it").ledger.close().await;
}

pub fn merchant() -> MerchantId {
    MerchantId::parse(MERCHANT).expect("an id")
}
