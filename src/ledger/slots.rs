//! Places for captures, where many deadlines fall together.

use rusqlite::{Connection, params};

use super::LedgerError;
use super::sql::Sql as _;
use super::times::ms;
use crate::domain::ids::MerchantId;
use crate::domain::plan::SlotRequest;

/// Takes the latest minute up to the nominal one that still has room, and says when it is.
///
/// A single order finds its own minute free and is not moved. Where every minute is full,
/// the earliest is overfilled: earlier is safe, later is not.
pub(super) fn reserve(
    tx: &Connection,
    order_id: i64,
    merchant_id: &MerchantId,
    request: &SlotRequest,
) -> Result<i64, LedgerError> {
    const MINUTE_MS: i64 = 60_000;
    let (nominal, earliest) = (ms(request.nominal), ms(request.earliest));
    let (last, first) = (nominal / MINUTE_MS, earliest / MINUTE_MS);
    let select = "SELECT minute FROM capture_slots WHERE merchant_id = ? AND minute BETWEEN ? AND ? AND taken >= ? ORDER BY minute DESC";
    let full: Vec<i64> =
        tx.all(select, params![merchant_id.as_str(), first, last, request.per_minute], |row| row.get(0))?;
    let in_a_row = full.iter().zip((first..=last).rev()).take_while(|(full, minute)| **full == *minute).count();
    let minute = (last - i64::try_from(in_a_row).unwrap_or(0)).max(first);
    tx.run(
        "INSERT INTO capture_slots (merchant_id, minute, taken) VALUES (?1, ?2, 1)
         ON CONFLICT (merchant_id, minute) DO UPDATE SET taken = taken + 1",
        params![merchant_id.as_str(), minute],
    )?;
    let slot = if minute == last { nominal } else { minute * MINUTE_MS };
    tx.run("UPDATE order_state SET capture_slot = ? WHERE order_id = ?", params![slot, order_id])?;
    Ok(slot)
}
