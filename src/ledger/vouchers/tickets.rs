//! The single tickets of a voucher order, and what changed of each.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, params};
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::domain::event::EventKind;
use crate::domain::voucher::{Ticket, TicketKind};
use crate::ledger::sql::Sql as _;
use crate::ledger::times::ms;
use crate::ledger::{LedgerError, events};

/// One row for each ticket of the list in ?2, in the columns' order.
const LISTED: &str = "WITH listed AS MATERIALIZED (
    SELECT value ->> 0 AS ticket_no, value ->> 1 AS use_status, value ->> 2 AS kind, value ->> 3 AS item_no, value ->> 4 AS item_name,
           value ->> 5 AS amount, value ->> 6 AS starts_on, value ->> 7 AS expires_on, value ->> 8 AS redeemed_at, value ->> 9 AS refunded_at
      FROM json_each(?2))";

/// A ticket that is in the ledger and is not as it was.
const CHANGED: &str = "FROM tickets t JOIN listed n USING (ticket_no)
    WHERE t.voucher_id = ?1 AND t.listed = 1
      AND (t.use_status, t.kind, t.item_no, t.item_name, t.amount, t.starts_on, t.expires_on, t.redeemed_at, t.refunded_at)
          IS NOT (n.use_status, n.kind, n.item_no, n.item_name, n.amount, n.starts_on, n.expires_on, n.redeemed_at, n.refunded_at)";

/// Brings the tickets in line with the list; each change becomes an event, new ones together one.
///
/// However many there are, it is the same number of statements.
pub(super) fn write(
    tx: &Connection,
    voucher_id: i64,
    tickets: &[Ticket],
    at: DateTime<Utc>,
) -> Result<(), LedgerError> {
    let list = list(tickets);
    if !is_new(tx, voucher_id, &list)? {
        return Ok(());
    }
    let changes = format!(
        "{LISTED} INSERT INTO events (at, merchant_id, merchant_trade_no, voucher_id, kind, detail)
         SELECT ?3, v.merchant_id, v.merchant_trade_no, v.id, 'voucher_ticket', c.detail FROM voucher_orders v JOIN (
           SELECT ticket_no, json_object('ticket', ticket_no, 'amount', n.amount, 'was', t.use_status, 'is', n.use_status) AS detail {CHANGED}
           UNION ALL
           SELECT ticket_no, json_object('ticket', ticket_no, 'amount', amount, 'was', use_status, 'is', NULL) FROM tickets t
            WHERE voucher_id = ?1 AND listed = 1 AND ticket_no NOT IN (SELECT ticket_no FROM listed)
         ) c WHERE v.id = ?1 ORDER BY c.ticket_no"
    );
    tx.run(&changes, params![voucher_id, &list, ms(at)])?;
    let gone = format!(
        "{LISTED} UPDATE tickets SET listed = 0 WHERE voucher_id = ?1 AND listed = 1 AND ticket_no NOT IN (SELECT ticket_no FROM listed)"
    );
    tx.run(&gone, params![voucher_id, &list])?;
    let known: i64 = count(tx, voucher_id)?;
    let upsert = format!(
        "{LISTED} INSERT INTO tickets (voucher_id, ticket_no, use_status, kind, item_no, item_name, amount, starts_on, expires_on, redeemed_at, refunded_at)
         SELECT ?1, * FROM listed WHERE true
         ON CONFLICT DO UPDATE SET use_status = excluded.use_status, kind = excluded.kind, item_no = excluded.item_no, item_name = excluded.item_name,
           amount = excluded.amount, starts_on = excluded.starts_on, expires_on = excluded.expires_on, redeemed_at = excluded.redeemed_at,
           refunded_at = excluded.refunded_at, listed = 1
         WHERE listed = 0
            OR (use_status, kind, item_no, item_name, amount, starts_on, expires_on, redeemed_at, refunded_at)
               IS NOT (excluded.use_status, excluded.kind, excluded.item_no, excluded.item_name, excluded.amount, excluded.starts_on,
                       excluded.expires_on, excluded.redeemed_at, excluded.refunded_at)"
    );
    tx.run(&upsert, params![voucher_id, &list])?;
    let new = count(tx, voucher_id)? - known;
    if new > 0 {
        events::of_voucher(tx, voucher_id, at, EventKind::VoucherTicketsListed, json!({ "count": new }))?;
    }
    Ok(())
}

/// Remembers the list; most looks show the same tickets as the one before.
fn is_new(tx: &Connection, voucher_id: i64, list: &str) -> Result<bool, LedgerError> {
    let digest = Sha256::digest(list.as_bytes());
    let remember = "UPDATE voucher_state SET tickets_digest = ?2 WHERE voucher_id = ?1 AND tickets_digest IS NOT ?2";
    Ok(tx.run(remember, params![voucher_id, digest.as_slice()])? > 0)
}

fn count(tx: &Connection, voucher_id: i64) -> Result<i64, LedgerError> {
    let count = "SELECT count(*) FROM tickets WHERE voucher_id = ? AND listed = 1";
    Ok(tx.one(count, [voucher_id], |row| row.get(0))?)
}

/// No redemption code: it is nobody's business but the customer's.
fn list(tickets: &[Ticket]) -> String {
    let row = |t: &Ticket| {
        json!([
            t.no,
            t.status.word(),
            t.kind.map(TicketKind::word),
            t.item_no,
            t.item_name,
            t.amount,
            t.starts_on.map(|day| day.to_string()),
            t.expires_on.map(|day| day.to_string()),
            t.redeemed_at.map(ms),
            t.refunded_at.map(ms),
        ])
    };
    json!(tickets.iter().map(row).collect::<Vec<_>>()).to_string()
}
