//! The ways out: one file for each kind. A channel sends one message once; trying again is the outbox's.

mod bounded;
mod cause;
mod command;
mod heartbeat;
mod http;
mod line;
mod not_sent;
mod ntfy;
mod slack;
mod smtp;
mod telegram;
mod webhook;

use std::time::Duration;

use self::command::Command;
pub use self::heartbeat::Heartbeat;
use self::http::Http;
use self::line::Line;
pub use self::not_sent::NotSent;
use self::ntfy::Ntfy;
use self::slack::Slack;
use self::smtp::Smtp;
use self::telegram::Telegram;
use self::webhook::Webhook;
use super::message::Message;
use crate::config::{ChannelKind, ChannelSettings, EventChannelSettings};

/// The longest that one try may take, from the look-up of a name to the end.
const LONGEST: Duration = Duration::from_secs(10);

pub struct Channel {
    name: String,
    way: Way,
}

enum Way {
    Webhook(Webhook),
    Smtp(Smtp),
    Line(Line),
    Telegram(Telegram),
    Slack(Slack),
    Ntfy(Ntfy),
    Command(Command),
}

impl Channel {
    pub fn new(settings: &ChannelSettings) -> Result<Self, String> {
        Self::with_limit(settings, LONGEST)
    }

    /// One that gives up sooner.
    pub fn with_limit(settings: &ChannelSettings, limit: Duration) -> Result<Self, String> {
        let http = || Http::new(limit);
        let way = match &settings.kind {
            ChannelKind::Webhook(webhook) => Way::Webhook(Webhook::new(webhook, http()?)?),
            ChannelKind::Smtp(smtp) => Way::Smtp(Smtp::new(smtp, limit)?),
            ChannelKind::Line(line) => Way::Line(Line::new(line, http()?)?),
            ChannelKind::Telegram(telegram) => Way::Telegram(Telegram::new(telegram, http()?)?),
            ChannelKind::Slack(url) => Way::Slack(Slack::new(url, http()?)?),
            ChannelKind::Ntfy(ntfy) => Way::Ntfy(Ntfy::new(ntfy, http()?)?),
            ChannelKind::Command(command) => Way::Command(Command::new(command, limit)?),
        };
        Ok(Self { name: settings.name.clone(), way })
    }

    /// A channel to the shop.
    pub fn of_events(settings: &EventChannelSettings) -> Result<Self, String> {
        let webhook = Webhook::new(&settings.webhook, Http::new(LONGEST)?)?;
        Ok(Self { name: settings.name.clone(), way: Way::Webhook(webhook) })
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// One try. It may have arrived although it failed: the next try has the same `message.id`.
    pub async fn send(&self, message: &Message) -> Result<(), NotSent> {
        match &self.way {
            Way::Webhook(webhook) => webhook.send(message).await,
            Way::Smtp(smtp) => smtp.send(message).await,
            Way::Line(line) => line.send(message).await,
            Way::Telegram(telegram) => telegram.send(message).await,
            Way::Slack(slack) => slack.send(message).await,
            Way::Ntfy(ntfy) => ntfy.send(message).await,
            Way::Command(command) => command.send(message).await,
        }
    }
}
