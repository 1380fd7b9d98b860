//! `alerts test`: one message through each channel, without a daemon and without a ledger.

use std::path::PathBuf;

use serde_json::json;

use super::{Failure, now, settings};
use crate::config::{KeysNeeded, Settings};
use crate::deliver::channel::Channel;
use crate::deliver::message::Message;
use crate::domain::alert::Severity;
use crate::domain::language::Language;

/// A channel that may be tested: its name, its language, and itself or why it cannot be set up.
type Candidate = (String, Language, Result<Channel, String>);

pub(super) async fn test(config: Option<PathBuf>, name: Option<&str>) -> Result<(), Failure> {
    let settings = settings(config, KeysNeeded::Channels)?;
    let mut candidates = candidates(&settings);
    if let Some(name) = name {
        let known: Vec<_> = candidates.iter().map(|(name, ..)| name.clone()).collect();
        candidates.retain(|(candidate, ..)| candidate == name);
        if candidates.is_empty() {
            return Err(Failure::Usage(unknown(name, &known)));
        }
    }
    if candidates.is_empty() {
        let why = "the settings have no [[alerts.channel]]: alerts stay in the ledger and the log";
        return Err(Failure::Problem(why.to_owned()));
    }
    let all = candidates.len();
    let mut failed = 0;
    for candidate in candidates {
        let (name, sent) = send(candidate).await;
        match sent {
            Ok(()) => say!("{name}: sent"),
            Err(why) => {
                failed += 1;
                say!("{name}: not sent: {why}");
            }
        }
    }
    if failed > 0 {
        return Err(Failure::Problem(format!("{failed} of {all} channels failed")));
    }
    Ok(())
}

/// A message through each channel of the settings, and what came back.
pub(super) async fn tried(settings: &Settings) -> Vec<(String, Result<(), String>)> {
    let mut tried = Vec::new();
    for candidate in candidates(settings) {
        tried.push(send(candidate).await);
    }
    tried
}

async fn send((name, language, channel): Candidate) -> (String, Result<(), String>) {
    let sent = match channel {
        Ok(channel) => channel.send(&message(&name, language)).await.map_err(|not_sent| not_sent.why),
        Err(why) => Err(why),
    };
    (name, sent)
}

fn candidates(settings: &Settings) -> Vec<Candidate> {
    let alerts = settings.alerts.channels.iter();
    let alerts = alerts.map(|channel| (channel.name.clone(), channel.language, Channel::new(channel)));
    // The shop's program has no language.
    let events = settings.event_channels.iter();
    let events = events.map(|channel| (channel.name.clone(), Language::English, Channel::of_events(channel)));
    alerts.chain(events).collect()
}

fn unknown(name: &str, known: &[String]) -> String {
    if known.is_empty() {
        return format!("there is no channel {name}: the settings have none");
    }
    format!("there is no channel {name}; there are {}", known.join(", "))
}

fn message(name: &str, language: Language) -> Message {
    let at = now();
    let title = language.pick("ecpayd: a test message", "ecpayd：測試訊息");
    let text = language.pick("Alerts will arrive here.", "警告會送到這裡。");
    Message {
        id: format!("test-{name}-{}", at.timestamp_millis()),
        at,
        severity: Severity::Notice,
        title: title.to_owned(),
        text: text.to_owned(),
        json: json!({
            "type": "test",
            "timestamp": at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true),
            "data": { "channel": name, "title": title, "text": text },
        }),
    }
}
