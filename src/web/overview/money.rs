//! Whether the money is right, as far as it is looked at.

use crate::web::ask::{Ask, PageError};
use crate::web::form::{minute, money as amount};
use crate::web::frame::Frame;
use crate::web::wall::Wall;

/// Refunds that are added up one by one.
const ADDED_UP: i64 = 500;

/// Kinds of alerts that say that the ledger and ECPay differ.
const DIFFERENCES: [&str; 6] =
    ["amount_mismatch", "external_change", "refund_undone", "statement_differs", "unregistered", "voucher_mismatch"];

pub(super) struct Money {
    pub mark: &'static str,
    pub answer: String,
    pub differences: usize,
    pub verdict: String,
    pub statement: String,
    pub rows: Vec<Row>,
}

pub(super) struct Row {
    pub name: &'static str,
    pub count: String,
    pub amount: String,
}

/// Never a tick: whether the payouts are right is what a reconciliation says, not a page.
pub(super) fn money(ask: &Ask<'_>, f: &Frame, wall: &Wall) -> Result<Money, PageError> {
    let w = ask.w();
    let differs = |t: &&crate::web::tasks::Task| DIFFERENCES.iter().any(|kind| t.kinds.split(", ").any(|k| k == *kind));
    let differences = f.tasks.iter().filter(differs).count();
    let refunds = ask.reader.open_refunds(ADDED_UP)?;
    let asked: i64 = refunds.iter().filter_map(|r| r.amount).sum();
    let whole = refunds.iter().filter(|r| r.amount.is_none()).count();
    let all_added = i64::try_from(refunds.len()).is_ok_and(|n| n == f.open_refunds);
    let sum = if all_added { (w.and_whole)(&amount(asked), whole) } else { "–".to_owned() };
    let last = ask.reader.last_statement()?;
    let mut answer = (w.money_answer)(&amount(wall.amount), f.open_refunds, differences);
    if last.is_none() {
        answer.push_str(w.nothing_read);
    }
    let statement = last.map_or_else(
        || w.no_statement.to_owned(),
        |last| (w.last_statement)(&last.kind, &last.from_day, &last.to_day, &minute(last.read_at())),
    );
    let row = |name, count, sum| Row { name, count: amount(count), amount: sum };
    Ok(Money {
        mark: if differences > 0 { "warn" } else { "wait" },
        answer,
        differences,
        verdict: (w.money_verdict)(differences),
        statement,
        rows: vec![
            row(w.authorized_now, wall.orders, amount(wall.amount)),
            row(w.of_it_held, wall.held, String::new()),
            row(w.of_it_late, wall.late, String::new()),
            row(w.refunds_open, f.open_refunds, sum),
        ],
    })
}
