//! `reconcile --look`: every unfinished order looked at anew.
//!
//! The ledger makes them due. Where a daemon runs, it does the looks in its own pace, and is waited for; a second
//! engine on one ledger would pay twice. Where none runs, this is `run --once`.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::time::Duration;

use chrono::{DateTime, Utc};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;
use tokio::time::Instant;

use crate::cli::args::ReconcileArgs;
use crate::cli::table::{one_line, or_dash, table};
use crate::cli::{Failure, now, settings, words};
use crate::config::KeysNeeded;
use crate::daemon;
use crate::domain::ids::MerchantId;
use crate::domain::language::Language;
use crate::ledger::{Foreign, Ledger, LookAnew, Shown};

/// How often the ledger is asked how far it is.
const ASKED_EVERY: Duration = Duration::from_millis(500);

/// So long without an answered look, and nobody waits on.
const STILL: Duration = Duration::from_secs(120);

/// As many as fit on a screen.
const ROWS: usize = 20;

/// What the looks have brought.
#[derive(Serialize)]
pub(super) struct Looked {
    orders: usize,
    /// Nobody has looked at so many.
    not_reached: u64,
    changed: Vec<Changed>,
    failed: Vec<Shown>,
}

/// An order that is shown otherwise than before.
#[derive(Serialize)]
struct Changed {
    before: Shown,
    after: Shown,
    /// Movements that no call of ours explains.
    by_others: Vec<Foreign>,
}

pub(super) async fn look(ledger: &Ledger, config: Option<PathBuf>, args: &ReconcileArgs) -> Result<Looked, Failure> {
    let merchant = args.merchant.as_ref();
    let since = now();
    let before = ledger.unfinished_shown(merchant, since).await?;
    let mark = ledger.write(LookAnew { merchant_id: merchant.cloned() }).await?;
    let bar = bar(before.len());
    // It may be held up: what it has not come to is told, and no second one is begun.
    let not_reached = match ledger.vitals(now()).await?.runs(now()) {
        true => wait(ledger, merchant, since, &bar).await?,
        false => look_ourselves(ledger, config, merchant, since, &bar).await?,
    };
    bar.finish_and_clear();
    let ids: Vec<i64> = before.iter().map(|order| order.order_id).collect();
    let after = ledger.shown(&ids, since).await?;
    let by_others = ledger.moved_by_others(mark).await?;
    let failed: Vec<Shown> = after.iter().filter(|order| order.failed).cloned().collect();
    let changed = changes(before, after, by_others);
    Ok(Looked { orders: ids.len(), not_reached, changed, failed })
}

fn bar(orders: usize) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(u64::try_from(orders).ok(), ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {pos} / {len} {eta}") {
        bar.set_style(style);
    }
    bar
}

/// Until the daemon has come to all of them, or to none for long. How many it has not come to.
async fn wait(
    ledger: &Ledger,
    merchant: Option<&MerchantId>,
    since: DateTime<Utc>,
    bar: &ProgressBar,
) -> Result<u64, Failure> {
    let (mut left, mut moved_at) = (u64::MAX, Instant::now());
    loop {
        let waiting = ledger.looks_awaited(merchant, since).await?;
        bar.set_position(bar.length().unwrap_or_default().saturating_sub(waiting));
        if waiting < left {
            (left, moved_at) = (waiting, Instant::now());
        }
        if waiting == 0 || moved_at.elapsed() > STILL {
            return Ok(waiting);
        }
        tokio::time::sleep(ASKED_EVERY).await;
    }
}

async fn look_ourselves(
    ledger: &Ledger,
    config: Option<PathBuf>,
    merchant: Option<&MerchantId>,
    since: DateTime<Utc>,
    bar: &ProgressBar,
) -> Result<u64, Failure> {
    let with_keys = settings(config, KeysNeeded::All)?;
    let passes = daemon::run_once(&with_keys);
    tokio::pin!(passes);
    loop {
        tokio::select! {
            ended = &mut passes => {
                ended?;
                return Ok(ledger.looks_awaited(merchant, since).await?);
            }
            () = tokio::time::sleep(ASKED_EVERY) => {
                let waiting = ledger.looks_awaited(merchant, since).await?;
                bar.set_position(bar.length().unwrap_or_default().saturating_sub(waiting));
            }
        }
    }
}

