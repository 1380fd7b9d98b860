use serde_json::{Value, json};

use super::*;

fn told(language: Language, kind: &str, detail: &Value) -> String {
    line(language, kind, detail).unwrap_or_else(|| panic!("{kind}: {detail}"))
}

/// An event of each kind as the ledger has it, and its line in both languages.
fn samples() -> Vec<(&'static str, Value, &'static str, &'static str)> {
    let call = json!({ "attempt": 4, "refund": 7, "action": "R", "amount": 300, "by": null, "why": "another amount moved",
        "reason": { "code": "another_amount_moved" } });
    let by = json!({ "attempt": 4, "action": "N", "amount": 300, "by": "Lin" });
    vec![
        (
            "order_registered",
            json!({ "capture": "hold" }),
            "registered, capture 'hold'",
            "登錄訂單，關帳方式：商店保留 (hold)",
        ),
        (
            "order_changed",
            json!({ "capture": "now" }),
            "the shop sets capture 'now'",
            "商店設定關帳方式：盡快關帳 (now)",
        ),
        ("observed", json!("not_found"), "the gateway does not know the order", "綠界查無此訂單"),
        ("observed", json!({ "unpaid": { "amount": null } }), "not paid", "未付款"),
        ("observed", json!({ "bank_pending": { "amount": 5 } }), "the bank has not answered yet", "銀行還沒有回應"),
        (
            "observed",
            json!({ "not_card": { "amount": 5, "payment_type": "ATM_TAISHIN" } }),
            "paid by ATM_TAISHIN, not by card",
            "以 ATM_TAISHIN 付款，不是信用卡",
        ),
        ("observed", json!({ "unclear": { "raw": "Settling" } }), "not in the table: Settling", "不在表內：Settling"),
        ("attempt_accepted", call.clone(), "attempt 4: accepted", "動作 4：綠界已接受"),
        (
            "attempt_refused",
            json!({ "attempt": 4, "code": 10_100_027, "text": "可退刷額度不足" }),
            "attempt 4: refused with code 10100027: 可退刷額度不足",
            "動作 4：被拒絕，代碼 10100027：可退刷額度不足",
        ),
        (
            "attempt_unknown",
            json!({ "attempt": 4, "code": null, "text": "timed out" }),
            "attempt 4: no answer (timed out); settled by looks, not sent again",
            "動作 4：未獲回應（timed out）；以查詢確認，不會重送",
        ),
        (
            "attempt_unknown",
            json!({ "attempt": 4, "code": 5, "text": "busy" }),
            "attempt 4: an answer that is no proof, code 5: busy; settled by looks, not sent again",
            "動作 4：回應不足為憑，代碼 5：busy；以查詢確認，不會重送",
        ),
        (
            "attempt_not_sent",
            json!({ "attempt": 4, "text": "refused" }),
            "attempt 4: not sent (refused)",
            "動作 4：沒有送出（refused）",
        ),
        ("attempt_applied", call.clone(), "attempt 4: R 300 took effect", "動作 4：R 退刷 NT$300 已生效"),
        (
            "attempt_applied",
            by.clone(),
            "attempt 4: N 300 took effect, says Lin",
            "動作 4：N 放棄 NT$300 已生效（Lin 判定）",
        ),
        (
            "attempt_not_applied",
            by,
            "attempt 4: N 300 had no effect and can have none any more, says Lin",
            "動作 4：N 放棄 NT$300 沒有生效，也不會再生效（Lin 判定）",
        ),
        (
            "attempt_in_review",
            call,
            "attempt 4: R 300 needs a person: another amount moved",
            "動作 4：R 退刷 NT$300 需要人工：動的是別的金額",
        ),
        (
            "refund_queued",
            json!({ "refund": 7, "amount": null, "request_key": "rma-1" }),
            "refund 7 of all that is left asked for, key rma-1",
            "要求退款 7，剩餘全退，key rma-1",
        ),
        (
            "refund_queued",
            json!({ "refund": 7, "amount": 300, "request_key": "rma-1" }),
            "refund 7 of NT$300 asked for, key rma-1",
            "要求退款 7，NT$300，key rma-1",
        ),
        ("refund_canceled", json!({ "refund": 7 }), "refund 7 canceled before it began", "退款 7 在開始之前撤回"),
        ("refund_done", json!({ "refund": 7, "amount": 300 }), "refund 7 of NT$300 is done", "退款 7 完成，NT$300"),
        (
            "refund_rejected",
            json!({ "refund": 7, "why": "nothing is left of NT$300",
                "reason": { "code": "nothing_left", "amount": 300 } }),
            "refund 7 rejected: nothing is left of NT$300",
            "退款 7 被拒絕：NT$300 已全部退完",
        ),
        // Of an event that was written before reasons were kept beside it, or that has a code of a later version.
        (
            "refund_rejected",
            json!({ "refund": 7, "why": "nothing is left of NT$300" }),
            "refund 7 rejected: nothing is left of NT$300",
            "退款 7 被拒絕：nothing is left of NT$300",
        ),
        (
            "refund_in_review",
            json!({ "refund": 7, "why": "words", "reason": { "code": "of_tomorrow", "why": [1] } }),
            "refund 7 needs a person: words",
            "退款 7 需要人工：words",
        ),
        (
            "refund_undone",
            json!({ "refund": 7, "attempt": 4, "by": "Lin", "why": "the card was closed" }),
            "refund 7 was undone at ECPay, as Lin has said: the card was closed",
            "退款 7 在綠界被撤銷，Lin 登記：the card was closed",
        ),
        (
            "external_change",
            json!({ "what": "words", "reason": { "code": "captured_at_ecpay" } }),
            "words",
            "商店保留不關帳，訂單卻在綠界被關帳",
        ),
        ("voucher_registered", json!({ "free_trade_no": null }), "voucher order registered", "登錄票券訂單"),
        (
            "voucher_registered",
            json!({ "free_trade_no": "F1" }),
            "voucher order registered, given away",
            "登錄票券訂單，贈送的",
        ),
        (
            "voucher_guard_changed",
            json!({ "guard": 0 }),
            "the shop lets refunds go on whatever is redeemed",
            "商店放行：不管核銷多少都可退款",
        ),
        (
            "voucher_guard_changed",
            json!({ "guard": 1 }),
            "the shop lets the vouchers limit refunds again",
            "商店恢復：由票券限制退款",
        ),
        ("voucher_observed", json!("not_found"), "the voucher service does not know the order", "票券服務查無此訂單"),
        ("voucher_tickets_listed", json!({ "count": 4 }), "4 tickets listed", "列出 4 張票券"),
        (
            "voucher_ticket",
            json!({ "ticket": "T1", "amount": 500, "was": "unused", "is": "redeemed" }),
            "ticket T1 of NT$500: redeemed, was unused",
            "票券 T1，NT$500：已核銷，之前未使用",
        ),
        (
            "voucher_ticket",
            json!({ "ticket": "T1", "amount": 500, "was": "unused", "is": "unused" }),
            "ticket T1, unused: its details changed",
            "票券 T1（未使用）：內容有變",
        ),
        (
            "voucher_ticket",
            json!({ "ticket": "T1", "was": "unused", "is": null }),
            "ticket T1 is no longer listed",
            "票券 T1 不再列出",
        ),
        (
            "voucher_refunds_observed",
            json!({ "refunded": 500, "confirmed": 200, "error": null }),
            "the bank has confirmed NT$200 of NT$500 refunded in tickets",
            "退券 NT$500，銀行已確認 NT$200",
        ),
        (
            "voucher_refunds_observed",
            json!({ "refunded": 500, "confirmed": null, "error": "http 500" }),
            "refunded in tickets NT$500: http 500",
            "退券 NT$500：http 500",
        ),
        (
            "rate_limited",
            json!({ "until": "2026-08-20T02:00:00+00:00" }),
            "the gateway limits our rate: no calls until 2026-08-20 10:00:00",
            "綠界限制呼叫頻率：靜默至 2026-08-20 10:00:00",
        ),
        ("paused", json!({ "by": "Lin" }), "money actions paused by Lin", "Lin 暫停金額動作"),
        ("resumed", json!({ "by": "Lin" }), "money actions go on, as Lin has said", "Lin 恢復金額動作"),
        (
            "daemon_started",
            json!({ "version": "0.1.0", "open_attempts": 2 }),
            "ecpayd 0.1.0 started, open attempts: 2",
            "ecpayd 0.1.0 啟動，未了結的動作：2",
        ),
        ("daemon_stopped", json!({}), "ecpayd stopped", "ecpayd 停止"),
        ("clock_set_back", json!({ "woken": 3 }), "the clock was set back; planned anew: 3", "時鐘被調回；重新計畫：3"),
        (
            "restore_noticed",
            json!({ "restore": 1, "reason": "its newest event is missing" }),
            "the ledger may have been put back from a copy: its newest event is missing",
            "帳本可能是從備份還原的：its newest event is missing",
        ),
    ]
}

