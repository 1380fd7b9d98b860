//! The ledger's books and the bank's, read whole.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Duration, Utc};
use ecpayd::simulator::bank::ActionRecord;

use crate::hands::Hands;
use crate::journal::{self, MovementBook};
use crate::ledger::{LedgerHandle, Row};

pub struct OrderBook {
    pub state: String,
    pub capture: String,
    pub registered_at: DateTime<Utc>,
    pub amount: Option<i64>,
    pub captured: i64,
    pub refunded: i64,
    /// Gone back without a refund that knows of it, in a ledger that was restored.
    pub unclaimed: i64,
    pub next_at: Option<DateTime<Utc>>,
    pub rule: String,
    pub refunds: Vec<RefundBook>,
    pub attempts: Vec<AttemptBook>,
    pub journal: Vec<MovementBook>,
    /// Open or not.
    pub alerts: Vec<AlertBook>,
}

/// The row that follows a subscription, or one of its later charges.
pub struct Followed {
    pub number: String,
    /// ECPay's number of a later charge.
    pub asked: Option<String>,
    pub book: OrderBook,
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
    /// The refund whose N was made for this one as well.
    pub led_by: Option<i64>,
    pub refunded: i64,
    pub detail: String,
}

#[derive(Debug)]
pub struct AttemptBook {
    pub id: i64,
    pub refund: Option<i64>,
    pub action: String,
    pub amount: i64,
    /// ECPay's number of what it acts on.
    pub trade_no: String,
    pub state: String,
    pub started_at: DateTime<Utc>,
    pub finished_at: Option<DateTime<Utc>>,
    /// Not a call, but a person who was asked about one: what a restored copy does not know of, or what
    /// went back after an end that was believed.
    pub asked: bool,
}

/// A call that a ledger knew of before it was restored.
pub struct Lost {
    pub number: String,
    /// Of the refund that it was for.
    pub key: Option<String>,
    pub attempt: AttemptBook,
}

impl AttemptBook {
    fn read(row: &Row<'_>) -> Self {
        Self {
            id: row.get("id"),
            refund: row.get("refund_id"),
            action: row.get("action"),
            amount: row.get("amount"),
            trade_no: row.get("trade_no"),
            state: row.get("state"),
            started_at: row.get("started_at"),
            finished_at: row.get("finished_at"),
            asked: row.get("asked"),
        }
    }

    /// Whether this action at the bank is the one that the attempt asked for: its request came
    /// while the call was under way, whenever it took effect.
    pub fn asked_for(&self, action: &ActionRecord) -> bool {
        let late_s = (action.asked_at.unwrap_or(action.at) - self.started_at).num_seconds();
        !self.asked
            && self.action == action.action.letter()
            && self.amount == action.amount.dollars()
            && self.trade_no == action.trade_no
            && (0..=60).contains(&late_s)
    }
}

/// Of the orders that are paid once, by MerchantTradeNo, which no two shops share here.
pub fn read(ledger: &LedgerHandle) -> HashMap<String, OrderBook> {
    rows(ledger, "L%").map(|row| (row.number, row.book)).collect()
}

/// Of the subscriptions, in the order of their registration.
pub fn followed(ledger: &LedgerHandle) -> Vec<Followed> {
    rows(ledger, "P%").collect()
}

