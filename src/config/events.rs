//! `[[events.channel]]`: what ends for an order, sent to the shop's own program.

use super::{channel::WebhookSettings, kinds, names::Names, reader::Section, vault::Vault};
use crate::domain::delivery::ShopEvent;

#[derive(Clone, Debug)]
pub struct EventChannelSettings {
    /// Each its own, also among the channels of alerts: deliveries are kept under it.
    pub name: String,
    pub webhook: WebhookSettings,
    /// Empty: all.
    pub events: Vec<ShopEvent>,
}

pub(super) fn read(section: &mut Section<'_>, names: &mut Names, vault: &mut Vault<'_>) -> Vec<EventChannelSettings> {
    let read = section.each("channel", |channel| {
        let name = names.read(channel);
        let events = events(channel);
        Some((name, kinds::webhook(channel, vault)?, events?))
    });
    let named = |(name, webhook, events): (Option<String>, _, _)| EventChannelSettings {
        name: name.unwrap_or_else(|| names.make("events")),
        webhook,
        events,
    };
    read.into_iter().flatten().flatten().map(named).collect()
}

fn events(section: &mut Section<'_>) -> Option<Vec<ShopEvent>> {
    let texts = section.texts("events").unwrap_or_default();
    let events: Vec<_> = texts.iter().filter_map(|text| ShopEvent::parse(text)).collect();
    if events.len() < texts.len() {
        let all: Vec<_> = ShopEvent::ALL.iter().map(|event| event.word()).collect();
        section.complain("events", format!("must be a list of some of {}; empty for all", all.join(", ")));
        return None;
    }
    Some(events)
}
