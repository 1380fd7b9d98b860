//! Who may read the settings and the keys.

use crate::config::{KEYS, Stands};
use crate::doctor::{Check, Code, Facts, FileFacts, Level};
use crate::domain::language::Language;

const OTHERS: u32 = 0o007;
const OTHERS_WRITE: u32 = 0o002;
const GROUP_WRITES: u32 = 0o020;
const STICKY: u32 = 0o1000;

pub(super) fn settings_file(facts: &Facts, language: Language) -> Vec<Check> {
    let Some(file) = &facts.settings_file else { return Vec::new() };
    let holds_secrets = facts.examined.secrets.iter().any(|secret| secret.stands == Stands::InSettings);
    let directory =
        facts.settings_directory.as_ref().and_then(|directory| open_directory(directory, Code::SettingsFile, language));
    let unread = not_for_service(file, facts.service_group, Code::SettingsFile, language);
    let mut checks = file_of_settings(file, holds_secrets, facts.me, language);
    let wrong: Vec<_> = directory.into_iter().chain(unread).collect();
    if !wrong.is_empty() {
        checks.retain(|check| check.level > Level::Ok);
    }
    checks.extend(wrong);
    checks
}

/// Whoever may write a directory may put another file in the place of one.
fn open_directory(directory: &FileFacts, code: Code, language: Language) -> Option<Check> {
    if !directory.has(OTHERS_WRITE) || directory.has(STICKY) {
        return None;
    }
    let shown = directory.shown();
    let found =
        language.pick(format!("others can replace what is in {shown}"), format!("其他人可以換掉 {shown} 裡的檔案"));
    Some(Check::fails(code, found, format!("`chmod o-w {}`", directory.path.display())))
}

/// The unit's user reads by its group what systemd does not hand over.
fn not_for_service(file: &FileFacts, group: Option<u32>, code: Code, language: Language) -> Option<Check> {
    let group = group?;
    let reads = (file.gid == group && file.has(0o040)) || file.has(0o004) || file.user == "ecpayd";
    if reads {
        return None;
    }
    let (path, shown) = (file.path.display(), file.shown());
    let found = language.pick(
        format!("the service, whose group is ecpayd, cannot read {shown}"),
        format!("服務的群組是 ecpayd，讀不到 {shown}"),
    );
    Some(Check::fails(code, found, format!("`chown root:ecpayd {path}; chmod 640 {path}`")))
}

fn file_of_settings(file: &FileFacts, holds_secrets: bool, me: u32, language: Language) -> Vec<Check> {
    let path = file.path.display();
    let shown = file.shown();
    let mut checks = Vec::new();
    // `run` lets that pass where every gateway is on loopback; the file may go to production as it is.
    if file.has(OTHERS) && holds_secrets {
        let found = language.pick(
            format!("{shown} holds keys or secrets, and others can open it"),
            format!("{shown} 裡有金鑰或密碼，而其他人可以開啟"),
        );
        checks.push(Check::fails(
            Code::SettingsFile,
            found,
            language.pick(
                format!("`chmod 640 {path}`; under the unit `chown root:ecpayd {path}` as well"),
                format!("`chmod 640 {path}`；用 unit 執行時另須 `chown root:ecpayd {path}`"),
            ),
        ));
    } else if file.has(OTHERS_WRITE) {
        let found = language.pick(format!("others can write {shown}"), format!("其他人可以改寫 {shown}"));
        checks.push(Check::fails(Code::SettingsFile, found, format!("`chmod o-w {path}`")));
    }
    if file.has(GROUP_WRITES) {
        let found = language.pick(
            format!("the group can write {shown}: a shop in it could set another gateway"),
            format!("群組可以改寫 {shown}：群組裡的商店程式能換掉網址"),
        );
        checks.push(Check::warning(Code::SettingsFile, found, format!("`chmod g-w {path}`")));
    }
    checks.extend(foreign(file, Code::SettingsFile, me, language));
    if checks.is_empty() {
        let kept = match holds_secrets {
            true => language.pick("holds keys, and only its owner and group read it", "含有金鑰，只有擁有者與群組可讀"),
            false => language.pick("holds no key", "沒有金鑰在裡面"),
        };
        checks.push(Check::ok(Code::SettingsFile, format!("{shown} {kept}")));
    }
    checks
}

