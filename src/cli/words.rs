//! An event of the history in a person's words.

use serde_json::Value;

use crate::domain::facts::Seen;

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
            format!("attempt {}: sends {money} (the gateway showed {})", text("attempt"), text("before"))
        }
        "attempt_accepted" => format!("attempt {}: accepted", text("attempt")),
        "attempt_refused" => {
            format!("attempt {}: refused with code {}: {}", text("attempt"), text("code"), text("text"))
        }
        "attempt_unknown" => {
            format!("attempt {}: no answer ({}); settled by looks, not sent again", text("attempt"), text("text"))
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
        "refund_canceled" => format!("refund {} canceled before it began", text("refund")),
        "external_change" => text("what"),
        _ => detail.to_string(),
    }
}

fn by(name: &str) -> String {
    if name.is_empty() { String::new() } else { format!(", says {name}") }
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
        Seen::Unclear { raw } => format!("not in the table: {raw}"),
    }
}
