//! The later charges of a recurring order, each of which is followed by a row of its own.

use chrono::{DateTime, Utc};

use super::db::{Db, params};
use super::times::ms;
use super::{LedgerError, Write};
use crate::domain::ids::TradeNo;
use crate::domain::order::Order;

/// Registers the charges that no row follows yet.
pub struct FollowCharges {
    /// The row of the order itself.
    pub order: Order,
    pub charges: Vec<TradeNo>,
    pub now: DateTime<Utc>,
}

impl Write for FollowCharges {
    /// How many rows follow the order or one of its charges.
    type Out = i64;

    fn apply(&self, tx: &Db) -> Result<i64, LedgerError> {
        let (merchant, number) = (self.order.merchant_id.as_str(), self.order.merchant_trade_no.as_str());
        for charge in &self.charges {
            let row = params! {
                merchant,
                number,
                trade_no: charge.as_str(),
                capture: self.order.capture.of_later_charges().word(),
                now: ms(self.now),
            };
            tx.run(include_str!("sql/follow_charge.sql"), row)?;
        }
        let followed = "SELECT count(*) FROM orders WHERE merchant_trade_no = :number AND merchant_id = :merchant";
        Ok(tx.one(followed, params! { merchant, number }, |row| row.at(0))?)
    }
}
