//! `[alerts]`: when people are told, and by which ways. What they are told of is a matter of the policy.

use std::time::Duration;

use chrono::{NaiveTime, TimeDelta};

use super::{
    channel::{ChannelKind, ChannelSettings},
    kinds::Kind,
    names::Names,
    reader::Section,
    vault::Vault,
};
use crate::domain::alert::Severity;
use crate::domain::ids::MerchantId;
use crate::domain::language::Language;

#[derive(Clone, Debug)]
pub struct AlertSettings {
    /// Asia/Taipei. None: there is no digest.
    pub digest: Option<NaiveTime>,
    /// How long after the last time a critical alert is sent again that nobody has acknowledged.
    pub repeat_critical: TimeDelta,
    pub channels: Vec<ChannelSettings>,
}

impl Default for AlertSettings {
    fn default() -> Self {
        Self { digest: NaiveTime::from_hms_opt(9, 5, 0), repeat_critical: TimeDelta::days(1), channels: Vec::new() }
    }
}

const HOUR: Duration = Duration::from_secs(3600);
const MONTH: Duration = Duration::from_secs(30 * 86_400);

pub(super) fn read(
    section: &mut Section<'_>,
    merchants: &[MerchantId],
    names: &mut Names,
    vault: &mut Vault<'_>,
) -> AlertSettings {
    let default = AlertSettings::default();
    AlertSettings {
        digest: section.time_or_none("digest", default.digest),
        repeat_critical: section.span("repeat_critical", default.repeat_critical, HOUR..=MONTH),
        channels: channels(section, merchants, names, vault),
    }
}

/// Everything of a channel but its name, which it may have to be given once all are read.
struct Unnamed {
    name: Option<String>,
    min_severity: Severity,
    merchants: Vec<MerchantId>,
    language: Language,
    kind: ChannelKind,
}

fn channels(
    section: &mut Section<'_>,
    known: &[MerchantId],
    names: &mut Names,
    vault: &mut Vault<'_>,
) -> Vec<ChannelSettings> {
    let read = section.each("channel", |channel| {
        let name = names.read(channel);
        let min_severity = severity(channel);
        let merchants = merchants(channel, known);
        let words = Language::ALL.map(|language| (language.tag(), language));
        let language = channel.choice("language", Language::Chinese, &words);
        let kind = kind(channel, vault)?;
        Some(Unnamed { name, min_severity, merchants, language, kind })
    });
    let named = |channel: Unnamed| ChannelSettings {
        name: channel.name.unwrap_or_else(|| names.make(channel.kind.word())),
        min_severity: channel.min_severity,
        merchants: channel.merchants,
        language: channel.language,
        kind: channel.kind,
    };
    read.into_iter().flatten().flatten().map(named).collect()
}

fn severity(section: &mut Section<'_>) -> Severity {
    let words: Vec<_> = Severity::ALL.iter().map(|severity| (severity.word(), *severity)).collect();
    section.choice("min_severity", Severity::Warning, &words)
}

fn merchants(section: &mut Section<'_>, known: &[MerchantId]) -> Vec<MerchantId> {
    let texts = section.texts("merchants").unwrap_or_default();
    let merchants: Vec<_> = texts.iter().filter_map(|text| MerchantId::parse(text).ok()).collect();
    if merchants.len() < texts.len() {
        section.complain("merchants", "must be a list of merchant numbers such as [\"3002607\"]");
    }
    // A merchant that has left the settings may still have alerts: no error.
    for stranger in merchants.iter().filter(|merchant| !known.contains(merchant)) {
        let told = format!("{} names {stranger}, which has no [[merchant]] section", section.name("merchants"));
        section.report.warn(section.place_of("merchants"), told);
    }
    merchants
}

fn kind(section: &mut Section<'_>, vault: &mut Vault<'_>) -> Option<ChannelKind> {
    let words = Kind::WORDS.map(|(word, kind)| (word, Some(kind)));
    if !section.holds("kind") {
        section.complain("kind", "is missing; it is webhook, smtp, line, telegram, slack, ntfy or command");
    }
    let Some(kind) = section.choice("kind", None, &words) else {
        // Which keys it may have is not known either.
        section.skip_rest();
        return None;
    };
    kind.read(section, vault)
}
