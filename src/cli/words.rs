//! An event of the history in a person's words.

use serde_json::Value;

use crate::domain::facts::Seen;
use crate::domain::voucher::{IssueStatus, VoucherSeen};

pub(super) fn words(kind: &str, detail: &Value) -> String {
    let text = |key: &str| match detail.get(key) {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    };
    let money = format!("{} {}", text("action"), text("amount"));
    match kind {
        "order_registered" => format!("registered, capture '{}'", text("capture")),
        "order_changed" => format!("the shop sets capture '{}'", text("capture")),
        "observed" => {
            serde_json::from_value::<Seen>(detail.clone()).map_or_else(|_| detail.to_string(), |seen| observed(&seen))
        }
        "attempt_started" => {
            let net = text("before_net");
            let net = if matches!(net.as_str(), "" | "0") { String::new() } else { format!(", NT${net}") };
            format!("attempt {}: sends {money} (the gateway showed {}{net})", text("attempt"), text("before"))
        }
        "attempt_accepted" => format!("attempt {}: accepted", text("attempt")),
        "attempt_refused" => {
            format!("attempt {}: refused with code {}: {}", text("attempt"), text("code"), text("text"))
        }
        "attempt_unknown" => {
            let (attempt, code, why) = (text("attempt"), text("code"), text("text"));
            if matches!(code.as_str(), "" | "403") {
                return format!("attempt {attempt}: no answer ({why}); settled by looks, not sent again");
            }
            format!(
                "attempt {attempt}: an answer that is no proof, code {code}: {why}; settled by looks, not sent again"
            )
        }
        "attempt_not_sent" => format!("attempt {}: not sent ({})", text("attempt"), text("text")),
        "attempt_applied" => format!("attempt {}: {money} took effect{}", text("attempt"), by(&text("by"))),
        "attempt_not_applied" => {
            format!("attempt {}: {money} had no effect and can have none any more{}", text("attempt"), by(&text("by")))
        }
        "attempt_in_review" => format!("attempt {}: {money} needs a person: {}", text("attempt"), text("why")),
        "refund_queued" => {
            let amount = if text("amount").is_empty() {
                "all that is left".to_owned()
            } else {
                format!("NT${}", text("amount"))
            };
            format!("refund {} of {amount} asked for, key {}", text("refund"), text("request_key"))
        }
        "refund_done" => format!("refund {} of NT${} is done", text("refund"), text("amount")),
        "refund_rejected" => format!("refund {} rejected: {}", text("refund"), text("why")),
        "refund_in_review" => format!("refund {} needs a person: {}", text("refund"), text("why")),
        "refund_undone" => {
            format!("refund {} was undone at ECPay, as {} has said: {}", text("refund"), text("by"), text("why"))
        }
        "refund_canceled" => format!("refund {} canceled before it began", text("refund")),
        "external_change" => text("what"),
        "caught_up" => {
            let unknown = match (text("unclaimed_amount").as_str(), text("unclaimed_void").as_str()) {
                ("" | "0", "true") => "; it does not know by whom the order was voided".to_owned(),
                ("" | "0", _) => String::new(),
                (amount, _) => format!("; of NT${amount} it does not know by whom"),
            };
            format!(
                "caught up after the ledger was restored: {}, NT${} refunded{unknown}",
                text("state"),
                text("refunded_amount")
            )
        }
        _ => voucher_words(kind, detail, text),
    }
}

