//! `explain`: the plan's own answer, the one that the daemon will act on.

use serde::Serialize;

use super::args::{OrderArgs, PrintArgs};
use super::table::line;
use super::{Failure, find, now, print_json, words};
use crate::config::Settings;
use crate::daemon;
use crate::domain::calendar;
use crate::domain::language::Language;
use crate::domain::plan::{Plan, Step, plan};
use crate::domain::reason::Reason;
use crate::ledger::Ledger;
use crate::ledger::views::RefundStatus;

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
    print: &PrintArgs,
) -> Result<(), Failure> {
    let found = find(ledger, order).await?;
    let merchant = settings.merchants.iter().find(|m| m.merchant_id.as_str() == found.merchant_id);
    let Some(merchant) = merchant else {
        return Err(Failure::Problem(format!(
            "merchant {} is not in the settings: nobody looks after its orders",
            found.merchant_id
        )));
    };
    let situation = ledger.load(found.id, daemon::terms(merchant)).await?.situation;
    let now = now();
    let planned = plan(&situation, &settings.policy, now);
    let at = match &planned.step {
        Step::Wait { until } => *until,
        _ => Some(now),
    };
    let (next_step, next_step_at) = planned.next_step(at).unzip();
    let newest = ledger.refunds_of(found.id).await?.into_iter().max_by_key(|r| r.id);
    let explanation = Explanation {
        merchant_id: found.merchant_id,
        merchant_trade_no: situation.order.merchant_trade_no.to_string(),
        next_step,
        next_step_at: next_step_at.map(calendar::show),
        decision: decision(Language::English, &planned.step),
        decision_at: at.map(calendar::show),
        rule: planned.rule.word(),
        why: planned.why(),
        reason: planned.reason.clone(),
        refund: newest.filter(|r| r.state == "rejected" || r.state == "review"),
    };
    if print.json {
        return print_json(&explanation);
    }
    tell(print.language(), &explanation, &planned);
    Ok(())
}

fn decision(language: Language, step: &Step) -> String {
    let (english, chinese) = match step {
        Step::Wait { until: Some(_) } => ("wait, then look again", "等待，之後再查詢"),
        Step::Wait { until: None } => {
            ("nothing, until a shop or a person changes something", "不做任何事，直到商店或人有所變更")
        }
        Step::Look => ("look at the gateway", "向綠界查詢"),
        Step::LookAtVouchers { .. } => ("look at its vouchers", "查詢它的票券"),
        Step::Act { action, amount } => {
            return format!("{} ({action}) {amount}", words::step(language, *action));
        }
        Step::Settle { attempt, .. } => {
            return language.pick(format!("settle attempt {attempt}"), format!("確認動作 {attempt} 的結果"));
        }
        Step::Reject => ("reject the refund", "拒絕退款"),
        Step::Review => ("hand the refund to a person", "退款交由人工判斷"),
        Step::CatchUp => {
            ("catch up with what happened while the ledger did not know", "補上帳本不知道的那段時間發生的事")
        }
        Step::Ask { action, amount, .. } => {
            let step = words::step(language, *action);
            return language.pick(
                format!("ask a person whether {action} {amount} was made"),
                format!("請人工判斷 {step} ({action}) {amount} 是否做過"),
            );
        }
    };
    language.pick(english, chinese).to_owned()
}

fn tell(language: Language, explanation: &Explanation, planned: &Plan) {
    let line = |english, chinese, value: &str| line(10, language.pick(english, chinese), value);
    line("order", "訂單", &explanation.merchant_trade_no);
    line("next step", "下一步", &decision(language, &planned.step));
    line("when", "時間", explanation.decision_at.as_deref().unwrap_or("–"));
    line("because", "原因", &planned.reason.sentence(language));
    line("rule", "規則", explanation.rule);
    if let Some(ahead) = planned.ahead {
        let (step, action, at) = (words::step(language, ahead.action), ahead.action, calendar::show(ahead.at));
        let foreseen = language.pick(format!("{step} ({action}) at {at}"), format!("{at} {step} ({action})"));
        line("foreseen", "預計", &foreseen);
    }
    if let Some(refund) = &explanation.refund {
        let (english, chinese) = (format!("refund {}", refund.id), format!("退款 {}", refund.id));
        let state = words::refund_state(language, &refund.state);
        let said = language.pick(": ", "：");
        line(&english, &chinese, &format!("{state}{said}{}", refund.sentence(language)));
    }
}
