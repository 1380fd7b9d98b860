//! `restore`.

use std::path::{Path, PathBuf};

use comfy_table::Table;
use serde::Serialize;

use super::args::RestoreArgs;
use super::table::{or_dash, table};
use super::{Failure, now, print_json, settings, words};
use crate::config::KeysNeeded;
use crate::domain::language::Language;
use crate::ledger::copies::{History, Lost, LostAttempt, Restored, Restoring};
use crate::ledger::views::{OrderEvent, RefundStatus};

/// Who stops the money in a copy, as `status` names it.
const BY: &str = "restore";

#[derive(Serialize)]
struct Page<'a> {
    ledger: &'a Path,
    copy: &'a Path,
    /// The time of its newest event.
    ends_at: &'a Option<String>,
    /// The directory in which the ledger is that was there before.
    replaced: &'a Option<PathBuf>,
    /// `none`, `kept`, `lost`, `of_another`, `unknown`.
    history: &'static str,
    /// Null unless it is `lost` or `of_another`.
    lost: Option<&'a Lost>,
    paused_merchants: Option<usize>,
}

pub(super) fn restore(config: Option<PathBuf>, args: &RestoreArgs) -> Result<(), Failure> {
    let settings = settings(config, KeysNeeded::None)?;
    let pause_by = args.pause.then(|| BY.to_owned());
    let restoring = Restoring { ledger: settings.database_path, copy: args.copy.clone(), pause_by, now: now() };
    let restored = restoring.run()?;
    if args.print.json {
        return print_json(&page(&restored, &args.copy));
    }
    tell(args.print.language(), &restored, &args.copy);
    Ok(())
}

fn page<'a>(restored: &'a Restored, copy: &'a Path) -> Page<'a> {
    let (history, lost) = match &restored.history {
        History::None => ("none", None),
        History::Kept => ("kept", None),
        History::Lost(lost) => ("lost", Some(&**lost)),
        History::OfAnother(lost) => ("of_another", Some(&**lost)),
        History::Unknown(_) => ("unknown", None),
    };
    let Restored { ledger, ends_at, replaced, paused, .. } = restored;
    Page { ledger, copy, ends_at, replaced, history, lost, paused_merchants: *paused }
}

fn tell(language: Language, restored: &Restored, copy: &Path) {
    let (ledger, copy) = (restored.ledger.display(), copy.display());
    let ends = restored
        .ends_at
        .as_ref()
        .map(|at| language.pick(format!("; the newest event in it is of {at}"), format!("，其中最新的事件是 {at}")));
    let ends = ends.unwrap_or_default();
    say!(
        "{}",
        language.pick(
            format!("the ledger {ledger} is restored from {copy}{ends}"),
            format!("帳本 {ledger} 已從 {copy} 還原{ends}"),
        )
    );
    if let Some(replaced) = &restored.replaced {
        let folder = replaced.display();
        say!("{}", language.pick(format!("what it replaces is kept in {folder}"), format!("原帳本保留在 {folder}")));
    }
    history(language, &restored.history);
    say!("");
    what_next(language, restored);
}

fn history(language: Language, history: &History) {
    match history {
        History::None => {}
        History::Kept => {
            let english = "nothing is lost: the copy has the newest event of the ledger that it replaces";
            say!("{}", language.pick(english, "沒有遺失：備份裡有原帳本最新的事件"));
        }
        History::Unknown(why) => say!(
            "{}",
            language.pick(
                format!(
                    "the ledger that it replaces cannot be read ({why}): what that did after the copy is not known; compare the shop's own records and ECPay's dashboard"
                ),
                format!("原帳本無法讀取（{why}），不知道它在備份之後做過什麼：請與商店的紀錄和綠界廠商後台核對"),
            )
        ),
        History::Lost(lost) => {
            let until = &lost.until;
            let english = format!("the ledger that it replaces went on until {until}; of what follows the copy knows nothing");
            say!("{}", language.pick(english, format!("原帳本在備份之後還用到 {until}；以下的事備份都不知道")));
            all(language, lost);
        }
        History::OfAnother(lost) => {
            let english = "this is no copy of the ledger that it replaces, but of another one; what follows is all that the replaced one did";
            say!("{}", language.pick(english, "這不是原帳本的備份，而是另一本帳本的；以下是原帳本做過的所有事"));
            all(language, lost);
        }
    }
}

