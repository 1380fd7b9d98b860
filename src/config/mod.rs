//! The settings: `config.toml` and the environment over it.
//!
//! [`Settings::load`] reads everything and reports everything that is wrong, each with
//! its line. Each section reads its own keys (`reader`); a key that no section
//! asked for is unknown. No message repeats a value that could be a key.

mod address;
mod alerts;
mod base_url;
mod channel;
mod events;
mod file;
mod http;
mod keys;
mod kinds;
mod merchant;
mod names;
mod reader;
mod rules;
mod secret;
mod signing;
mod vault;

#[cfg(test)]
mod tests;

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

pub use self::{
    alerts::AlertSettings,
    channel::{
        ChannelKind, ChannelSettings, CommandSettings, LineSettings, NtfySettings, SmtpLogin, SmtpSettings, SmtpTls,
        TelegramSettings, WebhookSettings,
    },
    events::EventChannelSettings,
    http::HttpSettings,
    merchant::{GatewayAccess, MerchantSettings},
    reader::{Problems, nearest},
    rules::{GatewaySettings, LogFormat, LogSettings},
    secret::KeysNeeded,
    signing::signing_key,
};
use self::{
    merchant::Exposure,
    names::Names,
    reader::{Environment, Place, Report, Section, parse},
    secret::KeyRing,
    vault::Vault,
};
use crate::domain::policy::Policy;

#[derive(Clone, Debug)]
pub struct Settings {
    /// A relative path is relative to the current directory.
    pub database_path: PathBuf,
    /// At least one, each number once.
    pub merchants: Vec<MerchantSettings>,
    pub policy: Policy,
    pub gateway: GatewaySettings,
    /// `[poll]`: the longest time until a shop's new row is seen.
    pub foreign_writes: Duration,
    pub alerts: AlertSettings,
    pub event_channels: Vec<EventChannelSettings>,
    pub http: HttpSettings,
    pub log: LogSettings,
    /// What is legal but worth a word at start-up, a line each.
    pub warnings: Vec<String>,
}

impl Settings {
    /// Reads the file and the process's environment (`ECPAYD_SECTION__KEY`, and
    /// `CREDENTIALS_DIRECTORY` for systemd credentials).
    pub fn load(path: &Path, env: impl Iterator<Item = (String, String)>, need: KeysNeeded) -> Result<Self, Problems> {
        let report = Report::new(path);
        let read = file::read(path).map_err(|why| report.problem(&Place::File, why)).ok();
        let parsed = read.and_then(|(text, mode)| Some((parse(&text, &report)?, mode)));
        // Without a tree every key would be missing: that is told once, by the reason.
        let Some((mut root, mode)) = parsed else {
            return Err(report.into_problems());
        };
        let mut env = Environment::of(env);
        env.apply(&mut root, &report);
        let ring = KeyRing { credentials: env.credentials.as_deref().map(Path::new), need };
        let settings = Section::read_root(root, &report, |root| Self::read(root, ring, mode));
        let warnings = report.finish()?;
        Ok(Self { warnings, ..settings })
    }

    fn read(root: &mut Section<'_>, ring: KeyRing<'_>, mode: u32) -> Self {
        let mut policy = Policy::default();
        let mut exposure = Exposure::default();
        let database_path = root.within("database", rules::database_path);
        let merchants = merchant::read_all(root, ring.of_gateways(), &mut exposure);
        root.within("capture", |section| rules::capture(section, &mut policy));
        root.within("refund", |section| rules::refund(section, &mut policy));
        root.within("window", |section| rules::window(section, &mut policy.window));
        let gateway = root.within("gateway", |section| rules::gateway(section, &mut policy, exposure.leaves_host));
        let foreign_writes = root.within("poll", |section| rules::poll(section, &mut policy));
        let ids: Vec<_> = merchants.iter().map(|merchant| merchant.merchant_id.clone()).collect();
        let (mut names, mut vault) = (Names::default(), Vault::new(ring.of_channels()));
        let alerts = root.within("alerts", |section| {
            rules::alerts(section, &mut policy);
            alerts::read(section, &ids, &mut names, &mut vault)
        });
        let event_channels = root.within("events", |section| events::read(section, &mut names, &mut vault));
        let http = root.within("http", |section| http::read(section, &mut vault));
        let log = root.within("log", rules::log);
        if file::is_open(mode) {
            open_to_others(root, mode, exposure.holds_keys && exposure.leaves_host, vault.exposed());
        }
        let warnings = Vec::new();
        Self { database_path, merchants, policy, gateway, foreign_writes, alerts, event_channels, http, log, warnings }
    }
}

/// Refuses what others must not read.
fn open_to_others(root: &Section<'_>, mode: u32, keys: bool, secrets: bool) {
    let mend = "chmod 640 it and chown it root:ecpayd, or use";
    if keys {
        let text = format!(
            "others can open this file (mode {mode:03o}) and it holds keys; {mend} hash_key_file or hash_key_credential"
        );
        root.report.problem(&Place::File, text);
    }
    if secrets {
        let text = format!(
            "others can open this file (mode {mode:03o}) and it holds secrets of channels or of the page; \
             {mend} KEY_file or KEY_credential for each, such as token_file"
        );
        root.report.problem(&Place::File, text);
    }
}
