//! What the loader takes, what it refuses, and in which words.

use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt,
    path::PathBuf,
};

use secrecy::ExposeSecret;
use tempfile::TempDir;

use super::*;

mod channels;
mod forms;
mod keys;
mod overrides;
mod properties;

/// Nobody's keys.
const KEY: &str = "k3yK3yk3yK3yk3yA";
const IV: &str = "ivIvivIvivIvivIA";

fn merchant(host: &str) -> String {
    format!(
        "[[merchant]]\nmerchant_id = \"1234567\"\n[merchant.card]\n\
         base_url = \"{host}\"\nhash_key = \"{KEY}\"\nhash_iv = \"{IV}\"\n"
    )
}

/// Six lines, then what a test adds.
fn production() -> String {
    merchant("https://ecpayment.ecpay.com.tw")
}

struct Scene {
    dir: TempDir,
}

impl Scene {
    fn new(text: &str) -> Self {
        let scene = Self { dir: TempDir::new().expect("a directory") };
        scene.write("config.toml", text, 0o600);
        scene
    }

    fn write(&self, name: &str, text: impl AsRef<[u8]>, mode: u32) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, text).expect("written");
        fs::set_permissions(&path, Permissions::from_mode(mode)).expect("mode set");
        path
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn load(&self, env: &[(&str, &str)]) -> Result<Settings, Vec<String>> {
        let env = env.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let directory = format!("{}/", self.dir.path().display());
        Settings::load(&self.path("config.toml"), env, KeysNeeded::All)
            .map_err(|problems| problems.iter().map(|line| line.replace(&directory, "")).collect())
    }
}

fn load(text: &str, env: &[(&str, &str)]) -> Result<Settings, Vec<String>> {
    Scene::new(text).load(env)
}

fn good(text: &str, env: &[(&str, &str)]) -> Settings {
    load(text, env).unwrap_or_else(|problems| panic!("refused: {problems:#?}"))
}

/// Exactly one problem, which says `why`.
fn refused(text: &str, env: &[(&str, &str)], why: &str) {
    match load(text, env) {
        Ok(_) => panic!("taken, without: {why}\n{text}"),
        Err(told) => assert!(told.len() == 1 && told[0].contains(why), "{told:#?}, not: {why}\n{text}"),
    }
}

#[test]
fn a_merchant_alone_gives_every_default() {
    let settings = good(&production(), &[]);
    assert_eq!(settings.policy, Policy::default());
    assert_eq!(settings.gateway, GatewaySettings::default());
    assert_eq!(settings.gateway.timeout.as_millis() as i64, settings.policy.timeout.num_milliseconds());
    assert_eq!(settings.log, LogSettings::default());
    assert_eq!(settings.foreign_writes, Duration::from_secs(1));
    assert_eq!(settings.database_path, PathBuf::from("ecpayd.db"));
    assert_eq!(settings.warnings, Vec::<String>::new());
    let [merchant] = settings.merchants.as_slice() else { panic!("one merchant") };
    assert_eq!((merchant.platform_id.as_ref(), merchant.daily_auto_close), (None, false));
    assert_eq!(merchant.card.base_url, "https://ecpayment.ecpay.com.tw");
    assert_eq!(merchant.card.hash_key.expose_secret(), KEY);
    assert_eq!(merchant.card.hash_iv.expose_secret(), IV);
    assert!(merchant.voucher.is_none());
}