fn changes(before: Vec<Shown>, after: Vec<Shown>, by_others: Vec<Foreign>) -> Vec<Changed> {
    let mut foreign: HashMap<i64, Vec<Foreign>> = HashMap::new();
    let known: HashSet<i64> = before.iter().map(|order| order.order_id).collect();
    for moved in by_others.into_iter().filter(|moved| known.contains(&moved.order_id)) {
        foreign.entry(moved.order_id).or_default().push(moved);
    }
    let mut after: HashMap<i64, Shown> = after.into_iter().map(|order| (order.order_id, order)).collect();
    let pairs = before.into_iter().filter_map(|before| Some((after.remove(&before.order_id)?, before)));
    let changed = pairs.filter_map(|(after, before)| {
        let by_others = foreign.remove(&before.order_id).unwrap_or_default();
        let shown = |order: &Shown| (order.state.clone(), order.amount, order.captured_amount, order.refunded_amount);
        let is_same = shown(&before) == shown(&after) && by_others.is_empty();
        (!is_same).then_some(Changed { before, after, by_others })
    });
    changed.collect()
}

impl Looked {
    /// What somebody has to look at, as a sentence.
    pub fn differences(&self) -> Option<String> {
        let foreign = self.changed.iter().filter(|order| !order.by_others.is_empty()).count();
        let parts = [
            (foreign > 0).then(|| format!("{foreign} of {} orders have changed at ECPay without a call of ours", self.orders)),
            (!self.failed.is_empty()).then(|| format!("looks at {} of {} orders failed", self.failed.len(), self.orders)),
            (self.not_reached > 0).then(|| {
                format!(
                    "{} of {} orders were not looked at within {} s of each other: ecpayd status says what holds the daemon up",
                    self.not_reached,
                    self.orders,
                    STILL.as_secs()
                )
            }),
        ];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        (!parts.is_empty()).then(|| parts.join("; "))
    }

    pub fn tell(&self, language: Language) {
        let Self { orders, changed, failed, not_reached } = self;
        let looked = *orders as u64 - (*orders as u64).min(*not_reached);
        let (count, failures) = (changed.len(), failed.len());
        let english =
            format!("looked at {looked} of {orders} unfinished orders: {count} changed, {failures} looks failed");
        let chinese = format!("已查詢 {orders} 筆未結訂單中的 {looked} 筆：{count} 筆有變動，{failures} 筆查詢失敗");
        say!("{}", language.pick(english, chinese));
        if !changed.is_empty() {
            let header = language.pick(
                ["order", "before", "now", "captured", "refunded", "by others"],
                ["訂單", "先前", "現在", "已關帳", "已退", "非本程式"],
            );
            say!("{}", table(&header, changed.iter().take(ROWS).map(|order| order.row(language))));
        }
        if !failed.is_empty() {
            let header = language.pick(["order", "error"], ["訂單", "錯誤"]);
            let error = |order: &Shown| or_dash(order.last_error.as_deref().map(one_line));
            let rows = failed.iter().take(ROWS).map(|order| vec![order.merchant_trade_no.clone(), error(order)]);
            say!("{}", table(&header, rows));
        }
        let more = count.max(failures).saturating_sub(ROWS);
        if more > 0 {
            say!("{}", language.pick("there are more: --json has them all", "還有更多：--json 會全部列出"));
        }
    }
}

impl Changed {
    fn row(&self, language: Language) -> Vec<String> {
        let Self { before, after, by_others } = self;
        let by_others: Vec<String> = by_others.iter().map(|moved| format!("{} {}", moved.kind, moved.amount)).collect();
        vec![
            after.merchant_trade_no.clone(),
            words::order_state(language, &before.state),
            words::order_state(language, &after.state),
            after.captured_amount.to_string(),
            after.refunded_amount.to_string(),
            or_dash((!by_others.is_empty()).then(|| by_others.join(", "))),
        ]
    }
}
