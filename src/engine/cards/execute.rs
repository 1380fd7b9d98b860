//! The money step: committed, sent once, recorded.

use std::sync::Arc;
use std::time::Duration as StdDuration;

use chrono::{DateTime, Duration, Utc};

use crate::domain::action::{Action, Leave, MoneyCall, Outcome};
use crate::domain::attempt::Before;
use crate::domain::money::Twd;
use crate::domain::order::Order;
use crate::domain::plan::{Plan, Provoked, plan};
use crate::domain::record::{Kept, NewAttempt, NewKind};
use crate::domain::situation::Situation;
use crate::domain::traffic::Call;
use crate::engine::cards::Cards;
use crate::engine::clock::Moment;
use crate::engine::error::EngineError;
use crate::engine::lane::report::tell;
use crate::engine::lane::{Lane, Shared};
use crate::ledger::{AttemptToken, LedgerError, ProvokedBy, Record, RecordOutcome, StartAttempt};

/// A commit that took longer than this leaves the plan it was made for behind.
const SLOW_COMMIT: Duration = Duration::seconds(10);

/// So does a way to the socket that took longer, of which connecting may take ten seconds.
const LONG_WAY: Duration = Duration::seconds(15);

/// How often an outcome is offered to the ledger. After that the attempt stays open, and an
/// open attempt is settled by looks.
const RECORD_TRIES: u32 = 6;

/// Executes the plan's action. `looked`: what the look shows that it was planned from, not yet written. With the
/// order as it is then, unless it has to be loaded anew.
pub(in crate::engine) async fn execute(
    lane: &Lane<Cards>,
    kept: &Kept,
    planned: &Plan,
    looked: Option<Record>,
    call: (Action, Twd),
) -> Result<Option<Kept>, EngineError> {
    let shared = &lane.shared;
    let situation = &kept.situation;
    // The place in the pace comes first: between the commit and the call nothing waits.
    let Some(turn) = lane.turn(situation.order.id).await else { return write_look(lane, looked).await };
    let begun = Moment::of(shared.clock.as_ref());
    // The wait for the pace may have made the plan old.
    let put_off = plan(situation, &shared.policy, begun.at).step != planned.step;
    let Some(start) = begins(situation, planned, call, begun.at).filter(|_| !put_off) else {
        return write_look(lane, looked).await;
    };
    let token = match shared.ledger.write(StartAttempt { look: looked.clone(), ..start }).await {
        Ok((token, raised)) => {
            raised.iter().for_each(tell);
            token
        }
        // Something has happened since; what was seen is kept all the same.
        Err(LedgerError::Stale) => return write_look(lane, looked).await,
        Err(error @ LedgerError::Refused(_)) => {
            write_look(lane, looked).await?;
            return Err(error.into());
        }
        Err(error) => return Err(error.into()),
    };
    let attempt_id = token.attempt_id();
    tracing::info!(
        merchant_id = %situation.order.merchant_id, merchant_trade_no = %situation.order.merchant_trade_no,
        attempt = attempt_id, action = call.0.letter(), amount_twd = call.1.dollars(), rule = planned.rule.word(), "sending"
    );
    let outcome = match no_longer(lane, situation, planned, begun) {
        Some(why) => Outcome::NotSent { why },
        None => {
            let outcome = send(lane, kept, token.only_while(leave(lane, situation, planned))).await;
            lane.count(&turn, Call::Action, outcome.end());
            outcome
        }
    };
    drop(turn);
    shared.tally.attempt(call.0, &outcome);
    record(lane, &situation.order, attempt_id, outcome).await.map(Some)
}

/// The attempt that the plan asks for.
fn begins(s: &Situation, planned: &Plan, (action, amount): (Action, Twd), now: DateTime<Utc>) -> Option<StartAttempt> {
    let (observation, card) = s.observation.as_ref().zip(s.card())?;
    let attempt = NewAttempt {
        refund: planned.refund.filter(|_| action != Action::C),
        action,
        amount,
        trade_no: card.trade_no.clone(),
        before: Before::of(card),
        at: now,
        kind: NewKind::Call { api: s.merchant.api, together: planned.together.clone() },
    };
    let call = MoneyCall {
        merchant_id: s.order.merchant_id.clone(),
        merchant_trade_no: s.order.merchant_trade_no.clone(),
        trade_no: card.trade_no.clone(),
        action,
        amount,
        stamp_s: now.timestamp(),
    };
    Some(StartAttempt {
        look: None,
        order_id: s.order.id,
        revision: s.order.revision,
        call,
        attempt,
        rule: planned.rule,
        newest_attempt: observation.after_attempt,
        newest_restore: s.restored.as_ref().map_or(0, |restored| restored.id),
        order_amount: card.amount,
    })
}

