//! The money step: committed, sent once, recorded.

use std::sync::Arc;
use std::time::Duration as StdDuration;

use chrono::Duration;

use super::cards::Cards;
use super::clock::Moment;
use super::lane::{Lane, Shared};
use crate::domain::action::{Action, Leave, MoneyCall, Outcome};
use crate::domain::attempt::Before;
use crate::domain::money::Twd;
use crate::domain::plan::{Plan, Provoked, Situation, plan};
use crate::ledger::{AttemptToken, LedgerError, Loaded, ProvokedBy, RecordOutcome, StartAttempt};

/// A commit that took longer than this leaves the plan it was made for behind.
const SLOW_COMMIT: Duration = Duration::seconds(10);

/// So does a way to the socket that took longer, of which connecting may take ten seconds.
const LONG_WAY: Duration = Duration::seconds(15);

/// How often an outcome is offered to the ledger. After that the attempt stays open, and an
/// open attempt is settled by looks.
const RECORD_TRIES: u32 = 6;

/// Executes the plan's action. Whatever happens, the situation has to be loaded anew.
pub(super) async fn execute(
    lane: &Lane<Cards>,
    loaded: &Loaded,
    planned: &Plan,
    action: Action,
    amount: Twd,
) -> Result<(), LedgerError> {
    let shared = &lane.shared;
    let situation = &loaded.situation;
    // The place in the pace comes first: between the commit and the call nothing waits.
    let turn = lane.turn(situation.order.id).await;
    let begun = Moment::of(shared.clock.as_ref());
    let now = begun.at;
    let (Some(observation), Some(card)) = (situation.observation.as_ref(), situation.card()) else {
        return Ok(());
    };
    if lane.stopping() || lane.is_silent() || plan(situation, &shared.policy, now).step != planned.step {
        // The wait for the pace has made the plan old.
        return Ok(());
    }
    let refund_id = if action == Action::C { None } else { planned.refund };
    let start = StartAttempt {
        order_id: situation.order.id,
        revision: situation.order.revision,
        refund_id,
        together: planned.together.clone(),
        call: MoneyCall {
            merchant_id: situation.order.merchant_id.clone(),
            merchant_trade_no: situation.order.merchant_trade_no.clone(),
            trade_no: card.trade_no.clone(),
            action,
            amount,
            stamp_s: now.timestamp(),
        },
        before: Before::of(card),
        observation: observation.clone(),
        order_amount: card.amount,
        now,
    };
    let token = match shared.ledger.write(start).await {
        Ok(token) => token,
        Err(LedgerError::Stale) => return Ok(()),
        Err(error) => return Err(error),
    };
    let attempt_id = token.attempt_id();
    tracing::info!(
        merchant_id = %situation.order.merchant_id, merchant_trade_no = %situation.order.merchant_trade_no,
        attempt = attempt_id, action = action.letter(), amount_twd = amount.dollars(), rule = planned.rule, "sending"
    );
    let outcome = match no_longer(lane, situation, planned, begun) {
        Some(why) => Outcome::NotSent { why },
        None => send(lane, loaded, token.only_while(leave(lane, situation, planned))).await,
    };
    drop(turn);
    record(lane, RecordOutcome { order_id: situation.order.id, attempt_id, refund_id, outcome, now: lane.now() }).await
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
    let now = Moment::of(shared.clock.as_ref());
    now.soon_after(since, longest)?;
    let anew = plan(situation, &shared.policy, now.at);
    if anew.step == planned.step { Ok(()) } else { Err(anew.why) }
}

async fn send(lane: &Lane<Cards>, loaded: &Loaded, token: AttemptToken) -> Outcome {
    let acted = lane.desk.gateway.act(token).await;
    if deliberate!(TakesSilenceForNotSent)
        && let Outcome::Unknown { why, .. } = acted.outcome
    {
        return Outcome::NotSent { why };
    }
    if acted.rate_limited
        && let Err(error) = limited(lane, loaded).await
    {
        tracing::error!(%error, "the gateway's silence is not recorded; this process keeps it all the same");
    }
    acted.outcome
}

/// A money call that is answered with 403 counts for its order, as a look does.
async fn limited(lane: &Lane<Cards>, loaded: &Loaded) -> Result<(), LedgerError> {
    let (situation, now) = (&loaded.situation, lane.now());
    let order_id = situation.order.id;
    let provoked = Provoked { money_calls: loaded.provoked.money_calls + 1, ..loaded.provoked };
    let rest = situation.rest(&lane.shared.policy, now);
    // Behind those that only wait for the silence to end, as after a look.
    let behind = rest.retry_at(provoked.money_calls, now) + lane.settings.cooldown;
    let retry_at = if provoked.is_set_aside() { rest.set_aside_until(provoked, now).max(behind) } else { behind };
    let provoked_by = ProvokedBy::MoneyCall { order_id, retry_at };
    lane.limited(order_id, provoked_by, loaded.provoked.is_set_aside()).await.map(|_| ())
}

async fn record(lane: &Lane<Cards>, outcome: RecordOutcome) -> Result<(), LedgerError> {
    let RecordOutcome { order_id, attempt_id, refund_id, outcome, now } = outcome;
    match &outcome {
        Outcome::Accepted => tracing::info!(attempt = attempt_id, "accepted"),
        Outcome::Refused { code, text } => tracing::warn!(attempt = attempt_id, code, text, "refused"),
        Outcome::Unknown { code, why } => {
            tracing::warn!(attempt = attempt_id, code, why, "not answered; settled by looks");
        }
        Outcome::NotSent { why } => tracing::warn!(attempt = attempt_id, why, "not sent"),
    }
    let mut tries = 0;
    loop {
        let write = RecordOutcome { order_id, attempt_id, refund_id, outcome: outcome.clone(), now };
        let Err(error) = lane.shared.ledger.write(write).await else { return Ok(()) };
        tries += 1;
        if tries >= RECORD_TRIES {
            return Err(error);
        }
        tracing::error!(attempt = attempt_id, %error, "the outcome is not recorded yet");
        tokio::time::sleep(StdDuration::from_millis(50 << tries)).await;
    }
}
