//! Findings for a reader who is not told where things lie.

use std::path::{Path, PathBuf};

use super::facts::Facts;
use crate::domain::check::Findings;

/// The same with names alone, without the directories that they lie in.
pub fn without_directories(mut findings: Findings, facts: &Facts) -> Findings {
    let directories = directories(facts);
    let texts = findings.checks.iter_mut().flat_map(|check| [Some(&mut check.found), check.mend.as_mut()]);
    let texts = texts.flatten().chain(findings.left_out.iter_mut().map(|left_out| &mut left_out.why));
    texts.for_each(|text| *text = shortened(text, &directories));
    findings
}

/// Those of the settings, the keys and the ledger, the longest first: one may lie in another. Where copies usually
/// lie stands in everybody's words.
fn directories(facts: &Facts) -> Vec<PathBuf> {
    let parent = |path: &Path| path.parent().map(Path::to_owned);
    let secrets = facts.secret_files.iter().filter_map(|secret| parent(&secret.file.path));
    let ledger = facts.ledger.iter().filter_map(|ledger| parent(&ledger.path));
    let keys = facts.keys_directory.iter().map(|keys| keys.path.clone());
    let named = parent(&facts.settings_path).into_iter().chain(secrets).chain(ledger).chain(keys);
    let mut all: Vec<PathBuf> = named.flat_map(|path| [path.canonicalize().ok(), Some(path)]).flatten().collect();
    all.retain(|path| path.is_absolute() && path.file_name().is_some());
    all.sort_by_key(|path| std::cmp::Reverse(path.as_os_str().len()));
    all.dedup();
    all
}

fn shortened(text: &str, directories: &[PathBuf]) -> String {
    directories.iter().fold(text.to_owned(), |text, directory| {
        let name = directory.file_name().unwrap_or_default().display();
        let path = directory.display();
        text.replace(&format!("{path}/"), "…/").replace(&path.to_string(), &format!("…/{name}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_keep_their_names_and_lose_where_they_lie() {
        let directories = ["/home/lin/shop/keys", "/home/lin/shop"].map(PathBuf::from);
        for (text, told) in [
            ("chmod 600 /home/lin/shop/keys/iv", "chmod 600 …/iv"),
            ("chmod o-w /home/lin/shop/keys", "chmod o-w …/keys"),
            ("others can write /home/lin/shop (a:b 777)", "others can write …/shop (a:b 777)"),
            ("sqlite3 /home/lin/shop/l.db < /home/lin/shop/l.db.mend.sql", "sqlite3 …/l.db < …/l.db.mend.sql"),
            ("mend /etc/resolv.conf", "mend /etc/resolv.conf"),
        ] {
            assert_eq!(shortened(text, &directories), told);
        }
    }
}
