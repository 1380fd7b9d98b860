//! The names of channels: of those for people and of those for the shop together.

use std::collections::BTreeSet;

use super::reader::Section;

const LONGEST: usize = 40;

#[derive(Default)]
pub(super) struct Names(BTreeSet<String>);

impl Names {
    /// What the section says, if it says something.
    pub(super) fn read(&mut self, section: &mut Section<'_>) -> Option<String> {
        let name = section.text("name").filter(|name| !name.is_empty())?;
        let shaped = name.len() <= LONGEST && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
        if !shaped {
            section.complain("name", format!("must be 1 to {LONGEST} letters, digits, dots and dashes"));
        } else if !self.0.insert(name.clone()) {
            section.complain("name", "stands twice; each channel has a name of its own");
        }
        Some(name)
    }

    /// For a channel without a name: `word`, then `word-2`, and so on.
    pub(super) fn make(&mut self, word: &str) -> String {
        let mut name = word.to_owned();
        let mut number = 1;
        while !self.0.insert(name.clone()) {
            number += 1;
            name = format!("{word}-{number}");
        }
        name
    }
}
