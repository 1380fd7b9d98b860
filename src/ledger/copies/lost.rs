//! What a ledger has done that a copy of it does not know of.

use serde::Serialize;

use super::error::CopyError;
use super::made::Content;
use crate::ledger::db::{self, Db, from_columns, params};
use crate::ledger::sqlite::mark;
use crate::ledger::times::from_ms;
use crate::ledger::views::{OrderEvent, RefundStatus};

/// Everything after the newest event that both have.
#[derive(Clone, Debug, Serialize)]
pub struct Lost {
    /// The time of its newest event.
    pub until: String,
    pub refunds: Vec<RefundStatus>,
    pub attempts: Vec<LostAttempt>,
    /// Verdicts and pauses of people.
    pub answers: Vec<OrderEvent>,
    /// What shops wrote beside the refunds.
    pub wishes: Vec<OrderEvent>,
}

#[derive(Clone, Debug, Serialize)]
pub struct LostAttempt {
    pub id: i64,
    pub merchant_id: String,
    pub merchant_trade_no: String,
    pub refund_id: Option<i64>,
    pub action: String,
    pub amount: i64,
    pub state: String,
    pub started_at: String,
    pub finished_at: Option<String>,
}

from_columns!(
    LostAttempt:
    id, merchant_id, merchant_trade_no, refund_id, action, amount, state, started_at, finished_at
);

/// What became of the history of the ledger that was replaced.
#[derive(Clone, Debug)]
pub enum History {
    /// There was no ledger, or one without any event.
    None,
    /// The copy holds all of it.
    Kept,
    /// The copy is an older one of the same ledger.
    Lost(Box<Lost>),
    /// It is no copy of the ledger that was there, of which this is everything.
    OfAnother(Box<Lost>),
    /// It could not be read, for this reason.
    Unknown(String),
}

impl History {
    /// Of the ledger `old`, of which `copy` takes the place.
    pub(super) fn of(old: &Db, copy: &Db) -> Result<Self, CopyError> {
        let holds = "SELECT count(*) FROM sqlite_master WHERE name IN ('events', 'daemon', 'refund_status')";
        let tables: i64 = old.one(holds, &[], |row| row.at::<i64>(0))?;
        if tables < 3 {
            return Ok(Self::None);
        }
        let (was, is) = (Content::of(old)?, Content::of(copy)?);
        let newest = was.newest;
        if newest.id == 0 {
            return Ok(Self::None);
        }
        let same = was.identity == is.identity;
        let common = if same { common(old, copy, newest.id.min(is.newest.id))? } else { 0 };
        if common == newest.id {
            return Ok(Self::Kept);
        }
        let lost = Box::new(Lost::after(old, common, newest)?);
        Ok(if same { Self::Lost(lost) } else { Self::OfAnother(lost) })
    }
}

impl Lost {
    fn after(old: &Db, after: i64, newest: mark::Known) -> Result<Self, db::Error> {
        let after = params! { after };
        Ok(Self {
            until: crate::domain::calendar::show(from_ms(newest.at)),
            refunds: old.all(include_str!("../sql/lost_refunds.sql"), after, |row| row.try_into())?,
            attempts: old.all(include_str!("../sql/lost_attempts.sql"), after, |row| row.try_into())?,
            answers: old.all(include_str!("../sql/lost_answers.sql"), after, |row| row.try_into())?,
            wishes: old.all(include_str!("../sql/lost_wishes.sql"), after, |row| row.try_into())?,
        })
    }
}

/// The newest event that both have, at most `top`. They went one way up to it, and then each its own.
fn common(one: &Db, other: &Db, top: i64) -> Result<i64, db::Error> {
    let same = |id: i64| -> Result<bool, db::Error> {
        let found = mark::known(one, id)?;
        Ok(found.is_some() && found == mark::known(other, id)?)
    };
    let (mut known, mut differs) = (0, top + 1);
    let mut asked = top;
    while differs - known > 1 {
        if same(asked)? {
            known = asked
        } else {
            differs = asked
        }
        asked = known + (differs - known) / 2;
    }
    Ok(known)
}
