//! What is wrong with the settings: collected, then told all at once.
//!
//! A message names the key and what is wanted, never the text that stands there:
//! any value may be a key that was pasted into the wrong line.

use std::{cell::RefCell, fmt, path::Path};

use super::super::places::SecretPlace;

/// Where a value came from. In the order in which problems are told.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// The settings file as a whole.
    File,
    /// A line of the settings file, from 1.
    Line(usize),
    /// An environment variable.
    Env(String),
}

/// Every problem of the settings, one line each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problems(Vec<String>);

impl Problems {
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("\n"))
    }
}

impl std::error::Error for Problems {}

/// Takes problems and warnings from every reader; shared, since sections nest.
#[derive(Default)]
pub struct Report {
    file: String,
    problems: RefCell<Vec<(Place, String)>>,
    warnings: RefCell<Vec<String>>,
    secrets: RefCell<Vec<SecretPlace>>,
}

impl Report {
    pub fn new(file: &Path) -> Self {
        Self { file: file.display().to_string(), ..Self::default() }
    }

    pub fn problem(&self, place: &Place, text: impl Into<String>) {
        self.problems.borrow_mut().push((place.clone(), text.into()));
    }

    pub fn warn(&self, place: &Place, text: impl fmt::Display) {
        self.warnings.borrow_mut().push(self.line(place, text));
    }

    pub fn secret(&self, place: SecretPlace) {
        self.secrets.borrow_mut().push(place);
    }

    /// The secrets that were read so far.
    pub fn secrets(&self) -> Vec<SecretPlace> {
        self.secrets.borrow().clone()
    }

    /// The warnings, if nothing is wrong.
    pub fn finish(self) -> Result<Vec<String>, Problems> {
        if self.problems.borrow().is_empty() { Ok(self.warnings.take()) } else { Err(self.into_problems()) }
    }

    pub fn into_problems(self) -> Problems {
        let mut problems = self.problems.take();
        // Stable: problems of one line stay in the order of the checks.
        problems.sort_by(|a, b| a.0.cmp(&b.0));
        Problems(problems.iter().map(|(place, text)| self.line(place, text)).collect())
    }

    fn line(&self, place: &Place, text: impl fmt::Display) -> String {
        match place {
            Place::File => format!("{}: {text}", self.file),
            Place::Line(line) => format!("{}:{line}: {text}", self.file),
            Place::Env(name) => format!("{}: {text}", one_line(name)),
        }
    }
}

/// A name that may be anything: without line breaks, and no page of text.
pub(super) fn one_line(name: &str) -> String {
    name.chars().take(80).flat_map(char::escape_debug).collect()
}
