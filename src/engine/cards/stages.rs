//! What is told without a look: the ages of all that is not finished.

use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};

use crate::domain::deadlines::CAPTURE_LIMIT;
use crate::domain::order::OrderState;
use crate::domain::plan::plan;
use crate::domain::policy::Policy;
use crate::domain::record::{Kept, Wanted};
use crate::engine::cards::Cards;
use crate::engine::error::EngineError;
use crate::engine::lane::report::tell;
use crate::engine::lane::{Lane, Shared};
use crate::ledger::{Candidate, LedgerError, MerchantTerms, Reconcile, Unfinished};

const PAGE: i64 = 200;

/// The morning's: every row whose age may have to be told.
pub(in crate::engine) fn all(policy: &Policy, now: DateTime<Utc>) -> Vec<Unfinished> {
    let [first, _] = policy.capture_ends;
    // A stage of `expiring` counts civil days, so it may be up to a day before its 24-hour days are full.
    let expiring = policy.expiry_days.first().map(|day| Duration::days(*day - 1));
    let youngest = expiring.map_or(CAPTURE_LIMIT - first, |expiring| expiring.min(CAPTURE_LIMIT - first));
    let uncaptured = Unfinished::Uncaptured { from: DateTime::UNIX_EPOCH, to: now - youngest };
    let mut kinds = hourly(policy, now);
    kinds.push(Unfinished::InState(OrderState::ToBeCaptured));
    kinds.push(uncaptured);
    kinds
}

/// What is told by the hour: refunds, orders that the gateway does not know, captures in their last day.
pub(in crate::engine) fn hourly(policy: &Policy, now: DateTime<Utc>) -> Vec<Unfinished> {
    let [_, last] = policy.capture_ends;
    let from = now - CAPTURE_LIMIT - Duration::days(1);
    vec![
        Unfinished::Refunds,
        Unfinished::InState(OrderState::Registered),
        Unfinished::InState(OrderState::NotFound),
        Unfinished::Uncaptured { from, to: now - CAPTURE_LIMIT + last },
    ]
}

/// Raises what the ages of these rows call for. Returns how many alerts were raised.
pub(in crate::engine) async fn raise(
    shared: &Arc<Shared>,
    lanes: &[Arc<Lane<Cards>>],
    kinds: Vec<Unfinished>,
) -> Result<u64, EngineError> {
    let mut count = 0;
    for kind in kinds {
        let mut after = (0, 0);
        loop {
            let page = shared.ledger.unfinished(kind, after, PAGE).await?;
            let Some(last) = page.last() else { break };
            after = last.place;
            for candidate in page {
                count += raise_for(shared, lanes, &candidate).await?;
            }
            // Many rows have nothing to tell: the lanes go on between two pages.
            tokio::task::yield_now().await;
        }
    }
    Ok(count)
}

async fn raise_for(
    shared: &Arc<Shared>,
    lanes: &[Arc<Lane<Cards>>],
    Candidate { order_id, merchant_id, .. }: &Candidate,
) -> Result<u64, EngineError> {
    let now = shared.clock.now();
    // Rows of a merchant that is not in the settings grow older like any other.
    let lane = lanes.iter().find(|l| l.merchant_id().as_str() == merchant_id);
    let terms = lane.map_or(MerchantTerms::default(), |lane| lane.work.terms());
    let Kept { situation: s, alerts: open, look_failures, provoked, .. } =
        match shared.ledger.load_in_a_row(*order_id, terms).await {
            Ok(loaded) => loaded,
            Err(error) => {
                tracing::error!(order_id, %error, "the order's alerts could not be looked after");
                return Ok(0);
            }
        };
    let planned = plan(&s, &shared.policy, now);
    let mut alerts = Wanted::of(&s, &planned, &shared.policy, now);
    // That looks tell nothing is not known from here.
    alerts.keep_others |= look_failures > 0 || provoked.is_set_aside() || lane.is_none();
    if !alerts.changes(&open) {
        return Ok(0);
    }
    let reconcile = Reconcile {
        order_id: *order_id,
        merchant_id: s.order.merchant_id,
        merchant_trade_no: s.order.merchant_trade_no,
        revision: s.order.revision,
        looked_at: s.observation.map(|o| o.at),
        open,
        alerts,
        now,
    };
    let raised = match shared.ledger.write(reconcile).await {
        // A pass over the order has written its alerts meanwhile, with this one among them.
        Err(LedgerError::Stale) => return Ok(0),
        raised => raised?,
    };
    raised.iter().for_each(tell);
    Ok(raised.len() as u64)
}