#[test]
fn the_example_lists_every_key_with_its_default() {
    let example = include_str!("../../config.toml");
    let settings = good(example, &[]);
    let default = AlertSettings::default();
    assert_eq!(settings.policy, Policy::default());
    assert_eq!(settings.gateway, GatewaySettings::default());
    assert_eq!(settings.log, LogSettings::default());
    assert_eq!(settings.foreign_writes, Duration::from_secs(1));
    assert_eq!(settings.database_path, PathBuf::from("ecpayd.db"));
    assert_eq!((settings.alerts.digest, settings.alerts.repeat_critical), (default.digest, default.repeat_critical));
    assert!(settings.alerts.channels.is_empty() && settings.event_channels.is_empty());
    let http = &settings.http;
    assert!(http.listen.is_none() && http.token.is_none() && http.hosts.is_empty() && http.heartbeat_url.is_none());
    assert!(settings.fetch_statements.is_none());
    assert!(settings.merchants.iter().all(|m| m.platform_id.is_none() && !m.daily_auto_close));
    for (section, keys) in [
        ("database", "path"),
        ("capture", "policy deadline_days lead spread"),
        ("refund", "partial_on_authorized retry_short_balance voucher_guard"),
        ("window", "start end guard"),
        (
            "gateway",
            "timeout min_interval concurrency cooldown request_validity quiet max_skew settle_gap statement_interval",
        ),
        ("poll", "foreign_writes unpaid authorized settling give_up_unpaid_after confirm"),
        (
            "alerts",
            "expiry_days capture_ends refund_waits order_unknown unclaimed_after voucher_refund_unconfirmed_after \
             digest repeat_critical",
        ),
        ("http", "listen token hosts heartbeat_url"),
        ("reconcile", "fetch"),
        ("log", "format level"),
    ] {
        let table: toml::Table = example.parse().expect("TOML");
        let mut listed: Vec<_> = table[section].as_table().expect(section).keys().map(String::as_str).collect();
        let mut keys: Vec<_> = keys.split(' ').collect();
        listed.sort_unstable();
        keys.sort_unstable();
        assert_eq!(listed, keys, "[{section}]");
    }
}

#[test]
fn every_problem_is_told_at_once_with_its_line() {
    let text = production()
        + "[capture]\npolicy = \"imediate\"\ndeadline_days = 22\nleed = \"24h\"\nspread = 6\n\
           [window]\nstart = 20:15:00\nend = \"8:30\"\n\
           [gateway]\ntimeout = \"3m\"\nconcurrency = 1.5\ncooldown = \"half an hour\"\n\
           [pol]\nunpaid = \"10m\"\n\
           [alerts]\nexpiry_days = [70, 60]\nwebhook_url = \"https://a.example\"\ndigest = \"9:05\"\n\
           [http]\nlisten = \"localhost:8420\"\n\
           [log]\nformat = \"xml\"\nlevel = \"inof\"\n";
    let env = [("ECPAYD_REFUND__RETRY_SHORT_BALANCE", "soon"), ("ECPAYD_LOG__COLOUR", "on")];
    let told = load(&text, &env).expect_err("full of problems");
    let wanted = [
        "config.toml:8: capture.policy must be one of \"deadline\", \"immediate\", \"manual\"; did you mean \"immediate\"?",
        "config.toml:9: capture.deadline_days is 22; it must lie between 1 and 21",
        "config.toml:10: unknown key capture.leed; did you mean lead?",
        "config.toml:11: capture.spread must be a duration in quotes such as \"30s\", \"10m\" or \"24h\"",
        "config.toml:13: window.start must be a time of day in quotes such as \"20:15\"",
        "config.toml:14: window.end must be a time of day in quotes such as \"20:15\"",
        "config.toml:16: gateway.timeout is 3m; it must lie between 50ms and 1m",
        "config.toml:17: gateway.concurrency must be a whole number from 1 to 64",
        "config.toml:18: gateway.cooldown must be a duration in quotes such as \"30s\", \"10m\" or \"24h\"",
        "config.toml:19: unknown key pol; did you mean poll?",
        "config.toml:22: alerts.expiry_days must be days from 1 to 89, each once and in ascending order",
        "config.toml:23: unknown key alerts.webhook_url; remove it",
        "config.toml:24: alerts.digest must be a time of day in quotes such as \"20:15\"",
        "config.toml:26: http.listen must be an address of this machine with a port, such as \"127.0.0.1:8420\"",
        "config.toml:28: log.format must be one of \"text\", \"json\", \"journald\"",
        "config.toml:29: log.level must be off, error, warn, info, debug or trace, \
         or a filter such as \"info,ecpayd=debug\"; did you mean \"info\"?",
        "ECPAYD_LOG__COLOUR: unknown key log.colour; remove it",
        "ECPAYD_REFUND__RETRY_SHORT_BALANCE: refund.retry_short_balance must be a duration in quotes \
         such as \"30s\", \"10m\" or \"24h\"",
    ];
    assert_eq!(told, wanted);
}