fn all(language: Language, lost: &Lost) {
    let Lost { refunds: asked, attempts: sent, answers, wishes, .. } = lost;
    if asked.is_empty() && sent.is_empty() && answers.is_empty() && wishes.is_empty() {
        let english = "nobody asked for anything, and no money call was made: only answers to queries are lost";
        say!("{}", language.pick(english, "期間沒有人要求任何事，也沒有金額動作：遺失的只有查詢結果"));
        return;
    }
    let section = |heading: &str, rows: Table, is_empty: bool| {
        if !is_empty {
            say!("\n{heading}\n{rows}");
        }
    };
    section(language.pick("Refunds asked for", "要求的退款"), refunds(language, asked), asked.is_empty());
    section(language.pick("Money calls", "金額動作"), attempts(language, sent), sent.is_empty());
    section(language.pick("Said by people", "人員的判定與暫停"), events(language, answers), answers.is_empty());
    section(language.pick("Written by shops", "商店寫入的"), events(language, wishes), wishes.is_empty());
}

fn refunds(language: Language, refunds: &[RefundStatus]) -> Table {
    let rows = refunds.iter().map(|r| {
        vec![
            r.id.to_string(),
            r.merchant_trade_no.clone(),
            words::asked(language, r.amount),
            words::refund_state(language, &r.state),
            r.refunded_amount.to_string(),
            r.request_key.to_string(),
            r.created_at.clone(),
        ]
    });
    let english = ["id", "order", "NT$", "state", "refunded", "key", "asked at"];
    table(&language.pick(english, ["編號", "訂單", "NT$", "狀態", "已退", "key", "要求時間"]), rows)
}

fn attempts(language: Language, attempts: &[LostAttempt]) -> Table {
    let rows = attempts.iter().map(|a| {
        vec![
            a.id.to_string(),
            a.merchant_trade_no.clone(),
            words::action(language, &a.action),
            a.amount.to_string(),
            or_dash(a.refund_id),
            words::attempt_state(language, &a.state),
            a.started_at.clone(),
            or_dash(a.finished_at.clone()),
        ]
    });
    let english = ["id", "order", "action", "NT$", "refund", "state", "sent at", "ended at"];
    table(&language.pick(english, ["編號", "訂單", "動作", "NT$", "退款", "狀態", "送出時間", "結束時間"]), rows)
}

fn events(language: Language, events: &[OrderEvent]) -> Table {
    let rows = events.iter().map(|e| vec![e.at.clone(), or_dash(e.merchant_trade_no.as_ref()), e.line(language)]);
    table(&language.pick(["at", "order", "what"], ["時間", "訂單", "內容"]), rows)
}

fn what_next(language: Language, restored: &Restored) {
    if let Some(owner) = restored.not_given_to {
        let (uid, gid, ledger) = (owner.uid, owner.gid, restored.ledger.display());
        say!(
            "{}",
            language.pick(
                format!("this user may not give it to its owner: sudo chown {uid}:{gid} {ledger} before the start"),
                format!("目前的使用者無法把檔案交還給原擁有者：啟動前請執行 sudo chown {uid}:{gid} {ledger}"),
            )
        );
    }
    if matches!(restored.history, History::Lost(_) | History::OfAnother(_) | History::Unknown(_)) {
        let english = "let the shop write again what it wrote since the copy, with the same keys; what is there already is refused";
        say!("{}", language.pick(english, "請商店把備份之後寫過的用同樣的 key 重寫一次；已經有的會被拒絕"));
    }
    match restored.paused {
        Some(count) => say!(
            "{}",
            language.pick(
                format!("money actions are paused for {count} merchant(s): ecpayd resume lets them go on"),
                format!("{count} 個特店的金額動作已暫停：輸入 ecpayd resume 恢復"),
            )
        ),
        None => {
            let english = "once it is started, ecpayd looks at each order before it moves money on it";
            say!("{}", language.pick(english, "啟動之後，ecpayd 會先查詢每筆訂單，才動它的錢"));
        }
    }
    let english = "see that no other machine runs this ledger: two that run on copies of one make each refund twice";
    say!("{}", language.pick(english, "請確認沒有別的主機在執行這本帳本：兩台各用一份副本，每筆退款會各退一次"));
}
