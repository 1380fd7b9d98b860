//! The lines in Chinese.

use super::detail::Detail;
use super::observed::{looked, vouchers};
use crate::domain::action::Action;
use crate::domain::event::EventKind;
use crate::domain::language::Language;
use crate::domain::order::{CaptureMode, OrderState};
use crate::domain::status::CardStatus;
use crate::domain::voucher::UseStatus;

pub(super) fn line(kind: EventKind, d: &Detail) -> String {
    match kind {
        EventKind::OrderRegistered => format!("登錄訂單，關帳方式：{}", capture(&d.capture)),
        EventKind::OrderChanged => format!("商店設定關帳方式：{}", capture(&d.capture)),
        EventKind::Observed => d.seen.as_ref().map(|seen| looked(Language::Chinese, seen)).unwrap_or_default(),
        EventKind::AttemptStarted => started(d),
        EventKind::AttemptAccepted => format!("動作 {}：綠界已接受", d.attempt),
        EventKind::AttemptRefused => format!("動作 {}：被拒絕，代碼 {}：{}", d.attempt, d.code, d.text),
        EventKind::AttemptUnknown => unknown(d),
        EventKind::AttemptNotSent => format!("動作 {}：沒有送出（{}）", d.attempt, d.text),
        EventKind::AttemptApplied => format!("動作 {}：{}已生效{}", d.attempt, money(d), says(&d.by)),
        EventKind::AttemptNotApplied => {
            format!("動作 {}：{}沒有生效，也不會再生效{}", d.attempt, money(d), says(&d.by))
        }
        EventKind::AttemptInReview => format!("動作 {}：{}需要人工：{}", d.attempt, money(d), why(d)),
        EventKind::RefundQueued if d.amount.is_empty() => {
            format!("要求退款 {}，剩餘全退，key {}", d.refund, d.request_key)
        }
        EventKind::RefundQueued => format!("要求退款 {}，NT${}，key {}", d.refund, d.amount, d.request_key),
        EventKind::RefundCanceled => format!("退款 {} 在開始之前撤回", d.refund),
        EventKind::RefundDone => format!("退款 {} 完成，NT${}", d.refund, d.amount),
        EventKind::RefundRejected => format!("退款 {} 被拒絕：{}", d.refund, why(d)),
        EventKind::RefundInReview => format!("退款 {} 需要人工：{}", d.refund, why(d)),
        EventKind::RefundUndone => format!("退款 {} 在綠界被撤銷，{} 登記：{}", d.refund, d.by, d.why),
        EventKind::ExternalChange => why(d),
        EventKind::CaughtUp => caught_up(d),
        EventKind::VoucherRegistered if d.free_trade_no.is_empty() => "登錄票券訂單".to_owned(),
        EventKind::VoucherRegistered => "登錄票券訂單，贈送的".to_owned(),
        EventKind::VoucherGuardChanged if &*d.guard == "0" => "商店放行：不管核銷多少都可退款".to_owned(),
        EventKind::VoucherGuardChanged => "商店恢復：由票券限制退款".to_owned(),
        EventKind::VoucherObserved => {
            d.vouchers.as_ref().map(|seen| vouchers(Language::Chinese, seen)).unwrap_or_default()
        }
        EventKind::VoucherTicketsListed => format!("列出 {} 張票券", d.count),
        EventKind::VoucherTicket => ticket(d),
        EventKind::VoucherRefundsObserved => refunds_observed(d),
        EventKind::RateLimited => rate_limited(d),
        EventKind::Paused => {
            let until = if d.until.is_empty() { String::new() } else { format!("，至 {}", d.until.time()) };
            let why = if d.why.is_empty() { String::new() } else { format!("：{}", d.why) };
            format!("{} 暫停{}{until}{why}", d.by, paused(d))
        }
        EventKind::Resumed if d.by.is_empty() => format!("{}暫停到期", paused(d)),
        EventKind::Resumed => format!("{} 恢復{}", d.by, paused(d)),
        EventKind::DaemonStarted => format!("ecpayd {} 啟動，未了結的動作：{}", d.version, d.open_attempts),
        EventKind::DaemonStopped => "ecpayd 停止".to_owned(),
        EventKind::ClockSetBack => format!("時鐘被調回；重新計畫：{}", d.woken),
        EventKind::RestoreNoticed => format!("帳本可能是從備份還原的：{}", why(d)),
    }
}

fn paused(d: &Detail) -> &'static str {
    match &*d.what {
        "capture" => "關帳",
        "refund" => "退款",
        _ => "金額動作",
    }
}

fn why(d: &Detail) -> String {
    d.because(Language::Chinese)
}

/// With the word that shops write.
fn capture(word: &str) -> String {
    let mode = CaptureMode::parse(word).map(|mode| format!("{} ({word})", mode.named(Language::Chinese)));
    mode.unwrap_or_else(|| word.to_owned())
}

fn says(name: &str) -> String {
    if name.is_empty() { String::new() } else { format!("（{name} 判定）") }
}

/// The letter with ECPay's own word, and the amount; with a space behind it.
fn money(d: &Detail) -> String {
    let word = Action::parse(&d.action).map_or("", Action::chinese);
    format!("{} {word} NT${} ", d.action, d.amount)
}

fn started(d: &Detail) -> String {
    let net = if d.before_net.is_zero_or_none() { String::new() } else { format!("，NT${}", d.before_net) };
    let before = shown(&d.before);
    format!("動作 {}：送出 {}（之前綠界顯示{before}{net}）", d.attempt, money(d).trim_end())
}

fn shown(word: &str) -> &str {
    CardStatus::ALL.into_iter().find(|status| status.english() == word).map_or(word, |status| status.chinese())
}

fn unknown(d: &Detail) -> String {
    let said = match &*d.code {
        "" | "403" => format!("未獲回應（{}）", d.text),
        code => format!("回應不足為憑，代碼 {code}：{}", d.text),
    };
    format!("動作 {}：{said}；以查詢確認，不會重送", d.attempt)
}

fn caught_up(d: &Detail) -> String {
    let unknown = match (d.unclaimed_amount.is_zero_or_none(), &*d.unclaimed_void) {
        (true, "true") => "；不知道訂單是誰取消的".to_owned(),
        (true, _) => String::new(),
        (false, _) => format!("；其中 NT${} 不知道是誰退的", d.unclaimed_amount),
    };
    let state = OrderState::parse(&d.state).map_or(&*d.state, |state| state.named(Language::Chinese));
    format!("帳本還原後補上：{state}，已退 NT${}{unknown}", d.refunded_amount)
}

fn used(word: &str) -> &str {
    UseStatus::ALL.iter().find(|status| status.word() == word).map_or(word, |s| s.named(Language::Chinese))
}

fn ticket(d: &Detail) -> String {
    match (&*d.is, &*d.was) {
        ("", _) => format!("票券 {} 不再列出", d.ticket),
        (is, was) if is == was => format!("票券 {}（{}）：內容有變", d.ticket, used(is)),
        (is, was) => format!("票券 {}，NT${}：{}，之前{}", d.ticket, d.amount, used(is), used(was)),
    }
}

fn refunds_observed(d: &Detail) -> String {
    if d.error.is_empty() {
        format!("退券 NT${}，銀行已確認 NT${}", d.refunded, d.confirmed)
    } else {
        format!("退券 NT${}：{}", d.refunded, d.error)
    }
}

fn rate_limited(d: &Detail) -> String {
    let service = if d.service.is_empty() { "綠界" } else { "票券服務" };
    format!("{service}限制呼叫頻率：靜默至 {}", d.until.time())
}
