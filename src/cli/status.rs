//! `status`.

use chrono::{DateTime, Utc};
use comfy_table::Table;
use serde::Serialize;

use super::args::PrintArgs;
use super::table::{or_dash, table};
use super::{Failure, print_json, words};
use crate::domain::calendar::show;
use crate::domain::health::{Health, Vitals};
use crate::domain::language::Language;
use crate::domain::pause::PauseOf;
use crate::domain::words::{PauseTold, copy as copy_line, pause as pause_line};
use crate::ledger::views::{Count, MerchantRow, OpenAlert, OrderStatus, RefundStatus};
use crate::ledger::{Ledger, NewestBackup, PauseRow, Restore, StorageUsed, together};

/// As many rows of each kind as fit on a screen.
const ROWS: i64 = 10;

/// A program reads more; beyond it, the counts tell that there is more.
const ROWS_OF_JSON: i64 = 1000;

/// Whether the daemon runs, and since when its last pass is.
#[derive(Serialize)]
struct Daemon {
    running: bool,
    health: &'static str,
    /// Null: all is well.
    why: Option<String>,
    started_at: Option<String>,
    stopped_at: Option<String>,
    last_pass_at: Option<String>,
    #[serde(skip)]
    condition: Health,
}

impl Daemon {
    /// None: all is well.
    fn told(&self, language: Language) -> Option<String> {
        (!self.condition.why.is_empty()).then(|| self.condition.sentence(language))
    }

    fn of(vitals: &Vitals, now: DateTime<Utc>) -> Self {
        let health = vitals.health(now);
        let time = |at: Option<DateTime<Utc>>| at.map(show);
        Self {
            running: vitals.runs(now),
            health: health.state.word(),
            why: (!health.why.is_empty()).then(|| health.sentence(Language::English)),
            started_at: time(vitals.started_at),
            stopped_at: time(vitals.stopped_at),
            last_pass_at: time(vitals.passed_at),
            condition: health,
        }
    }
}

#[derive(Serialize)]
struct Status {
    daemon: Daemon,
    orders: Vec<Count>,
    voucher_orders: Vec<Count>,
    next_deadlines: Vec<OrderStatus>,
    open_refunds: Vec<RefundStatus>,
    open_refund_count: i64,
    open_alerts: Vec<OpenAlert>,
    open_alert_count: i64,
    merchants: Vec<MerchantRow>,
    pauses: Vec<PauseRow>,
    /// Null unless the ledger may have been put back from a copy, and orders have to catch up.
    restore: Option<Restore>,
    storage: StorageUsed,
    /// Null: there was none yet.
    backup: Option<Backup>,
}

/// The newest copy of the ledger.
#[derive(Serialize)]
struct Backup {
    made_at: String,
    age_s: i64,
    file: String,
}

impl Backup {
    fn of(newest: &NewestBackup, now: DateTime<Utc>) -> Self {
        let began_at = newest.began_at();
        Self { made_at: show(began_at), age_s: (now - began_at).num_seconds(), file: newest.backed_up_to.clone() }
    }
}

pub(super) async fn status(ledger: &Ledger, print: &PrintArgs, exit_code: bool) -> Result<(), Failure> {
    let now = Utc::now();
    let rows = if print.json { ROWS_OF_JSON } else { ROWS };
    let (open_refund_count, open_alert_count) = ledger.open_counts().await?;
    let status = Status {
        daemon: Daemon::of(&ledger.vitals(now).await?, now),
        orders: ledger.counts_by_state().await?,
        voucher_orders: ledger.vouchers_by_state().await?,
        next_deadlines: ledger.next_deadlines(rows).await?,
        open_refunds: ledger.open_refunds(rows).await?,
        open_refund_count,
        open_alerts: ledger.alerts(rows).await?,
        open_alert_count,
        merchants: ledger.merchants().await?,
        pauses: ledger.pauses(now).await?,
        restore: ledger.unfinished_restore().await?,
        storage: ledger.storage(),
        backup: ledger.newest_backup().await?.map(|newest| Backup::of(&newest, now)),
    };
    if print.json {
        print_json(&status)?;
    } else {
        let language = print.language();
        tell(language, &status);
        storage(language, &status.storage);
        backup(language, status.backup.as_ref());
        daemon(language, &status.daemon);
    }
    if exit_code { judged(&status.daemon, ledger.unseen_critical().await?) } else { Ok(()) }
}

