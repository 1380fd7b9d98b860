//! The ways out, each over loopback against a receiver that records, refuses, hangs, trickles or floods.

mod support;

#[path = "channels/chats.rs"]
mod chats;
#[path = "channels/commands.rs"]
mod commands;
#[path = "channels/mails.rs"]
mod mails;
#[path = "channels/outbox.rs"]
mod outbox;
#[path = "channels/pages.rs"]
mod pages;
#[path = "channels/receiver.rs"]
mod receiver;
#[path = "channels/tested.rs"]
mod tested;
#[path = "channels/webhooks.rs"]
mod webhooks;

use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use chrono::{DateTime, Utc};
use ecpayd::config::{ChannelSettings, KeysNeeded, Settings};
use ecpayd::deliver::channel::{Channel, NotSent};
use ecpayd::deliver::message::Message;
use ecpayd::domain::alert::Severity;
use serde_json::json;
use tempfile::TempDir;

/// Stands in every secret of these tests, and in no error.
const MARK: &str = "s3cr3t-s3cr3t-s3cr3t-s3cr3t";

/// For a receiver that is known never to answer.
const SHORT: Duration = Duration::from_millis(300);
/// For one that answers.
const LONG: Duration = Duration::from_secs(60);

/// A settings file with these sections, as an operator writes it.
fn write_settings(sections: &str) -> (TempDir, PathBuf) {
    let merchant = "[[merchant]]\nmerchant_id = \"1234567\"\n[merchant.card]\nbase_url = \"http://127.0.0.1:9\"\n\
                    hash_key = \"k3yK3yk3yK3yk3yA\"\nhash_iv = \"ivIvivIvivIvivIA\"\n";
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("config.toml");
    std::fs::write(&path, format!("{merchant}{sections}")).expect("settings");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).expect("its mode");
    (dir, path)
}

fn settings(keys: &str) -> ChannelSettings {
    let (_dir, path) = write_settings(&format!("[[alerts.channel]]\n{keys}"));
    let settings = Settings::load(&path, std::iter::empty(), KeysNeeded::All).unwrap_or_else(|told| panic!("{told}"));
    settings.alerts.channels.into_iter().next().expect("a channel")
}

fn channel_within(keys: &str, limit: Duration) -> Channel {
    Channel::with_limit(&settings(keys), limit).expect("a channel")
}

fn channel(keys: &str) -> Channel {
    channel_within(keys, LONG)
}

fn message() -> Message {
    Message {
        id: "alert-7-raised".to_owned(),
        at: DateTime::from_timestamp(1_796_000_000, 0).expect("a time"),
        severity: Severity::Critical,
        title: "訂單 A1 將於明日到期".to_owned(),
        text: "<!channel> *bold* & 退刷\n第二行".to_owned(),
        json: json!({ "type": "alert.raised", "data": { "alert": 7, "title": "訂單 A1" } }),
    }
}

async fn sent(channel: &Channel) {
    channel.send(&message()).await.unwrap_or_else(|not_sent| panic!("{not_sent}"));
}

/// Why it was not, in one line without a secret.
async fn not_sent(channel: &Channel) -> NotSent {
    let not_sent = channel.send(&message()).await.expect_err("refused");
    let why = &not_sent.why;
    assert!(!why.contains("s3cr3t") && !why.contains("/path") && !why.contains('\n'), "{why}");
    not_sent
}

fn of_tests(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/channels").join(name)
}

/// A Python that has the package: that of `.ci/run`, or the tester's own. None is said, and where
/// `ALL_CLIENTS` is set it fails.
fn python_with(package: &str) -> Option<Command> {
    let judges = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/judges/bin/python");
    let programs = [judges, "python3".into(), "/usr/bin/python3".into()];
    let has = |program: &PathBuf| {
        let probe = Command::new(program).args(["-c", &format!("import {package}")]).output();
        probe.is_ok_and(|output| output.status.success())
    };
    let Some(program) = programs.iter().find(|program| has(program)) else {
        skipped(&format!("no python3 has the package {package}; pip install -r tests/channels/requirements.txt"));
        return None;
    };
    let mut command = Command::new(program);
    command.env("PYTHONDONTWRITEBYTECODE", "1");
    Some(command)
}

/// Past the capture of the test's output, so that a person sees it.
fn skipped(why: &str) {
    assert!(std::env::var_os("ALL_CLIENTS").is_none(), "{why}, and ALL_CLIENTS is set");
    writeln!(std::io::stderr(), "skipped: {why}").expect("standard error");
}

fn now() -> DateTime<Utc> {
    Utc::now()
}
