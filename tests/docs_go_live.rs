//! The commands of docs/go-live.md and of its twin, run as they stand there beside a real daemon, and the words
//! that the pages show.

mod support;

use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use ecpayd::domain::rule::Rule;
use ecpayd::simulator::Running;
use support::go_live::{answered, keys_as_credentials, night};
use support::{BRISK, Daemon, House, gateway, paid, truth};

const PAGES: [(&str, &str); 2] =
    [(include_str!("../docs/go-live.md"), "en_US.UTF-8"), (include_str!("../docs/go-live.zh-TW.md"), "zh_TW.UTF-8")];

/// What stands in the fences of one language.
fn blocks<'p>(page: &'p str, language: &str) -> Vec<&'p str> {
    let parts: Vec<&str> = page.split("\n```").collect();
    let inside = parts.iter().skip(1).step_by(2);
    inside.filter_map(|part| part.strip_prefix(language)?.strip_prefix('\n')).collect()
}

/// A reader's machine: the daemon is at work, `sudo` does what it is told, and the keys lie where the page says.
struct Reader {
    house: House,
    bank: Running,
    locale: &'static str,
    _daemon: Daemon,
}

impl Reader {
    async fn new(locale: &'static str, with_credentials: bool) -> Self {
        let bank = gateway().await;
        let house = House::new(&bank.url(), BRISK);
        let mut run = house.command(&["run"]);
        if with_credentials {
            keys_as_credentials(&house);
            run.env("CREDENTIALS_DIRECTORY", house.path(""));
        }
        std::fs::create_dir(house.path("bin")).expect("a directory");
        let ecpayd = format!("exec {} \"$@\"", env!("CARGO_BIN_EXE_ecpayd"));
        for (name, script) in
            [("sudo", "exec \"$@\""), ("ecpayd", &ecpayd), ("timedatectl", "echo NTPSynchronized=yes")]
        {
            let path = house.path("bin").join(name);
            std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).expect("a script");
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).expect("its mode");
        }
        let daemon = house.started_as(run).await;
        Self { house, bank, locale, _daemon: daemon }
    }

    /// The commands of a block, one after the other, with the answers for the one that asks; all that they say.
    async fn types(&self, block: &str, answers: &str) -> String {
        let mut said = String::new();
        for line in block.lines() {
            said += &match line.strip_prefix("curl -s ") {
                Some(call) => self.calls(call).await,
                None => self.runs(line, answers),
            };
        }
        said
    }

    fn runs(&self, line: &str, answers: &str) -> String {
        let house = &self.house;
        let line = line.replace("/etc/ecpayd", &house.path("").display().to_string());
        let path = format!("{}:{}", house.path("bin").display(), std::env::var("PATH").unwrap_or_default());
        let mut shell = Command::new("sh");
        shell.args(["-c", &line]).current_dir(house.path("")).env("PATH", path).env("LC_ALL", self.locale);
        shell.env("ECPAYD_CONFIG", house.settings()).env_remove("CREDENTIALS_DIRECTORY");
        let told = answered(shell, answers);
        assert_eq!((told.code, told.err.as_str()), (Some(0), ""), "{line}: {}", told.out);
        told.out
    }

    /// `$SIM/path [-d 'body']`
    async fn calls(&self, call: &str) -> String {
        let (path, body) = call.split_once(" -d ").map_or((call, None), |(path, body)| (path, Some(body)));
        let url = format!("{}/sim/{}", self.bank.url(), path.strip_prefix("$SIM/").expect("the simulator"));
        // An error means that there is a provider already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::new();
        let request = match body {
            Some(body) => client.post(url).body(body.trim_matches('\'').to_owned()),
            None => client.get(url),
        };
        let answer = request.send().await.expect("an answer");
        assert!(answer.status().is_success(), "{call}");
        String::from_utf8(answer.bytes().await.expect("a body").to_vec()).expect("text")
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rehearsal_of_both_pages_works_as_it_stands() {
    for (page, locale) in PAGES {
        let reader = Reader::new(locale, false).await;
        let commands = blocks(page, "sh");
        let said = reader.types(commands[1], "y\ny\n").await;
        for line in blocks(page, "text").join("\n").lines() {
            assert!(said.contains(line), "{line}\nis not in\n{said}");
        }
        assert!(said.contains("\"effect\":true"), "{said}");
        night(&reader.house, &reader.bank.handle, "GOLIVE100").await;
        let next_day = reader.types(commands[2], "y\ny\n").await;
        assert!(next_day.contains("NT$70"), "{next_day}");
        let (void, captured) = (truth(&reader.bank.handle, "GOLIVE35"), truth(&reader.bank.handle, "GOLIVE100"));
        assert!(void.void && captured.captured == 100 && captured.refunded == 100, "{void:?} {captured:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_walk_of_both_pages_works_as_it_stands() {
    for (page, locale) in PAGES {
        let reader = Reader::new(locale, true).await;
        let commands = blocks(page, "sh");
        assert_eq!(commands.len(), 5);
        reader.types(commands[0], "").await;
        paid(&reader.bank.handle, "GOLIVE35", 35);
        paid(&reader.bank.handle, "GOLIVE100", 100);
        reader.types(commands[3], "GOLIVE35\ny\nGOLIVE100\ny\n").await;
        night(&reader.house, &reader.bank.handle, "GOLIVE100").await;
        reader.types(commands[4], "y\ny\n").await;
        assert_eq!(truth(&reader.bank.handle, "GOLIVE100").refunded, 100);
        // The steps that the page sends its reader to are in the recording.
        let recording = std::fs::read_to_string(reader.house.path("go-live.jsonl")).expect("text");
        for step in ["voided", "to_be_captured", "captured", "part_refunded", "refunded"] {
            assert!(recording.contains(&format!("\"step\":\"{step}\"")), "{step}: {recording}");
        }
        // What the tables say of `show` and `status`.
        for (order, parts) in
            [("GOLIVE35", ["voided", "applied"]), ("GOLIVE100", ["refunded NT$100", "state          refunded"])]
        {
            let shown = reader.house.done(&["show", order, "--lang", "en"]);
            assert!(parts.iter().all(|part| shown.contains(part)), "{order}: {shown}");
        }
        let status = reader.house.done(&["status", "--json"]);
        assert!(status.contains("\"open_refunds\": []") && status.contains("\"open_alerts\": []"), "{status}");
    }
}

#[test]
fn both_languages_have_the_same_commands_and_headings() {
    let [(english, _), (chinese, _)] = PAGES;
    assert_eq!(blocks(english, "sh"), blocks(chinese, "sh"));
    let depths = |page: &str| -> Vec<usize> {
        let headings = page.lines().filter(|line| line.starts_with('#'));
        headings.map(|line| line.chars().take_while(|c| *c == '#').count()).collect()
    };
    assert_eq!(depths(english), depths(chinese));
    assert_eq!(blocks(english, "text").len(), blocks(chinese, "text").len());
}

#[test]
fn both_pages_name_rules_that_there_are() {
    for (page, _) in PAGES {
        let rows = page.lines().filter(|line| line.starts_with("| ")).filter(|line| line.contains("captured`"));
        let named: Vec<&str> =
            rows.filter_map(|row| row.split('|').nth(2)).flat_map(|cell| cell.split('`').skip(1).step_by(2)).collect();
        assert!(named.len() >= 6, "{named:?}");
        for name in named.iter().filter(|name| name.contains('-')) {
            assert!(Rule::ALL.iter().any(|rule| rule.word() == *name), "{name}");
        }
    }
}
