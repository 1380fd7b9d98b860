//! The ledger against itself: what `ecpayd check` is made of. Nothing is written.

use serde_json::Value;

use super::LedgerError;
use super::db::{Db, Row, params};
use crate::domain::action::Action;
use crate::domain::attempt::AttemptState;
use crate::domain::audit::{AttemptKept, Finding, LookKept, MovementKept, OrderRecord, RefundKept, StepKept, findings};
use crate::domain::event::EventKind;
use crate::domain::movement::MovementKind;
use crate::domain::order::OrderState;
use crate::domain::refund::RefundState;

/// So many orders are read in one go, so that no shop's write waits behind SQLite's log.
const PAGE: i64 = 200;

/// An order whose record differs from itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Differing {
    pub order_id: i64,
    pub merchant_id: String,
    pub merchant_trade_no: String,
    pub finding: Finding,
}

/// A day whose kept sum is not that of its movements.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DayDiffers {
    pub merchant_id: String,
    pub day: String,
    pub kind: String,
    pub kept: i64,
    pub journal: i64,
}

/// How many orders there are in a state, as it is kept and as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CountDiffers {
    pub merchant_id: String,
    pub state: String,
    pub kept: i64,
    pub counted: i64,
}

/// Every order, oldest first; `each` is told how many were looked at. The number of orders in all.
pub fn orders(db: &Db, mut each: impl FnMut(u64, Vec<Differing>)) -> Result<u64, LedgerError> {
    let (mut after, mut seen) = (0, 0);
    loop {
        let reading = db.begin_reading()?;
        let orders = orders_after(db, after)?;
        let Some(last) = orders.last() else { return Ok(seen) };
        after = last.id;
        let mut differing = Vec::new();
        for order in &orders {
            differing.extend(order.audit(db)?);
        }
        reading.end()?;
        seen += orders.len() as u64;
        each(seen, differing);
    }
}

/// How many there are.
pub fn count(db: &Db) -> Result<u64, LedgerError> {
    let count: i64 = db.one("SELECT coalesce(sum(count), 0) FROM order_counts", &[], |row| row.at(0))?;
    Ok(u64::try_from(count).unwrap_or_default())
}

/// The sums by day against the movements that they are of.
pub fn days(db: &Db) -> Result<Vec<DayDiffers>, LedgerError> {
    Ok(db.all(include_str!("sql/check_days.sql"), &[], |row| {
        Ok(DayDiffers {
            merchant_id: row.get("merchant_id")?,
            day: row.get("day")?,
            kind: row.get("kind")?,
            kept: row.get("kept")?,
            journal: row.get("journal")?,
        })
    })?)
}

/// The counts of orders by state against the orders.
pub fn counts(db: &Db) -> Result<Vec<CountDiffers>, LedgerError> {
    Ok(db.all(include_str!("sql/check_counts.sql"), &[], |row| {
        Ok(CountDiffers {
            merchant_id: row.get("merchant_id")?,
            state: row.get("state")?,
            kept: row.get("kept")?,
            counted: row.get("counted")?,
        })
    })?)
}

/// Rows that name others which are not there: the table, and the one that it names.
pub fn dangling(db: &Db) -> Result<Vec<(String, String)>, LedgerError> {
    let select = "SELECT DISTINCT \"table\", parent FROM pragma_foreign_key_check LIMIT 20";
    Ok(db.all(select, &[], |row| row.try_into())?)
}

struct OrderRow {
    id: i64,
    merchant_id: String,
    merchant_trade_no: String,
    state: String,
    amount: Option<i64>,
    captured: i64,
    refunded: i64,
}

fn orders_after(db: &Db, after: i64) -> Result<Vec<OrderRow>, LedgerError> {
    let select = "SELECT order_id, merchant_id, merchant_trade_no, state, amount, captured_amount, refunded_amount
                    FROM order_state WHERE order_id > :after ORDER BY order_id LIMIT :page + 0";
    Ok(db.all(select, params! { after, page: PAGE }, |row| {
        Ok(OrderRow {
            id: row.get("order_id")?,
            merchant_id: row.get("merchant_id")?,
            merchant_trade_no: row.get("merchant_trade_no")?,
            state: row.get("state")?,
            amount: row.get("amount")?,
            captured: row.get("captured_amount")?,
            refunded: row.get("refunded_amount")?,
        })
    })?)
}

