//! What a file of orders is to whoever takes them over: rows, each with an order or the reason why there is none.

use crate::gateway::statement::{Row, SheetError};
use crate::ledger::ListedOrder;

/// What a row holds.
pub(super) enum Listed {
    Order(ListedOrder),
    /// Why nothing can be made of it.
    Refused(String),
    LeftOut(LeftOut),
}

/// A row that a statement has beside the payments by card.
pub(super) enum LeftOut {
    Subtotal,
    Refund,
    NotPaid,
    /// In ECPay's word.
    NotByCard(String),
}

pub(super) trait List {
    /// Which of ECPay's files it is.
    fn kind(&self) -> Option<&'static str>;

    fn header(&self) -> &[String];

    fn read(&mut self) -> Result<Option<(Row, Listed)>, SheetError>;
}