/// Whoever owns it can change it.
fn foreign(file: &FileFacts, code: Code, me: u32, language: Language) -> Option<Check> {
    if file.uid == 0 || file.uid == me || me == 0 && file.user == "ecpayd" {
        return None;
    }
    let shown = file.shown();
    let found = language
        .pick(format!("{shown} belongs neither to root nor to you"), format!("{shown} 不屬於 root，也不屬於您"));
    Some(Check::warning(code, found, format!("`chown root {}`", file.path.display())))
}

pub(super) fn key_files(facts: &Facts, language: Language) -> Vec<Check> {
    let mut checks: Vec<_> = facts
        .secret_files
        .iter()
        .flat_map(|secret| {
            let mut told = key_file(&secret.file, secret.is_loaded, facts.me, language);
            let group = facts.service_group.filter(|_| !secret.is_loaded);
            told.extend(not_for_service(&secret.file, group, Code::KeyFiles, language));
            told.iter_mut().for_each(|check| check.about = Some(secret.name.clone()));
            told
        })
        .collect();
    checks.extend(facts.keys_directory.as_ref().and_then(|keys| open_directory(keys, Code::KeyFiles, language)));
    checks.extend(facts.keys_refused.iter().map(|name| refused(name, language)));
    checks.extend(not_seen(facts, language));
    let read = facts.secret_files.len();
    if checks.is_empty() && read > 0 {
        let found = language.pick(
            format!("{read} keys and secrets are in files of their own that nobody else reads"),
            format!("{read} 個金鑰與密碼各有自己的檔案，別人讀不到"),
        );
        checks.push(Check::ok(Code::KeyFiles, found));
    }
    checks
}

fn key_file(file: &FileFacts, is_loaded: bool, me: u32, language: Language) -> Vec<Check> {
    let (path, shown) = (file.path.display(), file.shown());
    let mut checks = Vec::new();
    if file.has(OTHERS) {
        let found = language.pick(format!("others can open {shown}"), format!("其他人可以開啟 {shown}"));
        checks.push(Check::fails(
            Code::KeyFiles,
            found,
            language.pick(
                format!("`chmod 600 {path}`; who could read it may have done so: think of a new key"),
                format!("`chmod 600 {path}`；可能已有人讀過，請考慮換新金鑰"),
            ),
        ));
    } else if file.has(GROUP_WRITES) {
        let found = language.pick(format!("the group can write {shown}"), format!("群組可以改寫 {shown}"));
        checks.push(Check::warning(Code::KeyFiles, found, format!("`chmod g-w {path}`")));
    }
    if file.links > 1 {
        let found = language.pick(
            format!("{path} has {} names, and each leads to the key", file.links),
            format!("{path} 有 {} 個名稱，每一個都通往金鑰", file.links),
        );
        checks.push(Check::warning(Code::KeyFiles, found, format!("`find / -xdev -samefile {path}`")));
    }
    if file.is_link && is_loaded {
        let found = language.pick(
            format!("{path} is a symbolic link, which systemd leaves out when it loads the directory"),
            format!("{path} 是符號連結，systemd 載入目錄時會略過"),
        );
        checks.push(Check::fails(Code::KeyFiles, found, language.pick("put the file itself there", "請改放檔案本身")));
    }
    checks.extend(foreign(file, Code::KeyFiles, me, language));
    checks
}

fn refused(name: &str, language: Language) -> Check {
    let found = language.pick(
        format!("{KEYS} holds a file named {name:?}, of which systemd makes no credential: the unit does not start"),
        format!("{KEYS} 裡有名為 {name:?} 的檔案，systemd 不接受這個名稱，unit 不會啟動"),
    );
    let mend =
        language.pick("name it in ASCII without a colon, or move it away", "請改用 ASCII 且不含冒號的名稱，或移到別處");
    Check::fails(Code::KeyFiles, found, mend)
}

