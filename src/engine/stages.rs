//! The stages of `expiring`, raised in the morning of their day.

use std::sync::Arc;

use chrono::{DateTime, Duration};

use super::Shared;
use super::cards::Cards;
use super::lane::Lane;
use super::report::{tell, wanted};
use crate::domain::plan::plan;
use crate::ledger::{LedgerError, Loaded, Reconcile, Uncaptured};

const PAGE: i64 = 200;

/// Raises what the day has reached for orders that are not captured. Returns how many were raised.
pub(super) async fn raise(shared: &Arc<Shared>, lanes: &[Arc<Lane<Cards>>]) -> Result<u64, LedgerError> {
    let now = shared.clock.now();
    let Some(first) = shared.policy.expiry_days.first() else { return Ok(0) };
    // A stage counts civil days, so it may be up to a day before its 24-hour days are full.
    let cutoff = now - Duration::days(*first - 1);
    let (mut after, mut count) = ((DateTime::UNIX_EPOCH, 0), 0);
    loop {
        let page = shared.ledger.uncaptured(cutoff, after, PAGE)?;
        let Some(last) = page.last() else { return Ok(count) };
        after = (last.authorized_at, last.order_id);
        for Uncaptured { order_id, merchant_id, .. } in page {
            let Some(lane) = lanes.iter().find(|l| l.merchant_id().as_str() == merchant_id) else { continue };
            let Loaded { situation: s, alerts: open, look_failures, .. } =
                match shared.ledger.load(order_id, lane.desk.terms()) {
                    Ok(loaded) => loaded,
                    Err(error) => {
                        tracing::error!(order_id, %error, "the order's alerts could not be looked after");
                        continue;
                    }
                };
            let planned = plan(&s, &shared.policy, now);
            let mut alerts = wanted(&s, &planned, &shared.policy, now);
            // That looks tell nothing is not known from here.
            alerts.keep_others |= look_failures > 0;
            if !alerts.changes(&open) {
                continue;
            }
            let reconcile = Reconcile {
                order_id,
                merchant_id: s.order.merchant_id,
                merchant_trade_no: s.order.merchant_trade_no,
                revision: s.order.revision,
                looked_at: s.observation.map(|o| o.at),
                open,
                alerts,
                now,
            };
            let raised = match shared.ledger.write(reconcile).await {
                // A pass over the order has written its alerts meanwhile, with this stage among them.
                Err(LedgerError::Stale) => continue,
                raised => raised?,
            };
            for raised in raised {
                tell(&raised);
                count += 1;
            }
        }
    }
}
