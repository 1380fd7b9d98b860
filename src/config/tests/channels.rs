//! Channels, events and the page: what they take, what they refuse, and that no secret is repeated.

use super::*;
use crate::domain::delivery::ShopEvent;
use crate::domain::language::Language;

/// Nobody's secret, and nowhere repeated.
const MARK: &str = "s3cr3t-s3cr3t-s3cr3t-s3cr3t";

/// `production()` has six lines: the section's heading is line 7.
fn channel(keys: &str) -> String {
    production() + "[[alerts.channel]]\n" + keys + "\n"
}

fn event_channel(keys: &str) -> String {
    production() + "[[events.channel]]\n" + keys + "\n"
}

const EVERY_KIND: &str = r#"
[[alerts.channel]]
kind = "webhook"
url = "https://shop.example/s3cr3t-s3cr3t-s3cr3t-s3cr3t?x=1"
secret = "s3cr3t-s3cr3t-s3cr3t-s3cr3t"
secret_old = "whsec_czNjcjN0LXMzY3IzdC1zM2NyM3QtczNjcjN0"
min_severity = "critical"
merchants = ["1234567"]
language = "en"
[[alerts.channel]]
kind = "smtp"
host = "mail.example"
username = "shop"
password = "s3cr3t-s3cr3t-s3cr3t-s3cr3t"
from = "商店 <shop@shop.example>"
to = ["owner@shop.example", "books@shop.example"]
[[alerts.channel]]
kind = "line"
token = "s3cr3t-s3cr3t-s3cr3t-s3cr3t"
to = "U0123456789abcdef0123456789abcdef"
[[alerts.channel]]
kind = "telegram"
token = "123:s3cr3t-s3cr3t-s3cr3t-s3cr3t"
chat_id = -100123
[[alerts.channel]]
kind = "slack"
url = "https://hooks.slack.com/services/s3cr3t-s3cr3t-s3cr3t-s3cr3t"
[[alerts.channel]]
kind = "ntfy"
url = "https://ntfy.sh/s3cr3t-s3cr3t-s3cr3t-s3cr3t"
[[alerts.channel]]
kind = "command"
name = "pager"
argv = ["/usr/local/bin/page", "shop"]
[[alerts.channel]]
kind = "command"
argv = ["/usr/local/bin/page"]
[[alerts.channel]]
kind = "command"
argv = ["/usr/local/bin/page"]
[[events.channel]]
url = "http://127.0.0.1:80/"
secret = "s3cr3t-s3cr3t-s3cr3t-s3cr3t"
events = ["captured", "refund_done"]
[http]
listen = "192.0.2.1:8420"
token = "s3cr3t-s3cr3t-s3cr3t-s3cr3t"
heartbeat_url = "https://hc-ping.com/s3cr3t-s3cr3t-s3cr3t-s3cr3t"
"#;

#[test]
fn every_kind_is_read_named_and_hides_its_secrets() {
    let settings = good(&(production() + EVERY_KIND), &[]);
    assert_eq!(settings.warnings, Vec::<String>::new());
    let names: Vec<_> = settings.alerts.channels.iter().map(|channel| channel.name.as_str()).collect();
    let wanted = ["webhook", "smtp", "line", "telegram", "slack", "ntfy", "pager", "command", "command-2"];
    assert_eq!(names, wanted);
    let [webhook, smtp, line, telegram, ..] = settings.alerts.channels.as_slice() else { panic!("nine channels") };
    assert_eq!(webhook.min_severity.word(), "critical");
    assert_eq!((webhook.language, webhook.merchants.len()), (Language::English, 1));
    assert_eq!((smtp.language, smtp.merchants.len()), (Language::Chinese, 0));
    assert_eq!(smtp.min_severity.word(), "warning");
    let ChannelKind::Smtp(smtp) = &smtp.kind else { panic!("a mail") };
    assert_eq!((smtp.port, smtp.tls, smtp.to.len()), (587, SmtpTls::StartTls, 2));
    let (ChannelKind::Line(line), ChannelKind::Telegram(telegram)) = (&line.kind, &telegram.kind) else {
        panic!("chats")
    };
    assert_eq!(line.base_url, "https://api.line.me");
    assert_eq!((telegram.base_url.as_str(), telegram.chat_id.as_str()), ("https://api.telegram.org", "-100123"));
    assert_eq!(settings.event_channels[0].name, "events");
    assert_eq!(settings.event_channels[0].events, [ShopEvent::Captured, ShopEvent::RefundDone]);
    assert!(!format!("{settings:?}").contains("s3cr3t"), "{settings:?}");
}

