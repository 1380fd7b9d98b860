//! docs/rules.md and its twin explain every rule that `explain` may print, and list no other.

use std::collections::BTreeSet;

use ecpayd::domain::rule::Rule;

const PAGES: [(&str, &str); 2] =
    [(include_str!("../docs/rules.md"), "## All names"), (include_str!("../docs/rules.zh-TW.md"), "## 所有名稱")];

/// Names of more than one word: those of one word cannot be told from other text.
fn is_rule(text: &str) -> bool {
    text.contains('-') && text.split('-').all(|w| !w.is_empty() && w.bytes().all(|b| b.is_ascii_lowercase()))
}

#[test]
fn both_pages_explain_and_list_every_rule() {
    let words = Rule::ALL.iter().map(|rule| rule.word()).filter(|word| is_rule(word));
    let rules: BTreeSet<String> = words.map(str::to_owned).collect();
    assert!(rules.len() > 30, "{rules:?}");
    for (page, heading) in PAGES {
        let (body, list) = page.split_once(heading).expect("the list of names");
        let listed: BTreeSet<String> = list.split('`').filter(|text| is_rule(text)).map(str::to_owned).collect();
        assert_eq!(listed, rules, "{heading}");
        let is_untold = |rule: &&String| !body.contains(&format!("`{rule}`"));
        let untold: Vec<_> = rules.iter().filter(is_untold).collect();
        assert!(untold.is_empty(), "{heading} stands before anybody has said what these mean: {untold:?}");
    }
}
