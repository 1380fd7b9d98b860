//! The settings as somebody may see them who must not see a secret: what is shown is what is known to be harmless,
//! by its key and by its shape, and everything else is cut out.

use std::fmt::Write as _;
use std::path::Path;

use toml::{Table, Value};
use url::Url;

use crate::domain::ids::MerchantId;

const CUT: &str = "(cut out)";

pub(super) fn without_secrets(path: &Path) -> String {
    let Ok(text) = std::fs::read_to_string(path) else { return "# cannot be read\n".to_owned() };
    // The parser's own message would quote a line.
    match text.parse::<Table>() {
        Ok(table) => shown(&table, ""),
        Err(_) => "# is not TOML\n".to_owned(),
    }
}

/// A line for each value, `section.key = value`: comments may say anything, and are left out.
fn shown(table: &Table, path: &str) -> String {
    let mut text = String::new();
    for (key, value) in table {
        // A name that is none of ours may be a key that was pasted into the wrong place.
        let known = [&SECTIONS[..], &NUMBERS, &SPANS, &OTHERS].concat().contains(&key.as_str());
        let name = if known { key.as_str() } else { "(unknown)" };
        let path = if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
        match value {
            Value::Table(inner) if known => text += &shown(inner, &path),
            Value::Array(items) if known && items.iter().all(Value::is_table) => {
                let tables = items.iter().filter_map(Value::as_table).enumerate();
                tables.for_each(|(index, inner)| text += &shown(inner, &format!("{path}[{index}]")));
            }
            value => {
                let value = if known { harmless(key, value) } else { CUT.to_owned() };
                // A String takes everything.
                let _ = writeln!(text, "{path} = {value}");
            }
        }
    }
    text
}

fn harmless(key: &str, value: &Value) -> String {
    match value {
        Value::Boolean(_) => value.to_string(),
        Value::Integer(_) if NUMBERS.contains(&key) => value.to_string(),
        Value::String(text) => word(key, text).unwrap_or_else(|| CUT.to_owned()),
        Value::Array(items) => {
            let items: Vec<_> = items.iter().map(|item| harmless(key, item)).collect();
            format!("[{}]", items.join(", "))
        }
        _ => CUT.to_owned(),
    }
}

/// The text where its key says that it may be seen, and it looks as such a text does.
fn word(key: &str, text: &str) -> Option<String> {
    let shown = match key {
        _ if text.is_empty() => String::new(),
        "merchant_id" | "platform_id" | "merchants" => MerchantId::parse(text).ok()?.to_string(),
        "base_url" | "form_url" => host(text)?,
        "url" | "heartbeat_url" => format!("{}/{CUT}", host(text)?),
        _ if WORDS.contains(&text) => text.to_owned(),
        _ if humantime::parse_duration(text).is_ok() && SPANS.contains(&key) => text.to_owned(),
        "start" | "end" | "digest" | "fetch" => {
            chrono::NaiveTime::parse_from_str(text, "%H:%M").ok().map(|_| text)?.to_owned()
        }
        "listen" => text.parse::<std::net::SocketAddr>().ok()?.to_string(),
        _ => return None,
    };
    Some(format!("{shown:?}"))
}

/// Without what may be a password, and without a path.
fn host(text: &str) -> Option<String> {
    let url = Url::parse(text).ok()?;
    let port = url.port().map_or_else(String::new, |port| format!(":{port}"));
    Some(format!("{}://{}{port}", url.scheme(), url.host_str()?))
}

/// What settings of words may say.
const WORDS: [&str; 36] = [
    "deadline",
    "immediate",
    "manual",
    "wait",
    "capture",
    "json",
    "form",
    "text",
    "journald",
    "off",
    "error",
    "warn",
    "info",
    "debug",
    "trace",
    "webhook",
    "smtp",
    "line",
    "telegram",
    "slack",
    "ntfy",
    "command",
    "notice",
    "warning",
    "critical",
    "en",
    "zh-TW",
    "starttls",
    "tls",
    "none",
    "captured",
    "refund_done",
    "refund_rejected",
    "refund_review",
    "voided",
    "expired",
];

