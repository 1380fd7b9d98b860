//! Both languages show the same: fence by fence, but for comments, for what people say, and for what the program
//! prints in the reader's language.

use crate::page::{Fence, Page, bare, is_shell};

/// What a shop or a person says, in its own language.
const SPOKEN: [(&str, &str); 5] = [
    ("週年慶", "anniversary"),
    ("沒有使用", "not used"),
    ("杯蓋破損", "broken lid"),
    ("盤點", "stock count"),
    ("有事要看", "somebody has to look"),
];

/// What a fence says to a program, line by line.
fn code(fence: &Fence) -> Vec<String> {
    let marker = match fence.language.as_str() {
        language if is_shell(language) => return fence.body.lines().map(|line| spoken(bare_line(line))).collect(),
        "sql" => "--",
        "toml" => "#",
        // Nothing of it is a comment.
        _ => "\n",
    };
    let of_line = |line: &str| spoken(line.split(marker).next().unwrap_or_default().trim_end().to_owned());
    fence.body.lines().map(of_line).collect()
}

fn bare_line(line: &str) -> String {
    if line.starts_with('#') { String::new() } else { bare(line) }
}

fn spoken(line: String) -> String {
    SPOKEN.iter().fold(line, |line, (chinese, english)| line.replace(chinese, english))
}

#[test]
fn both_languages_have_the_same_fences() {
    let mut compared = 0;
    for english in Page::all().into_iter().filter(|page| !page.is_chinese) {
        let [english, chinese] = Page::both(&english.stem);
        let languages = |page: &Page| page.fences().iter().map(|f| f.language.clone()).collect::<Vec<_>>();
        assert_eq!(languages(&english), languages(&chinese), "{}", english.name());
        for (one, other) in english.fences().iter().zip(chinese.fences()) {
            let is_printed = matches!(one.language.as_str(), "text" | "mermaid" | "");
            let (one, other) = (code(one), code(other));
            if is_printed {
                assert_eq!(one.len(), other.len(), "{}: {one:#?}", english.name());
            } else {
                assert_eq!(one, other, "{}", english.name());
            }
            compared += one.len();
        }
    }
    assert!(compared > 500, "{compared} lines");
}
