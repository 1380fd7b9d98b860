//! One order, step after step, until it has to wait.

use chrono::{DateTime, Utc};

use super::cards::Cards;
use super::execute::execute;
use super::failed::{FailedRow, LookFailure};
use super::lane::Lane;
use super::look::look;
use super::report::{set_aside, tell, wanted};
use super::vouchers::look_for_refund;
use crate::domain::action::Action;
use crate::domain::attempt::Before;
use crate::domain::plan::{ABANDONED_AFTER, Plan, Rank, Situation, Step, capture_by, plan, rule, slot};
use crate::domain::policy::Policy;
use crate::domain::refund::{Refund, RefundState};
use crate::domain::restored::Unclaimed;
use crate::domain::service::Service;
use crate::domain::state::{external_change, money_shown, order_state};
use crate::domain::voucher::ForRefund;
use crate::ledger::{
    LedgerError, Loaded, Look, LookFailed, Note, Park, Question, Record, RefundNote, Settled, TakeOver, Verdicts,
};

/// More steps than any order needs at one time; a bound, so that one order cannot hold a lane.
const MOST_STEPS: usize = 24;

/// From so many failed looks in a row on, an order whose answers make no sense is told of.
pub(super) const MANY_FAILURES: u32 = 3;

/// What a pass has found out and not yet written down.
#[derive(Default)]
struct Found {
    /// The situation before the look, to tell what changed.
    before: Option<Situation>,
    failed: Option<LookFailed>,
    /// What the looks showed that a restored ledger does not know of.
    unknown: Unclaimed,
}

/// Works on an order until it has to wait, or until `stopping`.
pub(super) async fn drive(lane: &Lane<Cards>, order_id: i64) -> Result<(), LedgerError> {
    let ledger = &lane.shared.ledger;
    let policy = &lane.shared.policy;
    let mut loaded = ledger.load(order_id, lane.desk.terms())?;
    let mut found = Found::default();
    for _ in 0..MOST_STEPS {
        let now = lane.now();
        let silent_until = loaded.situation.merchant.silent_until.max(lane.health.silent_until(now));
        loaded.situation.merchant.silent_until = silent_until;
        let planned = plan(&loaded.situation, policy, now);
        tracing::debug!(order_id, rule = planned.rule, step = ?planned.step, "planned");
        match &planned.step {
            Step::Look if lane.stopping() => return record(lane, &loaded, &planned, found, Some(now)).await,
            Step::Look => look_again(lane, &mut loaded, &mut found).await?,
            Step::LookAtVouchers { .. } if lane.stopping() => {
                return record(lane, &loaded, &planned, found, Some(now)).await;
            }
            Step::LookAtVouchers { voucher } => look_at_vouchers(lane, &mut loaded, *voucher).await?,
            Step::Wait { .. } => return record(lane, &loaded, &planned, found, None).await,
            Step::Act { .. } if lane.stopping() => return record(lane, &loaded, &planned, found, Some(now)).await,
            Step::Act { action, amount } => {
                if found.before.is_some() {
                    record(lane, &loaded, &planned, std::mem::take(&mut found), Some(now)).await?;
                }
                execute(lane, &loaded, &planned, *action, *amount).await?;
                loaded = ledger.load(order_id, lane.desk.terms())?;
            }
            Step::Settle { .. } | Step::Reject | Step::Review | Step::TakeOver | Step::Ask { .. } => {
                record(lane, &loaded, &planned, std::mem::take(&mut found), Some(now)).await?;
                loaded = ledger.load(order_id, lane.desk.terms())?;
            }
        }
    }
    let now = lane.now();
    let planned = plan(&loaded.situation, policy, now);
    tracing::warn!(order_id, rule = planned.rule, "the order takes more steps than expected; it waits a while");
    record(lane, &loaded, &planned, found, Some(now + policy.settle_gap)).await
}