/// What this user cannot look into, and the service can.
fn not_seen(facts: &Facts, language: Language) -> Vec<Check> {
    let keys = facts.settings_path.with_file_name(KEYS);
    let keys = keys.display();
    let secrets = facts.examined.secrets.iter();
    secrets
        .filter_map(|secret| {
            let (found, mend) = match secret.stands {
                Stands::Unread => language.pick(
                    (
                        format!("its credential in {keys} cannot be read by you, so its length is not known"),
                        "run this as root",
                    ),
                    (format!("您讀不到 {keys} 裡的 credential，長度無從檢查"), "請用 root 執行"),
                ),
                Stands::Elsewhere => language.pick(
                    (
                        format!("it names a credential that is not in {keys}; only the unit knows where it is"),
                        "put the file into that directory and name it k_FILE, or see that a drop-in loads it",
                    ),
                    (
                        format!("它指的 credential 不在 {keys}，只有 unit 知道在哪裡"),
                        "請把檔案放進該目錄並寫成 k_檔名，或確認 drop-in 有載入它",
                    ),
                ),
                _ => return None,
            };
            Some(Check::warning(Code::KeyFiles, found, mend).about(&secret.name))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    const ME: u32 = 1000;

    fn file(mode: u32, uid: u32) -> FileFacts {
        let (user, group) = (format!("u{uid}"), "g".to_owned());
        FileFacts { path: PathBuf::from("/f"), mode, uid, gid: 0, user, group, links: 1, is_link: false }
    }

    fn level(checks: &[Check]) -> Level {
        assert!(checks.iter().all(|check| check.mend.is_some() == (check.level > Level::Ok)), "{checks:?}");
        checks.iter().map(|check| check.level).max().unwrap_or(Level::Ok)
    }

    #[test]
    fn settings_with_keys_are_for_owner_and_group_and_written_by_their_owner_alone() {
        for (mode, uid, holds_secrets, wanted) in [
            (0o640, 0, true, Level::Ok),
            (0o600, ME, true, Level::Ok),
            (0o644, 0, true, Level::Fails),
            (0o644, 0, false, Level::Ok),
            (0o641, 0, true, Level::Fails),
            (0o666, 0, false, Level::Fails),
            (0o660, 0, true, Level::Warning),
            (0o640, 33, false, Level::Warning),
        ] {
            let checks = file_of_settings(&file(mode, uid), holds_secrets, ME, Language::English);
            assert_eq!(level(&checks), wanted, "{mode:o} {uid} {holds_secrets}: {checks:?}");
        }
    }

    #[test]
    fn a_key_file_is_one_file_that_its_owner_alone_reads() {
        for (found, is_loaded, wanted) in [
            (file(0o600, 0), true, Level::Ok),
            (file(0o400, ME), true, Level::Ok),
            (file(0o640, 0), true, Level::Ok),
            (file(0o660, 0), true, Level::Warning),
            (file(0o644, 0), true, Level::Fails),
            (file(0o602, 0), true, Level::Fails),
            (file(0o600, 33), true, Level::Warning),
            (FileFacts { links: 2, ..file(0o600, 0) }, true, Level::Warning),
            (FileFacts { is_link: true, ..file(0o600, 0) }, true, Level::Fails),
            (FileFacts { is_link: true, ..file(0o600, 0) }, false, Level::Ok),
        ] {
            assert_eq!(level(&key_file(&found, is_loaded, ME, Language::English)), wanted, "{found:?}");
        }
        for (mode, gid, group, reads) in [
            (0o640, 7, Some(7), true),
            (0o640, 0, Some(7), false),
            (0o600, 7, Some(7), false),
            (0o644, 0, Some(7), true),
            (0o600, 0, None, true),
        ] {
            let found = FileFacts { gid, ..file(mode, 0) };
            let told = not_for_service(&found, group, Code::KeyFiles, Language::English);
            assert_eq!(told.is_none(), reads, "{found:?} {group:?}");
        }
        for (mode, is_open) in [(0o700, false), (0o755, false), (0o757, true), (0o1777, false)] {
            assert_eq!(
                open_directory(&file(mode, 0), Code::KeyFiles, Language::English).is_some(),
                is_open,
                "{mode:o}"
            );
        }
    }
}
