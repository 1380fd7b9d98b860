//! What the walk says. What ends it with a failure is English, as every error is.

use super::stage::{Lane, Mark, Money, Stuck, open};
use crate::cli::table::{one_line, or_dash};
use crate::cli::words::{asked, next_step, order_state, refund_state};
use crate::domain::facts::Seen;
use crate::domain::ids::{MerchantId, MerchantTradeNo};
use crate::domain::language::Language;
use crate::domain::reason::Shown;
use crate::gateway::LookError;
use crate::ledger::views::{OrderStatus, RefundStatus};

pub(super) fn beginning(language: Language, merchant: &MerchantId) -> String {
    language.pick(
        format!("Going live with merchant {merchant}, as docs/go-live.md says. No money moves before a y."),
        format!("特店 {merchant} 上線，做法同 docs/go-live.zh-TW.md。回答 y 之前不動錢。"),
    )
}

pub(super) fn step(language: Language, lane: Lane) -> &'static str {
    let (english, chinese) = match lane {
        Lane::Void => (
            "\nStep 1: an order is voided (N). Pay one of NT$35 in your shop, with your own card. Nothing is charged.",
            "\n第 1 步：取消一筆訂單（放棄 N）。請在自己的商店用自己的信用卡付一筆 NT$35 的訂單。不會請款，沒有手續費。",
        ),
        Lane::Capture => (
            "\nSteps 2 and 3: an order is captured (C), then refunded (R). Pay one of NT$100, with your own card. The fee of your contract is charged.",
            "\n第 2、3 步：一筆訂單關帳（C），之後退刷（R）。請用自己的信用卡付一筆 NT$100 的訂單。會收取合約所定的手續費。",
        ),
    };
    language.pick(english, chinese)
}

pub(super) fn which(language: Language) -> &'static str {
    language.pick(
        "Its order number (MerchantTradeNo; Enter leaves this out):",
        "訂單編號（MerchantTradeNo；直接按 Enter 略過）：",
    )
}

pub(super) fn same_order(language: Language) -> &'static str {
    language.pick("That is the order of the other step: another one is needed.", "這是另一步的訂單；需要不同的一筆。")
}

pub(super) fn registered(language: Language, number: &MerchantTradeNo) -> String {
    language.pick(
        format!("order {number}: registered on hold; the daemon looks at it and captures nothing"),
        format!("訂單 {number}：已登錄並保留（hold）；程式只查詢，不關帳"),
    )
}

/// What the ledger says of the order at this moment.
pub(super) fn now(language: Language, order: &OrderStatus, refunds: &[RefundStatus]) -> String {
    let (number, state) = (&order.merchant_trade_no, order_state(language, &order.state));
    let amount = order
        .amount
        .map_or_else(String::new, |amount| language.pick(format!(", NT${amount}"), format!("，NT${amount}")));
    let mut line = language.pick(format!("order {number}: {state}{amount}"), format!("訂單 {number}：{state}{amount}"));
    if let Some(refund) = open(refunds) {
        let (what, state, why) =
            (asked(language, refund.amount), refund_state(language, &refund.state), refund.sentence(language));
        line += &language.pick(format!("; refund of {what} {state}"), format!("；退款 {what} {state}"));
        if !why.is_empty() {
            line += &language.pick(format!(": {why}"), format!("：{why}"));
        }
    } else if let Some(why) = order.sentence(language) {
        line += &language.pick(format!("; {why}"), format!("；{why}"));
    }
    if let Some((next, at)) = order.next_step.as_ref().zip(order.next_step_at.as_ref()) {
        let next = next_step(language, next);
        line += &language.pick(format!("; next: {next} at {at}"), format!("；下一步：{at} {next}"));
    }
    one_line(&line)
}

/// Why the refund before was not made.
pub(super) fn rejected(language: Language, refunds: &[RefundStatus]) -> Option<String> {
    let last = refunds.iter().max_by_key(|r| r.id).filter(|r| r.state == "rejected")?;
    let (id, why) = (last.id, last.sentence(language));
    Some(one_line(&language.pick(format!("refund {id} was rejected: {why}"), format!("退款 {id} 被拒：{why}"))))
}

