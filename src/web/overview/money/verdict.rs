//! What can be said of the money. Never that it is right where something was not looked at.

use chrono::{Duration, NaiveDate};

use super::super::month::Month;
use crate::domain::calendar::taipei_date;
use crate::ledger::LedgerError;
use crate::web::ask::Ask;
use crate::web::form::money;
use crate::web::frame::Frame;
use crate::web::tasks::Task;
use crate::web::wall::{COUNTED, Wall};

/// Kinds of alerts that say that the ledger and ECPay differ.
const DIFFERENCES: [&str; 6] =
    ["amount_mismatch", "external_change", "refund_undone", "statement_differs", "unregistered", "voucher_mismatch"];

/// Over holidays ECPay makes no statement.
const OLD: Duration = Duration::days(10);

pub(super) enum Verdict {
    Unbalanced(String),
    Differs(usize, String),
    NotCompared(String),
    Right(String),
}

impl Verdict {
    pub fn sentence(self) -> String {
        match self {
            Self::Unbalanced(text) | Self::Differs(_, text) | Self::NotCompared(text) | Self::Right(text) => text,
        }
    }
}

pub(super) fn verdict(ask: &Ask<'_>, f: &Frame, wall: &Wall, month: &Month) -> Result<Verdict, LedgerError> {
    let w = ask.w();
    let is_whole = wall.orders < COUNTED;
    let closing = month.closing();
    if is_whole && closing != wall.amount {
        let names = ask.reader.unbalanced(COUNTED)?;
        let names = if names.is_empty() { "–".to_owned() } else { names.join(w.comma) };
        return Ok(Verdict::Unbalanced((w.books_differ)(&money(wall.amount), &money(closing), &names)));
    }
    let adds_up = if is_whole { w.adds_up } else { w.too_many_to_add };
    let with = |more: &str| format!("{adds_up}{}{more}", w.gap);
    let differs = |t: &&Task| DIFFERENCES.iter().any(|kind| t.kinds.split(", ").any(|k| k == *kind));
    let differences = f.tasks.iter().filter(differs).count();
    let statements = statements(ask, f)?;
    Ok(match statements {
        _ if differences > 0 => Verdict::Differs(differences, with(w.reconcile_names)),
        Statements::Lack(why) => Verdict::NotCompared(with(&why)),
        Statements::ReadTo(to) if is_whole => Verdict::Right(with(&(w.statements_agree)(&to))),
        Statements::ReadTo(to) => Verdict::NotCompared(with(&(w.statements_to)(&to))),
    })
}

enum Statements {
    /// Of all merchants that have captured anything, lately.
    ReadTo(String),
    Lack(String),
}

fn statements(ask: &Ask<'_>, f: &Frame) -> Result<Statements, LedgerError> {
    let (w, oldest) = (ask.w(), taipei_date(ask.now) - OLD);
    let mut read_to: Option<String> = None;
    for merchant in f.merchants.iter().filter(|m| m.configured) {
        let id = &merchant.merchant_id;
        if !ask.reader.has_captured(id)? {
            continue;
        }
        let Some(to) = ask.reader.statements_read(id)?.read_to else {
            return Ok(Statements::Lack((w.statement_missing)(id)));
        };
        if to.parse::<NaiveDate>().is_ok_and(|day| day < oldest) {
            return Ok(Statements::Lack((w.statement_old)(id, &to)));
        }
        read_to = Some(read_to.map_or_else(|| to.clone(), |known| known.min(to.clone())));
    }
    Ok(read_to.map_or_else(|| Statements::Lack(w.nothing_captured.to_owned()), Statements::ReadTo))
}
