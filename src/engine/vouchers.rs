//! The voucher service: looking at voucher orders, by themselves and before a refund.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::error::EngineError;
use super::lane::Lane;
use super::lane::failed::{FailedRow, LookFailure};
use super::lane::health::Blame;
use super::lane::report::tell;
use crate::domain::plan::{Rest, Urgency};
use crate::domain::record::{LookFailed, MANY_FAILURES, Wanted, set_aside};
use crate::domain::rule::Rule;
use crate::domain::service::Service;
use crate::domain::traffic::Call;
use crate::domain::voucher::{
    ForRefund, Ticket, VoucherNumber, VoucherObservation, VoucherOrder, VoucherStep, alerts, plan,
};
use crate::gateway::transport::Transport;
use crate::gateway::voucher::{OrderPage, VoucherGateway};
use crate::gateway::wire::cipher::Keys;
use crate::gateway::{Access, LookError};
use crate::ledger::{LoadedVoucher, ProvokedBy, RecordVoucher, VoucherLook};

/// More steps than any voucher order needs at one time; a bound, so that one cannot hold a lane.
const MOST_STEPS: usize = 8;

pub(super) struct Vouchers {
    gateway: VoucherGateway,
}

impl Vouchers {
    pub(super) fn new(transport: Arc<dyn Transport>, access: Access) -> Self {
        Self { gateway: VoucherGateway::new(transport, access) }
    }

    pub(super) fn renew(&self, keys: Keys) {
        self.gateway.renew(keys);
    }
}

/// What a pass has found out and not yet written down.
#[derive(Default)]
struct Unwritten {
    look: Option<VoucherLook>,
    refunds_changed: bool,
    failed: Option<LookFailed>,
}

/// Works on a voucher order until it has to wait.
pub(super) async fn drive(lane: &Lane<Vouchers>, voucher_id: i64) -> Result<(), EngineError> {
    let mut loaded = load(lane, voucher_id).await?;
    let mut found = Unwritten::default();
    for _ in 0..MOST_STEPS {
        let planned = plan(&loaded.situation, &lane.shared.policy, lane.now());
        tracing::debug!(voucher_id, rule = planned.rule.word(), step = ?planned.step, "planned");
        match planned.step {
            VoucherStep::Wait { until } => return record(lane, loaded, found, until, planned.rule).await,
            _ if !lane.has_leave() => break,
            VoucherStep::Look => look_again(lane, &mut loaded, &mut found, None).await?,
            VoucherStep::AskRefunds => ask_refunds(lane, &mut loaded, &mut found).await?,
        }
    }
    let now = lane.now();
    let rule = plan(&loaded.situation, &lane.shared.policy, now).rule;
    record(lane, loaded, found, Some(now), rule).await
}

/// A look at what may still be refunded. Whatever comes of it, the order has to be loaded anew.
pub(super) async fn look_for_refund(
    lane: &Lane<Vouchers>,
    voucher_id: i64,
    refund: ForRefund,
) -> Result<(), EngineError> {
    let mut loaded = load(lane, voucher_id).await?;
    let mut found = Unwritten::default();
    let now = lane.now();
    // A service that does not answer would hold the refunds' places in the lane of the cards, and
    // with them the captures.
    match loaded.situation.silence(now).max(lane.health.quiet_until(now)) {
        Some(until) => loaded.situation.retry_at = loaded.situation.retry_at.max(Some(until)),
        None => look_again(lane, &mut loaded, &mut found, Some(refund)).await?,
    }
    let planned = plan(&loaded.situation, &lane.shared.policy, lane.now());
    let next_at = match planned.step {
        VoucherStep::Wait { until } => until,
        VoucherStep::Look | VoucherStep::AskRefunds => Some(lane.now()),
    };
    match record(lane, loaded, found, next_at, planned.rule).await {
        // Another look was written meanwhile.
        Err(error) if error.is_stale() => Ok(()),
        result => result,
    }
}

async fn load(lane: &Lane<Vouchers>, voucher_id: i64) -> Result<LoadedVoucher, EngineError> {
    let mut loaded = lane.shared.ledger.load_voucher(voucher_id).await?;
    let silent_until = loaded.situation.silent_until.max(lane.health.silent_until(lane.now()));
    loaded.situation.silent_until = silent_until;
    Ok(loaded)
}

async fn look_again(
    lane: &Lane<Vouchers>,
    loaded: &mut LoadedVoucher,
    found: &mut Unwritten,
    for_refund: Option<ForRefund>,
) -> Result<(), EngineError> {
    match look(lane, &loaded.situation.order, for_refund).await {
        Ok((observation, tickets)) => {
            lane.answered(loaded.situation.order.id, observation.skew_s).await?;
            let before = loaded.situation.observation.as_ref().map(|o| o.seen.clone());
            loaded.situation.looked(observation);
            loaded.look_failures = 0;
            loaded.provoked.looks = 0;
            let changed = loaded.situation.observation.as_ref().map(|o| &o.seen) != before.as_ref();
            found.look = Some(VoucherLook { tickets, changed });
            found.failed = None;
            Ok(())
        }
        Err(LookFailure::Ledger(error)) => Err(error),
        // The next round waits or ends.
        Err(LookFailure::NotNow) => {
            loaded.situation.silent_until = lane.health.silent_until(lane.now());
            Ok(())
        }
        Err(LookFailure::Gateway(error)) => failed(lane, loaded, found, &error, for_refund).await,
    }
}