/// The keys of durations.
const SPANS: [&str; 24] = [
    "lead",
    "spread",
    "retry_short_balance",
    "guard",
    "timeout",
    "min_interval",
    "cooldown",
    "request_validity",
    "quiet",
    "max_skew",
    "settle_gap",
    "foreign_writes",
    "unpaid",
    "authorized",
    "settling",
    "give_up_unpaid_after",
    "confirm",
    "capture_ends",
    "refund_waits",
    "order_unknown",
    "unclaimed_after",
    "voucher_refund_unconfirmed_after",
    "repeat_critical",
    "forget_text_after",
];

const NUMBERS: [&str; 4] = ["deadline_days", "concurrency", "expiry_days", "port"];

const SECTIONS: [&str; 16] = [
    "database",
    "merchant",
    "card",
    "voucher",
    "capture",
    "refund",
    "window",
    "gateway",
    "poll",
    "alerts",
    "events",
    "channel",
    "http",
    "reconcile",
    "log",
    "limits",
];

/// The names of secrets may be seen, what they hold may not.
const OTHERS: [&str; 59] = [
    "path",
    "merchant_id",
    "platform_id",
    "daily_auto_close",
    "api",
    "base_url",
    "form_url",
    "hash_key",
    "hash_key_file",
    "hash_key_credential",
    "hash_iv",
    "hash_iv_file",
    "hash_iv_credential",
    "policy",
    "partial_on_authorized",
    "voucher_guard",
    "start",
    "end",
    "digest",
    "kind",
    "name",
    "min_severity",
    "merchants",
    "language",
    "url",
    "url_file",
    "url_credential",
    "secret",
    "secret_file",
    "secret_credential",
    "secret_old",
    "secret_old_file",
    "secret_old_credential",
    "host",
    "tls",
    "username",
    "password",
    "password_file",
    "password_credential",
    "from",
    "to",
    "token",
    "token_file",
    "token_credential",
    "chat_id",
    "argv",
    "listen",
    "hosts",
    "heartbeat_url",
    "fetch",
    "format",
    "level",
    "events",
    "capture",
    "refund",
    "voucher",
    "node",
    "lease",
    "keep",
];

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "k3yK3yk3yK3yk3yA";

    #[test]
    fn nothing_is_shown_that_is_not_known_to_be_harmless() {
        let text = format!(
            "k3yK3yk3yK3yk3yA = 1\n[database]\npath = \"/var/lib/{SECRET}\"\n[[merchant]]\nmerchant_id = \"3002607\"\nplatform_id = \"{SECRET}\"\n\
             [merchant.card]\nbase_url = \"https://u:{SECRET}@ecpayment.ecpay.com.tw/{SECRET}\"\nhash_key = \"{SECRET}\"\nhash_iv_file = \"/{SECRET}\"\n\
             [capture]\npolicy = \"{SECRET}\"\nlead = \"48h\" # {SECRET}\n[alerts]\nexpiry_days = [60, 70]\nconfirm = [\"{SECRET}\", \"1d\"]\n\
             [[alerts.channel]]\nkind = \"slack\"\nurl = \"https://hooks.example/{SECRET}?{SECRET}\"\nargv = [\"{SECRET}\"]\n\
             [http]\nlisten = \"127.0.0.1:1\"\ntoken = \"{SECRET}\"\nheartbeat_url = \"https://hc.example/{SECRET}\"\n"
        );
        let told = shown(&text.parse().expect("TOML"), "");
        assert!(!told.contains(SECRET), "{told}");
        assert!(shown(&"[merchant.card]\nhash_key = 1234567890123456".parse().expect("TOML"), "").contains(CUT));
        for line in [
            "(unknown) = (cut out)",
            "merchant[0].merchant_id = \"3002607\"",
            "merchant[0].card.base_url = \"https://ecpayment.ecpay.com.tw\"",
            "merchant[0].card.hash_key = (cut out)",
            "capture.lead = \"48h\"",
            "alerts.expiry_days = [60, 70]",
            "alerts.channel[0].url = \"https://hooks.example/(cut out)\"",
            "http.listen = \"127.0.0.1:1\"",
            "http.heartbeat_url = \"https://hc.example/(cut out)\"",
        ] {
            assert!(told.lines().any(|l| l == line), "{line}\n{told}");
        }
    }
}