pub(super) fn intended(language: Language, money: Money, order: &OrderStatus, part: i64) -> String {
    let number = &order.merchant_trade_no;
    let amount = order.amount.unwrap_or_default();
    let left = amount - order.refunded_amount;
    let (english, chinese) = match money {
        Money::Void => (
            format!(
                "The daemon is asked to refund all of order {number}, NT${amount}: it is authorized, so one N voids it."
            ),
            format!("將要求程式全額退款訂單 {number}，NT${amount}：目前已授權，所以送一次放棄（N）取消它。"),
        ),
        Money::Capture => (
            format!("The daemon is asked to capture order {number} now, NT${amount}: one C. Your card is charged."),
            format!("將要求程式現在就把訂單 {number} 關帳，NT${amount}：送一次關帳（C）。會向您的信用卡請款。"),
        ),
        Money::Part => (
            format!(
                "The daemon is asked to refund NT${part} of order {number}: one R. It is paid from your balance at ECPay, so wait two bank days after the capture, or pay in (預付款項)."
            ),
            format!(
                "將要求程式退款訂單 {number} 的 NT${part}：送一次退刷（R）。錢從綠界帳戶餘額扣，請等關帳後兩個銀行營業日，或先預付款項。"
            ),
        ),
        Money::Rest => (
            format!("The daemon is asked to refund all that is left of order {number}, NT${left}: one R."),
            format!("將要求程式退還訂單 {number} 剩餘的 NT${left}：送一次退刷（R）。"),
        ),
    };
    language.pick(english, chinese)
}

/// A mistyped number may be a customer's order.
pub(super) fn whose(language: Language, order: &OrderStatus) -> String {
    let (number, at) = (&order.merchant_trade_no, or_dash(order.authorized_at.as_ref()));
    language.pick(
        format!("Order {number} was authorized at {at}: go on only if you have paid it yourself."),
        format!("訂單 {number} 的授權時間是 {at}：確定是您自己付的，才往下做。"),
    )
}

pub(super) fn question(language: Language) -> &'static str {
    language.pick("Ask for it? [y/n]", "要求嗎？[y/n]")
}

pub(super) fn probe(language: Language) -> &'static str {
    language.pick(
        "Your orders go by form. Whether ECPay's JSON actions know them can be asked with one E (call the capture back), which ECPay refuses on an authorized order: no money moves.",
        "您的訂單以表單處理。可以送一次 E（取消關帳）詢問綠界 JSON 的請退款認不認得它們；已授權的訂單，綠界會拒絕 E：不動錢。",
    )
}

pub(super) fn probe_question(language: Language) -> &'static str {
    language.pick("Send this E? [y/n]", "送出這個 E 嗎？[y/n]")
}

/// With what ECPay's dashboard shows.
pub(super) fn reached(language: Language, mark: Mark, number: &MerchantTradeNo) -> String {
    let (english, chinese) = match mark {
        Mark::Voided => (
            "voided. The dashboard (廠商後台) shows 已取消; your card's line is free again, at once or after some days",
            "已取消。廠商後台顯示「已取消」；信用卡額度立刻或數日內釋放",
        ),
        Mark::ToBeCaptured => (
            "its capture has been asked for. The dashboard (廠商後台) shows 要關帳, tomorrow 已關帳",
            "已要求關帳。廠商後台顯示「要關帳」，明天顯示「已關帳」",
        ),
        Mark::Captured => ("captured. The dashboard (廠商後台) shows 已關帳", "已關帳。廠商後台顯示「已關帳」"),
        Mark::PartBack => (
            "a part is refunded. The dashboard (廠商後台) shows the refund (退刷) beside the capture",
            "已退一部分。廠商後台在關帳旁顯示這筆退刷",
        ),
        Mark::AllBack => (
            "all of it is refunded. The dashboard (廠商後台) shows both refunds (退刷)",
            "已全額退還。廠商後台顯示兩筆退刷",
        ),
    };
    language.pick(format!("order {number}: {english}."), format!("訂單 {number}：{chinese}。"))
}

