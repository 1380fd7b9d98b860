//! How far the nightly fetch of statements has come, for each merchant.

use chrono::{DateTime, NaiveDate, Utc};

use crate::domain::alert::{Alert, AlertKind, Severity};
use crate::domain::calendar::taipei_date;
use crate::domain::ids::MerchantId;
use crate::domain::nightly::Nightly;
use crate::domain::reason::{Reason, Upkeep};
use crate::ledger::alerts::{About, Raised, Subject, raise};
use crate::ledger::db::{Db, params, to_json};
use crate::ledger::times::{from_ms, ms};
use crate::ledger::{Ledger, LedgerError, Write};

/// Tells the alert from the one about what differs.
const STAGE: &str = "fetch";

impl Ledger {
    pub async fn nightly_fetch(&self, merchant: &MerchantId) -> Result<Nightly, LedgerError> {
        self.ask(|db| nightly(db, merchant)).await
    }

    /// When a statement was asked for last, whosever it was.
    pub async fn last_statement_asked_for(&self) -> Result<Option<DateTime<Utc>>, LedgerError> {
        let select = "SELECT max(tried_at) FROM statement_fetches";
        let last: Option<i64> = self.ask(|db| Ok(db.one(select, &[], |row| row.at(0))?)).await?;
        Ok(last.map(from_ms))
    }
}

fn nightly(db: &Db, merchant: &MerchantId) -> Result<Nightly, LedgerError> {
    let select = "SELECT tried_at, fetched_on, failing_since FROM statement_fetches WHERE merchant_id = :merchant";
    let row = db.maybe(select, params! { merchant: merchant.as_str() }, |row| {
        Ok((row.at::<i64>(0)?, row.at::<String>(1)?, row.at::<Option<i64>>(2)?))
    })?;
    let Some((tried_at, fetched_on, failing_since)) = row else { return Ok(Nightly::default()) };
    Ok(Nightly {
        tried_at: Some(from_ms(tried_at)),
        fetched_on: fetched_on.parse::<NaiveDate>().ok(),
        failing_since: failing_since.map(from_ms),
    })
}

/// A person's command has asked, whatever came of it: the next file is due an interval later.
pub struct StatementAskedByHand {
    pub merchant_id: MerchantId,
    pub now: DateTime<Utc>,
}

impl Write for StatementAskedByHand {
    type Out = ();

    fn apply(&self, tx: &Db) -> Result<(), LedgerError> {
        let what = params! { merchant: self.merchant_id.as_str(), now: ms(self.now) };
        tx.run(include_str!("../sql/note_statement_call.sql"), what)?;
        Ok(())
    }
}

/// What became of a merchant's fetch.
pub struct StatementAsked {
    pub merchant_id: MerchantId,
    /// None: it brought a file, which was read.
    pub why_not: Option<Reason>,
    pub now: DateTime<Utc>,
}

impl Write for StatementAsked {
    type Out = Option<Raised>;

    fn apply(&self, tx: &Db) -> Result<Option<Raised>, LedgerError> {
        let before = nightly(tx, &self.merchant_id)?;
        let fetched_on = match self.why_not {
            None => Some(taipei_date(self.now)),
            Some(_) => before.fetched_on,
        };
        let failing_since = self.why_not.as_ref().map(|_| before.failing_since.unwrap_or(self.now));
        let after = Nightly { tried_at: Some(self.now), fetched_on, failing_since };
        let values = params! {
            merchant: self.merchant_id.as_str(),
            now: ms(self.now),
            fetched_on: fetched_on.map(|day| day.to_string()).unwrap_or_default(),
            error: self.why_not.as_ref().map(to_json).transpose()?,
            failing_since: failing_since.map(ms),
        };
        tx.run(include_str!("../sql/keep_statement_fetch.sql"), values)?;
        self.tell(tx, &after)
    }
}

impl StatementAsked {
    fn tell(&self, tx: &Db, after: &Nightly) -> Result<Option<Raised>, LedgerError> {
        let (kind, merchant_id) = (AlertKind::StatementDiffers, self.merchant_id.as_str());
        let Some((why, since)) = self.why_not.clone().zip(after.failing_since) else {
            let what = params! { now: ms(self.now), kind: kind.word(), merchant: merchant_id, stage: STAGE };
            tx.run(include_str!("../sql/close_merchant_alert.sql"), what)?;
            return Ok(None);
        };
        if !after.is_told(self.now) {
            return Ok(None);
        }
        let reason = Reason::from(Upkeep::StatementsMissing { since: since.into(), why: Box::new(why) });
        let alert = Alert::new(kind, Severity::Warning, STAGE, reason.clone());
        let raised = raise(tx, &Subject { merchant_id, about: About::Merchant }, &alert, self.now)?;
        if raised.is_none() {
            let (message, reason) = (alert.message(), to_json(&reason)?);
            let what = params! { message, reason, kind: kind.word(), merchant: merchant_id, stage: STAGE };
            tx.run(include_str!("../sql/renew_merchant_alert.sql"), what)?;
        }
        Ok(raised)
    }
}
