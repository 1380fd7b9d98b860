//! Which orders become due.

use ecpayd::domain::money::Twd;
use ecpayd::rehearsal::Rehearsal;
use ecpayd::simulator::bank::{Kind, Paid};
use sqlx::{AssertSqlSafe, Row, SqliteConnection};

use crate::{DUE, fill, stage};

/// Waiting orders, in so many places of the ledger.
pub struct Chosen {
    pub table: &'static str,
    places: usize,
}

/// As a day brings them: what is due together was sold at the same time of day, on each of the days
/// before, and lies together.
pub const TOGETHER: Chosen = Chosen { table: "together", places: 20 };

/// Each far from the next, where enough of them wait. No shop sells so.
pub const APART: Chosen = Chosen { table: "apart", places: DUE };

pub async fn choose(shop: &mut SqliteConnection, chosen: &Chosen) {
    let Chosen { table, places } = chosen;
    let create = format!(
        "CREATE TEMP TABLE {table} AS SELECT order_id, next_at FROM (
           SELECT order_id, next_at, row_number() OVER (ORDER BY order_id) AS n, count(*) OVER () AS total FROM order_state
            WHERE state = 'authorized') WHERE n % (total / {places}) < {DUE} / {places} LIMIT {DUE}"
    );
    fill::run(shop, &create).await;
    let chosen: i64 = sqlx::query_scalar(AssertSqlSafe(format!("SELECT count(*) FROM temp.{table}")))
        .fetch_one(shop)
        .await
        .expect("sql");
    assert_eq!(usize::try_from(chosen), Ok(DUE), "too few orders wait: the bench needs ledgers of 10,000 and more");
}

/// They become due.
pub async fn wake(shop: &mut SqliteConnection, Chosen { table, .. }: &Chosen) {
    let wake = format!("UPDATE order_state SET next_at = 0 WHERE order_id IN (SELECT order_id FROM temp.{table})");
    fill::run(shop, &wake).await;
}

pub async fn put_back(shop: &mut SqliteConnection, Chosen { table, .. }: &Chosen) {
    let back = format!(
        "UPDATE order_state SET next_at = w.next_at FROM temp.{table} w WHERE w.order_id = order_state.order_id"
    );
    fill::run(shop, &back).await;
}

/// The bank learns of the copies that are going to be looked at, the ledger of the bank's numbers.
pub async fn sell_copies(stage: &Rehearsal, shop: &mut SqliteConnection) {
    let rows = sqlx::query(
        "SELECT s.order_id, s.merchant_trade_no, s.amount, s.authorized_at
           FROM (SELECT order_id FROM temp.together UNION SELECT order_id FROM temp.apart) w JOIN order_state s ON s.order_id = w.order_id",
    )
    .fetch_all(&mut *shop)
    .await
    .expect("sql");
    for row in &rows {
        let no: String = row.get("merchant_trade_no");
        let at = chrono::DateTime::from_timestamp_millis(row.get("authorized_at")).expect("a time");
        let amount = Twd::new(row.get("amount")).expect("an amount");
        // Those of the first deck are at the bank already.
        if no.len() == fill::number(0).len() {
            continue;
        }
        let truth = stage::sell(stage, &no, Kind::Card, amount.dollars(), at, Paid::Yes);
        sqlx::query(
            "UPDATE order_state SET trade_no = ?2, observation = json_set(observation, '$.seen.card.trade_no', ?2, '$.seen.card.gwsr', ?3)
              WHERE order_id = ?1",
        )
        .bind(row.get::<i64, _>("order_id"))
        .bind(&truth.trade_no)
        .bind(truth.authorizations[0].gwsr)
        .execute(&mut *shop)
        .await
        .expect("the ledger");
    }
}
