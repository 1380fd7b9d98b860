//! A large ledger in little time, with its rows as the daemon leaves them.
//!
//! A deck of a hundred orders lives its life under the engine and the simulator. What that left
//! in the ledger is then copied by SQL as often as is asked for, each copy with numbers and times
//! of its own. Triggers and indexes are taken away meanwhile and put back as they were.
#![allow(dead_code)] // Each bench uses its own part.

use std::path::{Path, PathBuf};

use chrono::{DateTime, Duration, Utc};
use ecpayd::rehearsal::Rehearsal;
use ecpayd::simulator::bank::{Kind, Paid};
use sqlx::{AssertSqlSafe, Connection, SqliteConnection};

use crate::stage;

/// Orders of a deck.
pub const DECK: usize = 100;
const WAITING: usize = 12;
const SETTLING: usize = 1;
const VOID: usize = 4;
const REFUNDED: usize = 6;
const REFUNDED_IN_PART: usize = 4;
const NOT_CARD: usize = 1;
const UNPAID: usize = 1;

/// Fills the stage's ledger with so many orders, and brings its clock to `end`. Nothing of them
/// is due within the next three hours.
pub async fn fill(stage: &mut Rehearsal, orders: usize, end: DateTime<Utc>) {
    // In memory where the machine has a file system there: a life is thousands of commits.
    let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).expect("a directory");
    let path = std::mem::replace(&mut stage.settings.database_path, folder.path().join("ledger.db"));
    live(stage, end).await;
    for suffix in ["", ".mark"] {
        let beside = |ledger: &Path| PathBuf::from(format!("{}{suffix}", ledger.display()));
        std::fs::copy(beside(&stage.settings.database_path), beside(&path)).expect("a copy");
    }
    stage.settings.database_path = path;
    let mut sql = stage::shop(stage).await;
    // Nobody else is there, and a ledger that is not finished is thrown away.
    for pragma in ["journal_mode = OFF", "synchronous = OFF", "cache_size = -400000", "foreign_keys = OFF"] {
        run(&mut sql, &format!("PRAGMA {pragma}")).await;
    }
    copy(&mut sql, orders.div_ceil(DECK) - 1, end).await;
    // A look that confirms an end, or that of an unpaid order, may fall into what is measured: it waits.
    let later = (end + Duration::hours(4)).timestamp_millis();
    run(&mut sql, &format!("UPDATE order_state SET next_at = {later} WHERE next_at < {later}")).await;
    sql.close().await.expect("the ledger");
    // Or the first sync of what is measured writes what is left of it.
    std::fs::File::open(&stage.settings.database_path).and_then(|ledger| ledger.sync_all()).expect("synced");
}

/// The begin of the deck, 45 days before `end`.
pub fn begin(end: DateTime<Utc>) -> DateTime<Utc> {
    end - Duration::days(45)
}

async fn live(stage: &Rehearsal, end: DateTime<Utc>) {
    let start = begin(end);
    let engine = stage::daemon(stage).await;
    let mut shop = stage::shop(stage).await;
    let old = DECK - WAITING - SETTLING;
    for n in 0..old {
        let kind = if n < NOT_CARD { Kind::Atm } else { Kind::Card };
        let paid = if (NOT_CARD..NOT_CARD + UNPAID).contains(&n) { Paid::No } else { Paid::Yes };
        enter(stage, &mut shop, n, kind, start, paid).await;
    }
    let first_void = NOT_CARD + UNPAID;
    stage::live_until(stage, &engine, start + Duration::days(2)).await;
    for n in first_void..first_void + VOID {
        stage::refund(&mut shop, &number(n), None, start + Duration::days(2)).await;
    }
    stage::live_until(stage, &engine, start + Duration::days(23)).await;
    let first_refund = first_void + VOID;
    for n in first_refund..first_refund + REFUNDED + REFUNDED_IN_PART {
        let part = (n >= first_refund + REFUNDED).then_some(300);
        stage::refund(&mut shop, &number(n), part, start + Duration::days(23)).await;
    }
    // Ten minutes: their last looks and captures are over by the end.
    let sold = [(SETTLING, end - Duration::days(19)), (WAITING, end - Duration::days(2))];
    let mut n = old;
    for (count, at) in sold.map(|(count, at)| (count, at - Duration::minutes(10))) {
        stage::live_until(stage, &engine, at).await;
        for _ in 0..count {
            enter(stage, &mut shop, n, Kind::Card, at, Paid::Yes).await;
            n += 1;
        }
    }
    stage::live_until(stage, &engine, end).await;
    shop.close().await.expect("the ledger");
    stage::close(engine).await;
}

