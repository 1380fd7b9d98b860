//! The tasks of the outbox: one for each channel, and one for what recurs.

use std::sync::Arc;
use std::time::Duration as StdDuration;

use chrono::{DateTime, Duration, NaiveTime, Utc};
use tokio::task::JoinSet;

use super::digest;
use super::outbox::Outbox;
use crate::ledger::{ChannelTerms, ChannelsTaken, Ledger, LedgerError, Raised, RepeatCritical, Told};

/// How often a channel looks for what waits.
const LOOKS_EVERY: StdDuration = StdDuration::from_secs(1);

/// How often what recurs is asked for.
const RECURS_EVERY: StdDuration = StdDuration::from_secs(20);

/// What the tasks live in.
pub trait House: Send + Sync + 'static {
    fn ledger(&self) -> &Ledger;

    fn now(&self) -> DateTime<Utc>;

    /// An alert that the outbox itself has raised, for the log.
    fn raised(&self, raised: &Raised);
}

#[derive(Clone, Copy, Debug)]
pub struct Times {
    /// Asia/Taipei. None: no digest.
    pub digest: Option<NaiveTime>,
    pub repeat_critical: Duration,
    /// `capture.deadline_days`, for what is due this week.
    pub deadline_days: i64,
}

/// The channels of the settings, and what each is told.
pub struct Deliveries {
    outboxes: Vec<Arc<Outbox>>,
    times: Times,
}

impl Deliveries {
    pub fn new(outboxes: Vec<Outbox>, times: Times) -> Self {
        Self { outboxes: outboxes.into_iter().map(Arc::new).collect(), times }
    }

    /// From here on the ledger writes down what each is to be told.
    pub async fn take(&self, ledger: &Ledger) -> Result<(), LedgerError> {
        let terms = |outbox: &Arc<Outbox>| ChannelTerms {
            name: outbox.name.clone(),
            told: outbox.told.clone(),
            merchants: outbox.merchants.clone(),
        };
        ledger.write(ChannelsTaken { channels: self.outboxes.iter().map(terms).collect() }).await
    }

    /// Until the set is dropped. A try that is cut short is made again under the same key.
    pub fn start(&self, house: &Arc<impl House>) -> JoinSet<()> {
        let mut tasks = JoinSet::new();
        for outbox in &self.outboxes {
            let (outbox, house) = (outbox.clone(), house.clone());
            tasks.spawn(async move { serve(&outbox, house.as_ref()).await });
        }
        if !self.outboxes.is_empty() {
            let (outboxes, times, house) = (self.outboxes.clone(), self.times, house.clone());
            tasks.spawn(async move { recur(&outboxes, times, house.as_ref()).await });
        }
        tasks
    }

    /// What is due now, once through each channel.
    pub async fn pass(&self, house: &impl House) -> Result<(), LedgerError> {
        due(&self.outboxes, self.times, house).await?;
        for outbox in &self.outboxes {
            outbox.pass(house.ledger(), house.now(), true).await?.iter().for_each(|raised| house.raised(raised));
        }
        Ok(())
    }
}

async fn serve(outbox: &Outbox, house: &impl House) {
    loop {
        match outbox.pass(house.ledger(), house.now(), false).await {
            Ok(raised) => raised.iter().for_each(|raised| house.raised(raised)),
            Err(error) => tracing::error!(channel = outbox.name, %error, "the outbox cannot be read or written"),
        }
        tokio::time::sleep(LOOKS_EVERY).await;
    }
}

async fn recur(outboxes: &[Arc<Outbox>], times: Times, house: &impl House) {
    loop {
        if let Err(error) = due(outboxes, times, house).await {
            tracing::error!(%error, "the digest, or what is told again, is not written yet");
        }
        tokio::time::sleep(RECURS_EVERY).await;
    }
}

async fn due(outboxes: &[Arc<Outbox>], times: Times, house: &impl House) -> Result<(), LedgerError> {
    let (ledger, now) = (house.ledger(), house.now());
    ledger.write(RepeatCritical { every: times.repeat_critical, now }).await?;
    let Some(time) = times.digest else { return Ok(()) };
    for outbox in outboxes.iter().filter(|outbox| matches!(outbox.told, Told::Alerts(_))) {
        let last = ledger.digest_on(&outbox.name).await?.unwrap_or_default();
        let Some((day, span)) = digest::due(time, &last, times.deadline_days, now) else { continue };
        let digest = ledger.digest(&outbox.name, &span).await?;
        outbox.write_digest(ledger, digest::compose(outbox.language, &day, &digest), day, now).await?;
    }
    Ok(())
}