async fn write_look(lane: &Lane<Cards>, looked: Option<Record>) -> Result<Option<Kept>, EngineError> {
    if let Some(looked) = looked {
        lane.shared.ledger.write(looked).await?.iter().for_each(tell);
    }
    Ok(None)
}

/// Why the call may no longer go out that was planned before its attempt was committed, if so.
fn no_longer(lane: &Lane<Cards>, situation: &Situation, planned: &Plan, begun: Moment) -> Option<String> {
    if lane.is_silent() {
        return Some("the gateway answered another call with 403 while this one was written down".to_owned());
    }
    let shared = &lane.shared;
    still_planned(shared, situation, planned, begun, SLOW_COMMIT).err().map(|why| format!("written down: {why}"))
}

/// The same question at the socket, since the last check.
fn leave(lane: &Lane<Cards>, situation: &Situation, planned: &Plan) -> Leave {
    let checked = Moment::of(lane.shared.clock.as_ref());
    let (shared, situation, planned) = (lane.shared.clone(), situation.clone(), planned.clone());
    Arc::new(move || {
        still_planned(&shared, &situation, &planned, checked, LONG_WAY).map_err(|why| format!("on its way: {why}"))
    })
}

fn still_planned(
    shared: &Shared,
    situation: &Situation,
    planned: &Plan,
    since: Moment,
    longest: Duration,
) -> Result<(), String> {
    if shared.ledger.door().is_shut() {
        return Err("a pause was asked for".to_owned());
    }
    let now = Moment::of(shared.clock.as_ref());
    now.soon_after(since, longest)?;
    let anew = plan(situation, &shared.policy, now.at);
    if anew.step == planned.step { Ok(()) } else { Err(anew.why()) }
}

async fn send(lane: &Lane<Cards>, kept: &Kept, token: AttemptToken) -> Outcome {
    let acted = lane.work.gateway.act(token).await;
    if deliberate!(TakesSilenceForNotSent)
        && let Outcome::Unknown { why, .. } = acted.outcome
    {
        return Outcome::NotSent { why };
    }
    if acted.rate_limited
        && let Err(error) = limited(lane, kept).await
    {
        tracing::error!(%error, "the gateway's silence is not recorded; this process keeps it all the same");
    }
    acted.outcome
}

/// A money call that is answered with 403 counts for its order, as a look does.
async fn limited(lane: &Lane<Cards>, kept: &Kept) -> Result<(), EngineError> {
    let (situation, now) = (&kept.situation, lane.now());
    let order_id = situation.order.id;
    let provoked = Provoked { money_calls: kept.provoked.money_calls + 1, ..kept.provoked };
    let rest = situation.rest(&lane.shared.policy, now);
    // Behind those that only wait for the silence to end, as after a look.
    let behind = rest.retry_at(provoked.money_calls, now) + lane.settings.cooldown;
    let retry_at = if provoked.is_set_aside() { rest.set_aside_until(provoked, now).max(behind) } else { behind };
    let provoked_by = ProvokedBy::MoneyCall { order_id, retry_at };
    lane.limited(order_id, provoked_by, kept.provoked.is_set_aside()).await.map(|_| ())
}

async fn record(lane: &Lane<Cards>, order: &Order, attempt_id: i64, outcome: Outcome) -> Result<Kept, EngineError> {
    let (order_id, terms, now) = (order.id, lane.work.terms(), lane.now());
    log(order, attempt_id, &outcome);
    let mut tries = 0;
    loop {
        let write = RecordOutcome { order_id, attempt_id, outcome: outcome.clone(), terms, now };
        let error = match lane.shared.ledger.write(write).await {
            Ok(kept) => return Ok(kept),
            Err(error) => error,
        };
        tries += 1;
        if tries >= RECORD_TRIES {
            return Err(error.into());
        }
        tracing::error!(
            merchant_id = %order.merchant_id, merchant_trade_no = %order.merchant_trade_no,
            attempt = attempt_id, %error, "the outcome is not recorded yet"
        );
        tokio::time::sleep(StdDuration::from_millis(50 << tries)).await;
    }
}

/// By the shop's own number, which is what a person searches the log for.
fn log(order: &Order, attempt: i64, outcome: &Outcome) {
    macro_rules! line {
        ($level:ident, $text:literal $(, $field:ident)*) => {
            tracing::$level!(
                merchant_id = %order.merchant_id, merchant_trade_no = %order.merchant_trade_no, attempt, $($field,)* $text
            )
        };
    }
    match outcome {
        Outcome::Accepted => line!(info, "accepted"),
        Outcome::Refused { code, text } => line!(warn, "refused", code, text),
        Outcome::Unknown { code, why } => line!(warn, "not answered; settled by looks", code, why),
        Outcome::NotSent { why } => line!(warn, "not sent", why),
    }
}
