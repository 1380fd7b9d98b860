//! `show`: everything about one order.

use comfy_table::Table;
use serde::Serialize;

use super::args::{OrderArgs, PrintArgs};
use super::table::{line, or_dash, table};
use super::{Failure, find, history, print_json, vouchers, words};
use crate::config::Settings;
use crate::domain::language::Language;
use crate::domain::reason::retold;
use crate::ledger::Ledger;
use crate::ledger::views::{AttemptRow, MovementRow, OrderEvent, OrderStatus, RefundStatus};

#[derive(Serialize)]
struct Page {
    #[serde(flatten)]
    order: OrderStatus,
    refunds: Vec<RefundStatus>,
    attempts: Vec<AttemptRow>,
    movements: Vec<MovementRow>,
    /// The voucher order that it paid for; its events are among those of the order.
    vouchers: Option<vouchers::Page>,
    events: Vec<OrderEvent>,
}

pub(super) async fn show(
    settings: &Settings,
    ledger: &Ledger,
    order: &OrderArgs,
    print: &PrintArgs,
) -> Result<(), Failure> {
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
        movements: ledger.movements_of(found.id).await?,
        vouchers: match voucher {
            Some(voucher) => Some(vouchers::page(ledger, voucher, Vec::new()).await?),
            None => None,
        },
        events,
    };
    if print.json {
        return print_json(&page);
    }
    tell(print.language(), &page, settings.policy.voucher_guard);
    Ok(())
}

fn tell(language: Language, page: &Page, guarded: bool) {
    order(language, &page.order);
    if !page.refunds.is_empty() {
        say!("\n{}\n{}", language.pick("Refunds", "退款"), refunds(language, &page.refunds));
    }
    if !page.attempts.is_empty() {
        say!("\n{}\n{}", language.pick("Attempts", "動作"), attempts(language, &page.attempts));
    }
    if !page.movements.is_empty() {
        say!("\n{}\n{}", language.pick("Movements", "異動"), movements(language, &page.movements));
    }
    if let Some(vouchers) = &page.vouchers {
        say!("\n{}", language.pick("Vouchers", "票券"));
        vouchers.tell(language, guarded);
    }
    history::tell(language, &page.events);
}

fn order(language: Language, o: &OrderStatus) {
    let line = |english, chinese, value: String| line(14, language.pick(english, chinese), &value);
    let (no, merchant, theirs) = (&o.merchant_trade_no, &o.merchant_id, or_dash(o.trade_no.as_ref()));
    let numbers = language
        .pick(format!("{no} (merchant {merchant}, ECPay {theirs})"), format!("{no}（特店 {merchant}，綠界 {theirs}）"));
    line("order", "訂單", numbers);
    line("state", "狀態", words::with_word(language, &o.state, words::order_state(language, &o.state)));
    line("amount", "金額", amounts(language, o));
    line("paid by", "付款方式", or_dash(o.payment_type.as_ref()));
    line("capture", "關帳方式", words::with_word(language, &o.capture, words::capture(language, &o.capture)));
    line("registered at", "登錄時間", o.registered_at.clone());
    line("authorized at", "授權時間", or_dash(o.authorized_at.as_ref()));
    line("captured at", "關帳時間", or_dash(o.captured_at.as_ref()));
    line("capture by", "最晚關帳", or_dash(o.capture_by.as_ref()));
    line("expires at", "滿 90 天", or_dash(o.expires_at.as_ref()));
    line("next step", "下一步", next_step(language, o));
    line("last look", "最近查詢", or_dash(o.last_checked_at.as_ref()));
    if let Some(error) = &o.last_error {
        line("last error", "最近錯誤", error.clone());
    }
    if let Some(memo) = o.memo.as_ref().filter(|memo| !memo.is_empty()) {
        line("memo", "備註", memo.to_string());
    }
}

fn amounts(language: Language, o: &OrderStatus) -> String {
    let Some(amount) = o.amount else { return language.pick("not known", "未知").to_owned() };
    let (captured, refunded) = (o.captured_amount, o.refunded_amount);
    language.pick(
        format!("NT${amount}, captured NT${captured}, refunded NT${refunded}"),
        format!("NT${amount}，已關帳 NT${captured}，已退 NT${refunded}"),
    )
}

fn next_step(language: Language, o: &OrderStatus) -> String {
    let Some((step, at)) = o.next_step.as_ref().zip(o.next_step_at.as_ref()) else {
        return language.pick("none", "無").to_owned();
    };
    let step = words::next_step(language, step);
    language.pick(format!("{step} at {at}"), format!("{at} {step}"))
}

fn refunds(language: Language, refunds: &[RefundStatus]) -> Table {
    let rows = refunds.iter().map(|r| {
        vec![
            r.id.to_string(),
            words::asked(language, r.amount),
            r.request_key.to_string(),
            words::refund_state(language, &r.state),
            r.refunded_amount.to_string(),
            or_dash(r.method.clone()),
            r.sentence(language),
            or_dash(r.comment.as_ref().map(|comment| comment.to_string()).filter(|comment| !comment.is_empty())),
        ]
    });
    let english = ["id", "NT$", "key", "state", "refunded", "by", "detail", "reason"];
    table(&language.pick(english, ["編號", "NT$", "key", "狀態", "已退", "方式", "說明", "商店的原因"]), rows)
}

fn attempts(language: Language, attempts: &[AttemptRow]) -> Table {
    let rows = attempts.iter().map(|a| {
        vec![
            a.id.to_string(),
            words::action(language, &a.action),
            a.amount.to_string(),
            words::attempt_state(language, &a.state),
            a.started_at.clone(),
            or_dash(a.finished_at.clone()),
            or_dash(a.resolved_by.clone()),
            language.pick(a.text.clone(), retold(&a.text)),
        ]
    });
    let english = ["id", "action", "NT$", "state", "started at", "settled at", "by", "words"];
    let chinese = ["編號", "動作", "NT$", "狀態", "送出時間", "確認時間", "判定者", "原文"];
    table(&language.pick(english, chinese), rows)
}

fn movements(language: Language, movements: &[MovementRow]) -> Table {
    let number = |id: Option<i64>| or_dash(id.map(|id| id.to_string()));
    let rows = movements.iter().map(|m| {
        vec![
            m.day.clone(),
            words::movement(language, &m.kind),
            m.amount.to_string(),
            words::hand(language, &m.by),
            number(m.attempt_id),
            number(m.refund_id),
            m.at.clone(),
        ]
    });
    let english = ["day", "movement", "NT$", "by", "attempt", "refund", "seen at"];
    table(&language.pick(english, ["日期", "異動", "NT$", "執行者", "動作", "退款", "查得時間"]), rows)
}
