//! Shops that write where they should not: the ledger refuses what would break its record.

use chrono::{DateTime, Utc};

use crate::actors::number;
use crate::hands::Shop;

/// What the contract promises to refuse, for an order `?1`, where it has such a row at all.
const REFUSED: [&str; 12] = [
    "UPDATE refunds SET state = 'queued', refunded_amount = 0, method = NULL WHERE state = 'done' AND order_id = ?1",
    "UPDATE refunds SET state = 'queued' WHERE state IN ('rejected', 'canceled') AND order_id = ?1",
    "UPDATE refunds SET state = 'waiting', refunded_amount = 0, method = NULL WHERE state = 'done' AND order_id = ?1",
    "DELETE FROM refunds WHERE order_id = ?1",
    "UPDATE attempts SET state = 'not_applied' WHERE state IN ('applied', 'refused') AND order_id = ?1",
    "UPDATE attempts SET state = 'applied' WHERE state IN ('not_applied', 'refused', 'not_sent') AND order_id = ?1",
    "UPDATE attempts SET state = 'unknown' WHERE state IN ('applied', 'not_applied', 'refused') AND order_id = ?1",
    "DELETE FROM attempts WHERE order_id = ?1",
    "DELETE FROM order_state WHERE order_id = ?1",
    "UPDATE order_state SET state = 'registered' WHERE state IN ('voided', 'refunded', 'captured') AND order_id = ?1",
    "DELETE FROM alerts WHERE order_id = ?1",
    "UPDATE alerts SET closed_at = NULL WHERE closed_at IS NOT NULL AND order_id = ?1",
];

impl Shop {
    pub fn trespass(&mut self, order: usize, statement: usize, at: DateTime<Utc>) {
        let find = "SELECT id FROM orders WHERE merchant_trade_no = ?";
        let Some(id) = self.ledger.first(find, [number(order)], |row| row.get::<i64>(0)) else { return };
        let sql = REFUSED[statement % REFUSED.len()];
        self.ledger.does("BEGIN IMMEDIATE");
        let done = self.ledger.write(sql, [id]);
        let taken = done.as_ref().is_ok_and(|changed| *changed > 0);
        // What is gone would be missed by the simulation itself before it is by the daemon.
        let end = if taken && sql.starts_with("UPDATE") { "COMMIT" } else { "ROLLBACK" };
        self.ledger.does(end);
        // A trigger, a CHECK or an index: whatever says no is as good.
        self.refused += u64::from(done.is_err());
        if taken {
            self.wrong.push(format!("{} at {at}: the ledger took a shop's {sql}", number(order)));
        }
    }
}