async fn look_again(lane: &Lane<Cards>, loaded: &mut Loaded, found: &mut Found) -> Result<(), LedgerError> {
    let before = loaded.situation.clone();
    match look(lane, &loaded.situation).await {
        Ok(observation) => {
            lane.answered(before.order.id, observation.skew_s).await?;
            let observation = observation.checked_against(loaded.authorization.as_ref(), before.observation.as_ref());
            loaded.situation.observation = Some(observation.following(before.observation.as_ref()));
            loaded.situation.retry_at = None;
            loaded.situation.last_error = None;
            loaded.look_failures = 0;
            loaded.provoked.looks = 0;
            found.unknown = found.unknown.plus(find_unknown(&before, &mut loaded.situation));
            found.before.get_or_insert(before);
            found.failed = None;
        }
        Err(LookFailure::Ledger(error)) => return Err(error),
        // The next round waits or ends.
        Err(LookFailure::NotNow) => {}
        Err(LookFailure::Gateway(error)) => {
            let rest = before.rest(&lane.shared.policy, lane.now());
            let row =
                FailedRow { id: before.order.id, failures: &mut loaded.look_failures, provoked: &mut loaded.provoked };
            // The next round waits for the end of the silence.
            let Some(failed) = lane.look_failed(row, rest, &error).await? else { return Ok(()) };
            tracing::warn!(
                merchant_id = %before.order.merchant_id, merchant_trade_no = %before.order.merchant_trade_no,
                %error, failures = loaded.look_failures, "the look failed"
            );
            loaded.situation.retry_at = Some(failed.retry_at);
            loaded.situation.last_error = Some(failed.why.clone());
            found.failed = Some(failed);
        }
    }
    Ok(())
}

/// A look at the voucher order beside it, which is written down by itself.
async fn look_at_vouchers(lane: &Lane<Cards>, loaded: &mut Loaded, voucher_id: i64) -> Result<(), LedgerError> {
    let Some(vouchers) = &lane.desk.vouchers else { return Ok(()) };
    let s = &mut loaded.situation;
    let refund = ForRefund {
        order_id: s.order.id,
        after_revision: s.order.revision,
        after_attempt: s.attempts.last().map_or(0, |a| a.id),
    };
    look_for_refund(vouchers, voucher_id, refund).await?;
    s.vouchers = lane.shared.ledger.load(s.order.id, lane.desk.terms())?.situation.vouchers;
    Ok(())
}

/// Writes down what the pass found, and when the order is next.
async fn record(
    lane: &Lane<Cards>,
    loaded: &Loaded,
    planned: &Plan,
    found: Found,
    next_at: Option<DateTime<Utc>>,
) -> Result<(), LedgerError> {
    let s = &loaded.situation;
    let policy = &lane.shared.policy;
    let now = lane.now();
    let card = s.card();
    let looked = found.before.is_some();
    let changed = found
        .before
        .as_ref()
        .is_some_and(|b| b.observation.as_ref().map(|o| &o.seen) != s.observation.as_ref().map(|o| &o.seen));
    let mut alerts = wanted(s, planned, policy, now);
    if loaded.look_failures >= MANY_FAILURES {
        alerts.alerts.extend(found.failed.as_ref().and_then(LookFailed::alert));
        // The order's state is not known anew; what was open about it stands.
        alerts.keep_others = true;
    }
    alerts.alerts.extend(set_aside(Service::Card, loaded.provoked, s.retry_at, now));
    let note = Note {
        look: s.observation.clone().filter(|_| looked).map(|observation| Look { observation, is_new: changed }),
        failed: found.failed,
        state: order_state(s, now),
        money: money_shown(s),
        // A refund that was made in the part that is lost may be asked for again, if only to be told so.
        left: card.filter(|_| s.unclaimed.is_nothing()).map(|_| s.left()),
        capture_by: card.map(|c| capture_by(c, policy)),
        expires_at: card.map(|c| c.authorized_at + ABANDONED_AFTER),
        external_change: found.before.as_ref().and_then(|before| external_change(before, s)),
        slot: slot(s, policy, lane.settings.min_interval, now).filter(|_| looked),
    };
    let record = Record {
        order_id: s.order.id,
        merchant_id: s.order.merchant_id.clone(),
        merchant_trade_no: s.order.merchant_trade_no.clone(),
        revision: s.order.revision,
        now,
        note,
        verdicts: verdicts(s, planned),
        park: park(planned, next_at),
        // What is open may have changed since the order was loaded: the morning's stages go their own way.
        alerts_change: changed || alerts.changes(&loaded.alerts),
        take_over: take_over(s, planned, policy, found.unknown),
        alerts,
        shown: loaded.shown.clone(),
    };
    for raised in lane.shared.ledger.write(record).await? {
        tell(&raised);
    }
    Ok(())
}