#[test]
fn each_rule_has_its_sentence() {
    for (added, why) in [
        ("[capture]\nlead = \"20d\"\nspread = \"1d\"", "capture.lead and spread together must be shorter"),
        ("[capture]\ndeadline_days = 1", "capture.lead and spread together must be shorter"),
        ("[capture]\nlead = \"-1h\"", "capture.lead must be a duration"),
        ("[capture]\ndeadline_days = \"21\"", "capture.deadline_days must be a whole number"),
        ("[capture]\ndeadline_days = 99999999999999999999", "capture.deadline_days must be a whole number"),
        ("[window]\nend = \"20:15\"", "window.end is the same as window.start"),
        ("[window]\nstart = \"20:30\"\nend = \"20:15\"", "have the two changed places?"),
        ("[window]\nguard = \"2h\"", "window.guard is 2h; it must lie between 0s and 1h"),
        ("[gateway]\ntimeout = \"49ms\"", "gateway.timeout is 49ms; it must lie between 50ms and 1m"),
        ("[gateway]\nstatement_interval = \"61m\"", "gateway.statement_interval is 61m; it must lie between 0s and 1h"),
        ("[reconcile]\nfetch = \"2pm\"", "reconcile.fetch must be a time of day in quotes such as \"20:15\""),
        ("[gateway]\nrequest_validity = \"59s\"", "gateway.request_validity is 59s; it must lie between 1m and 1h"),
        ("[gateway]\nconcurrency = 0", "gateway.concurrency is 0; it must lie between 1 and 64"),
        ("[gateway]\nconcurrency = 65", "gateway.concurrency is 65"),
        ("[gateway]\nmin_interval = \"61s\"", "gateway.min_interval is 1m 1s"),
        ("[poll]\nforeign_writes = \"9ms\"", "poll.foreign_writes is 9ms; it must lie between 10ms and 1m"),
        ("[poll]\nunpaid = \"2d\"", "poll.unpaid is 2d; it must lie between 1s and 1d"),
        ("[alerts]\nexpiry_days = []", "alerts.expiry_days must be days from 1 to 89"),
        ("[alerts]\nexpiry_days = [90]", "alerts.expiry_days must be days from 1 to 89"),
        ("[alerts]\nexpiry_days = [60, 60]", "alerts.expiry_days must be days from 1 to 89"),
        ("[refund]\nvoucher_guard = \"false\"", "refund.voucher_guard must be true or false, without quotes"),
        (
            "[alerts]\nvoucher_refund_unconfirmed_after = \"59s\"",
            "alerts.voucher_refund_unconfirmed_after is 59s; it must lie between 1m and 365d",
        ),
        ("[alerts]\nvoucher_refund_unconfirmed_after = \"366d\"", "is 366d; it must lie between 1m and 365d"),
        ("[alerts]\nvoucher_refund_unconfirmed_after = 7", "voucher_refund_unconfirmed_after must be a duration"),
        ("[alerts]\nexpiry_days = 60", "alerts.expiry_days must be a list"),
        (
            "[poll]\nconfirm = []",
            "poll.confirm must be a list of one or more durations in quotes, each once and shortest",
        ),
        ("[poll]\nconfirm = [\"1d\", \"15m\"]", "poll.confirm must be a list of one or more durations"),
        ("[poll]\nconfirm = [\"1d\", \"1d\"]", "poll.confirm must be a list of one or more durations"),
        ("[poll]\nconfirm = [15, \"1d\"]", "poll.confirm must be a list of one or more durations"),
        ("[poll]\nconfirm = \"15m\"", "poll.confirm must be a list of one or more durations"),
        ("[poll]\nconfirm = [\"15m\", \"61d\"]", "poll.confirm holds 61d; each must lie between 1s and 60d"),
        ("[alerts]\ncapture_ends = [\"1d\", \"3d\"]", "must be a list of 2 durations in quotes, each once and longest"),
        ("[alerts]\ncapture_ends = [\"3d\"]", "alerts.capture_ends must be a list of 2 durations"),
        (
            "[alerts]\ncapture_ends = [\"22d\", \"1d\"]",
            "alerts.capture_ends holds 22d; each must lie between 1m and 21d",
        ),
        ("[alerts]\nrefund_waits = [\"4h\", \"1d\"]", "alerts.refund_waits must be a list of 3 durations in quotes"),
        ("[alerts]\nrefund_waits = [\"4h\", \"soon\", \"3d\"]", "alerts.refund_waits must be a list of 3 durations"),
        ("[alerts]\norder_unknown = [\"1d\", \"1h\"]", "alerts.order_unknown must be a list of 2 durations"),
        (
            "[alerts]\norder_unknown = [\"30s\", \"1h\"]",
            "alerts.order_unknown holds 30s; each must lie between 1m and 30d",
        ),
        ("[alerts]\nunclaimed_after = \"91d\"", "alerts.unclaimed_after is 91d; it must lie between 1h and 90d"),
        ("[database]\npath = \"\"", "database.path must name a file"),
        ("[database]\npath = \":memory:\"", "database.path must name a file"),
        ("[database]\npath = \"file:ecpayd.db\"", "database.path is a URI; name the file itself"),
        ("[log]\nlevel = \"\"", "log.level must be off, error"),
        ("[log]\nlevel = \"a=b=c\"", "log.level must be off, error"),
        ("[http]\nlisen = \"\"", "unknown key http.lisen"),
        ("[[capture]]\nlead = \"1h\"", "capture is a list; it must be a section [capture]"),
        ("capture.lead = 1", "unknown key merchant[0].card.capture"),
        ("[merchant.card.x]", "unknown key merchant[0].card.x"),
    ] {
        refused(&(production() + added), &[], why);
    }
}

