//! Lists of orders.

use super::{PageReader, Part, SCANNED};
use crate::ledger::LedgerError;
use crate::ledger::db::{Db, Error, Parameters, Row, params};
use crate::ledger::views::OrderStatus;

/// A row of the list, and the order that it is of.
#[derive(Clone, Debug)]
pub struct PageOrder {
    pub id: i64,
    /// As the shop registered it; none for the order itself.
    pub asked_trade_no: Option<String>,
    pub status: OrderStatus,
}

/// Which orders, all where nothing is said.
#[derive(Clone, Copy, Debug, Default)]
pub struct OrderFilter<'a> {
    pub state: Option<&'a str>,
    pub merchant: Option<&'a str>,
}

/// Behind every letter and digit of a number.
const LAST: &str = "~";

fn read(row: &Row<'_>) -> Result<PageOrder, Error> {
    let (id, asked_trade_no) = (row.get("order_id")?, row.get("asked_trade_no")?);
    Ok(PageOrder { id, asked_trade_no, status: row.try_into()? })
}

fn rows(db: &Db, sql: &str, what: Parameters<'_>) -> Result<Vec<PageOrder>, LedgerError> {
    Ok(db.all(sql, what, read)?)
}

impl PageReader {
    /// Newest first, behind the order with this number.
    pub fn orders(&self, filter: OrderFilter<'_>, after: i64, limit: i64) -> Result<Part<PageOrder>, LedgerError> {
        let found = match (filter.state, filter.merchant) {
            (Some(state), Some(merchant)) => return self.of_both(state, merchant, after, limit),
            (Some(state), None) => {
                rows(&self.0, include_str!("../sql/page_orders_in_state.sql"), params! { state, after, limit })
            }
            (None, Some(merchant)) => {
                rows(&self.0, include_str!("../sql/page_orders_of_merchant.sql"), params! { merchant, after, limit })
            }
            (None, None) => rows(&self.0, include_str!("../sql/page_orders.sql"), params! { after, limit }),
        };
        let rows = found?;
        Ok(Part { next: full(rows.len(), limit).then(|| rows.last().map(|r| r.id)).flatten(), rows })
    }

    /// A part may be shorter than it could be, and empty, with more to come.
    fn of_both(&self, state: &str, merchant: &str, after: i64, limit: i64) -> Result<Part<PageOrder>, LedgerError> {
        let page = params! { state, merchant, after, scan: SCANNED, limit };
        let rows = rows(&self.0, include_str!("../sql/page_orders_of_merchant_in_state.sql"), page)?;
        if full(rows.len(), limit) {
            return Ok(Part { next: rows.last().map(|r| r.id), rows });
        }
        let scanned = params! { state, after, scan: SCANNED };
        let (orders, last): (i64, i64) =
            self.0.one(include_str!("../sql/page_orders_scanned.sql"), scanned, |row| row.try_into())?;
        Ok(Part { rows, next: (orders == SCANNED).then_some(last) })
    }

    /// Those whose number begins so, or with exactly this number of ECPay's.
    pub fn orders_by_number(&self, number: &str, limit: i64) -> Result<Vec<PageOrder>, LedgerError> {
        let range = params! { from: number, to: format!("{number}{LAST}"), limit };
        let mut found = rows(&self.0, include_str!("../sql/page_orders_by_number.sql"), range)?;
        let by_ecpay = rows(&self.0, include_str!("../sql/page_orders_by_trade_no.sql"), params! { number })?;
        let known: Vec<i64> = found.iter().map(|o| o.id).collect();
        found.extend(by_ecpay.into_iter().filter(|o| !known.contains(&o.id)));
        Ok(found)
    }
}

pub(super) fn full(rows: usize, limit: i64) -> bool {
    i64::try_from(rows).is_ok_and(|rows| rows >= limit)
}