fn rows(ledger: &LedgerHandle, numbers: &str) -> impl Iterator<Item = Followed> + use<> {
    let orders = "SELECT o.id, o.merchant_trade_no, o.trade_no AS asked, o.created_at, o.capture, s.state, s.amount, s.captured_amount, s.refunded_amount, s.unclaimed_amount, s.next_at, s.rule
                    FROM orders o JOIN order_state s ON s.order_id = o.id WHERE o.merchant_trade_no LIKE ?";
    let orders = ledger.rows(orders, [numbers], |row| {
        let book = OrderBook {
            state: row.get("state"),
            capture: row.get("capture"),
            registered_at: row.get("created_at"),
            amount: row.get("amount"),
            captured: row.get("captured_amount"),
            refunded: row.get("refunded_amount"),
            unclaimed: row.get("unclaimed_amount"),
            next_at: row.get("next_at"),
            rule: row.get("rule"),
            refunds: Vec::new(),
            attempts: Vec::new(),
            journal: Vec::new(),
            alerts: Vec::new(),
        };
        (row.get("id"), Followed { number: row.get("merchant_trade_no"), asked: row.get("asked"), book })
    });
    let mut books: BTreeMap<i64, Followed> = orders.into_iter().collect();
    let refunds = "SELECT r.order_id, v.id, v.request_key, v.state, v.method, v.refunded_amount, v.detail, r.led_by
                     FROM refund_status v JOIN refunds r ON r.intent_id = v.id ORDER BY v.id";
    let refunds = ledger.rows(refunds, (), |row| {
        let refund = RefundBook {
            id: row.get("id"),
            key: row.get("request_key"),
            state: row.get("state"),
            method: row.get("method"),
            led_by: row.get("led_by"),
            refunded: row.get("refunded_amount"),
            detail: row.get("detail"),
        };
        (row.get("order_id"), refund)
    });
    for (order, refund) in refunds {
        if let Some(row) = books.get_mut(&order) {
            row.book.refunds.push(refund);
        }
    }
    let attempts = "SELECT order_id, id, refund_id, action, amount, trade_no, state, started_at, finished_at, asked IS NOT NULL OR sent = 0 AS asked FROM attempts ORDER BY id";
    let attempts = ledger.rows(attempts, (), |row| (row.get("order_id"), AttemptBook::read(row)));
    for (order, attempt) in attempts {
        if let Some(row) = books.get_mut(&order) {
            row.book.attempts.push(attempt);
        }
    }
    for (order, movement) in ledger.rows(journal::SELECT, (), |row| (row.get("order_id"), MovementBook::read(row))) {
        if let Some(row) = books.get_mut(&order) {
            row.book.journal.push(movement);
        }
    }
    let alerts =
        "SELECT order_id, kind, stage, raised_at, closed_at IS NULL AS open FROM alerts WHERE order_id IS NOT NULL";
    let alerts = ledger.rows(alerts, (), |row| {
        let raised_at = row.get("raised_at");
        let alert = AlertBook { kind: row.get("kind"), stage: row.get("stage"), raised_at, open: row.get("open") };
        (row.get("order_id"), alert)
    });
    for (order, alert) in alerts {
        if let Some(row) = books.get_mut(&order) {
            row.book.alerts.push(alert);
        }
    }
    books.into_values()
}

/// What the ledger tells of an order, a line for each event.
pub fn history(ledger: &LedgerHandle, number: &str) -> Vec<String> {
    let events = "SELECT at, kind, detail FROM order_events WHERE merchant_trade_no = ? ORDER BY id";
    let mut lines = ledger.rows(events, [number], |row| {
        let (at, kind, detail): (String, String, String) = row.all();
        format!("{number} {at} {kind} {detail}")
    });
    let shown = "SELECT 'row ' || order_id || ': ' || state || ' by ' || rule || ', due ' || ifnull(next_at, '-') || ', looks failed ' || look_failures
                        || ', ' || ifnull(last_error, 'no error') FROM order_state WHERE merchant_trade_no = ?1
                 UNION ALL
                 SELECT 'alert ' || kind || ' ' || stage || ' ' || severity || ': ' || datetime(raised_at / 1000, 'unixepoch') || ' to '
                        || ifnull(datetime(closed_at / 1000, 'unixepoch'), 'now') || ', ' || message FROM alerts
                  WHERE merchant_trade_no = ?1 OR (merchant_trade_no IS NULL AND merchant_id = (SELECT merchant_id FROM orders WHERE merchant_trade_no = ?1))";
    lines.extend(ledger.rows(shown, [number], |row| format!("{number} {}", row.get::<String>(0))));
    lines
}

