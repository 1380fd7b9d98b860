//! The card service: orders, their captures and refunds.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::lane::{Desk, Lane};
use super::pass;
use super::vouchers::Vouchers;
use crate::domain::service::Service;
use crate::gateway::Access;
use crate::gateway::card::CardGateway;
use crate::gateway::transport::Transport;
use crate::ledger::{Due, LedgerError, MerchantTerms};

pub(super) struct Cards {
    pub(super) gateway: CardGateway,
    /// Where the same merchant's voucher orders are asked about, which limit refunds.
    pub(super) vouchers: Option<Arc<Lane<Vouchers>>>,
    daily_auto_close: bool,
}

impl Cards {
    pub(super) fn new(
        transport: Arc<dyn Transport>,
        access: Access,
        daily_auto_close: bool,
        vouchers: Option<Arc<Lane<Vouchers>>>,
    ) -> Self {
        Self { gateway: CardGateway::new(transport, access), vouchers, daily_auto_close }
    }

    pub(super) fn terms(&self) -> MerchantTerms {
        MerchantTerms { daily_auto_close: self.daily_auto_close, vouchers: self.vouchers.is_some() }
    }
}

impl Desk for Cards {
    const SERVICE: Service = Service::Card;

    fn due(lane: &Lane<Self>, limit: usize) -> Result<Vec<Due>, LedgerError> {
        lane.shared.ledger.due(&lane.merchant_id, lane.now(), limit)
    }

    fn next_due(lane: &Lane<Self>) -> Result<Option<DateTime<Utc>>, LedgerError> {
        lane.shared.ledger.next_due(&lane.merchant_id)
    }

    async fn drive(lane: &Lane<Self>, order_id: i64) -> Result<(), LedgerError> {
        match pass::drive(lane, order_id).await {
            // Another row has taken this one's authorization meanwhile; what is due stays due.
            Err(LedgerError::Stale) => Ok(()),
            result => result,
        }
    }
}
