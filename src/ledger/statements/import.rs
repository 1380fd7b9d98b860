//! One file in one transaction: all of it, or nothing.

use chrono::{DateTime, NaiveDate, Utc};

use super::file::{RowSource, StatementFile};
use super::place;
use super::whose;
use crate::domain::calendar;
use crate::domain::ids::MerchantId;
use crate::ledger::db::{Db, params};
use crate::ledger::times::{from_ms, ms};
use crate::ledger::{Ledger, LedgerError, Write};

/// Reads a statement into the ledger; one that was read before changes nothing.
pub struct ReadStatement {
    pub file: StatementFile,
    pub rows: RowSource,
    pub now: DateTime<Utc>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatementRead {
    pub id: i64,
    pub merchant_id: MerchantId,
    pub from: NaiveDate,
    pub to: NaiveDate,
    /// None: these are all of it now. Else it was read then, and nothing is new.
    pub read_before: Option<DateTime<Utc>>,
    pub rows: u64,
}

impl Ledger {
    pub async fn read_statement(&self, statement: ReadStatement) -> Result<StatementRead, LedgerError> {
        self.write(statement).await
    }
}

impl Write for ReadStatement {
    type Out = StatementRead;

    fn apply(&self, tx: &Db) -> Result<StatementRead, LedgerError> {
        if let Some(before) = self.read_before(tx)? {
            return Ok(before);
        }
        let merchant = whose::merchant(tx, &self.file, &self.rows)?;
        let id = self.begin(tx, &merchant)?;
        let mut days: Option<(NaiveDate, NaiveDate)> = None;
        let mut count: i64 = 0;
        for row in (self.rows)() {
            let row = row.map_err(LedgerError::Statement)?;
            place::keep(tx, &place::Of { statement: id, kind: self.file.kind, merchant: merchant.as_str() }, &row)?;
            days = Some(days.map_or((row.day(), row.day()), |(from, to)| (from.min(row.day()), to.max(row.day()))));
            count += 1;
        }
        let (from, to) = self.span(days)?;
        // An empty file that nobody has asked for tells nothing of any day.
        let is_whole = self.file.is_whole && (days.is_some() || self.file.days.is_some());
        let update = "UPDATE statements SET from_day = :from, to_day = :to, row_count = :count, is_whole = :is_whole WHERE id = :id";
        tx.run(update, params! { from: from.to_string(), to: to.to_string(), count, is_whole, id })?;
        tx.run(include_str!("../sql/wake_for_statement.sql"), params! { merchant: merchant.as_str() })?;
        let rows = u64::try_from(count).unwrap_or_default();
        Ok(StatementRead { id, merchant_id: merchant, from, to, read_before: None, rows })
    }
}

impl ReadStatement {
    fn read_before(&self, tx: &Db) -> Result<Option<StatementRead>, LedgerError> {
        let select =
            "SELECT id, merchant_id, from_day, to_day, read_at, row_count FROM statements WHERE sha256 = :sha256";
        let row = tx.maybe(select, params! { sha256: self.file.sha256 }, |row| {
            let text = |place| row.at::<String>(place);
            Ok((row.at::<i64>(0)?, text(1)?, text(2)?, text(3)?, row.at::<i64>(4)?, row.at::<i64>(5)?))
        })?;
        let Some((id, merchant, from, to, read_at, rows)) = row else { return Ok(None) };
        let bad = |why: String| LedgerError::BadRow { table: "statements", id, why };
        let day = |text: String| text.parse::<NaiveDate>().map_err(|error| bad(error.to_string()));
        Ok(Some(StatementRead {
            id,
            merchant_id: MerchantId::parse(&merchant).map_err(|error| bad(error.to_string()))?,
            from: day(from)?,
            to: day(to)?,
            read_before: Some(from_ms(read_at)),
            rows: u64::try_from(rows).unwrap_or_default(),
        }))
    }

    fn begin(&self, tx: &Db, merchant: &MerchantId) -> Result<i64, LedgerError> {
        let file = &self.file;
        let what = params! {
            sha256: file.sha256,
            name: file.name,
            kind: file.kind.word(),
            merchant: merchant.as_str(),
            now: ms(self.now),
        };
        Ok(tx.one(include_str!("../sql/add_statement.sql"), what, |row| row.at(0))?)
    }

    /// The days that the statement is about.
    fn span(&self, rows: Option<(NaiveDate, NaiveDate)>) -> Result<(NaiveDate, NaiveDate), LedgerError> {
        let today = calendar::taipei_date(self.now);
        let Some((from, to)) = self.file.days else { return Ok(rows.unwrap_or((today, today))) };
        match rows {
            Some((first, last)) if last < from || first > to => {
                let why =
                    format!("its rows are of {first} to {last}, and none is of the days asked for, {from} to {to}");
                Err(LedgerError::Statement(why))
            }
            _ => Ok((from, to)),
        }
    }
}
