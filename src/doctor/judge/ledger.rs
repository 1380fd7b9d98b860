//! What is in the ledger: is it one, is it whole, and does it still guard itself.

use crate::doctor::{Check, Code, LedgerFacts, Opened};
use crate::domain::language::Language;
use crate::ledger::LedgerError;
use crate::ledger::inspect::{Altered, CONTRACT};

pub(super) fn sqlite((version, is_safe): (&str, bool), language: Language) -> Check {
    if is_safe {
        return Check::ok(Code::Sqlite, format!("SQLite {version}"));
    }
    let found = language.pick(
        format!("SQLite {version} can corrupt a ledger under several writers"),
        format!("SQLite {version} 在多個程式寫入時可能弄壞帳本"),
    );
    Check::fails(
        Code::Sqlite,
        found,
        language.pick("build ecpayd with 3.51.3 or newer", "請以 3.51.3 以上的版本建置 ecpayd"),
    )
}

pub(super) fn all(facts: &LedgerFacts, language: Language) -> Vec<Check> {
    match &facts.opened {
        Ok(opened) => content(facts, opened, language),
        Err(error) => vec![not_opened(error, language)],
    }
}

fn not_opened(error: &LedgerError, language: Language) -> Check {
    let found = error.to_string();
    match error {
        LedgerError::Missing { path } => Check::warning(
            Code::Ledger,
            language.pick(
                format!("there is no ledger at {} yet", path.display()),
                format!("{} 還沒有帳本", path.display()),
            ),
            language.pick(
                "`systemctl start ecpayd`, or `ecpayd run` at a shell, makes it",
                "執行 `systemctl start ecpayd`，或在終端機執行 `ecpayd run`，就會建立",
            ),
        ),
        LedgerError::Older { .. } => {
            Check::warning(Code::Ledger, found, language.pick("restart the daemon", "請重新啟動服務"))
        }
        _ => {
            let mend = language.pick(
                "see docs/operations.md, \"The ledger's files\"; where it is damaged put a copy in its place",
                "見 docs/operations.zh-TW.md「帳本的檔案」；若已損壞請放回備份",
            );
            Check::fails(Code::Ledger, found, mend)
        }
    }
}

fn content(facts: &LedgerFacts, opened: &Opened, language: Language) -> Vec<Check> {
    let path = facts.path.display();
    let ledger = match opened.is_whole {
        true => Check::ok(Code::Ledger, language.pick(format!("{path} is a ledger"), format!("{path} 是帳本"))),
        false => Check::warning(
            Code::Ledger,
            language.pick(
                format!(
                    "{path} is a ledger, and the log beside it has no index: what was written last is not judged here"
                ),
                format!("{path} 是帳本，但旁邊的日誌檔沒有索引：最後寫入的部分沒有檢查"),
            ),
            language.pick("`ecpayd status` makes the index; then again", "先執行 `ecpayd status` 建立索引，再檢查一次"),
        ),
    };
    let or_unread =
        |code, check: Result<Check, &LedgerError>| check.unwrap_or_else(|error| unread(code, error, language));
    let mut checks = vec![
        ledger,
        or_unread(Code::Contract, opened.contract.as_ref().map(|version| contract(*version, language))),
        or_unread(Code::Schema, opened.altered.as_ref().map(|altered| schema(altered, &path.to_string(), language))),
    ];
    checks.extend(
        opened
            .damage
            .as_ref()
            .map(|damage| or_unread(Code::LedgerContent, damage.as_ref().map(|damage| damaged(damage, language)))),
    );
    checks
}

/// A question that the ledger did not answer.
pub(super) fn unread(code: Code, error: &LedgerError, language: Language) -> Check {
    let mend = language.pick("mend what else is told about the ledger first", "請先處理帳本的其他問題");
    Check::fails(code, error.to_string(), mend)
}

