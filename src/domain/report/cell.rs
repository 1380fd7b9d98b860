//! A value of a sheet, before any file's dialect.

/// One value. How it is written follows from its column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    None,
    /// Whole New Taiwan dollars, or a count.
    Whole(i64),
    /// Thousandths of a New Taiwan dollar.
    Milli(i64),
    Text(String),
    /// A word for programs, and its name for people.
    Word(&'static str, &'static str),
}

impl Cell {
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    pub fn whole(value: Option<i64>) -> Self {
        value.map_or(Self::None, Self::Whole)
    }

    pub fn milli(value: Option<i64>) -> Self {
        value.map_or(Self::None, Self::Milli)
    }
}

impl<T: Into<String>> From<Option<T>> for Cell {
    fn from(text: Option<T>) -> Self {
        text.map_or(Self::None, Self::text)
    }
}

/// Thousandths with three decimals: `1234.500`.
pub fn milli(value: i64) -> String {
    let (sign, value) = (if value < 0 { "-" } else { "" }, value.unsigned_abs());
    format!("{sign}{}.{:03}", value / 1000, value % 1000)
}

/// Text that a spreadsheet would read as a formula gets an apostrophe in front, by which it is text.
pub fn harmless(text: &str) -> std::borrow::Cow<'_, str> {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}").into() } else { text.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousandths_have_three_decimals_on_both_sides_of_nothing() {
        for (value, text) in [(0, "0.000"), (5, "0.005"), (-5, "-0.005"), (1_234_500, "1234.500"), (-1000, "-1.000")] {
            assert_eq!(milli(value), text);
        }
        assert_eq!(milli(i64::MIN), "-9223372036854775.808");
    }

    #[test]
    fn no_text_begins_as_a_formula_does() {
        for (text, written) in [
            ("=HYPERLINK(\"http://x\")", "'=HYPERLINK(\"http://x\")"),
            ("+886 2 2655 1775", "'+886 2 2655 1775"),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "'\t=1"),
            ("\r=1", "'\r=1"),
            ("broken lid", "broken lid"),
            ("'=1", "'=1"),
            ("", ""),
        ] {
            assert_eq!(harmless(text), written);
        }
    }
}
