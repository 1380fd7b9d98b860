//! The ledger's files: where they lie, whose they are, and who may write them.

use crate::doctor::{Check, Code, Copied, FileFacts, LedgerFacts};
use crate::domain::language::Language;

const OTHERS_READ: u32 = 0o004;
const OTHERS_WRITE: u32 = 0o002;
const OTHERS_ENTER: u32 = 0o001;
const GROUP_READS_AND_WRITES: u32 = 0o060;
const GROUP_WRITES: u32 = 0o020;
const SETGID: u32 = 0o2000;
const STICKY: u32 = 0o1000;

pub(super) fn all(facts: &LedgerFacts, language: Language) -> Vec<Check> {
    let mut checks = vec![place(facts, language)];
    let Some(directory) = &facts.directory else { return checks };
    checks.push(in_directory(directory, language));
    let Some(ledger) = &facts.file else { return checks };
    let beside = facts.beside.iter().filter_map(|file| beside(file, ledger, language));
    let wrong: Vec<_> = own(ledger, directory, language).into_iter().chain(beside).collect();
    if wrong.is_empty() {
        checks.push(Check::ok(Code::LedgerFiles, ledger.shown()));
    }
    checks.extend(wrong);
    checks.push(links(ledger, language));
    checks
}

fn place(facts: &LedgerFacts, language: Language) -> Check {
    match &facts.place {
        Err(error) => Check::fails(
            Code::LedgerPlace,
            error.to_string(),
            language.pick(
                "move it to a disk of this machine, in a directory that is mounted as a whole",
                "請移到這台主機的磁碟，並掛載整個目錄",
            ),
        ),
        Ok(()) if facts.directory.is_none() => {
            let path = facts.path.display();
            Check::warning(
                Code::LedgerPlace,
                language.pick(format!("the directory of {path} is not there yet"), format!("{path} 的目錄還不存在")),
                language.pick(
                    "the unit makes it at its start; otherwise `mkdir` it",
                    "unit 啟動時會建立；否則請自行 `mkdir`",
                ),
            )
        }
        Ok(()) => Check::ok(Code::LedgerPlace, language.pick("on a disk of this machine", "在這台主機的磁碟上")),
    }
}

fn in_directory(directory: &FileFacts, language: Language) -> Check {
    let (shown, path) = (directory.shown(), directory.path.display());
    if directory.has(OTHERS_WRITE) && !directory.has(STICKY) {
        let found =
            language.pick(format!("others can replace what is in {shown}"), format!("其他人可以換掉 {shown} 裡的檔案"));
        return Check::fails(Code::LedgerDirectory, found, format!("`chmod 2770 {path}`"));
    }
    if directory.has(GROUP_WRITES) && !directory.has(SETGID) {
        let found = language.pick(
            format!("{shown} is the group's without setgid: a file that is made in it may get another group"),
            format!("{shown} 供群組使用但沒有 setgid：新檔案可能屬於別的群組"),
        );
        return Check::warning(Code::LedgerDirectory, found, format!("`chmod g+s {path}`"));
    }
    Check::ok(Code::LedgerDirectory, shown)
}

fn own(ledger: &FileFacts, directory: &FileFacts, language: Language) -> Vec<Check> {
    let (shown, path) = (ledger.shown(), ledger.path.display());
    let mut checks = Vec::new();
    let is_reachable = directory.has(OTHERS_ENTER);
    if ledger.has(OTHERS_WRITE) && is_reachable {
        let found = language.pick(format!("others can write {shown}"), format!("其他人可以改寫 {shown}"));
        checks.push(Check::fails(Code::LedgerFiles, found, format!("`chmod o= {path}*`")));
    } else if ledger.has(OTHERS_READ) && is_reachable {
        let found = language.pick(
            format!("others can read {shown}: order numbers, amounts, memos"),
            format!("其他人可以讀 {shown}：訂單編號、金額、備註"),
        );
        checks.push(Check::warning(Code::LedgerFiles, found, format!("`chmod o= {path}*`")));
    }
    // As after `sudo ecpayd run`: the service cannot write what root has made.
    if ledger.uid != directory.uid && !ledger.has(GROUP_WRITES) {
        let (user, group) = (&directory.user, &directory.group);
        let found = language.pick(
            format!("{shown} cannot be written by {user}, whose directory it is in"),
            format!("{shown} 在 {user} 的目錄裡，{user} 卻不能寫"),
        );
        checks.push(Check::fails(
            Code::LedgerFiles,
            found,
            format!("`chown {user}:{group} {path}*; chmod 660 {path}*`"),
        ));
    }
    checks
}

/// The log and the others go with the ledger: who may write one has to be able to write all.
fn beside(file: &FileFacts, ledger: &FileFacts, language: Language) -> Option<Check> {
    let is_shared = ledger.has(GROUP_WRITES);
    let same_group =
        file.gid == ledger.gid && file.mode & GROUP_READS_AND_WRITES == ledger.mode & GROUP_READS_AND_WRITES;
    if (!is_shared && file.uid == ledger.uid) || (is_shared && same_group) {
        return None;
    }
    let (user, group, path) = (&ledger.user, &ledger.group, file.path.display());
    let found = language.pick(
        format!(
            "{} is not as the ledger is ({}:{} {:o}): not everybody who writes the ledger can write it",
            file.shown(),
            user,
            group,
            ledger.mode
        ),
        format!("{} 與帳本（{}:{} {:o}）不同：能寫帳本的人不一定能寫它", file.shown(), user, group, ledger.mode),
    );
    Some(Check::fails(
        Code::LedgerFiles,
        found,
        format!("`chown {user}:{group} {path}; chmod {:o} {path}`", ledger.mode),
    ))
}