impl OrderRow {
    fn audit(&self, db: &Db) -> Result<Vec<Differing>, LedgerError> {
        let record = self.record(db)?;
        let differing = |finding| Differing {
            order_id: self.id,
            merchant_id: self.merchant_id.clone(),
            merchant_trade_no: self.merchant_trade_no.clone(),
            finding,
        };
        Ok(findings(&record).into_iter().map(differing).collect())
    }

    fn record(&self, db: &Db) -> Result<OrderRecord, LedgerError> {
        let of = params! { order: self.id };
        let mut record = OrderRecord {
            state: OrderState::parse(&self.state),
            amount: self.amount.unwrap_or_default(),
            captured: self.captured,
            refunded: self.refunded,
            movements: db.all(include_str!("sql/check_movements.sql"), of, movement)?.into_iter().flatten().collect(),
            attempts: db.all(ATTEMPTS, of, attempt)?.into_iter().flatten().collect(),
            refunds: db.all(REFUNDS, of, refund)?.into_iter().flatten().collect(),
            ..OrderRecord::default()
        };
        db.all(include_str!("sql/check_events.sql"), of, |row| {
            let (event, at, kind): (i64, i64, String) = (row.get("id")?, row.get("at")?, row.get("kind")?);
            let detail: Option<Value> = serde_json::from_str(&row.get::<String>("detail")?).ok();
            match EventKind::parse(&kind) {
                Some(EventKind::Observed) => {
                    let seen = detail.and_then(|detail| serde_json::from_value(detail).ok());
                    record.looks.push(LookKept { event, at, seen });
                }
                Some(kind) => record.steps.extend(step(event, kind, &detail.unwrap_or_default())),
                None => {}
            }
            Ok(())
        })?;
        Ok(record)
    }
}

/// Of a refund or of an attempt, whichever the event is about.
fn step(event: i64, kind: EventKind, detail: &Value) -> Option<StepKept> {
    let named = if kind.word().starts_with("refund_") { "refund" } else { "attempt" };
    let of = detail.get(named)?.as_i64()?;
    Some(StepKept { event, kind, of, amount: detail.get("amount").and_then(Value::as_i64).unwrap_or_default() })
}

/// None: a word that this version does not know, which the schema's own checks do not let in.
fn movement(row: &Row<'_>) -> Result<Option<MovementKept>, super::db::Error> {
    let (id, amount, at, attempt) = (row.get("id")?, row.get("amount")?, row.get("at")?, row.get("attempt_id")?);
    let kind = MovementKind::parse(&row.get::<String>("kind")?);
    Ok(kind.map(|kind| MovementKept { id, kind, amount, at, attempt }))
}

const ATTEMPTS: &str = "SELECT id, action, amount, state FROM attempts WHERE order_id = :order ORDER BY id";

fn attempt(row: &Row<'_>) -> Result<Option<AttemptKept>, super::db::Error> {
    let (id, amount) = (row.get("id")?, row.get("amount")?);
    let action = Action::parse(&row.get::<String>("action")?);
    let state = AttemptState::parse(&row.get::<String>("state")?);
    Ok(action.zip(state).map(|(action, state)| AttemptKept { id, action, amount, state }))
}

const REFUNDS: &str =
    "SELECT intent_id, state, refunded_amount FROM refunds WHERE order_id = :order ORDER BY intent_id";

fn refund(row: &Row<'_>) -> Result<Option<RefundKept>, super::db::Error> {
    let (id, refunded) = (row.get("intent_id")?, row.get("refunded_amount")?);
    Ok(RefundState::parse(&row.get::<String>("state")?).map(|state| RefundKept { id, state, refunded }))
}