fn contract(version: i64, language: Language) -> Check {
    if version == CONTRACT {
        return Check::ok(
            Code::Contract,
            language.pick(format!("contract version {version}"), format!("介面版本 {version}")),
        );
    }
    let found = language.pick(
        format!("the ledger says contract version {version}, and this ecpayd keeps {CONTRACT}"),
        format!("帳本寫的介面版本是 {version}，這個 ecpayd 是 {CONTRACT}"),
    );
    let mend =
        language.pick("put back the ecpayd that made it, or upgrade this one", "請換回原本的 ecpayd，或升級這一個");
    Check::fails(Code::Contract, found, mend)
}

fn schema(altered: &Altered, path: &str, language: Language) -> Check {
    if altered.what.is_empty() {
        let found = language
            .pick("tables, views, triggers and indexes are as shipped", "資料表、檢視表、觸發器、索引都與出廠相同");
        return Check::ok(Code::Schema, found);
    }
    let mend = match &altered.script {
        Some(script) => {
            let script = script.display();
            language.pick(
                format!("`ecpayd run` does not start and writes {script}, which puts back what was shipped: read it, then run `sqlite3 {path} < {script}`"),
                format!("`ecpayd run` 不會啟動，但會寫出 {script}，可恢復出廠結構：看過後執行 `sqlite3 {path} < {script}`"),
            )
        }
        None => language
            .pick("put back the last copy of the ledger that ecpayd ran on", "請放回 ecpayd 最後能執行的備份")
            .to_owned(),
    };
    Check::fails(Code::Schema, altered.what.join(", "), mend)
}

fn damaged(damage: &[String], language: Language) -> Check {
    let Some(first) = damage.first() else {
        return Check::ok(
            Code::LedgerContent,
            language.pick("quick_check finds no damage", "quick_check 沒有發現損壞"),
        );
    };
    let found = language.pick(format!("quick_check: {first}"), format!("quick_check：{first}"));
    let mend = language.pick(
        "stop ecpayd, keep these files, and put the last good copy in their place (docs/operations.md)",
        "請停止 ecpayd、保留這些檔案，並放回最後一份完好的備份（docs/operations.zh-TW.md）",
    );
    Check::fails(Code::LedgerContent, found, mend)
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::doctor::Level;

    #[test]
    fn what_no_longer_guards_the_ledger_fails_and_says_what_puts_it_back() {
        let english = Language::English;
        let altered = |what: &[&str], script: Option<&str>| Altered {
            what: what.iter().map(|w| (*w).to_owned()).collect(),
            script: script.map(PathBuf::from),
        };
        let missing = LedgerError::Missing { path: PathBuf::from("/l") };
        for (check, level, part) in [
            (sqlite(("3.51.3", true), english), Level::Ok, "SQLite 3.51.3"),
            (sqlite(("3.40.1", false), english), Level::Fails, "3.51.3 or newer"),
            (contract(CONTRACT, english), Level::Ok, "version 1"),
            (contract(2, english), Level::Fails, "keeps 1"),
            (schema(&altered(&[], Some("/l.mend.sql")), "/l", english), Level::Ok, "as shipped"),
            (
                schema(&altered(&["trigger x is missing"], Some("/l.mend.sql")), "/l", english),
                Level::Fails,
                "sqlite3 /l < /l.mend.sql",
            ),
            (schema(&altered(&["table x is another one"], None), "/l", english), Level::Fails, "last copy"),
            (damaged(&[], english), Level::Ok, "no damage"),
            (damaged(&["row 1 missing from index".to_owned()], english), Level::Fails, "row 1 missing"),
            (not_opened(&missing, english), Level::Warning, "systemctl start ecpayd"),
            (
                not_opened(&LedgerError::NotADatabase { path: PathBuf::from("/l") }, english),
                Level::Fails,
                "no SQLite database",
            ),
        ] {
            let said = format!("{}; {}", check.found, check.mend.clone().unwrap_or_default());
            assert!(check.level == level && said.contains(part), "{check:?}");
            assert_eq!(check.mend.is_some(), level != Level::Ok, "{check:?}");
        }
    }
}
