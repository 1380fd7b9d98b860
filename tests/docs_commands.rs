//! Every command of the pages is one that the program takes, with each of its flags.
//!
//! What they do is held by other tests: `docs_takeover`, `docs_go_live`, `copies`, `doctor`, `commands`.

use std::path::Path;
use std::process::Command;

/// The commands in the fences of a page, without what stands before and behind them.
fn commands(page: &str) -> Vec<Vec<String>> {
    let fences = page.split("\n```").skip(1).step_by(2);
    let shell = fences.filter_map(|fence| fence.strip_prefix("sh\n"));
    let joined: Vec<String> = shell.map(|fence| fence.replace("\\\n", " ")).collect();
    let lines = joined.iter().flat_map(|fence| fence.lines());
    let parts = lines.flat_map(|line| line.split("&&").flat_map(|part| part.split([';', '|'])));
    parts.filter_map(of_ecpayd).collect()
}

fn of_ecpayd(part: &str) -> Option<Vec<String>> {
    let part = part.split(" #").next().unwrap_or_default();
    let mut words = words(part).into_iter();
    while let Some(word) = words.next() {
        match word.as_str() {
            "ecpayd" => return Some(words.take_while(|word| !word.starts_with(['>', '<', '&'])).collect()),
            // Whose command it is.
            "sudo" | "-u" | "ecpayd-user" => {}
            name if name == "www-data" || name.contains('=') => {}
            _ => return None,
        }
        // `sudo -u ecpayd ecpayd ...`
        if word == "-u" {
            words.next();
        }
    }
    None
}

/// As a shell splits a line: what is in quotes is one word.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut quote): (Vec<String>, Option<char>) = (Vec::new(), None);
    let mut begins = true;
    for c in line.chars() {
        match quote {
            Some(end) if c == end => quote = None,
            None if matches!(c, '"' | '\'') => quote = Some(c),
            None if c.is_whitespace() => begins = true,
            _ => {
                if std::mem::take(&mut begins) {
                    words.push(String::new());
                }
                words.last_mut().expect("one has begun").push(c);
            }
        }
    }
    words
}

#[test]
fn the_program_takes_every_command_of_the_pages() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let docs = std::fs::read_dir(root.join("docs")).expect("the pages").map(|entry| entry.expect("a page").path());
    let pages = docs.chain(["README.md", "README.zh-TW.md"].map(|name| root.join(name)));
    let (mut tried, mut wrong) = (0, Vec::new());
    for path in pages.filter(|path| path.extension().is_some_and(|kind| kind == "md")) {
        let page = std::fs::read_to_string(&path).expect("text");
        for command in commands(&page) {
            // Arguments are read up to the question for help, which then does nothing.
            let told = Command::new(env!("CARGO_BIN_EXE_ecpayd")).args(&command).arg("--help").output();
            let told = told.expect("the program starts");
            tried += 1;
            if !told.status.success() {
                let said = String::from_utf8_lossy(&told.stderr).into_owned();
                wrong.push(format!("{}: ecpayd {}: {said}", path.display(), command.join(" ")));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(tried > 60, "{tried} commands were found");
}
