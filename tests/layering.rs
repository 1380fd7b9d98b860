//! Who may import whom, and what only one room may do: read from the sources themselves.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

#[path = "layering/circles.rs"]
mod circles;
#[path = "layering/handle.rs"]
mod handle;

/// The rooms, and whom each may enter beside itself.
const MAY_IMPORT: [(&str, &[&str]); 16] = [
    // Switches for the checker's own test; a macro reaches them from everywhere.
    ("deliberate", &[]),
    ("domain", &[]),
    ("gateway", &["domain"]),
    ("ledger", &["domain"]),
    ("engine", &["domain", "gateway", "ledger"]),
    ("deliver", &["domain", "ledger", "config"]),
    ("simulator", &["domain", "gateway"]),
    ("config", &["domain"]),
    ("telemetry", &["config", "domain"]),
    ("web", &["domain", "ledger"]),
    ("metrics", &["engine", "ledger", "gateway", "domain"]),
    (
        "daemon",
        &["metrics", "deliver", "doctor", "web", "engine", "ledger", "gateway", "domain", "config", "telemetry"],
    ),
    ("doctor", &["ledger", "gateway", "domain", "config"]),
    ("rehearsal", &["daemon", "engine", "ledger", "gateway", "domain", "config", "simulator"]),
    (
        "cli",
        &[
            "rehearsal",
            "daemon",
            "doctor",
            "deliver",
            "web",
            "engine",
            "ledger",
            "gateway",
            "domain",
            "config",
            "telemetry",
            "simulator",
        ],
    ),
    ("main", &["cli"]),
];

/// The wire code, which is all that the simulator may take from the gateway.
const WIRE: &str = "wire";

const LONGEST_FILE: usize = 350;
const LONGEST_FUNCTION: usize = 70;

struct Source {
    path: PathBuf,
    room: String,
    /// Without what only tests see, and without comments.
    code: String,
    lines: usize,
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder of src") {
            let path = entry.expect("an entry of src").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                found.push(source(&root, path));
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

fn source(root: &Path, path: PathBuf) -> Source {
    let text = std::fs::read_to_string(&path).expect("a source");
    let path = path.strip_prefix(root).expect("below src").to_owned();
    let first = path.iter().next().expect("a name").to_string_lossy().into_owned();
    let room = first.trim_end_matches(".rs").to_owned();
    // A test module stands at the end of its file, or in a file of its own, which is declared anywhere.
    let tests = path.file_name().is_some_and(|n| n == "tests.rs") || path.iter().any(|part| part == "tests");
    let code = if tests { String::new() } else { text.replace("#[cfg(test)]\nmod tests;\n", "") };
    let production = code.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
    let comments = |line: &&str| !line.trim_start().starts_with("//");
    let code = production.lines().filter(comments).collect::<Vec<_>>().join("\n");
    Source { path, room, code, lines: text.lines().count() }
}

/// Every path that begins with `prefix`, as its parts; braces are opened.
fn paths(code: &str, prefix: &str) -> BTreeSet<Vec<String>> {
    let mut found = BTreeSet::new();
    for (at, _) in code.match_indices(prefix) {
        let before = code[..at].chars().next_back();
        if before.is_none_or(|c| !c.is_alphanumeric() && c != '_' && c != ':') {
            opened(&code[at + prefix.len()..], Vec::new(), &mut found);
        }
    }
    found
}

/// Reads one path or one group in braces from the start of `code`; returns what follows it.
fn opened<'a>(code: &'a str, mut parts: Vec<String>, found: &mut BTreeSet<Vec<String>>) -> &'a str {
    let code = code.trim_start();
    if let Some(mut rest) = code.strip_prefix('{') {
        loop {
            rest = rest.trim_start().trim_start_matches(',').trim_start();
            match rest.strip_prefix('}') {
                Some(after) => return after,
                None if rest.is_empty() => return rest,
                None => rest = opened(rest, parts.clone(), found),
            }
        }
    }
    let end = code.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(code.len());
    let (word, rest) = code.split_at(end);
    if word.is_empty() {
        found.insert(parts);
        return code.get(1..).unwrap_or_default();
    }
    parts.push(word.to_owned());
    match rest.strip_prefix("::") {
        Some(rest) => opened(rest, parts, found),
        None => {
            found.insert(parts);
            rest.strip_prefix(" as ")
                .map_or(rest, |name| name.trim_start_matches(|c: char| c.is_alphanumeric() || c == '_'))
        }
    }
}

#[test]
fn every_room_imports_only_from_the_rooms_below_it() {
    let mut forbidden = Vec::new();
    for source in sources().iter().filter(|s| s.room != "lib") {
        let allowed = MAY_IMPORT.iter().find(|(room, _)| *room == source.room);
        let (_, allowed) = allowed.unwrap_or_else(|| panic!("{} is no room of the house", source.path.display()));
        let named = paths(&source.code, "crate::").into_iter().chain(paths(&source.code, "ecpayd::"));
        for path in named.filter(|p| p.first().is_some_and(|room| *room != source.room)) {
            let room = path[0].as_str();
            let wire = path.get(1).is_some_and(|part| part == WIRE);
            if !allowed.contains(&room) || (source.room == "simulator" && room == "gateway" && !wire) {
                forbidden.push(format!("{}: {}", source.path.display(), path.join("::")));
            }
        }
    }
    assert!(forbidden.is_empty(), "{forbidden:#?}");
}

