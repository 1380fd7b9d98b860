//! Every link between the documents leads to a page that is there, and to a heading that stands in it.

use std::path::{Path, PathBuf};

fn pages() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let entries =
        |folder: PathBuf| std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    let found = entries(root.to_owned()).chain(entries(root.join("docs")));
    found.filter(|path| path.extension().is_some_and(|extension| extension == "md")).collect()
}

fn read(page: &Path) -> String {
    std::fs::read_to_string(page).unwrap_or_else(|error| panic!("{}: {error}", page.display()))
}

/// Without what stands in fences, where brackets are code.
fn prose(text: &str) -> String {
    text.split("\n```").step_by(2).collect::<Vec<_>>().join("\n")
}

fn links(text: &str) -> Vec<&str> {
    text.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(link, _)| link).collect()
}

/// As the usual renderers name headings.
fn anchors(text: &str) -> Vec<String> {
    let headings = text.lines().filter(|line| line.starts_with('#')).map(|line| line.trim_start_matches('#').trim());
    let kept = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | ' ');
    headings.map(|h| h.to_lowercase().chars().filter(|c| kept(*c)).collect::<String>().replace(' ', "-")).collect()
}

#[test]
fn every_link_between_the_documents_leads_somewhere() {
    let mut checked = 0;
    for page in pages() {
        let text = prose(&read(&page));
        for link in links(&text).into_iter().filter(|link| !link.contains("://")) {
            let (path, anchor) = link.split_once('#').map_or((link, None), |(path, anchor)| (path, Some(anchor)));
            let target = if path.is_empty() { page.clone() } else { page.parent().expect("a folder").join(path) };
            assert!(target.exists(), "{}: {link}", page.display());
            if let Some(anchor) = anchor {
                let there = anchors(&prose(&read(&target)));
                assert!(there.iter().any(|name| name == anchor), "{}: {link}, of {there:?}", page.display());
            }
            checked += 1;
        }
    }
    assert!(checked > 100, "{checked} links");
}
