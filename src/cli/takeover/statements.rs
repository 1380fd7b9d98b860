//! The card orders of one of ECPay's statements.

use std::io::Read;

use super::list::{LeftOut, List, Listed};
use crate::gateway::statement::{Entry, Line, Row, SheetError, Statement};
use crate::ledger::ListedOrder;

pub(super) struct CardOrders<R: Read> {
    pub statement: Statement<R>,
    pub merchant_id: String,
    pub capture: &'static str,
}

impl<R: Read> CardOrders<R> {
    fn order(&self, entry: Entry) -> ListedOrder {
        ListedOrder {
            merchant_id: self.merchant_id.clone(),
            merchant_trade_no: entry.merchant_trade_no,
            // As the shop knows it: its refunds name no number of ECPay's. A later authorization of a recurring order
            // is told by the look at the order itself, once there is one that no row follows.
            trade_no: None,
            // What is no whole number is put to the ledger as one that it refuses, in its own words.
            expected_amount: Some(entry.amount.unwrap_or(0)),
            installments: None,
            capture: self.capture.to_owned(),
            memo: None,
        }
    }
}

impl<R: Read> List for CardOrders<R> {
    fn kind(&self) -> Option<&'static str> {
        Some(self.statement.kind().name())
    }

    fn header(&self) -> &[String] {
        self.statement.header()
    }

    fn read(&mut self) -> Result<Option<(Row, Listed)>, SheetError> {
        let Some((row, line)) = self.statement.read()? else { return Ok(None) };
        let listed = match line {
            Line::Paid(entry) => Listed::Order(self.order(entry)),
            Line::Refunded(_) => Listed::LeftOut(LeftOut::Refund),
            Line::Subtotal => Listed::LeftOut(LeftOut::Subtotal),
            Line::NotByCard(word, _) => Listed::LeftOut(LeftOut::NotByCard(word)),
            Line::NotPaid => Listed::LeftOut(LeftOut::NotPaid),
            Line::Faulty(fault) => Listed::Refused(fault.to_string()),
            Line::Undated => Listed::Refused("the row has no day that can be read, so it is of no payment".to_owned()),
        };
        Ok(Some((row, listed)))
    }
}
