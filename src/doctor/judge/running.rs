//! Whether the daemon is at work, and what it has told.

use chrono::{DateTime, Duration, Utc};

use super::ledger::unread;
use crate::doctor::{Check, Code, LedgerFacts};
use crate::domain::calendar::{show, zone_data};
use crate::domain::health::Vitals;
use crate::domain::language::{Language, counted};
use crate::domain::storage::Disk;
use crate::ledger::inspect::AlertsOpen;

/// As old as the newest copy may be: one a day, and one that was missed.
const COPY_AGES: Duration = Duration::hours(50);

pub(super) fn all(facts: &LedgerFacts, now: DateTime<Utc>, language: Language) -> Vec<Check> {
    let mut checks: Vec<_> = facts.disk.map(|found| disk(found, language)).into_iter().collect();
    let Ok(opened) = &facts.opened else { return checks };
    checks.push(match &opened.vitals {
        Ok(vitals) => daemon(vitals, now, language),
        Err(error) => unread(Code::Daemon, error, language),
    });
    checks.push(match &opened.alerts {
        Ok(open) => alerts(*open, language),
        Err(error) => unread(Code::Alerts, error, language),
    });
    match &opened.backed_up_at {
        Ok(Some(at)) => checks.push(backup(*at, now, language)),
        Ok(None) => {}
        Err(error) => checks.push(unread(Code::Backup, error, language)),
    }
    checks
}

/// ECPay's civil times are Taipei's; the zone is built in, so this holds on any machine.
pub(super) fn time_zone(now: DateTime<Utc>, language: Language) -> Check {
    let here = show(now);
    let ahead = Duration::seconds(zone_data(now).local_minus_utc().into());
    if ahead == Duration::hours(8) {
        return Check::ok(
            Code::TimeZone,
            language.pick(format!("Asia/Taipei, where it is {here}"), format!("臺北時間 {here}")),
        );
    }
    let found = language.pick(
        format!("Asia/Taipei is {} minutes ahead of UTC in the zone data", ahead.num_minutes()),
        format!("時區資料裡的臺北時間比 UTC 快 {} 分鐘", ahead.num_minutes()),
    );
    Check::fails(Code::TimeZone, found, language.pick("build ecpayd anew", "請重新建置 ecpayd"))
}

fn disk(found: Disk, language: Language) -> Check {
    let (percent, free) = (found.free_percent(), found.free_bytes >> 20);
    let told = language.pick(
        format!("{percent} % of the ledger's disk is free ({free} MB)"),
        format!("帳本所在的磁碟剩 {percent} %（{free} MB）"),
    );
    let mend = language.pick("make room on it", "請騰出空間");
    if found.is_full() {
        Check::fails(Code::DiskSpace, told, mend)
    } else if found.is_filling() {
        Check::warning(Code::DiskSpace, told, mend)
    } else {
        Check::ok(Code::DiskSpace, told)
    }
}

fn daemon(vitals: &Vitals, now: DateTime<Utc>, language: Language) -> Check {
    let health = vitals.health(now).sentence(language);
    if vitals.runs(now) {
        let pass = vitals.passed_at.map(show);
        let pass = pass.map(|at| language.pick(format!("; its last pass was at {at}"), format!("；上一輪完成於 {at}")));
        return Check::ok(Code::Daemon, format!("{health}{}", pass.unwrap_or_default()));
    }
    let mend = language.pick(
        "`systemctl start ecpayd`; `journalctl -u ecpayd` says why it ended",
        "`systemctl start ecpayd`；`journalctl -u ecpayd` 會說明它為何結束",
    );
    // One that was never started or was stopped in good order is somebody's wish.
    match vitals.started_at.is_none() || vitals.stopped_at.is_some() {
        true => Check::warning(Code::Daemon, health, mend),
        false => Check::fails(Code::Daemon, health, mend),
    }
}

fn alerts(open: AlertsOpen, language: Language) -> Check {
    let AlertsOpen { all, unseen_critical } = open;
    let mend = language.pick("`ecpayd alerts` lists them", "請看 `ecpayd alerts`");
    if unseen_critical > 0 {
        let found = language.pick(
            format!("open: {}; critical, and acknowledged by nobody: {unseen_critical}", counted(all, "alert")),
            format!("有 {all} 則未結的警告，其中 {unseen_critical} 則嚴重而沒有人確認"),
        );
        return Check::fails(Code::Alerts, found, mend);
    }
    if all > 0 {
        let found = language.pick(format!("open: {}", counted(all, "alert")), format!("有 {all} 則未結的警告"));
        return Check::warning(Code::Alerts, found, mend);
    }
    Check::ok(Code::Alerts, language.pick("no alert is open", "沒有未結的警告"))
}

fn backup(at: Option<DateTime<Utc>>, now: DateTime<Utc>, language: Language) -> Check {
    let mend = language.pick(
        "`ecpayd backup --dir /var/backups/ecpayd --keep 30` makes one; ecpayd-backup.timer does each night",
        "用 `ecpayd backup --dir /var/backups/ecpayd --keep 30` 備份；ecpayd-backup.timer 每晚會做",
    );
    let Some(at) = at else {
        return Check::warning(
            Code::Backup,
            language.pick("no copy of the ledger was made yet", "還沒有備份過帳本"),
            mend,
        );
    };
    let found = language
        .pick(format!("the newest copy of the ledger is of {}", show(at)), format!("最新的帳本備份是 {} 的", show(at)));
    if now - at > COPY_AGES { Check::warning(Code::Backup, found, mend) } else { Check::ok(Code::Backup, found) }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;
    use crate::doctor::Level;

    fn now() -> DateTime<Utc> {
        NaiveDate::from_ymd_opt(2026, 11, 29).and_then(|d| d.and_hms_opt(4, 0, 0)).expect("a time").and_utc()
    }

    #[test]
    fn a_daemon_that_was_killed_fails_and_one_that_was_stopped_is_somebodys_wish() {
        let ago = |minutes| Some(now() - Duration::minutes(minutes));
        let runs = Vitals { started_at: ago(60), passed_at: ago(1), ..Vitals::default() };
        for (vitals, level) in [
            (runs, Level::Ok),
            (Vitals { passed_at: ago(9), ..runs }, Level::Fails),
            (Vitals { stopped_at: ago(9), ..runs }, Level::Warning),
            (Vitals::default(), Level::Warning),
        ] {
            assert_eq!(daemon(&vitals, now(), Language::English).level, level, "{vitals:?}");
        }
    }

    #[test]
    fn what_is_open_or_old_or_full_is_told_by_how_bad_it_is() {
        let english = Language::English;
        let open = |all, unseen_critical| alerts(AlertsOpen { all, unseen_critical }, english);
        let room = |free_bytes| disk(Disk { free_bytes, bytes: 100 }, english);
        let copied = |hours| backup(Some(now() - Duration::hours(hours)), now(), english);
        for (check, level) in [
            (open(0, 0), Level::Ok),
            (open(2, 0), Level::Warning),
            (open(2, 1), Level::Fails),
            (room(50), Level::Ok),
            (room(9), Level::Warning),
            (room(4), Level::Fails),
            (copied(24), Level::Ok),
            (copied(51), Level::Warning),
            (backup(None, now(), english), Level::Warning),
            (time_zone(now(), english), Level::Ok),
        ] {
            assert!(check.level == level && check.mend.is_some() == (level != Level::Ok), "{check:?}");
        }
    }
}
