//! Whose step is next: one question for the orders and the voucher orders of all merchants.

use chrono::{DateTime, Utc};
use ecpayd::domain::ids::MerchantId;

use crate::actors::MERCHANTS;
use crate::ledger::{LedgerHandle, Row};
use crate::vouchers::order_of;

pub struct Due {
    /// In `orders`, or in `voucher_orders`.
    pub row: i64,
    pub is_voucher: bool,
    pub merchant_id: MerchantId,
    pub at: DateTime<Utc>,
    /// The order of the simulation that it belongs to.
    pub order: usize,
}

/// Each part finds its first row in an index, so that the whole costs the same however many there are.
const FIRST: &str = "SELECT is_voucher, id, merchant_id, next_at,
           CASE WHEN is_voucher THEN number ELSE (SELECT merchant_trade_no FROM order_state WHERE order_id = id) END AS number FROM (
      SELECT 0 AS is_voucher, order_id AS id, merchant_id, '' AS number, min(next_at) AS next_at FROM order_state WHERE merchant_id = ?1 AND rank = 0 AND next_at IS NOT NULL
      UNION ALL SELECT 0, order_id, merchant_id, '', min(next_at) FROM order_state WHERE merchant_id = ?1 AND rank = 1 AND next_at IS NOT NULL
      UNION ALL SELECT 0, order_id, merchant_id, '', min(next_at) FROM order_state WHERE merchant_id = ?1 AND rank = 2 AND next_at IS NOT NULL
      UNION ALL SELECT 0, order_id, merchant_id, '', min(next_at) FROM order_state WHERE merchant_id = ?2 AND rank = 0 AND next_at IS NOT NULL
      UNION ALL SELECT 0, order_id, merchant_id, '', min(next_at) FROM order_state WHERE merchant_id = ?2 AND rank = 1 AND next_at IS NOT NULL
      UNION ALL SELECT 0, order_id, merchant_id, '', min(next_at) FROM order_state WHERE merchant_id = ?2 AND rank = 2 AND next_at IS NOT NULL
      UNION ALL SELECT 0, order_id, merchant_id, '', min(next_at) FROM order_state WHERE merchant_id = ?3 AND rank = 0 AND next_at IS NOT NULL
      UNION ALL SELECT 0, order_id, merchant_id, '', min(next_at) FROM order_state WHERE merchant_id = ?3 AND rank = 1 AND next_at IS NOT NULL
      UNION ALL SELECT 0, order_id, merchant_id, '', min(next_at) FROM order_state WHERE merchant_id = ?3 AND rank = 2 AND next_at IS NOT NULL
      UNION ALL SELECT 1, voucher_id, merchant_id, number, min(next_at) FROM voucher_state WHERE merchant_id = ?1 AND next_at IS NOT NULL
      UNION ALL SELECT 1, voucher_id, merchant_id, number, min(next_at) FROM voucher_state WHERE merchant_id = ?2 AND next_at IS NOT NULL
      UNION ALL SELECT 1, voucher_id, merchant_id, number, min(next_at) FROM voucher_state WHERE merchant_id = ?3 AND next_at IS NOT NULL
    ) WHERE next_at IS NOT NULL ORDER BY next_at, is_voucher, id LIMIT 1";

/// `missing`: a merchant that nobody works for.
pub fn first(ledger: &LedgerHandle, missing: Option<usize>) -> Option<Due> {
    let served = std::array::from_fn::<_, 3, _>(|place| if missing == Some(place) { "" } else { MERCHANTS[place] });
    ledger.first(FIRST, served, due)
}

fn due(row: &Row<'_>) -> Due {
    let merchant_id: String = row.get("merchant_id");
    Due {
        row: row.get("id"),
        is_voucher: row.get("is_voucher"),
        merchant_id: MerchantId::parse(&merchant_id).expect("an id"),
        at: row.get("next_at"),
        order: order_of(&row.get::<String>("number")),
    }
}
