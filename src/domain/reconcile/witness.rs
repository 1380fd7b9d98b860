//! What ECPay's statement says of an order whose refund nobody has an answer for.

use chrono::NaiveDate;

use super::{Coverage, Number, Standing};
use crate::domain::statement::StatementKind;

/// What was given back of an order, NT$, by all rows of FundingReconDetail: where the days in which it lists a refund
/// of `day` are all read, and the number is one order's. None: the statement is no witness.
pub fn refunded_by_statement(number: &Number, coverage: &Coverage, day: NaiveDate) -> Option<i64> {
    let kind = StatementKind::FundingReconDetail;
    let [order] = number.orders.as_slice() else { return None };
    if coverage.standing(kind, day) != Standing::Due {
        return None;
    }
    let is_of_it = |trade_no: &Option<String>| {
        trade_no.is_none() || order.trade_no.is_none() || order.trade_no.as_ref() == trade_no.as_ref()
    };
    let rows = number.rows.iter().filter(|row| {
        row.kind == kind && is_of_it(&row.trade_no) && !coverage.is_superseded(kind, row.day(), row.statement)
    });
    Some(rows.filter(|row| row.gross < 0).fold(0, |sum, row| sum - row.gross))
}
