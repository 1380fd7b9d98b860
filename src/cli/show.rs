//! `show`: everything about one order.

use comfy_table::Table;
use serde::Serialize;

use super::args::OrderArgs;
use super::table::{one_line, or_dash, table};
use super::words::words;
use super::{Failure, find, print_json, vouchers};
use crate::config::Settings;
use crate::ledger::Ledger;
use crate::ledger::views::{AttemptRow, OrderEvent, OrderStatus, RefundStatus};

#[derive(Serialize)]
struct Page {
    #[serde(flatten)]
    order: OrderStatus,
    refunds: Vec<RefundStatus>,
    attempts: Vec<AttemptRow>,
    /// The voucher order that it paid for; its events are among those of the order.
    vouchers: Option<vouchers::Page>,
    events: Vec<OrderEvent>,
}

pub(super) async fn show(settings: &Settings, ledger: &Ledger, order: &OrderArgs, json: bool) -> Result<(), Failure> {
    let found = find(ledger, order).await?;
    let voucher = ledger.voucher_of(found.id).await?;
    let mut events = ledger.events_of(found.id).await?;
    if let Some(voucher) = voucher {
        events.extend(ledger.voucher_events(voucher).await?);
        events.sort_by_key(|e| e.id);
    }
    let page = Page {
        order: ledger.order_status(found.id).await?,
        refunds: ledger.refunds_of(found.id).await?,
        attempts: ledger.attempts_of(found.id).await?,
        vouchers: match voucher {
            Some(voucher) => Some(vouchers::page(ledger, voucher, Vec::new()).await?),
            None => None,
        },
        events,
    };
    if json {
        return print_json(&page);
    }
    print(&page, settings.policy.voucher_guard);
    Ok(())
}

fn print(page: &Page, guarded: bool) {
    print_order(&page.order);
    if !page.refunds.is_empty() {
        say!("\nRefunds\n{}", refunds(&page.refunds));
    }
    if !page.attempts.is_empty() {
        say!("\nAttempts\n{}", attempts(&page.attempts));
    }
    if let Some(vouchers) = &page.vouchers {
        say!("\nVouchers");
        vouchers.print(guarded);
    }
    say!("\nHistory (Asia/Taipei)");
    for e in &page.events {
        let detail = serde_json::from_str(&e.detail).unwrap_or_default();
        say!("{}  {}", e.at, one_line(&words(&e.kind, &detail)));
    }
}

fn print_order(o: &OrderStatus) {
    let line = |name: &str, value: String| say!("{name:<14} {}", one_line(&value));
    line(
        "order",
        format!("{} (merchant {}, ECPay {})", o.merchant_trade_no, o.merchant_id, or_dash(o.trade_no.clone())),
    );
    line("state", o.state.clone());
    line(
        "amount",
        o.amount.map_or_else(
            || "not known".to_owned(),
            |a| format!("NT${a}, captured NT${}, refunded NT${}", o.captured_amount, o.refunded_amount),
        ),
    );
    line("paid by", or_dash(o.payment_type.clone()));
    line("capture", o.capture.clone());
    line("registered at", o.registered_at.clone());
    line("authorized at", or_dash(o.authorized_at.clone()));
    line("captured at", or_dash(o.captured_at.clone()));
    line("capture by", or_dash(o.capture_by.clone()));
    line("expires at", or_dash(o.expires_at.clone()));
    let next = o.next_step.as_ref().zip(o.next_step_at.as_ref());
    line("next step", next.map_or_else(|| "none".to_owned(), |(step, at)| format!("{step} at {at}")));
    line("last look", or_dash(o.last_checked_at.clone()));
    if let Some(error) = &o.last_error {
        line("last error", error.clone());
    }
    if let Some(memo) = o.memo.as_ref().filter(|memo| !memo.is_empty()) {
        line("memo", memo.to_string());
    }
}

fn refunds(refunds: &[RefundStatus]) -> Table {
    let rows = refunds.iter().map(|r| {
        vec![
            r.id.to_string(),
            r.amount.map_or("all".to_owned(), |a| a.to_string()),
            r.request_key.to_string(),
            r.state.clone(),
            r.refunded_amount.to_string(),
            or_dash(r.method.clone()),
            r.detail.clone(),
            or_dash(r.comment.as_ref().map(|comment| comment.to_string()).filter(|comment| !comment.is_empty())),
        ]
    });
    table(&["id", "NT$", "key", "state", "refunded", "by", "detail", "reason"], rows)
}

fn attempts(attempts: &[AttemptRow]) -> Table {
    let rows = attempts.iter().map(|a| {
        vec![
            a.id.to_string(),
            a.action.clone(),
            a.amount.to_string(),
            a.state.clone(),
            a.started_at.clone(),
            or_dash(a.finished_at.clone()),
            or_dash(a.resolved_by.clone()),
            a.text.clone(),
        ]
    });
    table(&["id", "action", "NT$", "state", "started at", "settled at", "by", "words"], rows)
}
