//! What a person has stopped: captures or refunds of a merchant, for a time or until they are let go on.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::json;

use super::db::{Db, from_columns, params};
use super::merchants::known;
use super::times::{ms, ms_up};
use super::{Ledger, LedgerError, Write, events};
use crate::domain::event::EventKind;
use crate::domain::ids::MerchantId;
use crate::domain::pause::PauseOf;

/// Stops captures, refunds or both of one merchant, or of all. A pause never shortens another.
#[derive(Clone, Debug)]
pub struct Pause {
    pub merchant_id: Option<MerchantId>,
    /// None: both.
    pub only: Option<PauseOf>,
    pub by: String,
    pub why: String,
    /// None: until somebody ends it.
    pub until: Option<DateTime<Utc>>,
    pub now: DateTime<Utc>,
}

impl Pause {
    /// Of everything, until somebody ends it.
    pub fn all(merchant_id: Option<MerchantId>, by: &str, now: DateTime<Utc>) -> Self {
        Self { merchant_id, only: None, by: by.to_owned(), why: String::new(), until: None, now }
    }
}

impl Write for Pause {
    /// For how many merchants it holds. None: those that do hold last longer.
    type Out = usize;

    fn apply(&self, tx: &Db) -> Result<usize, LedgerError> {
        let merchant = known(tx, self.merchant_id.as_ref())?;
        end_over(tx, self.now)?;
        let mut done = 0;
        for of in each(self.only) {
            let pause = params! {
                merchant, action: of.word(), now: ms(self.now), by: self.by, why: self.why, until: self.until.map(ms_up)
            };
            done = tx.run(include_str!("sql/pause.sql"), pause)?.max(done);
        }
        let this = params! { now: ms(self.now), by: self.by };
        let holds = "SELECT count(DISTINCT merchant_id) FROM pauses WHERE at = :now AND by = :by";
        let holds: i64 = tx.one(holds, this, |row| row.at(0))?;
        // The daemon may have taken it through the door before its command came here.
        if done > 0 || holds == 0 {
            let until = self.until.map(|until| until.to_rfc3339());
            let only = self.only.map(PauseOf::word);
            let detail = json!({ "by": self.by, "what": only, "why": self.why, "until": until });
            events::of_merchant(tx, merchant, self.now, EventKind::Paused, detail)?;
        }
        Ok(usize::try_from(holds).unwrap_or_default())
    }
}

/// Lets them go on; what waited for it is due at once.
pub struct Resume {
    pub merchant_id: Option<MerchantId>,
    pub only: Option<PauseOf>,
    pub by: String,
    pub now: DateTime<Utc>,
}

impl Write for Resume {
    /// How many merchants were paused.
    type Out = usize;

    fn apply(&self, tx: &Db) -> Result<usize, LedgerError> {
        let merchant = known(tx, self.merchant_id.as_ref())?;
        let mut done = 0;
        for of in each(self.only) {
            let pause = params! { merchant, action: of.word() };
            done = tx.run(include_str!("sql/resume.sql"), pause)?.max(done);
            tx.run(include_str!("sql/due_on_resume.sql"), pause)?;
        }
        let detail = json!({ "by": self.by, "what": self.only.map(PauseOf::word) });
        events::of_merchant(tx, merchant, self.now, EventKind::Resumed, detail)?;
        Ok(done)
    }
}

fn each(only: Option<PauseOf>) -> Vec<PauseOf> {
    only.map_or_else(|| PauseOf::ALL.to_vec(), |of| vec![of])
}

/// Pauses whose time is over end; what waited for it is due at once. Returns how many.
pub(super) fn end_over(tx: &Db, now: DateTime<Utc>) -> Result<usize, LedgerError> {
    let over = "SELECT merchant_id, action FROM pauses WHERE until <= :now";
    let over: Vec<(String, String)> = tx.all(over, params! { now: ms(now) }, |row| row.try_into())?;
    for (merchant, action) in &over {
        let pause = params! { merchant: merchant.as_str(), action: action.as_str() };
        tx.run(include_str!("sql/resume.sql"), pause)?;
        tx.run(include_str!("sql/due_on_resume.sql"), pause)?;
        let detail = json!({ "what": action });
        events::of_merchant(tx, Some(merchant), now, EventKind::Resumed, detail)?;
    }
    Ok(over.len())
}

/// A pause, as it is shown: times in Asia/Taipei.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PauseRow {
    pub merchant_id: String,
    /// `capture` or `refund`.
    pub action: String,
    pub at: String,
    pub by: String,
    pub why: String,
    /// Null: until somebody ends it.
    pub until: Option<String>,
}

from_columns!(PauseRow: merchant_id, action, at, by, why, until);

impl PauseRow {
    fn is_alike(&self, other: &Self) -> bool {
        let what =
            |row: &Self| (row.merchant_id.clone(), row.at.clone(), row.by.clone(), row.why.clone(), row.until.clone());
        what(self) == what(other)
    }
}

/// One pause of both kinds is told once. None: of captures and refunds.
pub fn together(rows: &[PauseRow]) -> Vec<(&PauseRow, Option<PauseOf>)> {
    let mut told: Vec<(&PauseRow, Option<PauseOf>)> = Vec::new();
    for row in rows {
        match told.last_mut() {
            Some((last, of)) if last.is_alike(row) => *of = None,
            _ => told.push((row, PauseOf::parse(&row.action))),
        }
    }
    told
}

pub(super) fn rows(db: &Db, now: DateTime<Utc>) -> Result<Vec<PauseRow>, LedgerError> {
    Ok(db.all(include_str!("sql/pauses.sql"), params! { now: ms(now) }, |row| row.try_into())?)
}

impl Ledger {
    /// Those that are not over.
    pub async fn pauses(&self, now: DateTime<Utc>) -> Result<Vec<PauseRow>, LedgerError> {
        self.ask(|db| rows(db, now)).await
    }
}
