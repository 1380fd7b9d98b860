//! The keys that each kind of channel has of its own.

use lettre::message::Mailbox;
use secrecy::{ExposeSecret, SecretString};
use url::Host;

use super::{
    address::{Target, is_loopback, target},
    channel::{
        ChannelKind, CommandSettings, LineSettings, NtfySettings, SmtpLogin, SmtpSettings, SmtpTls, TelegramSettings,
        WebhookSettings,
    },
    reader::Section,
    secret::Source,
    signing::signing_key,
    vault::{TOKEN, Vault, is_one_line, is_token},
};

#[derive(Clone, Copy)]
pub(super) enum Kind {
    Webhook,
    Smtp,
    Line,
    Telegram,
    Slack,
    Ntfy,
    Command,
}

impl Kind {
    pub(super) const WORDS: [(&'static str, Self); 7] = [
        ("webhook", Self::Webhook),
        ("smtp", Self::Smtp),
        ("line", Self::Line),
        ("telegram", Self::Telegram),
        ("slack", Self::Slack),
        ("ntfy", Self::Ntfy),
        ("command", Self::Command),
    ];

    /// None after reporting what is wrong.
    pub(super) fn read(self, section: &mut Section<'_>, vault: &mut Vault<'_>) -> Option<ChannelKind> {
        match self {
            Self::Webhook => webhook(section, vault).map(ChannelKind::Webhook),
            Self::Smtp => smtp(section, vault).map(ChannelKind::Smtp),
            Self::Line => line(section, vault).map(ChannelKind::Line),
            Self::Telegram => telegram(section, vault).map(ChannelKind::Telegram),
            Self::Slack => slack(section, vault).map(ChannelKind::Slack),
            Self::Ntfy => ntfy(section, vault).map(ChannelKind::Ntfy),
            Self::Command => command(section, vault).map(ChannelKind::Command),
        }
    }
}

const SECRET: Source = Source::new("secret", "secret_file", "secret_credential");
const SECRET_OLD: Source = Source::new("secret_old", "secret_old_file", "secret_old_credential");
const PASSWORD: Source = Source::new("password", "password_file", "password_credential");
const URL: Source = Source::new("url", "url_file", "url_credential");

const WEBHOOK_EXAMPLE: &str = "https://shop.example/ecpayd";
const SLACK_EXAMPLE: &str = "https://hooks.slack.com/services/T.../B.../...";
const NTFY_EXAMPLE: &str = "https://ntfy.sh/TOPIC";

pub(super) fn webhook(section: &mut Section<'_>, vault: &mut Vault<'_>) -> Option<WebhookSettings> {
    let url = section.required("url", "it is the receiver's address");
    let url = url.and_then(|text| checked(section, "url", &text, WEBHOOK_EXAMPLE));
    let secret = vault.required(section, &SECRET, is_signing_key);
    let secret_old = vault.optional(section, &SECRET_OLD, is_signing_key);
    vault.end(url.as_ref().is_some_and(|url| url.loopback));
    Some(WebhookSettings { url: url?.text.into(), secret: secret?, secret_old: secret_old.ok()? })
}

fn is_signing_key(text: &str) -> Result<(), String> {
    signing_key(text).map(drop)
}

fn checked(section: &Section<'_>, key: &str, text: &str, example: &str) -> Option<Target> {
    target(text, example).map_err(|why| section.complain(key, why)).ok()
}

fn smtp(section: &mut Section<'_>, vault: &mut Vault<'_>) -> Option<SmtpSettings> {
    let words = [("starttls", SmtpTls::StartTls), ("tls", SmtpTls::Tls), ("none", SmtpTls::None)];
    let tls = section.choice("tls", SmtpTls::StartTls, &words);
    let host = section.required("host", "it is the name of the mail server").and_then(|text| host(section, &text));
    let usual = match tls {
        SmtpTls::StartTls => 587,
        SmtpTls::Tls => 465,
        SmtpTls::None => 25,
    };
    let port = section.integer("port", usual, 1..=65_535);
    let login = login(section, vault);
    let from =
        section.required("from", "it is the sender's mail address").and_then(|text| mailbox(section, "from", text));
    let to = recipients(section);
    let loopback = host.as_ref().is_some_and(|(_, loopback)| *loopback);
    vault.end(loopback);
    let (host, _) = host?;
    if tls == SmtpTls::None && !loopback {
        section.complain("tls", "is \"none\", and the mail server is not on loopback: nothing is sent there in clear; use \"starttls\" or \"tls\"");
    }
    Some(SmtpSettings { host, port: u16::try_from(port).ok()?, tls, login: login?, from: from?, to: to? })
}

fn host(section: &Section<'_>, text: &str) -> Option<(String, bool)> {
    // A bare address of IPv6 is what people write here; in an address it has brackets.
    let bracketed = if text.contains(':') { format!("[{text}]") } else { text.to_owned() };
    let Ok(host) = Host::parse(&bracketed) else {
        section.complain("host", "must be a host name such as \"mail.example\", without a port");
        return None;
    };
    let loopback = match &host {
        Host::Domain(name) => is_loopback(&Host::Domain(name.as_str())),
        Host::Ipv4(ip) => is_loopback(&Host::Ipv4(*ip)),
        Host::Ipv6(ip) => is_loopback(&Host::Ipv6(*ip)),
    };
    Some((text.to_owned(), loopback))
}

/// None after reporting what is wrong; both of the two or neither.
fn login(section: &mut Section<'_>, vault: &mut Vault<'_>) -> Option<Option<SmtpLogin>> {
    let username = section.text("username").filter(|text| !text.is_empty());
    match username {
        Some(username) => {
            let password = vault.required(section, &PASSWORD, is_one_line)?;
            Some(Some(SmtpLogin { username, password }))
        }
        None => {
            if vault.optional(section, &PASSWORD, is_one_line).ok()?.is_some() {
                section.complain("username", "is missing, and there is a password");
                return None;
            }
            Some(None)
        }
    }
}

fn mailbox(section: &Section<'_>, key: &str, text: String) -> Option<String> {
    if !is_mailbox(&text) {
        section.complain(key, "must be a mail address such as \"shop@example.tw\" or \"Shop <shop@example.tw>\"");
        return None;
    }
    Some(text)
}

/// A name may be in any script. An address is in ASCII, since not every server takes another.
fn is_mailbox(text: &str) -> bool {
    text.parse::<Mailbox>().is_ok_and(|mailbox| mailbox.email.to_string().is_ascii())
}

fn recipients(section: &mut Section<'_>) -> Option<Vec<String>> {
    let to = section.required_texts("to", "it lists the mail addresses of those who are told")?;
    if to.is_empty() || !to.iter().all(|text| is_mailbox(text)) {
        section.complain("to", "must be a list of mail addresses such as [\"owner@example.tw\"]");
        return None;
    }
    Some(to)
}

/// The service's own address, unless the settings name another.
fn base_url(section: &mut Section<'_>, usual: &str) -> Option<Target> {
    let text = section.text("base_url").filter(|text| !text.is_empty()).unwrap_or_else(|| usual.to_owned());
    let mut url = checked(section, "base_url", &text, usual)?;
    url.text.truncate(url.text.trim_end_matches('/').len());
    Some(url)
}

fn line(section: &mut Section<'_>, vault: &mut Vault<'_>) -> Option<LineSettings> {
    let base_url = base_url(section, "https://api.line.me");
    let token = vault.required(section, &TOKEN, is_token);
    let to = section.required("to", "it is the ID of a user, a group or a room").filter(|to| {
        let shaped = to.len() == 33 && to.starts_with(['U', 'C', 'R']) && to.bytes().all(|b| b.is_ascii_alphanumeric());
        if !shaped {
            section.complain("to", "must be the ID of a user, a group or a room: U, C or R and 32 letters and digits");
        }
        shaped
    });
    vault.end(base_url.as_ref().is_some_and(|url| url.loopback));
    Some(LineSettings { base_url: base_url?.text, token: token?, to: to? })
}

fn telegram(section: &mut Section<'_>, vault: &mut Vault<'_>) -> Option<TelegramSettings> {
    let base_url = base_url(section, "https://api.telegram.org");
    let token = vault.required(section, &TOKEN, is_bot_token);
    if !section.holds("chat_id") {
        section.complain("chat_id", "is missing; it is the number of a chat, or the @name of a channel");
    }
    let chat_id = section.text_or_integer("chat_id").filter(|id| {
        let shaped = id.parse::<i64>().is_ok() || id.strip_prefix('@').is_some_and(|name| !name.is_empty());
        if !shaped {
            section.complain("chat_id", "must be the number of a chat, or the @name of a channel");
        }
        shaped
    });
    vault.end(base_url.as_ref().is_some_and(|url| url.loopback));
    Some(TelegramSettings { base_url: base_url?.text, token: token?, chat_id: chat_id? })
}

/// It becomes a part of the path.
fn is_bot_token(text: &str) -> Result<(), String> {
    let shaped = text.bytes().all(|b| b.is_ascii_alphanumeric() || b":_-".contains(&b));
    if shaped && text.contains(':') {
        return Ok(());
    }
    Err("gives what is no bot's token: a number, a colon, and letters, digits, - and _".to_owned())
}

fn slack(section: &mut Section<'_>, vault: &mut Vault<'_>) -> Option<SecretString> {
    let url = vault.required(section, &URL, |text| target(text, SLACK_EXAMPLE).map(drop));
    vault.end(url.as_ref().is_some_and(|url| target(url.expose_secret(), SLACK_EXAMPLE).is_ok_and(|url| url.loopback)));
    url
}

fn ntfy(section: &mut Section<'_>, vault: &mut Vault<'_>) -> Option<NtfySettings> {
    let url = section.required("url", "it is the server's address and the topic");
    let url = url.and_then(|text| checked(section, "url", &text, NTFY_EXAMPLE)).filter(|url| {
        let shaped = !url.text.contains('?') && !url.text.ends_with('/');
        if !shaped {
            section
                .complain("url", format!("names no topic; it is the last part of the path, as in \"{NTFY_EXAMPLE}\""));
        }
        shaped
    });
    let token = vault.optional(section, &TOKEN, is_token);
    vault.end(url.as_ref().is_some_and(|url| url.loopback));
    Some(NtfySettings { url: url?.text.into(), token: token.ok()? })
}

fn command(section: &mut Section<'_>, vault: &mut Vault<'_>) -> Option<CommandSettings> {
    vault.end(true);
    let argv = section.required_texts("argv", "it is the program and its arguments")?;
    if argv.first().is_none_or(String::is_empty) || argv.iter().any(|word| word.contains('\0')) {
        section.complain("argv", "must be the program and its arguments, such as [\"/usr/local/bin/tell\", \"shop\"]");
        return None;
    }
    Some(CommandSettings { argv })
}