/// What the walk's own look found.
pub(super) fn shown(language: Language, seen: &Result<Seen, LookError>) -> String {
    let told = match seen {
        Ok(Seen::Card(card)) => {
            let (status, amount, refunded) = (card.status.named(language), card.amount, card.refunded());
            language.pick(
                format!("{status}, {amount}, refunded {refunded}"),
                format!("{status}，{amount}，已退 {refunded}"),
            )
        }
        Ok(Seen::Unclear { raw }) => raw.clone(),
        Ok(other) => Shown::of(other).map_or("?", Shown::word).to_owned(),
        Err(error) => error.to_string(),
    };
    one_line(&language.pick(format!("  ECPay itself, asked just now: {told}"), format!("  剛才直接向綠界查詢：{told}")))
}

pub(super) fn silent(language: Language, until: &str) -> String {
    language.pick(
        format!("  no look of our own: ECPay wants no call before {until} (HTTP 403)"),
        format!("  不另外查詢：綠界在 {until} 之前不接受呼叫（HTTP 403）"),
    )
}

pub(super) fn no_keys(language: Language, why: &str) -> String {
    language.pick(
        format!("no looks of our own, for the keys cannot be read here ({why}); the daemon's go on"),
        format!("這裡讀不到金鑰，不另外查詢（{why}）；程式自己的查詢照常"),
    )
}

/// How the walk of today ends.
pub(super) fn end(language: Language, captured: Option<Mark>) -> &'static str {
    let (english, chinese) = match captured {
        Some(Mark::ToBeCaptured) => (
            "\nThat is all for today. ECPay claims the capture in the night, and the daemon sees it within a few hours: run the same command again in two bank days.",
            "\n今天到此為止。綠界會在夜間完成請款，程式幾小時內會看到；兩個銀行營業日後請再執行同一個指令。",
        ),
        Some(_) => ("\nAll steps are done.", "\n所有步驟都完成了。"),
        None => (
            "\nSteps 2 and 3 were left out: run the same command again for them.",
            "\n略過了第 2、3 步；要做時請再執行同一個指令。",
        ),
    };
    language.pick(english, chinese)
}

pub(super) fn too_large(order: &OrderStatus, largest: i64) -> String {
    format!(
        "order {} is of NT${}, and this is a test of money: take one of at most NT${largest}; nothing was asked for it",
        order.merchant_trade_no,
        order.amount.unwrap_or_default()
    )
}

/// The daemon has tried, and the order stands as before.
pub(super) fn came_to_nothing(order: &OrderStatus, refunds: &[RefundStatus]) -> String {
    let why = rejected(Language::English, refunds).unwrap_or_else(|| "it was taken back".to_owned());
    format!("order {}: {why}; the same command asks again", order.merchant_trade_no)
}

pub(super) fn stuck(why: Stuck, lane: Lane, order: &OrderStatus, refunds: &[RefundStatus]) -> String {
    let number = &order.merchant_trade_no;
    let sentence = || order.sentence(Language::English).unwrap_or_else(|| order.rule.clone());
    let refund = || open(refunds).map(|r| format!("refund {}: {}", r.id, r.detail)).unwrap_or_default();
    let told = match (why, lane) {
        (Stuck::State, Lane::Void) => {
            format!("order {number} is {}: step 1 needs one that is authorized and not captured", order.state)
        }
        (Stuck::State, Lane::Capture) => {
            format!("order {number} is {}: steps 2 and 3 need one that is authorized", order.state)
        }
        (Stuck::Balance, _) => format!(
            "order {number}: the balance at ECPay is too small for the refund: pay in (預付款項) or wait two bank days; the daemon tries again by itself, and the same command goes on"
        ),
        (Stuck::Review, _) => format!("order {number} needs a person: {}; ecpayd show {number}", refund()),
        (Stuck::Rule, _) => format!("order {number} needs a person: {}; ecpayd show {number}", sentence()),
    };
    one_line(&told)
}
