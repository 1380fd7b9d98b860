//! What docs/alerts.md shows in both languages: settings that are read, and receivers that verify.

use std::path::Path;
use std::process::{Command, Output};

use ecpayd::config::{KeysNeeded, Settings};
use serde_json::{Value, json};

use super::receiver::{Receiver, answer};
use super::{MARK, channel, message, of_tests, python_with, write_settings};

const PAGES: [&str; 2] = ["docs/alerts.md", "docs/alerts.zh-TW.md"];

fn page(name: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).expect("a page")
}

/// The blocks of a language, in order.
fn blocks(page: &str, language: &str) -> Vec<String> {
    let opened = format!("\n```{language}\n");
    page.split(opened.as_str()).skip(1).map(|rest| rest.split("\n```").next().unwrap_or_default().to_owned()).collect()
}

#[test]
fn the_settings_of_the_pages_are_read_and_the_same_in_both_languages() {
    let [english, chinese] = PAGES.map(|name| blocks(&page(name), "toml"));
    assert_eq!(english.len(), 5);
    let bare = |block: &String| {
        block.lines().map(|line| line.split(" #").next().unwrap_or_default().trim_end().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(english.iter().map(bare).collect::<Vec<_>>(), chinese.iter().map(bare).collect::<Vec<_>>());
    for block in english {
        let (_dir, path) = write_settings(&block);
        let settings =
            Settings::load(&path, std::iter::empty(), KeysNeeded::None).unwrap_or_else(|told| panic!("{told}"));
        assert!(settings.alerts.channels.len() + settings.event_channels.len() > 0, "{block}");
        assert!(settings.warnings.is_empty(), "{:?}", settings.warnings);
    }
}

#[test]
fn the_pages_have_one_structure_and_show_the_receivers_that_the_test_runs() {
    let pages = PAGES.map(page);
    let shape = |page: &String| {
        page.lines()
            .filter(|line| line.starts_with('#'))
            .map(|line| line.split(' ').next().unwrap_or_default().len())
            .collect::<Vec<_>>()
    };
    assert_eq!(shape(&pages[0]), shape(&pages[1]));
    assert_eq!(pages[0].lines().count(), pages[1].lines().count(), "lines");
    for page in pages {
        for (language, file) in [("php", "verify.php"), ("python", "verify.py")] {
            let text = std::fs::read_to_string(of_tests(file)).expect("a receiver");
            assert_eq!(blocks(&page, language), [text.trim_end()]);
        }
    }
}

const PHP: &str = "require $argv[1]; $asked = json_decode(file_get_contents($argv[2]), true); \
                   foreach ($asked as [$secret, $headers, $body]) echo json_encode(verified($secret, $headers, $body)), \"\\n\";";

const PYTHON: &str = "
import json, runpy, sys
verified = runpy.run_path(sys.argv[1])['verified']
for secret, headers, body in json.load(open(sys.argv[2])):
    print(json.dumps(verified(secret, headers, body.encode())))
";

fn lines(output: &Output) -> Vec<String> {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect()
}

#[tokio::test]
async fn the_receivers_of_the_pages_verify_what_is_sent_and_nothing_else() {
    let new = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    let receiver = Receiver::new(answer(200, "", "")).await;
    let keys =
        format!("kind = \"webhook\"\nurl = \"http://{}/\"\nsecret = \"{new}\"\nsecret_old = \"{MARK}\"\n", receiver.at);
    let channel = channel(&keys);
    let (mut fresh, mut old) = (message(), message());
    fresh.at = super::now();
    old.at = fresh.at - chrono::TimeDelta::minutes(6);
    for message in [&fresh, &old] {
        channel.send(message).await.expect("sent");
    }
    let [fresh, old] = receiver.asked().try_into().expect("two");
    let mut without = fresh.headers.clone();
    without.remove("webhook-signature");
    let cases = json!([
        [new, fresh.headers, fresh.body],
        [MARK, fresh.headers, fresh.body],
        ["another key of at least 24 bytes", fresh.headers, fresh.body],
        [new, fresh.headers, fresh.body.replace('7', "8")],
        [new, old.headers, old.body],
        [new, without, fresh.body],
    ]);
    let wanted = ["true", "true", "false", "false", "false", "false"];
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("cases.json");
    std::fs::write(&path, Value::to_string(&cases)).expect("written");

    if let Some(mut python) = python_with("hmac") {
        let output = python.args(["-c", PYTHON]).arg(of_tests("verify.py")).arg(&path).output().expect("python");
        assert_eq!(lines(&output), wanted, "Python");
    }
    match Command::new("php").args(["-r", PHP, "--"]).arg(of_tests("verify.php")).arg(&path).output() {
        Ok(output) => assert_eq!(lines(&output), wanted, "PHP"),
        Err(_) => super::skipped("php is not installed"),
    }
}