#[test]
fn the_domain_knows_no_crate_that_reads_or_writes() {
    const PURE: [&str; 8] = ["std", "crate", "super", "self", "chrono", "chrono_tz", "thiserror", "serde"];
    for source in sources().iter().filter(|s| s.room == "domain") {
        for line in source.code.lines().map(str::trim_start) {
            let line = line.strip_prefix("pub").map_or(line, |l| l.trim_start_matches("(super)").trim_start());
            let Some(named) = line.strip_prefix("use ") else { continue };
            let from = named.split([':', ';', ' ']).next().unwrap_or_default();
            // A module of the same file, or one of its names, as in the import of an enum's variants.
            let own = from.starts_with(char::is_uppercase) || source.code.contains(&format!("mod {from};"));
            assert!(own || PURE.contains(&from), "{}: {line}", source.path.display());
        }
    }
}

#[test]
fn braces_and_inline_paths_are_read() {
    let code = "use crate::{domain::{ids::A, money}, ledger};\nlet x = crate::gateway::card::new();\nmycrate::web::y";
    let read: Vec<_> = paths(code, "crate::").into_iter().map(|p| p.join("::")).collect();
    assert_eq!(read, ["domain::ids::A", "domain::money", "gateway::card::new", "ledger"]);
}

#[test]
fn only_the_ledger_makes_the_licence_for_a_money_call() {
    let makers: Vec<_> = sources()
        .into_iter()
        .filter(|s| s.code.contains("CommittedAttempt for"))
        .map(|s| s.path.display().to_string())
        .collect();
    assert_eq!(makers, ["ledger/attempts.rs"]);
}

/// The one call of the kind that is made without it asks a question, and can be no other action.
#[test]
fn only_the_doctor_asks_with_a_money_call_and_only_with_e() {
    let sources = sources();
    let named = |what: &str| -> Vec<String> {
        sources.iter().filter(|s| s.code.contains(what)).map(|s| s.path.display().to_string()).collect()
    };
    assert_eq!(named("gateway.probe("), ["doctor/probe.rs"]);
    assert_eq!(
        named("Errand::Money(leave)"),
        ["gateway/caller.rs", "gateway/card/form/mod.rs", "gateway/card/mod.rs", "gateway/card/probe.rs"]
    );
    let probe = sources.iter().find(|s| s.path.ends_with("gateway/card/probe.rs")).expect("the question");
    assert!(
        probe.code.contains("Action::E")
            && !["Action::C", "Action::R", "Action::N"].iter().any(|a| probe.code.contains(a))
    );
    assert_eq!(
        probe.code.matches("Untouched {\n").count(),
        3,
        "its proof: a type, its methods, and one place that makes it"
    );
}

/// Where SQLite itself is spoken to.
const SQLITE: [&str; 2] = ["ledger/db/", "ledger/sqlite/"];

#[test]
fn only_the_database_of_the_ledger_knows_which_engine_it_is() {
    for source in sources() {
        let name = source.path.display().to_string();
        if !SQLITE.iter().any(|folder| name.starts_with(folder)) {
            assert!(!source.code.contains("rusqlite"), "{name}");
        }
    }
}

#[test]
fn clocks_are_read_by_the_daemon_and_the_commands_alone() {
    for source in sources().iter().filter(|s| !matches!(s.room.as_str(), "daemon" | "cli" | "main")) {
        for clock in ["Utc::now", "Local::now", "SystemTime::now"] {
            assert!(!source.code.contains(clock), "{} reads {clock}", source.path.display());
        }
    }
}

#[test]
fn no_file_is_too_long_to_be_read_at_a_sitting() {
    for source in sources() {
        assert!(source.lines <= LONGEST_FILE, "{} has {} lines", source.path.display(), source.lines);
    }
}

/// Each function with its number of lines, as `cargo fmt` lays them out: from `fn` to the brace
/// that stands as far in.
fn functions(code: &str) -> Vec<(String, usize)> {
    let lines: Vec<&str> = code.lines().collect();
    let mut found = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let Some((before, after)) = line.split_once("fn ") else { continue };
        let words = before
            .split_whitespace()
            .all(|w| w.starts_with("pub") || w.ends_with(')') || matches!(w, "const" | "async"));
        if !words || line.trim_end().ends_with(['}', ';']) {
            continue;
        }
        let closing = format!("{}}}", &line[..line.len() - line.trim_start().len()]);
        let name = after.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default();
        if let Some(length) = lines[at..].iter().position(|line| *line == closing) {
            found.push((name.to_owned(), length + 1));
        }
    }
    found
}

#[test]
fn no_function_is_too_long_to_be_seen_at_once() {
    let code = "pub(in crate::x) async fn two() {\n}\n\nimpl X {\n    fn four(\n        x: u8,\n    ) {\n    }\n    fn one() {}\n}";
    let read = functions(code);
    assert_eq!(read, [("two".to_owned(), 2), ("four".to_owned(), 4)], "that lengths are read");
    for source in sources() {
        for (name, lines) in functions(&source.code) {
            assert!(lines <= LONGEST_FUNCTION, "{}: {name} has {lines} lines", source.path.display());
        }
    }
}

#[test]
fn nothing_is_unsafe() {
    for source in sources() {
        let unsafe_word = source.code.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == "unsafe");
        assert!(!unsafe_word, "{}", source.path.display());
    }
}