fn verdicts(s: &Situation, planned: &Plan) -> Verdicts {
    let attempt = match &planned.step {
        Step::Settle { attempt, verdict } => {
            let (attempt, verdict, shown) = (*attempt, verdict.clone(), s.card().map(Before::of));
            s.observation.as_ref().map(|o| Settled { attempt, verdict, gateway_time: o.gateway_time(), shown })
        }
        _ => None,
    };
    let note = match &planned.step {
        // It waits for a person: to show it as waiting would take it out of review.
        Step::Wait { .. } if planned.rule == rule::OUT_OF_TRIES || in_review_for(s, planned) => None,
        Step::Wait { .. } if s.open_attempt().is_none() => Some(RefundNote::Waiting(planned.why.clone())),
        Step::Reject => Some(RefundNote::Rejected(planned.why.clone())),
        Step::Review => Some(RefundNote::Review(planned.why.clone())),
        _ => None,
    };
    // Whatever keeps the order waiting keeps a new refund waiting.
    let queued = s.refunds.first().filter(|r| r.state == RefundState::Queued);
    let refund = planned.refund.or(queued.map(|r| r.id));
    // To say it again would make a transaction of each routine look.
    let said = |r: &Refund| {
        r.state == RefundState::Waiting && matches!(&note, Some(RefundNote::Waiting(why)) if *why == r.detail)
    };
    let refund = refund.filter(|id| !s.refunds.iter().any(|r| r.id == *id && said(r)));
    Verdicts { attempt, refund: refund.zip(note) }
}

/// A refund is before a person for just what the plan says.
fn in_review_for(s: &Situation, planned: &Plan) -> bool {
    s.refunds.first().is_some_and(|r| r.state == RefundState::Review && r.detail == planned.why)
}

/// What the look shows beyond the ledger's knowledge; counted once, however often it is seen.
fn find_unknown(before: &Situation, after: &mut Situation) -> Unclaimed {
    let unknown = Unclaimed::found_by(before, after);
    after.unclaimed = after.unclaimed.plus(unknown);
    let shown = after.refunded();
    if let Some(restored) = &mut after.restored {
        restored.known = restored.known.max(shown);
    }
    unknown
}

fn take_over(s: &Situation, planned: &Plan, policy: &Policy, unknown: Unclaimed) -> TakeOver {
    let takeover = s.restored.as_ref().map(|r| r.id);
    let question = match (&planned.step, planned.refund, s.card()) {
        (Step::Ask { action, amount, moved }, Some(refund), Some(card)) => Some(Question {
            takeover: takeover.filter(|_| planned.rule == rule::UNCLAIMED),
            refund,
            action: *action,
            amount: *amount,
            trade_no: card.trade_no.clone(),
            before: Before { net: card.net + moved.dollars(), ..Before::of(card) },
            shown: Before::of(card),
            why: planned.why.clone(),
        }),
        _ => None,
    };
    let done = takeover.filter(|_| planned.step == Step::TakeOver);
    TakeOver { answered: s.first_answer(policy), unknown, done, question }
}

fn park(planned: &Plan, next_at: Option<DateTime<Utc>>) -> Park {
    let until = match planned.step {
        Step::Wait { until } => until,
        _ => next_at,
    };
    let next_at = next_at.or(until);
    // What it is woken for decides who goes first then, not what it is now.
    let capture = planned.ahead.is_some_and(|a| a.action == Action::C && next_at.is_some_and(|next| a.at <= next));
    let rank = if capture { planned.rank.min(Rank::Deadline) } else { planned.rank };
    let (next_step, next_step_at) = planned.next_step(until).unzip();
    Park { next_at, rank: rank as u8, rule: planned.rule, next_step: next_step.map(str::to_owned), next_step_at }
}
