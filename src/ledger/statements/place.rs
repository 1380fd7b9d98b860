//! Where a row goes: in the place of the one that an earlier file had for the same payment or refund, else in its own.

use crate::domain::statement::{StatementKind, StatementRow};
use crate::ledger::LedgerError;
use crate::ledger::db::{Db, params};

pub(super) struct Of<'a> {
    pub statement: i64,
    pub kind: StatementKind,
    pub merchant: &'a str,
}

pub(super) fn keep(tx: &Db, of: &Of<'_>, row: &StatementRow) -> Result<(), LedgerError> {
    let (traded_on, settled_on) = (row.traded_on.to_string(), row.settled_on.map(|day| day.to_string()));
    let same = params! {
        number: row.merchant_trade_no,
        merchant: of.merchant,
        kind: of.kind.word(),
        trade_no: row.trade_no,
        closing_no: row.closing_no,
        traded_on,
        gross: row.gross,
        settled_on,
        statement: of.statement,
    };
    let (nth, first): (i64, Option<i64>) =
        tx.one(include_str!("../sql/statement_row_place.sql"), same, |row| row.try_into())?;
    // A refund may be given twice; what was paid is listed but once.
    if let Some(first) = first.filter(|_| row.gross > 0) {
        return Err(LedgerError::Statement(format!(
            "order {} stands in it twice, in lines {first} and {}: its content was doubled, so download it again",
            row.merchant_trade_no, row.line
        )));
    }
    let what = params! {
        statement: of.statement,
        line: i64::try_from(row.line).unwrap_or(i64::MAX),
        kind: of.kind.word(),
        merchant: of.merchant,
        number: row.merchant_trade_no,
        trade_no: row.trade_no,
        closing_no: row.closing_no,
        traded_on,
        gross: row.gross,
        nth,
        settled_on,
        paid_on: row.paid_on.map(|day| day.to_string()),
        fee_milli: row.fee_milli,
        net_milli: row.net_milli,
        is_card: row.is_card,
    };
    tx.run(include_str!("../sql/keep_statement_row.sql"), what)?;
    Ok(())
}