#[test]
fn a_window_may_cross_midnight_and_a_guard_may_be_shorter_than_a_call() {
    let text = production() + "[window]\nstart = \"23:50\"\nend = \"00:10\"\nguard = \"0s\"";
    assert_eq!(good(&text, &[]).policy.window.guard, chrono::TimeDelta::zero());
}

#[test]
fn what_is_not_toml_is_told_with_its_line_and_without_its_text() {
    let text = production().replace("hash_iv = \"", "hash_iv = ").replace("\"1234567\"", "1 2");
    let told = load(&text, &[]).expect_err("not TOML");
    assert!(told.len() >= 2 && told.iter().all(|line| line.contains(": not TOML: ")), "{told:#?}");
    assert!(told.iter().any(|line| line.starts_with("config.toml:6:")), "{told:#?}");
    assert!(!told.concat().contains(IV), "{told:#?}");
    refused(&format!("{} = 1", vec!["a"; 20_000].join(".")), &[], "not TOML: recursion limit");
}

#[test]
fn a_file_that_is_not_there_or_not_text_is_one_problem() {
    let scene = Scene::new("");
    scene.write("config.toml", [0xff], 0o600);
    assert_eq!(
        scene.load(&[]).expect_err("bytes"),
        ["config.toml: is not UTF-8 text from byte 0 on; save it as UTF-8"]
    );
    fs::remove_file(scene.path("config.toml")).expect("removed");
    let told = scene.load(&[]).expect_err("gone");
    assert!(told.len() == 1 && told[0].starts_with("config.toml: no such file;"), "{told:#?}");
}
