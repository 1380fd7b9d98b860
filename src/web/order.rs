//! One order: what it is, what comes next and why, its calls, its refunds, its history.

mod history;

use askama::Template;
use chrono::{DateTime, Utc};

use self::history::{Beside, Line, history};
use super::ask::{Ask, PageError};
use super::form::{cut, cut_or_dash, minute, money, money_or_dash, sentence};
use super::frame::{Frame, Tab};
use super::lifeline::{Life, LifeLine, life_line};
use super::sentences;
use super::tasks::{Command, Task};
use crate::domain::plan::{Plan, Step, plan};
use crate::domain::record::Kept;
use crate::ledger::VoucherStatus;
use crate::ledger::views::{AttemptRow, MovementRow, OrderStatus, RefundStatus};

/// The newest events of its history.
const EVENTS: i64 = 200;

struct Next {
    mark: &'static str,
    class: &'static str,
    headline: String,
    why: String,
    rule: String,
    commands: Vec<Command>,
}

struct Refund {
    id: i64,
    amount: String,
    state: String,
    why: String,
    asked_at: String,
    key: String,
    comment: Option<String>,
}

struct Attempt {
    id: i64,
    action: String,
    amount: String,
    state: String,
    started_at: String,
    settled_at: String,
    words: String,
    by: Option<String>,
}

struct Movement {
    day: String,
    kind: String,
    amount: String,
    by: String,
    seen_at: String,
}