fn voucher_words(kind: &str, detail: &Value, text: impl Fn(&str) -> String) -> String {
    match kind {
        "voucher_registered" if text("free_trade_no").is_empty() => "voucher order registered".to_owned(),
        "voucher_registered" => "voucher order registered, given away".to_owned(),
        "voucher_observed" => serde_json::from_value::<VoucherSeen>(detail.clone())
            .map_or_else(|_| detail.to_string(), |seen| voucher_observed(&seen)),
        "voucher_tickets_listed" => format!("{} tickets listed", text("count")),
        "voucher_ticket" if text("is").is_empty() => format!("ticket {} is no longer listed", text("ticket")),
        "voucher_ticket" if text("was") == text("is") => {
            format!("ticket {}, {}: its details changed", text("ticket"), text("is"))
        }
        "voucher_ticket" => {
            format!("ticket {} of NT${}: {}, was {}", text("ticket"), text("amount"), text("is"), text("was"))
        }
        "voucher_refunds_observed" if text("error").is_empty() => {
            format!("the bank has confirmed NT${} of NT${} refunded in tickets", text("confirmed"), text("refunded"))
        }
        "voucher_refunds_observed" => format!("refunded in tickets NT${}: {}", text("refunded"), text("error")),
        "voucher_guard_changed" if text("guard") == "0" => {
            "the shop lets refunds go on whatever is redeemed".to_owned()
        }
        "voucher_guard_changed" => "the shop lets the vouchers limit refunds again".to_owned(),
        _ => detail.to_string(),
    }
}

fn by(name: &str) -> String {
    if name.is_empty() { String::new() } else { format!(", says {name}") }
}

fn voucher_observed(seen: &VoucherSeen) -> String {
    let facts = match seen {
        VoucherSeen::NotFound => return "the voucher service does not know the order".to_owned(),
        VoucherSeen::Unclear { raw } => return format!("vouchers not in the table: {raw}"),
        VoucherSeen::Order(facts) => facts,
    };
    let t = &facts.totals;
    let said = match facts.status {
        IssueStatus::Issuing => format!("vouchers of {} are being issued", t.trade_amount),
        IssueStatus::IssueFailed if facts.remark.is_empty() => "the vouchers could not be issued".to_owned(),
        IssueStatus::IssueFailed => format!("the vouchers could not be issued: {}", facts.remark),
        IssueStatus::Issued => {
            let parts = [
                (t.redeemed, "redeemed"),
                (t.refunded, "refunded in tickets"),
                (t.expired, "expired"),
                (t.unused, "unused"),
            ];
            let told =
                parts.iter().filter(|(part, _)| part.count > 0).map(|(part, word)| format!("{} {word}", part.amount));
            let price = if t.trade_amount.is_zero() { String::new() } else { format!(" of {}", t.trade_amount) };
            format!("vouchers{price}: {}", told.collect::<Vec<_>>().join(", "))
        }
    };
    let odd = facts.mismatch.as_ref().map(|m| format!("; does not add up: {m}")).unwrap_or_default();
    format!("{said}{odd}")
}

fn observed(seen: &Seen) -> String {
    match seen {
        Seen::NotFound => "the gateway does not know the order".to_owned(),
        Seen::Unpaid { .. } => "not paid".to_owned(),
        Seen::BankPending { .. } => "the bank has not answered yet".to_owned(),
        Seen::NotCard { payment_type, .. } => format!("paid by {payment_type}, not by card"),
        Seen::Card(card) if card.status.is_closing() => {
            format!("{}, NT${} of {}", card.status.english(), card.net, card.amount)
        }
        Seen::Card(card) => format!("{}, {}", card.status.english(), card.amount),
        Seen::Twin { trade_no, row } => format!("authorization {trade_no}, which row {row} of orders follows already"),
        Seen::Unclear { raw } => format!("not in the table: {raw}"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_a_restored_ledger_does_not_know_is_told() {
        for (amount, void, end) in [
            (0, false, "captured, NT$300 refunded"),
            (200, false, "captured, NT$300 refunded; of NT$200 it does not know by whom"),
            (0, true, "captured, NT$300 refunded; it does not know by whom the order was voided"),
        ] {
            let detail = json!({ "restore": 1, "state": "captured", "refunded_amount": 300,
                "unclaimed_amount": amount, "unclaimed_void": void });
            let told = words("caught_up", &detail);
            assert!(told.ends_with(end), "{told}");
        }
    }

    #[test]
    fn a_call_is_told_with_what_the_gateway_showed_before_it() {
        for (net, shown) in [(0, "(the gateway showed Authorized)"), (700, "(the gateway showed Authorized, NT$700)")] {
            let detail =
                json!({ "attempt": 1, "action": "C", "amount": 700, "before": "Authorized", "before_net": net });
            assert_eq!(words("attempt_started", &detail), format!("attempt 1: sends C 700 {shown}"));
        }
    }
}
