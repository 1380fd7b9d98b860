//! How numbers and times are written.

use chrono::{DateTime, Utc};

use super::words::Words;
use crate::domain::calendar::taipei;

/// Whole dollars, in groups of three digits.
pub fn money(dollars: i64) -> String {
    let digits = dollars.unsigned_abs().to_string();
    let mut text = String::new();
    if dollars < 0 {
        text.push('−');
    }
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

pub fn money_or_dash(dollars: Option<i64>) -> String {
    dollars.map_or_else(|| "–".to_owned(), money)
}

/// `2026-08-01 09:30`, in Taipei.
pub fn minute(at: DateTime<Utc>) -> String {
    taipei(at).format("%Y-%m-%d %H:%M").to_string()
}

/// The same of a view's column, which has seconds.
pub fn cut(text: &str) -> String {
    text.chars().take(16).collect()
}

pub fn cut_or_dash(text: Option<&str>) -> String {
    text.map_or_else(|| "–".to_owned(), cut)
}

/// A sentence of the ledger, which begins small and has no stop, among others.
pub fn sentence(w: &Words, text: &str) -> String {
    let mut rest = text.chars();
    let Some(first) = rest.next() else { return String::new() };
    let stop = if text.ends_with(['.', '。', '!', '！', '?', '？', '…']) { "" } else { w.stop };
    format!("{}{}{stop}", first.to_uppercase(), rest.as_str())
}

/// A place between 0 and 100, as SVG has it.
pub fn percent(part: f64) -> String {
    format!("{:.2}%", part.clamp(0.0, 100.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_written_in_groups_of_three() {
        for (dollars, text) in [(0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567"), (-45_000, "−45,000")]
        {
            assert_eq!(money(dollars), text);
        }
    }

    #[test]
    fn times_are_of_taipei_and_without_seconds() {
        assert_eq!(minute(DateTime::UNIX_EPOCH), "1970-01-01 08:00");
        assert_eq!(cut("2026-08-01 09:30:52"), "2026-08-01 09:30");
    }
}
