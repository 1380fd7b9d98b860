//! Ledgers full of orders, and the changes that are written to them.

use std::path::{Path, PathBuf};

use super::{connect, on_disk};
use chrono::{DateTime, Duration, NaiveDate, Utc};
use ecpayd::domain::action::{Action, MoneyCall};
use ecpayd::domain::api::CardApi;
use ecpayd::domain::attempt::Before;
use ecpayd::domain::calendar::from_taipei;
use ecpayd::domain::facts::{CardFacts, CardKind, ClosedRow, Observation, Seen};
use ecpayd::domain::ids::{MerchantId, MerchantTradeNo, TradeNo};
use ecpayd::domain::money::Twd;
use ecpayd::domain::movement::{Hand, Movement, MovementKind};
use ecpayd::domain::order::OrderState;
use ecpayd::domain::plan::Rank;
use ecpayd::domain::reason::Capturing;
use ecpayd::domain::record::{CaughtUp, Change, Look, NewAttempt, NewKind, NextVisit, OrderRow, Steps, Wanted};
use ecpayd::domain::rule::Rule;
use ecpayd::domain::status::CardStatus;
use ecpayd::ledger::{Ledger, MerchantSetting, MerchantsTaken, Record, StartAttempt};
use rusqlite::{Connection, params};
use tempfile::TempDir;

pub const MERCHANT: &str = "3002607";

const DOLLARS: i64 = 1200;

/// Noon of an ordinary day, far from the closing window.
pub fn noon() -> DateTime<Utc> {
    let day = NaiveDate::from_ymd_opt(2026, 8, 3).and_then(|day| day.and_hms_opt(12, 0, 0));
    from_taipei(day.expect("a civil time"))
}

pub fn merchant() -> MerchantId {
    MerchantId::parse(MERCHANT).expect("a number")
}

pub fn number(order: i64) -> MerchantTradeNo {
    MerchantTradeNo::parse(&format!("B{order:09}")).expect("a number")
}

pub fn card(order: i64, status: CardStatus) -> CardFacts {
    CardFacts {
        trade_no: TradeNo::parse(&format!("2608{order:012}")).expect("a number"),
        gwsr: Some(14_521_552 + order),
        amount: Twd::new(DOLLARS).expect("an amount"),
        authorized_at: noon() - Duration::days(1),
        payment_type: "Credit_CreditCard".to_owned(),
        kind: CardKind::default(),
        status,
        net: if status.is_closing() { DOLLARS } else { 0 },
        listed: status.is_closing(),
        recurring: false,
        charges: None,
        periods: None,
        rows: rows(status),
        fee_milli: Some(33_000),
    }
}

/// The one row of a capture.
fn rows(status: CardStatus) -> Vec<ClosedRow> {
    let row = ClosedRow { status, amount: DOLLARS, at: Some(noon()) };
    if status.is_closing() { vec![row] } else { Vec::new() }
}

pub fn observation(order: i64, status: CardStatus) -> Observation {
    let seen = Seen::Card(card(order, status));
    Observation {
        at: noon(),
        skew_s: Some(0),
        after_attempt: 0,
        after_revision: 1,
        after_restore: 0,
        void_since: None,
        unclaimed_since: None,
        last_card: None,
        seen,
    }
}

/// A ledger in a directory that goes with it.
pub struct Books {
    pub path: PathBuf,
    _dir: TempDir,
}

impl Books {
    /// Made by the daemon's own opening, then filled with authorized orders, numbered from 1.
    pub async fn filled(orders: i64) -> Self {
        let dir = on_disk();
        let path = dir.path().join("ledger.db");
        let ledger = Ledger::open(&path, noon()).await.expect("a new ledger");
        let merchants = vec![MerchantSetting { merchant_id: merchant(), vouchers: false }];
        let started = MerchantsTaken { merchants, now: noon() };
        ledger.write(started).await.expect("a start");
        ledger.close().await;
        fill(&path, orders).expect("orders");
        Self { path, _dir: dir }
    }

    /// The same once more, beside nothing of the first's caches.
    pub fn copy(&self) -> Self {
        let dir = on_disk();
        let path = dir.path().join("ledger.db");
        std::fs::copy(&self.path, &path).expect("a copy");
        Self { path, _dir: dir }
    }
}

