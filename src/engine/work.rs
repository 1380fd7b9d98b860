//! What each lane works on, and how. Apart from what a lane asks with: the work needs that too.

use chrono::{DateTime, Utc};

use super::cards::Cards;
use super::cards::pass;
use super::error::EngineError;
use super::lane::{Lane, Work};
use super::vouchers::{self, Vouchers};
use crate::domain::service::Service;
use crate::ledger::Due;

impl Work for Cards {
    const SERVICE: Service = Service::Card;

    async fn due(lane: &Lane<Self>, limit: usize) -> Result<Vec<Due>, EngineError> {
        Ok(lane.shared.ledger.due(&lane.merchant_id, lane.now(), limit).await?)
    }

    async fn next_due(lane: &Lane<Self>) -> Result<Option<DateTime<Utc>>, EngineError> {
        Ok(lane.shared.ledger.next_due(&lane.merchant_id).await?)
    }

    async fn drive(lane: &Lane<Self>, order_id: i64) -> Result<(), EngineError> {
        match pass::drive(lane, order_id).await {
            // Another row has taken this one's authorization meanwhile; what is due stays due.
            Err(error) if error.is_stale() => Ok(()),
            result => result,
        }
    }
}

impl Work for Vouchers {
    const SERVICE: Service = Service::Voucher;

    async fn due(lane: &Lane<Self>, limit: usize) -> Result<Vec<Due>, EngineError> {
        Ok(lane.shared.ledger.due_vouchers(&lane.merchant_id, lane.now(), limit).await?)
    }

    async fn next_due(lane: &Lane<Self>) -> Result<Option<DateTime<Utc>>, EngineError> {
        Ok(lane.shared.ledger.next_due_voucher(&lane.merchant_id).await?)
    }

    async fn drive(lane: &Lane<Self>, voucher_id: i64) -> Result<(), EngineError> {
        match vouchers::drive(lane, voucher_id).await {
            // A look for a refund was written meanwhile; what is due stays due.
            Err(error) if error.is_stale() => Ok(()),
            result => result,
        }
    }
}
