//! Asking the gateway where an order stands.

use chrono::{DateTime, Utc};

use crate::domain::facts::{Observation, Seen};
use crate::domain::order::Order;
use crate::domain::situation::Situation;
use crate::domain::traffic::Call;
use crate::engine::cards::Cards;
use crate::engine::cards::charges::{Charged, first_seen, known, seen_again};
use crate::engine::lane::Lane;
use crate::engine::lane::failed::LookFailure;
use crate::gateway::card::{OrderSeen, PaidOrder};
use crate::gateway::{Dated, LookError};

/// What a look shows, and how many rows follow a charge of the order, where that was counted anew.
pub(in crate::engine) struct Looked {
    pub observation: Observation,
    pub followed: Option<i64>,
}

/// One look. What an order is (its numbers, amount and kind) is asked once; where its
/// capture stands is asked each time.
pub(in crate::engine) async fn look(lane: &Lane<Cards>, situation: &Situation) -> Result<Looked, LookFailure> {
    let after_attempt = situation.attempts.last().map_or(0, |a| a.id);
    let order = &situation.order;
    let ((at, gateway_clock_s, seen), followed) = match situation.card() {
        Some(card) => {
            let Charged { paid, followed } = seen_again(lane, situation, known(card)).await?;
            (detail(lane, order, &paid).await?, followed)
        }
        None => from_the_start(lane, order).await?,
    };
    let skew_s = gateway_clock_s.map(|theirs| theirs.saturating_sub(at.timestamp()));
    let after_restore = situation.restored.as_ref().map_or(0, |r| r.id);
    let observation = Observation {
        at,
        skew_s,
        after_attempt,
        after_revision: order.revision,
        after_restore,
        void_since: None,
        unclaimed_since: None,
        seen,
        last_card: None,
    };
    Ok(Looked { observation, followed })
}

type Answer = (DateTime<Utc>, Option<i64>, Seen);

async fn query(lane: &Lane<Cards>, order: &Order) -> Result<(DateTime<Utc>, Dated<OrderSeen>), LookFailure> {
    let turn = lane.turn(order.id).await.ok_or(LookFailure::NotNow)?;
    let answer = lane.work.gateway.query_order(&order.merchant_trade_no, turn.at.timestamp()).await;
    lane.looked(&turn, Call::OrderQuery, &answer);
    Ok((turn.at, answer?))
}

async fn from_the_start(lane: &Lane<Cards>, order: &Order) -> Result<(Answer, Option<i64>), LookFailure> {
    let (at, answer) = query(lane, order).await?;
    let mut rows = None;
    let seen = match answer.answer {
        OrderSeen::Paid(paid) => {
            let Charged { paid, followed } = first_seen(lane, order, paid).await?;
            match not_to_be_followed(lane, order, &paid).await? {
                Some(seen) => {
                    rows = followed;
                    seen
                }
                None => return Ok((paid_order(lane, order, paid).await?, followed)),
            }
        }
        OrderSeen::NotFound => Seen::NotFound,
        OrderSeen::Unpaid { amount } => Seen::Unpaid { amount },
        OrderSeen::NotCard { amount, payment_type } => Seen::NotCard { amount, payment_type },
        OrderSeen::Unclear { raw } => Seen::Unclear { raw },
    };
    Ok(((at, answer.gateway_clock_s, seen), rows))
}

/// What is seen of an authorization that must not be asked about.
async fn not_to_be_followed(lane: &Lane<Cards>, order: &Order, paid: &PaidOrder) -> Result<Option<Seen>, LookFailure> {
    let asked = order.asked_trade_no.as_ref().unwrap_or(&paid.trade_no);
    if *asked != paid.trade_no && !paid.recurring {
        let raw = format!("the order has the one authorization {}, the shop named another", paid.trade_no);
        return Ok(Some(Seen::Unclear { raw }));
    }
    let same = lane.shared.ledger.same_authorization(order.id, order.merchant_id.as_str(), asked.as_str()).await;
    // Two rows would count the refunds of one authorization apart.
    let other = same.map_err(|error| LookFailure::Ledger(error.into()))?;
    Ok(other.map(|row| Seen::Twin { trade_no: asked.clone(), row }))
}

async fn paid_order(lane: &Lane<Cards>, order: &Order, paid: PaidOrder) -> Result<Answer, LookFailure> {
    let first = detail(lane, order, &paid).await?;
    let Seen::Card(card) = &first.2 else { return Ok(first) };
    let own = order.asked_trade_no.as_ref().is_none_or(|asked| *asked == paid.trade_no);
    if paid.gwsr.is_some() && own {
        return Ok(first);
    }
    // The order query does not tell which authorization it is, and the detail names no order: an
    // answer to somebody else's call would be taken for this order's for good. Two have to agree.
    let known = (card.gwsr, card.amount, card.authorized_at);
    let again = detail(lane, order, &paid).await?;
    match &again.2 {
        Seen::Card(card) if (card.gwsr, card.amount, card.authorized_at) == known => Ok(again),
        _ => Err(LookError::NotBound("two card details do not agree".to_owned()).into()),
    }
}

async fn detail(lane: &Lane<Cards>, order: &Order, paid: &PaidOrder) -> Result<Answer, LookFailure> {
    let turn = lane.turn(order.id).await.ok_or(LookFailure::NotNow)?;
    let asked = order.asked_trade_no.as_ref();
    let answer = lane.work.gateway.card_detail(paid, &order.merchant_trade_no, asked, turn.at.timestamp()).await;
    lane.looked(&turn, Call::CardDetail, &answer);
    let answer = answer?;
    Ok((turn.at, answer.gateway_clock_s, answer.answer))
}
