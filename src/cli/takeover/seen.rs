//! What a dry run has met: nothing of it is in the ledger, which would know.

use std::collections::HashMap;

use crate::ledger::{ListedOrder, TakenOver};

/// The authorizations of each order, none for the order itself.
#[derive(Default)]
pub(super) struct Seen(HashMap<(String, String), Vec<Option<String>>>);

impl Seen {
    /// What the ledger would say, had it kept those before.
    pub fn judge(&mut self, order: &ListedOrder, alone: TakenOver) -> TakenOver {
        if alone != TakenOver::New {
            return alone;
        }
        let rows = self.0.entry((order.merchant_id.clone(), order.merchant_trade_no.clone())).or_default();
        let trade_no = &order.trade_no;
        // As sql/order_is_followed.sql says it of orders that nobody has looked at.
        if rows.iter().any(|row| trade_no.is_none() || row.is_none() || row == trade_no) {
            return TakenOver::There;
        }
        rows.push(trade_no.clone());
        TakenOver::New
    }
}