#[test]
fn what_happened_is_told_in_both_languages() {
    for (kind, detail, english, chinese) in samples() {
        assert_eq!(told(Language::English, kind, &detail), english, "{kind}");
        assert_eq!(told(Language::Chinese, kind, &detail), chinese, "{kind}");
    }
    let of_a_card = ["attempt_started", "caught_up"];
    for kind in EventKind::ALL.iter().map(|kind| kind.word()).filter(|kind| !of_a_card.contains(kind)) {
        assert!(samples().iter().any(|(sampled, ..)| *sampled == kind), "{kind}");
    }
}

#[test]
fn what_is_not_known_has_no_line() {
    for (kind, detail) in
        [("of_tomorrow", json!({})), ("observed", json!({ "settled": 1 })), ("refund_done", json!("x"))]
    {
        assert_eq!(line(Language::Chinese, kind, &detail), None, "{kind}");
    }
    // A field that is missing, or is something else, leaves its place empty.
    assert_eq!(told(Language::English, "refund_done", &json!({ "amount": { "x": 1 } })), "refund  of NT$ is done");
}

#[test]
fn what_a_restored_ledger_does_not_know_is_told() {
    for (amount, void, english, chinese) in [
        (0, false, "captured, NT$300 refunded", "已關帳，已退 NT$300"),
        (
            200,
            false,
            "captured, NT$300 refunded; of NT$200 it does not know by whom",
            "已關帳，已退 NT$300；其中 NT$200 不知道是誰退的",
        ),
        (
            0,
            true,
            "captured, NT$300 refunded; it does not know by whom the order was voided",
            "已關帳，已退 NT$300；不知道訂單是誰取消的",
        ),
    ] {
        let detail = json!({ "restore": 1, "state": "captured", "refunded_amount": 300,
            "unclaimed_amount": amount, "unclaimed_void": void });
        for (language, end) in [(Language::English, english), (Language::Chinese, chinese)] {
            let told = told(language, "caught_up", &detail);
            assert!(told.ends_with(end), "{told}");
        }
    }
}

#[test]
fn a_call_is_told_with_what_the_gateway_showed_before_it() {
    for (net, english, chinese) in [
        (0, "(the gateway showed Authorized)", "（之前綠界顯示已授權）"),
        (700, "(the gateway showed Authorized, NT$700)", "（之前綠界顯示已授權，NT$700）"),
    ] {
        let detail = json!({ "attempt": 1, "action": "C", "amount": 700, "before": "Authorized", "before_net": net });
        let expected = format!("attempt 1: sends C 700 {english}");
        assert_eq!(told(Language::English, "attempt_started", &detail), expected);
        let expected = format!("動作 1：送出 C 關帳 NT$700{chinese}");
        assert_eq!(told(Language::Chinese, "attempt_started", &detail), expected);
    }
}
