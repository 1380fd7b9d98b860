//! What a page shows, found again in what a command said.

/// A line without what differs from run to run: figures, and how wide a table is.
pub fn shape(line: &str) -> String {
    let mut shape = String::new();
    for c in line.trim().chars() {
        let c = match c {
            c if c.is_ascii_digit() => '9',
            c if c.is_whitespace() => ' ',
            c => c,
        };
        let is_repeated = shape.ends_with(c) && matches!(c, '9' | ' ' | '─' | '═');
        if !is_repeated {
            shape.push(c);
        }
    }
    shape
}

/// Each line that the page shows was said, in this order; `...` and `(...)` stand for what the page leaves out.
#[track_caller]
pub fn is_said(shown: &str, said: &str) {
    let mut lines = said.lines().map(shape);
    for line in shown.lines().filter(|line| line.trim() != "...") {
        let (start, end) = line.split_once("(...)").map_or((line, None), |(start, end)| (start, Some(end)));
        let (start, end) = (shape(start), end.map(shape));
        let is_it = |said: &String| match &end {
            None => *said == start,
            Some(end) => said.starts_with(&start) && said.ends_with(end.as_str()),
        };
        assert!(lines.any(|said| is_it(&said)), "{line}\nis not in, or comes before another line of\n{said}");
    }
}

#[test]
fn figures_and_widths_make_no_difference_and_words_do() {
    is_said("day 13  NT$400\n...\na (...) b", "day  2   NT$1000\nx\na (1 2) b");
    assert_eq!(shape(" 7  ────  12:00 "), shape("12 ──  9:31"));
    assert_ne!(shape("R 400"), shape("C 400"));
}
