//! What ECPay's statements hold of some days. All of their rows are read, so it is added up once for each statement
//! that is read, not for each page.

use chrono::NaiveDate;

use super::PageReader;
use super::added_up::{Asked, Settled};
use crate::domain::reconcile::{Coverage, Payouts};
use crate::domain::statement::StatementKind;
use crate::ledger::LedgerError;
use crate::ledger::db::{self, Row, params};
use crate::ledger::statements::coverage;

/// A row of a statement, as far as sums go.
struct Listed {
    statement: i64,
    settled_on: NaiveDate,
    paid_on: Option<NaiveDate>,
    gross: i64,
    fee_milli: i64,
    net_milli: Option<i64>,
}

impl PageReader {
    /// Of these days, as far as statements that list captures and refunds are about them.
    pub fn settled(&self, merchants: &[&str], days: (NaiveDate, NaiveDate)) -> Result<Settled, LedgerError> {
        let newest = "SELECT coalesce(max(id), 0) FROM statements";
        let newest_statement = self.0.one(newest, &[], |row| row.at(0))?;
        let merchants = merchants.iter().map(|id| (*id).to_owned()).collect();
        let asked = Asked { newest_statement, merchants, days };
        if let Some(known) = self.1.of(&asked) {
            return Ok(known);
        }
        let mut sum = Settled::default();
        for merchant in &asked.merchants {
            self.add_merchant(merchant, days, &mut sum)?;
        }
        self.1.keep(asked, sum);
        Ok(sum)
    }

    fn add_merchant(
        &self,
        merchant: &str,
        (from, to): (NaiveDate, NaiveDate),
        sum: &mut Settled,
    ) -> Result<(), LedgerError> {
        let Some(kind) = self.settling_kind(merchant)? else { return Ok(()) };
        let what = params! { merchant, kind: kind.word(), from: from.to_string(), to: to.to_string() };
        let span = "SELECT min(from_day), max(to_day) FROM statements
                     WHERE merchant_id = :merchant AND kind = :kind AND to_day >= :from AND from_day <= :to";
        let (first, last): (Option<String>, Option<String>) = self.0.one(span, what, |row| row.try_into())?;
        let (Some(first), Some(last)) = (first, last) else { return Ok(()) };
        let (first, last) = (day(&first)?.max(from), day(&last)?.min(to));
        sum.days = Some(sum.days.map_or((first, last), |(known, end)| (known.min(first), end.max(last))));
        let coverage = coverage(&self.0, merchant)?;
        let mut payouts = Payouts::default();
        self.0.all(include_str!("../sql/page_settled.sql"), what, |row| {
            add_row(&listed(row)?, kind, &coverage, &mut payouts, sum);
            Ok(())
        })?;
        sum.fees += payouts.end().iter().map(|payout| payout.fee).sum::<i64>();
        Ok(())
    }

    /// The kind of the newest one: the others would count its rows again.
    fn settling_kind(&self, merchant: &str) -> Result<Option<StatementKind>, LedgerError> {
        let select = "SELECT kind FROM statements WHERE merchant_id = :merchant AND kind <> :listing
                       ORDER BY to_day DESC, id DESC LIMIT 1";
        let what = params! { merchant, listing: StatementKind::TradeNoAio.word() };
        let kind: Option<String> = self.0.maybe(select, what, |row| row.at(0))?;
        Ok(kind.and_then(|word| StatementKind::parse(&word)))
    }
}

fn add_row(row: &Listed, kind: StatementKind, coverage: &Coverage, payouts: &mut Payouts, sum: &mut Settled) {
    if coverage.is_superseded(kind, row.settled_on, row.statement) {
        return;
    }
    let side = if row.gross < 0 {
        (&mut sum.refunded_rows, &mut sum.refunded)
    } else {
        (&mut sum.captured_rows, &mut sum.captured)
    };
    *side.0 += 1;
    *side.1 = side.1.saturating_add(row.gross.saturating_abs());
    payouts.add(row.paid_on.unwrap_or(row.settled_on), kind, row.gross, row.fee_milli, row.net_milli);
}

fn listed(row: &Row<'_>) -> Result<Listed, db::Error> {
    let paid_on: Option<String> = row.at(2)?;
    Ok(Listed {
        statement: row.at(0)?,
        settled_on: day(&row.at::<String>(1)?)?,
        paid_on: paid_on.map(|text| day(&text)).transpose()?,
        gross: row.at(3)?,
        fee_milli: row.at(4)?,
        net_milli: row.at(5)?,
    })
}

fn day(text: &str) -> Result<NaiveDate, db::Error> {
    text.parse().map_err(|_| {
        let why = format!("'{text}' is no day");
        db::Error::Column { column: "day".to_owned(), why }
    })
}
