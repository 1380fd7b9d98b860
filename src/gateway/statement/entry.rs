//! What the rows of ECPay's statements tell.

use std::io::Read;

use chrono::NaiveDate;

use super::decode::{bare, dollars};
use super::kind::{Columns, Kind, StatementError};
use super::sheet::{Row, RowFault, Sheet, SheetError};
use crate::gateway::wire::times::day_of;

/// The word in 付款方式 by which the vendor names every card.
const BY_CARD: &str = "信用卡";

/// How 付款狀態 and 付款結果 name an order that nobody paid.
const NOT_PAID: [&str; 2] = ["未付款", "失敗"];

/// What one row says of one order. Numbers are as they came: whoever keeps them checks them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub merchant_trade_no: String,
    /// FundingReconDetail has none.
    pub trade_no: Option<String>,
    pub date: NaiveDate,
    /// None where the cell holds no whole number.
    pub amount: Option<i64>,
}

/// What a row is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// An order that was paid by card.
    Paid(Entry),
    /// 退刷: a row of its own, with a negative amount.
    Refunded(Entry),
    /// 每日小計 and 合計, which name no order.
    Subtotal,
    /// In the vendor's word for it.
    NotByCard(String),
    NotPaid,
    Faulty(RowFault),
    /// An order's number without a day that can be read, which is neither a subtotal nor a payment.
    Undated,
}

/// One file of ECPay's, row by row.
pub struct Statement<R: Read> {
    kind: Kind,
    columns: Columns,
    sheet: Sheet<R>,
}

impl<R: Read> Statement<R> {
    pub fn of(sheet: Sheet<R>) -> Result<Self, StatementError> {
        let (kind, columns) = Kind::of(sheet.header())?;
        Ok(Self { kind, columns, sheet })
    }

    pub fn kind(&self) -> Kind {
        self.kind
    }

    pub fn header(&self) -> &[String] {
        self.sheet.header()
    }

    pub fn read(&mut self) -> Result<Option<(Row, Line)>, SheetError> {
        let row = self.sheet.read()?;
        Ok(row.map(|row| {
            let line = self.columns.line(&row);
            (row, line)
        }))
    }
}

impl Columns {
    fn line(&self, row: &Row) -> Line {
        if let Some(fault) = &row.fault {
            return Line::Faulty(fault.clone());
        }
        let at = |column: usize| bare(row.cell(column));
        let merchant_trade_no = at(self.number);
        let day = at(self.date);
        // A label may stand in either column.
        let is_number = !merchant_trade_no.is_empty() && merchant_trade_no.bytes().all(|b| b.is_ascii_alphanumeric());
        if !is_number && !day.contains(|c: char| c.is_ascii_digit()) {
            return Line::Subtotal;
        }
        let payment = self.payment.map(at);
        if let Some(other) = payment.filter(|payment| !payment.contains(BY_CARD)) {
            return Line::NotByCard(other);
        }
        let Some(date) = day.split_whitespace().next().and_then(day_of) else { return Line::Undated };
        let amount = at(self.amount);
        let is_refund = amount.starts_with('-');
        let amount = dollars(&amount);
        let trade_no = self.trade_no.map(at).filter(|number| !number.is_empty());
        let entry = Entry { merchant_trade_no, trade_no, date, amount };
        if is_refund {
            return Line::Refunded(entry);
        }
        let state = self.state.map(at).unwrap_or_default();
        if NOT_PAID.iter().any(|word| state.contains(word)) { Line::NotPaid } else { Line::Paid(entry) }
    }
}
