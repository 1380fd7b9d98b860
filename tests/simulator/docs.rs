//! The examples of the documentation, run as they stand there.

use std::sync::Arc;
use std::time::Instant;

use ecpayd::simulator::Options;
use serde_json::Value;

use crate::scene::{NOON, at, served_by};

struct Example {
    method: reqwest::Method,
    path: String,
    body: Option<String>,
}

/// `curl -s [-X METHOD] $SIM/path [-d 'body']   # what for`
fn example(line: &str) -> Example {
    let (rest, body) = match line.split_once(" -d '") {
        Some((rest, body)) => (rest, Some(body.rsplit_once('\'').expect("a closing quote").0.to_owned())),
        None => (line, None),
    };
    // The body ends at its own quote: what follows is a comment, which may quote too.
    let body = body.map(|b| b.split_once("'  ").map_or(b.clone(), |(body, _)| body.to_owned()));
    let words: Vec<&str> = rest.split_whitespace().collect();
    let method = words.iter().position(|w| *w == "-X").map(|at| words[at + 1]);
    let usual = if body.is_some() { "POST" } else { "GET" };
    Example {
        method: method.unwrap_or(usual).parse().expect("a method"),
        path: words.iter().find_map(|w| w.strip_prefix("$SIM/")).expect("a path").to_owned(),
        body,
    }
}

fn examples(page: &str) -> Vec<&str> {
    page.lines().filter(|line| line.starts_with("curl ")).collect()
}

#[tokio::test]
async fn every_example_of_both_languages_works_as_it_stands() {
    for page in [include_str!("../../docs/simulator.md"), include_str!("../../docs/simulator.zh-TW.md")] {
        let began = Instant::now();
        // A clock that runs, as the reader's does: it has moved on between any two readings.
        let clock = Arc::new(move || at(NOON) + chrono::Duration::from_std(began.elapsed()).expect("a short time"));
        let (sim, client) = served_by(Options::new(clock)).await;
        let lines = examples(page);
        assert!(lines.len() > 30);
        for line in lines {
            let Example { method, path, body } = example(line);
            let request = client.request(method, format!("{}/sim/{path}", sim.url())).body(body.unwrap_or_default());
            let answer = request.send().await.expect("an answer");
            let status = answer.status();
            let text = String::from_utf8(answer.bytes().await.expect("a body").to_vec()).expect("text");
            assert!(status.is_success() && serde_json::from_str::<Value>(&text).is_ok(), "{line}: {status} {text}");
        }
        sim.shutdown().await;
    }
}

#[test]
fn both_languages_have_the_same_examples() {
    let calls = |page| -> Vec<(String, Option<String>)> {
        examples(page).into_iter().map(example).map(|e| (format!("{} {}", e.method, e.path), e.body)).collect()
    };
    let english = calls(include_str!("../../docs/simulator.md"));
    assert_eq!(english, calls(include_str!("../../docs/simulator.zh-TW.md")));
}