async fn enter(stage: &Rehearsal, shop: &mut SqliteConnection, n: usize, kind: Kind, at: DateTime<Utc>, paid: Paid) {
    stage::sell(stage, &number(n), kind, 1000, at, paid);
    stage::register(shop, &number(n), at).await;
}

/// Of an order of the first deck.
pub fn number(n: usize) -> String {
    format!("M{n:02}")
}

/// An order of a copy.
pub fn number_in(deck: usize, n: usize) -> String {
    format!("M{n:02}{deck:08}")
}

const HOUR_MS: i64 = 3_600_000;

/// How long before the first deck's a copy's life was, and its looks: finished orders over two
/// years, waiting ones over the days before their capture, all of them looked at on the last day.
const LIFE: &str = "CASE m.class WHEN 0 THEN d.old WHEN 1 THEN d.life ELSE d.settling END";
const LOOKS: &str = "CASE m.class WHEN 0 THEN d.old WHEN 1 THEN d.looked ELSE d.settling END";

async fn copy(sql: &mut SqliteConnection, decks: usize, end: DateTime<Utc>) {
    let schema: Vec<(String, String, String)> = sqlx::query_as(
        "SELECT type, name, sql FROM sqlite_master WHERE type IN ('trigger', 'index') AND sql IS NOT NULL",
    )
    .fetch_all(&mut *sql)
    .await
    .expect("the schema");
    for (kind, name, _) in &schema {
        run(sql, &format!("DROP {kind} {name}")).await;
    }
    let step = 730 * 24 * HOUR_MS / i64::try_from(decks.max(1)).expect("small");
    run(sql, &format!(
        "CREATE TEMP TABLE model AS SELECT order_id, CASE WHEN next_at IS NULL THEN 0 WHEN state = 'authorized' THEN 1 ELSE 2 END AS class FROM order_state;
         CREATE INDEX temp.model_order ON model (order_id);
         CREATE TEMP TABLE last AS SELECT (SELECT max(id) FROM orders) AS orders, (SELECT max(id) FROM attempts) AS attempts,
                (SELECT max(id) FROM refund_intents) AS refunds, (SELECT max(id) FROM events) AS events;
         CREATE TEMP TABLE deck AS WITH RECURSIVE deck (k) AS (SELECT 1 UNION ALL SELECT k + 1 FROM deck WHERE k < {decks})
           SELECT k, k * {step} AS old, k * 7919000 % (16 * 24 * {HOUR_MS}) AS life, k * 7919000 % (20 * {HOUR_MS}) AS looked,
                  k * 7919000 % (2 * {HOUR_MS}) AS settling FROM deck WHERE {decks} > 0;"
    )).await;
    for (table, order, changes) in tables() {
        copy_table(sql, table, order, &changes).await;
    }
    run(
        sql,
        &format!(
            "INSERT INTO capture_slots SELECT merchant_id, capture_slot / 60000, count(*) FROM order_state
          WHERE capture_slot > {} GROUP BY 1, 2 ON CONFLICT (merchant_id, minute) DO UPDATE SET taken = excluded.taken;
         DELETE FROM order_counts;
         INSERT INTO order_counts SELECT merchant_id, state, count(*) FROM order_state GROUP BY 1, 2",
            end.timestamp_millis()
        ),
    )
    .await;
    for (_, _, statement) in &schema {
        run(sql, statement).await;
    }
}

