//! Orders that a shop had before, many at a time.

use std::sync::{Arc, Mutex, PoisonError};

use super::db::{self, Db, params};
use super::{Ledger, LedgerError, Write};

/// An order as a list has it: what is wrong with it the ledger says itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedOrder {
    pub merchant_id: String,
    pub merchant_trade_no: String,
    pub trade_no: Option<String>,
    pub expected_amount: Option<i64>,
    pub installments: Option<i64>,
    pub capture: String,
    pub memo: Option<String>,
}

/// What became of one of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TakenOver {
    New,
    There,
    /// In the ledger's own words.
    Refused(String),
}

/// All that can be taken over of these, in one transaction.
pub struct TakeOver(pub Vec<ListedOrder>);

impl Write for TakeOver {
    type Out = Vec<TakenOver>;

    fn apply(&self, tx: &Db) -> Result<Vec<TakenOver>, LedgerError> {
        self.0.iter().map(|order| order.take_over(tx)).collect()
    }
}

/// The same, of which nothing is kept.
struct Trial {
    orders: TakeOver,
    taken: Arc<Mutex<Vec<TakenOver>>>,
}

impl Write for Trial {
    type Out = ();

    fn apply(&self, tx: &Db) -> Result<(), LedgerError> {
        *self.taken.lock().unwrap_or_else(PoisonError::into_inner) = self.orders.apply(tx)?;
        // Only an error ends a transaction without a commit.
        Err(LedgerError::Tried)
    }
}

impl Ledger {
    /// What would become of these orders. Tried rather than foretold, so that the sentences are the ledger's.
    pub async fn try_take_over(&self, orders: Vec<ListedOrder>) -> Result<Vec<TakenOver>, LedgerError> {
        let taken = Arc::new(Mutex::new(Vec::new()));
        match self.write(Trial { orders: TakeOver(orders), taken: taken.clone() }).await {
            Ok(()) | Err(LedgerError::Tried) => Ok(taken.lock().unwrap_or_else(PoisonError::into_inner).clone()),
            Err(error) => Err(error),
        }
    }
}

impl ListedOrder {
    fn take_over(&self, tx: &Db) -> Result<TakenOver, LedgerError> {
        let (merchant, number, trade_no) = (&self.merchant_id, &self.merchant_trade_no, &self.trade_no);
        let same = params! { merchant, number, trade_no };
        if tx.one(include_str!("sql/order_is_followed.sql"), same, |row| row.at(0))? {
            return Ok(TakenOver::There);
        }
        let order = params! {
            merchant,
            number,
            trade_no,
            expected_amount: self.expected_amount,
            installments: self.installments,
            capture: self.capture,
            memo: self.memo,
        };
        // A trigger that says no undoes its own statement alone.
        match tx.one(include_str!("sql/add_order.sql"), order, |row| row.at::<i64>(0)) {
            Ok(_) => Ok(TakenOver::New),
            Err(db::Error::Constraint(why)) => Ok(TakenOver::Refused(why)),
            Err(error) => Err(error.into()),
        }
    }
}
