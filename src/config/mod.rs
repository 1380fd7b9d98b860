//! The settings: `config.toml` and the environment over it.
//!
//! [`Settings::load`] reads everything and reports everything that is wrong, each with
//! its line. Each section reads its own keys (`reader`); a key that no section
//! asked for is unknown. No message repeats a value that could be a key.

mod address;
mod alerts;
mod answers;
mod base_url;
mod channel;
mod credential;
mod events;
mod file;
mod form;
mod gateway;
mod http;
mod keys;
mod kinds;
mod merchant;
mod names;
mod places;
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

use chrono::NaiveTime;

pub use self::{
    alerts::AlertSettings,
    answers::{PRODUCTION, card_base_url, card_key},
    base_url::form_beside,
    channel::{
        ChannelKind, ChannelSettings, CommandSettings, LineSettings, NtfySettings, SmtpLogin, SmtpSettings, SmtpTls,
        TelegramSettings, WebhookSettings,
    },
    credential::{KEYS, credential_of, may_be_credential},
    events::EventChannelSettings,
    form::FormSettings,
    gateway::GatewayAccess,
    http::HttpSettings,
    merchant::MerchantSettings,
    places::{SecretPlace, Stands},
    reader::{Problems, nearest},
    rules::{GatewaySettings, LogFormat, LogSettings},
    secret::KeysNeeded,
    signing::signing_key,
};
use self::{
    credential::Shelf,
    gateway::Exposure,
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
    /// `[reconcile]`: when the day's statement is fetched, Asia/Taipei. None: never.
    pub fetch_statements: Option<NaiveTime>,
    pub log: LogSettings,
    /// What is legal but worth a word at start-up, a line each.
    pub warnings: Vec<String>,
}

/// Everything that reading the settings brings to light.
pub struct Examined {
    pub settings: Result<Settings, Problems>,
    /// As far as they were read.
    pub secrets: Vec<SecretPlace>,
    /// Of the file. None: it could not be read.
    pub mode: Option<u32>,
}

impl Settings {
    /// Reads the file and the process's environment (`ECPAYD_SECTION__KEY`, and
    /// `CREDENTIALS_DIRECTORY` for systemd credentials).
    pub fn load(path: &Path, env: impl Iterator<Item = (String, String)>, need: KeysNeeded) -> Result<Self, Problems> {
        Self::examine(path, env, need).settings
    }

    /// The same, with what else was found.
    pub fn examine(path: &Path, env: impl Iterator<Item = (String, String)>, need: KeysNeeded) -> Examined {
        let report = Report::new(path);
        let read = file::read(path).map_err(|why| report.problem(&Place::File, why)).ok();
        let mode = read.as_ref().map(|(_, mode)| *mode);
        let parsed = read.and_then(|(text, mode)| Some((parse(&text, &report)?, mode)));
        // Without a tree every key would be missing: that is told once, by the reason.
        let Some((mut root, file_mode)) = parsed else {
            return Examined { settings: Err(report.into_problems()), secrets: Vec::new(), mode };
        };
        let mut env = Environment::of(env);
        env.apply(&mut root, &report);
        let directory = path.parent().unwrap_or(Path::new(""));
        let shelf = Shelf { given: env.credentials.as_deref().map(Path::new), settings: directory };
        let settings = Section::read_root(root, &report, |root| Self::read(root, KeyRing { shelf, need }, file_mode));
        let secrets = report.secrets();
        let warnings = report.finish();
        let warnings = warnings.map(|told| told.into_iter().chain(open_files(&secrets)).collect());
        Examined { settings: warnings.map(|warnings| Self { warnings, ..settings }), secrets, mode }
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
        let fetch_statements = root.within("reconcile", rules::reconcile);
        let log = root.within("log", rules::log);
        if file::is_open(mode) {
            open_to_others(root, mode, exposure.holds_keys && exposure.leaves_host, vault.exposed());
        }
        let warnings = Vec::new();
        Self {
            database_path,
            merchants,
            policy,
            gateway,
            foreign_writes,
            alerts,
            event_channels,
            http,
            fetch_statements,
            log,
            warnings,
        }
    }
}

/// The secrets' own files that everybody reads.
fn open_files(secrets: &[SecretPlace]) -> impl Iterator<Item = String> {
    let open = secrets.iter().filter(|secret| secret.file().is_some_and(file::others_can_read));
    open.map(|secret| format!("{} names a file that others can read; chmod 600 it", secret.name))
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
