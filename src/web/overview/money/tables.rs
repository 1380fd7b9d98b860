//! The sums, each line as it is added or taken away.

use chrono::NaiveDate;

use super::super::month::Month;
use crate::ledger::pages::Settled;
use crate::web::form::money;
use crate::web::wall::Wall;
use crate::web::words::Words;

pub struct Table {
    pub title: &'static str,
    pub days: Option<String>,
    pub counted: &'static str,
    pub rows: Vec<Row>,
}

pub struct Row {
    pub name: String,
    pub count: String,
    pub amount: String,
    /// Of what is above it.
    pub is_sum: bool,
}

fn row(name: &str, count: impl ToString, amount: String) -> Row {
    Row { name: name.to_owned(), count: count.to_string(), amount, is_sum: false }
}

fn sum(name: &str, count: String, amount: String) -> Row {
    Row { is_sum: true, ..row(name, count, amount) }
}

/// A sum below 0 changes the sign.
fn signed(sign: char, amount: i64) -> String {
    let sign = match (sign, amount < 0) {
        ('+', true) => '−',
        (_, true) => '+',
        (sign, false) => sign,
    };
    format!("{sign} {}", money(amount.saturating_abs()))
}

pub(super) fn authorized(w: &Words, wall: &Wall, month: &Month) -> Table {
    let (counts, sums) = (&month.counts, &month.sums);
    let lines = [
        (w.authorized_since, '+', counts.authorized, sums.authorized, true),
        (w.captured, '−', counts.captured, sums.captured, true),
        (w.called_back, '+', counts.called_back, sums.called_back, false),
        (w.voided, '−', counts.voided, sums.voided, false),
        (w.expired_at_90, '−', counts.expired, sums.expired, false),
    ];
    let moved = lines.into_iter().filter(|(.., count, _, always)| *always || *count > 0);
    let mut rows = vec![row(&(w.on_morning)(&month.first.to_string()), "", money(month.opening))];
    rows.extend(moved.map(|(name, sign, count, amount, _)| row(name, money(count), signed(sign, amount))));
    rows.push(sum(w.authorized_now, money(wall.orders), format!("= {}", money(month.closing()))));
    Table { title: w.authorized_money, days: None, counted: w.count, rows }
}

pub(super) fn captured(w: &Words, month: &Month) -> Table {
    let (counts, sums) = (&month.counts, &month.sums);
    let mut rows = vec![row(w.captured, money(counts.captured), money(sums.captured))];
    if counts.called_back > 0 {
        rows.push(row(w.called_back, money(counts.called_back), signed('−', sums.called_back)));
    }
    rows.push(row(w.refunded, money(counts.refunded), signed('−', sums.refunded)));
    rows.push(sum(w.is_net, String::new(), money(sums.net())));
    Table { title: w.captured_money, days: None, counted: w.count, rows }
}

pub(super) fn statement(w: &Words, settled: &Settled, (from, to): (NaiveDate, NaiveDate)) -> Table {
    let rows = vec![
        row(w.captured, money(settled.captured_rows), money(settled.captured)),
        row(w.refunded, money(settled.refunded_rows), signed('−', settled.refunded)),
        row(w.fees, "", signed('−', settled.fees)),
        sum(w.paid_or_due, String::new(), money(settled.due())),
    ];
    Table { title: w.ecpays_statement, days: Some(format!("{from} – {to}")), counted: w.rows, rows }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_was_undone_more_often_than_done_changes_its_sign() {
        assert_eq!(signed('+', 1200), "+ 1,200");
        assert_eq!(signed('+', -1200), "− 1,200");
        assert_eq!(signed('−', -300), "+ 300");
        assert_eq!(signed('−', 0), "− 0");
    }
}
