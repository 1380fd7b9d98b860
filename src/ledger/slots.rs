//! Places for captures, where many deadlines fall together.

use super::LedgerError;
use super::db::{Db, params};
use super::times::ms;
use crate::domain::ids::MerchantId;
use crate::domain::plan::SlotRequest;

/// Takes the latest minute up to the nominal one that still has room, and says when it is.
///
/// A single order finds its own minute free and is not moved. Where every minute is full,
/// the earliest is overfilled: earlier is safe, later is not.
pub(super) fn reserve(
    tx: &Db,
    order_id: i64,
    merchant_id: &MerchantId,
    request: &SlotRequest,
) -> Result<i64, LedgerError> {
    const MINUTE_MS: i64 = 60_000;
    let (nominal, earliest) = (ms(request.nominal), ms(request.earliest));
    let (last, first) = (nominal / MINUTE_MS, earliest / MINUTE_MS);
    let range = params! { merchant: merchant_id.as_str(), first, last, room: request.per_minute };
    let full: Vec<i64> = tx.all(include_str!("sql/full_minutes.sql"), range, |row| row.at(0))?;
    let in_a_row = full.iter().zip((first..=last).rev()).take_while(|(full, minute)| **full == *minute).count();
    let minute = (last - i64::try_from(in_a_row).unwrap_or(0)).max(first);
    let place = params! { merchant: merchant_id.as_str(), minute };
    tx.run(include_str!("sql/take_slot.sql"), place)?;
    let slot = if minute == last { nominal } else { minute * MINUTE_MS };
    let update = "UPDATE order_state SET capture_slot = :slot WHERE order_id = :order";
    tx.run(update, params! { slot, order: order_id })?;
    Ok(slot)
}
