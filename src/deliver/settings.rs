//! From the settings to the channels of the outbox.

use std::sync::Arc;

use super::channel::{Channel, NotSent};
use super::message::Message;
use super::outbox::{Outbox, Sending, Way};
use super::run::{Deliveries, Times};
use crate::config::{AlertSettings, ChannelKind, ChannelSettings, EventChannelSettings};
use crate::domain::alert::Severity;
use crate::domain::language::Language;
use crate::ledger::{Told, TryFailed};

impl Way for Channel {
    fn send<'a>(&'a self, message: &'a Message) -> Sending<'a> {
        Box::pin(async move {
            Self::send(self, message).await.map_err(|NotSent { why, give_up, retry_after }| TryFailed {
                why,
                for_good: give_up,
                pause: retry_after.and_then(|pause| chrono::Duration::from_std(pause).ok()),
            })
        })
    }
}

impl Deliveries {
    /// An error names the channel that cannot be made, and why.
    pub fn of(alerts: &AlertSettings, events: &[EventChannelSettings], deadline_days: i64) -> Result<Self, String> {
        let to_people = alerts.channels.iter().map(to_people);
        let to_shops = events.iter().map(to_shop);
        let times = Times { digest: alerts.digest, repeat_critical: alerts.repeat_critical, deadline_days };
        Ok(Self::new(to_people.chain(to_shops).collect::<Result<_, _>>()?, times))
    }
}

fn to_people(settings: &ChannelSettings) -> Result<Outbox, String> {
    let way = Channel::new(settings).map_err(|why| format!("alerts.channel {}: {why}", settings.name))?;
    Ok(Outbox {
        name: settings.name.clone(),
        told: Told::Alerts(singly_from(settings)),
        merchants: settings.merchants.clone(),
        language: settings.language,
        way: Arc::new(way),
    })
}

/// LINE gives 200 pushes a month away: what is less than critical is for the digest.
fn singly_from(settings: &ChannelSettings) -> Severity {
    match settings.kind {
        ChannelKind::Line(_) => Severity::Critical,
        _ => settings.min_severity,
    }
}

fn to_shop(settings: &EventChannelSettings) -> Result<Outbox, String> {
    let way = Channel::of_events(settings).map_err(|why| format!("events.channel {}: {why}", settings.name))?;
    Ok(Outbox {
        name: settings.name.clone(),
        told: Told::Events(settings.events.clone()),
        merchants: Vec::new(),
        language: Language::English,
        way: Arc::new(way),
    })
}
