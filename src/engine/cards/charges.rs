//! The charges of a recurring order of 全方位金流 (AIO): which they are, and a row of the ledger for each.

use crate::domain::api::CardApi;
use crate::domain::facts::{CardFacts, Periods};
use crate::domain::ids::TradeNo;
use crate::domain::order::Order;
use crate::domain::situation::Situation;
use crate::domain::traffic::Call;
use crate::engine::cards::Cards;
use crate::engine::lane::Lane;
use crate::engine::lane::failed::LookFailure;
use crate::gateway::LookError;
use crate::gateway::card::{OrderSeen, PaidOrder, PeriodInfo};
use crate::ledger::FollowCharges;

/// An order with its charges, and how many rows of the ledger follow one of them, where that was counted anew.
pub(in crate::engine) struct Charged {
    pub paid: PaidOrder,
    pub followed: Option<i64>,
}

/// A paid order that is seen for the first time. That it is recurring, and which charge its row follows, only the
/// query of its periods tells for certain: the order query leaves it out where the shop did not ask for it.
pub(in crate::engine) async fn first_seen(
    lane: &Lane<Cards>,
    order: &Order,
    paid: PaidOrder,
) -> Result<Charged, LookFailure> {
    let told_single = !paid.recurring && !paid.kind.unknown;
    if lane.work.gateway.api() == CardApi::Json || told_single {
        return Ok(Charged { paid, followed: None });
    }
    by_form(lane, order, paid).await
}

/// An order that is known: it may have been charged again, which is not asked while a money call is under way.
pub(in crate::engine) async fn seen_again(
    lane: &Lane<Cards>,
    situation: &Situation,
    paid: PaidOrder,
) -> Result<Charged, LookFailure> {
    let order = &situation.order;
    // Nothing has told yet, where the query of its periods failed when it was seen first.
    let untold = lane.work.gateway.api() == CardApi::Form && paid.kind.unknown && paid.periods.is_none();
    // That is the business of the row that follows the order itself.
    if !(paid.recurring || untold) || order.asked_trade_no.is_some() || situation.open_attempt().is_some() {
        return Ok(Charged { paid, followed: None });
    }
    match count_anew(lane, order, paid.clone()).await {
        // A refund may wait for months, in which other charges come; but it waits for no answer about these.
        Err(LookFailure::Gateway(error)) if !situation.refunds.is_empty() && error != LookError::RateLimited => {
            Ok(Charged { paid, followed: None })
        }
        counted => counted,
    }
}

async fn count_anew(lane: &Lane<Cards>, order: &Order, paid: PaidOrder) -> Result<Charged, LookFailure> {
    if lane.work.gateway.api() == CardApi::Form {
        let Charged { paid: counted, followed } = by_form(lane, order, paid.clone()).await?;
        let PaidOrder { kind, recurring, charges, periods, .. } = counted;
        // Which authorization it is was told before, and is not told anew by an answer that is not signed.
        return Ok(Charged { paid: PaidOrder { kind, recurring, charges, periods, ..paid }, followed });
    }
    let turn = lane.turn(order.id).await.ok_or(LookFailure::NotNow)?;
    let answer = lane.work.gateway.query_order(&order.merchant_trade_no, turn.at.timestamp()).await;
    lane.looked(&turn, Call::OrderQuery, &answer);
    let paid = match answer?.answer {
        OrderSeen::Paid(now) if now.recurring => {
            PaidOrder { charges: now.charges.or(paid.charges), periods: now.periods.or(paid.periods), ..paid }
        }
        // The authorization itself is asked about all the same.
        _ => paid,
    };
    Ok(Charged { paid, followed: None })
}

/// What is known of it already, as it is asked about again.
pub(in crate::engine) fn known(card: &CardFacts) -> PaidOrder {
    PaidOrder {
        trade_no: card.trade_no.clone(),
        amount: Some(card.amount),
        gwsr: card.gwsr,
        payment_type: card.payment_type.clone(),
        kind: card.kind,
        paid_at: None,
        recurring: card.recurring,
        charges: card.charges,
        periods: card.periods,
        fee_milli: card.fee_milli,
    }
}

async fn by_form(lane: &Lane<Cards>, order: &Order, paid: PaidOrder) -> Result<Charged, LookFailure> {
    let info = match ask(lane, order).await {
        Ok(info) if info.succeeded() > 0 => info,
        Ok(info) => {
            // Paid once, and not asked about again. Of a recurring order without its charges it is asked again.
            let once = Periods { ended: true, ..Periods::default() };
            let periods = if info.is_of_none() && !paid.recurring { Some(once) } else { paid.periods };
            return Ok(Charged { paid: PaidOrder { periods, ..paid }, followed: None });
        }
        // The other queries tell enough of the order itself, and its capture does not wait for this one.
        Err(LookFailure::Gateway(error)) if order.asked_trade_no.is_none() && error != LookError::RateLimited => {
            return Ok(Charged { paid, followed: None });
        }
        Err(error) => return Err(error),
    };
    let paid = info.charge_of(order.asked_trade_no.as_ref(), paid);
    if order.asked_trade_no.is_some() {
        return Ok(Charged { paid, followed: None });
    }
    let later = |no: &&TradeNo| **no != paid.trade_no && !deliberate!(FollowsNoLaterCharge);
    let others: Vec<TradeNo> = info.numbers().filter(later).cloned().collect();
    let follow = FollowCharges { order: order.clone(), charges: others, now: lane.now() };
    let followed = lane.shared.ledger.write(follow).await.map_err(|error| LookFailure::Ledger(error.into()))?;
    Ok(Charged { paid, followed: Some(followed) })
}

async fn ask(lane: &Lane<Cards>, order: &Order) -> Result<PeriodInfo, LookFailure> {
    let turn = lane.turn(order.id).await.ok_or(LookFailure::NotNow)?;
    let answer = lane.work.gateway.query_periods(&order.merchant_trade_no, turn.at.timestamp()).await;
    lane.looked(&turn, Call::PeriodQuery, &answer);
    Ok(answer?)
}
