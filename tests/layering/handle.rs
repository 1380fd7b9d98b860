//! Tests reach a ledger through one handle, so that another database can stand behind it.

use std::path::{Path, PathBuf};

const LIBRARIES: [&str; 3] = ["sqlx", "rusqlite", "libsqlite3_sys"];

const HANDLE: &str = "tests/support/ledger/";

/// Who else names a library of the database, and why. The benches are no tests: they are measured on SQLite alone.
const OTHERS: [(&str, &str); 1] =
    [("tests/migrations.rs", "runs SQLite's own steps one at a time, by the library that the daemon runs them with")];

/// Every source of the tests and examples, by its path from the root.
fn sources() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (mut folders, mut found) = (vec![root.join("tests"), root.join("examples")], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path: PathBuf = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let name = path.strip_prefix(root).expect("below the root").display().to_string();
                found.push((name, std::fs::read_to_string(&path).expect("a source")));
            }
        }
    }
    found.sort();
    found
}

/// Whether a library stands in it as the beginning of a path or in a `use`; a comment or a text may name it.
fn names_a_library(code: &str) -> bool {
    let code = code.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
    LIBRARIES.iter().any(|library| {
        code.match_indices(library).any(|(at, _)| {
            let (before, after) = (&code[..at], &code[at + library.len()..]);
            let whole = !before.ends_with(|c: char| c.is_alphanumeric() || c == '_');
            let used = ["use ", "use ::", "extern crate "].iter().any(|word| before.ends_with(word));
            whole && (after.starts_with("::") || (used && after.starts_with([';', ' '])))
        })
    })
}

#[test]
fn tests_reach_a_ledger_through_the_handle_alone() {
    let naming: Vec<String> =
        sources().into_iter().filter(|(_, code)| names_a_library(code)).map(|(name, _)| name).collect();
    let (own, others): (Vec<_>, Vec<_>) = naming.into_iter().partition(|name| name.starts_with(HANDLE));
    assert!(!own.is_empty(), "{HANDLE} has moved");
    // One that has moved to the handle leaves the list.
    assert_eq!(others, OTHERS.map(|(name, _)| name));
}

#[test]
fn a_library_is_found_wherever_code_names_it() {
    for library in LIBRARIES {
        for code in ["use @::Row;", "    let x = @::open(p);", "use {std::fs, @::Row};", "use ::@;", "use @ as other;"]
        {
            assert!(names_a_library(&code.replace('@', library)), "{code}");
        }
        for code in ["// @::query", "\"_@_migrations\"", "let @ = 1;", "my@::y"] {
            assert!(!names_a_library(&code.replace('@', library)), "{code}");
        }
    }
}
