//! The books: movements of money and the gateway's own rows, each written once.

use chrono::{DateTime, Utc};

use super::LedgerError;
use super::db::{Db, params};
use super::times::ms;
use crate::domain::record::Change;

/// Behind the order's row: a trigger lets in what brings the journal nearer to it.
pub(super) fn write(
    tx: &Db,
    order_id: i64,
    merchant_id: &str,
    change: &Change,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    let seen_at = change.observation().map(|o| ms(o.at));
    for new in &change.closings {
        let closing = params! {
            order: order_id, row_at: new.row.at.map_or(0, ms), amount: new.row.amount, status: new.row.status.english(),
            nth: i64::from(new.nth), seen_at,
        };
        tx.run(include_str!("sql/keep_closing.sql"), closing)?;
    }
    for claim in &change.claims {
        let claimed = params! { movement: claim.movement, attempt: claim.attempt, refund: claim.refund, now: ms(now) };
        tx.run(include_str!("sql/claim_movement.sql"), claimed)?;
    }
    for m in &change.movements {
        let day = m.day().to_string();
        let movement = params! {
            order: order_id, merchant: merchant_id, day, at: ms(m.at), kind: m.kind.word(), amount: m.amount, by: m.by.word(),
            attempt: m.attempt, refund: m.refund, gateway_at: m.gateway_at.map(ms), fee: m.fee_milli,
        };
        tx.run(include_str!("sql/book_movement.sql"), movement)?;
    }
    Ok(())
}
