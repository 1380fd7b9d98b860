//! Messages: made once, tried until they are delivered or given up.

use chrono::{DateTime, Duration, Utc};

use crate::domain::alert::{Alert, AlertKind, Severity};
use crate::domain::delivery::{FAILING, next_try};
use crate::domain::reason::{Reason, Upkeep};
use crate::ledger::alerts::{self, About, Raised, Subject};
use crate::ledger::db::{Db, from_columns, params};
use crate::ledger::times::{from_ms, ms};
use crate::ledger::{Ledger, LedgerError, Write};

/// Whose alerts they are: of no merchant.
const NOBODY: &str = "";

/// A message, as each try sends it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueuedMessage {
    pub id: i64,
    /// The same for every try, and no other message's in any ledger.
    pub key: String,
    pub severity: String,
    pub title: String,
    pub text: String,
    pub body: String,
    pub created_at: i64,
}

from_columns!(QueuedMessage: id, key, severity, title, text, body, created_at);

impl Ledger {
    /// Those whose next try is due, in the order they were made.
    pub async fn due_messages(
        &self,
        channel: &str,
        now: DateTime<Utc>,
        limit: i64,
    ) -> Result<Vec<QueuedMessage>, LedgerError> {
        self.ask(|db| {
            let of = params! { channel, now: ms(now), limit };
            Ok(db.all(include_str!("../sql/due_messages.sql"), of, |row| row.try_into())?)
        })
        .await
    }
}

/// Some of what waits for a channel becomes a message. It is on the disk before its first try.
#[derive(Clone, Debug)]
pub struct NewMessage {
    pub channel: String,
    pub severity: Severity,
    /// Of an event.
    pub order_id: Option<i64>,
    pub title: String,
    pub text: String,
    pub body: String,
    /// What it tells.
    pub deliveries: Vec<i64>,
    /// The day (Asia/Taipei) whose digest it is.
    pub digest_of: Option<String>,
    pub now: DateTime<Utc>,
}

impl Write for NewMessage {
    type Out = QueuedMessage;

    fn apply(&self, tx: &Db) -> Result<QueuedMessage, LedgerError> {
        let row = params! {
            channel: self.channel,
            severity: self.severity.word(),
            order: self.order_id,
            title: self.title,
            text: self.text,
            body: self.body,
            now: ms(self.now),
        };
        let message: QueuedMessage = tx.one(include_str!("../sql/new_message.sql"), row, |row| row.try_into())?;
        for delivery in &self.deliveries {
            let update = "UPDATE deliveries SET message_id = :message WHERE id = :delivery";
            tx.run(update, params! { message: message.id, delivery })?;
        }
        if let Some(day) = &self.digest_of {
            let update = "UPDATE channels SET digest_on = :day WHERE name = :channel";
            tx.run(update, params! { day, channel: self.channel })?;
        }
        Ok(message)
    }
}

/// What waits and is nothing that anybody has to hear.
pub struct NoNews {
    pub deliveries: Vec<i64>,
}

impl Write for NoNews {
    type Out = ();

    fn apply(&self, tx: &Db) -> Result<(), LedgerError> {
        for delivery in &self.deliveries {
            tx.run("UPDATE deliveries SET is_news = 0 WHERE id = :delivery", params! { delivery })?;
        }
        Ok(())
    }
}

/// Why a try has failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TryFailed {
    pub why: String,
    /// No other try would do better.
    pub for_good: bool,
    /// The pause that the receiver asks for.
    pub pause: Option<Duration>,
}

/// What came of a try.
pub struct MessageTried {
    pub message_id: i64,
    pub channel: String,
    pub outcome: Result<(), TryFailed>,
    pub now: DateTime<Utc>,
}

impl Write for MessageTried {
    /// Alerts that were raised by it: through the other channels.
    type Out = Vec<Raised>;

    fn apply(&self, tx: &Db) -> Result<Vec<Raised>, LedgerError> {
        let select = "SELECT tries, created_at FROM messages WHERE id = :message AND next_at IS NOT NULL";
        let open: Option<(i64, i64)> = tx.maybe(select, params! { message: self.message_id }, |row| row.try_into())?;
        let Some((tries, created_at)) = open else { return Ok(Vec::new()) };
        let tries = u32::try_from(tries).unwrap_or(u32::MAX).saturating_add(1);
        match &self.outcome {
            Ok(()) => {
                let sent = "UPDATE messages SET tries = :tries, next_at = NULL, sent_at = :now WHERE id = :message";
                tx.run(sent, params! { tries: i64::from(tries), now: ms(self.now), message: self.message_id })?;
                let alert = params! { now: ms(self.now), merchant: NOBODY, stage: self.channel };
                tx.run(include_str!("../sql/close_delivery_alert.sql"), alert)?;
                Ok(Vec::new())
            }
            Err(failed) => self.failed(tx, failed, tries, from_ms(created_at)),
        }
    }
}

impl MessageTried {
    fn failed(
        &self,
        tx: &Db,
        failed: &TryFailed,
        tries: u32,
        created_at: DateTime<Utc>,
    ) -> Result<Vec<Raised>, LedgerError> {
        let next = next_try(tries, created_at, failed.pause, self.now).filter(|_| !failed.for_good);
        let row = params! {
            message: self.message_id,
            tries: i64::from(tries),
            next_at: next.map(ms),
            given_up_at: next.is_none().then(|| ms(self.now)),
            why: failed.why,
        };
        tx.run(include_str!("../sql/message_failed.sql"), row)?;
        if tries < FAILING && next.is_some() {
            return Ok(Vec::new());
        }
        let (channel, error) = (self.channel.clone(), failed.why.clone());
        let reason: Reason = match next {
            Some(next) => Upkeep::DeliveryFailing { channel, error, tries, next_at: next.into() }.into(),
            None => Upkeep::DeliveryGivenUp { channel, error, tries }.into(),
        };
        // One that is lost is not one that is late: each has its own alert.
        let (severity, stage) = match next {
            Some(_) => (Severity::Warning, self.channel.clone()),
            None => (Severity::Critical, format!("{}, given up", self.channel)),
        };
        let subject = Subject { merchant_id: NOBODY, about: About::Merchant };
        let alert = Alert::new(AlertKind::DeliveryFailing, severity, stage, reason);
        Ok(alerts::raise(tx, &subject, &alert, self.now)?.into_iter().collect())
    }
}

/// Critical alerts that nobody has acknowledged are told again, through each channel after so long.
pub struct RepeatCritical {
    pub every: Duration,
    pub now: DateTime<Utc>,
}

impl Write for RepeatCritical {
    /// How many deliveries.
    type Out = usize;

    fn apply(&self, tx: &Db) -> Result<usize, LedgerError> {
        let what = params! { now: ms(self.now), before: ms(self.now - self.every) };
        Ok(tx.run(include_str!("../sql/repeat_critical.sql"), what)?)
    }
}
