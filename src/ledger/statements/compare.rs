//! The orders of some days against the rows of all statements, a page of order numbers at a time.
//!
//! Which numbers are compared is found first; a page of them is then one question about orders and one about rows,
//! each by an index in the order of the numbers.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;

use crate::domain::calendar;
use crate::domain::ids::MerchantId;
use crate::domain::order::OrderState;
use crate::domain::reconcile::{
    Booked, Class, Compared, Counts, Coverage, Listed, Moved, Number, Payout, Payouts, Span, compare,
};
use crate::domain::statement::StatementKind;
use crate::ledger::db::{self, Db, Row, params};
use crate::ledger::times::from_ms;
use crate::ledger::{Ledger, LedgerError};

/// So many orders of a class are held; where there are more, the counts tell it.
const KEPT: u64 = 100_000;

/// Order numbers to a page.
const PAGE: usize = 500;

/// The days that are compared: those of the captures and refunds in the ledger, and of the rows' settlement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Range {
    pub merchant_id: MerchantId,
    pub from: NaiveDate,
    pub to: NaiveDate,
}

/// What differs, and how much agrees.
#[derive(Clone, Debug, Default)]
pub struct Differences {
    pub counts: Counts,
    /// Those that do not agree, in the order of their numbers: of each class the first 100,000.
    pub orders: Vec<Compared>,
    pub payouts: Vec<Payout>,
    /// The names of the statements that they point at.
    pub files: BTreeMap<i64, String>,
}

impl Differences {
    /// Nothing that somebody has to look at.
    pub fn is_nothing(&self) -> bool {
        self.counts.differences() == 0 && self.payouts.iter().all(Payout::agrees)
    }

    pub fn of_class(&self, class: Class) -> impl Iterator<Item = &Compared> {
        self.orders.iter().filter(move |order| order.class == class)
    }

    /// The name of the file that has the order.
    pub fn file(&self, order: &Compared) -> Option<&str> {
        self.files.get(&order.statement?).map(String::as_str)
    }
}

impl Ledger {
    /// What differs between the ledger and all statements of the merchant that were read.
    pub async fn differences(&self, range: &Range) -> Result<Differences, LedgerError> {
        let (mut found, mut held) = (Differences::default(), Counts::default());
        let counts = self.each_compared(range, |order| {
            held.add(order.class);
            if order.class != Class::Agrees && held.of(order.class) <= KEPT {
                found.orders.push(order);
            }
        });
        found.counts = counts.await?;
        found.payouts = self.payouts(range).await?;
        let named = |id: &i64| found.orders.iter().any(|order| order.statement == Some(*id));
        let files = self.statement_files(range).await?;
        found.files = files.into_iter().filter(|(id, _)| named(id)).collect();
        Ok(found)
    }

    /// Hands on each order of the range, as it is compared. Nothing is held but a page.
    pub async fn each_compared(&self, range: &Range, tell: impl FnMut(Compared)) -> Result<Counts, LedgerError> {
        let numbers = self.ask(|db| numbers(db, range)).await?;
        self.compare_numbers(&range.merchant_id, numbers, tell).await
    }

    /// Of these numbers, in their order.
    pub(super) async fn compare_numbers(
        &self,
        merchant_id: &MerchantId,
        numbers: Vec<String>,
        mut tell: impl FnMut(Compared),
    ) -> Result<Counts, LedgerError> {
        let merchant = merchant_id.as_str();
        let coverage = self.ask(|db| coverage(db, merchant)).await?;
        let mut counts = Counts::default();
        for page in numbers.chunks(PAGE) {
            for number in self.ask(|db| read_page(db, merchant, page)).await? {
                for order in compare(&number, &coverage) {
                    counts.add(order.class);
                    tell(order);
                }
            }
            // Others may want to ask.
            tokio::task::yield_now().await;
        }
        Ok(counts)
    }

    async fn payouts(&self, range: &Range) -> Result<Vec<Payout>, LedgerError> {
        let merchant = range.merchant_id.as_str();
        let coverage = self.ask(|db| coverage(db, merchant)).await?;
        self.ask(|db| payouts(db, range, &coverage)).await
    }

    async fn statement_files(&self, range: &Range) -> Result<Vec<(i64, String)>, LedgerError> {
        let select = "SELECT id, name FROM statements WHERE merchant_id = :merchant";
        self.ask(|db| {
            let of = params! { merchant: range.merchant_id.as_str() };
            Ok(db.all(select, of, |row| row.try_into())?)
        })
        .await
    }
}

pub(in crate::ledger) fn coverage(db: &Db, merchant: &str) -> Result<Coverage, LedgerError> {
    let select =
        "SELECT id, kind, from_day, to_day, read_at FROM statements WHERE merchant_id = :merchant AND is_whole = 1";
    let spans = db.all(select, params! { merchant }, |row| {
        Ok(Span {
            statement: row.at(0)?,
            kind: kind(row.at(1)?)?,
            from: day(row.at(2)?)?,
            to: day(row.at(3)?)?,
            read_at: from_ms(row.at(4)?),
        })
    })?;
    Ok(Coverage::of(spans))
}

