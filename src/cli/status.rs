//! `status`.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::table::{or_dash, table};
use super::{Failure, print_json};
use crate::domain::calendar::show;
use crate::domain::health::Vitals;
use crate::ledger::views::{Count, MerchantRow, OpenAlert, OrderStatus, RefundStatus};
use crate::ledger::{Ledger, Restore, StorageUsed};

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
}

impl Daemon {
    fn of(vitals: &Vitals, now: DateTime<Utc>) -> Self {
        let health = vitals.health(now);
        let time = |at: Option<DateTime<Utc>>| at.map(show);
        Self {
            running: vitals.runs(now),
            health: health.state.word(),
            why: (!health.why.is_empty()).then(|| health.english()),
            started_at: time(vitals.started_at),
            stopped_at: time(vitals.stopped_at),
            last_pass_at: time(vitals.passed_at),
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
    /// Null unless the ledger may have been put back from a copy, and orders have to catch up.
    restore: Option<Restore>,
    storage: StorageUsed,
}

pub(super) async fn status(ledger: &Ledger, json: bool, exit_code: bool) -> Result<(), Failure> {
    let now = Utc::now();
    let rows = if json { ROWS_OF_JSON } else { ROWS };
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
        restore: ledger.unfinished_restore().await?,
        storage: ledger.storage(),
    };
    if json {
        print_json(&status)?;
    } else {
        print(&status);
        print_storage(&status.storage);
        print_daemon(&status.daemon);
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
            "{unseen} critical alerts are open that nobody has acknowledged: ecpayd alerts lists them"
        )));
    }
    Ok(())
}

fn print_daemon(daemon: &Daemon) {
    match (&daemon.why, &daemon.last_pass_at) {
        (Some(why), _) => say!("daemon {why}"),
        (None, Some(pass)) => say!("daemon ok; its last pass was at {pass}"),
        (None, None) => say!("daemon ok; it has just started"),
    }
}

fn print(status: &Status) {
    if let Some(copy) = &status.restore {
        say!("the ledger may have been put back from a copy: {} (noticed {})", copy.reason, copy.noticed_at);
        say!(
            "  {} unfinished orders wait for a look; {} show a refund or a void that nobody has claimed",
            copy.waiting_orders,
            copy.unclaimed_orders
        );
    }
    for m in status.merchants.iter().filter(|m| m.paused_by.is_some() || !m.configured) {
        match &m.paused_by {
            Some(by) => say!(
                "merchant {}: money actions paused by {by}; ecpayd resume {} lets them go on",
                m.merchant_id,
                m.merchant_id
            ),
            None => {
                say!("merchant {} is not in the settings: nobody looks after its orders", m.merchant_id)
            }
        }
    }
    if status.orders.is_empty() && status.voucher_orders.is_empty() {
        say!("no orders yet: INSERT INTO orders, or ecpayd orders add");
        return;
    }
    for (of, counts) in [("state", &status.orders), ("voucher state", &status.voucher_orders)] {
        if !counts.is_empty() {
            say!("{}", table(&[of, "orders"], counts.iter().map(|c| vec![c.state.clone(), c.count.to_string()])));
        }
    }
    if !status.next_deadlines.is_empty() {
        say!("\nNext capture deadlines (Asia/Taipei)");
        let rows = status.next_deadlines.iter().map(|o| {
            vec![
                o.merchant_trade_no.clone(),
                or_dash(o.amount),
                or_dash(o.capture_by.clone()),
                or_dash(o.next_step.clone()),
                or_dash(o.next_step_at.clone()),
            ]
        });
        say!("{}", table(&["order", "NT$", "capture by", "next step", "at"], rows));
    }
    if !status.open_refunds.is_empty() {
        say!("\nOpen refunds{}", part(status.open_refunds.len(), status.open_refund_count));
        let rows = status.open_refunds.iter().map(|r| {
            vec![
                r.id.to_string(),
                r.merchant_trade_no.clone(),
                r.amount.map_or("all".to_owned(), |a| a.to_string()),
                r.state.clone(),
                r.detail.clone(),
            ]
        });
        say!("{}", table(&["id", "order", "NT$", "state", "detail"], rows));
    }
    if !status.open_alerts.is_empty() {
        say!("\nOpen alerts{}", part(status.open_alerts.len(), status.open_alert_count));
        say!("{}", super::alerts::rows(&status.open_alerts));
    }
}

fn print_storage(used: &StorageUsed) {
    let free = used.disk_free_percent.map(|percent| format!("; {percent} % of its disk is free")).unwrap_or_default();
    say!("\nledger {}: {}, log {}{free}", used.path.display(), megabytes(used.ledger_bytes), megabytes(used.log_bytes));
}

/// With one digit behind the point.
fn megabytes(bytes: u64) -> String {
    let tenths = bytes.saturating_mul(10) >> 20;
    format!("{}.{} MB", tenths / 10, tenths % 10)
}

/// That not all of them are shown.
fn part(shown: usize, all: i64) -> String {
    if i64::try_from(shown).is_ok_and(|shown| shown < all) { format!(" ({shown} of {all})") } else { String::new() }
}