/// For a program that asks every few minutes.
fn judged(daemon: &Daemon, unseen: i64) -> Result<(), Failure> {
    if !daemon.running {
        return Err(Failure::Problem(daemon.why.clone().unwrap_or_else(|| "the daemon does not run".to_owned())));
    }
    if unseen > 0 {
        return Err(Failure::Problem(format!(
            "critical alerts that nobody has acknowledged: {unseen}; ecpayd alerts lists them"
        )));
    }
    Ok(())
}

fn daemon(language: Language, daemon: &Daemon) {
    let told = match (daemon.told(language), &daemon.last_pass_at) {
        (Some(why), _) => language.pick(format!("daemon {why}"), format!("服務{why}")),
        (None, Some(pass)) => {
            language.pick(format!("daemon ok; its last pass was at {pass}"), format!("服務正常；上一輪完成於 {pass}"))
        }
        (None, None) => language.pick("daemon ok; it has just started", "服務正常；剛啟動").to_owned(),
    };
    say!("{told}");
}

fn tell(language: Language, status: &Status) {
    if let Some(copy) = &status.restore {
        restore(language, copy);
    }
    for (pause, of) in together(&status.pauses) {
        say!("{}", paused(language, pause, of));
    }
    for m in status.merchants.iter().filter(|m| !m.configured) {
        say!("{}", merchant(language, m));
    }
    if status.orders.is_empty() && status.voucher_orders.is_empty() {
        let none = "no orders yet: INSERT INTO orders, or ecpayd orders add";
        say!("{}", language.pick(none, "還沒有訂單：用 INSERT INTO orders 或 ecpayd orders add 登錄"));
        return;
    }
    counts(language, &status.orders, language.pick("state", "狀態"), words::order_state);
    counts(language, &status.voucher_orders, language.pick("voucher state", "票券狀態"), words::voucher_state);
    if !status.next_deadlines.is_empty() {
        say!("\n{}", language.pick("Next capture deadlines (Asia/Taipei)", "最近的關帳期限（臺北時間）"));
        say!("{}", deadlines(language, &status.next_deadlines));
    }
    if !status.open_refunds.is_empty() {
        let part = part(language, status.open_refunds.len(), status.open_refund_count);
        say!("\n{}{part}", language.pick("Open refunds", "未結的退款"));
        say!("{}", refunds(language, &status.open_refunds));
    }
    if !status.open_alerts.is_empty() {
        let part = part(language, status.open_alerts.len(), status.open_alert_count);
        say!("\n{}{part}", language.pick("Open alerts", "未結的警告"));
        say!("{}", super::alerts::rows(language, &status.open_alerts));
    }
}

fn restore(language: Language, copy: &Restore) {
    let Restore { reason, noticed_at, waiting_orders, unclaimed_orders } = copy;
    let reason = copy_line(language, reason);
    say!(
        "{}",
        language.pick(
            format!("the ledger may have been put back from a copy: {reason} (noticed {noticed_at})"),
            format!("帳本可能是從備份還原的：{reason}（{noticed_at} 發現）"),
        )
    );
    say!(
        "  {}",
        language.pick(
            format!(
                "{waiting_orders} unfinished orders wait for a look; {unclaimed_orders} show a refund or a void that nobody has claimed"
            ),
            format!("{waiting_orders} 筆未結的訂單在等查詢；{unclaimed_orders} 筆有無人認領的退款或取消"),
        )
    );
}

