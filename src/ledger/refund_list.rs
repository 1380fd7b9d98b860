//! Refunds, listed for a person.

use super::db::{Db, params};
use super::views::RefundStatus;
use super::{Ledger, LedgerError};

/// Refunds that are looked through in one statement.
const SCAN: i64 = 5_000;

/// Which refunds are meant.
#[derive(Clone, Copy, Debug, Default)]
pub struct RefundFilter<'a> {
    pub state: Option<&'a str>,
    pub merchant: Option<&'a str>,
    /// Not only those that are open.
    pub with_ended: bool,
}

impl Ledger {
    /// So many, newest first.
    pub async fn list_refunds(&self, of: RefundFilter<'_>, limit: i64) -> Result<Vec<RefundStatus>, LedgerError> {
        let RefundFilter { state, merchant, with_ended } = of;
        if !with_ended {
            let open = include_str!("sql/list_open_refunds.sql");
            return self.ask(|db| Ok(db.all(open, params! { state, merchant, limit }, |row| row.try_into())?)).await;
        }
        let (mut found, mut after) = (Vec::new(), i64::MAX);
        loop {
            let left = limit.saturating_sub(i64::try_from(found.len()).unwrap_or(i64::MAX));
            let (rows, scanned, last) = self.ask(|db| part(db, of, after, left)).await?;
            found.extend(rows);
            let is_full = i64::try_from(found.len()).is_ok_and(|found| found >= limit);
            if is_full || scanned < SCAN {
                return Ok(found);
            }
            after = last;
        }
    }
}

/// Those among the next ones behind a refund, how many were looked through, and the last of these.
fn part(db: &Db, of: RefundFilter<'_>, after: i64, limit: i64) -> Result<(Vec<RefundStatus>, i64, i64), LedgerError> {
    let page = params! { state: of.state, merchant: of.merchant, after, scan: SCAN, limit };
    let rows = db.all(include_str!("sql/list_refunds_scanned.sql"), page, |row| row.try_into())?;
    let scanned = params! { after, scan: SCAN };
    let (count, last) =
        db.maybe(include_str!("sql/page_refunds_scanned.sql"), scanned, |row| row.try_into())?.unwrap_or((0, 0));
    Ok((rows, count, last))
}
