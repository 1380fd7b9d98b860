//! docs/rules.md and its twin explain every rule that `explain` may print, and list no other.

use std::collections::BTreeSet;
use std::path::Path;

const PAGES: [(&str, &str); 2] =
    [(include_str!("../docs/rules.md"), "## All names"), (include_str!("../docs/rules.zh-TW.md"), "## 所有名稱")];

/// Where plans are made: of orders, and of the looks at voucher orders.
const PLANS: [&str; 2] = ["src/domain/plan", "src/domain/voucher"];

/// Names of more than one word: those of one word cannot be told from other text.
fn is_rule(text: &str) -> bool {
    text.contains('-') && text.split('-').all(|w| !w.is_empty() && w.bytes().all(|b| b.is_ascii_lowercase()))
}

fn rules_of(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).expect("the source").map(|entry| entry.expect("an entry").path()) {
        if entry.is_dir() && !entry.ends_with("tests") {
            rules_of(&entry, found);
        } else if entry.extension().is_some_and(|e| e == "rs") && !entry.ends_with("tests.rs") {
            let source = std::fs::read_to_string(&entry).expect("a text");
            let own = source.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
            found.extend(own.split('"').skip(1).step_by(2).filter(|text| is_rule(text)).map(str::to_owned));
        }
    }
}

#[test]
fn both_pages_explain_and_list_every_rule() {
    let mut rules = BTreeSet::new();
    for folder in PLANS {
        rules_of(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), &mut rules);
    }
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
