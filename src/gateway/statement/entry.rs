//! What the rows of ECPay's statements tell.

use std::io::Read;

use chrono::NaiveDate;

use super::decode::{bare, dollars, thousandths};
use super::kind::{Columns, Kind, StatementError};
use super::sheet::{Row, RowFault, Sheet, SheetError};
use super::sums::Told;
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
    /// The cell itself.
    pub raw_amount: String,
    /// What the books need beside it.
    pub books: BookEntry,
}

/// Of a row what an accountant needs. A file that is read for its order numbers alone may have none of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BookEntry {
    /// 關帳單號.
    pub closing_no: Option<String>,
    /// 結算日期 or 請款日期.
    pub settled_on: Option<NaiveDate>,
    /// 撥款日期, unless 撥款狀態 says that it has not been.
    pub paid_on: Option<NaiveDate>,
    /// All fees, thousandths of a dollar; the cell that holds no amount where one does not.
    pub fee_milli: Result<i64, String>,
    /// 應收款項(淨額) or 撥款金額. None: it is empty.
    pub net_milli: Result<Option<i64>, String>,
    /// 退款金額 of a row of a payment, above 0.
    pub refund: Result<i64, String>,
    /// 退款日期.
    pub refunded_on: Option<NaiveDate>,
    /// 撥款狀態 says that it was paid out, or 撥款日期 does.
    pub is_paid_out: bool,
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
    /// In the vendor's word for it; None: it has no day that can be read.
    NotByCard(String, Option<Entry>),
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

    /// An error where a column is missing that the books need.
    pub fn has_all_for_books(&self) -> Result<(), StatementError> {
        self.kind.has_all_for_books(&self.columns, self.header())
    }

    /// What a row of sums says.
    pub(super) fn sums_of(&self, row: &Row) -> Told {
        let cell = |column: usize| Some(bare(row.cell(column))).filter(|cell| !cell.is_empty());
        let BookEntry { fee_milli, net_milli, .. } = self.columns.books(row);
        let fees = self.columns.fees.as_deref().unwrap_or_default();
        let has_fee = fees.iter().any(|column| cell(*column).is_some());
        Told {
            gross: cell(self.columns.amount).and_then(|cell| dollars(&cell)),
            amount: cell(self.columns.amount),
            fee_milli: fee_milli.ok().filter(|_| has_fee),
            net_milli: net_milli.ok().flatten(),
        }
    }

    /// Nobody has paid it, as the row says.
    pub(super) fn is_not_paid(&self, row: &Row) -> bool {
        self.columns.is_not_paid(row)
    }

    /// The row names the columns once more.
    pub(super) fn is_header(&self, row: &Row) -> bool {
        let header = self.header();
        header.len() > 1 && row.cells.iter().map(bare).take(header.len()).eq(header.iter().cloned())
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
        let date = day.split_whitespace().next().and_then(day_of);
        let amount = at(self.amount);
        let is_refund = amount.starts_with('-');
        let entry = date.map(|date| Entry {
            merchant_trade_no,
            trade_no: self.trade_no.map(at).filter(|number| !number.is_empty()),
            date,
            amount: dollars(&amount),
            raw_amount: amount.clone(),
            books: self.books(row),
        });
        let payment = self.payment.map(at);
        if let Some(other) = payment.filter(|payment| !payment.contains(BY_CARD)) {
            return Line::NotByCard(other, entry);
        }
        let Some(entry) = entry else { return Line::Undated };
        if is_refund {
            return Line::Refunded(entry);
        }
        if self.is_not_paid(row) { Line::NotPaid } else { Line::Paid(entry) }
    }

    pub(super) fn is_not_paid(&self, row: &Row) -> bool {
        let state = self.state.map(|column| bare(row.cell(column))).unwrap_or_default();
        NOT_PAID.iter().any(|word| state.contains(word))
    }

    pub(super) fn books(&self, row: &Row) -> BookEntry {
        let at = |column: Option<usize>| column.map(|column| bare(row.cell(column))).filter(|cell| !cell.is_empty());
        let day = |column| at(column).and_then(|cell| day_of(cell.split_whitespace().next()?));
        let payout = at(self.payout);
        let is_not_paid_out = payout.as_ref().is_some_and(|word| word.contains('未'));
        let paid_on = day(self.paid_on).filter(|_| !is_not_paid_out);
        let fees = self.fees.as_deref().unwrap_or_default();
        BookEntry {
            closing_no: at(self.closing_no),
            settled_on: day(self.settled_on),
            paid_on,
            fee_milli: fees
                .iter()
                .filter_map(|column| at(Some(*column)))
                .try_fold(0_i64, |sum, cell| fee_of(&cell).and_then(|fee| sum.checked_add(fee)).ok_or(cell)),
            net_milli: at(self.net).map(|cell| thousandths(&cell).ok_or(cell)).transpose(),
            refund: at(self.refund).map_or(Ok(0), |cell| dollars(&cell).map(i64::saturating_abs).ok_or(cell)),
            refunded_on: day(self.refunded_on),
            is_paid_out: paid_on.is_some() || payout.is_some_and(|word| word.contains("已")),
        }
    }
}

/// Also with the rate behind it: `10(2%)`.
fn fee_of(cell: &str) -> Option<i64> {
    thousandths(cell.split(['(', '（']).next().unwrap_or(cell))
}