fn fill(path: &Path, orders: i64) -> rusqlite::Result<()> {
    let mut sql = connect(path)?;
    let tx = sql.transaction()?;
    tx.execute(
        "INSERT INTO orders (merchant_id, merchant_trade_no, created_at)
         WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?2)
         SELECT ?1, printf('B%09d', i), ?3 FROM n",
        params![MERCHANT, orders, noon().timestamp_millis()],
    )?;
    let seen = serde_json::to_string(&observation(0, CardStatus::Authorized)).expect("plain data");
    let later = (noon() + Duration::days(1)).timestamp_millis();
    tx.execute(
        "UPDATE order_state SET state = 'authorized', amount = ?2, left_amount = ?2, payment_type = 'Credit_CreditCard',
                trade_no = printf('2608%012d', order_id), observation = replace(?1, '2608000000000000', printf('2608%012d', order_id)),
                authorized_at = ?3, last_checked_at = ?3, next_at = ?4 + order_id, rule = 'deadline'",
        params![seen, DOLLARS, noon().timestamp_millis(), later],
    )?;
    tx.commit()?;
    checkpoint(&sql)
}

/// Leaves nothing in the log, so that a copy of the file is whole.
fn checkpoint(sql: &Connection) -> rusqlite::Result<()> {
    sql.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
}

/// A look that shows something new: the order's row and one event.
pub fn changed(order: i64, revision: i64) -> Record {
    record(order, revision, CardStatus::ToBeCaptured)
}

/// A routine look that shows what was known: the order's row alone.
pub fn unchanged(order: i64, revision: i64) -> Record {
    record(order, revision, CardStatus::Authorized)
}

/// What the look at a capture adds to the journal.
fn captured() -> Movement {
    Movement {
        kind: MovementKind::Captured,
        amount: DOLLARS,
        by: Hand::Ecpay,
        attempt: None,
        refund: None,
        at: noon(),
        gateway_at: Some(noon()),
        fee_milli: Some(33_000),
    }
}

fn record(order: i64, revision: i64, status: CardStatus) -> Record {
    let next = noon() + Duration::days(2);
    let is_new = status != CardStatus::Authorized;
    let change = Change {
        look: Some(Look { observation: observation(order, status), is_new }),
        failed: None,
        row: row(status),
        movements: if is_new { vec![captured()] } else { Vec::new() },
        claims: Vec::new(),
        steps: Steps::default(),
        external: None,
        caught_up: CaughtUp::default(),
        question: None,
        slot: None,
        alerts: Wanted::default(),
        alerts_change: false,
        next: NextVisit {
            at: Some(next),
            rank: Rank::Routine,
            rule: Rule::Settling,
            reason: Capturing::Settling.into(),
            step: Some(("look", next)),
        },
    };
    Record {
        order_id: order,
        merchant_id: merchant(),
        merchant_trade_no: number(order),
        revision,
        now: noon(),
        change,
        shown: row(CardStatus::Authorized),
    }
}

fn row(status: CardStatus) -> OrderRow {
    let amount = Twd::new(DOLLARS).expect("an amount");
    OrderRow {
        state: if status.is_closing() { OrderState::ToBeCaptured } else { OrderState::Authorized },
        amount: Some(amount),
        captured: if status.is_closing() { amount } else { Twd::ZERO },
        refunded: Twd::ZERO,
        captured_at: status.is_closing().then(noon),
        left: Some(amount),
        capture_by: Some(noon() + Duration::days(20)),
        expires_at: Some(noon() + Duration::days(89)),
    }
}

pub fn start(order: i64) -> StartAttempt {
    let card = card(order, CardStatus::Authorized);
    StartAttempt {
        look: None,
        order_id: order,
        revision: 1,
        call: MoneyCall {
            merchant_id: merchant(),
            merchant_trade_no: number(order),
            trade_no: card.trade_no.clone(),
            action: Action::C,
            amount: card.amount,
            stamp_s: noon().timestamp(),
        },
        attempt: NewAttempt {
            refund: None,
            action: Action::C,
            amount: card.amount,
            trade_no: card.trade_no.clone(),
            before: Before::of(&card),
            at: noon(),
            kind: NewKind::Call { api: CardApi::Json, together: Vec::new() },
        },
        rule: ecpayd::domain::rule::Rule::CaptureNow,
        newest_attempt: 0,
        newest_restore: 0,
        order_amount: card.amount,
    }
}
