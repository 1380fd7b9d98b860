//! The single tickets of a voucher order, and what changed of each.

use chrono::{DateTime, Utc};
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::domain::event::EventKind;
use crate::domain::voucher::{Ticket, TicketKind};
use crate::ledger::db::{Db, params};
use crate::ledger::times::ms;
use crate::ledger::{LedgerError, events};

/// Brings the tickets in line with the list; each change becomes an event, new ones together one.
///
/// However many there are, it is the same number of statements.
pub(super) fn write(tx: &Db, voucher_id: i64, tickets: &[Ticket], at: DateTime<Utc>) -> Result<(), LedgerError> {
    let list = list(tickets);
    if !is_new(tx, voucher_id, &list)? {
        return Ok(());
    }
    let changes = params! { voucher: voucher_id, tickets: list, at: ms(at) };
    tx.run(include_str!("../sql/ticket_changes.sql"), changes)?;
    let listed = params! { voucher: voucher_id, tickets: list };
    tx.run(include_str!("../sql/unlist_tickets.sql"), listed)?;
    let known: i64 = count(tx, voucher_id)?;
    tx.run(include_str!("../sql/list_tickets.sql"), listed)?;
    let new = count(tx, voucher_id)? - known;
    if new > 0 {
        events::of_voucher(tx, voucher_id, at, EventKind::VoucherTicketsListed, json!({ "count": new }))?;
    }
    Ok(())
}

/// Remembers the list; most looks show the same tickets as the one before.
fn is_new(tx: &Db, voucher_id: i64, list: &str) -> Result<bool, LedgerError> {
    let digest = Sha256::digest(list.as_bytes());
    let look = params! { voucher: voucher_id, digest: digest.as_slice() };
    Ok(tx.run(include_str!("../sql/remember_tickets.sql"), look)? > 0)
}

fn count(tx: &Db, voucher_id: i64) -> Result<i64, LedgerError> {
    let count = "SELECT count(*) FROM tickets WHERE voucher_id = :voucher AND listed = 1";
    Ok(tx.one(count, params! { voucher: voucher_id }, |row| row.at(0))?)
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
