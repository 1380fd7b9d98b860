//! Which rows of the statements are of which order: by ECPay's number, else by the shop's number and the amount.

use std::collections::BTreeMap;

use super::verdict::{Verdict, fee_of};
use super::{Booked, Class, Compared, Coverage, Listed, Number};
use crate::domain::statement::StatementKind;

/// Rows of one payment in one kind of file.
type Group<'a> = Vec<&'a Listed>;

/// What is said of each order with this number, in the ledger or in a statement.
pub fn compare(number: &Number, coverage: &Coverage) -> Vec<Compared> {
    let stands = |row: &&Listed| !coverage.is_superseded(row.kind, row.day(), row.statement);
    let rows: Vec<&Listed> = newest(number.rows.iter().filter(stands).collect());
    let mut verdicts: Vec<Vec<Verdict<'_>>> = number.orders.iter().map(|_| Vec::new()).collect();
    let mut unknown: Vec<Group<'_>> = Vec::new();
    for kind in StatementKind::ALL.iter().copied() {
        let of_kind: Vec<&Listed> = rows.iter().copied().filter(|row| row.kind == kind).collect();
        let (matched, others) = matched(&number.orders, groups(&of_kind, number.orders.len()));
        for ((order, rows), verdicts) in number.orders.iter().zip(matched).zip(&mut verdicts) {
            let class = order.class(kind, &rows, coverage);
            verdicts.extend(class.map(|class| Verdict { class, kind, rows }));
        }
        unknown.extend(others);
    }
    let known = number.orders.iter().zip(verdicts).filter_map(|(order, verdicts)| {
        let verdict = verdicts.into_iter().min_by_key(Verdict::weight)?;
        compared(number, Some(order), verdict)
    });
    let mut all: Vec<Compared> = known.collect();
    for rows in unknown {
        let is_told = |told: &Compared| {
            let trade_no = trade_no(&rows);
            told.order_id.is_none() && (trade_no.is_none() || told.trade_no.is_none() || told.trade_no == trade_no)
        };
        if let Some(first) = rows.first()
            && !all.iter().any(is_told)
        {
            let kind = first.kind;
            all.extend(compared(number, None, Verdict { class: Class::MissingInLedger, kind, rows }));
        }
    }
    all
}

/// What was paid is listed but once in a file: with another amount in a newer one it is that payment, and no second.
fn newest(rows: Vec<&Listed>) -> Vec<&Listed> {
    let same = |a: &Listed, b: &Listed| (a.kind, a.traded_on) == (b.kind, b.traded_on) && a.trade_no == b.trade_no;
    let is_replaced =
        |row: &Listed| rows.iter().any(|other| other.gross > 0 && other.statement > row.statement && same(other, row));
    rows.iter().copied().filter(|row| row.gross <= 0 || !is_replaced(row)).collect()
}

/// By ECPay's number. Where a file has none, all rows are of the one order with the shop's number; of several, which
/// a recurring order makes, those that were traded on one day belong together.
fn groups<'a>(rows: &[&'a Listed], orders: usize) -> Vec<Group<'a>> {
    let mut paid_on = rows.iter().filter(|row| row.gross > 0 && row.trade_no.is_none()).map(|row| row.traded_on);
    let first = paid_on.next();
    let several = orders > 1 || paid_on.any(|day| Some(day) != first);
    let mut groups: BTreeMap<_, Group<'a>> = BTreeMap::new();
    for row in rows {
        let day = (row.trade_no.is_none() && several).then_some(row.traded_on);
        groups.entry((row.trade_no.as_deref(), day)).or_default().push(row);
    }
    groups.into_values().collect()
}

/// Why rows are taken to be of an order: the best reason of any of them comes first.
const REASONS: [fn(&Booked, &Group<'_>) -> bool; 5] = [
    |order, group| trade_no(group).is_some() && order.trade_no == trade_no(group),
    |order, group| may_be(order, group) && is_of_day(order, group) && is_of_amount(order, group),
    |order, group| may_be(order, group) && is_of_day(order, group),
    |order, group| may_be(order, group) && is_of_amount(order, group),
    // The number of the shop alone, though the amount is another.
    may_be,
];

/// The rows of each order, and those that are of none.
fn matched<'a>(orders: &[Booked], mut groups: Vec<Group<'a>>) -> (Vec<Group<'a>>, Vec<Group<'a>>) {
    let mut of_order: Vec<Group<'a>> = orders.iter().map(|_| Vec::new()).collect();
    for (strength, is_of) in REASONS.iter().enumerate() {
        let mut left = Vec::new();
        for group in groups {
            let mut free = (0..orders.len()).filter(|place| of_order[*place].is_empty() || paid(&group) == 0);
            let found = free.find(|place| is_of(&orders[*place], &group));
            match found.filter(|_| strength < REASONS.len() - 1 || orders.len() == 1) {
                Some(order) => of_order[order].extend(group),
                None => left.push(group),
            }
        }
        groups = left;
    }
    (of_order, groups)
}

/// A number of ECPay's that the ledger has not is another's than the orders whose numbers it has.
fn may_be(order: &Booked, group: &Group<'_>) -> bool {
    order.trade_no.is_none() || trade_no(group).is_none()
}

fn is_of_day(order: &Booked, group: &Group<'_>) -> bool {
    group.iter().any(|row| order.authorized_on == Some(row.traded_on))
}

fn is_of_amount(order: &Booked, group: &Group<'_>) -> bool {
    order.amount == Some(paid(group))
}

fn paid(group: &Group<'_>) -> i64 {
    group.iter().map(|row| row.gross.max(0)).sum()
}

fn trade_no(rows: &[&Listed]) -> Option<String> {
    rows.iter().find_map(|row| row.trade_no.clone())
}

fn compared(number: &Number, order: Option<&Booked>, verdict: Verdict<'_>) -> Option<Compared> {
    let Verdict { class, kind, rows } = verdict;
    let captured_on = order.and_then(|order| order.captured_on().or(order.authorized_on));
    Some(Compared {
        class,
        merchant_trade_no: number.merchant_trade_no.clone(),
        trade_no: order.and_then(|order| order.trade_no.clone()).or_else(|| trade_no(&rows)),
        order_id: order.map(|order| order.order_id),
        day: rows.iter().map(|row| row.traded_on).min().or(captured_on)?,
        is_settled: rows.iter().any(|row| row.settled_on.or(row.paid_on).is_some()),
        ledger: order.map(|order| order.captured() - order.refunded()),
        ecpay: (!rows.is_empty()).then(|| rows.iter().map(|row| row.gross).sum()),
        ledger_fee_milli: order.and_then(Booked::fee_milli),
        ecpay_fee_milli: (!rows.is_empty()).then(|| fee_of(&rows)),
        kind: (!rows.is_empty()).then_some(kind),
        statement: rows.first().map(|row| row.statement),
        line: rows.first().map(|row| row.line),
    })
}