fn links(ledger: &FileFacts, language: Language) -> Check {
    let path = ledger.path.display();
    if ledger.links <= 1 {
        return Check::ok(Code::LedgerLinks, language.pick("the ledger has one name", "帳本只有一個名稱"));
    }
    let found = language.pick(
        format!(
            "the ledger has {} hard links: written to under another name it loses what is written under this one",
            ledger.links
        ),
        format!("帳本有 {} 個硬連結：從別的名稱寫入，會遺失從這個名稱寫的資料", ledger.links),
    );
    Check::fails(
        Code::LedgerLinks,
        found,
        language.pick(
            format!("`find / -xdev -samefile {path}` names them; remove the others"),
            format!("`find / -xdev -samefile {path}` 會列出它們；請刪掉其他的"),
        ),
    )
}

/// Copies hold what the ledger holds.
pub(super) fn copies(found: &[Copied], language: Language) -> Vec<Check> {
    let open = found.iter().filter(|copy| copy.is_reachable && copy.file.has(OTHERS_READ));
    let mut checks: Vec<_> = open
        .map(|copy| {
            let found = language.pick(
                format!("others can read the copy {}", copy.file.shown()),
                format!("其他人可以讀備份 {}", copy.file.shown()),
            );
            Check::fails(Code::Copies, found, format!("`chmod 600 {}`", copy.file.path.display()))
        })
        .collect();
    if checks.is_empty() && !found.is_empty() {
        let count = found.len();
        let found =
            language.pick(format!("{count} copies, which others cannot read"), format!("{count} 份備份，其他人讀不到"));
        checks.push(Check::ok(Code::Copies, found));
    }
    checks
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::doctor::Level;

    fn file(mode: u32, uid: u32, gid: u32) -> FileFacts {
        let (user, group) = (format!("u{uid}"), format!("g{gid}"));
        FileFacts { path: PathBuf::from("/l.db"), mode, uid, gid, user, group, links: 1, is_link: false }
    }

    #[test]
    fn a_directory_is_the_groups_with_setgid_and_nobody_elses_to_write() {
        for (mode, level) in [
            (0o2770, Level::Ok),
            (0o700, Level::Ok),
            (0o755, Level::Ok),
            (0o1757, Level::Ok),
            (0o770, Level::Warning),
            (0o777, Level::Fails),
            (0o2772, Level::Fails),
        ] {
            let check = in_directory(&file(mode, 1, 1), Language::English);
            assert_eq!(check.level, level, "{mode:o}: {check:?}");
        }
    }

    #[test]
    fn the_ledger_is_written_by_whose_directory_it_is_in_and_read_by_nobody_else() {
        for (ledger, directory, level) in [
            (file(0o660, 1, 1), file(0o2770, 1, 1), None),
            (file(0o644, 1, 1), file(0o700, 1, 1), None),
            (file(0o644, 1, 1), file(0o755, 1, 1), Some(Level::Warning)),
            (file(0o666, 1, 1), file(0o755, 1, 1), Some(Level::Fails)),
            (file(0o660, 0, 1), file(0o2770, 1, 1), None),
            (file(0o644, 0, 1), file(0o2770, 1, 1), Some(Level::Fails)),
        ] {
            let told = own(&ledger, &directory, Language::English);
            assert_eq!(told.first().map(|check| check.level), level, "{told:?}");
        }
    }

    #[test]
    fn what_lies_beside_the_ledger_can_be_written_by_the_same() {
        for (beside_it, ledger, wrong) in [
            (file(0o660, 1, 1), file(0o660, 1, 1), false),
            (file(0o660, 33, 1), file(0o660, 1, 1), false),
            (file(0o640, 33, 1), file(0o660, 1, 1), true),
            (file(0o660, 33, 33), file(0o660, 1, 1), true),
            (file(0o644, 1, 1), file(0o644, 1, 1), false),
            (file(0o644, 0, 0), file(0o644, 1, 1), true),
        ] {
            let told = beside(&beside_it, &ledger, Language::English);
            assert_eq!(told.is_some(), wrong, "{beside_it:?} {told:?}");
            assert!(told.is_none_or(|check| check.mend.is_some_and(|mend| mend.contains("chown u1:g1 /l.db"))));
        }
        assert_eq!(links(&FileFacts { links: 2, ..file(0o660, 1, 1) }, Language::English).level, Level::Fails);
    }

    #[test]
    fn a_copy_that_others_can_read_fails() {
        let copy = |mode, is_reachable| Copied { file: file(mode, 1, 1), is_reachable };
        for (found, level) in [
            (vec![], None),
            (vec![copy(0o600, true)], Some(Level::Ok)),
            (vec![copy(0o644, false)], Some(Level::Ok)),
            (vec![copy(0o600, true), copy(0o644, true)], Some(Level::Fails)),
        ] {
            assert_eq!(copies(&found, Language::English).first().map(|check| check.level), level, "{found:?}");
        }
    }
}