#[test]
fn each_rule_of_a_channel_has_its_sentence() {
    let webhook = format!("kind = \"webhook\"\nurl = \"https://a.example\"\nsecret = \"{MARK}\"\n");
    let smtp = "kind = \"smtp\"\nhost = \"mail.example\"\nfrom = \"a@b.example\"\nto = [\"a@b.example\"]\n";
    let local = smtp.replace("mail.example", "127.0.0.1");
    let line = |rest: &str| format!("kind = \"line\"\ntoken = \"{MARK}\"\n{rest}");
    for (keys, why) in [
        (String::new(), ":7: alerts.channel[0].kind is missing; it is webhook, smtp, line"),
        (format!("kind = \"slak\"\ntoken = \"{MARK}\""), ":8: alerts.channel[0].kind must be one of"),
        (webhook.clone() + "tokn = \"\"", ":11: unknown key alerts.channel[0].tokn; remove it"),
        (webhook.clone() + "secrets = \"\"", "unknown key alerts.channel[0].secrets; did you mean secret?"),
        (webhook.clone() + "name = \"a b\"", "alerts.channel[0].name must be 1 to 40 letters"),
        (webhook.clone() + "min_severity = \"warn\"", "did you mean \"warning\"?"),
        (webhook.clone() + "language = \"zh\"", "must be one of \"en\", \"zh-TW\"; did you mean \"zh-TW\"?"),
        (webhook.clone() + "merchants = [\"a b\"]", "merchants must be a list of merchant numbers"),
        (webhook.clone() + "merchants = \"1\"", "merchants must be a list of strings"),
        (webhook.clone() + "secret_old = \"short\"", "secret_old gives a key of 5 bytes; it must have at least 24"),
        (webhook.clone() + "secret_file = \"/x\"", "secret_file stands beside secret; keep one of them"),
        (webhook.replace("https", "http"), ":9: alerts.channel[0].url uses http; only loopback may do without https"),
        (webhook.replace("url = \"https://a.example\"\n", ""), "alerts.channel[0].url is missing"),
        (
            "kind = \"webhook\"\nurl = \"https://a.example\"\n".to_owned(),
            "secret is missing; set it, or secret_file, or secret_credential",
        ),
        (smtp.to_owned() + "tls = \"none\"", "tls is \"none\", and the mail server is not on loopback"),
        (smtp.to_owned() + "username = \"a\"", "password is missing; set it, or password_file"),
        (smtp.to_owned() + &format!("password = \"{MARK}\""), "username is missing, and there is a password"),
        (smtp.to_owned() + "port = 0", "port is 0; it must lie between 1 and 65535"),
        (smtp.replace("mail.example", "mail.example:25"), "host must be a host name"),
        (local.replace("[\"a@b.example\"]", "[]"), "to must be a list of mail addresses"),
        (local.replace("= \"a@b.example\"", "= \"a\""), "from must be a mail address"),
        (local.replace("= \"a@b.example\"", "= \"店@b.example\""), "from must be a mail address"),
        (line("to = \"@shop\""), "to must be the ID of a user, a group or a room"),
        (line("to = \"U0123456789abcdef0123456789abcdef\"\nbase_url = \"http://a.example\""), "base_url uses http"),
        (format!("kind = \"telegram\"\nchat_id = 1\ntoken = \"{MARK}\""), "token gives what is no bot's token"),
        (format!("kind = \"telegram\"\ntoken = \"1:{MARK}\""), "chat_id is missing"),
        (format!("kind = \"telegram\"\ntoken = \"1:{MARK}\"\nchat_id = \"me\""), "chat_id must be the number"),
        (format!("kind = \"slack\"\nurl = \"{MARK}\""), "url must be an address such as \"https://hooks.slack.com"),
        ("kind = \"ntfy\"\nurl = \"https://ntfy.sh/\"".to_owned(), "url names no topic"),
        ("kind = \"command\"\nargv = []".to_owned(), "argv must be the program and its arguments"),
        ("kind = \"command\"".to_owned(), "argv is missing; it is the program and its arguments"),
        ("kind = \"command\"\nargv = \"mail\"".to_owned(), "argv must be a list of strings"),
    ] {
        let told = load(&channel(&keys), &[]).expect_err(&keys);
        assert!(told.iter().any(|line| line.contains(why)), "{told:#?}, not: {why}");
        assert!(told.len() == 1 && !told.concat().contains("s3cr3t"), "{told:#?}");
    }
}