fn paused(language: Language, pause: &PauseRow, of: Option<PauseOf>) -> String {
    let told = PauseTold {
        merchant: &pause.merchant_id,
        of,
        by: &pause.by,
        since: &pause.at,
        until: pause.until.as_deref(),
        why: &pause.why,
    };
    let only = of.map_or_else(String::new, |of| format!(" --only {}", of.word()));
    let resume = format!("ecpayd resume {}{only}", pause.merchant_id);
    let told = pause_line(language, &told);
    language.pick(format!("{told}; {resume} lets them go on"), format!("{told}；輸入 {resume} 恢復"))
}

fn merchant(language: Language, m: &MerchantRow) -> String {
    let id = &m.merchant_id;
    language.pick(
        format!("merchant {id} is not in the settings: nobody looks after its orders"),
        format!("設定檔裡沒有特店 {id}，沒有人處理它的訂單"),
    )
}

fn counts(language: Language, counts: &[Count], of: &str, name: fn(Language, &str) -> String) {
    if counts.is_empty() {
        return;
    }
    let state = |c: &Count| words::with_word(language, &c.state, name(language, &c.state));
    let rows = counts.iter().map(|c| vec![state(c), c.count.to_string()]);
    say!("{}", table(&[of, language.pick("orders", "筆數")], rows));
}

fn deadlines(language: Language, orders: &[OrderStatus]) -> Table {
    let rows = orders.iter().map(|o| {
        vec![
            o.merchant_trade_no.clone(),
            or_dash(o.amount),
            or_dash(o.capture_by.clone()),
            or_dash(o.next_step.as_deref().map(|step| words::next_step(language, step))),
            or_dash(o.next_step_at.clone()),
        ]
    });
    let english = ["order", "NT$", "capture by", "next step", "at"];
    table(&language.pick(english, ["訂單", "NT$", "最晚關帳", "下一步", "時間"]), rows)
}

fn refunds(language: Language, refunds: &[RefundStatus]) -> Table {
    let rows = refunds.iter().map(|r| {
        vec![
            r.id.to_string(),
            r.merchant_trade_no.clone(),
            words::asked(language, r.amount),
            words::refund_state(language, &r.state),
            r.sentence(language),
        ]
    });
    let english = ["id", "order", "NT$", "state", "detail"];
    table(&language.pick(english, ["編號", "訂單", "NT$", "狀態", "說明"]), rows)
}

fn storage(language: Language, used: &StorageUsed) {
    let (path, ledger, log) = (used.path.display(), megabytes(used.ledger_bytes), megabytes(used.log_bytes));
    let free = used.disk_free_percent.map(|percent| {
        language.pick(format!("; {percent} % of its disk is free"), format!("；所在的磁碟剩 {percent} %"))
    });
    let free = free.unwrap_or_default();
    let english = format!("ledger {path}: {ledger}, log {log}{free}");
    say!("\n{}", language.pick(english, format!("帳本 {path}：{ledger}，日誌檔 {log}{free}")));
}

fn backup(language: Language, newest: Option<&Backup>) {
    let Some(Backup { made_at, age_s, file }) = newest else {
        say!("{}", language.pick("no backup yet: ecpayd backup makes one", "還沒有備份：用 ecpayd backup 備份"));
        return;
    };
    let hours = age_s / 3600;
    let age = match hours {
        0 => language.pick("less than an hour ago".to_owned(), "不到一小時前".to_owned()),
        1..48 => language.pick(format!("{hours} h ago"), format!("{hours} 小時前")),
        _ => language.pick(format!("{} days ago", hours / 24), format!("{} 天前", hours / 24)),
    };
    let english = format!("newest backup {made_at}, {age}: {file}");
    say!("{}", language.pick(english, format!("最近的備份 {made_at}，{age}：{file}")));
}

/// With one digit behind the point.
fn megabytes(bytes: u64) -> String {
    let tenths = bytes.saturating_mul(10) >> 20;
    format!("{}.{} MB", tenths / 10, tenths % 10)
}

/// That not all of them are shown.
fn part(language: Language, shown: usize, all: i64) -> String {
    if i64::try_from(shown).is_ok_and(|shown| shown >= all) {
        return String::new();
    }
    language.pick(format!(" ({shown} of {all})"), format!("（共 {all} 筆，列出 {shown} 筆）"))
}
