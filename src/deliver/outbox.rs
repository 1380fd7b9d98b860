//! One channel's part of the outbox: what is due is tried, what waits becomes a message.

use std::pin::Pin;
use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};

use super::compose::{self, Composed};
use super::message::Message;
use crate::domain::alert::Severity;
use crate::domain::ids::MerchantId;
use crate::domain::language::Language;
use crate::ledger::{
    Ledger, LedgerError, MessageTried, NewMessage, NoNews, QueuedMessage, Raised, Told, TryFailed, WaitingAlert,
};

/// What comes within this time goes together.
const TOGETHER: Duration = Duration::seconds(2);

/// No delivery waits longer for others to come.
const LONGEST_WAIT: Duration = Duration::seconds(10);

/// So many deliveries are read at a time. A burst above it is told in several messages.
const MOST: i64 = 500;

/// So many messages are tried in a pass.
const MOST_TRIED: i64 = 20;

pub type Sending<'a> = Pin<Box<dyn Future<Output = Result<(), TryFailed>> + Send + 'a>>;

/// The way that a message takes.
pub trait Way: Send + Sync {
    fn send<'a>(&'a self, message: &'a Message) -> Sending<'a>;
}

/// A channel, with what waits for it.
pub struct Outbox {
    pub name: String,
    pub told: Told,
    /// Empty: all.
    pub merchants: Vec<MerchantId>,
    /// Of what people read.
    pub language: Language,
    pub way: Arc<dyn Way>,
}

impl Outbox {
    /// Tries what is due, then makes messages of what waits and tries those. Alerts that were raised by it.
    ///
    /// `at_once`: without waiting for what may come together with the newest.
    pub async fn pass(&self, ledger: &Ledger, now: DateTime<Utc>, at_once: bool) -> Result<Vec<Raised>, LedgerError> {
        let mut raised = Vec::new();
        for message in ledger.due_messages(&self.name, now, MOST_TRIED).await? {
            let (delivered, mut more) = self.attempt(ledger, message, now).await?;
            raised.append(&mut more);
            // The next one would fail in the same way, and wait as long for it.
            if !delivered {
                return Ok(raised);
            }
        }
        if ledger.channel_rests_until(&self.name, now).await?.is_some() {
            return Ok(raised);
        }
        while let Some(message) = self.next(ledger, now, at_once).await? {
            let (delivered, mut more) = self.attempt(ledger, message, now).await?;
            raised.append(&mut more);
            if !delivered {
                break;
            }
        }
        Ok(raised)
    }

    async fn next(
        &self,
        ledger: &Ledger,
        now: DateTime<Utc>,
        at_once: bool,
    ) -> Result<Option<QueuedMessage>, LedgerError> {
        match self.told {
            Told::Alerts(_) => self.next_of_alerts(ledger, now, at_once).await,
            Told::Events(_) => {
                let Some(event) = ledger.waiting_events(&self.name, 1).await?.pop() else { return Ok(None) };
                let composed = compose::event(&event);
                Ok(Some(self.write(ledger, composed, vec![event.delivery_id], Some(event.order_id), now).await?))
            }
        }
    }

    async fn next_of_alerts(
        &self,
        ledger: &Ledger,
        now: DateTime<Utc>,
        at_once: bool,
    ) -> Result<Option<QueuedMessage>, LedgerError> {
        let waiting = ledger.waiting_alerts(&self.name, MOST).await?;
        if waiting.is_empty() || (!at_once && is_growing(&waiting, now)) {
            return Ok(None);
        }
        let (news, rest) = compose::news(&waiting);
        if !rest.is_empty() {
            ledger.write(NoNews { deliveries: rest }).await?;
        }
        if news.is_empty() {
            return Ok(None);
        }
        let deliveries = news.iter().flat_map(|told| told.deliveries.iter().copied()).collect();
        Ok(Some(self.write(ledger, compose::alerts(self.language, &news), deliveries, None, now).await?))
    }

    /// A day's digest, tried as any other message.
    pub(super) async fn write_digest(
        &self,
        ledger: &Ledger,
        composed: Composed,
        day: String,
        now: DateTime<Utc>,
    ) -> Result<(), LedgerError> {
        let message = NewMessage { digest_of: Some(day), ..self.message(composed, now) };
        ledger.write(message).await.map(|_| ())
    }

    async fn write(
        &self,
        ledger: &Ledger,
        composed: Composed,
        deliveries: Vec<i64>,
        order_id: Option<i64>,
        now: DateTime<Utc>,
    ) -> Result<QueuedMessage, LedgerError> {
        ledger.write(NewMessage { order_id, deliveries, ..self.message(composed, now) }).await
    }

    fn message(&self, composed: Composed, now: DateTime<Utc>) -> NewMessage {
        let Composed { severity, title, text, body } = composed;
        NewMessage {
            channel: self.name.clone(),
            severity,
            order_id: None,
            title,
            text,
            body: body.to_string(),
            deliveries: Vec::new(),
            digest_of: None,
            now,
        }
    }

    /// Whether it was delivered, and the alerts that were raised by it.
    async fn attempt(
        &self,
        ledger: &Ledger,
        queued: QueuedMessage,
        now: DateTime<Utc>,
    ) -> Result<(bool, Vec<Raised>), LedgerError> {
        let (message_id, channel) = (queued.id, self.name.clone());
        let outcome = match readable(queued, now) {
            Ok(message) => self.way.send(&message).await,
            Err(why) => Err(TryFailed { why, for_good: true, pause: None }),
        };
        match &outcome {
            Ok(()) => tracing::debug!(channel, message = message_id, "delivered"),
            Err(failed) => tracing::warn!(channel, message = message_id, error = failed.why, "not delivered"),
        }
        let delivered = outcome.is_ok();
        let raised = ledger.write(MessageTried { message_id, channel, outcome, now }).await?;
        Ok((delivered, raised))
    }
}

/// Something has come just now, and more may come with it.
fn is_growing(waiting: &[WaitingAlert], now: DateTime<Utc>) -> bool {
    let age = |w: &WaitingAlert| now - compose::at(w.at);
    let newest = waiting.iter().map(age).min().unwrap_or(LONGEST_WAIT);
    let oldest = waiting.iter().map(age).max().unwrap_or(LONGEST_WAIT);
    // A clock that was set back makes everything look new; that holds nothing up for long.
    newest < TOGETHER && newest > -LONGEST_WAIT && oldest < LONGEST_WAIT
}

fn readable(queued: QueuedMessage, now: DateTime<Utc>) -> Result<Message, String> {
    let unreadable = |what: &str| format!("the ledger holds a message with an unreadable {what}");
    Ok(Message {
        id: format!("ecpayd_{}", queued.key),
        at: now,
        severity: Severity::parse(&queued.severity).ok_or_else(|| unreadable("severity"))?,
        title: queued.title,
        text: queued.text,
        json: serde_json::from_str(&queued.body).map_err(|_| unreadable("body"))?,
    })
}
