//! The commands that stand in a sentence: each is one that the program takes, with each of its flags.

use std::process::Command;

use crate::page::Page;

/// Sentences that begin with the program's name and are none of its commands.
const SENTENCES: [&str; 1] = ["ecpayd alone writes ..."];

/// Whose command it is.
const PREFIXES: [&str; 2] = ["sudo -u ecpayd ", "sudo "];

/// As a shell splits a line; a word that a reader has to put in place of is a number.
fn words(command: &str) -> Vec<String> {
    let parts = command.split('"').enumerate();
    let split = |(number, part): (usize, &str)| -> Vec<String> {
        let is_quoted = number % 2 == 1;
        if is_quoted { vec![part.to_owned()] } else { part.split_whitespace().map(str::to_owned).collect() }
    };
    let is_filled_in = |word: &str| word.chars().all(|c| c.is_ascii_uppercase() || !c.is_ascii());
    parts.flat_map(split).map(|word| if is_filled_in(&word) { "1".to_owned() } else { word }).collect()
}

#[test]
fn the_program_takes_every_command_of_a_sentence() {
    let (mut tried, mut wrong) = (0, Vec::new());
    for page in Page::all() {
        for span in page.spans() {
            let stripped = PREFIXES.iter().find_map(|prefix| span.strip_prefix(prefix)).unwrap_or(span);
            let Some(command) = stripped.strip_prefix("ecpayd ").filter(|_| !SENTENCES.contains(&span.as_str())) else {
                continue;
            };
            // Arguments are read up to the question for help, which then does nothing.
            let told = Command::new(env!("CARGO_BIN_EXE_ecpayd")).args(words(command)).arg("--help").output();
            let told = told.expect("the program starts");
            tried += 1;
            if !told.status.success() {
                wrong.push(format!("{}: {span}: {}", page.name(), String::from_utf8_lossy(&told.stderr)));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(tried > 100, "{tried} commands were found");
}