#[test]
fn a_mail_may_go_in_clear_on_loopback() {
    for host in ["127.0.0.1", "::1", "localhost"] {
        let keys = "kind = \"smtp\"\ntls = \"none\"\nfrom = \"a@b.example\"\nto = [\"a@b.example\"]\n";
        let settings = good(&channel(&format!("{keys}host = \"{host}\"")), &[]);
        let ChannelKind::Smtp(smtp) = &settings.alerts.channels[0].kind else { panic!("a mail") };
        assert_eq!((smtp.host.as_str(), smtp.port, smtp.tls), (host, 25, SmtpTls::None));
    }
}

#[test]
fn a_name_stands_once_among_all_channels() {
    let twice = "kind = \"command\"\nargv = [\"a\"]\nname = \"x\"\n";
    refused(&(channel(twice) + "[[alerts.channel]]\n" + twice), &[], "alerts.channel[1].name stands twice");
    let event = format!("[[events.channel]]\nurl = \"https://a.example\"\nsecret = \"{MARK}\"\nname = \"x\"\n");
    refused(&(channel(twice) + &event), &[], "events.channel[0].name stands twice");
}

#[test]
fn a_merchant_that_is_not_in_the_settings_is_warned_of() {
    let keys = "kind = \"command\"\nargv = [\"a\"]\nmerchants = [\"7654321\"]";
    let warnings = good(&channel(keys), &[]).warnings;
    assert!(warnings.len() == 1 && warnings[0].contains("names 7654321, which has no [[merchant]]"), "{warnings:?}");
}

#[test]
fn each_rule_of_events_and_of_the_page_has_its_sentence() {
    let event = format!("url = \"https://a.example\"\nsecret = \"{MARK}\"\n");
    for (text, why) in [
        (event_channel(&(event.clone() + "events = [\"paid\"]")), "events must be a list of some of captured, refund"),
        (event_channel(&(event.clone() + "kind = \"webhook\"")), "unknown key events.channel[0].kind"),
        (event_channel(&event.replace("https", "http")), ":8: events.channel[0].url uses http"),
        (event_channel("url = \"https://a.example\""), "events.channel[0].secret is missing"),
        (production() + "[events]\nchannel = 1", "events.channel is an integer; write [[events.channel]]"),
        (
            production() + "[http]\nlisten = \"0.0.0.0:8420\"",
            "http.token is missing, and http.listen is not on loopback",
        ),
        (production() + "[http]\nlisten = \"[::]:8420\"\ntoken = \"\"", ":9: http.token is missing"),
        (production() + "[http]\nlisten = \"[::]:8420\"\ntoken = \"s3cr3t\"", ":9: http.token gives 6 bytes"),
        (production() + "[http]\ntoken = \"s3cr3t\"", ":8: http.token gives 6 bytes; it must have at least 24"),
        (production() + "[http]\ntoken = \"s3cr3t s3cr3t s3cr3t s3cr3t\"", "http.token gives what is no token"),
        (production() + "[http]\nhosts = [\"http://a\"]", "http.hosts must be a list of host names"),
        (production() + "[http]\nheartbeat_url = \"http://a.example/s3cr3t\"", "http.heartbeat_url uses http"),
        (production() + "[alerts]\nrepeat_critical = \"1m\"", "repeat_critical is 1m; it must lie between 1h and 30d"),
    ] {
        let told = load(&text, &[]).expect_err(&text);
        assert!(told.len() == 1 && told[0].contains(why) && !told[0].contains("s3cr3t"), "{told:#?}, not: {why}");
    }
}

