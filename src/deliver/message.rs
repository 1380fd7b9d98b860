//! What a channel sends, whatever its kind.

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::domain::alert::Severity;

#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// The same over all tries: receivers know a double by it.
    pub id: String,
    /// When this try is made. A webhook signs it, and its receiver refuses what is minutes old.
    pub at: DateTime<Utc>,
    pub severity: Severity,
    /// One line.
    pub title: String,
    /// Plain text of any number of lines.
    pub text: String,
    /// What webhooks and commands get.
    pub json: Value,
}

impl Message {
    /// Title and text for a service that knows no titles.
    pub(super) fn whole(&self) -> String {
        if self.text.is_empty() { self.title.clone() } else { format!("{}\n{}", self.title, self.text) }
    }
}

/// Marks what was cut off.
const MORE: char = '…';

/// At most `longest` units of UTF-16, in which the chat services count.
pub(super) fn cut_utf16(text: &str, longest: usize) -> String {
    cut(text, longest, char::len_utf16)
}

/// At most `longest` bytes.
pub(super) fn cut_bytes(text: &str, longest: usize) -> String {
    cut(text, longest, char::len_utf8)
}

fn cut(text: &str, longest: usize, size: fn(char) -> usize) -> String {
    if text.chars().map(size).sum::<usize>() <= longest {
        return text.to_owned();
    }
    let mut left = longest.saturating_sub(size(MORE));
    let fits = |c: &char| match left.checked_sub(size(*c)) {
        Some(rest) => {
            left = rest;
            true
        }
        None => false,
    };
    text.chars().take_while(fits).chain([MORE]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_where_the_service_would_refuse_it_and_says_so() {
        for (text, longest, kept) in
            [("付款", 2, "付款"), ("付款了", 2, "付…"), ("😀😀", 4, "😀😀"), ("😀😀a", 4, "😀…")]
        {
            assert_eq!(cut_utf16(text, longest), kept);
        }
        for (text, longest, kept) in [("付款", 6, "付款"), ("付款a", 6, "付…"), ("abcdef", 5, "ab…")] {
            assert_eq!(cut_bytes(text, longest), kept);
        }
    }
}