async fn failed(
    lane: &Lane<Vouchers>,
    loaded: &mut LoadedVoucher,
    found: &mut Unwritten,
    error: &LookError,
    for_refund: Option<ForRefund>,
) -> Result<(), EngineError> {
    let urgency = if for_refund.is_some() { Urgency::Money } else { Urgency::Routine };
    let order = &loaded.situation.order;
    let row = FailedRow { id: order.id, failures: &mut loaded.look_failures, provoked: &mut loaded.provoked };
    let Some(failed) = lane.look_failed(row, Rest { urgency, by: None }, error).await? else {
        loaded.situation.silent_until = lane.health.silent_until(lane.now());
        return Ok(());
    };
    tracing::warn!(
        merchant_id = %order.merchant_id, voucher_order = %order.number, %error, failures = loaded.look_failures,
        "the look at the voucher order failed"
    );
    loaded.situation.retry_at = Some(failed.retry_at);
    found.failed = Some(failed);
    Ok(())
}

/// All pages of the order, each in its place of the pace.
async fn look(
    lane: &Lane<Vouchers>,
    order: &VoucherOrder,
    for_refund: Option<ForRefund>,
) -> Result<(VoucherObservation, Vec<Ticket>), LookFailure> {
    let mut whole: Option<OrderPage> = None;
    loop {
        let turn = lane.turn(order.id).await.ok_or(LookFailure::NotNow)?;
        let page = whole.as_ref().and_then(OrderPage::next_page);
        let answer = lane.work.gateway.query_order(&order.number, page, turn.at.timestamp()).await;
        lane.looked(&turn, Call::VoucherQuery, &answer);
        let answer = answer?;
        // Each page brings the totals, and pages with other totals do not go together: they are
        // as of the last one.
        let pages = match whole.take() {
            None => answer.answer,
            Some(pages) => pages.with(answer.answer)?,
        };
        if pages.next_page().is_none() {
            let skew_s = answer.gateway_clock_s.map(|theirs| theirs.saturating_sub(turn.at.timestamp()));
            let (seen, tickets) = pages.seen();
            return Ok((VoucherObservation { at: turn.at, skew_s, for_refund, seen }, tickets));
        }
        whole = Some(pages);
    }
}

/// Where the call is missing or fails, the rest goes on.
async fn ask_refunds(
    lane: &Lane<Vouchers>,
    loaded: &mut LoadedVoucher,
    found: &mut Unwritten,
) -> Result<(), EngineError> {
    let VoucherNumber::MerchantTradeNo(number) = &loaded.situation.order.number else { return Ok(()) };
    let row = loaded.situation.order.id;
    let Some(turn) = lane.turn(row).await else {
        loaded.situation.silent_until = lane.health.silent_until(lane.now());
        return Ok(());
    };
    let before = loaded.situation.refunds.clone();
    let answer = lane.work.gateway.query_refunds(number, turn.at.timestamp()).await;
    lane.looked(&turn, Call::VoucherRefunds, &answer);
    let said = match answer {
        Ok(answer) => Ok(answer.answer),
        Err(LookError::RateLimited) => {
            let blame = lane.limited(row, ProvokedBy::Look(row), false).await?;
            loaded.situation.silent_until = lane.health.silent_until(lane.now());
            if blame != Blame::Alone {
                return Ok(());
            }
            // Asked as after any failure, once after each look: not each time the silence ends.
            Err(format!("QueryRefundInfo: {}", LookError::RateLimited))
        }
        // Where the service has no such call the looks go on without it.
        Err(LookError::NoSuchCall(_)) => Err("this voucher service has no QueryRefundInfo (http 404)".to_owned()),
        Err(error) => Err(format!("QueryRefundInfo: {error}")),
    };
    loaded.situation.confirmed(said, turn.at);
    let after = &loaded.situation.refunds;
    found.refunds_changed |= (after.confirmed, &after.error) != (before.confirmed, &before.error);
    Ok(())
}

async fn record(
    lane: &Lane<Vouchers>,
    loaded: LoadedVoucher,
    found: Unwritten,
    next_at: Option<DateTime<Utc>>,
    rule: Rule,
) -> Result<(), EngineError> {
    let now = lane.now();
    let LoadedVoucher { situation, looks, look_failures, provoked, alerts: open } = loaded;
    let mut wanted =
        Wanted { alerts: alerts(&situation, &lane.shared.policy, now), keep_others: found.failed.is_some() };
    if let Some(failed) = found.failed.as_ref().filter(|_| look_failures >= MANY_FAILURES) {
        wanted.alerts.extend(failed.alert(Service::Voucher));
    }
    wanted.alerts.extend(set_aside(Service::Voucher, provoked, situation.retry_at, now));
    let alerts_change = wanted.changes(&open);
    let Unwritten { look, refunds_changed, failed } = found;
    let record = RecordVoucher {
        situation,
        looks,
        now,
        look,
        refunds_changed,
        failed,
        next_at,
        rule,
        alerts: wanted,
        alerts_change,
    };
    for raised in lane.shared.ledger.write(record).await? {
        tell(&raised);
    }
    Ok(())
}