fn numbers(db: &Db, range: &Range) -> Result<Vec<String>, LedgerError> {
    let Range { merchant_id, from, to } = range;
    let of = params! { merchant: merchant_id.as_str(), from: from.to_string(), to: to.to_string() };
    Ok(db.all(include_str!("../sql/compare_numbers.sql"), of, |row| row.at(0))?)
}

/// The numbers of a page, in their order.
pub(in crate::ledger) fn read_page(db: &Db, merchant: &str, page: &[String]) -> Result<Vec<Number>, LedgerError> {
    let (Some(first), Some(last)) = (page.first(), page.last()) else { return Ok(Vec::new()) };
    let mut numbers: Vec<Number> =
        page.iter().map(|number| Number { merchant_trade_no: number.clone(), ..Number::default() }).collect();
    let places: HashMap<&str, usize> =
        page.iter().enumerate().map(|(place, number)| (number.as_str(), place)).collect();
    let of = params! { merchant, first, last };
    db.all(include_str!("../sql/compare_orders.sql"), of, |row| {
        if let Some(place) = places.get(row.at::<String>(0)?.as_str()) {
            add_movement(&mut numbers[*place].orders, row)?;
        }
        Ok(())
    })?;
    db.all(include_str!("../sql/compare_rows.sql"), of, |row| {
        if let Some(place) = places.get(row.at::<String>(0)?.as_str()) {
            numbers[*place].rows.push(listed(row)?);
        }
        Ok(())
    })?;
    Ok(numbers)
}

/// A row for each movement of an order, or one for an order that has none.
fn add_movement(orders: &mut Vec<Booked>, row: &Row<'_>) -> Result<(), db::Error> {
    let order_id: i64 = row.get("order_id")?;
    if orders.last().is_none_or(|order| order.order_id != order_id) {
        let state: String = row.get("state")?;
        orders.push(Booked {
            order_id,
            trade_no: row.get("trade_no")?,
            state: OrderState::parse(&state).ok_or_else(|| bad("state", state))?,
            amount: row.get("amount")?,
            authorized_on: row.get::<Option<i64>>("authorized_at")?.map(|at| calendar::taipei_date(from_ms(at))),
            movements: Vec::new(),
        });
    }
    let Some(moved_on) = row.get::<Option<String>>("day")? else { return Ok(()) };
    let (kind, amount): (String, i64) = (row.get("kind")?, row.get("moved")?);
    let (captured, refunded) = match kind.as_str() {
        "captured" => (amount, 0),
        "called_back" => (-amount, 0),
        _ => (0, amount),
    };
    let moved = Moved { day: day(moved_on)?, captured, refunded, fee_milli: row.get("fee_milli")? };
    if let Some(order) = orders.last_mut() {
        order.movements.push(moved);
    }
    Ok(())
}

fn listed(row: &Row<'_>) -> Result<Listed, db::Error> {
    let trade_no: String = row.get("trade_no")?;
    let maybe_day = |column| row.get::<Option<String>>(column)?.map(day).transpose();
    Ok(Listed {
        kind: kind(row.get("kind")?)?,
        statement: row.get("statement_id")?,
        line: row.get("line")?,
        trade_no: Some(trade_no).filter(|number| !number.is_empty()),
        traded_on: day(row.get("traded_on")?)?,
        settled_on: maybe_day("settled_on")?,
        paid_on: maybe_day("paid_on")?,
        gross: row.get("gross")?,
        fee_milli: row.get("fee_milli")?,
    })
}

fn payouts(db: &Db, range: &Range, coverage: &Coverage) -> Result<Vec<Payout>, LedgerError> {
    let Range { merchant_id, from, to } = range;
    let of = params! { merchant: merchant_id.as_str(), from: from.to_string(), to: to.to_string() };
    let mut payouts = Payouts::default();
    db.all(include_str!("../sql/payout_rows.sql"), of, |row| {
        let (kind, row_day, statement) = (kind(row.at(0)?)?, day(row.at(2)?)?, row.at(3)?);
        if !coverage.is_superseded(kind, row_day, statement) {
            payouts.add(day(row.at(1)?)?, kind, row.at(4)?, row.at(5)?, row.at(6)?);
        }
        Ok(())
    })?;
    Ok(payouts.end())
}

fn kind(word: String) -> Result<StatementKind, db::Error> {
    StatementKind::parse(&word).ok_or_else(|| bad("kind", word))
}

fn day(text: String) -> Result<NaiveDate, db::Error> {
    text.parse().map_err(|_| bad("day", text))
}

fn bad(column: &str, word: String) -> db::Error {
    db::Error::Column { column: column.to_owned(), why: format!("'{word}' is none of its words") }
}
