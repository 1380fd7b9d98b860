//! What a captured order costs the disk: its commits, and the pages that SQLite's log grows by.

#[path = "support/ledger/mod.rs"]
mod ledger;

use std::path::Path;

use chrono::{DateTime, Duration, NaiveDate, Utc};
use ecpayd::config::GatewaySettings;
use ecpayd::domain::calendar::from_taipei;
use ecpayd::domain::ids::{MerchantId, MerchantTradeNo};
use ecpayd::domain::money::Twd;
use ecpayd::domain::policy::{CapturePolicy, Policy};
use ecpayd::rehearsal::{Rehearsal, Setup};
use ecpayd::simulator::bank::{Kind, NewOrder, Paid};
use ledger::{LedgerHandle, MERCHANT};

const ORDERS: usize = 12;

fn noon() -> DateTime<Utc> {
    from_taipei(NaiveDate::from_ymd_opt(2026, 8, 3).and_then(|day| day.and_hms_opt(12, 0, 0)).expect("a civil time"))
}

fn number(order: usize) -> String {
    format!("F{order:05}")
}

/// Frames of the log, and those that end a commit (SQLite's page "WAL-mode File Format").
fn frames(ledger: &Path) -> (usize, usize) {
    const HEADER: usize = 32;
    let log = std::fs::read(ledger.with_extension("db-wal")).expect("the log");
    let page = u32::from_be_bytes(log[8..12].try_into().expect("four bytes")) as usize;
    // What lies behind the last commit's frames is of a round before, with another salt.
    let salt = log[16..24].to_vec();
    let frames: Vec<&[u8]> = log[HEADER..].chunks_exact(24 + page).take_while(|frame| frame[8..16] == *salt).collect();
    let commits = frames.iter().filter(|frame| frame[4..8] != [0; 4]).count();
    (frames.len(), commits)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_captured_order_takes_three_commits_and_at_most_28_frames() {
    let dir = tempfile::tempdir().expect("a directory");
    let ledger = dir.path().join("ledger.db");
    let policy = Policy { capture: CapturePolicy::Immediate, ..Policy::default() };
    let gateway =
        GatewaySettings { min_interval: std::time::Duration::ZERO, concurrency: 1, ..GatewaySettings::default() };
    let stage = Rehearsal::open(Setup { policy, gateway, ..Setup::new(noon(), &ledger) }).expect("a stage");
    let engine = stage.daemon().await.expect("a daemon");
    stage.settle(&engine).await.expect("nothing to do");
    let shop = LedgerHandle::open(&ledger);
    let (mut total, mut commits) = (0, 0);
    for order in 0..ORDERS {
        let sold = NewOrder {
            merchant_id: MerchantId::parse(MERCHANT).expect("a number"),
            merchant_trade_no: MerchantTradeNo::parse(&number(order)).expect("a number"),
            kind: Kind::Card,
            amount: Twd::new(1200).expect("an amount"),
            created_at: noon() - Duration::hours(2),
            paid: Paid::Yes,
        };
        stage.bank.with_bank(|bank, now| bank.create(sold, now).expect("sold"));
        shop.add_order(&number(order));
        shop.does("PRAGMA wal_checkpoint(TRUNCATE)");
        // One at a time: several would share a commit.
        stage.settle(&engine).await.expect("captured");
        let (of_order, ends) = frames(&ledger);
        (total, commits) = (total + of_order, commits + ends);
    }
    let state = "SELECT count(*) FROM order_status WHERE state = 'to_be_captured'";
    assert_eq!(shop.ask(state), ORDERS.to_string(), "all are captured");
    println!("{total} frames and {commits} commits for {ORDERS} orders");
    assert_eq!(commits, ORDERS * 3, "the attempt with its look; its outcome; settled and parked");
    // Four of them are the books': two movements, and where the order's are found.
    assert!(total <= ORDERS * 28, "{total} frames for {ORDERS} orders");
}
