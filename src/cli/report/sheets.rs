//! From the books to the sheets, line by line.

use chrono::NaiveDate;

use super::lines;
use super::request::{Request, Sheets};
use crate::cli::Failure;
use crate::domain::calendar::taipei_date;
use crate::domain::report::days::{self, DayLine, RefundsAsked};
use crate::domain::report::sheet::Sheet;
use crate::ledger::LedgerError;
use crate::ledger::books::{Books, Range};

pub(super) fn write(books: &Books, request: &Request, to: &mut dyn Sheets) -> Result<(), Failure> {
    for sheet in Sheet::ALL {
        to.begin(*sheet, &sheet.columns(request.roc))?;
        rows(books, request, *sheet, to)?;
        to.end()?;
    }
    Ok(())
}

fn rows(books: &Books, request: &Request, sheet: Sheet, to: &mut dyn Sheets) -> Result<(), Failure> {
    let range = &request.range;
    match sheet {
        Sheet::Movements => books.movements(range, |moved| to.row(&lines::moved(request, moved))),
        Sheet::Days => {
            for merchant in merchants(books, range)? {
                for line in of_merchant(books, range, &merchant, taipei_date(request.now))? {
                    to.row(&lines::day(request, &merchant, &line))?;
                }
            }
            Ok(())
        }
        Sheet::Open => {
            books.open_orders(range, |order| to.row(&lines::open_order(request, order)))?;
            books.open_refunds(range, |refund| to.row(&lines::open_refund(request, refund)))
        }
        Sheet::Allowances => books.given_back(range, |back| to.row(&lines::given_back(request, back))),
        Sheet::Differences => request.differences.iter().try_for_each(|(merchant, found)| {
            let orders = found.orders.iter().filter(|order| order.class.is_difference());
            let mut orders = orders.map(|order| lines::difference(request, merchant, order, found.file(order)));
            orders.try_for_each(|line| to.row(&line))?;
            let payouts = found.payouts.iter().filter(|payout| !payout.agrees());
            let mut payouts = payouts.map(|payout| lines::payout(request, merchant, payout));
            payouts.try_for_each(|line| to.row(&line))
        }),
        Sheet::Vouchers => books.vouchers(range, |vouchers| to.row(&lines::vouchers(request, vouchers))),
    }
}

pub(super) fn merchants(books: &Books, range: &Range) -> Result<Vec<String>, LedgerError> {
    match &range.merchant {
        Some(merchant) => Ok(vec![merchant.clone()]),
        None => books.merchants(),
    }
}

/// From the first day with anything to tell to the last; days that are not over yet are told as they stand.
pub(super) fn of_merchant(
    books: &Books,
    range: &Range,
    merchant: &str,
    today: NaiveDate,
) -> Result<Vec<DayLine>, LedgerError> {
    let asked: Vec<RefundsAsked> =
        books.refunds_asked(range)?.into_iter().filter(|(of, _)| of == merchant).map(|(_, asked)| asked).collect();
    let begins = [books.first_day(merchant)?, asked.iter().map(|asked| asked.on).min()].into_iter().flatten().min();
    let Some(begins) = begins else { return Ok(Vec::new()) };
    let moved = books.day_sums(merchant, range.from, range.to)?;
    // By the gateway's clock it may be tomorrow.
    let last = moved.last().map_or(today, |moved| moved.day.max(today)).min(range.to);
    Ok(days::lines(books.opening(merchant, range.from)?, (begins.max(range.from), last), &moved, &asked))
}
