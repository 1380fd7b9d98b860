//! What ECPay's own statement says of a refund by form that is with a person.

use super::LedgerError;
use super::db::Db;
use super::statements::{coverage, read_page};
use crate::domain::calendar::taipei_date;
use crate::domain::reconcile::refunded_by_statement;
use crate::domain::situation::Situation;

/// None: no attempt asks for it, or no statement tells.
pub(super) fn refunded(db: &Db, s: &Situation) -> Result<Option<i64>, LedgerError> {
    let Some(attempt) = s.attempts.iter().find(|attempt| attempt.waits_for_an_effect()) else { return Ok(None) };
    let (merchant, number) = (s.order.merchant_id.as_str(), s.order.merchant_trade_no.to_string());
    let coverage = coverage(db, merchant)?;
    let numbers = read_page(db, merchant, &[number])?;
    let day = taipei_date(attempt.started_at);
    Ok(numbers.first().and_then(|number| refunded_by_statement(number, &coverage, day)))
}
