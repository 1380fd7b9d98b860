//! `explain`: the plan's own answer, the one that the daemon will act on.

use serde::Serialize;

use super::args::OrderArgs;
use super::{Failure, find, now, print_json};
use crate::config::Settings;
use crate::domain::calendar;
use crate::domain::plan::{Step, plan};
use crate::domain::reason::Reason;
use crate::ledger::views::RefundStatus;
use crate::ledger::{Ledger, MerchantTerms};

#[derive(Serialize)]
struct Explanation {
    merchant_id: String,
    merchant_trade_no: String,
    /// As in `order_status`.
    next_step: Option<&'static str>,
    next_step_at: Option<String>,
    /// What the plan would do at this very moment, and until when it waits.
    decision: String,
    decision_at: Option<String>,
    rule: &'static str,
    /// The reason as a sentence.
    why: String,
    reason: Reason,
    /// The newest refund, where it was rejected or is before a person.
    refund: Option<RefundStatus>,
}

pub(super) async fn explain(
    settings: &Settings,
    ledger: &Ledger,
    order: &OrderArgs,
    json: bool,
) -> Result<(), Failure> {
    let found = find(ledger, order).await?;
    let merchant = settings.merchants.iter().find(|m| m.merchant_id.as_str() == found.merchant_id);
    let Some(merchant) = merchant else {
        return Err(Failure::Problem(format!(
            "merchant {} is not in the settings: nobody looks after its orders",
            found.merchant_id
        )));
    };
    let terms = MerchantTerms { daily_auto_close: merchant.daily_auto_close, vouchers: merchant.voucher.is_some() };
    let situation = ledger.load(found.id, terms).await?.situation;
    let now = now();
    let planned = plan(&situation, &settings.policy, now);
    let (decision, at) = match &planned.step {
        Step::Wait { until: Some(until) } => ("wait, then look again".to_owned(), Some(*until)),
        Step::Wait { until: None } => ("nothing, until a shop or a person changes something".to_owned(), None),
        Step::Look => ("look at the gateway".to_owned(), Some(now)),
        Step::LookAtVouchers { .. } => ("look at its vouchers".to_owned(), Some(now)),
        Step::Act { action, amount } => (format!("{} ({action}) {amount}", action.verb()), Some(now)),
        Step::Settle { attempt, .. } => (format!("settle attempt {attempt}"), Some(now)),
        Step::Reject => ("reject the refund".to_owned(), Some(now)),
        Step::Review => ("hand the refund to a person".to_owned(), Some(now)),
        Step::CatchUp => ("catch up with what happened while the ledger did not know".to_owned(), Some(now)),
        Step::Ask { action, amount, .. } => (format!("ask a person whether {action} {amount} was made"), Some(now)),
    };
    let (next_step, next_step_at) = planned.next_step(at).unzip();
    let newest = ledger.refunds_of(found.id).await?.into_iter().max_by_key(|r| r.id);
    let explanation = Explanation {
        merchant_id: found.merchant_id,
        merchant_trade_no: situation.order.merchant_trade_no.to_string(),
        next_step,
        next_step_at: next_step_at.map(calendar::show),
        decision,
        decision_at: at.map(calendar::show),
        rule: planned.rule.word(),
        why: planned.why(),
        reason: planned.reason,
        refund: newest.filter(|r| r.state == "rejected" || r.state == "review"),
    };
    if json {
        return print_json(&explanation);
    }
    let line = |name: &str, value: &str| say!("{name:<10} {value}");
    line("order", &explanation.merchant_trade_no);
    line("next step", &explanation.decision);
    line("when", explanation.decision_at.as_deref().unwrap_or("–"));
    line("because", &explanation.why);
    line("rule", explanation.rule);
    if let Some(ahead) = planned.ahead {
        line("foreseen", &format!("{} ({}) at {}", ahead.action.verb(), ahead.action, calendar::show(ahead.at)));
    }
    if let Some(refund) = &explanation.refund {
        line(&format!("refund {}", refund.id), &format!("{}: {}", refund.state, refund.detail));
    }
    Ok(())
}
