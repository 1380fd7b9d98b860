//! One order, step after step, until it has to wait.

use chrono::{DateTime, Utc};

use crate::domain::plan::{Plan, Step, plan};
use crate::domain::record::{Change, End, Findings, Kept};
use crate::domain::voucher::ForRefund;
use crate::engine::cards::Cards;
use crate::engine::cards::execute::execute;
use crate::engine::cards::look::{Looked, look};
use crate::engine::error::EngineError;
use crate::engine::lane::Lane;
use crate::engine::lane::failed::{FailedRow, LookFailure};
use crate::engine::lane::report::tell;
use crate::engine::vouchers::look_for_refund;
use crate::ledger::Record;

/// More steps than any order needs at one time; a bound, so that one order cannot hold a lane.
const MOST_STEPS: usize = 24;

/// Works on an order until it has to wait, or until the lane has no leave.
pub(in crate::engine) async fn drive(lane: &Lane<Cards>, order_id: i64) -> Result<(), EngineError> {
    let policy = &lane.shared.policy;
    let mut pass = Pass { lane, kept: load(lane, order_id).await?, found: Findings::default() };
    for _ in 0..MOST_STEPS {
        let now = lane.now();
        let merchant = &mut pass.kept.situation.merchant;
        merchant.silent_until = merchant.silent_until.max(lane.health.silent_until(now));
        let planned = plan(&pass.kept.situation, policy, now);
        tracing::debug!(order_id, rule = planned.rule.word(), step = ?planned.step, "planned");
        match &planned.step {
            Step::Wait { .. } => return pass.write(&planned, None).await,
            Step::Settle { .. } | Step::Reject | Step::Review | Step::CatchUp => {
                pass.found.decided(&mut pass.kept.situation, &planned, now);
            }
            Step::Look | Step::LookAtVouchers { .. } | Step::Act { .. } if !lane.has_leave() => {
                return pass.write(&planned, Some(now)).await;
            }
            // What was decided before the look is not kept from the ledger by its call.
            Step::Look | Step::LookAtVouchers { .. } if pass.found.has_steps() => pass.begin_anew(&planned).await?,
            Step::Look => pass.look_again().await?,
            Step::LookAtVouchers { voucher } => pass.look_at_vouchers(*voucher).await?,
            Step::Act { action, amount } => {
                if pass.found.has_steps() {
                    pass.begin_anew(&planned).await?;
                    continue;
                }
                let looked = pass.found.has_looked().then(|| pass.record(&planned, Some(now)));
                pass.found = Findings::default();
                pass.kept = match execute(lane, &pass.kept, &planned, looked, (*action, *amount)).await? {
                    Some(kept) => kept,
                    None => load(lane, order_id).await?,
                };
            }
            Step::Ask { .. } => pass.begin_anew(&planned).await?,
        }
    }
    let now = lane.now();
    let planned = plan(&pass.kept.situation, policy, now);
    tracing::warn!(order_id, rule = planned.rule.word(), "the order takes more steps than expected; it waits a while");
    pass.write(&planned, Some(now + policy.settle_gap)).await
}

async fn load(lane: &Lane<Cards>, order_id: i64) -> Result<Kept, EngineError> {
    Ok(lane.shared.ledger.load(order_id, lane.work.terms()).await?)
}

/// An order in work, and what was found out and is not yet written down.
struct Pass<'a> {
    lane: &'a Lane<Cards>,
    kept: Kept,
    found: Findings,
}

impl Pass<'_> {
    async fn look_again(&mut self) -> Result<(), EngineError> {
        let lane = self.lane;
        match look(lane, &self.kept.situation).await {
            Ok(Looked { observation, followed }) => {
                self.kept.situation.followed = followed.unwrap_or(self.kept.situation.followed);
                lane.answered(self.kept.situation.order.id, observation.skew_s).await?;
                self.found.looked(&mut self.kept, observation);
            }
            Err(LookFailure::Ledger(error)) => return Err(error),
            // The next round waits or ends.
            Err(LookFailure::NotNow) => {}
            Err(LookFailure::Gateway(error)) => {
                let s = &self.kept.situation;
                let order = s.order.clone();
                let rest = s.rest(&lane.shared.policy, lane.now());
                let (failures, provoked) = (&mut self.kept.look_failures, &mut self.kept.provoked);
                let row = FailedRow { id: order.id, failures, provoked };
                // The next round waits for the end of the silence.
                let Some(failed) = lane.look_failed(row, rest, &error).await? else { return Ok(()) };
                tracing::warn!(
                    merchant_id = %order.merchant_id, merchant_trade_no = %order.merchant_trade_no,
                    %error, failures = self.kept.look_failures, "the look failed"
                );
                self.found.failed(&mut self.kept, failed);
            }
        }
        Ok(())
    }

    /// A look at the voucher order beside it, which is written down by itself.
    async fn look_at_vouchers(&mut self, voucher_id: i64) -> Result<(), EngineError> {
        let Some(vouchers) = &self.lane.work.vouchers else { return Ok(()) };
        let s = &mut self.kept.situation;
        let refund = ForRefund {
            order_id: s.order.id,
            after_revision: s.order.revision,
            after_attempt: s.attempts.last().map_or(0, |a| a.id),
        };
        look_for_refund(vouchers, voucher_id, refund).await?;
        s.vouchers = load(self.lane, s.order.id).await?.situation.vouchers;
        Ok(())
    }

    /// What the pass changes, as it ends with this plan; at `next_at` where that is not carried out.
    fn change(&mut self, planned: &Plan, next_at: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Change {
        let end = End { policy: &self.lane.shared.policy, min_interval: self.lane.settings.min_interval, next_at, now };
        std::mem::take(&mut self.found).change(&self.kept, planned, &end)
    }

    fn record(&mut self, planned: &Plan, next_at: Option<DateTime<Utc>>) -> Record {
        let now = self.lane.now();
        let change = self.change(planned, next_at, now);
        Record::new(&self.kept.situation.order, self.kept.row.clone(), change, now)
    }

    async fn write(&mut self, planned: &Plan, next_at: Option<DateTime<Utc>>) -> Result<(), EngineError> {
        let record = self.record(planned, next_at);
        self.lane.shared.ledger.write(record).await?.iter().for_each(tell);
        Ok(())
    }

    /// Writes down what was found and goes on from what the ledger holds then.
    async fn begin_anew(&mut self, planned: &Plan) -> Result<(), EngineError> {
        self.write(planned, Some(self.lane.now())).await?;
        self.kept = load(self.lane, self.kept.situation.order.id).await?;
        Ok(())
    }
}
