//! The ledger's books and the bank's, read whole.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use ecpayd::simulator::bank::{ActionRecord, By};
use rusqlite::Row;

use crate::db::{self, Db};
use crate::hands::Hands;

pub struct OrderBook {
    pub state: String,
    pub capture: String,
    pub amount: Option<i64>,
    pub captured: i64,
    pub refunded: i64,
    /// Gone back without a refund that knows of it, in a ledger that was restored.
    pub unclaimed: i64,
    pub next_at: Option<DateTime<Utc>>,
    pub rule: String,
    pub refunds: Vec<RefundBook>,
    pub attempts: Vec<AttemptBook>,
    /// Open or not.
    pub alerts: Vec<AlertBook>,
}

pub struct AlertBook {
    pub kind: String,
    pub stage: String,
    pub raised_at: DateTime<Utc>,
    pub open: bool,
}

pub struct RefundBook {
    pub id: i64,
    pub key: String,
    pub state: String,
    pub method: Option<String>,
    pub refunded: i64,
    pub detail: String,
}

pub struct AttemptBook {
    pub id: i64,
    pub refund: Option<i64>,
    pub action: String,
    pub amount: i64,
    pub state: String,
    pub started_at: DateTime<Utc>,
    /// Not a call, but a person who was asked about a call that a restored copy does not know of.
    pub asked: bool,
}

/// A call that a ledger knew of whose older copy was put in its place.
pub struct Lost {
    pub number: String,
    /// Of the refund that it was for.
    pub key: Option<String>,
    pub attempt: AttemptBook,
}

impl AttemptBook {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            refund: row.get("refund_id")?,
            action: row.get("action")?,
            amount: row.get("amount")?,
            state: row.get("state")?,
            started_at: db::time(row, "started_at")?.expect("when it was written"),
            asked: row.get("asked")?,
        })
    }

    /// Whether this action at the bank is the one that the attempt asked for: at once, or dawdling
    /// on the way for as long as its stamp is valid, and never as long as the next attempt waits.
    pub fn asked_for(&self, action: &ActionRecord) -> bool {
        let late_s = (action.at - self.started_at).num_seconds();
        !self.asked
            && self.action == action.action.letter()
            && self.amount == action.amount.dollars()
            && (0..=660).contains(&late_s)
    }
}

/// By MerchantTradeNo, which no two shops share here.
pub fn read(db: &Db) -> HashMap<String, OrderBook> {
    let orders = "SELECT o.id, o.merchant_trade_no, o.capture, s.state, s.amount, s.captured_amount, s.refunded_amount, s.unclaimed_amount, s.next_at, s.rule
                    FROM orders o JOIN order_state s ON s.order_id = o.id";
    let orders = db.rows(orders, [], |row| {
        let book = OrderBook {
            state: row.get("state")?,
            capture: row.get("capture")?,
            amount: row.get("amount")?,
            captured: row.get("captured_amount")?,
            refunded: row.get("refunded_amount")?,
            unclaimed: row.get("unclaimed_amount")?,
            next_at: db::time(row, "next_at")?,
            rule: row.get("rule")?,
            refunds: Vec::new(),
            attempts: Vec::new(),
            alerts: Vec::new(),
        };
        Ok((row.get("id")?, (row.get("merchant_trade_no")?, book)))
    });
    let mut books: HashMap<i64, (String, OrderBook)> = orders.into_iter().collect();
    let refunds = "SELECT r.order_id, v.id, v.request_key, v.state, v.method, v.refunded_amount, v.detail
                     FROM refund_status v JOIN refunds r ON r.intent_id = v.id ORDER BY v.id";
    let refunds = db.rows(refunds, [], |row| {
        let refund = RefundBook {
            id: row.get("id")?,
            key: row.get("request_key")?,
            state: row.get("state")?,
            method: row.get("method")?,
            refunded: row.get("refunded_amount")?,
            detail: row.get("detail")?,
        };
        Ok((row.get("order_id")?, refund))
    });
    for (order, refund) in refunds {
        books.get_mut(&order).expect("an order").1.refunds.push(refund);
    }
    let attempts = "SELECT order_id, id, refund_id, action, amount, state, started_at, asked IS NOT NULL AS asked FROM attempts ORDER BY id";
    let attempts = db.rows(attempts, [], |row| Ok((row.get("order_id")?, AttemptBook::read(row)?)));
    for (order, attempt) in attempts {
        books.get_mut(&order).expect("an order").1.attempts.push(attempt);
    }
    let alerts =
        "SELECT order_id, kind, stage, raised_at, closed_at IS NULL AS open FROM alerts WHERE order_id IS NOT NULL";
    let alerts = db.rows(alerts, [], |row| {
        let raised_at = db::time(row, "raised_at")?.expect("when it was raised");
        let alert = AlertBook { kind: row.get("kind")?, stage: row.get("stage")?, raised_at, open: row.get("open")? };
        Ok((row.get("order_id")?, alert))
    });
    for (order, alert) in alerts {
        books.get_mut(&order).expect("an order").1.alerts.push(alert);
    }
    books.into_values().collect()
}

/// What the ledger tells of an order, a line for each event.
pub fn history(db: &Db, number: &str) -> Vec<String> {
    let events = "SELECT at, kind, detail FROM order_events WHERE merchant_trade_no = ? ORDER BY id";
    db.rows(events, [number], |row| {
        let (at, kind, detail): (String, String, String) = row.try_into()?;
        Ok(format!("{number} {at} {kind} {detail}"))
    })
}

/// All calls of these books that were made for something.
pub fn calls(books: HashMap<String, OrderBook>, told: &mut Vec<(String, AlertBook)>) -> Vec<Lost> {
    let mut calls = Vec::new();
    for (number, book) in books {
        told.extend(book.alerts.into_iter().map(|alert| (number.clone(), alert)));
        for attempt in book.attempts.into_iter().filter(|a| !a.asked) {
            let refund = book.refunds.iter().find(|r| Some(r.id) == attempt.refund);
            calls.push(Lost { number: number.clone(), key: refund.map(|r| r.key.clone()), attempt });
        }
    }
    calls
}

/// Attempts in review, and whether they took effect: a person asks ECPay's service by telephone,
/// and knows what the lost part of the ledger was about.
pub fn reviews(hands: &Hands, lost: &[Lost]) -> Vec<(i64, bool)> {
    let open = "SELECT a.id, a.refund_id, a.action, a.amount, a.state, a.started_at, a.asked IS NOT NULL AS asked, o.merchant_trade_no, r.request_key
                  FROM attempts a JOIN orders o ON o.id = a.order_id LEFT JOIN refunds r ON r.intent_id = a.refund_id
                 WHERE a.state = 'review' ORDER BY a.id";
    let open = hands.shop().db.rows(open, [], |row| {
        let (number, key): (String, Option<String>) = (row.get("merchant_trade_no")?, row.get("request_key")?);
        Ok((AttemptBook::read(row)?, number, key))
    });
    hands.bank.with_bank(|bank, _| {
        let took_effect = |(attempt, number, key): &(AttemptBook, String, Option<String>)| {
            let of_the_lost = |a: &ActionRecord| {
                attempt.asked
                    && lost.iter().any(|l| l.number == *number && l.key == *key && l.attempt.asked_for(a))
                    && attempt.action == a.action.letter()
            };
            let done = bank.actions().iter().any(|a| {
                a.by == By::Api
                    && a.effect
                    && a.merchant_trade_no.as_str() == number
                    && (attempt.asked_for(a) || of_the_lost(a))
            });
            (attempt.id, done)
        };
        open.iter().map(took_effect).collect()
    })
}
