//! Whose step is next: one question for the orders and the voucher orders of all merchants.

use chrono::{DateTime, Utc};
use ecpayd::domain::ids::MerchantId;
use sqlx::Row;

use crate::actors::MERCHANTS;
use crate::hands::Shop;
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
const FIRST: &str = "SELECT is_voucher, id, merchant_id, number, next_at FROM (
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

impl Shop {
    pub async fn due(&mut self) -> Option<Due> {
        let first = sqlx::query(FIRST).bind(MERCHANTS[0]).bind(MERCHANTS[1]).bind(MERCHANTS[2]);
        let row = first.fetch_optional(&mut self.db).await.expect("the ledger")?;
        let (id, is_voucher): (i64, bool) = (row.get("id"), row.get("is_voucher"));
        Some(Due {
            row: id,
            is_voucher,
            merchant_id: MerchantId::parse(row.get("merchant_id")).expect("an id"),
            at: DateTime::from_timestamp_millis(row.get("next_at")).expect("a time"),
            order: match is_voucher {
                true => order_of(row.get("number")),
                false => self.orders[usize::try_from(id).expect("a row's id") - 1],
            },
        })
    }
}
