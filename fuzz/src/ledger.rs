//! A ledger with the real schema and a shop's connection to it, used again by every input:
//! each runs in a transaction that is rolled back.

use std::cell::RefCell;

use chrono::{DateTime, Utc};
use ecpayd::domain::ids::MerchantId;
use ecpayd::ledger::{Ledger, MerchantSetting, MerchantsTaken};
use sqlx::sqlite::{SqliteArguments, SqliteConnectOptions, SqliteRow};
use sqlx::{AssertSqlSafe, ConnectOptions, Row, SqliteConnection};
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};

use super::scripted::{MERCHANT, STAMP_S};

pub const OTHER_MERCHANT: &str = "2000132";

/// As the daemon and two shops have left it: P1 captured with NT$700 left of 1000 and one refund
/// done, P2 not paid, Q1 in two authorizations of a recurring order.
const SCENE: &str = "
INSERT INTO orders (merchant_id, merchant_trade_no, created_at) VALUES ('3002607', 'P1', 1785556800000);
INSERT INTO orders (merchant_id, merchant_trade_no, created_at) VALUES ('3002607', 'P2', 1785556800000);
INSERT INTO orders (merchant_id, merchant_trade_no, trade_no, created_at) VALUES ('2000132', 'Q1', 'T1', 1785556800000);
INSERT INTO orders (merchant_id, merchant_trade_no, trade_no, created_at) VALUES ('2000132', 'Q1', 'T2', 1785556800000);
INSERT INTO refund_intents (merchant_id, merchant_trade_no, amount, request_key, created_at)
  VALUES ('3002607', 'P1', 300, 'k0', 1785556800000);
UPDATE order_state SET state = 'captured', trade_no = 'T9', amount = 1000, captured_amount = 1000, refunded_amount = 300,
  left_amount = 700 WHERE merchant_trade_no = 'P1';
INSERT INTO attempts (order_id, refund_id, action, amount, trade_no, before_status, before_net, started_at)
  VALUES (1, 1, 'R', 300, 'T9', 'Captured', 1000, 1785556800000);
UPDATE attempts SET state = 'applied', finished_at = 1785556801000, ended_at = 1785556801000;
UPDATE refunds SET state = 'done', refunded_amount = 300, method = 'R';";

/// A value as SQLite knows them.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Null,
    Integer(i64),
    Real(f64),
    Text(String),
    Blob(Vec<u8>),
}

pub struct Shop {
    runtime: Runtime,
    sql: SqliteConnection,
    _dir: TempDir,
}

thread_local! {
    static SHOP: RefCell<Option<Shop>> = const { RefCell::new(None) };
}

/// Inside a transaction of the scene's ledger, which forgets it afterwards.
pub fn with<T>(work: impl FnOnce(&mut Shop) -> T) -> T {
    SHOP.with_borrow_mut(|shop| {
        let shop = shop.get_or_insert_with(Shop::open);
        // An input that broke a promise has left its transaction open; a statement may have ended it by itself.
        let _ = shop.run("ROLLBACK", &[]);
        shop.run("BEGIN", &[]).expect("a transaction");
        work(shop)
    })
}

impl Shop {
    fn open() -> Self {
        let runtime = Builder::new_current_thread().enable_time().build().expect("a runtime");
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("ledger.db");
        let sql = runtime.block_on(async {
            let now: DateTime<Utc> = DateTime::from_timestamp(STAMP_S, 0).expect("a time");
            let ledger = Ledger::open(&path, now).await.expect("a new ledger");
            let id = |text| MerchantSetting { merchant_id: MerchantId::parse(text).expect("a number"), vouchers: true };
            let merchants = vec![id(MERCHANT), id(OTHER_MERCHANT)];
            let started = MerchantsTaken { merchants, now };
            ledger.write(started).await.expect("a started daemon");
            ledger.close().await;
            // What SQLite sets by itself, as a shop finds it.
            let options = SqliteConnectOptions::new().filename(&path).foreign_keys(false).disable_statement_logging();
            let mut sql = options.connect().await.expect("the ledger");
            sqlx::raw_sql(SCENE).execute(&mut sql).await.expect("the scene");
            sql
        });
        Self { runtime, sql, _dir: dir }
    }

    /// The rows that a statement has changed, or why it is refused.
    pub fn run(&mut self, statement: &str, values: &[Value]) -> Result<u64, String> {
        let mut query = sqlx::query(AssertSqlSafe(statement));
        for value in values {
            query = bound(query, value);
        }
        let done = self.runtime.block_on(query.execute(&mut self.sql));
        done.map(|done| done.rows_affected()).map_err(|error| match error.as_database_error() {
            Some(said) => said.message().to_owned(),
            None => panic!("{statement}: {error}"),
        })
    }

    /// Two columns of text each.
    pub fn pairs(&mut self, query: &str) -> Vec<(String, String)> {
        let rows = self.runtime.block_on(sqlx::query(AssertSqlSafe(query)).fetch_all(&mut self.sql));
        let pair = |row: SqliteRow| (row.get(0), row.get(1));
        rows.unwrap_or_else(|error| panic!("{query}: {error}")).into_iter().map(pair).collect()
    }
}

type Query<'q> = sqlx::query::Query<'q, sqlx::Sqlite, SqliteArguments>;

fn bound<'q>(query: Query<'q>, value: &Value) -> Query<'q> {
    match value {
        Value::Null => query.bind(None::<i64>),
        Value::Integer(number) => query.bind(*number),
        Value::Real(number) => query.bind(*number),
        Value::Text(text) => query.bind(text.clone()),
        Value::Blob(bytes) => query.bind(bytes.clone()),
    }
}