#[test]
fn a_file_with_secrets_of_channels_is_for_its_owner_and_group_except_on_loopback() {
    let why = "others can open this file (mode 644) and it holds secrets of channels or of the page; chmod 640";
    let local = merchant("http://127.0.0.1:1");
    for (added, taken) in [
        ("[http]\ntoken = \"0123456789abcdef01234567\"", false),
        ("[[alerts.channel]]\nkind = \"slack\"\nurl = \"https://hooks.slack.com/services/x\"", false),
        ("[[alerts.channel]]\nkind = \"slack\"\nurl = \"http://127.0.0.1:1/x\"", true),
        ("[[alerts.channel]]\nkind = \"slack\"\nurl_file = \"/dev/null\"", true),
        ("[[alerts.channel]]\nkind = \"ntfy\"\nurl = \"https://ntfy.sh/x\"", true),
        ("[[alerts.channel]]\nkind = \"ntfy\"\nurl = \"https://ntfy.sh/x\"\ntoken = \"tk_x\"", false),
        ("[[events.channel]]\nurl = \"https://a.example\"\nsecret = \"0123456789abcdef01234567\"", false),
    ] {
        let scene = Scene::new("");
        let path = scene.write("config.toml", local.clone() + added, 0o644);
        match Settings::load(&path, std::iter::empty(), KeysNeeded::None) {
            Ok(_) => assert!(taken, "{added}"),
            Err(told) => assert!(!taken && told.iter().count() == 1 && told.to_string().contains(why), "{told}"),
        }
    }
}

#[test]
fn secrets_come_from_files_and_credentials_and_a_test_goes_without_the_latter() {
    let scene = Scene::new("");
    let file = scene.write("slack", "https://hooks.slack.com/services/x\n", 0o600);
    let text = format!(
        "[[alerts.channel]]\nkind = \"slack\"\nurl_file = \"{}\"\n[[alerts.channel]]\nkind = \"line\"\n\
         token_credential = \"line\"\nto = \"U0123456789abcdef0123456789abcdef\"\n",
        file.display()
    );
    let path = scene.write("config.toml", production() + &text, 0o600);
    let load = |need, env: Vec<(String, String)>| Settings::load(&path, env.into_iter(), need);
    let shown = |settings: Settings| {
        let secret = |channel: &ChannelSettings| match &channel.kind {
            ChannelKind::Slack(url) => url.expose_secret().to_owned(),
            ChannelKind::Line(line) => line.token.expose_secret().to_owned(),
            other => panic!("{other:?}"),
        };
        settings.alerts.channels.iter().map(secret).collect::<Vec<_>>()
    };
    let slack = "https://hooks.slack.com/services/x";
    assert_eq!(shown(load(KeysNeeded::None, vec![]).expect("good")), ["", ""]);
    assert_eq!(shown(load(KeysNeeded::Channels, vec![]).expect("good")), [slack, ""]);
    let told = load(KeysNeeded::All, vec![]).expect_err("no credentials");
    assert!(told.to_string().contains("alerts.channel[1].token_credential names a systemd credential"), "{told}");

    scene.write("line", "t0ken\n", 0o600);
    let directory = scene.dir.path().to_str().expect("UTF-8").to_owned();
    let settings = load(KeysNeeded::All, vec![("CREDENTIALS_DIRECTORY".to_owned(), directory)]);
    assert_eq!(shown(settings.expect("good")), [slack, "t0ken"]);
}
