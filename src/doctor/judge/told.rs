//! Whether anybody is told when something is wrong.

use crate::doctor::{Check, Code, Facts, Tried};
use crate::domain::language::Language;

pub(super) fn all(facts: &Facts, language: Language) -> Vec<Check> {
    let Ok(settings) = &facts.examined.settings else { return Vec::new() };
    let names: Vec<_> = settings.alerts.channels.iter().map(|channel| channel.name.as_str()).collect();
    let mut checks = vec![channels(&names, language)];
    checks.extend(facts.tried.iter().map(|tried| channel(tried, language)));
    checks.push(heartbeat(settings.http.heartbeat_url.is_some(), language));
    checks
}

fn channels(names: &[&str], language: Language) -> Check {
    if names.is_empty() {
        let found = language.pick(
            "alerts reach nobody: they stay in the ledger, the log and the page",
            "警告送不到任何人：只留在帳本、紀錄檔與狀態頁",
        );
        let mend = language.pick(
            "add an [[alerts.channel]] (docs/alerts.md), then `ecpayd doctor --alerts`",
            "請加上 [[alerts.channel]]（docs/alerts.zh-TW.md），再執行 `ecpayd doctor --alerts`",
        );
        return Check::warning(Code::Channels, found, mend);
    }
    let names = names.join(", ");
    let found = language.pick(format!("alerts go out by {names}"), format!("警告經由 {names} 送出"));
    Check::ok(Code::Channels, found)
}

fn channel(tried: &Tried, language: Language) -> Check {
    let check = match &tried.sent {
        Ok(()) => Check::ok(Code::Channel, language.pick("a test message was taken", "測試訊息已被接收")),
        Err(why) => {
            let mend =
                language.pick("mend the channel, then `ecpayd alerts test`", "修好管道後執行 `ecpayd alerts test`");
            Check::fails(Code::Channel, language.pick(format!("not sent: {why}"), format!("沒送出去：{why}")), mend)
        }
    };
    check.about(&tried.channel)
}

fn heartbeat(is_set: bool, language: Language) -> Check {
    if is_set {
        let found = language.pick("http.heartbeat_url is called hourly", "每小時呼叫 http.heartbeat_url");
        return Check::ok(Code::Heartbeat, found);
    }
    let found = language.pick(
        "no http.heartbeat_url: nobody outside notices when this machine is gone",
        "沒有設 http.heartbeat_url：這台主機不見了，外面沒有人會發現",
    );
    let mend = language.pick(
        "set it to an address of a cron monitor, such as Healthchecks",
        "請設為排程監控服務的網址，例如 Healthchecks",
    );
    Check::warning(Code::Heartbeat, found, mend)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Level;

    #[test]
    fn it_is_said_when_nobody_is_told() {
        let english = Language::English;
        let tried = |sent: Result<(), &str>| Tried { channel: "team".to_owned(), sent: sent.map_err(str::to_owned) };
        for (check, level, found) in [
            (channels(&[], english), Level::Warning, "reach nobody"),
            (channels(&["mail", "line"], english), Level::Ok, "by mail, line"),
            (channel(&tried(Ok(())), english), Level::Ok, "was taken"),
            (channel(&tried(Err("http 500")), english), Level::Fails, "not sent: http 500"),
            (heartbeat(true, english), Level::Ok, "hourly"),
            (heartbeat(false, english), Level::Warning, "no http.heartbeat_url"),
        ] {
            assert!(check.level == level && check.found.contains(found), "{check:?}");
            assert_eq!(check.mend.is_some(), level != Level::Ok, "{check:?}");
        }
    }
}
