//! A statement as the books read it: row by row, each with all that an accountant needs, or a sentence about the
//! first one that is not as ECPay writes it.
//!
//! ECPay's own sums are held against the rows above them and are no rows. A file that was cut off, put together of
//! two or changed by hand is known by them, and by what its rows lack.

use std::io::Read;

use super::entry::{BookEntry, Entry, Line, Statement};
use super::kind::{Kind, StatementError};
use super::sheet::{Row, RowFault, Sheet, SheetError};
use super::sums::{Sums, WrongSum};
use crate::domain::statement::StatementRow;

/// The largest amount of an order, which ECPay's `Int` holds.
const LARGEST: i64 = i32::MAX as i64;

#[derive(Debug, thiserror::Error)]
pub enum BooksError {
    #[error(transparent)]
    Sheet(#[from] SheetError),
    #[error("line {line}: {fault}")]
    Faulty { line: u64, fault: RowFault },
    #[error(
        "line {line} has {cells} cells, and the first line names {columns} columns: the file was cut off, so download it again"
    )]
    Short { line: u64, cells: usize, columns: usize },
    #[error(
        "line {line} is its first line once more: it was put together of two files, so read each of them by itself"
    )]
    HeaderAgain { line: u64 },
    #[error("line {line} has no day that can be read, so it is of no payment")]
    Undated { line: u64 },
    #[error("line {line}: '{number}' is no order number")]
    NoNumber { line: u64, number: String },
    #[error("line {line}: '{cell}' is no amount in New Taiwan dollars")]
    NoAmount { line: u64, cell: String },
    #[error("line {line}: {sum}: a row is missing or was changed, so download it again")]
    Sum { line: u64, sum: WrongSum },
}

/// All payments and refunds of a statement. After an error there is nothing more.
pub struct Books<R: Read> {
    statement: Statement<R>,
    sums: Sums,
    /// The refund that stood in the row of its payment.
    refund: Option<StatementRow>,
    is_over: bool,
    is_any_paid_out: bool,
}

impl<R: Read> Books<R> {
    pub fn of(sheet: Sheet<R>) -> Result<Self, StatementError> {
        let statement = Statement::of(sheet)?;
        statement.has_all_for_books()?;
        Ok(Self { statement, sums: Sums::default(), refund: None, is_over: false, is_any_paid_out: false })
    }

    pub fn kind(&self) -> Kind {
        self.statement.kind()
    }

    /// Whether a row that was read says that its money was paid out. A file of payments in which none does may be
    /// one of those alone that wait for it.
    pub fn is_any_paid_out(&self) -> bool {
        self.is_any_paid_out
    }

    fn row(&mut self) -> Result<Option<StatementRow>, BooksError> {
        loop {
            let Some((row, line)) = self.statement.read()? else { return Ok(None) };
            self.check(&row, &line)?;
            let at = row.line;
            let (entry, is_card) = match line {
                Line::Paid(entry) | Line::Refunded(entry) => (entry, true),
                Line::NotByCard(_, Some(entry)) => (entry, false),
                Line::NotByCard(_, None) | Line::Undated => return Err(BooksError::Undated { line: at }),
                Line::Faulty(fault) => return Err(BooksError::Faulty { line: at, fault }),
                Line::NotPaid => continue,
                Line::Subtotal => {
                    let told = self.statement.sums_of(&row);
                    self.sums.hold(&row, told).map_err(|sum| BooksError::Sum { line: at, sum })?;
                    continue;
                }
            };
            if !is_card && self.statement.is_not_paid(&row) {
                continue;
            }
            self.is_any_paid_out |= entry.books.is_paid_out;
            return self.taken(at, entry, is_card).map(Some);
        }
    }

    fn check(&self, row: &Row, line: &Line) -> Result<(), BooksError> {
        let (cells, columns) = (row.cells.len(), self.statement.header().len());
        // A sum may end with the last amount.
        if cells < columns && !matches!(line, Line::Subtotal | Line::Faulty(_)) {
            return Err(BooksError::Short { line: row.line, cells, columns });
        }
        if self.statement.is_header(row) {
            return Err(BooksError::HeaderAgain { line: row.line });
        }
        Ok(())
    }

    /// A row for what was paid, and one more for what was given back of it.
    fn taken(&mut self, line: u64, entry: Entry, is_card: bool) -> Result<StatementRow, BooksError> {
        let no_amount = |cell: String| BooksError::NoAmount { line, cell: cell.chars().take(40).collect() };
        if !is_number(&entry.merchant_trade_no) {
            let number = entry.merchant_trade_no.chars().take(40).filter(|c| !c.is_control()).collect();
            return Err(BooksError::NoNumber { line, number });
        }
        let BookEntry { closing_no, settled_on, paid_on, fee_milli, net_milli, refund, refunded_on, .. } = entry.books;
        let gross = entry.amount.ok_or_else(|| no_amount(entry.raw_amount.clone()))?;
        let refund = refund.map_err(no_amount)?;
        let (fee_milli, net_milli) = (fee_milli.map_err(no_amount)?, net_milli.map_err(no_amount)?);
        let is_too_large = |dollars: i64| dollars.saturating_abs() > LARGEST;
        if is_too_large(gross) || is_too_large(refund) {
            return Err(no_amount(entry.raw_amount));
        }
        if is_too_large(fee_milli / 1000) || is_too_large(net_milli.unwrap_or_default() / 1000) {
            return Err(BooksError::NoAmount { line, cell: format!("{fee_milli} thousandths") });
        }
        self.sums.add(gross, fee_milli, net_milli);
        let row = StatementRow {
            line,
            merchant_trade_no: entry.merchant_trade_no,
            trade_no: entry.trade_no.unwrap_or_default(),
            closing_no: closing_no.unwrap_or_default(),
            traded_on: entry.date,
            gross,
            settled_on,
            paid_on,
            fee_milli,
            net_milli,
            is_card,
        };
        if refund > 0 && gross > 0 {
            // Its money is in the net amount of the payment's row.
            let settled_on = refunded_on.or(settled_on);
            self.refund =
                Some(StatementRow { gross: -refund, settled_on, fee_milli: 0, net_milli: None, ..row.clone() });
        }
        Ok(row)
    }
}

impl<R: Read> Iterator for Books<R> {
    type Item = Result<StatementRow, BooksError>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(refund) = self.refund.take() {
            return Some(Ok(refund));
        }
        if self.is_over {
            return None;
        }
        let row = self.row().transpose();
        self.is_over = !matches!(row, Some(Ok(_)));
        row
    }
}

/// Of any way to pay: those by card are letters and digits.
fn is_number(text: &str) -> bool {
    (1..=50).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}