#[derive(Template)]
#[template(path = "order.html", config = "src/web/askama.toml")]
struct Page {
    f: Frame,
    orders_link: String,
    o: OrderStatus,
    state_name: String,
    is_held: bool,
    memo: Option<String>,
    checked_at: String,
    next: Option<Next>,
    facts: Vec<(&'static str, String)>,
    life: Option<LifeLine>,
    refunds: Vec<Refund>,
    attempts: Vec<Attempt>,
    movements: Vec<Movement>,
    /// Of the voucher order that it paid for; empty without one.
    vouchers: Vec<(&'static str, String)>,
    history: Vec<Line>,
    is_cut: bool,
}

pub fn page(ask: &Ask<'_>) -> Result<String, PageError> {
    let id = find(ask)?;
    let o = ask.reader.order_status(id)?;
    let f = Frame::new(ask, Tab::Orders, &o.merchant_trade_no)?;
    let terms = ask.site.merchants.get(&o.merchant_id).copied();
    let kept = ask.reader.load(id, terms.unwrap_or_default())?;
    let events = ask.reader.events_of(id, EVENTS)?;
    let refunds = ask.reader.refunds_of(id)?;
    let alerts = ask.reader.alerts_of_order(id)?;
    let beside = Beside { merchant: &o.merchant_id, alerts: &alerts, allowances: &ask.reader.allowances_of(id)? };
    let planned = terms.map(|_| plan(&kept.situation, &ask.site.policy, ask.now));
    let page = Page {
        orders_link: ask.link("/orders"),
        state_name: sentences::order_state(ask.lang, &o.state),
        is_held: o.capture == "hold",
        memo: o.memo.as_ref().map(|memo| memo.to_string()).filter(|memo| !memo.is_empty()),
        checked_at: cut_or_dash(o.last_checked_at.as_deref()),
        next: Some(next(ask, &o, f.task_of(ask, &alerts), planned.as_ref())),
        facts: facts(ask, &o, &kept),
        life: life(&kept, &o, planned.as_ref(), &refunds).map(|life| life_line(ask, &life)),
        refunds: refunds.iter().map(|r| refund(ask, r)).collect(),
        attempts: ask.reader.attempts_of(id)?.iter().map(|a| attempt(ask, a)).collect(),
        movements: ask.reader.movements_of(id)?.iter().map(|m| movement(ask, m)).collect(),
        vouchers: ask.reader.voucher_of(id)?.map(|v| vouchers(ask, &v)).unwrap_or_default(),
        is_cut: i64::try_from(events.len()).is_ok_and(|n| n >= EVENTS),
        history: history(ask, &f, &events, &beside),
        o,
        f,
    };
    Ok(page.render()?)
}

/// By `/orders/MERCHANT/NUMBER`, or with the authorization of a recurring order behind it.
fn find(ask: &Ask<'_>) -> Result<i64, PageError> {
    let mut parts = ask.path.split('/').skip(2);
    let (Some(merchant), Some(number)) = (parts.next(), parts.next()) else { return Err(PageError::NotFound) };
    let authorization = parts.next();
    let found = ask.reader.find(merchant, number)?;
    let asked = found.iter().find(|o| o.asked_trade_no.as_deref() == authorization);
    // Where only later authorizations are registered, the number alone means the first of them.
    let first = || found.first().filter(|_| authorization.is_none());
    asked.or_else(first).map(|o| o.id).ok_or(PageError::NotFound)
}

/// The same answer as `ecpayd explain` gives.
fn next(ask: &Ask<'_>, o: &OrderStatus, task: Option<Task>, planned: Option<&Plan>) -> Next {
    let w = ask.w();
    let class = task.as_ref().map_or("calm", |t| t.mark);
    let Some(planned) = planned else {
        let (headline, why) = (w.nothing_ahead_of_order.to_owned(), sentence(w, &(w.not_in_settings)(&o.merchant_id)));
        return Next {
            mark: "crit",
            class: "crit",
            headline,
            why,
            rule: "merchant-missing".to_owned(),
            commands: Vec::new(),
        };
    };
    let at = match planned.step {
        Step::Wait { until } => until,
        _ => Some(ask.now),
    };
    let step = planned.next_step(at);
    let told = |(step, at): (&str, DateTime<Utc>)| (w.next_step)(&sentences::step(ask.lang, step), &minute(at));
    Next {
        mark: task.as_ref().map_or("wait", |t| t.mark),
        class,
        headline: step.map_or_else(|| w.nothing_ahead_of_order.to_owned(), told),
        why: sentence(w, &sentences::why(ask.lang, &planned.reason)),
        rule: planned.rule.word().to_owned(),
        commands: task.map(|t| t.commands).unwrap_or_default(),
    }
}

fn facts(ask: &Ask<'_>, o: &OrderStatus, kept: &Kept) -> Vec<(&'static str, String)> {
    let w = ask.w();
    let Some(amount) = o.amount else { return Vec::new() };
    let left = kept.row.left.map_or_else(|| "–".to_owned(), |left| money(left.dollars()));
    vec![
        (w.amount, money(amount)),
        (w.captured, money(o.captured_amount)),
        (w.refunded, money(o.refunded_amount)),
        (w.left, left),
    ]
}

fn life(kept: &Kept, o: &OrderStatus, planned: Option<&Plan>, refunds: &[RefundStatus]) -> Option<Life> {
    let card = kept.situation.authorization()?;
    let is_over = matches!(o.state.as_str(), "voided" | "expired" | "refunded");
    let attempts = &kept.situation.attempts;
    let last = attempts.iter().filter(|a| a.stands()).filter_map(|a| a.finished_at).max();
    Some(Life {
        authorized_at: card.authorized_at,
        captured_at: kept.row.captured_at,
        ended_at: last.filter(|_| is_over && !refunds.is_empty()),
        planned_at: planned.and_then(|p| p.ahead).map(|ahead| ahead.at),
    })
}

fn vouchers(ask: &Ask<'_>, v: &VoucherStatus) -> Vec<(&'static str, String)> {
    let w = ask.w();
    vec![
        (w.state, sentences::voucher_state(ask.lang, &v.state)),
        (w.sold, money_or_dash(v.trade_amount)),
        (w.redeemed, money_or_dash(v.redeemed_amount)),
        (w.refunded_in_tickets, money_or_dash(v.refunded_amount)),
        (w.refund_confirmed, money_or_dash(v.refund_confirmed_amount)),
        (w.unused, money_or_dash(v.unused_amount)),
    ]
}

fn refund(ask: &Ask<'_>, refund: &RefundStatus) -> Refund {
    Refund {
        id: refund.id,
        amount: refund.amount.map_or_else(|| ask.w().all_left.to_owned(), money),
        state: sentences::state(ask.lang, &refund.state),
        why: sentences::of_refund(ask.lang, refund),
        asked_at: cut(&refund.created_at),
        key: refund.request_key.to_string(),
        comment: refund.comment.as_ref().map(|c| c.to_string()).filter(|c| !c.is_empty()),
    }
}

fn attempt(ask: &Ask<'_>, attempt: &AttemptRow) -> Attempt {
    Attempt {
        id: attempt.id,
        action: sentences::action(ask.lang, &attempt.action),
        amount: money(attempt.amount),
        state: sentences::attempt_state(ask.lang, &attempt.state),
        started_at: cut(&attempt.started_at),
        settled_at: cut_or_dash(attempt.finished_at.as_deref()),
        words: sentences::kept(ask.lang, &attempt.text),
        by: attempt.resolved_by.clone(),
    }
}

fn movement(ask: &Ask<'_>, moved: &MovementRow) -> Movement {
    let by = sentences::hand(ask.lang, &moved.by);
    let call = moved.attempt_id.map(|id| format!(", {} {id}", ask.w().call)).unwrap_or_default();
    Movement {
        day: moved.day.clone(),
        kind: sentences::movement(ask.lang, &moved.kind),
        amount: money(moved.amount),
        by: format!("{by}{call}"),
        seen_at: cut(&moved.at),
    }
}
