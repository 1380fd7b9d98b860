//! What to type about a task.

use super::cause::{Cause, Group};
use crate::domain::alert::AlertKind;
use crate::domain::language::Language;
use crate::web::ask::Ask;

/// Events are acknowledged one by one; as many commands stand beside a task.
const ACKS: usize = 5;

#[derive(Clone)]
pub struct Command {
    /// When to type it, where there is a choice.
    pub when: &'static str,
    pub text: String,
}

pub(super) fn commands(ask: &Ask<'_>, group: &Group<'_>) -> Vec<Command> {
    let Some((first, args)) = group.first() else { return Vec::new() };
    let w = ask.w();
    let one = |text: String| Command { when: w.type_this, text };
    if let Cause::Pause(merchant) = group.cause {
        return vec![one(format!("ecpayd resume {merchant}"))];
    }
    if let Some(attempt) = args["attempt"].as_i64().filter(|_| args["code"] == "attempt_needs_person") {
        let text = |verdict: &str| format!("ecpayd resolve {attempt} --{verdict} --by {}", w.your_name);
        return vec![
            Command { when: w.it_is_there, text: text("applied") },
            Command { when: w.it_is_not, text: text("not-applied") },
        ];
    }
    let Some(kind) = AlertKind::parse(&first.kind) else { return Vec::new() };
    if kind.is_event() {
        let unseen = group.alerts.iter().filter(|(alert, _)| alert.acked_by.is_none()).take(ACKS);
        return unseen.map(|(alert, _)| one(format!("ecpayd alerts ack {}", alert.id))).collect();
    }
    let number = first.merchant_trade_no.as_deref();
    let of_order =
        |verb: &str| number.filter(|_| first.order_id.is_some()).map(|number| format!("ecpayd {verb} {number}"));
    let typed = match kind {
        AlertKind::CaptureEnding => of_order("orders capture"),
        // Which of several ways is right, a person has to find out first.
        AlertKind::CaptureFailing | AlertKind::AmountMismatch => of_order("explain"),
        _ => {
            let text = |name: &str| {
                args[name].as_str().map(str::to_owned).or_else(|| args[name].as_i64().map(|n| n.to_string()))
            };
            let (refund, channel, attempt) = (text("refund"), text("channel"), text("attempt"));
            let merchant = Some(first.merchant_id.as_str()).filter(|id| !id.is_empty());
            // A command is the same in each language.
            kind.todo(Language::English).typed(&[
                ("ORDER", number),
                ("MERCHANT", merchant),
                ("REFUND", refund.as_deref()),
                ("ATTEMPT", attempt.as_deref()),
                ("CHANNEL", channel.as_deref()),
                ("NAME", Some(w.your_name)),
            ])
        }
    };
    typed.or_else(|| of_order("explain")).map(one).into_iter().collect()
}
