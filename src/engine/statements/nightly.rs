//! The day's statement of each merchant: asked for, read, and held against the ledger. One file at a time, so that
//! nothing else waits while the vendor's minute between two of them passes.

use std::sync::Arc;

use chrono::NaiveTime;

use super::take::{Fetched, NotTaken, take};
use crate::domain::reason::{Fetching, Reason};
use crate::domain::traffic::{Call, CallEnd};
use crate::engine::cards::Cards;
use crate::engine::error::EngineError;
use crate::engine::lane::report::tell;
use crate::engine::lane::{Lane, Shared};
use crate::gateway::LookError;
use crate::gateway::card::{MediaDates, MediaDays, MediaError};
use crate::ledger::{ProvokedBy, Range, StatementAsked};

/// A call for no row of the ledger.
const NO_ROW: i64 = 0;

/// Fetches the statement of one merchant whose turn it is. False: it is nobody's now.
pub(in crate::engine) async fn next(shared: &Arc<Shared>, lanes: &[Arc<Lane<Cards>>]) -> Result<bool, EngineError> {
    let Some(fetch_at) = shared.statements.fetch_at else { return Ok(false) };
    for lane in lanes {
        if is_due(lane, fetch_at).await? {
            // A person's command may have asked meanwhile.
            let last = shared.ledger.last_statement_asked_for().await?;
            return if shared.statements.allows(last, lane.now()) { fetch(lane).await } else { Ok(false) };
        }
    }
    Ok(false)
}

/// A merchant that is to be silent waits for the end of that, whatever the day.
async fn is_due(lane: &Lane<Cards>, fetch_at: NaiveTime) -> Result<bool, EngineError> {
    let nightly = lane.shared.ledger.nightly_fetch(lane.merchant_id()).await?;
    Ok(nightly.is_due(fetch_at, lane.now()) && !lane.is_silent() && lane.has_leave())
}

async fn fetch(lane: &Lane<Cards>) -> Result<bool, EngineError> {
    let ledger = &lane.shared.ledger;
    let (from, to) = ledger.nightly_fetch(lane.merchant_id()).await?.days(lane.now());
    // Days that one file can be of, see `Nightly::days`.
    let Ok(days) = MediaDays::new(from, to) else { return Ok(false) };
    let Some(asked) = ask(lane, days).await? else { return Ok(false) };
    let why_not = match asked {
        Ok(fetched) => match take(ledger, lane.merchant_id(), fetched, lane.now()).await {
            Ok(read) => {
                tracing::info!(merchant_id = %lane.merchant_id(), rows = read.rows, "statement of {from} to {to} read");
                None
            }
            Err(NotTaken::File(why)) => Some(why),
            Err(NotTaken::Ledger(error)) => return Err(error.into()),
        },
        Err(error) => Some(error.reason()),
    };
    if why_not.is_none() {
        let range = Range { merchant_id: lane.merchant_id().clone(), from, to };
        ledger.tell_differences(&range, lane.now()).await?.iter().for_each(tell);
    }
    note(lane, why_not).await?;
    Ok(true)
}

/// None: the lane may not call now after all.
async fn ask(lane: &Lane<Cards>, days: MediaDays) -> Result<Option<Result<Fetched, MediaError>>, EngineError> {
    let Some(turn) = lane.turn(NO_ROW).await else { return Ok(None) };
    let stamp_s = turn.at.timestamp();
    let gateway = &lane.work.gateway;
    let asked = gateway.statement(MediaDates::Settled, days, stamp_s).await;
    lane.count(&turn, Call::Statement, asked.as_ref().map_or_else(MediaError::end, |_| CallEnd::Answered));
    if matches!(asked, Err(MediaError::Call(LookError::RateLimited))) {
        lane.limited(NO_ROW, ProvokedBy::Look(NO_ROW), false).await?;
    }
    Ok(Some(asked.map(|bytes| Fetched { kind: gateway.statement_kind(), days, bytes })))
}

async fn note(lane: &Lane<Cards>, why_not: Option<Fetching>) -> Result<(), EngineError> {
    let why_not = why_not.map(Reason::from);
    if let Some(why) = &why_not {
        let why = why.english();
        tracing::warn!(merchant_id = %lane.merchant_id(), "no statement today; asked for again within the day: {why}");
    }
    let asked = StatementAsked { merchant_id: lane.merchant_id().clone(), why_not, now: lane.now() };
    lane.shared.ledger.write(asked).await?.iter().for_each(tell);
    Ok(())
}
