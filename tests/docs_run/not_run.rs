//! What is not typed here: sections that another test types, and lines that none can.

/// Sections in both languages, and the test that runs every command in them as it stands there. Without a heading: the
/// whole page.
pub const ELSEWHERE: [(&str, &[&str], &str); 2] = [
    ("go-live", &[], "tests/docs_go_live.rs"),
    ("operations", &["Taking over a shop", "接手既有的商店"], "tests/docs_takeover.rs"),
];

const PACKAGE: &str = "makes a release build and asks apt; .ci/package does both";
const BENCH: &str = "takes minutes to hours, a machine of its own, and up to 24 GB of disk";
const LIVES: &str = "takes minutes to hours in a release build; cargo test plays runs of it";
const CARGO_TEST: &str = "is what runs this test, or runs beside it";

/// A page's stem, a command without what is said of it, and why no test runs it.
pub const NOT_RUN: [(&str, &str, &str); 25] = [
    ("README", "cargo test", CARGO_TEST),
    ("README", "cargo install cargo-deb --locked && packaging/build", PACKAGE),
    ("README", "sudo apt install ./target/debian/ecpayd_*.deb", PACKAGE),
    ("operations", "sudo apt install ./ecpayd_0.2.0-1_amd64.deb", "asks apt for a version that is yet to come"),
    ("page", "ssh -N -L 8420:127.0.0.1:8420 shop.example", "needs a second machine"),
    ("performance", "cargo bench --bench codec", BENCH),
    ("performance", "cargo bench --bench plan", BENCH),
    ("performance", "cargo bench --bench ledger -- --orders 100000", BENCH),
    ("performance", "cargo bench --bench whole -- engine", BENCH),
    ("performance", "cargo bench --bench whole -- beside", BENCH),
    ("performance", "cargo bench --bench whole -- latency --rows 300", BENCH),
    ("performance", "cargo bench --bench whole -- durability", BENCH),
    ("performance", "cargo bench --bench peers", BENCH),
    ("performance", "cargo bench --bench growth", BENCH),
    ("performance", "cargo bench --bench growth -- 10000 1000000 10000000", BENCH),
    ("performance", "cargo bench --bench morning", BENCH),
    ("performance", "cargo bench --bench morning -- 50000 1", BENCH),
    ("performance", "cargo bench --bench footprint", BENCH),
    ("performance", "cargo bench --bench footprint -- --rest 600 0 1000000", BENCH),
    ("performance", "cargo bench --bench footprint -- 0 10000000", BENCH),
    ("reliability", "cargo run --release --example simulation -- --orders 100000 --seed 1", LIVES),
    ("reliability", "cargo run --release --example simulation -- --replay 17", LIVES),
    ("reliability", "cargo run --release --example simulation -- --orders 1000000 --book lives.jsonl", LIVES),
    ("reliability", "cargo test --test kill", CARGO_TEST),
    ("reliability", "ECPAYD_KILLS=300 cargo test --test kill -- --nocapture killed restored", CARGO_TEST),
];

/// Whether a command of a page is left to others.
pub fn is_left_out(stem: &str, section: &str, command: &str) -> bool {
    let elsewhere =
        |(of, sections, _): &(&str, &[&str], &str)| *of == stem && (sections.is_empty() || sections.contains(&section));
    ELSEWHERE.iter().any(elsewhere) || NOT_RUN.iter().any(|(of, line, _)| *of == stem && *line == command)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::page::{Page, bare};

    fn is_in(stem: &str, is_it: impl Fn(&str, &str) -> bool) -> bool {
        let [english, chinese] = Page::both(stem);
        let has = |page: &Page| page.commands().iter().any(|(_, section, command)| is_it(section, &bare(command)));
        has(&english) && has(&chinese)
    }

    #[test]
    fn nothing_is_left_out_that_no_page_has() {
        for (stem, command, why) in NOT_RUN {
            assert!(is_in(stem, |_, found| found == command), "{stem} has no more: {command} ({why})");
        }
        for (stem, sections, test) in ELSEWHERE {
            let has_one = is_in(stem, |section, _| sections.is_empty() || sections.contains(&section));
            assert!(has_one, "{stem} has no commands in {sections:?}");
            let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(test)).expect(test);
            let page = format!("../docs/{stem}.");
            assert!(text.contains(&page) && sections.iter().all(|section| text.contains(section)), "{test}");
        }
    }

    /// What such a line names is there: benches, tests, examples, scripts, variables, and tests by a part of their name.
    #[test]
    fn what_is_left_out_names_what_there_is() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let read = |name: &str| std::fs::read_to_string(root.join(name)).unwrap_or_default();
        for (_, command, _) in NOT_RUN.iter().filter(|(_, command, _)| command.contains("cargo ")) {
            let words: Vec<&str> = command.split(' ').collect();
            for pair in words.windows(2) {
                match pair {
                    ["--bench", name] => {
                        assert!(read("Cargo.toml").contains(&format!("[[bench]]\nname = \"{name}\"")), "{command}")
                    }
                    ["--test", name] => assert!(root.join(format!("tests/{name}.rs")).exists(), "{command}"),
                    ["--example", name] => assert!(root.join(format!("examples/{name}.rs")).exists(), "{command}"),
                    ["&&", script] => assert!(root.join(script).exists(), "{command}"),
                    _ => {}
                }
            }
            if let Some((variable, _)) = words[0].split_once('=') {
                assert!(read("tests/kill.rs").contains(variable), "{command}");
            }
        }
        let kill = read("tests/kill.rs") + &read("tests/kill/restored.rs");
        for part in ["killed", "restored"] {
            assert!(kill.lines().any(|line| line.contains("fn ") && line.contains(part)), "{part}");
        }
        let simulation = read("examples/simulation.rs");
        for option in ["orders", "seed", "replay", "book"] {
            assert!(simulation.contains(&format!("\n    {option}: ")), "{option}");
        }
    }
}