type Changes = Vec<(&'static str, String)>;

/// Each table, the column that names its order, and the columns in which a copy differs.
fn tables() -> [(&'static str, &'static str, Changes); 6] {
    [
        ("orders", "t.id", orders()),
        ("order_state", "t.order_id", order_state()),
        ("refund_intents", "(SELECT r.order_id FROM refunds r WHERE r.intent_id = t.id)", refund_intents()),
        ("refunds", "t.order_id", refunds()),
        ("attempts", "t.order_id", attempts()),
        ("events", "t.order_id", events()),
    ]
}

fn orders() -> Changes {
    vec![("id", order("id")), ("merchant_trade_no", own("merchant_trade_no")), ("created_at", life("created_at"))]
}

fn order_state() -> Changes {
    let more = format!(
        ", '$.at', t.observation ->> '$.at' - {LOOKS}, '$.after_attempt', {}",
        attempt("(t.observation ->> '$.after_attempt')")
    );
    vec![
        ("order_id", order("order_id")),
        ("merchant_trade_no", own("merchant_trade_no")),
        ("trade_no", trade_no("t.trade_no")),
        ("authorized_at", life("authorized_at")),
        ("capture_by", life("capture_by")),
        ("expires_at", life("expires_at")),
        ("capture_slot", life("capture_slot")),
        ("next_step_at", life("next_step_at")),
        ("observation", of_card("observation", "$.seen.card", &more)),
        ("last_checked_at", looks("last_checked_at")),
        ("next_at", looks("next_at")),
        ("changed_after", attempt("t.changed_after")),
    ]
}

fn refund_intents() -> Changes {
    vec![
        ("id", refund("id")),
        ("merchant_trade_no", own("merchant_trade_no")),
        ("request_key", own("request_key")),
        ("created_at", life("created_at")),
    ]
}

fn refunds() -> Changes {
    vec![
        ("intent_id", refund("intent_id")),
        ("request_key", own("request_key")),
        ("order_id", order("order_id")),
        ("updated_at", life("updated_at")),
    ]
}

fn attempts() -> Changes {
    vec![
        ("id", "t.id + d.k * l.attempts".to_owned()),
        ("order_id", order("order_id")),
        ("refund_id", refund("refund_id")),
        ("trade_no", trade_no("t.trade_no")),
        ("started_at", life("started_at")),
        ("finished_at", life("finished_at")),
        ("first_absence_at", life("first_absence_at")),
    ]
}

fn events() -> Changes {
    let more = format!(
        ", '$.attempt', {}, '$.refund', t.detail ->> '$.refund' + d.k * l.refunds",
        attempt("(t.detail ->> '$.attempt')")
    );
    vec![
        ("id", "t.id + d.k * l.events".to_owned()),
        ("at", life("at")),
        ("merchant_trade_no", own("merchant_trade_no")),
        ("order_id", order("order_id")),
        ("detail", of_card("detail", "$.card", &more)),
    ]
}

fn order(column: &str) -> String {
    format!("t.{column} + d.k * l.orders")
}

fn refund(column: &str) -> String {
    format!("t.{column} + d.k * l.refunds")
}

/// 0 stands for none.
fn attempt(value: &str) -> String {
    format!("{value} + ({value} > 0) * d.k * l.attempts")
}

/// A time of the order's own life.
fn life(column: &str) -> String {
    format!("t.{column} - {LIFE}")
}

/// A time at which it is looked at.
fn looks(column: &str) -> String {
    format!("t.{column} - {LOOKS}")
}

fn own(column: &str) -> String {
    format!("t.{column} || printf('%08d', d.k)")
}

/// A deck has fewer than a thousand authorizations, and no two were sold in the same second.
fn trade_no(value: &str) -> String {
    format!("CAST(CAST({value} AS INTEGER) + d.k * 1000 AS TEXT)")
}

/// JSON in which the card stands at `path`.
fn of_card(column: &str, path: &str, more: &str) -> String {
    let at = |field: &str| format!("t.{column} ->> '{path}.{field}'");
    format!(
        "json_replace(t.{column}, '{path}.trade_no', {}, '{path}.gwsr', {} + d.k * 1000, '{path}.authorized_at', {} - {LIFE}{more})",
        trade_no(&at("trade_no")),
        at("gwsr"),
        at("authorized_at"),
    )
}

async fn copy_table(sql: &mut SqliteConnection, table: &str, order: &str, changes: &Changes) {
    let columns: Vec<String> = sqlx::query_scalar("SELECT name FROM pragma_table_info(?)")
        .bind(table)
        .fetch_all(&mut *sql)
        .await
        .expect("the columns");
    let value = |column: &String| {
        let changed = changes.iter().find(|(c, _)| c == column);
        changed.map_or_else(|| format!("t.{column}"), |(_, value)| value.clone())
    };
    let values: Vec<String> = columns.iter().map(value).collect();
    let statement = format!(
        "CREATE TEMP TABLE source AS SELECT * FROM {table};
         INSERT INTO {table} ({}) SELECT {} FROM temp.deck d CROSS JOIN temp.source t CROSS JOIN temp.last l CROSS JOIN temp.model m
          WHERE m.order_id = {order};
         DROP TABLE temp.source;",
        columns.join(", "),
        values.join(", "),
    );
    run(sql, &statement).await;
}

pub async fn run(sql: &mut SqliteConnection, statement: &str) {
    sqlx::raw_sql(AssertSqlSafe(statement)).execute(sql).await.unwrap_or_else(|e| panic!("{statement}: {e}"));
}
