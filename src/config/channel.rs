//! `[[alerts.channel]]`: a way to people, as the settings describe it.

use secrecy::SecretString;

use crate::domain::alert::Severity;
use crate::domain::ids::MerchantId;
use crate::domain::language::Language;

// A secret is empty where it was not needed (`KeysNeeded`).

#[derive(Clone, Debug)]
pub struct ChannelSettings {
    /// Each its own, also among the channels of events: deliveries are kept under it.
    pub name: String,
    pub min_severity: Severity,
    /// Empty: all.
    pub merchants: Vec<MerchantId>,
    pub language: Language,
    pub kind: ChannelKind,
}

#[derive(Clone, Debug)]
pub enum ChannelKind {
    Webhook(WebhookSettings),
    Smtp(SmtpSettings),
    Line(LineSettings),
    Telegram(TelegramSettings),
    /// The address of an incoming webhook, a secret as a whole.
    Slack(SecretString),
    Ntfy(NtfySettings),
    Command(CommandSettings),
}

#[derive(Clone, Debug)]
pub struct WebhookSettings {
    /// Its path and query may be a secret.
    pub url: SecretString,
    pub secret: SecretString,
    /// Signs as well while keys change.
    pub secret_old: Option<SecretString>,
}

#[derive(Clone, Debug)]
pub struct SmtpSettings {
    pub host: String,
    pub port: u16,
    pub tls: SmtpTls,
    pub login: Option<SmtpLogin>,
    pub from: String,
    /// At least one.
    pub to: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SmtpTls {
    /// Begun in clear, and nothing is said before TLS is there.
    StartTls,
    /// From the first byte.
    Tls,
    /// On loopback alone.
    None,
}

#[derive(Clone, Debug)]
pub struct SmtpLogin {
    pub username: String,
    pub password: SecretString,
}

#[derive(Clone, Debug)]
pub struct LineSettings {
    /// Without a slash at the end.
    pub base_url: String,
    pub token: SecretString,
    pub to: String,
}

#[derive(Clone, Debug)]
pub struct TelegramSettings {
    /// Without a slash at the end.
    pub base_url: String,
    pub token: SecretString,
    pub chat_id: String,
}

#[derive(Clone, Debug)]
pub struct NtfySettings {
    /// The server, then the topic as the last part of the path.
    pub url: SecretString,
    pub token: Option<SecretString>,
}

#[derive(Clone, Debug)]
pub struct CommandSettings {
    /// The program and its arguments; no shell.
    pub argv: Vec<String>,
}

impl ChannelKind {
    /// As `kind` says it.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Webhook(_) => "webhook",
            Self::Smtp(_) => "smtp",
            Self::Line(_) => "line",
            Self::Telegram(_) => "telegram",
            Self::Slack(_) => "slack",
            Self::Ntfy(_) => "ntfy",
            Self::Command(_) => "command",
        }
    }
}
