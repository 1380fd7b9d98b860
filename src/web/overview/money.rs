//! Whether the money is right: from what was authorized a month ago to the figure of the wall, then what was captured,
//! then what ECPay's statements hold of it. Each as far as it is looked at.

mod tables;
mod verdict;

use self::tables::Table;
use self::verdict::Verdict;
use super::month::Month;
use crate::ledger::LedgerError;
use crate::web::ask::Ask;
use crate::web::frame::Frame;
use crate::web::wall::Wall;

pub(super) struct Money {
    pub mark: &'static str,
    pub verdict: String,
    pub sentence: String,
    pub authorized: Table,
    pub captured: Table,
    /// None: none is read of these days.
    pub statement: Option<Table>,
}

pub(super) fn money(ask: &Ask<'_>, f: &Frame, wall: &Wall, month: &Month) -> Result<Money, LedgerError> {
    let w = ask.w();
    let verdict = verdict::verdict(ask, f, wall, month)?;
    let (mark, name) = match &verdict {
        Verdict::Unbalanced(_) => ("crit", w.not_balanced.to_owned()),
        Verdict::Differs(differences, _) => ("warn", (w.n_differences)(*differences)),
        Verdict::NotCompared(_) => ("wait", w.not_compared.to_owned()),
        Verdict::Right(_) => ("ok", w.money_right.to_owned()),
    };
    let merchants: Vec<&str> = f.merchants.iter().map(|m| m.merchant_id.as_str()).collect();
    let settled = ask.reader.settled(&merchants, (month.first, month.last))?;
    Ok(Money {
        mark,
        verdict: name,
        sentence: verdict.sentence(),
        authorized: tables::authorized(w, wall, month),
        captured: tables::captured(w, month),
        statement: settled.days.map(|days| tables::statement(w, &settled, days)),
    })
}
