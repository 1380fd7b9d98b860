//! The card service: orders, their captures and refunds.

use std::sync::Arc;

use super::lane::Lane;
use super::vouchers::Vouchers;
use crate::gateway::Access;
use crate::gateway::card::CardGateway;
use crate::gateway::transport::Transport;
use crate::ledger::MerchantTerms;

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