/// All calls of these books that were made for something.
pub fn calls(books: impl IntoIterator<Item = (String, OrderBook)>, told: &mut Vec<(String, AlertBook)>) -> Vec<Lost> {
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

/// An attempt in review, its order, the key of its refund, since when a person is asked, and the calls that
/// were made for the refund before.
type Review = (AttemptBook, String, Option<String>, DateTime<Utc>, Vec<AttemptBook>);

/// Attempts in review, and whether they took effect: a person asks ECPay's service by telephone,
/// and knows what the lost part of the ledger was about.
///
/// `stale`: he looked so long ago, but not before he was told of the review, and says it only once
/// nothing is on its way any more.
///
/// `waits`: how long he waits before he looks, by the number of the order.
pub fn reviews(
    hands: &Hands,
    lost: &[Lost],
    now: DateTime<Utc>,
    stale: Option<Duration>,
    waits: impl Fn(&str) -> Duration,
) -> Vec<(i64, bool)> {
    let open = "SELECT a.id, a.refund_id, a.action, a.amount, a.trade_no, a.state, a.started_at, a.finished_at, a.asked IS NOT NULL OR a.sent = 0 AS asked, o.merchant_trade_no, r.request_key,
                         (SELECT max(raised_at) FROM alerts l WHERE l.order_id = a.order_id AND l.stage = 'attempt ' || a.id) AS told_at
                  FROM attempts a JOIN orders o ON o.id = a.order_id LEFT JOIN refunds r ON r.intent_id = a.refund_id
                 WHERE a.state = 'review' ORDER BY a.id";
    let mut open = hands.shop().ledger.rows(open, (), |row| {
        let (number, key): (String, Option<String>) = (row.get("merchant_trade_no"), row.get("request_key"));
        let told_at = row.get::<Option<_>>("told_at").unwrap_or(now) + waits(&number);
        (AttemptBook::read(row), number, key, told_at)
    });
    open.retain(|(_, _, _, from)| *from <= now);
    let of_refund =
        "SELECT id, refund_id, action, amount, trade_no, state, started_at, finished_at, 0 AS asked FROM attempts
                      WHERE refund_id = ? AND asked IS NULL AND sent = 1 AND state <> 'applied'";
    let earlier = |attempt: &AttemptBook| match attempt.asked {
        true => hands.shop().ledger.rows(of_refund, [attempt.refund], AttemptBook::read),
        false => Vec::new(),
    };
    let on_their_way = stale.map(|_| hands.bank.on_their_way()).unwrap_or_default();
    open.retain(|(_, number, _, _)| on_their_way.iter().all(|ask| ask.merchant_trade_no.as_str() != number));
    let with_earlier = |(attempt, number, key, told_at)| {
        let earlier = earlier(&attempt);
        (attempt, number, key, told_at, earlier)
    };
    let open: Vec<Review> = open.into_iter().map(with_earlier).collect();
    hands.bank.with_bank(|bank, _| {
        let took_effect = |(attempt, number, key, told_at, earlier): &Review| {
            let of_the_lost = |a: &ActionRecord| {
                attempt.asked
                    && lost.iter().any(|l| l.number == *number && l.key == *key && l.attempt.asked_for(a))
                    && attempt.action == a.action.letter()
                    && attempt.trade_no == a.trade_no
            };
            let of_an_earlier = |a: &ActionRecord| earlier.iter().any(|call| call.asked_for(a));
            let seen_at = stale.map_or(now, |stale| (now - stale).max(*told_at));
            let done = bank.actions().iter().any(|a| {
                a.by.is_call()
                    && a.effect
                    && a.at <= seen_at
                    && a.merchant_trade_no.as_str() == number
                    && (attempt.asked_for(a) || of_the_lost(a) || of_an_earlier(a))
            });
            (attempt.id, done)
        };
        open.iter().map(took_effect).collect()
    })
}
